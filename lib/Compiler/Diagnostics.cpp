// Texts of diagnostics.
#include "pare/Compiler.h"

namespace pare {
std::string Diagnostic::text() const {
  std::string text = file.empty() ? "" : file + ": ";
  if (!node.empty() || !op.empty())
    text += "node '" + node + "' (" + op + "): ";
  return text + reason;
}

std::string CompileResult::text() const {
  std::string text;
  for (const Diagnostic &diagnostic : diagnostics) {
    switch (diagnostic.severity) {
    case Diagnostic::Severity::Error:
      text += "error: ";
      break;
    case Diagnostic::Severity::Warning:
      text += "warning: ";
      break;
    case Diagnostic::Severity::Remark:
      text += "remark: ";
      break;
    }
    text += diagnostic.text() + "\n";
  }
  return text;
}
} // namespace pare
