// Branches and loops.
#include "Emit.h"
#include "mlir/Dialect/SCF/IR/SCF.h"

using namespace mlir;
using namespace pare;
using namespace pare::lowering;

/// On the scf.while of a pare.loop until the pass ends: how many of its carried tensors stack a value per iteration.
static constexpr StringLiteral kScansAttr = "pare.scans";

namespace {
struct LowerIf : OpConversionPattern<IfOp> {
  LowerIf(const TypeConverter &types, MLIRContext *context, const State &state)
      : OpConversionPattern(types, context), state(state) {}

  LogicalResult matchAndRewrite(IfOp op, OpAdaptor adaptor, ConversionPatternRewriter &rewriter) const override {
    Emit e(op.getLoc(), rewriter, state);
    SmallVector<Type> types;
    if (failed(getTypeConverter()->convertTypes(op.getResultTypes(), types)))
      return failure();
    Value condition = e.extractScalar(adaptor.getCondition());
    auto branch = scf::IfOp::create(rewriter, op.getLoc(), types, condition, /*addThenBlock=*/false,
                                    /*addElseBlock=*/false);
    rewriter.inlineRegionBefore(op.getThenRegion(), branch.getThenRegion(), branch.getThenRegion().end());
    rewriter.inlineRegionBefore(op.getElseRegion(), branch.getElseRegion(), branch.getElseRegion().end());
    rewriter.replaceOp(op, branch.getResults());
    return success();
  }

  const State &state;
};

struct LowerLoop : OpConversionPattern<LoopOp> {
  LowerLoop(const TypeConverter &types, MLIRContext *context, const State &state)
      : OpConversionPattern(types, context), state(state) {}

  LogicalResult matchAndRewrite(LoopOp op, OpAdaptor adaptor, ConversionPatternRewriter &rewriter) const override {
    Emit e(op.getLoc(), rewriter, state);
    size_t carried = op.getInit().size(), scans = op.getNumResults() - carried;
    // Carried: iteration, condition, the tensors, then the stacks. A tensor has the type of the body's argument.
    Values init{e.integer(e.getI64Type(), 0),
                adaptor.getCondition() ? e.extractScalar(adaptor.getCondition()) : e.boolean(true)};
    Block &body = op.getBody().front();
    for (auto [number, value] : llvm::enumerate(adaptor.getInit()))
      init.push_back(e.castTo(value, getTypeConverter()->convertType(body.getArgument(number + 2).getType())));
    for (Value result : op.getResults().drop_front(carried)) {
      auto type = cast<RankedTensorType>(getTypeConverter()->convertType(result.getType()));
      SmallVector<int64_t> shape(type.getShape());
      shape[0] = ShapedType::kDynamic;
      Sizes sizes;
      for (int64_t size : shape)
        sizes.push_back(e.getIndexAttr(ShapedType::isDynamic(size) ? 0 : size));
      init.push_back(
          e.castTo(e.empty(sizes, type.getElementType()), RankedTensorType::get(shape, type.getElementType())));
    }
    SmallVector<Type> types = llvm::to_vector(ValueRange(init).getTypes());
    Value limit = adaptor.getTripCount() ? e.extractScalar(adaptor.getTripCount()) : Value();

    auto loop = scf::WhileOp::create(rewriter, op.getLoc(), types, init);
    loop->setAttr(kScansAttr, rewriter.getIndexAttr(scans));
    SmallVector<Location> locations(types.size(), op.getLoc());
    Block *before = rewriter.createBlock(&loop.getBefore(), {}, types, locations);
    {
      Emit inner(op.getLoc(), rewriter, state);
      Value go = before->getArgument(1);
      if (limit)
        go = inner.both(go, inner.lt(before->getArgument(0), limit));
      scf::ConditionOp::create(inner, go, before->getArguments());
    }
    Block *after = rewriter.createBlock(&loop.getAfter(), {}, types, locations);
    FailureOr<Block *> converted = rewriter.convertRegionTypes(&op.getBody(), *getTypeConverter());
    if (failed(converted))
      return failure();
    rewriter.setInsertionPointToStart(after);
    Emit inner(op.getLoc(), rewriter, state);
    Values args;
    for (int64_t i : {0, 1}) {
      auto type = cast<RankedTensorType>((*converted)->getArgument(i).getType());
      args.push_back(inner.castTo(
          inner.fromElements(RankedTensorType::get(SmallVector<int64_t>(type.getRank(), 1), type.getElementType()),
                             after->getArgument(i)),
          type));
    }
    for (size_t i = 0; i < carried; ++i)
      args.push_back(after->getArgument(i + 2));
    rewriter.inlineBlockBefore(*converted, after, after->end(), args);
    rewriter.setInsertionPointAfter(loop);
    Emit outer(op.getLoc(), rewriter, state);
    Values results;
    for (auto [value, result] : llvm::zip_equal(loop.getResults().drop_front(2), op.getResults()))
      results.push_back(outer.castTo(value, getTypeConverter()->convertType(result.getType())));
    rewriter.replaceOp(op, results);
    return success();
  }

  const State &state;
};

struct LowerYield : OpConversionPattern<YieldOp> {
  LowerYield(const TypeConverter &types, MLIRContext *context, const State &state)
      : OpConversionPattern(types, context), state(state) {}

  LogicalResult matchAndRewrite(YieldOp op, OpAdaptor adaptor, ConversionPatternRewriter &rewriter) const override {
    Emit e(op.getLoc(), rewriter, state);
    Values results;
    if (auto branch = dyn_cast<scf::IfOp>(op->getParentOp())) {
      for (auto [value, type] : llvm::zip_equal(adaptor.getValues(), branch.getResultTypes()))
        results.push_back(e.castTo(value, type));
    } else if (auto loop = dyn_cast<scf::WhileOp>(op->getParentOp())) {
      Block *block = loop.getAfterBody();
      size_t scans = cast<IntegerAttr>(loop->getAttr(kScansAttr)).getInt();
      size_t carried = block->getNumArguments() - 2 - scans;
      Value iteration = block->getArgument(0);
      results.push_back(e.add(iteration, e.integer(e.getI64Type(), 1)));
      results.push_back(e.extractScalar(adaptor.getValues()[0]));
      for (size_t i = 0; i < carried; ++i)
        results.push_back(e.castTo(adaptor.getValues()[i + 1], block->getArgument(i + 2).getType()));
      for (size_t i = 0; i < scans; ++i)
        results.push_back(grow(e, block->getArgument(2 + carried + i), adaptor.getValues()[1 + carried + i]));
    } else {
      return failure(); // the op around it comes first
    }
    rewriter.replaceOpWithNewOp<scf::YieldOp>(op, results);
    return success();
  }

  /// `stack` with `value` behind its last entry.
  static Value grow(Emit &e, Value stack, Value value) {
    Sizes part = e.sizes(value), whole = part, old = e.sizes(stack);
    Value count = e.index(old[0]);
    whole.insert(whole.begin(), getAsOpFoldResult(e.add(count, e.index(1))));
    Sizes stackShape = whole;
    // The type of the stack is what the loop carries.
    auto type = cast<RankedTensorType>(stack.getType());
    for (int64_t axis = 1; axis < type.getRank(); ++axis)
      if (!type.isDynamicDim(axis))
        stackShape[axis] = e.getIndexAttr(type.getDimSize(axis));
    Value grown = e.empty(stackShape, type.getElementType());
    Sizes offsets(whole.size(), e.getIndexAttr(0));
    // The first stack has no entries, and sizes that say nothing.
    Sizes kept = old;
    grown = e.insert(stack, grown, offsets, kept);
    Sizes one = stackShape;
    one[0] = e.getIndexAttr(1);
    offsets[0] = getAsOpFoldResult(count);
    grown = e.insert(e.unsqueeze(value, 0), grown, offsets, one);
    return e.castTo(grown, type);
  }

  const State &state;
};
} // namespace

void lowering::addControlPatterns(Patterns &patterns) {
  patterns.set.add<LowerIf, LowerLoop, LowerYield>(patterns.types, patterns.set.getContext(), patterns.state);
}

void lowering::finishLoops(ModuleOp module) {
  module.walk([](scf::WhileOp loop) { loop->removeAttr(kScansAttr); });
}
