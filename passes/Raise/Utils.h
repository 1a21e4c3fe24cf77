// Element expressions back into ops.
#ifndef PARE_PASSES_RAISE_UTILS_H
#define PARE_PASSES_RAISE_UTILS_H

#include "mlir/IR/ImplicitLocOpBuilder.h"
#include "pare/Analysis/ElementExprs.h"
#include "pare/Dialect/Pare.h"

namespace pare {
/// An axis of a tensor to be built: the index variable of expressions, and a tensor with an axis of that size.
struct IndexAxis {
  ElementExprs::Expr variable;
  Polynomial size;
  mlir::Value like;
  int64_t axisOfLike;
};

/// The boolean tensor over `axes` whose elements are `expr`; an axis that the expression does not use may have size 1.
/// Null when some part has no spelling as ops.
mlir::Value emitExpr(mlir::ImplicitLocOpBuilder &builder, SymbolicDims &dims, ElementExprs::Expr expr,
                     llvm::ArrayRef<IndexAxis> axes);

/// The tensor over `axes` whose elements are those of `source`, a leaf that reads each element once; null when that is
/// no reshape and transposition.
mlir::Value rebuild(mlir::ImplicitLocOpBuilder &builder, SymbolicDims &dims, ElementExprs::Expr source,
                    llvm::ArrayRef<IndexAxis> axes);

/// A one-dimensional tensor of the sizes of axes of tensors; known ones become constants.
mlir::Value emitShape(mlir::ImplicitLocOpBuilder &builder, llvm::ArrayRef<IndexAxis> axes);
mlir::Value emitScalar(mlir::ImplicitLocOpBuilder &builder, mlir::Type elementType, double value);
mlir::Value emitInts(mlir::ImplicitLocOpBuilder &builder, llvm::ArrayRef<int64_t> values);
} // namespace pare

#endif
