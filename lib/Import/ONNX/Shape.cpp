// Ops that change shapes and move no elements, and those that compute shapes.
#include "Importer.h"

#include <numeric>

using namespace mlir;

namespace pare::onnx_import {
namespace {
// Axes from an attribute (older opsets) or from input `i`; std::nullopt in `axes` when neither is there.
bool readAxes(Node &node, unsigned i, std::optional<SmallVector<int64_t>> &axes) {
  axes = node.getInts("axes");
  if (node.in(i)) {
    axes = node.getConstant(node.in(i), "axes");
    if (!axes)
      return false;
  }
  return !node.failed();
}

LogicalResult importReshape(Node &node) {
  SmallVector<NamedAttribute> attributes;
  if (node.getInt("allowzero", 0) != 0)
    attributes.push_back(node.unit("allow_zero"));
  return node.set(node.make<ReshapeOp>({node.in(0), node.in(1)}, attributes));
}

LogicalResult importSqueeze(Node &node) {
  Value x = node.in(0);
  std::optional<SmallVector<int64_t>> axes;
  std::optional<int64_t> rank = node.needRank(x);
  if (!rank || !readAxes(node, 1, axes))
    return failure();
  if (!axes) {
    axes.emplace();
    for (int64_t i = 0; i < *rank; ++i) {
      if (ShapedType::isDynamic(Node::size(x, i)))
        return node.unsupported("no axes for a tensor of dynamic shape: the rank of the result depends on the input");
      if (Node::size(x, i) == 1)
        axes->push_back(i);
    }
  }
  axes = node.getAxes(*axes, *rank);
  return axes ? node.set(node.make<SqueezeOp>(x, {node.ints("axes", *axes)})) : failure();
}

LogicalResult importUnsqueeze(Node &node) {
  std::optional<SmallVector<int64_t>> axes;
  std::optional<int64_t> rank = node.needRank(node.in(0));
  if (!rank || !readAxes(node, 1, axes))
    return failure();
  if (!axes)
    return node.error("axes are missing");
  axes = node.getAxes(*axes, *rank + int64_t(axes->size()));
  return axes ? node.set(node.make<UnsqueezeOp>(node.in(0), {node.ints("axes", *axes)})) : failure();
}

LogicalResult importFlatten(Node &node) {
  std::optional<int64_t> rank = node.needRank(node.in(0));
  if (!rank)
    return failure();
  int64_t axis = node.getInt("axis", 1);
  if (axis < -*rank || axis > *rank)
    return node.error("axis " + Twine(axis) + " is out of range for rank " + Twine(*rank));
  return node.set(node.make<FlattenOp>(node.in(0), {node.i64("axis", axis < 0 ? axis + *rank : axis)}));
}

LogicalResult importTranspose(Node &node) {
  std::optional<int64_t> rank = node.needRank(node.in(0));
  if (!rank)
    return failure();
  SmallVector<int64_t> permutation(size_t(*rank), 0);
  std::iota(permutation.begin(), permutation.end(), 0);
  if (auto given = node.getInts("perm")) {
    auto sorted = node.getAxes(*given, *rank);
    if (!sorted)
      return failure();
    if (*sorted != permutation)
      return node.error("perm is not a permutation of the axes");
    permutation = *given;
    for (int64_t &axis : permutation)
      axis += axis < 0 ? *rank : 0;
  } else {
    std::reverse(permutation.begin(), permutation.end());
  }
  return node.set(node.transpose(node.in(0), permutation));
}

LogicalResult importExpand(Node &node) { return node.set(node.make<ExpandOp>({node.in(0), node.in(1)})); }

LogicalResult importShape(Node &node) {
  Value shape = node.make<ShapeOfOp>(node.in(0));
  if (!node.has("start") && !node.has("end"))
    return node.set(shape);
  std::optional<int64_t> rank = node.needRank(node.in(0));
  if (!rank)
    return failure();
  auto clamp = [&](int64_t at) { return std::clamp(at < 0 ? at + *rank : at, int64_t(0), *rank); };
  int64_t start = clamp(node.getInt("start", 0)), end = clamp(node.getInt("end", *rank));
  if (start == 0 && end == *rank)
    return node.set(shape);
  return node.set(node.make<SliceOp>({shape, node.shape({start}), node.shape({std::max(start, end)}), node.shape({1})},
                                     {node.ints("axes", {0})}));
}

LogicalResult importSize(Node &node) {
  Value shape = node.make<ShapeOfOp>(node.in(0));
  return node.set(
      node.make<ReduceOp>(shape, {node.ints("axes", {0}),
                                  node.attr("kind", ReduceKindAttr::get(&node.importer.context, ReduceKind::prod))}));
}

LogicalResult importConstantOfShape(Node &node) {
  Attribute value = node.splat({1}, node.builder.getF32Type(), 0);
  if (const onnx::AttributeProto *given = node.attribute("value")) {
    std::string reason;
    bool malformed = false;
    FailureOr<Value> constant = node.importer.importTensor(given->t(), node.location, reason, malformed);
    if (failed(constant))
      return malformed ? node.error(reason) : node.unsupported(reason);
    auto dense = dyn_cast<DenseElementsAttr>((*constant).getDefiningOp<ConstantOp>().getValue());
    (*constant).getDefiningOp()->erase();
    if (!dense || dense.getNumElements() != 1)
      return node.error("value does not hold one element");
    value = dense.reshape(RankedTensorType::get({1}, dense.getElementType()));
  }
  return node.set(node.make<FullOp>(node.in(0), {node.attr("value", value)}));
}

LogicalResult importDepthToSpace(Node &node) {
  Value x = node.in(0);
  int64_t block = node.getInt("blocksize", 0);
  std::string mode = node.getString("mode", "DCR");
  if (node.needRank(x) != 4)
    return node.failed() ? failure() : node.error("the input is not of rank 4");
  if (block < 1 || block > 1 << 20)
    return node.error("blocksize " + Twine(block) + " is out of range");
  int64_t channels = Node::size(x, 1), height = Node::size(x, 2), width = Node::size(x, 3);
  if (llvm::any_of(ArrayRef<int64_t>{channels, height, width}, ShapedType::isDynamic))
    return node.unsupported("dynamic channels or spatial dimensions");
  if (channels % (block * block) != 0)
    return node.error("blocksize does not divide the channels");
  int64_t depth = channels / (block * block);
  Value split = mode == "DCR" ? node.reshape(x, {0, block, block, depth, height, width})
                              : node.reshape(x, {0, depth, block, block, height, width});
  Value moved = mode == "DCR" ? node.transpose(split, {0, 3, 4, 1, 5, 2}) : node.transpose(split, {0, 1, 4, 2, 5, 3});
  return node.set(node.reshape(moved, {0, depth, height * block, width * block}));
}

LogicalResult importSpaceToDepth(Node &node) {
  Value x = node.in(0);
  int64_t block = node.getInt("blocksize", 0);
  if (node.needRank(x) != 4)
    return node.failed() ? failure() : node.error("the input is not of rank 4");
  if (block < 1 || block > 1 << 20)
    return node.error("blocksize " + Twine(block) + " is out of range");
  int64_t channels = Node::size(x, 1), height = Node::size(x, 2), width = Node::size(x, 3);
  if (llvm::any_of(ArrayRef<int64_t>{channels, height, width}, ShapedType::isDynamic))
    return node.unsupported("dynamic channels or spatial dimensions");
  if (height % block != 0 || width % block != 0)
    return node.error("blocksize does not divide the spatial dimensions");
  Value split = node.reshape(x, {0, channels, height / block, block, width / block, block});
  Value moved = node.transpose(split, {0, 3, 5, 1, 2, 4});
  return node.set(node.reshape(moved, {0, channels * block * block, height / block, width / block}));
}
} // namespace

void addShapeHandlers(Registry &r) {
  r.add("Reshape", 2, 2, importReshape);
  r.add("Squeeze", 1, 2, importSqueeze);
  r.add("Unsqueeze", 1, 2, importUnsqueeze);
  r.add("Flatten", 1, 1, importFlatten);
  r.add("Transpose", 1, 1, importTranspose);
  r.add("Expand", 2, 2, importExpand);
  r.add("Shape", 1, 1, importShape);
  r.add("Size", 1, 1, importSize);
  r.add("ConstantOfShape", 1, 1, importConstantOfShape);
  r.add("DepthToSpace", 1, 1, importDepthToSpace);
  r.add("SpaceToDepth", 1, 1, importSpaceToDepth);
}
} // namespace pare::onnx_import
