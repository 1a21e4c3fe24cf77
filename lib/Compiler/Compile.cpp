// compile().
#include "pare/Compiler/Compilation.h"

namespace pare {
namespace {
/// "" when they are sound.
std::string checkOptions(const CompileOptions &options) {
  if (options.target != "cpu")
    return "unknown target '" + options.target + "': expected cpu";
  if (options.level > 2)
    return "unknown optimization level " + std::to_string(options.level) + ": expected 0, 1 or 2";
  if (options.variants.empty())
    return "at least one CPU variant is needed";
  for (const std::string &variant : options.variants)
    if (variant != "x86-64-v2" && variant != "x86-64-v3" && variant != "x86-64-v4")
      return "unknown CPU variant '" + variant + "': expected x86-64-v2, x86-64-v3 or x86-64-v4";
  return "";
}
} // namespace

CompileResult compile(const std::string &model, const std::string &output, const CompileOptions &options) {
  CompileResult result;
  if (std::string error = checkOptions(options); !error.empty()) {
    result.diagnostics.push_back({Diagnostic::Severity::Error, model, "", "", error});
    return result;
  }
  Compilation compilation(options);
  result.ok = compilation.load(model) && compilation.advance(options.stopAfter) &&
              (options.stopAfter == Phase::Emit ? compilation.emit(output) : compilation.print(output));
  result.diagnostics = compilation.takeDiagnostics();
  return result;
}
} // namespace pare
