// Where a tensor keeps the rows of a batch of sequences.
#ifndef PARE_ANALYSIS_ROWVIEWS_H
#define PARE_ANALYSIS_ROWVIEWS_H

#include "pare/Analysis/SymbolicDims.h"
#include "llvm/ADT/EquivalenceClasses.h"

namespace pare {

/// The axes of a tensor that hold rows (b, s) of a batch of B sequences of S positions.
struct RowView {
  int64_t batch = 0, row = 0; ///< Axes of sizes B * inner and S; one axis of size B * S when they are equal.
  int64_t inner = 1;          ///< Index b * inner + i of axis `batch` belongs to sequence b.

  bool merged() const { return batch == row; }
  /// Whether packing the rows removes axis `batch`.
  bool dropsBatch() const { return !merged() && inner == 1; }
  /// Axis of the packed tensor for an axis of the whole one.
  int64_t packed(int64_t axis) const { return dropsBatch() && axis > batch ? axis - 1 : axis; }
  bool isToken(int64_t axis) const { return axis == batch || axis == row; }
  bool operator==(const RowView &other) const {
    return batch == other.batch && row == other.row && inner == other.inner;
  }
  bool operator!=(const RowView &other) const { return !(*this == other); }
};

/// Finds the view of each value: from operands through row-wise ops, otherwise from sizes that only these axes have. A
/// view says how elements are named, not what they depend on.
class RowViews {
public:
  /// Rows of the tensor `batchLike` [B, ..] and `rowLike` [.., S, ..], of sizes that differ as expressions.
  RowViews(SymbolicDims &dims, Polynomial batchSize, Polynomial rowSize);

  std::optional<RowView> of(mlir::Value value);
  /// The view of result `result` that `view` of an operand leads to; std::nullopt when the op mixes rows or moves them.
  std::optional<RowView> through(mlir::OpOperand &operand, const RowView &view, unsigned result);
  /// Whether row (b, s) of one value and row (b, s) of the other belong together: both are reached row by row from
  /// common ones. Sequences of two inputs may have equal sizes, and are different rows all the same.
  bool sameRows(mlir::Value a, mlir::Value b);
  /// Whether the axes of `value` have the sizes that `view` says.
  bool fits(mlir::Value value, const RowView &view);

  const Polynomial &batchSize() const { return batch; }
  const Polynomial &rowSize() const { return row; }
  /// Size B * inner or B * S of axis `view.batch`.
  Polynomial batchAxisSize(const RowView &view) const;

private:
  std::optional<RowView> compute(mlir::Value value);
  std::optional<RowView> reshaped(mlir::Value from, mlir::Value to, const RowView &view);

  SymbolicDims &dims;
  Polynomial batch, row;
  std::map<void *, std::optional<RowView>> known;
  llvm::EquivalenceClasses<void *> spaces;
  bool spacesKnown = false;
};

} // namespace pare

#endif
