// Where the inputs of a run come from.
#ifndef PARE_TOOLS_PARE_INPUTARGUMENTS_H
#define PARE_TOOLS_PARE_INPUTARGUMENTS_H

#include <cstdint>
#include <string>
#include <vector>

namespace pare::tool {
struct InputArguments {
  /// Files as of `pare run`; empty: random inputs of `sizes`.
  std::vector<std::string> inputs;
  /// "name=size" for each open dimension.
  std::vector<std::string> sizes;
  /// Valid tokens of each sequence, for random inputs; empty: masks keep everything.
  std::vector<int64_t> lengths;
  uint64_t seed = 0;
  /// Random integers are drawn from [0, maxInt].
  int64_t maxInt = 1;
};
} // namespace pare::tool

#endif
