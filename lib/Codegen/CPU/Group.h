// Which ops a fusion group holds and how its root is tiled.
#ifndef PARE_CODEGEN_CPU_GROUP_H
#define PARE_CODEGEN_CPU_GROUP_H

#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "llvm/ADT/MapVector.h"
#include "llvm/ADT/SmallBitVector.h"

namespace pare::cpu {
/// Marks a loop that every tile runs in full.
inline constexpr int64_t kWhole = -1;

struct Group {
  /// Grows the group of `root` by producers in its block.
  explicit Group(mlir::linalg::LinalgOp root);

  mlir::linalg::LinalgOp root;
  /// For each member and each of its loops, the loop of the root that gives its range, or kWhole.
  llvm::MapVector<mlir::Operation *, llvm::SmallVector<int64_t>> members;
  /// For each loop of the root: whether tiles cut it.
  llvm::SmallBitVector tiled;
  /// The one sum of products of the group, if any.
  mlir::linalg::LinalgOp contraction;

  /// Sizes of a tile for each loop of the root; 0 where it is whole.
  llvm::SmallVector<int64_t> tileSizes() const;

private:
  bool join(mlir::linalg::LinalgOp producer);
};
} // namespace pare::cpu

#endif
