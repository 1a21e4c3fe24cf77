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
};

/// The exit status: 0, or 1 with a message on stderr.
int run(const Options &options);

} // namespace pare::run

#endif
