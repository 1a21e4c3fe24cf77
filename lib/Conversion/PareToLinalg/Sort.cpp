// Ops whose steps along an axis depend on each other.
#include "Emit.h"
#include "mlir/Dialect/SCF/IR/SCF.h"

using namespace mlir;
using namespace pare;
using namespace pare::lowering;

/// An integer that orders as the element does: signed, or unsigned for unsigned types. NaN is the largest.
static Value orderKey(Emit &e, Value x) {
  auto type = dyn_cast<FloatType>(x.getType());
  if (!type)
    return x;
  auto bitsType = e.getIntegerType(type.getWidth());
  Value nan = arith::CmpFOp::create(e, arith::CmpFPredicate::UNO, x, x);
  Value zero = arith::CmpFOp::create(e, arith::CmpFPredicate::OEQ, x, e.number(type, 0)); // -0 is 0
  Value bits = arith::BitcastOp::create(e, bitsType, e.select(zero, e.number(type, 0), x));
  Value largest = arith::ConstantOp::create(e, IntegerAttr::get(bitsType, APInt::getSignedMaxValue(type.getWidth())));
  Value key = e.select(e.lt(bits, e.integer(bitsType, 0)), e.createOrFold<arith::XOrIOp>(bits, largest), bits);
  return e.select(nan, largest, key);
}

/// Picks k times the best element that comes after the one picked before.
static Values lowerTopK(Emit &e, TopKOp op, TopKOp::Adaptor adaptor) {
  Value x = adaptor.getX();
  Type original = elementOf(op.getX()), type = elementOf(x), i64 = e.getI64Type();
  int64_t axis = op.getAxis();
  Sizes from = e.sizes(x), outer = from, sizes = from;
  Value n = e.index(from[axis]), k = e.toIndex(e.extractScalar(adaptor.getK()));
  e.check(e.both(e.le(e.index(0), k), e.le(k, n)), "k is larger than the axis");
  k = e.max(e.min(k, n), e.index(0));
  sizes[axis] = getAsOpFoldResult(k);
  sizes = e.refine(sizes, op.getValues().getType());
  outer[axis] = e.getIndexAttr(1);
  Values init{e.empty(sizes, type), e.empty(sizes, i64)};
  auto better = [&](Emit &b, Value key, Value at, Value otherKey, Value otherAt) {
    bool isUnsignedKey = !isa<FloatType>(type) && isUnsigned(original);
    auto kind = isUnsignedKey ? (op.getLargest() ? arith::CmpIPredicate::ugt : arith::CmpIPredicate::ult)
                              : (op.getLargest() ? arith::CmpIPredicate::sgt : arith::CmpIPredicate::slt);
    return b.either(b.compare(kind, key, otherKey), b.both(b.eq(key, otherKey), b.lt(at, otherAt)));
  };
  return e.loops(outer, init, [&](Emit &rows, ValueRange row, ValueRange carried) {
    // Carried by the picks: both results and the index of the last pick, -1 before the first.
    Values at(row), picks{carried[0], carried[1], rows.index(-1)};
    auto keyAt = [&](Emit &b, Value position) {
      at[axis] = position;
      return orderKey(b, tensor::ExtractOp::create(b, x, at));
    };
    Values done = rows.loops(sizes[axis], picks, [&](Emit &pick, ValueRange number, ValueRange state) {
      Value none = pick.index(-1), first = pick.eq(state[2], none);
      Value lastKey = keyAt(pick, pick.max(state[2], pick.index(0)));
      // Carried by the search: index and key of the best so far.
      Values search = pick.loops(from[axis], {none, lastKey}, [&](Emit &b, ValueRange step, ValueRange best) {
        Value i = step.back(), key = keyAt(b, i);
        Value open = b.either(first, better(b, lastKey, state[2], key, i));
        Value wins = b.either(b.eq(best[0], none), better(b, key, i, best[1], best[0]));
        Value take = b.both(open, wins);
        return Values{b.select(take, i, best[0]), b.select(take, key, best[1])};
      });
      at[axis] = pick.max(search[0], pick.index(0));
      Value value = tensor::ExtractOp::create(pick, x, at);
      at[axis] = number.back();
      Value index = pick.fromIndex(search[0], i64);
      return Values{tensor::InsertOp::create(pick, value, state[0], at),
                    tensor::InsertOp::create(pick, index, state[1], at), search[0]};
    });
    return Values{done[0], done[1]};
  });
}

static Value lowerCumSum(Emit &e, CumSumOp op, CumSumOp::Adaptor adaptor) {
  Value x = adaptor.getX();
  Type type = elementOf(x), wide = accumulatorOf(type);
  int64_t axis = op.getAxis();
  Sizes sizes = e.sizes(x), outer = sizes;
  outer[axis] = e.getIndexAttr(1);
  Value n = e.index(sizes[axis]);
  return e.loops(outer, e.empty(sizes, type), [&](Emit &rows, ValueRange row, ValueRange carried) {
    Values at(row), init{carried[0], rows.number(wide, 0)};
    Values done = rows.loops(sizes[axis], init, [&](Emit &inner, ValueRange step, ValueRange state) {
      at[axis] = op.getReverse() ? inner.sub(inner.sub(n, inner.index(1)), step.back()) : step.back();
      Value element = tensor::ExtractOp::create(inner, x, at);
      Value sum = emitAdd(inner, state[1], isa<FloatType>(type) ? inner.toFloat(element, wide) : element);
      Value written = op.getExclusive() ? state[1] : sum;
      Value result =
          tensor::InsertOp::create(inner, isa<FloatType>(type) ? inner.toFloat(written, type) : written, state[0], at);
      return Values{result, sum};
    });
    return Values{done[0]};
  })[0];
}

void lowering::addSortPatterns(Patterns &patterns) {
  patterns.add<TopKOp>(lowerTopK);
  patterns.add<CumSumOp>(lowerCumSum);
}
