// Right sides of products of bytes as panels that are packed at compile time.
#ifndef PARE_CODEGEN_CPU_PACKBYTES_H
#define PARE_CODEGEN_CPU_PACKBYTES_H

#include "Abi.h"
#include "Roles.h"
#include "WeightTile.h"

namespace pare::cpu {
/// How a product of bytes reads its right side from panels [matrices.., panel, depth / 4, columns, 4], with zeros
/// behind the last of the depth.
struct BytePanels {
  WeightTile tile;
  llvm::SmallVector<int64_t> read; // the shape of the weight: matrices of depth by columns, or the other way round
  bool transposed = false;
  llvm::SmallVector<int64_t> axes, strides; // of the weight in front of the matrices, and how far apart those are
  llvm::SmallVector<int64_t> loops;         // that run over `axes`; -1 where none does
  int64_t columnAxis = 0, panelBytes = 0;
  mlir::MemRefType type;
};

/// Nothing where the right side is no weight that packing could turn.
std::optional<BytePanels> planBytePanels(mlir::linalg::LinalgOp op, const Roles &roles);

/// The panels of weights, each made on first use.
class BytePacking {
public:
  explicit BytePacking(mlir::ModuleOp module) : module(module) {}
  /// Where the panel of the tile begins, when all loops stand at 0.
  mlir::Value address(Abi &builder, BytePanels &panels);

private:
  mlir::ModuleOp module;
  llvm::DenseMap<std::pair<mlir::Attribute, mlir::Attribute>, mlir::memref::GlobalOp> made;
};
} // namespace pare::cpu

#endif
