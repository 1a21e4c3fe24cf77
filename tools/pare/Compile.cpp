#include "Compile.h"
#include <cstdio>
#include <filesystem>

namespace pare::tool {
int compileModel(const CompileArguments &arguments) {
  std::string output = arguments.output;
  if (output.empty())
    output = arguments.options.stopAfter == Phase::Emit
                 ? std::filesystem::path(arguments.model).replace_extension(".pare").string()
                 : "-";
  CompileResult result = compile(arguments.model, output, arguments.options);
  fputs(result.text().c_str(), stderr);
  return result.ok ? 0 : 1;
}
} // namespace pare::tool
