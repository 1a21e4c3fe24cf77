// Ops that index.
#include "Importer.h"

using namespace mlir;

namespace pare::onnx_import {
namespace {
Type si64(Node &node) { return IntegerType::get(&node.importer.context, 64, IntegerType::Signed); }

template <typename Op> LogicalResult importAxisGather(Node &node) {
  auto axis = node.getAxis(node.getInt("axis", 0), node.in(0));
  return axis ? node.set(node.make<Op>({node.in(0), node.in(1)}, {node.i64("axis", *axis)})) : failure();
}

LogicalResult importGatherNd(Node &node) {
  return node.set(
      node.make<GatherNdOp>({node.in(0), node.in(1)}, {node.i64("batch_dims", node.getInt("batch_dims", 0))}));
}

std::optional<NamedAttribute> scatterKind(Node &node) {
  static const llvm::StringMap<ScatterKind> kinds = {{"none", ScatterKind::none},
                                                     {"add", ScatterKind::add},
                                                     {"mul", ScatterKind::mul},
                                                     {"max", ScatterKind::max},
                                                     {"min", ScatterKind::min}};
  std::string name = node.getString("reduction", "none");
  auto it = kinds.find(name);
  if (it == kinds.end()) {
    (void)node.error("unknown reduction '" + name + "'");
    return std::nullopt;
  }
  return node.attr("kind", ScatterKindAttr::get(&node.importer.context, it->second));
}

LogicalResult importScatterNd(Node &node) {
  auto kind = scatterKind(node);
  return kind ? node.set(node.make<ScatterNdOp>({node.in(0), node.in(1), node.in(2)}, {*kind})) : failure();
}

LogicalResult importScatterElements(Node &node) {
  auto kind = scatterKind(node);
  auto axis = node.getAxis(node.getInt("axis", 0), node.in(0));
  if (!kind || !axis)
    return failure();
  return node.set(node.make<ScatterElementsOp>({node.in(0), node.in(1), node.in(2)}, {node.i64("axis", *axis), *kind}));
}

LogicalResult importNonZero(Node &node) { return node.set(node.make<NonZeroOp>(node.in(0))); }

LogicalResult importOneHot(Node &node) {
  auto axis = node.getAxis(node.getInt("axis", -1), node.in(0), 1);
  if (!axis)
    return failure();
  Value indices = node.cast(node.in(0), si64(node));
  Value depth = node.toScalar(node.cast(node.in(1), si64(node)));
  return node.set(node.make<OneHotOp>({indices, depth, node.in(2)}, {node.i64("axis", *axis)}));
}

LogicalResult importCompress(Node &node) {
  Value data = node.in(0);
  int64_t axis = 0;
  if (node.has("axis")) {
    auto normal = node.getAxis(node.getInt("axis", 0), data);
    if (!normal)
      return failure();
    axis = *normal;
  } else {
    data = node.reshape(data, {-1});
  }
  Value kept = node.reshape(node.make<NonZeroOp>(node.in(1)), {-1});
  return node.set(node.make<GatherOp>({data, kept}, {node.i64("axis", axis)}));
}

template <typename Op> LogicalResult importArg(Node &node) {
  auto axis = node.getAxis(node.getInt("axis", 0), node.in(0));
  if (!axis)
    return failure();
  SmallVector<NamedAttribute> attributes = {node.i64("axis", *axis)};
  if (node.getInt("keepdims", 1) != 0)
    attributes.push_back(node.unit("keep_dims"));
  if (node.getInt("select_last_index", 0) != 0)
    attributes.push_back(node.unit("select_last"));
  return node.set(node.make<Op>(node.in(0), attributes));
}

LogicalResult importTopK(Node &node) {
  auto axis = node.getAxis(node.getInt("axis", -1), node.in(0));
  if (!axis)
    return failure();
  Value k = node.opset < 10 ? node.shape({node.getInt("k", 0)}) : node.in(1);
  if (!k)
    return node.error("k is missing");
  Operation *op = node.makeOp<TopKOp>(
      {node.in(0), k}, {node.i64("axis", *axis), node.boolean("largest", node.getInt("largest", 1) != 0)});
  return op ? node.set(op->getResults()) : failure();
}
} // namespace

void addIndexHandlers(Registry &r) {
  r.add("Gather", 2, 2, importAxisGather<GatherOp>);
  r.add("GatherElements", 2, 2, importAxisGather<GatherElementsOp>);
  r.add("GatherND", 2, 2, importGatherNd);
  r.add("ScatterND", 3, 3, importScatterNd);
  r.add("ScatterElements", 3, 3, importScatterElements);
  r.add("Scatter", 3, 3, importScatterElements);
  r.add("NonZero", 1, 1, importNonZero);
  r.add("OneHot", 3, 3, importOneHot);
  r.add("Compress", 2, 2, importCompress);
  r.add("ArgMax", 1, 1, importArg<ArgMaxOp>);
  r.add("ArgMin", 1, 1, importArg<ArgMinOp>);
  r.add("TopK", 1, 2, importTopK);
}
} // namespace pare::onnx_import
