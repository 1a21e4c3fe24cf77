// Merges elementwise producers into consumers.
#include "Elementwise.h"
#include "Linear.h"
#include "mlir/Dialect/Affine/IR/AffineOps.h"
#include "mlir/Dialect/Bufferization/IR/Bufferization.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Linalg/Transforms/Transforms.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/MemRef/Transforms/Transforms.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/Transforms/GreedyPatternRewriteDriver.h"
#include "pare/Codegen/CPU/Passes.h"

namespace pare::cpu {
#define GEN_PASS_DEF_FUSEELEMENTWISE
#include "pare/Codegen/CPU/Passes.h.inc"
} // namespace pare::cpu

using namespace mlir;
using namespace pare::cpu;

bool pare::cpu::isElementwiseMap(Operation *op) {
  auto generic = dyn_cast<linalg::GenericOp>(op);
  return generic && generic.getNumReductionLoops() == 0 && generic->getNumResults() == 1 &&
         generic.hasPureTensorSemantics() &&
         generic.getIndexingMapMatchingResult(generic->getResult(0)).isPermutation();
}

bool pare::cpu::isWeight(Value value) {
  while (Operation *op = value.getDefiningOp()) {
    if (isa<tensor::ExpandShapeOp, tensor::CollapseShapeOp, tensor::CastOp>(op))
      value = op->getOperand(0);
    else if (auto read = dyn_cast<bufferization::ToTensorOp>(op))
      return isa_and_present<memref::GetGlobalOp>(read.getBuffer().getDefiningOp());
    else
      return false;
  }
  return false;
}

bool pare::cpu::isCheap(Operation *op) {
  if (isa<linalg::FillOp, linalg::TransposeOp>(op))
    return true;
  if (!isElementwiseMap(op))
    return false;
  constexpr int64_t kMaxOps = 8;
  int64_t count = 0;
  for (Operation &inner : cast<linalg::GenericOp>(op).getBody()->without_terminator()) {
    if (isa<math::MathDialect>(inner.getDialect()) || isa<arith::DivFOp, arith::RemFOp, arith::DivSIOp, arith::RemSIOp,
                                                          arith::DivUIOp, arith::RemUIOp, tensor::ExtractOp>(inner))
      return false;
    if (inner.getNumRegions() || ++count > kMaxOps)
      return false;
  }
  return true;
}

/// Fusion must not compute an element more often than before, unless that is cheap.
static bool shouldFuse(OpOperand *operand) {
  Operation *producer = operand->get().getDefiningOp();
  auto consumer = dyn_cast<linalg::LinalgOp>(operand->getOwner());
  if (!producer || !consumer || !isElementwiseMap(producer))
    return false;
  // A product of anything else than two operands is none that the register tiles compute.
  if (isProductSum(consumer))
    return false;
  bool once = consumer.getMatchingIndexingMap(operand).isPermutation();
  if (!once && !isCheap(producer))
    return false;
  if (producer->getResult(0).hasOneUse())
    return true;
  // A constant-like value is better computed again than stored.
  return llvm::all_of(producer->getOperands().drop_back(),
                      [](Value value) { return !isa<TensorType>(value.getType()); }) &&
         isCheap(producer);
}

/// Reshapes are free; only their place changes.
static bool shouldMoveReshape(OpOperand *operand) { return true; }

namespace {
/// extract(map(f, a, b))[i] -> f(extract(a)[i], extract(b)[i]).
struct ExtractOfElementwise : OpRewritePattern<tensor::ExtractOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(tensor::ExtractOp op, PatternRewriter &rewriter) const override {
    auto producer = op.getTensor().getDefiningOp<linalg::GenericOp>();
    // Loads in a loop nest only: elsewhere a single element is computed from a tensor that others may read.
    if (!producer || !op->getParentOfType<linalg::GenericOp>() || !isElementwiseMap(producer) || !isCheap(producer))
      return failure();
    if (!llvm::all_of(producer->getUsers(),
                      [](Operation *user) { return isa<tensor::ExtractOp, tensor::DimOp>(user); }))
      return failure();
    AffineMap result = producer.getIndexingMapMatchingResult(producer->getResult(0));
    SmallVector<Value> loops(result.getNumDims());
    for (auto [axis, expr] : llvm::enumerate(result.getResults()))
      loops[cast<AffineDimExpr>(expr).getPosition()] = op.getIndices()[axis];
    IRMapping mapping;
    Location loc = op.getLoc();
    for (OpOperand &operand : producer->getOpOperands()) {
      BlockArgument argument = producer.getMatchingBlockArgument(&operand);
      if (producer.isDpsInit(&operand)) {
        if (!argument.use_empty())
          return failure();
        continue;
      }
      if (!isa<RankedTensorType>(operand.get().getType())) {
        mapping.map(argument, operand.get());
        continue;
      }
      SmallVector<Value> indices;
      for (AffineExpr expr : producer.getMatchingIndexingMap(&operand).getResults()) {
        if (auto dim = dyn_cast<AffineDimExpr>(expr))
          indices.push_back(loops[dim.getPosition()]);
        else if (auto constant = dyn_cast<AffineConstantExpr>(expr))
          indices.push_back(arith::ConstantIndexOp::create(rewriter, loc, constant.getValue()));
        else
          return failure();
      }
      mapping.map(argument, tensor::ExtractOp::create(rewriter, loc, operand.get(), indices));
    }
    for (Operation &inner : producer.getBody()->without_terminator()) {
      if (auto index = dyn_cast<linalg::IndexOp>(inner))
        mapping.map(index.getResult(), loops[index.getDim()]);
      else
        rewriter.clone(inner, mapping);
    }
    Value value = producer.getBody()->getTerminator()->getOperand(0);
    rewriter.replaceOp(op, mapping.lookupOrDefault(value));
    return success();
  }
};

struct FuseElementwise : pare::cpu::impl::FuseElementwiseBase<FuseElementwise> {
  void runOnOperation() override {
    MLIRContext *context = &getContext();
    RewritePatternSet patterns(context);
    linalg::populateElementwiseOpsFusionPatterns(patterns, shouldFuse);
    linalg::populateFoldReshapeOpsByCollapsingPatterns(patterns, shouldMoveReshape);
    linalg::populateEraseUnusedOperandsAndResultsPatterns(patterns);
    memref::populateResolveRankedShapedTypeResultDimsPatterns(patterns);
    patterns.add<ExtractOfElementwise>(context);
    tensor::EmptyOp::getCanonicalizationPatterns(patterns, context);
    tensor::ExpandShapeOp::getCanonicalizationPatterns(patterns, context);
    tensor::CollapseShapeOp::getCanonicalizationPatterns(patterns, context);
    tensor::CastOp::getCanonicalizationPatterns(patterns, context);
    linalg::GenericOp::getCanonicalizationPatterns(patterns, context);
    affine::AffineApplyOp::getCanonicalizationPatterns(patterns, context);
    if (failed(applyPatternsGreedily(getOperation(), std::move(patterns))))
      signalPassFailure();
  }
};
} // namespace
