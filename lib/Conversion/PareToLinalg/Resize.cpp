// Interpolation: sums of a few elements that tables name, along one axis or a few at a time.
#include "ResizeTables.h"
#include "llvm/ADT/APSInt.h"

using namespace mlir;
using namespace pare;
using namespace pare::lowering;

namespace {
/// So many elements are summed at once without a loop over them.
constexpr int64_t kMaxUnrolled = 8;

struct Interpolation {
  Emit &e;
  Type type, wide; // of x, and of what is summed
  Value extrapolation;

  Value otherwise(Emit &inner, Value outside, Value value) {
    if (!outside)
      return value;
    return inner.select(inner.fromByte(outside), inner.toFloat(extrapolation, value.getType()), value);
  }

  /// All of `axes` in one loop nest, whose innermost loop multiplies and adds.
  Value together(Value x, ArrayRef<ResizeAxisTables> axes, Type to) {
    Sizes sizes = e.sizes(x);
    auto rank = static_cast<int64_t>(sizes.size());
    Values inputs;
    SmallVector<AffineMap> maps;
    auto read = [&](Value table, ArrayRef<AffineExpr> at) {
      inputs.push_back(table);
      maps.push_back(AffineMap::get(rank, 0, at, e.getContext()));
    };
    for (const ResizeAxisTables &axis : axes) {
      AffineExpr i = e.getAffineDimExpr(axis.axis);
      sizes[axis.axis] = axis.size;
      for (int64_t tap = 0; tap < *constantOf(axis.taps); ++tap) {
        read(axis.index, {e.getAffineConstantExpr(tap), i});
        if (axis.weight)
          read(axis.weight, {e.getAffineConstantExpr(tap), i});
      }
      if (axis.outside)
        read(axis.outside, i);
    }
    return e.parallel(sizes, to, inputs, maps, [&](Emit &inner, ValueRange args) {
      Values at;
      for (int64_t axis = 0; axis < rank; ++axis)
        at.push_back(linalg::IndexOp::create(inner, axis));
      Value total = sum(inner, x, axes, args, at);
      return isa<FloatType>(to) ? inner.toFloat(total, to) : total;
    });
  }

  Value sum(Emit &inner, Value x, ArrayRef<ResizeAxisTables> axes, ValueRange args, Values &at) {
    if (axes.empty()) {
      Value element = tensor::ExtractOp::create(inner, x, at);
      return isa<FloatType>(type) ? inner.toFloat(element, wide) : element;
    }
    const ResizeAxisTables &axis = axes.front();
    int64_t taps = *constantOf(axis.taps), perTap = axis.weight ? 2 : 1;
    ValueRange rest = args.drop_front(taps * perTap + (axis.outside ? 1 : 0));
    Value own = at[axis.axis], total;
    for (int64_t tap = 0; tap < taps; ++tap) {
      at[axis.axis] = inner.toIndex(args[tap * perTap]);
      Value term = sum(inner, x, axes.drop_front(), rest, at);
      if (axis.weight)
        term = emitMul(inner, args[tap * perTap + 1], term);
      total = total ? emitAdd(inner, total, term) : term;
    }
    at[axis.axis] = own;
    return otherwise(inner, axis.outside ? args[taps * perTap] : Value(), total);
  }

  /// One axis, with a loop over the elements that are summed.
  Value folded(Value x, const ResizeAxisTables &axis) {
    Sizes sizes = e.sizes(x);
    auto rank = static_cast<int64_t>(sizes.size());
    sizes[axis.axis] = axis.size;
    AffineMap map = project(e.getContext(), rank + 1, {rank, axis.axis});
    Value total =
        e.reduce(e.filled(sizes, e.number(wide, 0)), rank + 1, rank, {axis.index, axis.weight}, {map, map},
                 [&](Emit &inner, ValueRange args) {
                   Values at;
                   for (int64_t i = 0; i < rank; ++i)
                     at.push_back(i == axis.axis ? inner.toIndex(args[0]) : Value(linalg::IndexOp::create(inner, i)));
                   Value element = inner.toFloat(tensor::ExtractOp::create(inner, x, at), wide);
                   return emitAdd(inner, args[2], emitMul(inner, args[1], element));
                 });
    if (!axis.outside)
      return total;
    AffineMap maps[] = {e.getMultiDimIdentityMap(rank), project(e.getContext(), rank, axis.axis)};
    return e.parallel(sizes, wide, {total, axis.outside}, maps,
                      [&](Emit &inner, ValueRange args) { return otherwise(inner, args[1], args[0]); });
  }
};
} // namespace

/// As the interpreter converts it: integers saturate.
static Value extrapolationOf(Emit &e, ResizeOp op, Type wide) {
  APFloat value = op.getExtrapolationValue();
  Type type = elementOf(op.getX());
  if (isa<FloatType>(type))
    return e.number(wide, value.convertToDouble());
  if (type.isInteger(1))
    return e.boolean(!value.isZero());
  APSInt integer(type.getIntOrFloatBitWidth(), type.isUnsignedInteger());
  bool exact;
  value.convertToInteger(integer, APFloat::rmTowardZero, &exact);
  return arith::ConstantOp::create(e, e.getIntegerAttr(signless(type), APInt(integer)));
}

static Value lowerResize(Emit &e, ResizeOp op, ResizeOp::Adaptor adaptor) {
  Value x = adaptor.getX();
  Type type = elementOf(x), wide = accumulatorOf(type);
  SmallVector<ResizeAxisTables> axes = emitResizeTables(e, op, adaptor, wide);
  bool nearest = op.getMode() == ResizeMode::nearest;
  Interpolation interpolation{e, type, nearest ? type : wide, extrapolationOf(e, op, nearest ? type : wide)};
  for (size_t i = 0; i < axes.size();) {
    size_t end = i;
    int64_t taps = 1;
    while (end < axes.size()) {
      auto own = constantOf(axes[end].taps);
      if (!own || taps * *own > kMaxUnrolled)
        break;
      taps *= *own;
      ++end;
    }
    if (end == i)
      x = interpolation.folded(x, axes[i++]);
    else
      x = interpolation.together(x, ArrayRef(axes).slice(i, end - i), end == axes.size() ? type : interpolation.wide);
    i = std::max(i, end);
    interpolation.type = elementOf(x);
  }
  return isa<FloatType>(type) ? e.convertFloat(x, type) : x;
}

void lowering::addResizePatterns(Patterns &patterns) { patterns.add<ResizeOp>(lowerResize); }
