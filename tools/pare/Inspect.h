// pare inspect.
#ifndef PARE_TOOLS_PARE_INSPECT_H
#define PARE_TOOLS_PARE_INSPECT_H

#include "pare/Options.h"

namespace pare::tool {
struct InspectArguments {
  std::string model;
  CompileOptions options;
  /// "name=size": the sizes for which work is counted, 1 where none is given; of a model.pare those for which memory is
  /// planned.
  std::vector<std::string> sizes;
};

/// Prints what a model takes and gives, its ops, weights and work; of a model.pare see inspectArtefact. The exit
/// status.
int inspectModel(const InspectArguments &arguments);

/// Prints what a model.pare takes and gives, and how much memory its intermediate buffers take beside the least that
/// any plan could do with. Sizes may follow from data, so each entry is called once, on random inputs. Entries of open
/// dimensions without a size are not called. The exit status.
int inspectArtefact(const InspectArguments &arguments);
} // namespace pare::tool

#endif
