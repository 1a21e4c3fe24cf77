#include "Importer.h"

#include <numeric>

using namespace mlir;

namespace pare::onnx_import {
namespace {
struct Reduction {
  SmallVector<int64_t> axes;
  bool keepDims = true;
  bool isNoop = false;
};

// Axes are an attribute in older opsets and an input since 18 (ReduceSum: 13).
std::optional<Reduction> readReduction(Node &node) {
  Reduction reduction;
  reduction.keepDims = node.getInt("keepdims", 1) != 0;
  std::optional<SmallVector<int64_t>> axes = node.getInts("axes");
  if (node.in(1)) {
    axes = node.getConstant(node.in(1), "axes");
    if (!axes)
      return std::nullopt;
  }
  if (!axes || axes->empty()) {
    if (node.getInt("noop_with_empty_axes", 0) != 0) {
      reduction.isNoop = true;
      return reduction;
    }
    auto rank = node.needRank(node.in(0));
    if (!rank)
      return std::nullopt;
    reduction.axes.resize(size_t(*rank));
    std::iota(reduction.axes.begin(), reduction.axes.end(), 0);
    return reduction;
  }
  auto rank = node.needRank(node.in(0));
  auto sorted = rank ? node.getAxes(*axes, *rank) : std::nullopt;
  if (!sorted || node.failed())
    return std::nullopt;
  reduction.axes = *sorted;
  return reduction;
}

Value reduce(Node &node, Value x, ReduceKind kind, const Reduction &reduction) {
  if (reduction.isNoop)
    return x;
  SmallVector<NamedAttribute> attributes = {node.ints("axes", reduction.axes),
                                            node.attr("kind", ReduceKindAttr::get(&node.importer.context, kind))};
  if (reduction.keepDims)
    attributes.push_back(node.unit("keep_dims"));
  return node.make<ReduceOp>(x, attributes);
}

template <ReduceKind kind> LogicalResult importReduce(Node &node) {
  auto reduction = readReduction(node);
  return reduction ? node.set(reduce(node, node.in(0), kind, *reduction)) : failure();
}

LogicalResult importReduceL1(Node &node) {
  auto reduction = readReduction(node);
  return reduction ? node.set(reduce(node, node.make<AbsOp>(node.in(0)), ReduceKind::sum, *reduction)) : failure();
}

Value square(Node &node) { return node.make<MulOp>({node.in(0), node.in(0)}); }

LogicalResult importReduceSumSquare(Node &node) {
  auto reduction = readReduction(node);
  return reduction ? node.set(reduce(node, square(node), ReduceKind::sum, *reduction)) : failure();
}

LogicalResult importReduceL2(Node &node) {
  auto reduction = readReduction(node);
  if (!reduction)
    return failure();
  Value sum = reduce(node, square(node), ReduceKind::sum, *reduction);
  Type type = Node::element(node.in(0));
  if (isa<FloatType>(type))
    return node.set(node.make<SqrtOp>(sum));
  return node.set(node.cast(node.make<SqrtOp>(node.cast(sum, node.builder.getF64Type())), type));
}

// log of a sum, in float for integers.
Value logOf(Node &node, Value sum) {
  Type type = Node::element(node.in(0));
  if (isa<FloatType>(type))
    return node.make<LogOp>(sum);
  return node.cast(node.make<LogOp>(node.cast(sum, node.builder.getF64Type())), type);
}

LogicalResult importReduceLogSum(Node &node) {
  auto reduction = readReduction(node);
  return reduction ? node.set(logOf(node, reduce(node, node.in(0), ReduceKind::sum, *reduction))) : failure();
}

LogicalResult importReduceLogSumExp(Node &node) {
  auto reduction = readReduction(node);
  if (!reduction)
    return failure();
  if (reduction->isNoop)
    return node.set(node.in(0));
  Type type = Node::element(node.in(0)), work = isa<FloatType>(type) ? type : node.builder.getF64Type();
  // exp(x - max) does not overflow; where everything is -inf (or some x is +inf) 0 stands in for the maximum, so that
  // no infinity is subtracted from another.
  Value x = node.cast(node.in(0), work);
  Reduction keep = *reduction;
  keep.keepDims = true;
  Value top = reduce(node, x, ReduceKind::max, keep);
  Value infinite =
      node.make<IsInfOp>(top, {node.boolean("detect_negative", true), node.boolean("detect_positive", true)});
  top = node.make<WhereOp>({infinite, node.scalar(work, 0), top});
  Value sum = reduce(node, node.make<ExpOp>(node.make<SubOp>({x, top})), ReduceKind::sum, keep);
  Value result = node.make<AddOp>({node.make<LogOp>(sum), top});
  if (!reduction->keepDims)
    result = node.make<SqueezeOp>(result, {node.ints("axes", reduction->axes)});
  return node.set(node.cast(result, type));
}
} // namespace

void addReduceHandlers(Registry &r) {
  r.add("ReduceSum", 1, 2, importReduce<ReduceKind::sum>);
  r.add("ReduceMean", 1, 2, importReduce<ReduceKind::mean>);
  r.add("ReduceMax", 1, 2, importReduce<ReduceKind::max>);
  r.add("ReduceMin", 1, 2, importReduce<ReduceKind::min>);
  r.add("ReduceProd", 1, 2, importReduce<ReduceKind::prod>);
  r.add("ReduceL1", 1, 2, importReduceL1);
  r.add("ReduceL2", 1, 2, importReduceL2);
  r.add("ReduceSumSquare", 1, 2, importReduceSumSquare);
  r.add("ReduceLogSum", 1, 2, importReduceLogSum);
  r.add("ReduceLogSumExp", 1, 2, importReduceLogSumExp);
}
} // namespace pare::onnx_import
