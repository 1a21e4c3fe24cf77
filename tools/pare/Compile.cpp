#include "Compile.h"

#include "Progress.h"
#include <cstdio>
#include <filesystem>

namespace pare::tool {
int compileModel(const CompileArguments &arguments) {
  std::string output = arguments.output;
  if (output.empty())
    output = arguments.options.stopAfter == Phase::Emit
                 ? std::filesystem::path(arguments.model).replace_extension(".pare").string()
                 : "-";
  CompileResult result;
  std::string times;
  {
    Progress progress;
    CompileOptions options = arguments.options;
    options.onPhase = [&, show = progress.phases()](const PhaseEvent &event) {
      show(event);
      char line[64];
      snprintf(line, sizeof line, "%-10s %8.3f s\n", std::string(getName(event.phase)).c_str(), event.seconds);
      if (event.finished)
        times += line;
    };
    result = compile(arguments.model, output, options);
  }
  fputs(result.text().c_str(), stderr);
  if (arguments.printTimes)
    fputs(times.c_str(), stderr);
  return result.ok ? 0 : 1;
}
} // namespace pare::tool
