// How far the address of an operand moves with each loop of a linalg op.
#ifndef PARE_CODEGEN_CPU_LINEAR_H
#define PARE_CODEGEN_CPU_LINEAR_H

#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include <array>
#include <optional>

namespace pare::cpu {
/// A stride that is not a constant.
inline constexpr int64_t kUnknownStride = mlir::ShapedType::kDynamic;

/// The coefficient of each dimension and the constant of a linear expression.
std::optional<llvm::SmallVector<int64_t>> linearForm(mlir::AffineExpr expr, unsigned numDims);

/// A convolution by groups: output channel o of loop `columns` reads input channels (o floordiv outputs) * inputs + c,
/// for c of loop `channel`.
struct Grouping {
  unsigned columns, channel;
  int64_t inputs, outputs; // channels of a group
};
/// Where that is how operand 0 is read along its last axis.
std::optional<Grouping> groupingOf(mlir::linalg::LinalgOp op);
/// How an operand is read; where that is by groups, within one group.
mlir::AffineMap readingMap(mlir::linalg::LinalgOp op, mlir::OpOperand &operand);

/// For each loop, the elements between one step and the next: 0 where the operand does not vary, kUnknownStride where
/// it varies by an amount known at run time only. Of what is read by groups, within one group. Nothing when the operand
/// is not read linearly.
std::optional<llvm::SmallVector<int64_t>> linearStrides(mlir::linalg::LinalgOp op, mlir::OpOperand &operand);

/// Whether the op multiplies two operands and adds the product to its one result, with one reduced loop at least. Both
/// operands may be rounded to bfloat16 first, or be bytes whose products sum in 32 bits.
bool isProductSum(mlir::linalg::LinalgOp op);
/// Of such an op: whether what it multiplies is in bfloat16, read so or rounded in its body.
bool isNarrowProduct(mlir::linalg::LinalgOp op);
/// Of any op: whether it is a sum in i32 of products of bytes; then which of its operands are signed.
std::optional<std::array<bool, 2>> signsOfBytes(mlir::linalg::LinalgOp op);
} // namespace pare::cpu

#endif
