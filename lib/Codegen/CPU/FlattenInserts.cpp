// Parts of a tensor that is itself a part of another are inserted there at once.
#include "mlir/Dialect/Affine/IR/AffineOps.h"
#include "mlir/Dialect/MemRef/Transforms/Transforms.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/Transforms/GreedyPatternRewriteDriver.h"
#include "pare/Codegen/CPU/Passes.h"

namespace pare::cpu {
#define GEN_PASS_DEF_FLATTENINSERTS
#include "pare/Codegen/CPU/Passes.h.inc"
} // namespace pare::cpu

using namespace mlir;

namespace {
/// The insertions that make `tensor`, the first one first, if nothing else reads what lies between and they start from
/// nothing.
SmallVector<tensor::InsertSliceOp> insertsOf(Value tensor) {
  SmallVector<tensor::InsertSliceOp> inserts;
  while (auto insert = tensor.getDefiningOp<tensor::InsertSliceOp>()) {
    if (!insert->hasOneUse())
      return {};
    inserts.push_back(insert);
    tensor = insert.getDest();
  }
  if (!tensor.getDefiningOp<tensor::EmptyOp>())
    return {};
  return SmallVector<tensor::InsertSliceOp>(llvm::reverse(inserts));
}

OpFoldResult combine(PatternRewriter &rewriter, Location loc, AffineExpr expr, ArrayRef<OpFoldResult> operands) {
  return affine::makeComposedFoldedAffineApply(rewriter, loc, expr, operands);
}

/// insert(insert(a, into nothing), into x) inserts a into x.
struct InsertOfInserts : OpRewritePattern<tensor::InsertSliceOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(tensor::InsertSliceOp op, PatternRewriter &rewriter) const override {
    SmallVector<tensor::InsertSliceOp> inserts = insertsOf(op.getSource());
    if (inserts.empty())
      return failure();
    llvm::SmallBitVector dropped = op.getDroppedDims();
    AffineExpr a, b, c;
    bindDims(getContext(), a, b, c);
    Value result = op.getDest();
    for (tensor::InsertSliceOp insert : inserts) {
      Location loc = insert.getLoc();
      SmallVector<OpFoldResult> offsets(op.getMixedOffsets()), sizes(offsets.size(), rewriter.getIndexAttr(1)),
          strides(op.getMixedStrides());
      unsigned own = 0;
      for (unsigned axis = 0; axis < offsets.size(); ++axis) {
        if (dropped[axis])
          continue;
        offsets[axis] =
            combine(rewriter, loc, a + b * c, {offsets[axis], insert.getMixedOffsets()[own], strides[axis]});
        sizes[axis] = insert.getMixedSizes()[own];
        strides[axis] = combine(rewriter, loc, a * b, {strides[axis], insert.getMixedStrides()[own]});
        ++own;
      }
      result = tensor::InsertSliceOp::create(rewriter, loc, insert.getSource(), result, offsets, sizes, strides);
    }
    rewriter.replaceOp(op, result);
    return success();
  }
};

/// Where axes become one of which an insertion has one step of the inner ones, it has steps as far apart as those.
struct CollapseOfInserts : OpRewritePattern<tensor::CollapseShapeOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(tensor::CollapseShapeOp op, PatternRewriter &rewriter) const override {
    SmallVector<tensor::InsertSliceOp> inserts = insertsOf(op.getSrc());
    RankedTensorType from = op.getSrcType(), to = op.getResultType();
    SmallVector<ReassociationIndices> groups = op.getReassociationIndices();
    auto isUnit = [](OpFoldResult value) { return getConstantIntValue(value) == 1; };
    for (tensor::InsertSliceOp insert : inserts) {
      if (insert.getSourceType().getRank() != from.getRank())
        return failure();
      for (ArrayRef<int64_t> group : groups)
        for (int64_t axis : group.drop_front())
          if (from.isDynamicDim(axis) || insert.getSourceType().getDimSize(axis) != 1 ||
              !isUnit(insert.getMixedSizes()[axis]))
            return failure();
    }
    if (inserts.empty())
      return failure();
    AffineExpr a, b;
    bindDims(getContext(), a, b);
    auto empty = inserts[0].getDest().getDefiningOp<tensor::EmptyOp>();
    SmallVector<OpFoldResult> extents;
    for (ArrayRef<int64_t> group : groups) {
      OpFoldResult extent = empty.getMixedSizes()[group[0]];
      for (int64_t axis : group.drop_front())
        extent = combine(rewriter, op.getLoc(), a * from.getDimSize(axis), {extent});
      extents.push_back(extent);
    }
    Value result = tensor::EmptyOp::create(rewriter, op.getLoc(), extents, to.getElementType());
    for (tensor::InsertSliceOp insert : inserts) {
      Location loc = insert.getLoc();
      SmallVector<OpFoldResult> offsets, sizes, strides;
      for (ArrayRef<int64_t> group : groups) {
        OpFoldResult offset = insert.getMixedOffsets()[group[0]], stride = insert.getMixedStrides()[group[0]];
        for (int64_t axis : group.drop_front()) {
          int64_t steps = from.getDimSize(axis);
          offset = combine(rewriter, loc, a * steps + b, {offset, insert.getMixedOffsets()[axis]});
          stride = combine(rewriter, loc, a * steps, {stride});
        }
        offsets.push_back(offset);
        sizes.push_back(insert.getMixedSizes()[group[0]]);
        strides.push_back(stride);
      }
      Value part = tensor::CollapseShapeOp::create(rewriter, loc, insert.getSource(), groups);
      result = tensor::InsertSliceOp::create(rewriter, loc, part, result, offsets, sizes, strides);
    }
    if (result.getType() != to)
      result = tensor::CastOp::create(rewriter, op.getLoc(), to, result);
    rewriter.replaceOp(op, result);
    return success();
  }
};

struct FlattenInserts : pare::cpu::impl::FlattenInsertsBase<FlattenInserts> {
  void runOnOperation() override {
    RewritePatternSet patterns(&getContext());
    patterns.add<InsertOfInserts, CollapseOfInserts>(&getContext());
    memref::populateResolveRankedShapedTypeResultDimsPatterns(patterns);
    tensor::CollapseShapeOp::getCanonicalizationPatterns(patterns, &getContext());
    if (failed(applyPatternsGreedily(getOperation(), std::move(patterns))))
      signalPassFailure();
  }
};
} // namespace
