#include "Errors.h"

#include "pare/Import/Location.h"
#include "pare/Reference/Reference.h"

namespace pare::tool {
std::string textOf(llvm::Error error) {
  std::string text;
  llvm::handleAllErrors(
      std::move(error),
      [&](const reference::EvaluationError &failure) {
        text = describe(failure.getLocation()) + ": " + failure.getText().str();
      },
      [&](const llvm::ErrorInfoBase &failure) { text = failure.message(); });
  return text;
}

} // namespace pare::tool
