// What a benchmark found.
#ifndef PARE_TOOLS_PARE_BENCHREPORT_H
#define PARE_TOOLS_PARE_BENCHREPORT_H

#include "Profile.h"
#include <optional>
#include <string>
#include <vector>

namespace pare::tool {
/// Of an odd number of values the middle one, of an even number the mean of the two; 0 of none.
double medianOf(std::vector<double> values);

/// An output of a peer beside Pare's.
struct OutputReport {
  std::string name;
  /// Why they cannot be compared; empty otherwise.
  std::string mismatch;
  /// Largest difference of elements and, of floats, the largest magnitude of the peer's.
  double maxError = 0, magnitude = 0;
  int64_t differing = 0, elements = 0;
  bool ok = true;

  /// maxError as a share of magnitude.
  double relativeError() const;
};

/// Pare or a peer. Times are in seconds.
struct ContenderReport {
  std::string name, version;
  /// From a file to being ready for a call, and the first call.
  double load = 0, first = 0;
  /// Of the calls of each round.
  std::vector<std::vector<double>> rounds;
  /// Of a peer; empty for Pare.
  std::vector<OutputReport> outputs;

  /// Of all rounds.
  std::vector<double> times() const;
  /// One per round.
  std::vector<double> roundMedians() const;
};

struct BenchReport {
  std::string model, entry, variant, cpu;
  uint32_t threads = 0;
  /// "x: f32[8, 128]".
  std::vector<std::string> inputs;
  /// Seconds of compilation; std::nullopt when nothing was compiled now.
  std::optional<double> compile;
  /// Pare first.
  std::vector<ContenderReport> contenders;
  /// Of Pare.
  std::optional<ProfileReport> profile;

  /// A contender's time over Pare's, of each round: above 1 when Pare is faster.
  std::vector<double> ratios(size_t contender) const;
  bool ok() const;
};

void writeText(const BenchReport &report, llvm::raw_ostream &os);
void writeJson(const BenchReport &report, llvm::raw_ostream &os);
} // namespace pare::tool

#endif
