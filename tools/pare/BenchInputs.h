// The inputs of a benchmark.
#ifndef PARE_TOOLS_PARE_BENCHINPUTS_H
#define PARE_TOOLS_PARE_BENCHINPUTS_H

#include "Bench.h"
#include "mlir/IR/BuiltinOps.h"
#include "mlir/IR/MLIRContext.h"
#include "mlir/IR/OwningOpRef.h"
#include "pare-rt/api.h"
#include "pare/Reference/Reference.h"

namespace pare::tool {
class BenchInputs {
public:
  /// Files, or random tensors of the sizes given. Fails when they do not fit the entry or a size is missing.
  static llvm::Expected<std::unique_ptr<BenchInputs>> create(const pare_rt_entry_info &entry,
                                                             const BenchArguments &arguments);

  /// In the order of the entry's inputs.
  llvm::ArrayRef<reference::Tensor> getTensors() const { return tensors; }
  /// "x: f32[8, 128]" of each.
  std::vector<std::string> describe() const;
  /// As an .npz file.
  llvm::Error write(const std::string &path) const;

private:
  explicit BenchInputs(const pare_rt_entry_info &entry);
  llvm::Error read(const std::vector<std::string> &files);
  llvm::Error draw(const BenchArguments &arguments);
  llvm::Error fillMasks(llvm::ArrayRef<int64_t> lengths);

  const pare_rt_entry_info &entry;
  mlir::MLIRContext context;
  /// The entry as a function without a body, for what chooses sizes and random tensors.
  mlir::OwningOpRef<mlir::ModuleOp> module;
  mlir::func::FuncOp function;
  reference::Tensors tensors;
};
} // namespace pare::tool

#endif
