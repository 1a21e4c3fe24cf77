#include "Explain.h"

#include "Progress.h"
#include "mlir/Support/FileUtilities.h"
#include "pare-run/Inputs.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/ToolOutputFile.h"
#include <cstdio>

namespace pare::tool {
namespace {
using Write = void (*)(const explain::Report &, llvm::raw_ostream &);

bool fail(const std::string &file, const std::string &reason) {
  fputs(CompileResult{false, {{Diagnostic::Severity::Error, file, "", "", reason}}}.text().c_str(), stderr);
  return false;
}

bool writeFile(const std::string &path, const explain::Report &report, Write write) {
  if (path.empty())
    return true;
  std::string error;
  std::unique_ptr<llvm::ToolOutputFile> file = mlir::openOutputFile(path, &error);
  if (!file)
    return fail(path, error);
  write(report, file->os());
  file->os().flush();
  if (file->os().has_error()) {
    error = file->os().error().message();
    file->os().clear_error();
    return fail(path, "cannot write: " + error);
  }
  file->keep();
  return true;
}
} // namespace

int explainModel(const ExplainArguments &arguments) {
  explain::Options options = arguments.options;
  run::Arrays arrays;
  if (rt::Status status = run::readInputs(arguments.inputs, arrays); status.failed())
    return !fail(arguments.inputs.front(), status.message());
  for (const auto &[name, array] : arrays)
    options.inputs[name] = array.tensor();
  if (!arguments.inputs.empty() && arrays.empty())
    return !fail(arguments.inputs.front(), "it holds no array");
  explain::Report report;
  CompileResult result;
  {
    Progress progress;
    options.compile.onPhase = progress.phases();
    result = explain::explain(arguments.model, options, report);
  }
  fputs(result.text().c_str(), stderr);
  if (!result.ok)
    return 1;
  if (arguments.json != "-" && arguments.html != "-")
    explain::writeText(report, llvm::outs());
  llvm::outs().flush();
  bool written =
      writeFile(arguments.json, report, explain::writeJson) && writeFile(arguments.html, report, explain::writeHtml);
  return written ? 0 : 1;
}

std::string parseLengths(const std::string &text, explain::Options &options) {
  llvm::StringRef rest = text;
  if (rest.consume_front("uniform:")) {
    double mean = 0;
    if (rest.getAsDouble(mean) || !(mean > 0 && mean <= 1))
      return "'" + text + "': expected a mean above 0 and up to 1, e.g. uniform:0.6";
    options.mean = mean;
    return "";
  }
  for (llvm::StringRef part : llvm::split(rest, ',')) {
    int64_t length = 0;
    if (part.getAsInteger(10, length) || length < 0)
      return "'" + text + "': expected LENGTH,LENGTH,... or uniform:MEAN, e.g. 12,40,128 or uniform:0.6";
    options.lengths.push_back(length);
  }
  return "";
}
} // namespace pare::tool
