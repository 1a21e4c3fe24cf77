// Merges and removes moves and casts.
#include "Passes.h"
#include "Utils.h"
#include "mlir/IR/IRMapping.h"
#include "mlir/IR/TypeUtilities.h"
#include "mlir/Transforms/GreedyPatternRewriteDriver.h"

namespace pare {
#define GEN_PASS_DEF_CANONICALIZE
#include "passes/Simplify/Passes.h.inc"
} // namespace pare

using namespace mlir;
using namespace pare;

namespace {
/// Replaces `op` by `value` unless its type says more than that of the value can.
LogicalResult replaceBy(PatternRewriter &rewriter, Operation *op, Value value) {
  if (!refineTo(value, op->getResult(0).getType()))
    return failure();
  rewriter.replaceOp(op, value);
  return success();
}

LogicalResult simplifyTranspose(TransposeOp op, PatternRewriter &rewriter) {
  ArrayRef<int64_t> permutation = op.getPermutation();
  if (llvm::equal(permutation, llvm::seq<int64_t>(0, permutation.size())))
    return replaceBy(rewriter, op, op.getX());
  auto inner = op.getX().getDefiningOp<TransposeOp>();
  if (!inner)
    return failure();
  SmallVector<int64_t> composed;
  for (int64_t axis : permutation)
    composed.push_back(inner.getPermutation()[axis]);
  rewriter.replaceOpWithNewOp<TransposeOp>(op, op.getType(), inner.getX(), composed);
  return success();
}

LogicalResult simplifyCast(CastOp op, PatternRewriter &rewriter) {
  if (getElementTypeOrSelf(op.getX().getType()) != op.getTo())
    return failure();
  return replaceBy(rewriter, op, op.getX());
}

LogicalResult simplifySqueeze(SqueezeOp op, PatternRewriter &rewriter) {
  if (op.getAxes().empty())
    return replaceBy(rewriter, op, op.getX());
  auto inner = op.getX().getDefiningOp<UnsqueezeOp>();
  if (!inner || inner.getAxes() != op.getAxes())
    return failure();
  return replaceBy(rewriter, op, inner.getX());
}

LogicalResult simplifyUnsqueeze(UnsqueezeOp op, PatternRewriter &rewriter) {
  if (op.getAxes().empty())
    return replaceBy(rewriter, op, op.getX());
  auto inner = op.getX().getDefiningOp<SqueezeOp>();
  if (!inner || inner.getAxes() != op.getAxes())
    return failure();
  return replaceBy(rewriter, op, inner.getX());
}

LogicalResult simplifyConcat(ConcatOp op, PatternRewriter &rewriter) {
  return op.getInputs().size() == 1 ? replaceBy(rewriter, op, op.getInputs().front()) : failure();
}

/// Of two reshapes the second alone counts, unless it copies sizes of the first.
LogicalResult simplifyReshape(ReshapeOp op, PatternRewriter &rewriter) {
  Operation *inner = op.getData().getDefiningOp();
  if (!isa_and_nonnull<ReshapeOp, SqueezeOp, UnsqueezeOp, FlattenOp>(inner))
    return failure();
  auto entries = getPartialInts(op.getShape());
  if (!entries || !llvm::all_of(*entries, [](auto entry) { return entry && *entry != 0; }))
    return failure();
  rewriter.modifyOpInPlace(op, [&] { op.getDataMutable().assign(inner->getOperand(0)); });
  return success();
}

bool hasOneElement(Value value) {
  auto type = dyn_cast<RankedTensorType>(value.getType());
  return type && type.hasStaticShape() && type.getNumElements() == 1;
}

/// The operand of which every element of the result depends on the one at its place, all others being single constants;
/// -1 when `op` is not of this kind.
int tableOperand(Operation *op) {
  if (!isa_and_nonnull<CastOp, DequantizeOp, MulOp, AddOp, SubOp, DivOp>(op))
    return -1;
  auto type = dyn_cast<RankedTensorType>(op->getResult(0).getType());
  int table = -1;
  for (OpOperand &operand : op->getOpOperands()) {
    auto own = dyn_cast<RankedTensorType>(operand.get().getType());
    if (!own || !type)
      return -1;
    if (hasOneElement(operand.get()) && operand.get().getDefiningOp<ConstantOp>())
      continue;
    if (table >= 0 || own.getShape() != type.getShape() || !own.hasStaticShape())
      return -1;
    table = operand.getOperandNumber();
  }
  // Blocks follow the shape of the table.
  if (auto dequantize = dyn_cast<DequantizeOp>(op); dequantize && (table != 0 || dequantize.getBlockSize() != 0))
    return -1;
  return table;
}

bool isConstantTable(Value value) {
  while (Operation *op = value.getDefiningOp()) {
    if (isa<ConstantOp>(op))
      return true;
    int table = tableOperand(op);
    if (table < 0)
      return false;
    value = op->getOperand(table);
  }
  return false;
}

LogicalResult gatherFirst(GatherOp op, PatternRewriter &rewriter) {
  Operation *inner = op.getData().getDefiningOp();
  int table = tableOperand(inner);
  if (table < 0 || !isConstantTable(inner->getOperand(table)))
    return failure();
  auto type = dyn_cast<RankedTensorType>(op.getType());
  auto data = cast<RankedTensorType>(op.getData().getType());
  // Computing the whole table is the lesser work where more is gathered than it holds.
  if (!type || (type.hasStaticShape() && type.getNumElements() > data.getNumElements()))
    return failure();
  // A single element of a higher rank would add axes to the smaller tensor.
  for (Value operand : inner->getOperands())
    if (operand != inner->getOperand(table) && cast<RankedTensorType>(operand.getType()).getRank() > type.getRank())
      return failure();
  Value raw = inner->getOperand(table);
  Value picked = GatherOp::create(rewriter, op.getLoc(), withElementType(type, getElementTypeOrSelf(raw.getType())),
                                  raw, op.getIndices(), op.getAxis());
  IRMapping mapping;
  mapping.map(raw, picked);
  Operation *computed = rewriter.clone(*inner, mapping);
  computed->getResult(0).setType(type);
  rewriter.replaceOp(op, computed);
  return success();
}

/// The one element of a constant; std::nullopt for other values, and for one beyond what rounding to levels and back
/// keeps.
std::optional<double> scaleOf(Value value) {
  auto constant = value.getDefiningOp<ConstantOp>();
  auto dense = constant && hasOneElement(value) ? dyn_cast<DenseElementsAttr>(constant.getValue()) : nullptr;
  if (!dense || !getElementTypeOrSelf(value.getType()).isF32())
    return std::nullopt;
  double scale = dense.getSplatValue<APFloat>().convertToDouble();
  return scale > 1e-30 && scale < 1e30 ? std::optional(scale) : std::nullopt;
}

bool sameZeroPoint(Value a, Value b) {
  if (a == b)
    return true;
  auto zeros = [](Value value) { return value ? getConstantInts(value) : SmallVector<int64_t>{0}; };
  auto left = zeros(a), right = zeros(b);
  return left && right && left->size() == 1 && right->size() == 1 && left->front() == right->front();
}

/// Levels of a tensor that came from the same levels are what they were: in f32, n * scale / scale rounds to n for
/// every n of up to 16 bits. Moves in between then move the small numbers.
LogicalResult quantizeAgain(QuantizeOp op, PatternRewriter &rewriter) {
  SmallVector<Operation *> moves;
  Value value = op.getX();
  while (isa_and_nonnull<TransposeOp, ReshapeOp, SqueezeOp, UnsqueezeOp, FlattenOp>(value.getDefiningOp())) {
    moves.push_back(value.getDefiningOp());
    value = moves.back()->getOperand(0);
  }
  auto before = value.getDefiningOp<DequantizeOp>();
  auto type = cast<TensorType>(op.getType());
  if (!before || op.getBlockSize() != 0 || before.getBlockSize() != 0 || type.getElementTypeBitWidth() > 16 ||
      getElementTypeOrSelf(before.getX().getType()) != type.getElementType())
    return failure();
  auto scale = scaleOf(op.getScale());
  if (!scale || scale != scaleOf(before.getScale()) || !sameZeroPoint(op.getZeroPoint(), before.getZeroPoint()))
    return failure();
  if (moves.empty())
    return replaceBy(rewriter, op, before.getX());
  Value moved = before.getX();
  for (Operation *move : llvm::reverse(moves)) {
    IRMapping mapping;
    mapping.map(move->getOperand(0), moved);
    Operation *copy = rewriter.clone(*move, mapping);
    copy->getResult(0).setType(withElementType(copy->getResult(0).getType(), type.getElementType()));
    moved = copy->getResult(0);
  }
  return replaceBy(rewriter, op, moved);
}

/// The branch that a constant chooses.
LogicalResult inlineBranch(IfOp op, PatternRewriter &rewriter) {
  auto condition = getConstantInts(op.getCondition());
  if (!condition || condition->size() != 1)
    return failure();
  Region &region = condition->front() != 0 ? op.getThenRegion() : op.getElseRegion();
  Operation *yield = region.front().getTerminator();
  for (auto [value, result] : llvm::zip_equal(yield->getOperands(), op.getResults()))
    if (!refineTo(value, result.getType()))
      return failure();
  SmallVector<Value> values(yield->getOperands());
  rewriter.eraseOp(yield);
  rewriter.inlineBlockBefore(&region.front(), op);
  rewriter.replaceOp(op, values);
  return success();
}

struct Canonicalize : public pare::impl::CanonicalizeBase<Canonicalize> {
  void runOnOperation() override {
    RewritePatternSet patterns(&getContext());
    patterns.add(simplifyTranspose).add(simplifyCast).add(simplifySqueeze).add(simplifyUnsqueeze);
    patterns.add(simplifyConcat).add(simplifyReshape).add(gatherFirst).add(quantizeAgain).add(inlineBranch);
    if (failed(applyPatternsGreedily(getOperation(), std::move(patterns))))
      return signalPassFailure();
    syncResultTypes(getOperation());
  }
};
} // namespace
