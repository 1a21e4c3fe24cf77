// What the register-tile routine does of a contraction.
#ifndef PARE_CODEGEN_CPU_ROLES_H
#define PARE_CODEGEN_CPU_ROLES_H

#include "RegisterTiles.h"
#include "Surroundings.h"

namespace pare::cpu {
/// Columns of a panel of packed weights: the register tile with AVX-512, and a multiple of the others.
inline constexpr int64_t kPanelColumns = 48;

/// Which loops of an op the routine runs; all others stay loops around it.
struct Roles {
  /// A loop, and those whose steps go on where it ends, in every operand, from the inside out: together one long loop.
  struct Merged {
    unsigned loop = 0;
    llvm::SmallVector<unsigned> outer;

    bool has(unsigned other) const { return other == loop || llvm::is_contained(outer, other); }
  };

  mlir::OpOperand *left = nullptr, *right = nullptr; // of the product: rows by depth, depth by columns; of depthwise
                                                     // products rows by depth by columns on the left
  std::optional<Merged> rows;                        // a single row without
  Merged depth;
  std::optional<unsigned> pair; // the two elements, in both operands, that lie together for one step of the depth
  unsigned columns = 0;
  bool copiesLeft = false;  // in bfloat16: is rounded, or laid along the depth, before it is multiplied
  bool unitColumns = false; // the right side is contiguous along the columns: by pairs, where there are pairs
  Products products = Products::f32;
  bool leftIsSigned = false;        // of bytes
  std::optional<Grouping> grouping; // of grouped products
};

/// Nothing where plain loops are as good, or where the operands are not read linearly. The result and `sides`, more
/// tensors of its shape that are read with it, have these strides along the loops.
std::optional<Roles> assignRoles(mlir::linalg::LinalgOp op, const Strides &result, llvm::ArrayRef<Strides> sides);
/// For the op alone.
std::optional<Roles> assignRoles(mlir::linalg::LinalgOp op);
/// Whether the routine can run the op: a sum in f32 of products of f32 or bfloat16 in memory, or one in i32 of signed
/// by unsigned bytes.
bool isRoutineCandidate(mlir::linalg::LinalgOp op);
} // namespace pare::cpu

#endif
