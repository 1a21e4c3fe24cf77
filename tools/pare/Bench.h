// pare bench.
#ifndef PARE_TOOLS_PARE_BENCH_H
#define PARE_TOOLS_PARE_BENCH_H

#include "InputArguments.h"
#include "pare/Options.h"
#include <optional>

namespace pare::tool {
struct BenchArguments : InputArguments {
  /// model.pare, or what is compiled through the cache.
  std::string model;
  CompileOptions options;
  CacheOptions cache;
  std::string entry;
  /// 0: PARE_THREADS, else every CPU. Peers get as many.
  uint32_t threads = 0;
  /// Empty: the best that this CPU supports.
  std::string variant;
  /// Rounds; when `seconds` is set, as many as fit in that time and one at least.
  uint32_t repeat = 10;
  std::optional<double> seconds;
  /// Calls of each before the first round, the first call included.
  uint32_t warmup = 3;
  /// "onnxruntime", "openvino".
  std::vector<std::string> against;
  /// The Python that has the peers and numpy.
  std::string python = "python3";
  /// "f32" or "default".
  std::string openvinoPrecision = "f32";
  /// Largest difference of a peer's answer that is allowed, of the largest element of the output.
  double tolerance = 1e-3;
  /// File for the report; "-" is the standard output; empty: none.
  std::string json;
  /// Print a table of kernels.
  bool profile = false;
  /// File for a Chrome trace; empty: none.
  std::string trace;
};

/// The exit status: 0, or 1 when the model, an input or a peer is at fault or answers differ.
int benchModel(const BenchArguments &arguments);
} // namespace pare::tool

#endif
