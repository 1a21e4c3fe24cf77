// Answers of peers beside Pare's.
#ifndef PARE_TOOLS_PARE_BENCHANSWERS_H
#define PARE_TOOLS_PARE_BENCHANSWERS_H

#include "BenchReport.h"
#include "PaddingCheck.h"
#include "npz/Npz.h"
#include "pare-rt/api.h"
#include "pare/Compiler/Compilation.h"

namespace pare::tool {
/// Knows the form of the model's outputs, which that of the artefact's may not be: rows of padding are 0 there, or left
/// out.
class Answers {
public:
  Answers(const std::string &model, const CompileOptions &options) : model(model), compilation(options) {}

  /// Runs the passes on the model, to know which rows of `entry` are padding for these inputs. False after an error,
  /// which takeDiagnostics() has.
  bool load(const std::string &entry, llvm::ArrayRef<pare_rt_tensor> inputs);
  std::vector<Diagnostic> takeDiagnostics() { return compilation.takeDiagnostics(); }

  /// Keeps what the artefact gave. Fails when it has not the form that the passes promise.
  llvm::Error take(llvm::ArrayRef<pare_rt_tensor> outputs);
  /// A peer's answer to the same inputs. `tolerance` is the largest error allowed, of the largest magnitude of an
  /// output.
  std::vector<OutputReport> compare(llvm::ArrayRef<npz::NamedArray> outputs, double tolerance) const;

private:
  const std::string &model;
  Compilation compilation;
  mlir::func::FuncOp function;
  std::vector<std::string> names;
  std::optional<PaddingCheck> padding;
  reference::Tensors own;
};
} // namespace pare::tool

#endif
