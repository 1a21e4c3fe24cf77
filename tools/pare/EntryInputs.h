// The inputs of one call of an artefact's entry.
#ifndef PARE_TOOLS_PARE_ENTRYINPUTS_H
#define PARE_TOOLS_PARE_ENTRYINPUTS_H

#include "InputArguments.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/IR/BuiltinOps.h"
#include "mlir/IR/MLIRContext.h"
#include "mlir/IR/OwningOpRef.h"
#include "pare-rt/api.h"
#include "pare/Reference/Reference.h"

namespace pare::tool {
/// Appends the entry's inputs as a function without body or results, for what chooses sizes and random tensors. The
/// func dialect must be loaded.
mlir::func::FuncOp declareEntry(mlir::ModuleOp module, const pare_rt_entry_info &entry);

/// Names of the open dimensions of the inputs for which `sizes` ("name=size" each) has none.
std::vector<std::string> missingSizes(mlir::func::FuncOp function, llvm::ArrayRef<std::string> sizes);

/// What is wrong with `sizes` for the entries declared in `module`; "" when each is NAME=SIZE of an open dimension.
std::string checkNamedSizes(mlir::ModuleOp module, llvm::ArrayRef<std::string> sizes);

class EntryInputs {
public:
  /// Files, or random tensors of the sizes given. Fails when they do not fit the entry or a size is missing.
  static llvm::Expected<std::unique_ptr<EntryInputs>> create(const pare_rt_entry_info &entry,
                                                             const InputArguments &arguments);

  /// In the order of the entry's inputs.
  llvm::ArrayRef<reference::Tensor> getTensors() const { return tensors; }
  /// "x: f32[8, 128]" of each.
  std::vector<std::string> describe() const;
  /// As an .npz file.
  llvm::Error write(const std::string &path) const;

private:
  explicit EntryInputs(const pare_rt_entry_info &entry);
  llvm::Error read(const std::vector<std::string> &files);
  llvm::Error draw(const InputArguments &arguments);
  llvm::Error fillMasks(llvm::ArrayRef<int64_t> lengths);

  const pare_rt_entry_info &entry;
  mlir::MLIRContext context;
  mlir::OwningOpRef<mlir::ModuleOp> module;
  mlir::func::FuncOp function;
  reference::Tensors tensors;
};
} // namespace pare::tool

#endif
