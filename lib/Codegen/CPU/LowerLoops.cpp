// Linalg ops and copies on buffers become loops.
#include "Linear.h"
#include "mlir/Dialect/Affine/IR/AffineOps.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/IR/IRMapping.h"
#include "pare/Codegen/CPU/Passes.h"

namespace pare::cpu {
#define GEN_PASS_DEF_LOWERLOOPS
#include "pare/Codegen/CPU/Passes.h.inc"
} // namespace pare::cpu

using namespace mlir;

namespace {
struct Nest {
  linalg::LinalgOp op;
  ImplicitLocOpBuilder builder;
  SmallVector<Value> sizes, ivs;
  DenseMap<OpOperand *, Value> early; // what inputs hold in all steps of the innermost loop

  Value constant(int64_t value) { return arith::ConstantIndexOp::create(builder, value); }

  SmallVector<Value> indices(OpOperand &use) {
    SmallVector<Value> result;
    AffineMap map = op.getMatchingIndexingMap(&use);
    for (AffineExpr expr : map.getResults()) {
      if (auto dim = dyn_cast<AffineDimExpr>(expr))
        result.push_back(ivs[dim.getPosition()]);
      else if (auto value = dyn_cast<AffineConstantExpr>(expr))
        result.push_back(constant(value.getValue()));
      else
        result.push_back(affine::makeComposedAffineApply(
            builder, op.getLoc(), AffineMap::get(map.getNumDims(), 0, expr), getAsOpFoldResult(ivs)));
    }
    return result;
  }

  /// The body at the current indices; `accumulators` replace what is read of the results.
  SmallVector<Value> body(ValueRange accumulators) {
    IRMapping mapping;
    Block *block = op.getBlock();
    for (OpOperand *use : op.getDpsInputOperands()) {
      Value value = use->get();
      if (Value known = early.lookup(use))
        value = known;
      else if (isa<MemRefType>(value.getType()))
        value = op.getMatchingBlockArgument(use).use_empty()
                    ? Value()
                    : memref::LoadOp::create(builder, value, indices(*use)).getResult();
      if (value)
        mapping.map(op.getMatchingBlockArgument(use), value);
    }
    for (auto [number, init] : llvm::enumerate(op.getDpsInitsMutable())) {
      BlockArgument argument = op.getMatchingBlockArgument(&init);
      if (!accumulators.empty())
        mapping.map(argument, accumulators[number]);
      else if (!argument.use_empty())
        mapping.map(argument, memref::LoadOp::create(builder, init.get(), indices(init)));
    }
    for (Operation &inner : block->without_terminator()) {
      if (auto index = dyn_cast<linalg::IndexOp>(inner))
        mapping.map(index.getResult(), ivs[index.getDim()]);
      else
        builder.clone(inner, mapping);
    }
    SmallVector<Value> results;
    for (Value value : block->getTerminator()->getOperands())
      results.push_back(mapping.lookupOrDefault(value));
    return results;
  }

  void store(ValueRange values) {
    for (auto [value, init] : llvm::zip_equal(values, op.getDpsInitsMutable()))
      memref::StoreOp::create(builder, value, init.get(), indices(init));
  }

  void enter(unsigned loop) {
    auto loopOp = scf::ForOp::create(builder, constant(0), sizes[loop], constant(1));
    ivs[loop] = loopOp.getInductionVar();
    builder.setInsertionPointToStart(loopOp.getBody());
  }

  /// As `enter` for the last loop. Inputs that do not vary in it are read in front of it: LLVM cannot tell that what
  /// the loop writes is not what it reads, and would read them (and do with them what the body does) in every step.
  void enterInnermost(unsigned loop) {
    for (OpOperand *use : op.getDpsInputOperands()) {
      auto isInit = [&](OpOperand &init) { return init.get() == use->get(); };
      if (isa<MemRefType>(use->get().getType()) && !op.getMatchingBlockArgument(use).use_empty() &&
          !op.getMatchingIndexingMap(use).isFunctionOfDim(loop) && llvm::none_of(op.getDpsInitsMutable(), isInit))
        early[use] = memref::LoadOp::create(builder, use->get(), indices(*use));
    }
    enter(loop);
  }

  /// Whether the sums of neighbouring elements should advance together, in memory, instead of one after the other in a
  /// register: the result is contiguous along its last loop, and the reduced loop is short or strides.
  bool sumsTogether(ArrayRef<unsigned> parallel, ArrayRef<unsigned> reduced) {
    if (parallel.empty() || reduced.empty())
      return false;
    constexpr int64_t kShort = 16;
    SmallVector<int64_t> extents = op.getStaticLoopRanges();
    unsigned across = parallel.back(), along = reduced.back();
    if (!ShapedType::isDynamic(extents[across]) && extents[across] < kShort / 2)
      return false;
    for (OpOperand &init : op.getDpsInitsMutable()) {
      auto strides = pare::cpu::linearStrides(op, init);
      if (!strides || (*strides)[across] != 1)
        return false;
    }
    if (!ShapedType::isDynamic(extents[along]) && extents[along] <= kShort)
      return true;
    for (OpOperand *input : op.getDpsInputOperands()) {
      if (!isa<MemRefType>(input->get().getType()))
        continue;
      auto strides = pare::cpu::linearStrides(op, *input);
      if (!strides || (*strides)[along] == 1)
        return false;
    }
    return true;
  }

  void run() {
    for (Range range : op.createLoopRanges(builder, op.getLoc()))
      sizes.push_back(getValueOrCreateConstantIndexOp(builder, op.getLoc(), range.size));
    ivs.resize(sizes.size());
    SmallVector<unsigned> parallel, reduced;
    for (auto [loop, kind] : llvm::enumerate(op.getIteratorTypesArray()))
      (kind == utils::IteratorType::parallel ? parallel : reduced).push_back(loop);
    if (sumsTogether(parallel, reduced)) {
      for (unsigned loop : llvm::drop_end(parallel))
        enter(loop);
      for (unsigned loop : reduced)
        enter(loop);
      enterInnermost(parallel.back());
      store(body({}));
    } else {
      for (unsigned loop : parallel)
        if (reduced.empty() && loop == parallel.back())
          enterInnermost(loop);
        else
          enter(loop);
      if (reduced.empty()) {
        store(body({}));
      } else {
        SmallVector<Value> carried;
        for (OpOperand &init : op.getDpsInitsMutable())
          carried.push_back(memref::LoadOp::create(builder, init.get(), indices(init)));
        store(reduce(reduced, carried));
      }
    }
    op->erase();
  }

  SmallVector<Value> reduce(ArrayRef<unsigned> loops, ValueRange carried) {
    if (loops.empty())
      return body(carried);
    auto loopOp = scf::ForOp::create(builder, constant(0), sizes[loops.front()], constant(1), carried);
    OpBuilder::InsertionGuard guard(builder);
    builder.setInsertionPointToStart(loopOp.getBody());
    ivs[loops.front()] = loopOp.getInductionVar();
    SmallVector<Value> values = reduce(loops.drop_front(), loopOp.getRegionIterArgs());
    builder.setInsertionPointToEnd(loopOp.getBody());
    scf::YieldOp::create(builder, values);
    return SmallVector<Value>(loopOp.getResults());
  }
};

void lowerCopy(memref::CopyOp op) {
  ImplicitLocOpBuilder builder(op.getLoc(), op);
  auto type = cast<MemRefType>(op.getSource().getType());
  SmallVector<Value> ivs;
  for (int64_t axis = 0; axis < type.getRank(); ++axis) {
    Value size = builder.createOrFold<memref::DimOp>(op.getSource(), axis);
    auto loop = scf::ForOp::create(builder, arith::ConstantIndexOp::create(builder, 0), size,
                                   arith::ConstantIndexOp::create(builder, 1));
    ivs.push_back(loop.getInductionVar());
    builder.setInsertionPointToStart(loop.getBody());
  }
  Value element = memref::LoadOp::create(builder, op.getSource(), ivs);
  memref::StoreOp::create(builder, element, op.getTarget(), ivs);
  op.erase();
}

struct LowerLoops : pare::cpu::impl::LowerLoopsBase<LowerLoops> {
  void runOnOperation() override {
    SmallVector<linalg::LinalgOp> ops;
    SmallVector<memref::CopyOp> copies;
    WalkResult walk = getOperation().walk([&](Operation *op) {
      if (auto copy = dyn_cast<memref::CopyOp>(op))
        copies.push_back(copy);
      auto linalgOp = dyn_cast<linalg::LinalgOp>(op);
      if (!linalgOp)
        return WalkResult::advance();
      if (!linalgOp.hasPureBufferSemantics()) {
        op->emitOpError("is not on buffers");
        return WalkResult::interrupt();
      }
      ops.push_back(linalgOp);
      return WalkResult::advance();
    });
    if (walk.wasInterrupted())
      return signalPassFailure();
    for (linalg::LinalgOp op : ops)
      Nest{op, ImplicitLocOpBuilder(op.getLoc(), op), {}, {}, DenseMap<OpOperand *, Value>()}.run();
    for (memref::CopyOp op : copies)
      lowerCopy(op);
  }
};
} // namespace
