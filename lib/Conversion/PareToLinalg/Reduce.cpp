// Reductions over axes.
#include "Emit.h"

using namespace mlir;
using namespace pare;
using namespace pare::lowering;

static Value lowerReduce(Emit &e, ReduceOp op, ReduceOp::Adaptor adaptor) {
  Value x = adaptor.getX();
  Type original = elementOf(op.getX()), type = elementOf(x), wide = accumulatorOf(type);
  int64_t rank = rankOf(x);
  SmallVector<int64_t> axes(op.getAxes());
  Sizes from = e.sizes(x), kept, reduced;
  for (int64_t axis : axesWithout(rank, axes))
    kept.push_back(from[axis]);
  for (int64_t axis : axes)
    reduced.push_back(from[axis]);
  ReduceKind kind = op.getKind();
  bool sums = kind == ReduceKind::sum || kind == ReduceKind::mean;
  Value neutral = sums                       ? e.number(wide, 0)
                  : kind == ReduceKind::prod ? e.number(wide, 1)
                                             : emitExtreme(e, isa<FloatType>(original) ? wide : original,
                                                           /*lowest=*/kind == ReduceKind::max);
  Value result = e.reduce(e.filled(kept, neutral), rank, axes, x, e.getMultiDimIdentityMap(rank),
                          [&](Emit &inner, ValueRange args) {
                            Value element = isa<FloatType>(type) ? inner.toFloat(args[0], wide) : Value(args[0]);
                            Type kindType = isa<FloatType>(type) ? wide : original;
                            if (sums)
                              return emitSum(inner, args[1], element);
                            if (kind == ReduceKind::prod)
                              return emitMul(inner, args[1], element);
                            return kind == ReduceKind::max ? emitMax(inner, args[1], element, kindType)
                                                           : emitMin(inner, args[1], element, kindType);
                          });
  if (kind == ReduceKind::mean) {
    Value count = e.fromIndex(e.index(e.product(reduced)), e.getI64Type());
    Type counted = isa<FloatType>(wide) ? wide : original;
    Value divisor = emitCast(e, count, IntegerType::get(e.getContext(), 64, IntegerType::Signed), counted);
    if (!isa<FloatType>(wide)) // an empty mean of integers has no meaning, but must not trap
      divisor = e.select(e.eq(divisor, e.integer(wide, 0)), e.integer(wide, 1), divisor);
    result = e.parallel(kept, wide, result, {}, [&](Emit &inner, ValueRange args) -> Value {
      if (isa<FloatType>(wide))
        return arith::DivFOp::create(inner, args[0], divisor);
      return isUnsigned(original) ? Value(arith::DivUIOp::create(inner, args[0], divisor))
                                  : inner.div(args[0], divisor);
    });
  }
  if (isa<FloatType>(type))
    result = e.convertFloat(result, type);
  return op.getKeepDims() ? e.unsqueeze(result, axes) : result;
}

/// Carries the best value and its index; the first of equals wins, or the last.
template <typename Op> static Value lowerArg(Emit &e, Op op, typename Op::Adaptor adaptor) {
  constexpr bool isMax = std::is_same_v<Op, ArgMaxOp>;
  Value x = adaptor.getX();
  Type original = elementOf(op.getX()), type = elementOf(x);
  int64_t rank = rankOf(x), axis = op.getAxis();
  Sizes from = e.sizes(x), kept;
  for (int64_t other : axesWithout(rank, axis))
    kept.push_back(from[other]);
  e.check(e.lt(e.index(0), e.index(from[axis])), "the axis to search is empty");
  Value best = e.filled(kept, emitExtreme(e, original, /*lowest=*/isMax));
  Value at = e.filled(kept, e.integer(e.getI64Type(), 0));
  AffineMap in = e.getMultiDimIdentityMap(rank), out = project(e.getContext(), rank, axesWithout(rank, axis));
  SmallVector<utils::IteratorType> iterators(rank, utils::IteratorType::parallel);
  iterators[axis] = utils::IteratorType::reduction;
  auto generic = linalg::GenericOp::create(
      e, TypeRange{best.getType(), at.getType()}, x, ValueRange{best, at}, ArrayRef<AffineMap>{in, out, out}, iterators,
      [&](OpBuilder &builder, Location loc, ValueRange args) {
        Emit inner(loc, builder, e.state);
        Value element = args[0], old = args[1], better;
        if (isa<FloatType>(type)) {
          // The first NaN wins, as it does in NumPy: nothing is better than it.
          auto kind = isMax ? (op.getSelectLast() ? arith::CmpFPredicate::OGE : arith::CmpFPredicate::OGT)
                            : (op.getSelectLast() ? arith::CmpFPredicate::OLE : arith::CmpFPredicate::OLT);
          better = arith::CmpFOp::create(inner, kind, element, old);
          Value nan = arith::CmpFOp::create(inner, arith::CmpFPredicate::UNO, element, element);
          Value oldOrdered = arith::CmpFOp::create(inner, arith::CmpFPredicate::ORD, old, old);
          better = inner.either(better, inner.both(nan, oldOrdered));
        } else {
          Value wins = isMax ? emitMax(inner, element, old, original) : emitMin(inner, element, old, original);
          Value equal = inner.eq(element, old), notWorse = inner.eq(wins, element);
          better = op.getSelectLast()
                       ? notWorse
                       : inner.both(notWorse, inner.createOrFold<arith::XOrIOp>(equal, inner.boolean(true)));
        }
        Value index = inner.fromIndex(linalg::IndexOp::create(inner, axis), inner.getI64Type());
        linalg::YieldOp::create(inner,
                                ValueRange{inner.select(better, element, old), inner.select(better, index, args[2])});
      });
  Value result = generic.getResult(1);
  return op.getKeepDims() ? e.unsqueeze(result, axis) : result;
}

void lowering::addReducePatterns(Patterns &patterns) {
  patterns.add<ReduceOp>(lowerReduce);
  patterns.add<ArgMaxOp>(lowerArg<ArgMaxOp>);
  patterns.add<ArgMinOp>(lowerArg<ArgMinOp>);
}
