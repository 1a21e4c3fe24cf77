// What pare.resize means, one axis at a time.
#include "pare/Dialect/Resize.h"
#include <cmath>

using namespace mlir;
using namespace pare;

// Compiled code rounds every step, and so must this.
#pragma STDC FP_CONTRACT OFF

FailureOr<SmallVector<ResizedAxis>> pare::getResizedAxes(ResizePolicy policy, ArrayRef<int64_t> n,
                                                         ArrayRef<float> scales, ArrayRef<int64_t> sizes,
                                                         ArrayRef<float> roi, std::string &reason) {
  auto fail = [&](const Twine &text) {
    reason = text.str();
    return failure();
  };
  size_t count = n.size();
  SmallVector<ResizedAxis> axes;
  for (size_t i = 0; i < count; ++i) {
    if (!scales.empty()) {
      if (!(scales[i] > 0))
        return fail("scale " + Twine(std::to_string(scales[i])) + " is not positive");
      float length = static_cast<float>(n[i]) * scales[i];
      int64_t size = length <= static_cast<float>(kMaxResized) ? static_cast<int64_t>(length) : kMaxResized + 1;
      axes.push_back({n[i], size, scales[i], length});
    } else {
      if (sizes[i] < 0)
        return fail("size " + Twine(sizes[i]) + " is negative");
      auto scale = static_cast<float>(static_cast<double>(sizes[i]) / static_cast<double>(n[i]));
      axes.push_back({n[i], sizes[i], scale, static_cast<float>(sizes[i])});
    }
    if (!roi.empty()) {
      axes[i].start = roi[i];
      axes[i].end = roi[count + i];
    }
  }
  if (!sizes.empty() && policy != ResizePolicy::stretch) {
    std::optional<double> common;
    for (size_t i = 0; i < count; ++i) {
      double scale = static_cast<double>(sizes[i]) / static_cast<double>(n[i]);
      bool smaller = policy == ResizePolicy::not_larger;
      if (!common || (smaller ? scale < *common : scale > *common))
        common = scale;
    }
    for (ResizedAxis &axis : axes) {
      double length = *common * static_cast<double>(axis.n);
      axis.scale = static_cast<float>(*common);
      axis.length = static_cast<float>(length);
      axis.size =
          length <= static_cast<double>(kMaxResized) ? static_cast<int64_t>(std::floor(length + 0.5)) : kMaxResized + 1;
    }
  }
  for (const ResizedAxis &axis : axes) {
    if (axis.n > kMaxResized || axis.size > kMaxResized)
      return fail("an axis has more than 2^23 elements");
    if (axis.n == 0 && axis.size != 0)
      return fail("an axis without elements cannot get " + Twine(axis.size));
  }
  return axes;
}

ResizeFilter ResizeFilter::get(ResizeOp op) {
  return {op.getMode(),           op.getCoordinates(), op.getRounding(), op.getCubicCoeffA().convertToFloat(),
          op.getExcludeOutside(), op.getAntialias()};
}

double ResizeFilter::filterScale(float scale) const {
  return antialias ? std::max(std::min(static_cast<double>(scale), 1.0), kMinFilterScale) : 1;
}

int64_t ResizeFilter::firstTap(float scale) const {
  return static_cast<int64_t>(std::floor(static_cast<double>(-radius()) / filterScale(scale))) + 1;
}

/// Where element `i` lies in the operand. Every step is rounded to f32, as in ONNX Runtime.
static float placeOf(const ResizeFilter &filter, const ResizedAxis &axis, int64_t i) {
  auto at = static_cast<float>(i), n = static_cast<float>(axis.n), size = static_cast<float>(axis.size);
  if (filter.coordinates != ResizeCoordinates::tf_crop_and_resize && axis.scale == 1 && axis.n == axis.size)
    return at;
  switch (filter.coordinates) {
  case ResizeCoordinates::half_pixel:
    return (at + 0.5F) / axis.scale - 0.5F;
  case ResizeCoordinates::half_pixel_symmetric: {
    float offset = n * 0.5F * (1 - size / axis.length);
    return offset + (at + 0.5F) / axis.scale - 0.5F;
  }
  case ResizeCoordinates::pytorch_half_pixel:
    return axis.size > 1 ? (at + 0.5F) / axis.scale - 0.5F : 0;
  case ResizeCoordinates::align_corners:
    return axis.length == 1 ? 0 : at * (n - 1) / (axis.length - 1);
  case ResizeCoordinates::asymmetric:
    return at / axis.scale;
  case ResizeCoordinates::tf_half_pixel_for_nn:
    return (at + 0.5F) / axis.scale;
  case ResizeCoordinates::tf_crop_and_resize: {
    if (axis.length == 1)
      return 0.5F * (axis.start + axis.end) * (n - 1);
    float step = at * (axis.end - axis.start) * (n - 1) / (axis.length - 1);
    return axis.start * (n - 1) + step;
  }
  }
  llvm_unreachable("a coordinate transformation without a formula");
}

static double weightOf(const ResizeFilter &filter, double distance) {
  double d = std::fabs(distance), a = filter.cubicCoeffA;
  if (filter.mode == ResizeMode::linear)
    return std::max(1 - d, 0.0);
  if (d <= 1)
    return ((a + 2) * d - (a + 3)) * d * d + 1;
  return d < 2 ? ((a * d - 5 * a) * d + 8 * a) * d - 4 * a : 0;
}

static double rounded(ResizeRounding rounding, double place) {
  double floor = std::floor(place), rest = place - floor;
  switch (rounding) {
  case ResizeRounding::round_prefer_floor:
    return floor + (rest > 0.5);
  case ResizeRounding::round_prefer_ceil:
    return floor + (rest >= 0.5);
  case ResizeRounding::floor:
    return floor;
  case ResizeRounding::ceil:
    return floor + (rest > 0);
  }
  llvm_unreachable("a rounding without a formula");
}

ResizeTable pare::makeResizeTable(const ResizeFilter &filter, const ResizedAxis &axis) {
  ResizeTable table{axis.size == 0 ? 1 : filter.taps(axis.scale), {}, {}, {}};
  auto entries = static_cast<size_t>(table.taps * axis.size);
  table.index.resize(entries);
  table.weight.resize(entries, 1);
  table.outside.resize(static_cast<size_t>(axis.size));
  int64_t first = filter.firstTap(axis.scale);
  double scale = filter.filterScale(axis.scale), reach = static_cast<double>(table.taps) + 2;
  for (int64_t i = 0; i < axis.size; ++i) {
    double place = placeOf(filter, axis, i);
    table.outside[static_cast<size_t>(i)] = filter.coordinates == ResizeCoordinates::tf_crop_and_resize &&
                                            (place < 0 || place > static_cast<double>(axis.n - 1));
    // Far outside, all neighbours are one element anyway.
    place = place > -reach ? place : -reach;
    place = std::min(place, static_cast<double>(axis.n) + reach);
    auto inside = [&](int64_t at) { return std::clamp<int64_t>(at, 0, axis.n - 1); };
    if (filter.mode == ResizeMode::nearest) {
      table.index[static_cast<size_t>(i)] = inside(static_cast<int64_t>(rounded(filter.rounding, place)));
      continue;
    }
    double floor = std::floor(place), sum = 0;
    for (int64_t tap = 0; tap < table.taps; ++tap) {
      int64_t at = static_cast<int64_t>(floor) + first + tap;
      auto entry = static_cast<size_t>(tap * axis.size + i);
      table.index[entry] = inside(at);
      bool counts = !filter.excludeOutside || inside(at) == at;
      table.weight[entry] = counts ? weightOf(filter, scale * (static_cast<double>(first + tap) - (place - floor))) : 0;
      sum += table.weight[entry];
    }
    for (int64_t tap = 0; filter.normalises() && sum != 0 && tap < table.taps; ++tap)
      table.weight[static_cast<size_t>(tap * axis.size + i)] /= sum;
  }
  return table;
}

std::optional<SmallVector<float>> pare::getConstantFloats(Value value) {
  auto constant = value ? value.getDefiningOp<ConstantOp>() : ConstantOp();
  auto type = constant ? cast<RankedTensorType>(constant.getType()) : RankedTensorType();
  if (!type || !type.getElementType().isF32())
    return std::nullopt;
  SmallVector<char> storage;
  ArrayRef<char> bytes = getConstantBytes(constant.getValue(), storage);
  SmallVector<float> values(static_cast<size_t>(type.getNumElements()));
  memcpy(values.data(), bytes.data(), bytes.size());
  return values;
}
