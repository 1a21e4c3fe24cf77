// pare inspect.
#ifndef PARE_TOOLS_PARE_INSPECT_H
#define PARE_TOOLS_PARE_INSPECT_H

#include "pare/Options.h"

namespace pare::tool {
struct InspectArguments {
  std::string model;
  CompileOptions options;
  /// "name=size": the sizes for which work is counted; 1 where none is given.
  std::vector<std::string> sizes;
};

/// Prints what a model.pare takes and gives; of any other model also its ops, weights and work. The exit status.
int inspectModel(const InspectArguments &arguments);
} // namespace pare::tool

#endif
