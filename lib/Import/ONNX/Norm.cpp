#include "Importer.h"

#include <numeric>

using namespace mlir;

namespace pare::onnx_import {
namespace {
Value reduceMean(Node &node, Value x, ArrayRef<int64_t> axes) {
  return node.make<ReduceOp>(x, {node.ints("axes", axes), node.unit("keep_dims"),
                                 node.attr("kind", ReduceKindAttr::get(&node.importer.context, ReduceKind::mean))});
}

SmallVector<int64_t> axesFrom(int64_t first, int64_t end) {
  SmallVector<int64_t> axes(size_t(std::max(end - first, int64_t(0))), 0);
  std::iota(axes.begin(), axes.end(), first);
  return axes;
}

template <typename Op> LogicalResult importSoftmax(Node &node) {
  Value x = node.in(0);
  bool flattens = node.opset < 13;
  auto axis = node.getAxis(node.getInt("axis", flattens ? 1 : -1), x);
  if (!axis)
    return failure();
  int64_t rank = *Node::rank(x);
  if (!flattens || *axis == rank - 1)
    return node.set(node.make<Op>(x, {node.i64("axis", *axis)}));
  // Before opset 13 the input was taken as a matrix, all axes from `axis` on being one.
  Value matrix = node.make<FlattenOp>(x, {node.i64("axis", *axis)});
  Value result = node.make<Op>(matrix, {node.i64("axis", 1)});
  return node.set(node.make<ReshapeOp>({result, node.make<ShapeOfOp>(x)}, {node.unit("allow_zero")}));
}

LogicalResult importLayerNorm(Node &node) {
  Value x = node.in(0);
  auto axis = node.getAxis(node.getInt("axis", -1), x);
  if (!axis)
    return failure();
  double epsilon = node.getFloat("epsilon", 1e-5);
  SmallVector<Value> operands = {x, node.in(1)};
  if (node.in(2))
    operands.push_back(node.in(2));
  SmallVector<Value> results = {
      node.make<LayerNormOp>(operands, {node.i64("axis", *axis), node.f32("epsilon", epsilon)})};
  if (node.wants(1) || node.wants(2)) {
    // Mean and InvStdDev, in float.
    Type f32 = node.builder.getF32Type();
    SmallVector<int64_t> axes = axesFrom(*axis, *Node::rank(x));
    Value wide = Node::element(x).isF64() ? x : node.cast(x, f32);
    Value mean = reduceMean(node, wide, axes), centred = node.make<SubOp>({wide, mean});
    Value variance = reduceMean(node, node.make<MulOp>({centred, centred}), axes);
    Type type = Node::element(wide);
    Value deviation = node.make<SqrtOp>(node.make<AddOp>({variance, node.scalar(type, epsilon)}));
    results.push_back(mean);
    results.push_back(node.make<DivOp>({node.scalar(type, 1), deviation}));
  }
  return node.set(results);
}

LogicalResult importRmsNorm(Node &node) {
  auto axis = node.getAxis(node.getInt("axis", -1), node.in(0));
  if (!axis)
    return failure();
  Value x = node.in(0), scale = node.in(1);
  Value result = node.make<RmsNormOp>({x, node.cast(scale, Node::element(x))},
                                      {node.i64("axis", *axis), node.f32("epsilon", node.getFloat("epsilon", 1e-5))});
  return node.set(node.cast(result, Node::element(scale)));
}

LogicalResult importBatchNorm(Node &node) {
  if (node.getInt("training_mode", 0) != 0)
    return node.unsupported("training mode");
  for (int i = 1; i < node.proto.output_size(); ++i)
    if (node.wants(i))
      return node.unsupported("outputs of training mode");
  if (node.opset < 9 && node.getInt("spatial", 1) == 0)
    return node.unsupported("spatial = 0");
  // Scale, bias and statistics may be of a wider type than x.
  Type type = Node::element(node.in(0));
  SmallVector<Value> operands = {node.in(0)};
  for (unsigned i = 1; i < 5; ++i)
    operands.push_back(node.cast(node.in(i), type));
  return node.set(node.make<BatchNormOp>(operands, {node.f32("epsilon", node.getFloat("epsilon", 1e-5))}));
}

LogicalResult importInstanceNorm(Node &node) {
  Value x = node.in(0);
  auto rank = node.needRank(x);
  if (!rank)
    return failure();
  if (*rank < 3)
    return node.error("the input is of rank " + Twine(*rank) + ", expected at least 3");
  SmallVector<int64_t> axes = axesFrom(2, *rank), tail = axesFrom(1, *rank - 1);
  Type type = Node::element(x);
  Value centred = node.make<SubOp>({x, reduceMean(node, x, axes)});
  Value variance = reduceMean(node, node.make<MulOp>({centred, centred}), axes);
  Value epsilon = node.scalar(type, node.getFloat("epsilon", 1e-5));
  Value normal = node.make<DivOp>({centred, node.make<SqrtOp>(node.make<AddOp>({variance, epsilon}))});
  auto perChannel = [&](Value v) { return node.make<UnsqueezeOp>(v, {node.ints("axes", tail)}); };
  Value scaled = node.make<MulOp>({normal, perChannel(node.in(1))});
  return node.set(node.make<AddOp>({scaled, perChannel(node.in(2))}));
}

LogicalResult importLpNorm(Node &node) {
  auto axis = node.getAxis(node.getInt("axis", -1), node.in(0));
  if (!axis)
    return failure();
  int64_t p = node.getInt("p", 2);
  if (p != 1 && p != 2)
    return node.error("p is " + Twine(p) + ", neither 1 nor 2");
  Value x = node.in(0);
  Value terms = p == 1 ? node.make<AbsOp>(x) : node.make<MulOp>({x, x});
  Value sum =
      node.make<ReduceOp>(terms, {node.ints("axes", {*axis}), node.unit("keep_dims"),
                                  node.attr("kind", ReduceKindAttr::get(&node.importer.context, ReduceKind::sum))});
  Value norm = p == 1 ? sum : node.make<SqrtOp>(sum);
  // Where the norm is 0 the result is 0, by definition of the op.
  Value zero = node.scalar(Node::element(x), 0);
  Value isZero = node.make<CompareOp>(
      {norm, zero}, {node.attr("kind", CompareKindAttr::get(&node.importer.context, CompareKind::eq))});
  return node.set(node.make<WhereOp>({isZero, zero, node.make<DivOp>({x, norm})}));
}
} // namespace

void addNormHandlers(Registry &r) {
  r.add("Softmax", 1, 1, importSoftmax<SoftmaxOp>);
  r.add("LogSoftmax", 1, 1, importSoftmax<LogSoftmaxOp>);
  r.add("LayerNormalization", 2, 3, importLayerNorm);
  r.add("RMSNormalization", 2, 2, importRmsNorm);
  r.add("BatchNormalization", 5, 5, importBatchNorm);
  r.add("InstanceNormalization", 3, 3, importInstanceNorm);
  r.add("LpNormalization", 1, 1, importLpNorm);
}
} // namespace pare::onnx_import
