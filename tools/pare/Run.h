// pare run.
#ifndef PARE_TOOLS_PARE_RUN_H
#define PARE_TOOLS_PARE_RUN_H

#include "pare-run/Run.h"
#include "pare/Options.h"

namespace pare::tool {
struct RunArguments {
  run::Options run;
  CompileOptions options;
  CacheOptions cache;
};

/// $PARE_CACHE_DIR, else pare below $XDG_CACHE_HOME, else below ~/.cache; "" when none of them is set.
std::string defaultCacheDirectory();

/// Runs a model.pare as pare-run does; any other model is compiled through the cache first. The exit status.
int runModel(const RunArguments &arguments);
} // namespace pare::tool

#endif
