// Resize and Upsample.
#include "pare/Dialect/Resize.h"
#include "Importer.h"

#include <numeric>

using namespace mlir;

namespace pare::onnx_import {
namespace {
/// What a node says, in terms of pare.resize.
struct Request {
  ResizeMode mode = ResizeMode::nearest;
  ResizeCoordinates coordinates = ResizeCoordinates::half_pixel;
  ResizeRounding rounding = ResizeRounding::round_prefer_floor;
  ResizePolicy policy = ResizePolicy::stretch;
  SmallVector<int64_t> axes;
  Value scales, sizes, roi;
  SmallVector<NamedAttribute> more;
};

/// `value` unless it is an optional input in its other spelling, a tensor without elements.
Value present(Value value) {
  auto type = value ? dyn_cast<RankedTensorType>(value.getType()) : RankedTensorType();
  return type && type.hasStaticShape() && type.getNumElements() == 0 ? Value() : value;
}

template <typename Enum>
std::optional<Enum> readEnum(Node &node, StringRef attribute, StringRef fallback,
                             std::optional<Enum> (*parse)(StringRef)) {
  std::string name = node.getString(attribute, fallback);
  std::optional<Enum> value = node.failed() ? std::nullopt : parse(name);
  if (!value)
    (void)node.error("unknown " + attribute + " '" + name + "'");
  return value;
}

std::optional<ResizeMode> readMode(Node &node) {
  std::string name = node.getString("mode", "nearest");
  if (name == "bilinear" || name == "trilinear") // as early versions have it
    return ResizeMode::linear;
  return readEnum<ResizeMode>(node, "mode", "nearest", symbolizeResizeMode);
}

Value constantFloats(Node &node, ArrayRef<float> values) {
  auto type = RankedTensorType::get(static_cast<int64_t>(values.size()), node.builder.getF32Type());
  return node.constant(DenseElementsAttr::get(type, values));
}

/// Entries `kept` of `value`, as a constant where it is one.
Value pickEntries(Node &node, Value value, ArrayRef<int64_t> kept) {
  auto type = dyn_cast<RankedTensorType>(value.getType());
  if (type && type.hasStaticShape() && type.getNumElements() == static_cast<int64_t>(kept.size()))
    return value;
  if (auto floats = getConstantFloats(value)) {
    SmallVector<float> some;
    for (int64_t i : kept)
      some.push_back((*floats)[static_cast<size_t>(i)]);
    return constantFloats(node, some);
  }
  if (auto ints = getConstantInts(value)) {
    SmallVector<int64_t> some;
    for (int64_t i : kept)
      some.push_back((*ints)[static_cast<size_t>(i)]);
    return node.shape(some);
  }
  return node.make<GatherOp>({value, node.shape(kept)}, {node.i64("axis", 0)});
}

/// Leaves out the axes that are known to keep their elements: mostly those of the batch and the channels.
LogicalResult dropKeptAxes(Node &node, Value x, Request &request) {
  auto count = request.axes.size();
  auto scales = getConstantFloats(request.scales);
  auto sizes = request.sizes ? getPartialInts(request.sizes) : std::nullopt;
  auto roi = getConstantFloats(request.roi);
  if ((scales && scales->size() != count) || (sizes && sizes->size() != count) || (roi && roi->size() != 2 * count))
    return node.error("scales, sizes or roi do not have one entry (roi: two) for each of " + Twine(count) + " axes");
  SmallVector<int64_t> kept, ends, axes;
  for (auto [i, axis] : llvm::enumerate(request.axes)) {
    bool same = scales && (*scales)[i] == 1;
    int64_t size = Node::size(x, axis);
    if (sizes && request.policy == ResizePolicy::stretch && !ShapedType::isDynamic(size))
      same |= (*sizes)[i] == size;
    if (request.roi)
      same &= roi && (*roi)[i] == 0 && (*roi)[count + i] == 1;
    if (same)
      continue;
    kept.push_back(static_cast<int64_t>(i));
    ends.push_back(static_cast<int64_t>(i + count));
    axes.push_back(axis);
  }
  request.axes = axes;
  if (request.scales)
    request.scales = pickEntries(node, request.scales, kept);
  if (request.sizes)
    request.sizes = pickEntries(node, request.sizes, kept);
  if (request.roi) {
    SmallVector<int64_t> both(kept);
    both.append(ends);
    request.roi = pickEntries(node, request.roi, both);
  }
  return success(!node.failed());
}

Value makeResize(Node &node, Value x, const Request &request) {
  MLIRContext *context = &node.importer.context;
  SmallVector<Value> operands{x};
  for (Value value : {request.scales, request.sizes, request.roi})
    if (value)
      operands.push_back(value);
  SmallVector<NamedAttribute> attributes = {
      node.segments({1, request.scales ? 1 : 0, request.sizes ? 1 : 0, request.roi ? 1 : 0}),
      node.ints("axes", request.axes), node.attr("mode", ResizeModeAttr::get(context, request.mode)),
      node.attr("coordinates", ResizeCoordinatesAttr::get(context, request.coordinates))};
  if (request.mode == ResizeMode::nearest)
    attributes.push_back(node.attr("rounding", ResizeRoundingAttr::get(context, request.rounding)));
  if (request.policy != ResizePolicy::stretch)
    attributes.push_back(node.attr("policy", ResizePolicyAttr::get(context, request.policy)));
  attributes.append(request.more);
  return node.make<ResizeOp>(operands, attributes);
}

LogicalResult setResized(Node &node, Value x, Request request) {
  if (failed(dropKeptAxes(node, x, request)))
    return failure();
  if (request.axes.empty())
    return node.set(x);
  Type type = Node::element(x);
  if (request.mode == ResizeMode::nearest || isa<FloatType>(type))
    return node.set(makeResize(node, x, request));
  if (type.isInteger(1))
    return node.unsupported("interpolation of booleans");
  // Integers are interpolated as floats that hold them exactly (64 bits: nearly) and rounded toward zero.
  Type wide = type.getIntOrFloatBitWidth() <= 16 ? Type(node.builder.getF32Type()) : Type(node.builder.getF64Type());
  return node.set(node.cast(makeResize(node, node.cast(x, wide), request), type));
}

/// Upsample, and Resize of opset 10: places i / scale. The nearest element is the one below, or where an axis shrinks
/// the one above, as ONNX Runtime has it; the standard does not say.
LogicalResult setSimple(Node &node, Value x, ResizeMode mode, Value scales) {
  auto rank = node.needRank(x);
  if (!rank)
    return failure();
  Request request;
  request.mode = mode;
  request.coordinates = ResizeCoordinates::asymmetric;
  request.rounding = ResizeRounding::floor;
  request.axes.resize(static_cast<size_t>(*rank));
  std::iota(request.axes.begin(), request.axes.end(), 0);
  request.scales = scales;
  auto known = getConstantFloats(scales);
  if (mode != ResizeMode::nearest || (known && llvm::all_of(*known, [](float scale) { return scale >= 1; })))
    return setResized(node, x, request);
  Request grow = request;
  if (known) {
    SmallVector<float> up, down;
    for (float scale : *known) {
      up.push_back(std::max(scale, 1.0F));
      down.push_back(std::min(scale, 1.0F));
    }
    grow.scales = constantFloats(node, up);
    request.scales = constantFloats(node, down);
  } else {
    Value one = node.scalar(Node::element(scales), 1);
    grow.scales = node.make<MaxOp>({scales, one});
    request.scales = node.make<MinOp>({scales, one});
  }
  request.rounding = ResizeRounding::ceil;
  if (failed(dropKeptAxes(node, x, grow)))
    return failure();
  Value grown = grow.axes.empty() ? x : makeResize(node, x, grow);
  return grown ? setResized(node, grown, request) : failure();
}

LogicalResult importUpsample(Node &node) {
  auto mode = readMode(node);
  if (!mode)
    return failure();
  Value scales = node.in(1);
  if (node.opset < 9) {
    const onnx::AttributeProto *given = node.attribute("scales");
    if (!given || given->type() != onnx::AttributeProto::FLOATS)
      return node.error("scales are missing");
    scales = constantFloats(node, SmallVector<float>(given->floats().begin(), given->floats().end()));
  } else if (!scales) {
    return node.error("scales are missing");
  }
  return setSimple(node, node.in(0), *mode, scales);
}

LogicalResult importResize(Node &node) {
  Value x = node.in(0);
  auto rank = node.needRank(x);
  auto mode = rank ? readMode(node) : std::nullopt;
  if (!mode)
    return failure();
  if (node.opset < 11)
    return node.in(1) ? setSimple(node, x, *mode, node.in(1)) : node.error("scales are missing");
  auto coordinates =
      readEnum<ResizeCoordinates>(node, "coordinate_transformation_mode", "half_pixel", symbolizeResizeCoordinates);
  auto rounding = readEnum<ResizeRounding>(node, "nearest_mode", "round_prefer_floor", symbolizeResizeRounding);
  auto policy = readEnum<ResizePolicy>(node, "keep_aspect_ratio_policy", "stretch", symbolizeResizePolicy);
  if (!coordinates || !rounding || !policy)
    return failure();
  Request request;
  request.mode = *mode;
  request.coordinates = *coordinates;
  request.rounding = *rounding;
  request.scales = present(node.in(2));
  request.sizes = present(node.in(3));
  if ((request.scales != nullptr) == (request.sizes != nullptr))
    return node.error("expected either scales or sizes, got " + Twine(request.scales ? "both" : "neither"));
  if (request.sizes)
    request.policy = *policy;
  if (auto given = node.getInts("axes"); given && !given->empty()) {
    for (int64_t axis : *given) {
      auto normal = node.getAxis(axis, x);
      if (!normal)
        return failure();
      request.axes.push_back(*normal);
    }
  } else {
    request.axes.resize(static_cast<size_t>(*rank));
    std::iota(request.axes.begin(), request.axes.end(), 0);
  }
  if (request.coordinates == ResizeCoordinates::tf_crop_and_resize) {
    Value roi = present(node.in(1));
    if (!roi)
      return node.error("tf_crop_and_resize needs a roi");
    request.roi = node.cast(roi, node.builder.getF32Type());
    request.more.push_back(node.f32("extrapolation_value", node.getFloat("extrapolation_value", 0)));
  }
  if (request.mode == ResizeMode::cubic)
    request.more.push_back(node.f32("cubic_coeff_a", node.getFloat("cubic_coeff_a", -0.75)));
  if (request.mode != ResizeMode::nearest && node.getInt("exclude_outside", 0) != 0)
    request.more.push_back(node.unit("exclude_outside"));
  if (node.getInt("antialias", 0) != 0) {
    if (request.mode == ResizeMode::nearest)
      return node.error("antialias is for modes linear and cubic");
    request.more.push_back(node.unit("antialias"));
  }
  return setResized(node, x, request);
}
} // namespace

void addResizeHandlers(Registry &r) {
  r.add("Resize", 1, 4, importResize);
  r.add("Upsample", 1, 2, importUpsample);
}
} // namespace pare::onnx_import
