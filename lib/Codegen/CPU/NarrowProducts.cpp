// Products in bfloat16, their sums in f32: what `--cpu-bf16` asks for.
#include "Elementwise.h"
#include "Linear.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Linalg/Transforms/Transforms.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "pare/Codegen/CPU/Passes.h"

namespace pare::cpu {
#define GEN_PASS_DEF_NARROWPRODUCTS
#include "pare/Codegen/CPU/Passes.h.inc"
} // namespace pare::cpu

using namespace mlir;
using namespace pare::cpu;

/// Whether the operand is contiguous along a reduced loop of an even number of steps: two go into one instruction.
static bool hasPairs(linalg::LinalgOp op, OpOperand &operand) {
  ArrayRef<AffineExpr> axes = op.getMatchingIndexingMap(&operand).getResults();
  auto dim = dyn_cast_if_present<AffineDimExpr>(axes.empty() ? AffineExpr() : axes.back());
  if (!dim || op.getIteratorTypesArray()[dim.getPosition()] != utils::IteratorType::reduction)
    return false;
  int64_t extent = op.getStaticLoopRanges()[dim.getPosition()];
  return !ShapedType::isDynamic(extent) && extent % 2 == 0 && extent > 0 &&
         llvm::count_if(axes, [&](AffineExpr axis) { return axis.isFunctionOfDim(dim.getPosition()); }) == 1;
}

/// Whether the op multiplies matrices, perhaps many of them, that are large enough to be worth copying: both have loops
/// of their own, and all is read as it lies or transposed.
static bool multipliesMatrices(linalg::LinalgOp op) {
  SmallVector<int64_t> extents = op.getStaticLoopRanges();
  SmallVector<utils::IteratorType> kinds = op.getIteratorTypesArray();
  if (op.getNumReductionLoops() != 1 ||
      !llvm::all_of(op.getIndexingMapsArray(), [](AffineMap map) { return map.isProjectedPermutation(); }))
    return false;
  constexpr int64_t kFew = 16;
  auto isLarge = [&](unsigned loop) { return ShapedType::isDynamic(extents[loop]) || extents[loop] >= kFew; };
  AffineMap first = op.getMatchingIndexingMap(op.getDpsInputOperand(0)),
            second = op.getMatchingIndexingMap(op.getDpsInputOperand(1)),
            result = op.getMatchingIndexingMap(op.getDpsInitOperand(0));
  auto last = dyn_cast_if_present<AffineDimExpr>(result.getNumResults() ? result.getResults().back() : AffineExpr());
  bool hasRows = false, hasDepth = false, hasColumns = false;
  for (unsigned loop = 0; loop < kinds.size(); ++loop) {
    bool inFirst = first.isFunctionOfDim(loop), inSecond = second.isFunctionOfDim(loop);
    if (kinds[loop] == utils::IteratorType::reduction)
      hasDepth = inFirst && inSecond && isLarge(loop);
    else if (inFirst != inSecond && isLarge(loop))
      (last && last.getPosition() == loop ? hasColumns : hasRows) = true;
  }
  return hasRows && hasDepth && hasColumns;
}

namespace {
struct NarrowProducts : pare::cpu::impl::NarrowProductsBase<NarrowProducts> {
  void runOnOperation() override {
    SmallVector<linalg::LinalgOp> ops;
    getOperation().walk([&](linalg::LinalgOp op) {
      if (op.hasPureTensorSemantics() && isProductSum(op) && !isNarrowProduct(op) &&
          llvm::all_of(op->getOperands(), [](Value value) { return getElementTypeOrSelf(value).isF32(); }))
        ops.push_back(op);
    });
    narrowed.clear();
    for (linalg::LinalgOp op : ops) {
      OpOperand *first = op.getDpsInputOperand(0), *second = op.getDpsInputOperand(1);
      if (isWeight(second->get()) && hasPairs(op, *first))
        narrow(op, *first, *second);
      else if (isWeight(first->get()) && hasPairs(op, *second))
        narrow(op, *second, *first);
      else if (!isWeight(first->get()) && !isWeight(second->get()) && multipliesMatrices(op))
        replace(op, {narrowOutside(op, first->get()), narrowOutside(op, second->get())});
    }
  }

  /// A factor of a product of activations in bfloat16, where that is computed once for all tiles; else as it is.
  Value narrowOutside(Operation *op, Value factor) {
    auto loop = op->getParentOfType<scf::ForallOp>();
    if (!loop)
      return narrow(factor, op);
    auto slice = factor.getDefiningOp<tensor::ExtractSliceOp>();
    if (!slice || loop->isAncestor(slice.getSource().getParentRegion()->getParentOp()))
      return factor;
    OpBuilder builder(slice);
    auto type = cast<RankedTensorType>(slice.getType()).clone(builder.getBF16Type());
    Value whole = narrow(slice.getSource(), loop);
    builder.setInsertionPoint(slice);
    return tensor::ExtractSliceOp::create(builder, slice.getLoc(), type, whole, slice.getMixedOffsets(),
                                          slice.getMixedSizes(), slice.getMixedStrides());
  }

  /// A tensor in bfloat16, for all that read it, or all in the same branch as `user`: what is read in a branch alone is
  /// not rounded where that is not taken.
  Value narrow(Value tensor, Operation *user) {
    while (user->getBlock() != tensor.getParentBlock() && !isa<scf::IfOp>(user->getParentOp()))
      user = user->getParentOp();
    Block *block = user->getBlock();
    Value &result = narrowed[{tensor, block}];
    if (result)
      return result;
    OpBuilder builder(tensor.getContext());
    if (tensor.getParentBlock() == block)
      builder.setInsertionPointAfterValue(tensor);
    else
      builder.setInsertionPointToStart(block);
    Location loc = tensor.getLoc();
    auto type = cast<RankedTensorType>(tensor.getType());
    Value empty =
        tensor::EmptyOp::create(builder, loc, tensor::getMixedSizes(builder, loc, tensor), builder.getBF16Type());
    AffineMap map = builder.getMultiDimIdentityMap(type.getRank());
    SmallVector<utils::IteratorType> kinds(type.getRank(), utils::IteratorType::parallel);
    auto cast = linalg::GenericOp::create(builder, loc, empty.getType(), tensor, empty, ArrayRef{map, map}, kinds,
                                          [](OpBuilder &builder, Location loc, ValueRange args) {
                                            Value value =
                                                arith::TruncFOp::create(builder, loc, builder.getBF16Type(), args[0]);
                                            linalg::YieldOp::create(builder, loc, value);
                                          });
    return result = cast.getResult(0);
  }

  void narrow(linalg::LinalgOp op, OpOperand &activation, OpOperand &weight) {
    SmallVector<Value> inputs(2);
    inputs[activation.getOperandNumber()] = narrow(activation.get(), op);
    inputs[weight.getOperandNumber()] = weight.get();
    replace(op, inputs);
  }

  /// The product of `inputs`, each in bfloat16 or rounded to it in the body: weights when they are packed, and what a
  /// tile has computed when it is copied.
  void replace(linalg::LinalgOp op, ValueRange inputs) {
    OpBuilder builder(op);
    auto generic = linalg::GenericOp::create(
        builder, op.getLoc(), op->getResultTypes(), inputs, op.getDpsInits(), op.getIndexingMapsArray(),
        op.getIteratorTypesArray(), [](OpBuilder &builder, Location loc, ValueRange args) {
          auto rounded = [&](Value factor) -> Value {
            if (factor.getType().isF32())
              factor = arith::TruncFOp::create(builder, loc, builder.getBF16Type(), factor);
            return arith::ExtFOp::create(builder, loc, builder.getF32Type(), factor);
          };
          Value a = rounded(args[0]), b = rounded(args[1]);
          Value product = arith::MulFOp::create(builder, loc, a, b);
          linalg::YieldOp::create(builder, loc, arith::AddFOp::create(builder, loc, args[2], product).getResult());
        });
    generic->setDiscardableAttrs(op->getDiscardableAttrDictionary());
    op->replaceAllUsesWith(generic);
    op->erase();
  }

  llvm::DenseMap<std::pair<Value, Block *>, Value> narrowed;
};
} // namespace
