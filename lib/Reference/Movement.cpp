// Ops that make tensors and move elements by position.
#include "Case.h"
#include "llvm/Support/MathExtras.h"
#include <algorithm>
#include <cmath>
#include <numeric>

using namespace mlir;

namespace pare::reference {

static llvm::Error reshape(ReshapeOp op, Call &call) {
  const Tensor &data = call[op.getData()];
  std::vector<int64_t> entries = call[op.getShape()].toInts();
  Index shape(entries.begin(), entries.end());
  auto fail = [&] {
    return call.error("elements of shape " + toString(data.getShape()) + " do not fit shape " + toString(entries));
  };
  int64_t inferred = -1;
  for (auto [axis, size] : llvm::enumerate(shape)) {
    if (size == 0 && !op.getAllowZero()) {
      if (static_cast<int64_t>(axis) >= data.getRank())
        return fail();
      size = data.getShape()[axis];
    } else if (size == -1) {
      if (inferred >= 0)
        return fail();
      inferred = static_cast<int64_t>(axis);
    } else if (size < 0) {
      return fail();
    }
  }
  if (inferred >= 0) {
    shape[inferred] = 1;
    if (llvm::Error error = call.checkSize(call.elementType(), shape))
      return error;
    int64_t known = product(shape);
    if (known == 0) { // any size fits: the static one of the result, or 0
      auto type = dyn_cast<RankedTensorType>(op.getType());
      shape[inferred] = type && !type.isDynamicDim(inferred) ? type.getDimSize(inferred) : 0;
    } else {
      shape[inferred] = data.getNumElements() / known;
    }
  }
  if (llvm::Error error = call.checkSize(call.elementType(), shape))
    return error;
  if (product(shape) != data.getNumElements())
    return fail();
  return call.give(data.reshaped(shape));
}

static llvm::Error squeeze(SqueezeOp op, Call &call) {
  const Tensor &x = call[op.getX()];
  Index shape;
  for (auto [axis, size] : llvm::enumerate(x.getShape())) {
    if (!llvm::is_contained(op.getAxes(), static_cast<int64_t>(axis)))
      shape.push_back(size);
    else if (size != 1)
      return call.error("axis " + Twine(axis) + " has size " + Twine(size) + ", not 1");
  }
  if (static_cast<int64_t>(shape.size() + op.getAxes().size()) != x.getRank())
    return call.error("axes " + toString(op.getAxes()) + " of a tensor of rank " + Twine(x.getRank()));
  return call.give(x.reshaped(shape));
}

static llvm::Error unsqueeze(UnsqueezeOp op, Call &call) {
  const Tensor &x = call[op.getX()];
  Index shape(x.getShape());
  for (int64_t axis : op.getAxes()) {
    if (llvm::Error error = call.checkAxis(axis, static_cast<int64_t>(shape.size()) + 1))
      return error;
    shape.insert(shape.begin() + axis, 1);
  }
  return call.give(x.reshaped(shape));
}

static llvm::Error flatten(FlattenOp op, Call &call) {
  const Tensor &x = call[op.getX()];
  auto axis = static_cast<int64_t>(op.getAxis());
  if (llvm::Error error = call.checkAxis(axis, x.getRank() + 1))
    return error;
  return call.give(x.reshaped({product(x.getShape().take_front(axis)), product(x.getShape().drop_front(axis))}));
}

static llvm::Error transpose(TransposeOp op, Call &call) {
  const Tensor &x = call[op.getX()];
  IndexRef permutation = op.getPermutation();
  Index sorted(permutation), iota(x.getRank()), shape, strides, own = rowMajorStrides(x.getShape());
  llvm::sort(sorted);
  std::iota(iota.begin(), iota.end(), 0);
  if (sorted != iota)
    return call.error(toString(permutation) + " does not permute rank " + Twine(x.getRank()));
  for (int64_t axis : permutation) {
    shape.push_back(x.getShape()[axis]);
    strides.push_back(own[axis]);
  }
  return call.give(pick(x, shape, [&](IndexRef index) { return dot(index, strides); }));
}

static llvm::Error expand(ExpandOp op, Call &call) {
  const Tensor &x = call[op.getX()];
  std::vector<int64_t> wanted = call[op.getShape()].toInts();
  auto shape = broadcast(x.getShape(), wanted);
  if (!shape)
    return call.error("shapes " + toString(x.getShape()) + " and " + toString(wanted) + " do not broadcast");
  if (llvm::Error error = call.checkSize(call.elementType(), *shape))
    return error;
  auto offsets = broadcastOffsets(x.getShape(), *shape);
  auto next = offsets.begin();
  return call.give(pick(x, *shape, [&](IndexRef) { return *next++; }));
}

static llvm::Error concat(ConcatOp op, Call &call) {
  auto axis = static_cast<int64_t>(op.getAxis());
  if (call.operands.empty())
    return call.error("nothing to join");
  Index shape(call.operands.front().getShape());
  if (llvm::Error error = call.checkAxis(axis, static_cast<int64_t>(shape.size())))
    return error;
  shape[axis] = 0;
  for (const Tensor &input : call.operands) {
    Index own(input.getShape());
    if (own.size() == shape.size()) {
      int64_t size = std::exchange(own[axis], shape[axis]);
      if (own == shape) {
        shape[axis] += size;
        continue;
      }
    }
    return call.error("shape " + toString(input.getShape()) + " does not join " +
                      toString(call.operands.front().getShape()) + " along axis " + Twine(axis));
  }
  if (llvm::Error error = call.checkSize(call.elementType(), shape))
    return error;
  Tensor result(call.elementType(), shape);
  AxisView view(shape, axis);
  int64_t row = view.inner * elementBytes(call.elementType());
  char *to = result.getMutableBytes().data();
  for (int64_t outer = 0; outer < view.outer; ++outer)
    for (const Tensor &input : call.operands) {
      int64_t bytes = input.getShape()[axis] * row;
      to = std::copy_n(input.getBytes().data() + outer * bytes, bytes, to);
    }
  return call.give(std::move(result));
}

// Elements start, start + step, ... (count of them) along one axis.
static Tensor slice(const Tensor &x, int64_t axis, int64_t start, int64_t count, int64_t step) {
  Index shape(x.getShape()), strides = rowMajorStrides(x.getShape());
  shape[axis] = count;
  int64_t base = start * strides[axis];
  strides[axis] *= step;
  return pick(x, shape, [&](IndexRef index) { return base + dot(index, strides); });
}

static llvm::Error split(SplitOp op, Call &call) {
  const Tensor &x = call[op.getX()];
  auto axis = static_cast<int64_t>(op.getAxis()), pieces = static_cast<int64_t>(op->getNumResults());
  if (llvm::Error error = call.checkAxis(axis, x.getRank()))
    return error;
  int64_t size = x.getShape()[axis];
  std::vector<int64_t> sizes;
  if (op.getSizes())
    sizes = call[op.getSizes()].toInts();
  else
    for (int64_t piece = 0, each = pieces ? (size + pieces - 1) / pieces : 0; piece < pieces; ++piece)
      sizes.push_back(std::clamp<int64_t>(size - piece * each, 0, each));
  if (static_cast<int64_t>(sizes.size()) != pieces ||
      llvm::any_of(sizes, [&](int64_t s) { return s < 0 || s > size; }) ||
      std::accumulate(sizes.begin(), sizes.end(), int64_t(0)) != size)
    return call.error("pieces " + toString(sizes) + " of an axis of size " + Twine(size));
  int64_t start = 0;
  for (int64_t piece : sizes) {
    call.results.push_back(slice(x, axis, start, piece, 1));
    start += piece;
  }
  return llvm::Error::success();
}

static llvm::Error sliceOp(SliceOp op, Call &call) {
  Tensor result = call[op.getX()];
  std::vector<int64_t> starts = call[op.getStarts()].toInts(), ends = call[op.getEnds()].toInts(),
                       steps = call[op.getSteps()].toInts();
  size_t count = op.getAxes().size();
  if (starts.size() != count || ends.size() != count || steps.size() != count)
    return call.error("expected " + Twine(count) + " starts, ends and steps");
  for (auto [i, axis] : llvm::enumerate(op.getAxes())) {
    if (llvm::Error error = call.checkAxis(axis, result.getRank()))
      return error;
    int64_t size = result.getShape()[axis], step = steps[i];
    if (step == 0)
      return call.error("a step of 0");
    // Of a step beyond the axis only the first element is seen; this keeps the sums below from overflowing.
    step = std::clamp<int64_t>(step, -size - 1, size + 1);
    int64_t lowest = step > 0 ? 0 : -1, highest = step > 0 ? size : size - 1;
    auto bound = [&](int64_t at) { return std::clamp(at < 0 ? at + size : at, lowest, std::max(lowest, highest)); };
    int64_t start = bound(starts[i]), end = bound(ends[i]);
    int64_t length = step > 0 ? (end - start + step - 1) / step : (start - end - step - 1) / -step;
    result = slice(result, axis, start, std::max<int64_t>(length, 0), step);
  }
  return call.give(std::move(result));
}

// Where position `at` of an axis of `size` elements reads when it lies outside.
static int64_t outside(PadMode mode, int64_t at, int64_t size) {
  if (mode == PadMode::edge)
    return std::clamp<int64_t>(at, 0, size - 1);
  auto mod = [](int64_t a, int64_t b) { return ((a % b) + b) % b; };
  if (mode == PadMode::wrap)
    return mod(at, size);
  if (size == 1)
    return 0;
  int64_t place = mod(at, 2 * (size - 1));
  return place < size ? place : 2 * (size - 1) - place;
}

static llvm::Error pad(PadOp op, Call &call) {
  const Tensor &x = call[op.getX()];
  int64_t rank = x.getRank();
  std::vector<int64_t> pads = call[op.getPads()].toInts();
  if (static_cast<int64_t>(pads.size()) != 2 * rank)
    return call.error("expected " + Twine(2 * rank) + " pads, got " + Twine(pads.size()));
  Index shape(x.getShape());
  bool constant = op.getMode() == PadMode::constant;
  for (int64_t axis = 0; axis < rank; ++axis) {
    constexpr int64_t limit = int64_t(1) << 60;
    if (std::abs(pads[axis]) > limit || std::abs(pads[rank + axis]) > limit)
      return call.error("pads " + toString(pads));
    shape[axis] += pads[axis] + pads[rank + axis];
  }
  if (llvm::Error error = call.checkSize(call.elementType(), shape))
    return error;
  if (!constant && x.getNumElements() == 0 && product(shape) != 0)
    return call.error("nothing to repeat in a tensor of shape " + toString(x.getShape()));
  Tensor fill(call.elementType(), {});
  if (op.getValue()) {
    if (llvm::Error error = call.checkScalar(call[op.getValue()], "the value"))
      return error;
    fill = call[op.getValue()];
  }
  Index strides = rowMajorStrides(x.getShape());
  Tensor result(call.elementType(), shape);
  unsigned bytes = elementBytes(call.elementType());
  char *to = result.getMutableBytes().data();
  forEachIndex(shape, [&](IndexRef index, int64_t position) {
    const char *from = x.getBytes().data();
    for (int64_t axis = 0; axis < rank; ++axis) {
      int64_t at = index[axis] - pads[axis], size = x.getShape()[axis];
      if (constant && (at < 0 || at >= size)) {
        from = fill.getBytes().data();
        break;
      }
      from += outside(constant ? PadMode::edge : op.getMode(), at, size) * strides[axis] * bytes;
    }
    std::copy(from, from + bytes, to + position * bytes);
  });
  return call.give(std::move(result));
}

static llvm::Error tile(TileOp op, Call &call) {
  const Tensor &x = call[op.getX()];
  std::vector<int64_t> repeats = call[op.getRepeats()].toInts();
  if (static_cast<int64_t>(repeats.size()) != x.getRank())
    return call.error("expected " + Twine(x.getRank()) + " repeats, got " + Twine(repeats.size()));
  Index shape(x.getShape()), strides = rowMajorStrides(x.getShape());
  for (auto [size, repeat] : llvm::zip_equal(shape, repeats)) {
    if (repeat < 0 || repeat > call.options.maxResultBytes)
      return call.error("repeats " + toString(repeats));
    if (llvm::MulOverflow(size, repeat, size))
      return call.error("repeats " + toString(repeats));
  }
  if (llvm::Error error = call.checkSize(call.elementType(), shape))
    return error;
  return call.give(pick(x, shape, [&](IndexRef index) {
    int64_t offset = 0;
    for (auto [axis, at] : llvm::enumerate(index))
      offset += at % x.getShape()[axis] * strides[axis];
    return offset;
  }));
}

static llvm::Error shapeOf(ShapeOfOp op, Call &call) {
  IndexRef shape = call[op.getX()].getShape();
  return call.give(Tensor::fromInts(call.elementType(), {static_cast<int64_t>(shape.size())}, shape));
}

static llvm::Error full(FullOp op, Call &call) {
  std::vector<int64_t> shape = call[op.getShape()].toInts();
  if (llvm::Error error = call.checkSize(call.elementType(), shape))
    return error;
  auto value = Tensor::fromConstant(cast<TypedAttr>(op.getValue()));
  if (llvm::Error error = call.checkScalar(value, "the value"))
    return error;
  return call.give(pick(value, shape, [](IndexRef) { return 0; }));
}

static llvm::Error range(RangeOp op, Call &call) {
  const Tensor &start = call[op.getStart()], &limit = call[op.getLimit()], &delta = call[op.getDelta()];
  for (const Tensor *operand : {&start, &limit, &delta})
    if (llvm::Error error = call.checkScalar(*operand, "an operand"))
      return error;
  if (delta.getDouble(0) == 0)
    return call.error("a step of 0");
  double wanted = std::ceil((limit.getDouble(0) - start.getDouble(0)) / delta.getDouble(0));
  if (std::isnan(wanted) || wanted > static_cast<double>(call.options.maxResultBytes))
    return call.error("too many elements");
  auto count = static_cast<int64_t>(std::max(wanted, 0.0));
  if (!start.isFloat()) { // exact where doubles are not
    __int128 span = static_cast<__int128>(limit.getInt(0)) - start.getInt(0), step = delta.getInt(0);
    __int128 exact = (span + step + (step > 0 ? -1 : 1)) / step;
    count = exact > 0 ? static_cast<int64_t>(exact) : 0;
  }
  if (llvm::Error error = call.checkSize(call.elementType(), {count}))
    return error;
  Tensor result(call.elementType(), {count});
  for (int64_t i = 0; i < count; ++i) {
    if (start.isFloat())
      result.setDouble(i, start.getDouble(0) + static_cast<double>(i) * delta.getDouble(0));
    else
      result.setInt(i, static_cast<int64_t>(static_cast<uint64_t>(start.getInt(0)) +
                                            static_cast<uint64_t>(i) * static_cast<uint64_t>(delta.getInt(0))));
  }
  return call.give(std::move(result));
}

void registerMovement(Registry &registry) {
  registry.add<ReshapeOp>(reshape);
  registry.add<SqueezeOp>(squeeze);
  registry.add<UnsqueezeOp>(unsqueeze);
  registry.add<FlattenOp>(flatten);
  registry.add<TransposeOp>(transpose);
  registry.add<ExpandOp>(expand);
  registry.add<ConcatOp>(concat);
  registry.add<SplitOp>(split);
  registry.add<SliceOp>(sliceOp);
  registry.add<PadOp>(pad);
  registry.add<TileOp>(tile);
  registry.add<ShapeOfOp>(shapeOf);
  registry.add<FullOp>(full);
  registry.add<RangeOp>(range);
}

} // namespace pare::reference
