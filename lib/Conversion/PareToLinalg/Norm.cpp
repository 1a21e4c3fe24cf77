// Softmax and the normalisations: reductions and elementwise steps over the same parallel axes.
#include "Emit.h"
#include "mlir/Dialect/Math/IR/Math.h"

using namespace mlir;
using namespace pare;
using namespace pare::lowering;

namespace {
/// The axes of a normalisation: rows are what remains without `reduced`.
struct Rows {
  Emit &e;
  Value x;
  SmallVector<int64_t> reduced;
  int64_t rank = rankOf(x);
  Type type = elementOf(x), wide = accumulatorOf(type);
  AffineMap all = e.getMultiDimIdentityMap(rank), row = project(e.getContext(), rank, axesWithout(rank, reduced));

  Sizes rowSizes() {
    Sizes sizes;
    for (int64_t axis : axesWithout(rank, reduced))
      sizes.push_back(e.size(x, axis));
    return sizes;
  }
  /// Folds `body(element.., accumulator)` over each row of `inputs`, which are full tensors or per-row ones.
  Value fold(Value neutral, ValueRange inputs, Emit::BodyFn body) {
    return e.reduce(e.filled(rowSizes(), neutral), rank, reduced, inputs, maps(inputs), body);
  }
  Value map(Type elementType, ValueRange inputs, Emit::BodyFn body) {
    return e.parallel(e.sizes(x), elementType, inputs, maps(inputs), body);
  }
  SmallVector<AffineMap> maps(ValueRange inputs) {
    SmallVector<AffineMap> result;
    for (Value input : inputs)
      result.push_back(rankOf(input) == rank ? all : row);
    return result;
  }
  /// Number of elements in a row as a float.
  Value count() {
    Sizes sizes;
    for (int64_t axis : reduced)
      sizes.push_back(e.size(x, axis));
    Value number = e.fromIndex(e.index(e.product(sizes)), e.getI64Type());
    return e.createOrFold<arith::SIToFPOp>(wide, number);
  }
};
} // namespace

template <typename Op> static Value lowerSoftmax(Emit &e, Op op, typename Op::Adaptor adaptor) {
  Rows rows{e, adaptor.getX(), {static_cast<int64_t>(op.getAxis())}};
  Type type = rows.type, wide = rows.wide;
  Value x = adaptor.getX();
  Value max = rows.fold(emitExtreme(e, type, /*lowest=*/true), x,
                        [&](Emit &inner, ValueRange args) { return emitMax(inner, args[1], args[0], type); });
  auto centred = [&](Emit &inner, Value element, Value rowMax) -> Value {
    return arith::SubFOp::create(inner, inner.toFloat(element, wide), inner.toFloat(rowMax, wide));
  };
  if constexpr (std::is_same_v<Op, SoftmaxOp>) {
    Value exps = rows.map(wide, {x, max}, [&](Emit &inner, ValueRange args) -> Value {
      return math::ExpOp::create(inner, centred(inner, args[0], args[1]));
    });
    Value sum = rows.fold(e.number(wide, 0), exps,
                          [](Emit &inner, ValueRange args) { return emitSum(inner, args[1], args[0]); });
    // One division for each row, not for each element.
    Value scale = e.parallel(rows.rowSizes(), wide, sum, {}, [&](Emit &inner, ValueRange args) {
      return arith::DivFOp::create(inner, inner.number(wide, 1), args[0]);
    });
    return rows.map(type, {exps, scale}, [&](Emit &inner, ValueRange args) {
      return inner.toFloat(emitMul(inner, args[0], args[1]), type);
    });
  } else {
    Value sum = rows.fold(e.number(wide, 0), {x, max}, [&](Emit &inner, ValueRange args) {
      return emitSum(inner, args[2], math::ExpOp::create(inner, centred(inner, args[0], args[1])));
    });
    Value log = e.parallel(rows.rowSizes(), wide, sum, {},
                           [](Emit &inner, ValueRange args) { return math::LogOp::create(inner, args[0]); });
    return rows.map(type, {x, max, log}, [&](Emit &inner, ValueRange args) {
      return inner.toFloat(arith::SubFOp::create(inner, centred(inner, args[0], args[1]), args[2]), type);
    });
  }
}

/// The map that reads a scale or bias that broadcasts to the axes of x from the right.
static AffineMap trailing(Emit &e, Value operand, int64_t rank) {
  auto type = cast<RankedTensorType>(operand.getType());
  SmallVector<AffineExpr> exprs;
  for (int64_t axis = 0; axis < type.getRank(); ++axis)
    exprs.push_back(type.getDimSize(axis) == 1 ? e.getAffineConstantExpr(0)
                                               : e.getAffineDimExpr(axis + rank - type.getRank()));
  return AffineMap::get(rank, 0, exprs, e.getContext());
}

/// Stops when a scale or bias of unknown size does not have the size of x.
static void checkTrailing(Emit &e, Value originalX, Value x, Value originalOperand, Value operand) {
  int64_t lead = rankOf(x) - rankOf(operand);
  for (int64_t axis = 0; axis < rankOf(operand); ++axis) {
    OpFoldResult size = e.size(operand, axis);
    if (constantOf(size) != 1 && !e.state.equal(originalX, axis + lead, originalOperand, axis))
      e.check(e.eq(e.index(size), e.index(e.size(x, axis + lead))), "scale or bias does not fit the normalised axes");
  }
}

/// 1 / sqrt(sum / count + epsilon) of every row.
static Value inverseDeviation(Rows &rows, Value sum, double epsilon) {
  Emit &e = rows.e;
  Value count = rows.count(), added = e.number(rows.wide, epsilon);
  return e.parallel(rows.rowSizes(), rows.wide, sum, {}, [&](Emit &inner, ValueRange args) {
    Value variance = arith::DivFOp::create(inner, args[0], count);
    Value deviation = math::SqrtOp::create(inner, emitAdd(inner, variance, added));
    return arith::DivFOp::create(inner, inner.number(rows.wide, 1), deviation);
  });
}

static SmallVector<int64_t> axesFrom(int64_t axis, int64_t rank) {
  SmallVector<int64_t> axes;
  for (; axis < rank; ++axis)
    axes.push_back(axis);
  return axes;
}

static Value lowerLayerNorm(Emit &e, LayerNormOp op, LayerNormOp::Adaptor adaptor) {
  Value x = adaptor.getX();
  Rows rows{e, x, axesFrom(op.getAxis(), rankOf(x))};
  Type type = rows.type, wide = rows.wide;
  checkTrailing(e, op.getX(), x, op.getScale(), adaptor.getScale());
  Value sum = rows.fold(e.number(wide, 0), x, [&](Emit &inner, ValueRange args) {
    return emitSum(inner, args[1], inner.toFloat(args[0], wide));
  });
  Value count = rows.count();
  Value mean = e.parallel(rows.rowSizes(), wide, sum, {},
                          [&](Emit &inner, ValueRange args) { return arith::DivFOp::create(inner, args[0], count); });
  Value squares = rows.fold(e.number(wide, 0), {x, mean}, [&](Emit &inner, ValueRange args) {
    Value centred = arith::SubFOp::create(inner, inner.toFloat(args[0], wide), args[1]);
    return emitSum(inner, args[2], emitMul(inner, centred, centred));
  });
  Value inverse = inverseDeviation(rows, squares, op.getEpsilon().convertToDouble());
  Values inputs{x, mean, inverse, adaptor.getScale()};
  SmallVector<AffineMap> maps{rows.all, rows.row, rows.row, trailing(e, adaptor.getScale(), rows.rank)};
  if (adaptor.getBias()) {
    checkTrailing(e, op.getX(), x, op.getBias(), adaptor.getBias());
    inputs.push_back(adaptor.getBias());
    maps.push_back(trailing(e, adaptor.getBias(), rows.rank));
  }
  return e.parallel(e.sizes(x), type, inputs, maps, [&](Emit &inner, ValueRange args) {
    Value centred = arith::SubFOp::create(inner, inner.toFloat(args[0], wide), args[1]);
    Value result = emitMul(inner, emitMul(inner, centred, args[2]), inner.toFloat(args[3], wide));
    if (args.size() > 4)
      result = emitAdd(inner, result, inner.toFloat(args[4], wide));
    return inner.toFloat(result, type);
  });
}

static Value lowerRmsNorm(Emit &e, RmsNormOp op, RmsNormOp::Adaptor adaptor) {
  Value x = adaptor.getX(), scale = adaptor.getScale();
  Rows rows{e, x, axesFrom(op.getAxis(), rankOf(x))};
  Type type = rows.type, wide = rows.wide;
  checkTrailing(e, op.getX(), x, op.getScale(), scale);
  Value squares = rows.fold(e.number(wide, 0), x, [&](Emit &inner, ValueRange args) {
    Value element = inner.toFloat(args[0], wide);
    return emitSum(inner, args[1], emitMul(inner, element, element));
  });
  Value inverse = inverseDeviation(rows, squares, op.getEpsilon().convertToDouble());
  return e.parallel(e.sizes(x), type, {x, inverse, scale}, {rows.all, rows.row, trailing(e, scale, rows.rank)},
                    [&](Emit &inner, ValueRange args) {
                      Value scaled = emitMul(inner, inner.toFloat(args[0], wide), args[1]);
                      return inner.toFloat(emitMul(inner, scaled, inner.toFloat(args[2], wide)), type);
                    });
}

static Value lowerBatchNorm(Emit &e, BatchNormOp op, BatchNormOp::Adaptor adaptor) {
  Value x = adaptor.getX();
  int64_t rank = rankOf(x);
  Type type = elementOf(x), wide = accumulatorOf(type);
  AffineMap channel = project(e.getContext(), rank, 1);
  Value epsilon = e.number(wide, op.getEpsilon().convertToDouble());
  Values inputs{x, adaptor.getScale(), adaptor.getBias(), adaptor.getMean(), adaptor.getVariance()};
  for (auto [original, operand] : llvm::zip_equal(op->getOperands().drop_front(), ArrayRef<Value>(inputs).drop_front()))
    if (!e.state.equal(op.getX(), 1, original, 0))
      e.check(e.eq(e.index(e.size(operand, 0)), e.index(e.size(x, 1))), "a statistic does not fit the channels");
  return e.parallel(e.sizes(x), type, inputs, {e.getMultiDimIdentityMap(rank), channel, channel, channel, channel},
                    [&](Emit &inner, ValueRange args) {
                      Values wideArgs;
                      for (Value arg : args)
                        wideArgs.push_back(inner.toFloat(arg, wide));
                      Value deviation = math::SqrtOp::create(inner, emitAdd(inner, wideArgs[4], epsilon));
                      Value centred = arith::SubFOp::create(inner, wideArgs[0], wideArgs[3]);
                      Value scaled = emitMul(inner, arith::DivFOp::create(inner, centred, deviation), wideArgs[1]);
                      return inner.toFloat(emitAdd(inner, scaled, wideArgs[2]), type);
                    });
}

void lowering::addNormPatterns(Patterns &patterns) {
  patterns.add<SoftmaxOp>(lowerSoftmax<SoftmaxOp>);
  patterns.add<LogSoftmaxOp>(lowerSoftmax<LogSoftmaxOp>);
  patterns.add<LayerNormOp>(lowerLayerNorm);
  patterns.add<RmsNormOp>(lowerRmsNorm);
  patterns.add<BatchNormOp>(lowerBatchNorm);
}
