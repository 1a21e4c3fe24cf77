// What pare-run does, apart from its command line; `pare run` does the same.
#ifndef PARE_TOOLS_PARE_RUN_RUN_H
#define PARE_TOOLS_PARE_RUN_RUN_H

#include <cstdint>
#include <string>
#include <vector>

namespace pare::run {

struct Options {
  /// Stands before messages.
  std::string program = "pare-run";
  std::string model;
  /// Files "x.npz", or "name=x.npy" for one input.
  std::vector<std::string> inputs;
  /// "x.npz"; empty: outputs are described, not written.
  std::string outputs;
  std::string entry;
  std::string variant;
  uint32_t threads = 0;
  /// Timed runs; 0: one run, not timed.
  uint32_t repeat = 0;
  bool inspect = false;
  bool skipChecksums = false;
  bool memory = false;
  /// Files "x.npz" of requests (see Requests.h), in place of inputs. Outputs are then "N/NAME".
  std::vector<std::string> requests;
  /// Limits of a call; 0: those of packer.h.
  uint64_t packTokens = 0;
  uint32_t packRequests = 0;
  /// Also run each request alone, and print how far the results are.
  bool packCheck = false;
  /// As in pare_packer_options; empty: found from the signature.
  std::string maskInput, batchDim, sequenceDim;
};

/// The exit status: 0, or 1 with a message on stderr.
int run(const Options &options);

} // namespace pare::run

#endif
