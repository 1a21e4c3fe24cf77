// Plans the phases of transposed convolutions, and puts their results together.
#include "TransposedConvs.h"
#include "mlir/IR/TypeUtilities.h"
#include "pare/Dialect/Shapes.h"
#include "llvm/Support/MathExtras.h"
#include <cmath>

using namespace mlir;
using namespace pare;

static bool isFinite(ConstantOp weight) {
  SmallVector<char> storage;
  ArrayRef<char> bytes = getConstantBytes(weight.getValue(), storage);
  for (size_t at = 0; at < bytes.size(); at += sizeof(float)) {
    float value;
    memcpy(&value, bytes.data() + at, sizeof(value));
    if (!std::isfinite(value))
      return false;
  }
  return true;
}

std::optional<TransposedConv> TransposedConv::plan(ConvTransposeOp op, StringRef &reason) {
  auto x = dyn_cast<RankedTensorType>(op.getX().getType()),
       weight = dyn_cast<RankedTensorType>(op.getWeight().getType()), result = dyn_cast<RankedTensorType>(op.getType());
  if (!x || !weight || !result || !op.getWeight().getDefiningOp<ConstantOp>()) {
    reason = "the weight is not a constant";
    return std::nullopt;
  }
  if (!result.getElementType().isF32() || weight.getNumElements() == 0) {
    reason = "the type is not f32";
    return std::nullopt;
  }
  // Convolutions multiply their padding, of which 0 * inf would be NaN.
  if (!isFinite(op.getWeight().getDefiningOp<ConstantOp>())) {
    reason = "the weight is not finite";
    return std::nullopt;
  }
  TransposedConv plan{op, {}, {}};
  int64_t spatial = x.getRank() - 2;
  bool anyTap = true;
  for (int64_t axis = 0; axis < spatial; ++axis) {
    int64_t stride = op.getStrides()[axis], dilation = op.getDilations()[axis], kernel = weight.getDimSize(axis + 2);
    int64_t before = op.getPads()[axis], behind = op.getPads()[axis + spatial];
    // The result has stride * (n - 1) + extent elements, each phase n - 1 + steps.
    int64_t extent = op.getOutputPadding()[axis] + dilation * (kernel - 1) + 1 - before - behind;
    int64_t steps = llvm::divideCeilSigned(extent, stride);
    plan.rest.push_back(steps * stride - extent);
    bool any = false;
    auto &phases = plan.axes.emplace_back();
    for (int64_t first = 0; first < stride; ++first) {
      // Element stride * j + first of the result gathers tap k of element (stride * j + at - k * dilation) / stride of
      // x.
      Phase phase;
      int64_t at = first + before, start = llvm::divideFloorSigned(at, stride);
      for (int64_t tap = kernel - 1; tap >= 0; --tap)
        if ((at - tap * dilation) % stride == 0)
          phase.taps.push_back(tap);
      auto count = static_cast<int64_t>(phase.taps.size());
      if (count > 0) {
        any = true;
        if (count > 1)
          phase.dilation = (phase.taps[0] - phase.taps[1]) * dilation / stride;
        phase.padBegin = (phase.taps[0] * dilation - (at - start * stride)) / stride - start;
        phase.padEnd = steps - 1 - phase.padBegin + phase.dilation * (count - 1);
        // Of an axis that may be shorter than what is cut off, nothing else could be said than that it is empty.
        int64_t cut = std::max<int64_t>(-phase.padBegin, 0) + std::max<int64_t>(-phase.padEnd, 0);
        if (cut > (x.isDynamicDim(axis + 2) ? 1 : x.getDimSize(axis + 2))) {
          reason = "the result is cut by more than an element of the input";
          return std::nullopt;
        }
      }
      phases.push_back(phase);
    }
    anyTap &= any;
  }
  if (!anyTap) {
    reason = "no tap meets the result";
    return std::nullopt;
  }
  return plan;
}

SmallVector<SmallVector<const TransposedConv::Phase *>> TransposedConv::combinations() const {
  SmallVector<SmallVector<const Phase *>> result{{}};
  for (const auto &phases : axes) {
    SmallVector<SmallVector<const Phase *>> next;
    for (const auto &prefix : result)
      for (const Phase &phase : phases) {
        next.push_back(prefix);
        next.back().push_back(&phase);
      }
    result = std::move(next);
  }
  return result;
}

Value TransposedConv::weight(ImplicitLocOpBuilder &builder, ArrayRef<const Phase *> phases) {
  auto type = cast<RankedTensorType>(op.getWeight().getType());
  auto groups = static_cast<int64_t>(op.getGroups());
  int64_t channels = type.getDimSize(0) / groups, outputs = type.getDimSize(1), area = 1, taps = 1;
  SmallVector<int64_t> shape;
  for (auto [axis, phase] : llvm::enumerate(phases)) {
    shape.push_back(phase->taps.size());
    taps *= shape.back();
    area *= type.getDimSize(axis + 2);
  }
  shape.append({channels, outputs * groups});
  SmallVector<char> storage;
  ArrayRef<char> bytes = getConstantBytes(op.getWeight().getDefiningOp<ConstantOp>().getValue(), storage);
  std::vector<char> chosen(sizeof(float) * taps * channels * outputs * groups);
  char *to = chosen.data();
  for (int64_t tap = 0; tap < taps; ++tap) {
    int64_t place = 0, rest = tap, inner = 1; // of the tap in the kernel
    for (int64_t axis = phases.size() - 1; axis >= 0; --axis) {
      auto count = static_cast<int64_t>(phases[axis]->taps.size());
      place += phases[axis]->taps[rest % count] * inner;
      rest /= count;
      inner *= type.getDimSize(axis + 2);
    }
    for (int64_t channel = 0; channel < channels; ++channel)
      for (int64_t group = 0; group < groups; ++group)
        for (int64_t output = 0; output < outputs; ++output) {
          int64_t from = ((group * channels + channel) * outputs + output) * area + place;
          memcpy(to, bytes.data() + from * sizeof(float), sizeof(float));
          to += sizeof(float);
        }
  }
  return ConstantOp::create(builder,
                            cast<TypedAttr>(makeConstant(RankedTensorType::get(shape, builder.getF32Type()), chosen)));
}

/// Axes [axis, axis + 1] of `value` as one.
static Value mergeAxes(ImplicitLocOpBuilder &builder, Value value, int64_t axis) {
  auto type = cast<RankedTensorType>(value.getType());
  SmallVector<Value> entries;
  SmallVector<int64_t> known;
  auto constant = [&](ArrayRef<int64_t> values) -> Value {
    return ConstantOp::create(builder, makeInts(builder.getContext(), values));
  };
  auto flush = [&] {
    if (!known.empty())
      entries.push_back(constant(known));
    known.clear();
  };
  for (int64_t from = 0; from < type.getRank(); ++from) {
    if (from < axis) {
      known.push_back(0);
    } else if (from == axis) {
      known.push_back(-1);
    } else if (from > axis + 1 && !type.isDynamicDim(from)) {
      known.push_back(type.getDimSize(from));
    } else if (from > axis + 1) {
      flush();
      Value shape = ShapeOfOp::create(builder, value);
      entries.push_back(GatherOp::create(builder, shape, constant({from}), /*axis=*/0));
    }
  }
  flush();
  Value shape = entries.size() == 1 ? entries[0] : Value(ConcatOp::create(builder, entries, /*axis=*/0));
  return ReshapeOp::create(builder, value, shape, /*allow_zero=*/false);
}

Value TransposedConv::interleave(ImplicitLocOpBuilder &builder, ArrayRef<Value> parts) const {
  int64_t spatial = axes.size();
  // [N, n0, phase0, n1, phase1, .., O]
  SmallVector<int64_t> added;
  for (int64_t axis = 0; axis < spatial; ++axis)
    added.push_back(2 * axis + 2);
  SmallVector<Value> pieces;
  for (Value part : parts)
    pieces.push_back(UnsqueezeOp::create(builder, part, added));
  for (int64_t axis = spatial - 1; axis >= 0; --axis) {
    size_t count = axes[axis].size();
    SmallVector<Value> joined;
    for (size_t from = 0; from < pieces.size(); from += count) {
      auto group = ArrayRef(pieces).slice(from, count);
      joined.push_back(count == 1 ? group[0] : Value(ConcatOp::create(builder, group, added[axis])));
    }
    pieces = joined;
  }
  Value result = pieces[0];
  for (int64_t axis = spatial - 1; axis >= 0; --axis)
    result = mergeAxes(builder, result, 2 * axis + 1);
  SmallVector<int64_t> cut, starts, ends, steps;
  for (int64_t axis = 0; axis < spatial; ++axis)
    if (rest[axis] > 0) {
      cut.push_back(axis + 1);
      starts.push_back(0);
      ends.push_back(-rest[axis]);
      steps.push_back(1);
    }
  if (cut.empty())
    return result;
  auto constant = [&](ArrayRef<int64_t> values) -> Value {
    return ConstantOp::create(builder, makeInts(builder.getContext(), values));
  };
  return SliceOp::create(builder, result, constant(starts), constant(ends), constant(steps), cut);
}
