// Any bytes are either a model or an error, never a crash.
#include "pare/Import/Import.h"

#include "mlir/IR/Diagnostics.h"
#include "mlir/IR/MLIRContext.h"
#include <cstddef>
#include <cstdint>
#include <memory>

extern "C" int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  // Making a context takes longer than most imports; what it keeps of each is freed now and then.
  static std::unique_ptr<mlir::MLIRContext> context;
  static unsigned uses = 0;
  if (uses++ % 256 == 0)
    context = std::make_unique<mlir::MLIRContext>(mlir::MLIRContext::Threading::DISABLED);
  bool reported = false;
  mlir::ScopedDiagnosticHandler handler(context.get(), [&](mlir::Diagnostic &diagnostic) {
    reported |= diagnostic.getSeverity() == mlir::DiagnosticSeverity::Error;
    return mlir::success();
  });
  pare::ImportOptions options;
  options.maxNodes = 10'000;
  llvm::StringRef bytes(reinterpret_cast<const char *>(data), size);
  auto module = pare::importONNXFromMemory(*context, bytes, "fuzz.onnx", options);
  if (!module && !reported)
    __builtin_trap(); // failed without saying why
  return 0;
}
