// Ops that move whole parts of tensors.
#include "Emit.h"
#include "mlir/Dialect/Math/IR/Math.h"

using namespace mlir;
using namespace pare;
using namespace pare::lowering;

static Value lowerShapeOf(Emit &e, ShapeOfOp op, ShapeOfOp::Adaptor adaptor) {
  Values sizes;
  for (OpFoldResult size : e.sizes(adaptor.getX()))
    sizes.push_back(e.fromIndex(e.index(size), e.getI64Type()));
  return e.fromElements(RankedTensorType::get(static_cast<int64_t>(sizes.size()), e.getI64Type()), sizes);
}

static Value lowerTranspose(Emit &e, TransposeOp op, TransposeOp::Adaptor adaptor) {
  return e.transpose(adaptor.getX(), op.getPermutation());
}

static Value lowerExpand(Emit &e, ExpandOp op, ExpandOp::Adaptor adaptor) {
  Value x = adaptor.getX();
  auto type = cast<RankedTensorType>(x.getType());
  Values shape = e.extractAll(adaptor.getShape());
  int64_t rank = cast<RankedTensorType>(op.getType()).getRank();
  Sizes sizes;
  SmallVector<Value> repeats(type.getRank());
  for (int64_t axis = 0; axis < rank; ++axis) {
    int64_t own = axis - (rank - type.getRank()), other = axis - (rank - static_cast<int64_t>(shape.size()));
    Value size = own >= 0 ? e.index(e.size(x, own)) : e.index(1);
    Value wanted = other >= 0 ? shape[other] : e.index(1);
    bool same = own >= 0 && e.state.equal(op.getX(), own, op.getResult(), axis);
    if (same || constantOf(wanted) == 1 || size == wanted) {
      sizes.push_back(getAsOpFoldResult(size));
      continue;
    }
    if (constantOf(size) == 1) {
      sizes.push_back(getAsOpFoldResult(wanted));
      continue;
    }
    Value one = e.index(1), repeat = e.eq(size, one);
    e.check(e.either(e.either(repeat, e.eq(wanted, one)), e.eq(size, wanted)),
            "the input cannot be broadcast to the shape");
    repeats[own] = repeat;
    sizes.push_back(getAsOpFoldResult(e.select(repeat, wanted, size)));
  }
  sizes = e.refine(sizes, op.getType());
  if (isSmall(x.getType()) && isSmall(op.getType()) && type.getNumElements() == 1)
    return e.fromElements(RankedTensorType::get(cast<RankedTensorType>(op.getType()).getShape(), elementOf(x)),
                          Values(cast<RankedTensorType>(op.getType()).getNumElements(), e.extractScalar(x)));
  if (llvm::none_of(repeats, [](Value repeat) { return bool(repeat); }))
    return e.broadcast(x, sizes, {});
  return e.build(sizes, type.getElementType(), [&](Emit &inner, ValueRange indices) {
    Values from;
    for (int64_t axis = 0; axis < type.getRank(); ++axis) {
      Value index = type.getDimSize(axis) == 1 ? inner.index(0) : Value(indices[axis + rank - type.getRank()]);
      from.push_back(repeats[axis] ? inner.select(repeats[axis], inner.index(0), index) : index);
    }
    return tensor::ExtractOp::create(inner, x, from);
  });
}

static Value lowerConcat(Emit &e, ConcatOp op, ConcatOp::Adaptor adaptor) {
  int64_t axis = op.getAxis();
  ValueRange inputs = adaptor.getInputs();
  auto type = cast<RankedTensorType>(op.getType());
  auto small = [](Value input) { return isSmall(input.getType()); };
  if (type.getRank() == 1 && isSmall(type) && llvm::all_of(inputs, small)) {
    Values elements;
    for (Value input : inputs)
      elements.append(e.elements(input));
    return e.fromElements(RankedTensorType::get(static_cast<int64_t>(elements.size()), elementOf(inputs[0])), elements);
  }
  Sizes sizes = e.sizes(inputs[0]);
  Value length = e.index(0);
  for (auto [original, input] : llvm::zip_equal(op.getInputs(), inputs)) {
    length = e.add(length, e.index(e.size(input, axis)));
    for (int64_t other = 0; other < type.getRank(); ++other)
      if (other != axis && !e.state.equal(op.getInputs()[0], other, original, other))
        e.check(e.eq(e.index(sizes[other]), e.index(e.size(input, other))),
                "inputs differ in an axis that is not joined");
  }
  sizes[axis] = getAsOpFoldResult(length);
  sizes = e.refine(sizes, type);
  Value result = e.empty(sizes, elementOf(inputs[0]));
  Value at = e.index(0);
  for (Value input : inputs) {
    Sizes offsets(type.getRank(), e.getIndexAttr(0));
    offsets[axis] = getAsOpFoldResult(at);
    Sizes own = sizes;
    own[axis] = e.size(input, axis);
    result = e.insert(input, result, offsets, own);
    at = e.add(at, e.index(own[axis]));
  }
  return result;
}

static Values lowerSplit(Emit &e, SplitOp op, SplitOp::Adaptor adaptor) {
  Value x = adaptor.getX();
  int64_t axis = op.getAxis(), pieces = op.getNumResults();
  Sizes sizes = e.sizes(x), offsets(sizes.size(), e.getIndexAttr(0));
  Value total = e.index(sizes[axis]), at = e.index(0);
  Values lengths;
  if (adaptor.getSizes()) {
    Value sum = e.index(0);
    for (int64_t piece = 0; piece < pieces; ++piece) {
      lengths.push_back(e.toIndex(e.extract(adaptor.getSizes(), e.index(piece))));
      e.check(e.le(e.index(0), lengths.back()), "a piece has a negative size");
      sum = e.add(sum, lengths.back());
    }
    e.check(e.eq(sum, total), "the sizes of the pieces do not add up to the size of the axis");
  } else {
    Value each = e.ceilDiv(total, pieces);
    for (int64_t piece = 0; piece < pieces; ++piece) {
      Value start = e.min(e.mul(each, e.index(piece)), total);
      lengths.push_back(e.min(each, e.sub(total, start)));
    }
  }
  Values results;
  for (int64_t piece = 0; piece < pieces; ++piece) {
    Sizes own = sizes;
    own[axis] = getAsOpFoldResult(lengths[piece]);
    offsets[axis] = getAsOpFoldResult(at);
    own = e.refine(own, op.getResult(piece).getType());
    results.push_back(e.slice(x, offsets, own));
    at = e.add(at, e.index(own[axis]));
  }
  return results;
}

static Value lowerSlice(Emit &e, SliceOp op, SliceOp::Adaptor adaptor) {
  Value x = adaptor.getX();
  auto type = cast<RankedTensorType>(op.getType());
  Values starts = e.extractAll(adaptor.getStarts()), ends = e.extractAll(adaptor.getEnds()),
         steps = e.extractAll(adaptor.getSteps());
  Sizes sizes = e.sizes(x), full = sizes;
  Values offsets(sizes.size(), e.index(0)), strides(sizes.size(), e.index(1));
  bool unit = true;
  for (auto [number, axis] : llvm::enumerate(op.getAxes())) {
    Value n = e.index(full[axis]), zero = e.index(0), start = starts[number], end = ends[number], step = steps[number];
    auto fixedStep = constantOf(step);
    if (!fixedStep || *fixedStep == 0)
      e.check(e.compare(arith::CmpIPredicate::ne, step, zero), "a step of the slice is 0");
    Value back = e.lt(step, zero);
    // Valid positions are [0, n] forwards and [-1, n - 1] backwards; negative ones count from the end.
    Value low = e.select(back, e.index(-1), zero), high = e.select(back, e.sub(n, e.index(1)), n);
    auto clamp = [&](Value at) {
      at = e.select(e.lt(at, zero), e.add(at, n), at);
      return e.min(e.max(at, low), high);
    };
    // Forwards from 0, or up to the largest value, is common and needs no arithmetic.
    start = constantOf(start) == 0 && fixedStep && *fixedStep > 0 ? zero : clamp(start);
    end = constantOf(end).value_or(0) >= INT32_MAX && fixedStep && *fixedStep > 0 ? n : clamp(end);
    Value distance = e.max(e.sub(end, start), zero), length = distance;
    if (fixedStep != 1) {
      Value span = e.select(back, e.sub(start, end), e.sub(end, start));
      Value stride = e.max(e.select(back, e.sub(zero, step), step), e.index(1));
      length = e.max(e.div(e.sub(e.add(span, stride), e.index(1)), stride), zero);
    }
    unit &= fixedStep == 1;
    offsets[axis] = start;
    strides[axis] = step;
    sizes[axis] = getAsOpFoldResult(length);
  }
  sizes = e.refine(sizes, type);
  auto isConstant = [](Value value) { return constantOf(value).has_value(); };
  if (type.getRank() == 1 && isSmall(x.getType()) && isSmall(type) && llvm::all_of(offsets, isConstant) &&
      llvm::all_of(strides, isConstant)) {
    Values elements;
    for (int64_t i = 0; i < type.getNumElements(); ++i)
      elements.push_back(e.extract(x, e.index(*constantOf(offsets[0]) + i * *constantOf(strides[0]))));
    return e.fromElements(RankedTensorType::get(type.getShape(), elementOf(x)), elements);
  }
  if (unit) {
    Sizes at;
    for (Value offset : offsets)
      at.push_back(getAsOpFoldResult(offset));
    return e.slice(x, at, sizes);
  }
  return e.build(sizes, elementOf(x), [&](Emit &inner, ValueRange indices) {
    Values from;
    for (auto [index, offset, stride] : llvm::zip_equal(indices, offsets, strides))
      from.push_back(inner.add(offset, inner.mul(index, stride)));
    return tensor::ExtractOp::create(inner, x, from);
  });
}

/// A tensor of `sizes` whose elements outside of the box at `offsets` are `value`; those inside are not set.
static Value emitFrame(Emit &e, const Sizes &sizes, const Sizes &offsets, const Sizes &box, Value value) {
  // Of its own: the frames of two tensors are never one, as empty tensors of one shape are.
  Values dynamic;
  SmallVector<int64_t> shape;
  dispatchIndexOpFoldResults(sizes, dynamic, shape);
  Value result = bufferization::AllocTensorOp::create(e, RankedTensorType::get(shape, value.getType()), dynamic);
  // Slabs before and behind the box along each axis, within the box along the axes before it.
  Sizes from(sizes.size(), e.getIndexAttr(0)), extents = sizes;
  for (size_t axis = 0; axis < sizes.size(); ++axis) {
    Value begin = e.index(offsets[axis]), end = e.add(begin, e.index(box[axis]));
    for (auto [start, count] : {std::pair<OpFoldResult, Value>(e.getIndexAttr(0), begin),
                                {getAsOpFoldResult(end), e.sub(e.index(sizes[axis]), end)}}) {
      if (constantOf(count) == 0)
        continue;
      from[axis] = start;
      extents[axis] = getAsOpFoldResult(count);
      Value slab = linalg::FillOp::create(e, value, e.slice(result, from, extents)).getResult(0);
      result = e.insert(slab, result, from, extents);
    }
    from[axis] = offsets[axis];
    extents[axis] = box[axis];
  }
  return result;
}

Value lowering::emitPad(Emit &e, Value x, ValueRange begin, ValueRange end, Value value) {
  // Crops what is negative, then inserts into a filled tensor.
  Sizes sizes = e.sizes(x), cropOffsets, cropSizes, offsets, padded;
  bool crops = false, pads = false, fixed = true;
  Value zero = e.index(0);
  for (auto [size, b, en] : llvm::zip_equal(sizes, begin, end)) {
    Value cropB = e.max(e.sub(zero, b), zero), cropE = e.max(e.sub(zero, en), zero);
    Value padB = e.max(b, zero), padE = e.max(en, zero), kept = e.index(size);
    if (constantOf(cropB) != 0 || constantOf(cropE) != 0) {
      crops = true;
      kept = e.max(e.sub(e.sub(kept, cropB), cropE), zero);
    }
    pads |= constantOf(padB) != 0 || constantOf(padE) != 0;
    fixed &= constantOf(b) && constantOf(en);
    cropOffsets.push_back(getAsOpFoldResult(cropB));
    cropSizes.push_back(getAsOpFoldResult(kept));
    offsets.push_back(getAsOpFoldResult(padB));
    padded.push_back(getAsOpFoldResult(e.add(e.add(kept, padB), padE)));
  }
  if (crops)
    x = e.slice(x, cropOffsets, cropSizes);
  if (!pads)
    return x;
  // Which slabs are empty has to be known, for there are two along each axis.
  Value around = fixed ? emitFrame(e, padded, offsets, cropSizes, value) : e.filled(padded, value);
  return e.insert(x, around, offsets, cropSizes);
}

/// Index of the element of [0, n) that stands at position `at` outside or inside of it.
static Value mirror(Emit &e, PadMode mode, Value at, Value n) {
  Value zero = e.index(0), last = e.sub(n, e.index(1));
  auto modulo = [&](Value value, Value period) {
    Value r = e.rem(value, period);
    return e.select(e.lt(r, zero), e.add(r, period), r);
  };
  if (mode == PadMode::edge)
    return e.min(e.max(at, zero), last);
  if (mode == PadMode::wrap)
    return modulo(at, n);
  Value period = e.max(e.mul(e.index(2), last), e.index(1));
  Value r = modulo(at, period);
  return e.select(e.lt(last, r), e.sub(period, r), r);
}

static Value lowerPad(Emit &e, PadOp op, PadOp::Adaptor adaptor) {
  Value x = adaptor.getX();
  Type type = elementOf(x);
  Values pads = e.extractAll(adaptor.getPads());
  ArrayRef<Value> begin = ArrayRef<Value>(pads).take_front(rankOf(x)), end = ArrayRef<Value>(pads).take_back(rankOf(x));
  if (op.getMode() == PadMode::constant) {
    Value value = adaptor.getValue() ? e.extractScalar(adaptor.getValue()) : e.number(type, 0);
    return emitPad(e, x, begin, end, value);
  }
  Sizes from = e.sizes(x), sizes;
  for (auto [size, b, en] : llvm::zip_equal(from, begin, end)) {
    Value total = e.max(e.add(e.index(size), e.add(b, en)), e.index(0));
    sizes.push_back(getAsOpFoldResult(total));
    e.check(e.either(e.lt(e.index(0), e.index(size)), e.eq(total, e.index(0))),
            "an empty axis cannot be padded in this mode");
  }
  return e.build(e.refine(sizes, op.getType()), type, [&](Emit &inner, ValueRange indices) {
    Values at;
    for (auto [index, b, size] : llvm::zip_equal(indices, begin, from))
      at.push_back(mirror(inner, op.getMode(), inner.sub(index, b), inner.index(size)));
    return tensor::ExtractOp::create(inner, x, at);
  });
}

static Value lowerTile(Emit &e, TileOp op, TileOp::Adaptor adaptor) {
  Value x = adaptor.getX();
  Sizes from = e.sizes(x), sizes;
  for (auto [size, repeat] : llvm::zip_equal(from, e.extractAll(adaptor.getRepeats())))
    sizes.push_back(getAsOpFoldResult(e.mul(e.index(size), e.max(repeat, e.index(0)))));
  return e.build(e.refine(sizes, op.getType()), elementOf(x), [&](Emit &inner, ValueRange indices) {
    Values at;
    for (auto [index, size] : llvm::zip_equal(indices, from))
      at.push_back(inner.rem(index, inner.index(size)));
    return tensor::ExtractOp::create(inner, x, at);
  });
}

static Value lowerRange(Emit &e, RangeOp op, RangeOp::Adaptor adaptor) {
  Type original = elementOf(op.getStart()), type = signless(original);
  Value start = e.extractScalar(adaptor.getStart()), limit = e.extractScalar(adaptor.getLimit()),
        delta = e.extractScalar(adaptor.getDelta()), count;
  if (isa<FloatType>(type)) {
    // In f64, so that a long range has the length that its bounds say.
    Type wide = e.getF64Type();
    Value span = arith::SubFOp::create(e, e.toFloat(limit, wide), e.toFloat(start, wide));
    Value steps = math::CeilOp::create(e, arith::DivFOp::create(e, span, e.toFloat(delta, wide)));
    count = e.toIndex(arith::FPToSIOp::create(e, e.getI64Type(), steps));
  } else {
    auto wide = [&](Value value) {
      return e.toIndex(emitCast(e, value, original, IntegerType::get(e.getContext(), 64, IntegerType::Signed)));
    };
    Value zero = e.index(0), step = wide(delta), back = e.lt(step, zero);
    e.check(e.compare(arith::CmpIPredicate::ne, step, zero), "the step of the range is 0");
    Value span = e.sub(wide(limit), wide(start));
    span = e.select(back, e.sub(zero, span), span);
    Value stride = e.max(e.select(back, e.sub(zero, step), step), e.index(1));
    count = e.div(e.sub(e.add(span, stride), e.index(1)), stride);
    // Truncation toward zero of a negative span gives 0 or less: the maximum below sorts it out.
  }
  Sizes sizes{getAsOpFoldResult(e.max(count, e.index(0)))};
  return e.build(e.refine(sizes, op.getType()), type, [&](Emit &inner, ValueRange indices) {
    Value number = inner.fromIndex(indices[0], inner.getI64Type());
    Type wide = accumulatorOf(type);
    if (!isa<FloatType>(type)) {
      Value i = emitCast(inner, number, IntegerType::get(inner.getContext(), 64, IntegerType::Signed), original);
      return inner.add(start, inner.mul(i, delta));
    }
    Value i = arith::SIToFPOp::create(inner, wide, number);
    return inner.toFloat(emitAdd(inner, inner.toFloat(start, wide), emitMul(inner, i, inner.toFloat(delta, wide))),
                         type);
  });
}

void lowering::addTensorPatterns(Patterns &patterns) {
  patterns.add<ShapeOfOp>(lowerShapeOf);
  patterns.add<TransposeOp>(lowerTranspose);
  patterns.add<ExpandOp>(lowerExpand);
  patterns.add<ConcatOp>(lowerConcat);
  patterns.add<SplitOp>(lowerSplit);
  patterns.add<SliceOp>(lowerSlice);
  patterns.add<PadOp>(lowerPad);
  patterns.add<TileOp>(lowerTile);
  patterns.add<RangeOp>(lowerRange);
}
