// Affine quantisation.
#include "Emit.h"
#include "mlir/Dialect/Math/IR/Math.h"

using namespace mlir;
using namespace pare;
using namespace pare::lowering;

namespace {
/// How scale and zero point are read in a loop nest over x.
struct Parameter {
  Value value;
  /// Null when blocks make the element depend on a quotient of the index: then it is extracted.
  AffineMap map;
};
} // namespace

static Parameter planParameter(Emit &e, Value parameter, int64_t rank, int64_t axis, int64_t block) {
  auto type = cast<RankedTensorType>(parameter.getType());
  if (block > 0 && type.getRank() == rank)
    return {parameter, AffineMap()};
  SmallVector<AffineExpr> exprs;
  if (type.getRank() == 1)
    exprs.push_back(type.getDimSize(0) == 1 ? e.getAffineConstantExpr(0) : e.getAffineDimExpr(axis));
  return {parameter, AffineMap::get(rank, 0, exprs, e.getContext())};
}

/// The loop nest over x with `body(x, scale, zero point or null)`.
static Value emitQuantised(Emit &e, Value originalX, Value x, ValueRange originals, ValueRange parameters, int64_t axis,
                           int64_t block, Type resultElement, Emit::BodyFn body) {
  int64_t rank = rankOf(x);
  SmallVector<Parameter> plans;
  Values inputs{x};
  SmallVector<AffineMap> maps{e.getMultiDimIdentityMap(rank)};
  for (auto [original, value] : llvm::zip_equal(originals, parameters)) {
    plans.push_back(planParameter(e, value, rank, axis, block));
    OpFoldResult length = plans.back().map && rankOf(value) == 1 ? e.size(value, 0) : OpFoldResult(e.getIndexAttr(1));
    if (constantOf(length) != 1 && !e.state.equal(originalX, axis, original, 0))
      e.check(e.eq(e.index(length), e.index(e.size(x, axis))), "scale or zero point does not fit the axis");
    if (plans.back().map) {
      inputs.push_back(value);
      maps.push_back(plans.back().map);
    } else {
      e.check(e.le(e.index(e.size(x, axis)), e.mul(e.index(e.size(value, axis)), e.index(block))),
              "scale or zero point does not cover the axis");
    }
  }
  return e.parallel(e.sizes(x), resultElement, inputs, maps, [&](Emit &inner, ValueRange read) {
    Values args{read[0]};
    size_t next = 1;
    for (const Parameter &plan : plans) {
      if (plan.map) {
        args.push_back(read[next++]);
        continue;
      }
      Values at;
      for (int64_t i = 0; i < rank; ++i) {
        Value index = linalg::IndexOp::create(inner, i);
        at.push_back(i == axis ? inner.createOrFold<arith::DivUIOp>(index, inner.index(block)) : index);
      }
      args.push_back(tensor::ExtractOp::create(inner, plan.value, at));
    }
    return body(inner, args);
  });
}

static Value lowerDequantize(Emit &e, DequantizeOp op, DequantizeOp::Adaptor adaptor) {
  Type from = elementOf(op.getX()), type = elementOf(op.getScale()), wide = accumulatorOf(type);
  Type difference = IntegerType::get(e.getContext(), from.getIntOrFloatBitWidth() < 32 ? 32 : 64, IntegerType::Signed);
  Values originals{op.getScale()}, parameters{adaptor.getScale()};
  if (op.getZeroPoint()) {
    originals.push_back(op.getZeroPoint());
    parameters.push_back(adaptor.getZeroPoint());
  }
  return emitQuantised(e, op.getX(), adaptor.getX(), originals, parameters, op.getAxis(), op.getBlockSize(), type,
                       [&](Emit &inner, ValueRange args) {
                         Value x = emitCast(inner, args[0], from, difference);
                         if (args.size() > 2)
                           x = inner.sub(x, emitCast(inner, args[2], from, difference));
                         Value value = emitCast(inner, x, difference, wide);
                         return inner.toFloat(emitMul(inner, value, inner.toFloat(args[1], wide)), type);
                       });
}

static Value lowerQuantize(Emit &e, QuantizeOp op, QuantizeOp::Adaptor adaptor) {
  Type from = elementOf(op.getX()), to = elementOf(op.getResult()), wide = accumulatorOf(from);
  unsigned width = to.getIntOrFloatBitWidth();
  // Where the bounds of the type are no floats, f64 holds them.
  Type clamped = !isa<FloatType>(to) && width >= 32 ? Type(e.getF64Type()) : wide;
  Values originals{op.getScale()}, parameters{adaptor.getScale()};
  if (op.getZeroPoint()) {
    originals.push_back(op.getZeroPoint());
    parameters.push_back(adaptor.getZeroPoint());
  }
  return emitQuantised(e, op.getX(), adaptor.getX(), originals, parameters, op.getAxis(), op.getBlockSize(),
                       signless(to), [&](Emit &inner, ValueRange args) {
                         Value ratio =
                             arith::DivFOp::create(inner, inner.toFloat(args[0], wide), inner.toFloat(args[1], wide));
                         Value value = inner.toFloat(math::RoundEvenOp::create(inner, ratio), clamped);
                         if (args.size() > 2)
                           value =
                               emitAdd(inner, value, emitCast(inner, args[2], elementOf(op.getZeroPoint()), clamped));
                         double low = isUnsigned(to) ? 0 : -std::ldexp(1.0, width - 1);
                         double high = isUnsigned(to) ? std::ldexp(1.0, width) - 1 : std::ldexp(1.0, width - 1) - 1;
                         value = arith::MaximumFOp::create(inner, value, inner.number(clamped, low));
                         value = arith::MinimumFOp::create(inner, value, inner.number(clamped, high));
                         return emitCast(inner, value, clamped, to);
                       });
}

void lowering::addQuantPatterns(Patterns &patterns) {
  patterns.add<QuantizeOp>(lowerQuantize);
  patterns.add<DequantizeOp>(lowerDequantize);
}
