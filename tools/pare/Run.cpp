#include "Run.h"

#include "Progress.h"
#include "pare/Compiler.h"
#include <cstdio>
#include <cstdlib>

namespace pare::tool {
std::string defaultCacheDirectory() {
  auto environment = [](const char *name) -> std::string {
    const char *value = getenv(name);
    return value ? value : "";
  };
  if (std::string folder = environment("PARE_CACHE_DIR"); !folder.empty())
    return folder;
  if (std::string folder = environment("XDG_CACHE_HOME"); !folder.empty())
    return folder + "/pare";
  if (std::string home = environment("HOME"); !home.empty())
    return home + "/.cache/pare";
  return "";
}

int runModel(const RunArguments &arguments) {
  const std::string &model = arguments.run.model;
  if (model.size() > 5 && model.compare(model.size() - 5, 5, ".pare") == 0)
    return run::run(arguments.run);
  CompileResult result;
  CachedArtefact artefact;
  {
    Progress progress;
    CompileOptions options = arguments.options;
    options.onPhase = progress.phases();
    CacheOptions cache = arguments.cache;
    cache.onWait = [&] { progress.set("waiting for another process that compiles this model"); };
    result = compileCached(model, options, cache, artefact);
  }
  fputs(result.text().c_str(), stderr);
  if (!result.ok)
    return 1;
  run::Options options = arguments.run;
  options.model = artefact.path();
  options.skipChecksums = true; // the cache compared them
  return run::run(options);
}
} // namespace pare::tool
