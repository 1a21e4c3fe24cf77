// Sizes of the dimensions that a model leaves open.
#ifndef PARE_TOOLS_PARE_SIZES_H
#define PARE_TOOLS_PARE_SIZES_H

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/IR/BuiltinOps.h"
#include "pare/Reference/Reference.h"
#include "llvm/ADT/StringMap.h"
#include <optional>
#include <string>
#include <vector>

namespace pare::tool {
/// One choice.
struct Sizes {
  llvm::StringMap<int64_t> dims;
  /// Of dimensions without a name.
  int64_t others = 2;
  /// "batch=3, sequence=7"; empty when all sizes are static.
  std::string text;
};

/// "batch=3" as a pair; std::nullopt when it is no such thing.
std::optional<std::pair<std::string, int64_t>> parseSize(llvm::StringRef text);

/// What is wrong with `wanted` (see chooseSizes) for the entries of `module`; "" when nothing is.
std::string checkSizes(mlir::ModuleOp module, llvm::ArrayRef<std::string> wanted);

/// Names of the open dimensions of the inputs in the order of their appearance.
std::vector<std::string> openDims(mlir::func::FuncOp function);

/// `wanted` holds "0", "1" or "random": each named dimension alone has that size while the others are random, and all
/// together. Or it holds "name=size": one choice, with random sizes for the rest. One choice when nothing is open.
std::vector<Sizes> chooseSizes(mlir::func::FuncOp function, llvm::ArrayRef<std::string> wanted, uint64_t seed);

/// Random inputs of these sizes; integers are drawn from [0, maxInt].
llvm::Expected<reference::Tensors> drawInputs(mlir::func::FuncOp function, const Sizes &sizes, uint64_t seed,
                                              int64_t maxInt);
} // namespace pare::tool

#endif
