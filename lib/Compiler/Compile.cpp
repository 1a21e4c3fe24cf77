// compile().
#include "Validate.h"
#include "pare/Compiler/Compilation.h"
#include <algorithm>

namespace pare {
std::string validate(const CompileOptions &options) {
  if (options.target != "cpu")
    return "unknown target '" + options.target + "': expected cpu";
  if (options.level > 2)
    return "unknown optimization level " + std::to_string(options.level) + ": expected 0, 1 or 2";
  for (const std::string &variant : options.variants)
    if (variant != "x86-64-v2" && variant != "x86-64-v3" && variant != "x86-64-v4")
      return "unknown CPU variant '" + variant + "': expected x86-64-v2, x86-64-v3 or x86-64-v4";
  if (std::find(options.variants.begin(), options.variants.end(), "x86-64-v2") == options.variants.end())
    return "x86-64-v2 must be among the CPU variants: the host program is compiled for it";
  if (options.packedOutputs && (options.level < 2 || (options.startFrom && *options.startFrom >= Phase::Pare)))
    return "packed outputs need -O2 and phase 'pare': the removal of padding packs them";
  if (options.startFrom && *options.startFrom > options.stopAfter)
    return "cannot start from phase '" + std::string(getName(*options.startFrom)) + "', which is behind '" +
           std::string(getName(options.stopAfter)) + "'";
  return "";
}

CompileResult compile(const std::string &model, const std::string &output, const CompileOptions &options) {
  CompileResult result;
  if (std::string error = validate(options); !error.empty()) {
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
