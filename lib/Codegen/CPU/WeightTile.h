// Parts of weights that contractions read, and the panels that weights are packed into.
#ifndef PARE_CODEGEN_CPU_WEIGHTTILE_H
#define PARE_CODEGEN_CPU_WEIGHTTILE_H

#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/IR/BuiltinOps.h"
#include <optional>

namespace pare::cpu {
/// A tile of a weight as a contraction reads it.
struct WeightTile {
  mlir::memref::GetGlobalOp weight;
  llvm::SmallVector<int64_t> shape; // in which the weight is read: its own, or one with neighbouring axes as one
  llvm::SmallVector<mlir::OpFoldResult> offsets, sizes; // of each axis of the weight
  llvm::SmallVector<int64_t> kept;                      // axes of the weight that the operand has
};

/// The tile that `operand`, a buffer, is; nothing where it is no weight.
std::optional<WeightTile> findWeight(mlir::Value operand);
/// Whether an offset is a multiple of the panel's width, as those of tiles that wide are.
bool isAligned(mlir::OpFoldResult offset);
bool isAtMostAPanel(mlir::OpFoldResult size);

/// A global of `type` that the artefact fills with panels of `weight` as it is read, in shape `read`; `flags` are
/// further words of its layout.
mlir::memref::GlobalOp definePanels(mlir::ModuleOp module, mlir::memref::GlobalOp weight, llvm::ArrayRef<int64_t> read,
                                    llvm::StringRef suffix, mlir::MemRefType type,
                                    llvm::ArrayRef<llvm::StringRef> flags);
} // namespace pare::cpu

#endif
