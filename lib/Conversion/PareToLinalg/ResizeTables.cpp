// The tables of lib/Dialect/Resize.cpp, as constants or as code that computes the same.
#include "ResizeTables.h"
#include "mlir/Dialect/Math/IR/Math.h"

using namespace mlir;
using namespace pare;
using namespace pare::lowering;

namespace {
/// Float arithmetic that rounds every step. Constants fold.
struct Floats {
  Emit &e;
  Type type;

  Value number(double value) { return e.number(type, value); }
  Value of(Value index) {
    Value integer = e.fromIndex(index, e.getI64Type());
    return e.createOrFold<arith::SIToFPOp>(type, integer);
  }
  Value add(Value a, Value b) { return e.createOrFold<arith::AddFOp>(a, b); }
  Value sub(Value a, Value b) { return e.createOrFold<arith::SubFOp>(a, b); }
  Value mul(Value a, Value b) { return e.createOrFold<arith::MulFOp>(a, b); }
  Value div(Value a, Value b) { return e.createOrFold<arith::DivFOp>(a, b); }
  Value compare(arith::CmpFPredicate kind, Value a, Value b) { return e.createOrFold<arith::CmpFOp>(kind, a, b); }
  Value less(Value a, Value b) { return compare(arith::CmpFPredicate::OLT, a, b); }
  Value equal(Value a, Value b) { return compare(arith::CmpFPredicate::OEQ, a, b); }
  Value min(Value a, Value b) { return e.select(less(a, b), a, b); }
  Value max(Value a, Value b) { return e.select(less(b, a), a, b); }
  Value floor(Value a) { return math::FloorOp::create(e, a); }
  Value toIndex(Value a) { return e.toIndex(e.createOrFold<arith::FPToSIOp>(e.getI64Type(), a)); }
};

/// ResizedAxis, of values. `known` is there when all of them are constants.
struct Axis {
  int64_t axis;
  Value n, size, scale, length, start, end;
  std::optional<float> knownScale;
  std::optional<ResizedAxis> known;
};

struct Tables {
  Emit &e;
  ResizeFilter filter;
  Type wide;

  Floats f32(Emit &inner) const { return {inner, inner.getF32Type()}; }
  Floats f64(Emit &inner) const { return {inner, inner.getF64Type()}; }

  template <typename T> Value constant(ArrayRef<int64_t> shape, Type type, ArrayRef<T> values) {
    return arith::ConstantOp::create(e, DenseElementsAttr::get(RankedTensorType::get(shape, type), values));
  }

  ResizeAxisTables constants(int64_t axis, const ResizedAxis &resized) {
    ResizeTable table = makeResizeTable(filter, resized);
    int64_t shape[] = {table.taps, resized.size};
    ResizeAxisTables result{axis, e.getIndexAttr(resized.size), e.getIndexAttr(table.taps), {}, {}, {}};
    result.index = constant<int64_t>(shape, e.getI64Type(), table.index);
    if (filter.mode != ResizeMode::nearest) {
      std::vector<float> narrow(table.weight.begin(), table.weight.end());
      result.weight = wide.isF64() ? constant<double>(shape, wide, table.weight) : constant<float>(shape, wide, narrow);
    }
    if (llvm::is_contained(table.outside, true)) {
      std::vector<int8_t> bytes(table.outside.begin(), table.outside.end());
      result.outside = constant<int8_t>(resized.size, e.getI8Type(), bytes);
    }
    return result;
  }

  Value place(Emit &inner, const Axis &axis, Value i) const {
    Floats f = f32(inner);
    Value at = f.of(i), half = f.number(0.5), one = f.number(1), zero = f.number(0), n = f.of(axis.n), result;
    auto halfPixel = [&] { return f.div(f.add(at, half), axis.scale); };
    switch (filter.coordinates) {
    case ResizeCoordinates::half_pixel:
      result = f.sub(halfPixel(), half);
      break;
    case ResizeCoordinates::half_pixel_symmetric: {
      Value offset = f.mul(f.mul(n, half), f.sub(one, f.div(f.of(axis.size), axis.length)));
      result = f.sub(f.add(offset, halfPixel()), half);
      break;
    }
    case ResizeCoordinates::pytorch_half_pixel:
      result = inner.select(inner.lt(inner.index(1), axis.size), f.sub(halfPixel(), half), zero);
      break;
    case ResizeCoordinates::align_corners: {
      Value spread = f.div(f.mul(at, f.sub(n, one)), f.sub(axis.length, one));
      result = inner.select(f.equal(axis.length, one), zero, spread);
      break;
    }
    case ResizeCoordinates::asymmetric:
      result = f.div(at, axis.scale);
      break;
    case ResizeCoordinates::tf_half_pixel_for_nn:
      result = halfPixel();
      break;
    case ResizeCoordinates::tf_crop_and_resize: {
      Value last = f.sub(n, one), centre = f.mul(f.mul(half, f.add(axis.start, axis.end)), last);
      Value step = f.div(f.mul(f.mul(at, f.sub(axis.end, axis.start)), last), f.sub(axis.length, one));
      return inner.select(f.equal(axis.length, one), centre, f.add(f.mul(axis.start, last), step));
    }
    }
    Value same = inner.both(f.equal(axis.scale, one), inner.eq(axis.n, axis.size));
    return inner.select(same, at, result);
  }

  Value inside(Emit &inner, const Axis &axis, Value at) const {
    return inner.max(inner.min(at, inner.sub(axis.n, inner.index(1))), inner.index(0));
  }

  /// The place in f64, near enough to the operand to be an index.
  Value reachable(Emit &inner, const Axis &axis, Value taps, Value place) const {
    Floats d = f64(inner);
    Value reach = d.add(d.of(taps), d.number(2)), n = d.of(axis.n);
    place = inner.toFloat(place, d.type);
    return d.min(d.max(place, d.sub(d.number(0), reach)), d.add(n, reach)); // NaN becomes the lowest
  }

  Value nearestIndex(Emit &inner, const Axis &axis, Value place) const {
    Floats d = f64(inner);
    Value floor = d.floor(place), rest = d.sub(place, floor), up;
    switch (filter.rounding) {
    case ResizeRounding::round_prefer_floor:
      up = d.less(d.number(0.5), rest);
      break;
    case ResizeRounding::round_prefer_ceil:
      up = d.compare(arith::CmpFPredicate::OGE, rest, d.number(0.5));
      break;
    case ResizeRounding::floor:
      up = inner.boolean(false);
      break;
    case ResizeRounding::ceil:
      up = d.less(d.number(0), rest);
      break;
    }
    return inside(inner, axis, d.toIndex(d.add(floor, inner.select(up, d.number(1), d.number(0)))));
  }

  Value weightOf(Emit &inner, Value distance) const {
    Floats d = f64(inner);
    Value zero = d.number(0), one = d.number(1), a = d.number(filter.cubicCoeffA);
    distance = math::AbsFOp::create(inner, distance);
    if (filter.mode == ResizeMode::linear)
      return d.max(d.sub(one, distance), zero);
    Value near = d.sub(d.mul(d.number(filter.cubicCoeffA + 2), distance), d.number(filter.cubicCoeffA + 3));
    near = d.add(d.mul(d.mul(near, distance), distance), one);
    Value far = d.sub(d.mul(a, distance), d.number(5 * filter.cubicCoeffA));
    far = d.add(d.mul(far, distance), d.number(8 * filter.cubicCoeffA));
    far = d.sub(d.mul(far, distance), d.number(4 * filter.cubicCoeffA));
    far = inner.select(d.less(distance, d.number(2)), far, zero);
    return inner.select(d.compare(arith::CmpFPredicate::OLE, distance, one), near, far);
  }

  ResizeAxisTables computed(const Axis &axis) {
    Floats d = f64(e);
    ResizeAxisTables result{axis.axis, getAsOpFoldResult(axis.size), {}, {}, {}, {}};
    Value first = e.index(0), taps = e.index(1), scale = d.number(1);
    if (filter.mode != ResizeMode::nearest) {
      if (axis.knownScale || !filter.antialias) {
        float known = axis.knownScale.value_or(1);
        first = e.index(filter.firstTap(known));
        scale = d.number(filter.filterScale(known));
      } else {
        scale = d.max(d.min(e.toFloat(axis.scale, d.type), scale), d.number(kMinFilterScale));
        first = e.add(d.toIndex(d.floor(d.div(d.number(static_cast<double>(-filter.radius())), scale))), e.index(1));
        // Where there is no element, the scale says nothing.
        first = e.select(e.eq(axis.size, e.index(0)), e.index(0), first);
      }
      taps = e.sub(e.index(2), e.mul(first, e.index(2)));
    }
    result.taps = getAsOpFoldResult(taps);
    Sizes sizes{result.taps, result.size};
    bool nearest = filter.mode == ResizeMode::nearest;
    result.index = e.build(sizes, e.getI64Type(), [&](Emit &inner, ValueRange at) {
      Value where = reachable(inner, axis, taps, place(inner, axis, at[1]));
      if (nearest)
        return inner.fromIndex(nearestIndex(inner, axis, where), inner.getI64Type());
      Floats own = f64(inner);
      Value start = inner.add(own.toIndex(own.floor(where)), first);
      return inner.fromIndex(inside(inner, axis, inner.add(start, at[0])), inner.getI64Type());
    });
    if (filter.coordinates == ResizeCoordinates::tf_crop_and_resize)
      result.outside = e.build(result.size, e.getI8Type(), [&](Emit &inner, ValueRange at) {
        Floats own = f32(inner);
        Value where = place(inner, axis, at[0]), last = own.of(inner.sub(axis.n, inner.index(1)));
        return inner.toByte(inner.either(own.less(where, own.number(0)), own.less(last, where)));
      });
    if (nearest)
      return result;
    bool normalises = filter.normalises();
    result.weight = e.build(sizes, normalises ? d.type : wide, [&](Emit &inner, ValueRange at) {
      Floats own = f64(inner);
      Value where = reachable(inner, axis, taps, place(inner, axis, at[1])), floor = own.floor(where);
      Value tap = inner.add(first, at[0]);
      Value weight = weightOf(inner, own.mul(scale, own.sub(own.of(tap), own.sub(where, floor))));
      if (filter.excludeOutside) {
        Value index = inner.add(own.toIndex(floor), tap);
        weight = inner.select(inner.eq(index, inside(inner, axis, index)), weight, own.number(0));
      }
      return inner.toFloat(weight, normalises ? own.type : wide);
    });
    if (normalises) {
      Value sum =
          e.reduce(e.filled(result.size, d.number(0)), 2, 0, result.weight, e.getMultiDimIdentityMap(2),
                   [&](Emit &inner, ValueRange args) { return arith::AddFOp::create(inner, args[1], args[0]); });
      result.weight =
          e.parallel(sizes, wide, {result.weight, sum}, {e.getMultiDimIdentityMap(2), project(e.getContext(), 2, 1)},
                     [&](Emit &inner, ValueRange args) {
                       Floats own = f64(inner);
                       Value none = own.equal(args[1], own.number(0));
                       Value divisor = inner.select(none, own.number(1), args[1]);
                       return inner.toFloat(own.div(args[0], divisor), wide);
                     });
    }
    return result;
  }
};

/// What the operands say of every axis.
SmallVector<Axis> readAxes(Emit &e, ResizeOp op, ResizeOp::Adaptor adaptor) {
  Floats f{e, e.getF32Type()}, d{e, e.getF64Type()};
  auto knownScales = getConstantFloats(op.getScales()), knownRoi = getConstantFloats(op.getRoi());
  bool stretch = op.getPolicy() == ResizePolicy::stretch, allKnown = !op.getRoi() || knownRoi;
  Values sizes;
  if (adaptor.getSizes())
    sizes = e.extractAll(adaptor.getSizes());
  SmallVector<Axis> axes;
  SmallVector<int64_t> knownN, knownSizes;
  Value limit = e.index(kMaxResized);
  constexpr const char *tooLong = "an axis has more than 2^23 elements";
  auto count = static_cast<int64_t>(op.getAxes().size());
  for (int64_t i = 0; i < count; ++i) {
    Axis axis{op.getAxes()[i], e.index(e.size(adaptor.getX(), op.getAxes()[i])), {}, {}, {}, {}, {}, {}, {}};
    e.check(e.le(axis.n, limit), tooLong);
    if (adaptor.getScales()) {
      axis.scale = knownScales ? f.number((*knownScales)[i]) : e.extract(adaptor.getScales(), e.index(i));
      if (knownScales)
        axis.knownScale = (*knownScales)[i];
      else
        e.check(f.less(f.number(0), axis.scale), "a scale is not positive");
      axis.length = f.mul(f.of(axis.n), axis.scale);
      Value most = f.number(static_cast<double>(kMaxResized));
      e.check(f.compare(arith::CmpFPredicate::OLE, axis.length, most), tooLong);
      axis.size = f.toIndex(f.min(axis.length, most));
    } else {
      axis.size = sizes[i];
      e.check(e.le(e.index(0), axis.size), "a size is negative");
      axis.scale = d.div(d.of(axis.size), d.of(axis.n)); // f64 until the policy is done
    }
    if (adaptor.getRoi()) {
      axis.start = knownRoi ? f.number((*knownRoi)[i]) : e.extract(adaptor.getRoi(), e.index(i));
      axis.end = knownRoi ? f.number((*knownRoi)[count + i]) : e.extract(adaptor.getRoi(), e.index(count + i));
    }
    axes.push_back(axis);
    knownN.push_back(constantOf(axis.n).value_or(ShapedType::kDynamic));
    knownSizes.push_back(constantOf(axis.size).value_or(ShapedType::kDynamic));
  }
  if (adaptor.getSizes()) {
    Value common;
    for (Axis &axis : axes)
      if (!common)
        common = axis.scale;
      else
        common = op.getPolicy() == ResizePolicy::not_larger ? d.min(axis.scale, common) : d.max(axis.scale, common);
    for (Axis &axis : axes) {
      Value length = d.of(axis.size);
      if (!stretch) {
        axis.scale = common;
        length = d.mul(common, d.of(axis.n));
        Value most = d.number(static_cast<double>(kMaxResized));
        e.check(d.compare(arith::CmpFPredicate::OLE, length, most), tooLong);
        axis.size = d.toIndex(d.add(d.min(length, most), d.number(0.5)));
      }
      axis.scale = e.toFloat(axis.scale, f.type);
      axis.length = e.toFloat(length, f.type);
    }
  }
  for (Axis &axis : axes) {
    e.check(e.le(axis.size, limit), tooLong);
    e.check(e.either(e.lt(e.index(0), axis.n), e.eq(axis.size, e.index(0))), "an axis without elements cannot grow");
  }
  // What can be known before the run.
  for (int64_t i = 0; i < count && allKnown; ++i) {
    bool whole = !stretch && !op.getScales();
    ArrayRef<int64_t> n = whole ? ArrayRef(knownN) : ArrayRef(knownN).slice(i, 1);
    ArrayRef<int64_t> given = whole ? ArrayRef(knownSizes) : ArrayRef(knownSizes).slice(i, 1);
    SmallVector<float> scale, roi;
    if (axes[i].knownScale)
      scale.push_back(*axes[i].knownScale);
    if (llvm::any_of(n, ShapedType::isDynamic) ||
        (scale.empty() && (op.getScales() || llvm::any_of(given, ShapedType::isDynamic))))
      continue;
    std::string reason;
    auto known = getResizedAxes(op.getPolicy(), n, scale, scale.empty() ? given : ArrayRef<int64_t>(), {}, reason);
    if (failed(known))
      continue; // the checks above will say it
    axes[i].known = (*known)[whole ? i : 0];
    if (knownRoi) {
      axes[i].known->start = (*knownRoi)[i];
      axes[i].known->end = (*knownRoi)[count + i];
    }
  }
  return axes;
}
} // namespace

SmallVector<ResizeAxisTables> lowering::emitResizeTables(Emit &e, ResizeOp op, ResizeOp::Adaptor adaptor, Type wide) {
  Tables tables{e, ResizeFilter::get(op), wide};
  auto result = cast<RankedTensorType>(op.getType());
  bool crops = op.getRoi() != nullptr, stretch = op.getPolicy() == ResizePolicy::stretch;
  SmallVector<ResizeAxisTables> all;
  for (auto [i, axis] : llvm::enumerate(readAxes(e, op, adaptor))) {
    bool keeps = axis.knownScale == 1.0F ||
                 (axis.known && axis.known->scale == 1 && axis.known->n == axis.known->size) ||
                 (stretch && op.getSizes() && e.state.elementIsDim(op.getSizes(), i, op.getX(), axis.axis));
    if (keeps && !crops)
      continue;
    if (axis.known) {
      all.push_back(tables.constants(axis.axis, *axis.known));
      continue;
    }
    // The type may know more than this op alone.
    if (int64_t size = result.getDimSize(axis.axis); !ShapedType::isDynamic(size) && !constantOf(axis.size)) {
      e.check(e.eq(axis.size, e.index(size)), "a size differs from that of the result");
      axis.size = e.index(size);
    }
    all.push_back(tables.computed(axis));
  }
  return all;
}
