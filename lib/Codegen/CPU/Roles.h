// What the register-tile routine does of a contraction.
#ifndef PARE_CODEGEN_CPU_ROLES_H
#define PARE_CODEGEN_CPU_ROLES_H

#include "Linear.h"

namespace pare::cpu {
/// Columns of a panel of packed weights: the register tile with AVX-512, and a multiple of the others.
inline constexpr int64_t kPanelColumns = 48;

/// Which loops of an op the routine runs; all others stay loops around it.
struct Roles {
  mlir::OpOperand *left = nullptr, *right = nullptr; // of the product: rows by depth, depth by columns
  std::optional<unsigned> rows;                      // a single row without
  unsigned depth = 0, columns = 0;
  bool unitColumns = false; // the right side is contiguous along the columns
};

/// Nothing where plain loops are as good, or where the operands are not read linearly.
std::optional<Roles> assignRoles(mlir::linalg::LinalgOp op);
/// Whether the routine can run the op: a sum of products of f32 in memory.
bool isRoutineCandidate(mlir::linalg::LinalgOp op);
} // namespace pare::cpu

#endif
