// One compilation, phase by phase. For tools that need the IR; compile() of pare/Compiler.h is the rest of the world's.
#ifndef PARE_COMPILER_COMPILATION_H
#define PARE_COMPILER_COMPILATION_H

#include "mlir/IR/BuiltinOps.h"
#include "mlir/IR/Diagnostics.h"
#include "mlir/IR/MLIRContext.h"
#include "mlir/IR/OwningOpRef.h"
#include "mlir/Pass/PassManager.h"
#include "pare/Compiler.h"

namespace pare {
/// Every dialect that a phase can hold, with what bufferisation and inlining need to know about them.
void registerDialects(mlir::DialectRegistry &registry);

class Compilation {
public:
  explicit Compilation(CompileOptions options);
  ~Compilation();

  /// Reads ONNX or IR, as the options say. False after an error; likewise below.
  bool load(const std::string &path);
  /// Called with each pass manager before it runs, e.g. to add an instrumentation; may be empty.
  void onPassManager(std::function<void(mlir::PassManager &)> prepare) { preparePasses = std::move(prepare); }
  /// Runs the phases that are left up to `last`, at most `codegen`.
  bool advance(Phase last);
  /// From `codegen`: writes the artefact.
  bool emit(const std::string &path);
  /// Writes the IR as text, with locations; "-" is the standard output.
  bool print(const std::string &path);

  mlir::ModuleOp getModule() { return module.get(); }
  mlir::MLIRContext &getContext() { return context; }
  Phase getPhase() const { return phase; }
  /// What was said so far.
  std::vector<Diagnostic> takeDiagnostics() { return std::move(diagnostics); }
  /// Adds an error about the model as a whole; always false.
  bool fail(const std::string &reason);

private:
  bool timed(Phase next, llvm::function_ref<bool()> run);
  void record(mlir::Diagnostic &diagnostic);
  bool failedSilently(Phase next);

  CompileOptions options;
  std::function<void(mlir::PassManager &)> preparePasses;
  mlir::MLIRContext context;
  std::unique_ptr<mlir::ScopedDiagnosticHandler> handler;
  mlir::OwningOpRef<mlir::ModuleOp> module;
  std::string path;
  Phase phase = Phase::Import;
  std::vector<Diagnostic> diagnostics;
};
} // namespace pare

#endif
