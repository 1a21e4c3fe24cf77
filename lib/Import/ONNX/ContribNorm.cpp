// Normalisations of domain com.microsoft, with what is added before them.
#include "Contrib.h"

using namespace mlir;

namespace pare::onnx_import {
namespace {
Value meanOf(Node &node, Value x) { return contrib::reduce(node, x, *Node::rank(x) - 1, ReduceKind::mean); }

/// 1 / sqrt(mean(x^2) + epsilon) over the last axes from `axis` on.
Value inverseDeviation(Node &node, Value x, int64_t axis, double epsilon) {
  if (node.failed())
    return {};
  SmallVector<int64_t> axes = llvm::to_vector(llvm::seq<int64_t>(axis, *Node::rank(x)));
  Value squares = node.make<MulOp>({x, x});
  Value mean =
      node.make<ReduceOp>(squares, {node.ints("axes", axes), node.unit("keep_dims"),
                                    node.attr("kind", ReduceKindAttr::get(&node.importer.context, ReduceKind::mean))});
  Type type = Node::element(x);
  Value deviation = node.make<SqrtOp>(node.make<AddOp>({mean, node.scalar(type, epsilon)}));
  return node.make<DivOp>({node.scalar(type, 1), deviation});
}

Value wide(Node &node, Value x) { return Node::element(x).isF64() ? x : node.cast(x, node.builder.getF32Type()); }

LogicalResult importSkipNorm(Node &node, Value gamma, Value beta, Value bias, bool isRms) {
  Value x = node.in(0), skip = node.in(1);
  if (!node.needRank(x) || !node.needRank(skip))
    return failure();
  int64_t axis = *Node::rank(x) - 1;
  if (axis < 1 || axis > 2)
    return node.error("the input is of rank " + Twine(axis + 1) + ", expected 2 or 3");
  if (isRms && node.wants(1))
    return node.unsupported("the output 'mean' (remove it: no mean is taken)");
  double epsilon = node.getFloat("epsilon", 1e-12f);
  Value sum = node.make<AddOp>({x, skip});
  if (bias)
    sum = node.make<AddOp>({sum, bias});
  SmallVector<Value> operands = {sum, gamma};
  if (beta)
    operands.push_back(beta);
  SmallVector<NamedAttribute> attributes = {node.i64("axis", axis), node.f32("epsilon", epsilon)};
  SmallVector<Value> results = {isRms ? node.make<RmsNormOp>(operands, attributes)
                                      : node.make<LayerNormOp>(operands, attributes)};
  if (node.failed())
    return failure();
  Value exact = wide(node, sum), mean = sum, inverse = sum; // in place of outputs that nobody reads
  if (node.wants(1) || node.wants(2)) {
    Value centred = exact;
    if (!isRms) {
      mean = meanOf(node, exact);
      centred = node.make<SubOp>({exact, mean});
    }
    inverse = inverseDeviation(node, centred, axis, epsilon);
  }
  results.append({mean, inverse, sum});
  return node.set(results);
}

LogicalResult importSkipLayerNorm(Node &node) {
  return importSkipNorm(node, node.in(2), node.in(3), node.in(4), /*isRms=*/false);
}

LogicalResult importSkipRmsNorm(Node &node) {
  return importSkipNorm(node, node.in(2), Value(), node.in(3), /*isRms=*/true);
}

// Of the standard's domain in files, though no version of the standard has it.
LogicalResult importSimplifiedLayerNorm(Node &node) {
  if (failed(contrib::importAs(node, "RMSNormalization")))
    return failure();
  if (node.wants(1)) {
    auto axis = node.getAxis(node.getInt("axis", -1), node.in(0));
    Value inverse =
        axis ? inverseDeviation(node, wide(node, node.in(0)), *axis, node.getFloat("epsilon", 1e-5)) : Value();
    return node.set({node.results[0], inverse});
  }
  return success();
}

Value lookUp(Node &node, Value table, Value index) {
  return node.make<GatherOp>({table, index}, {node.i64("axis", 0)});
}

LogicalResult importEmbedLayerNorm(Node &node) {
  Value ids = node.in(0), segments = node.in(1), mask = node.in(7), positions = node.in(8);
  if (node.needRank(ids) != 2)
    return node.failed() ? failure() : node.error("input_ids are not of rank 2");
  if (!segments != !node.in(4))
    return node.error("segment_ids and segment_embedding do not go together");
  if (!positions)
    positions = contrib::range(node, node.dim(ids, 1));
  Value sum = node.make<AddOp>({lookUp(node, node.in(2), ids), lookUp(node, node.in(3), positions)});
  if (segments)
    sum = node.make<AddOp>({sum, lookUp(node, node.in(4), segments)});
  Value result = node.make<LayerNormOp>({sum, node.in(5), node.in(6)},
                                        {node.i64("axis", 2), node.f32("epsilon", node.getFloat("epsilon", 1e-12f))});
  // How many entries of each row of the mask are 1; without a mask 0.
  Value lengths;
  if (node.failed())
    return failure();
  Type type = Node::element(ids);
  if (mask) {
    Value ones = contrib::compare(node, mask, node.scalar(Node::element(mask), 1), CompareKind::eq);
    lengths = node.make<ReduceOp>(
        node.cast(ones, type),
        {node.ints("axes", {1}), node.attr("kind", ReduceKindAttr::get(&node.importer.context, ReduceKind::sum))});
  } else {
    lengths = node.make<FullOp>(node.dim(ids, 0), {node.attr("value", node.splat({1}, type, 0))});
  }
  return node.set({result, lengths, sum});
}
} // namespace

void addContribNormHandlers(Registry &r) {
  r.add("com.microsoft::SkipLayerNormalization", 3, 5, importSkipLayerNorm);
  r.add("com.microsoft::SkipSimplifiedLayerNormalization", 3, 4, importSkipRmsNorm);
  r.add("com.microsoft::EmbedLayerNormalization", 1, 9, importEmbedLayerNorm);
  r.add("SimplifiedLayerNormalization", 2, 2, importSimplifiedLayerNorm);
}
} // namespace pare::onnx_import
