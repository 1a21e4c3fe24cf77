// Convolutions and pools: direct loop nests over a padded input.
#include "ChannelsLast.h"

using namespace mlir;
using namespace pare;
using namespace pare::lowering;

static Values constants(Emit &e, ArrayRef<int64_t> values, int64_t lead) {
  Values result(lead, e.index(0));
  for (int64_t value : values)
    result.push_back(e.index(value));
  return result;
}

/// out * stride + kernel * dilation of one spatial axis.
static AffineExpr windowExpr(Emit &e, int64_t out, int64_t kernel, int64_t stride, int64_t dilation) {
  return e.getAffineDimExpr(out) * stride + e.getAffineDimExpr(kernel) * dilation;
}

static void dims(Emit &e, SmallVectorImpl<AffineExpr> &exprs, int64_t from, int64_t count) {
  for (int64_t i = 0; i < count; ++i)
    exprs.push_back(e.getAffineDimExpr(from + i));
}

/// Splits axis `axis` into [groups, rest]; nothing for one group.
static Value splitGroups(Emit &e, Value value, int64_t axis, int64_t groups) {
  if (groups == 1)
    return value;
  Sizes sizes = e.sizes(value);
  OpFoldResult rest = getAsOpFoldResult(e.div(e.index(sizes[axis]), e.index(groups)));
  sizes[axis] = rest;
  sizes.insert(sizes.begin() + axis, e.getIndexAttr(groups));
  return e.reshape(value, sizes, [&](int64_t i, int64_t j) { return i < axis ? i == j : (i > axis && j == i + 1); });
}

/// The accumulator that a convolution starts from: the bias of each channel, or zero.
static Value startFrom(Emit &e, ArrayRef<OpFoldResult> sizes, Type wide, Value bias, Type biasType, int64_t groups) {
  if (!bias)
    return e.filled(sizes, e.number(signless(wide), 0));
  bias = splitGroups(e, bias, 0, groups);
  SmallVector<int64_t> axes;
  for (int64_t axis = 0; axis < rankOf(bias); ++axis)
    axes.push_back(axis + 1);
  return e.parallel(sizes, signless(wide), bias, project(e.getContext(), sizes.size(), axes),
                    [&](Emit &inner, ValueRange args) { return emitCast(inner, args[0], biasType, wide); });
}

static void checkChannels(Emit &e, Value x, Value weight, int64_t weightAxis, int64_t groups) {
  Value channels = e.mul(e.index(e.size(weight, weightAxis)), e.index(groups));
  e.check(e.eq(e.index(e.size(x, 1)), channels), "the channels of input and weight differ");
}

static Value lowerConv(Emit &e, ConvOp op, ConvOp::Adaptor adaptor) {
  if (Value result = lowerConvLast(e, op, adaptor))
    return result;
  Value x = adaptor.getX(), weight = adaptor.getWeight();
  int64_t spatial = rankOf(x) - 2, groups = op.getGroups(), grouped = groups > 1 ? 1 : 0;
  ArrayRef<int64_t> pads = op.getPads(), strides = op.getStrides(), dilations = op.getDilations();
  Type xType = elementOf(op.getX()), weightType = elementOf(op.getWeight()), type = elementOf(op.getResult()),
       wide = accumulatorOf(type);
  checkChannels(e, x, weight, 1, groups);
  x = emitPad(e, x, constants(e, pads.take_front(spatial), 2), constants(e, pads.take_back(spatial), 2),
              e.number(elementOf(x), 0));
  Sizes flat{e.size(x, 0), e.size(weight, 0)};
  for (int64_t i = 0; i < spatial; ++i) {
    Value extent = e.add(e.mul(e.sub(e.index(e.size(weight, i + 2)), e.index(1)), e.index(dilations[i])), e.index(1));
    Value span = e.add(e.sub(e.index(e.size(x, i + 2)), extent), e.index(strides[i]));
    flat.push_back(getAsOpFoldResult(e.div(e.max(span, e.index(0)), e.index(strides[i]))));
  }
  flat = e.refine(flat, op.getType());
  x = splitGroups(e, x, 1, groups);
  weight = splitGroups(e, weight, 0, groups);
  Sizes sizes = flat;
  if (grouped) {
    sizes[1] = e.size(weight, 1);
    sizes.insert(sizes.begin() + 1, e.getIndexAttr(groups));
  }
  // n, (group), o, spatial.., c, kernel..
  int64_t o = 1 + grouped, y = o + 1, c = y + spatial, k = c + 1, rank = k + spatial;
  SmallVector<AffineExpr> xs, ws;
  dims(e, xs, 0, 1 + grouped);
  dims(e, xs, c, 1);
  for (int64_t i = 0; i < spatial; ++i)
    xs.push_back(windowExpr(e, y + i, k + i, strides[i], dilations[i]));
  dims(e, ws, 1, grouped + 1);
  dims(e, ws, c, 1 + spatial);
  SmallVector<int64_t> reduced;
  for (int64_t axis = c; axis < rank; ++axis)
    reduced.push_back(axis);
  Value start = startFrom(e, sizes, wide, adaptor.getBias(), op.getBias() ? elementOf(op.getBias()) : Type(), groups);
  Value result = e.reduce(start, rank, reduced, {x, weight},
                          {AffineMap::get(rank, 0, xs, e.getContext()), AffineMap::get(rank, 0, ws, e.getContext())},
                          [&](Emit &inner, ValueRange args) {
                            Value a = emitCast(inner, args[0], xType, wide),
                                  b = emitCast(inner, args[1], weightType, wide);
                            return emitAdd(inner, args[2], emitMul(inner, a, b));
                          });
  if (isa<FloatType>(type))
    result = e.convertFloat(result, type);
  return grouped ? e.reshape(result, flat, [](int64_t i, int64_t j) { return i == 0 ? j == 0 : (i > 2 && j == i - 1); })
                 : result;
}

static Value lowerConvTranspose(Emit &e, ConvTransposeOp op, ConvTransposeOp::Adaptor adaptor) {
  Value x = adaptor.getX(), weight = adaptor.getWeight();
  int64_t spatial = rankOf(x) - 2, groups = op.getGroups(), grouped = groups > 1 ? 1 : 0;
  ArrayRef<int64_t> pads = op.getPads(), strides = op.getStrides(), dilations = op.getDilations();
  Type type = elementOf(x), wide = accumulatorOf(type);
  e.check(e.eq(e.index(e.size(x, 1)), e.index(e.size(weight, 0))), "the channels of input and weight differ");
  Sizes flat{e.size(x, 0), getAsOpFoldResult(e.mul(e.index(e.size(weight, 1)), e.index(groups)))};
  Values lengths;
  for (int64_t i = 0; i < spatial; ++i) {
    lengths.push_back(e.index(e.size(x, i + 2)));
    e.check(e.lt(e.index(0), lengths[i]), "a spatial axis is empty");
    Value grown = e.mul(e.sub(lengths[i], e.index(1)), e.index(strides[i]));
    Value extent = e.mul(e.sub(e.index(e.size(weight, i + 2)), e.index(1)), e.index(dilations[i]));
    int64_t rest = op.getOutputPadding()[i] + 1 - pads[i] - pads[i + spatial];
    flat.push_back(getAsOpFoldResult(e.max(e.add(e.add(grown, extent), e.index(rest)), e.index(0))));
  }
  flat = e.refine(flat, op.getType());
  x = splitGroups(e, x, 1, groups);
  weight = splitGroups(e, weight, 0, groups);
  Sizes sizes = flat;
  if (grouped) {
    sizes[1] = e.size(weight, 2);
    sizes.insert(sizes.begin() + 1, e.getIndexAttr(groups));
  }
  // n, (group), o, spatial.., c, kernel..: each element of the result gathers what reaches it.
  int64_t o = 1 + grouped, y = o + 1, c = y + spatial, k = c + 1, rank = k + spatial;
  SmallVector<AffineExpr> ws;
  dims(e, ws, 1, grouped);
  dims(e, ws, c, 1);
  dims(e, ws, o, 1);
  dims(e, ws, k, spatial);
  SmallVector<int64_t> reduced;
  for (int64_t axis = c; axis < rank; ++axis)
    reduced.push_back(axis);
  Value start = startFrom(e, sizes, wide, adaptor.getBias(), type, groups);
  Value result = e.reduce(
      start, rank, reduced, weight, AffineMap::get(rank, 0, ws, e.getContext()), [&](Emit &inner, ValueRange args) {
        Value zero = inner.index(0), hit = inner.boolean(true);
        Values at;
        for (int64_t axis = 0; axis <= grouped; ++axis)
          at.push_back(linalg::IndexOp::create(inner, axis));
        at.push_back(linalg::IndexOp::create(inner, c));
        for (int64_t i = 0; i < spatial; ++i) {
          Value kernel = linalg::IndexOp::create(inner, k + i), out = linalg::IndexOp::create(inner, y + i);
          Value from = inner.sub(inner.add(out, inner.index(pads[i])), inner.mul(kernel, inner.index(dilations[i])));
          Value stride = inner.index(strides[i]), position = inner.div(from, stride);
          hit = inner.both(hit, inner.le(zero, from));
          hit = inner.both(hit, inner.eq(inner.rem(from, stride), zero));
          hit = inner.both(hit, inner.lt(position, lengths[i]));
          at.push_back(inner.min(inner.max(position, zero), inner.sub(lengths[i], inner.index(1))));
        }
        Value element = tensor::ExtractOp::create(inner, x, at);
        Value term = emitMul(inner, inner.toFloat(element, wide), inner.toFloat(args[0], wide));
        return inner.select(hit, emitAdd(inner, args[1], term), args[1]);
      });
  result = e.convertFloat(result, type);
  return grouped ? e.reshape(result, flat, [](int64_t i, int64_t j) { return i == 0 ? j == 0 : (i > 2 && j == i - 1); })
                 : result;
}

namespace {
/// One spatial axis of a pool.
struct Window {
  int64_t kernel, stride, dilation, padBegin, padEnd;
  Value length, count, extraEnd;
};
} // namespace

/// `first` is the first spatial axis of x.
template <typename Op> static SmallVector<Window> planWindows(Emit &e, Op op, Value x, int64_t first) {
  int64_t spatial = rankOf(x) - 2;
  SmallVector<Window> windows;
  for (int64_t i = 0; i < spatial; ++i) {
    Window w{op.getKernel()[i],
             op.getStrides()[i],
             op.getDilations()[i],
             op.getPads()[i],
             op.getPads()[i + spatial],
             e.index(e.size(x, i + first)),
             Value(),
             Value()};
    int64_t extent = (w.kernel - 1) * w.dilation + 1;
    Value padded = e.add(w.length, e.index(w.padBegin + w.padEnd)), zero = e.index(0), stride = e.index(w.stride);
    Value span = e.sub(padded, e.index(extent));
    if (!op.getCeilMode()) {
      w.count = e.div(e.max(e.add(span, stride), zero), stride);
    } else {
      w.count = e.div(e.max(e.add(span, e.index(2 * w.stride - 1)), zero), stride);
      // None starts in the end padding.
      Value last = e.mul(e.sub(w.count, e.index(1)), stride);
      Value starts = e.lt(last, e.add(w.length, e.index(w.padBegin)));
      w.count = e.select(starts, w.count, e.max(e.sub(w.count, e.index(1)), zero));
      // Nor any where not even one fits.
      w.count = e.select(e.lt(span, zero), zero, w.count);
    }
    Value reach = e.add(e.mul(e.sub(w.count, e.index(1)), stride), e.index(extent));
    w.extraEnd = op.getCeilMode() ? e.max(e.sub(reach, padded), zero) : zero;
    windows.push_back(w);
  }
  return windows;
}

/// Folds `body` over the windows of x, whose spatial axes begin with `first`, padded with `outside`.
template <typename Op>
static Value foldWindows(Emit &e, Op op, Value x, int64_t first, ArrayRef<Window> windows, Value outside, Value neutral,
                         Emit::BodyFn body) {
  int64_t spatial = windows.size(), rank = 2 + 2 * spatial;
  Values begin(spatial + 2, e.index(0)), end(begin);
  Sizes sizes = e.sizes(x), kernel;
  SmallVector<AffineExpr> xs, ks;
  SmallVector<int64_t> reduced;
  dims(e, xs, 0, 2 + spatial);
  dims(e, ks, 2 + spatial, spatial);
  for (auto [i, w] : llvm::enumerate(windows)) {
    int64_t axis = first + static_cast<int64_t>(i);
    begin[axis] = e.index(w.padBegin);
    end[axis] = e.add(e.index(w.padEnd), w.extraEnd);
    sizes[axis] = getAsOpFoldResult(w.count);
    kernel.push_back(e.getIndexAttr(w.kernel));
    xs[axis] = windowExpr(e, axis, 2 + spatial + i, w.stride, w.dilation);
    reduced.push_back(2 + spatial + i);
  }
  x = emitPad(e, x, begin, end, outside);
  if (first == 2)
    sizes = e.refine(sizes, op.getType());
  // The second operand only gives the kernel its extent.
  return e.reduce(e.filled(sizes, neutral), rank, reduced, {x, e.empty(kernel, elementOf(x))},
                  {AffineMap::get(rank, 0, xs, e.getContext()), AffineMap::get(rank, 0, ks, e.getContext())}, body);
}

static Value lowerMaxPool(Emit &e, MaxPoolOp op, MaxPoolOp::Adaptor adaptor) {
  Type type = elementOf(op.getX());
  Value lowest = emitExtreme(e, type, /*lowest=*/true), last = channelsLastOf(adaptor.getX());
  Value x = last ? last : adaptor.getX();
  int64_t first = last ? 1 : 2;
  Value result = foldWindows(e, op, x, first, planWindows(e, op, x, first), lowest, lowest,
                             [&](Emit &inner, ValueRange args) { return emitMax(inner, args[2], args[0], type); });
  return last ? toChannelsFirst(e, result) : result;
}

static Value lowerAveragePool(Emit &e, AveragePoolOp op, AveragePoolOp::Adaptor adaptor) {
  Value last = channelsLastOf(adaptor.getX()), x = last ? last : adaptor.getX();
  int64_t first = last ? 1 : 2;
  Type original = elementOf(op.getX()), type = elementOf(x), wide = accumulatorOf(type);
  bool isFloat = isa<FloatType>(type);
  SmallVector<Window> windows = planWindows(e, op, x, first);
  Value sum =
      foldWindows(e, op, x, first, windows, e.number(type, 0), e.number(wide, 0), [&](Emit &inner, ValueRange args) {
        return emitSum(inner, args[2], isFloat ? inner.toFloat(args[0], wide) : Value(args[0]));
      });
  Type counter = IntegerType::get(e.getContext(), 64, IntegerType::Signed);
  Value result = e.parallel(e.sizes(sum), type, sum, {}, [&](Emit &inner, ValueRange args) -> Value {
    Value divisor = inner.index(1), zero = inner.index(0);
    for (auto [i, w] : llvm::enumerate(windows)) {
      // Taps k with low <= start + k * dilation < high.
      Value start = inner.sub(inner.mul(linalg::IndexOp::create(inner, i + first), inner.index(w.stride)),
                              inner.index(w.padBegin));
      int64_t before = op.getCountIncludePad() ? w.padBegin : 0, behind = op.getCountIncludePad() ? w.padEnd : 0;
      Value low = inner.ceilDiv(inner.max(inner.sub(inner.index(-before), start), zero), w.dilation);
      Value high =
          inner.ceilDiv(inner.max(inner.sub(inner.add(w.length, inner.index(behind)), start), zero), w.dilation);
      Value taps = inner.sub(inner.min(high, inner.index(w.kernel)), low);
      divisor = inner.mul(divisor, inner.max(taps, zero));
    }
    divisor = inner.max(divisor, inner.index(1));
    Value count = emitCast(inner, inner.fromIndex(divisor, inner.getI64Type()), counter, isFloat ? wide : original);
    if (isFloat)
      return inner.toFloat(arith::DivFOp::create(inner, args[0], count), type);
    return isUnsigned(original) ? Value(arith::DivUIOp::create(inner, args[0], count)) : inner.div(args[0], count);
  });
  return last ? toChannelsFirst(e, result) : result;
}

void lowering::addWindowPatterns(Patterns &patterns) {
  patterns.add<ConvOp>(lowerConv);
  patterns.add<ConvTransposeOp>(lowerConvTranspose);
  patterns.add<MaxPoolOp>(lowerMaxPool);
  patterns.add<AveragePoolOp>(lowerAveragePool);
}
