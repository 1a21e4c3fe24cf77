// pare verify.
#ifndef PARE_TOOLS_PARE_VERIFY_H
#define PARE_TOOLS_PARE_VERIFY_H

#include "pare/Options.h"

namespace pare::tool {
struct VerifyArguments {
  std::string model;
  CompileOptions options;
  /// "0", "1" and "random", for which the dimensions that the model names are tried one by one and all together, or
  /// "name=size" for one dimension of one run.
  std::vector<std::string> sizes = {"0", "1", "random"};
  uint64_t seed = 0;
  /// Integer inputs are drawn from [0, maxInt].
  int64_t maxInt = 1;
  /// Files as of `pare run`; empty: random inputs.
  std::vector<std::string> inputs;
  /// Largest absolute error that is allowed; std::nullopt: what rounding explains.
  std::optional<double> tolerance;
  /// "reference" or "onnxruntime".
  std::string against = "reference";
  /// The Python that has onnxruntime and numpy.
  std::string python = "python3";
  /// Empty: every variant in the artefact that this CPU supports.
  std::string variant;
  uint32_t threads = 0;
};

/// The exit status: 0 when everything agrees, 1 otherwise.
int verifyModel(const VerifyArguments &arguments);
} // namespace pare::tool

#endif
