// How ops compute on packed rows.
#ifndef PARE_PASSES_PADDING_PACK_H
#define PARE_PASSES_PADDING_PACK_H

#include "mlir/IR/ImplicitLocOpBuilder.h"
#include "pare/Analysis/ElementExprs.h"
#include "pare/Analysis/RowViews.h"
#include "pare/Dialect/Pare.h"

namespace pare::padding {
/// Added to a score, this makes its weight exactly 0 in f32 next to any score of ordinary size (docs/Numerics.md).
inline constexpr double kMasked = -1e4;

int64_t rankOf(mlir::Value value);
mlir::Value emitInts(mlir::ImplicitLocOpBuilder &builder, llvm::ArrayRef<int64_t> values);
/// Element `index` of a one-dimensional tensor, as a tensor of one element.
mlir::Value emitEntry(mlir::ImplicitLocOpBuilder &builder, mlir::Value tensor, int64_t index);

/// The rows that count: those whose key is valid.
struct RowMask {
  mlir::Value keyMask;           ///< i1 [B or 1, S].
  mlir::Value rows;              ///< Some tensor with these rows.
  ElementExprs::Expr batch, row; ///< Index variables over B and S.
  ElementExprs::Expr valid;      ///< The mask at (batch, row).
};

/// A row of each sequence that an op picks by its index.
struct Selection {
  mlir::Value x;           ///< What it picks from.
  RowView view;            ///< Of x.
  mlir::Value index;       ///< Indices of the op; null where `position` says them.
  int64_t tupleEntry = -1; ///< Indices are tuples [B, n] with the row at this entry; otherwise [B, 1, ..], all equal.
  int64_t position = 0;    ///< 0, or -1 for the last row.
  bool keepsAxis = false;  ///< The row axis stays, of size 1.
};

/// si64 [B]: the row that is picked from each sequence, of `sizes` (B, S).
mlir::Value emitPicked(mlir::ImplicitLocOpBuilder &builder, const Selection &selection, mlir::Value sizes);

/// How a packed op reads an operand.
struct OperandPlan {
  enum class Use {
    packed, ///< Its packed rows.
    plain,  ///< As it is: no element of it belongs to a row.
    whole   ///< In the form of the batch, of which only kept rows are read.
  } use = Use::plain;
  RowView view;         ///< The rows of a packed operand, after `lead`.
  int64_t lead = 0;     ///< Axes of size 1 to be put in front.
  int64_t dropped = -1; ///< Axis of size 1 of a plain operand that stands where the batch axis goes away.
  mlir::Value source;   ///< Where all sequences of a plain operand are copied from: read instead, its axes permuted.
  llvm::SmallVector<int64_t, 3> permutation;
};
using OpPlan = llvm::SmallVector<OperandPlan>;

/// Decides which ops can compute on packed rows, from their meaning alone.
class Planner {
public:
  Planner(SymbolicDims &dims, ElementExprs &exprs, RowViews &views, const RowMask &mask)
      : dims(dims), exprs(exprs), views(views), mask(mask) {}

  /// One entry per operand; std::nullopt with `reason` set when the op has no packed form.
  std::optional<OpPlan> plan(mlir::Operation *op);
  std::optional<Selection> selection(mlir::Operation *op);
  /// What rows of padding of `value` hold whatever its operands hold there; std::nullopt when that is not one number.
  std::optional<double> padValue(mlir::Value value);

  SymbolicDims &dims;
  ElementExprs &exprs;
  RowViews &views;
  const RowMask &mask;
  std::string reason;
  /// Biases [B or 1, 1, 1, S] of attention ops that may mask keys too: where they do, the sequence is computed whole.
  llvm::SmallVector<mlir::Value> keyBiases;
  /// Whether the bias of an attention is known to let a query see its own key, and no more.
  bool ownKeysOnly = false;

  static bool isComputedFromRows(mlir::Value value);

private:
  std::optional<OperandPlan> aligned(mlir::Value operand, int64_t rank, const RowView &view);
  std::optional<OpPlan> broadcast(mlir::Operation *op, const RowView &view, unsigned operands);
  std::optional<OpPlan> matmul(MatmulOp op, const RowView &view);
  /// Whether `other` [B * n, ..] repeats one tensor [n, ..] for each sequence; sets where that is.
  bool readsCopies(mlir::Value other, const RowView &view, OperandPlan &plan);
  std::optional<OpPlan> attention(AttentionOp op);
  /// Indices of the scores into what broadcasts to them; with `ownKeys`, where query and key are one row.
  llvm::SmallVector<ElementExprs::Expr> scoreIndices(mlir::Value value, bool ownKeys);
  /// Whether a bias never is so low that it masks; with `ownKeys`, whether it is not where query and key are one row.
  bool isOrdinary(mlir::Value bias, bool ownKeys);
  bool hasKnownShape(mlir::Value value, const RowView &view);
  std::optional<OpPlan> own(mlir::Operation *op, const RowView &view);
};

/// Rows in packed form and what is known of them.
struct Rows {
  mlir::Value indices, offsets, sizes; ///< As of pare.rows_from_mask and pare.rows_gather.
  mlir::Value valid;                   ///< i1 [T]: not padding.
  mlir::Value positions;               ///< si64 [T]: place in the sequence.
  mlir::Value places;                  ///< si64 [B, S]: packed place of each kept row.
};

/// Emits the packed form of ops.
class Packer {
public:
  Packer(Planner &planner, const Rows &rows) : planner(planner), rows(rows) {}

  void emit(mlir::Operation *op, const OpPlan &plan);
  void emit(mlir::Operation *op, const Selection &selection);
  /// The packed rows of `value`.
  mlir::Value packed(mlir::ImplicitLocOpBuilder &builder, mlir::Value value, const RowView &view, int64_t lead = 0);
  /// `value` in the form of the batch, `fill` standing in rows that are not kept.
  mlir::Value whole(mlir::Value value, double fill);
  /// As whole, with 0 in every row of padding.
  mlir::Value output(mlir::Value value);
  /// The valid rows of a packed value alone; `places` says where among the packed rows they stand.
  mlir::Value validRows(mlir::Value value, mlir::Value places);
  /// The shape of the batch form of a packed value.
  mlir::Value shape(mlir::ImplicitLocOpBuilder &builder, mlir::Value value);
  bool isPacked(mlir::Value value) const { return done.contains(value); }

private:
  mlir::Value operand(mlir::ImplicitLocOpBuilder &builder, mlir::Value value, const OperandPlan &plan);
  void emitAttention(AttentionOp op, const OpPlan &plan);
  mlir::Value packedShape(mlir::ImplicitLocOpBuilder &builder, mlir::Value result, const RowView &view);
  void finish(mlir::Operation *op, mlir::Operation *packed);
  mlir::Value scatter(mlir::ImplicitLocOpBuilder &builder, mlir::Value value, mlir::Value packed, double fill);

  Planner &planner;
  const Rows &rows;
  llvm::DenseMap<mlir::Value, mlir::Value> done, gathered;
  std::map<std::pair<void *, double>, mlir::Value> wholes;
};

/// Bands of attention ops, as far as they matter to rows that are picked by index.
struct Band {
  std::optional<int64_t> lower, upper;
  bool operator==(const Band &other) const { return lower == other.lower && upper == other.upper; }
};

/// Which rows of a batch are kept: valid ones, `selections`, and all rows of a sequence that reads its padding.
struct KeptRows {
  mlir::Value sizes;       ///< si64 [2]: (B, S).
  mlir::Value valid, keep; ///< i1 [B, S].
};
/// `keyMask` is that of RowMask; `batchLike` has B as its first size.
KeptRows emitKeptRows(mlir::ImplicitLocOpBuilder &builder, mlir::Value keyMask, mlir::Value batchLike,
                      llvm::ArrayRef<Selection> selections, llvm::ArrayRef<Band> bands,
                      llvm::ArrayRef<mlir::Value> keyBiases);
/// Packs them.
Rows emitRows(mlir::ImplicitLocOpBuilder &builder, const KeptRows &kept, bool withPlaces);
} // namespace pare::padding

#endif
