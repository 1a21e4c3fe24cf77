// What stands around a contraction on buffers that can be done while its sums are in registers.
#ifndef PARE_CODEGEN_CPU_SURROUNDINGS_H
#define PARE_CODEGEN_CPU_SURROUNDINGS_H

#include "Linear.h"

namespace pare::cpu {
/// Strides of an operand along each loop of a contraction, in elements.
using Strides = llvm::SmallVector<int64_t>;

struct Surroundings {
  /// Sets what the sums start from: `start`, one of its operands, or zero without. Null where they start from what the
  /// result holds.
  mlir::linalg::LinalgOp init;
  mlir::OpOperand *start = nullptr;
  /// Computes each element of what is wanted from a sum, its operand `sum`, and from `sides`. Null without.
  mlir::linalg::GenericOp tail;
  mlir::OpOperand *sum = nullptr;
  llvm::SmallVector<mlir::OpOperand *> sides;

  /// For each loop of `other`, `init` or `tail`, that of the contraction; -1 for those of one step.
  llvm::SmallVector<int64_t> loopsOf(mlir::linalg::LinalgOp contraction, mlir::linalg::LinalgOp other) const;
  /// Strides of an operand of `init` or `tail` along the loops of the contraction.
  std::optional<Strides> stridesOf(mlir::linalg::LinalgOp contraction, mlir::OpOperand &use) const;
  /// The operand that names the memory of the result.
  mlir::OpOperand *result(mlir::linalg::LinalgOp contraction) const {
    return tail ? mlir::linalg::LinalgOp(tail).getDpsInitOperand(0) : contraction.getDpsInitOperand(0);
  }
};

/// What may move into the routine of `contraction`: nothing else reads or writes the sums, and nothing between writes
/// what is read.
Surroundings findSurroundings(mlir::linalg::LinalgOp contraction);
} // namespace pare::cpu

#endif
