// Activations and products of domain com.microsoft, and standard ops with an activation behind them.
#include "Contrib.h"

#include <numeric>

using namespace mlir;

namespace pare::onnx_import {
namespace {
template <GeluKind kind> LogicalResult importBiasGelu(Node &node) {
  Value x = node.in(0);
  if (node.in(1))
    x = node.make<AddOp>({x, node.in(1)});
  return node.set(contrib::gelu(node, x, kind));
}

LogicalResult importQuickGelu(Node &node) {
  Value x = node.in(0);
  Value scaled = node.make<MulOp>({x, node.scalar(Node::element(x), node.getFloat("alpha", 1.702))});
  return node.set(node.make<MulOp>({x, node.make<SigmoidOp>(scaled)}));
}

LogicalResult importBiasSplitGelu(Node &node) {
  std::optional<int64_t> width = contrib::needLast(node, node.in(0), "a hidden size");
  if (!width)
    return failure();
  if (*width % 2 != 0)
    return node.error("the hidden size " + Twine(*width) + " is odd");
  SmallVector<Value> parts = contrib::split(node, node.make<AddOp>({node.in(0), node.in(1)}), {*width / 2, *width / 2});
  return node.set(node.make<MulOp>({parts[0], contrib::gelu(node, parts[1], GeluKind::none)}));
}

LogicalResult importBiasAdd(Node &node) {
  return node.set(node.make<AddOp>({node.make<AddOp>({node.in(0), node.in(1)}), node.in(2)}));
}

/// `x` as the product reads it. With `batches`, its first axis is that of rows and its batches follow.
Value arrange(Node &node, Value x, bool swaps, bool batches) {
  auto rank = node.needRank(x);
  if (!rank || *rank < 2)
    return node.failed() ? Value() : x; // a vector has nothing to swap
  SmallVector<int64_t> order(size_t(*rank), 0);
  std::iota(order.begin(), order.end(), 0);
  if (batches && *rank > 2) // [M, batches.., K] to [batches.., M, K]
    std::rotate(order.begin(), order.begin() + 1, order.end() - 1);
  if (swaps)
    std::swap(order[order.size() - 1], order[order.size() - 2]);
  return llvm::is_sorted(order) ? x : node.transpose(x, order);
}

LogicalResult importFusedMatMul(Node &node) {
  auto flag = [&](StringRef name) { return node.getInt(name, 0) != 0; };
  bool batchesA = flag("transBatchA"), batchesB = flag("transBatchB");
  Value a = node.in(0), b = node.in(1);
  if ((batchesA || batchesB) && (!node.needRank(a) || !node.needRank(b)))
    return failure();
  if ((batchesA || batchesB) && (*Node::rank(a) != *Node::rank(b) || *Node::rank(a) < 3))
    return node.error("transBatchA and transBatchB need operands of one rank of at least 3, not " +
                      Twine(*Node::rank(a)) + " and " + Twine(*Node::rank(b)));
  Value product =
      node.make<MatmulOp>({arrange(node, a, flag("transA"), batchesA), arrange(node, b, flag("transB"), batchesB)});
  double alpha = node.getFloat("alpha", 1);
  if (alpha != 1 && !node.failed())
    product = node.make<MulOp>({product, node.scalar(Node::element(product), alpha)});
  return node.set(product);
}

LogicalResult importGemmFastGelu(Node &node) {
  Value product = node.make<MatmulOp>({node.in(0), node.in(1)});
  if (node.in(2))
    product = node.make<AddOp>({product, node.in(2)});
  return node.set(contrib::gelu(node, product, GeluKind::tanh));
}

/// `x` through the activation of that name; those that take parameters find them in `parameters`.
Value activate(Node &node, Value x, StringRef name, ArrayRef<std::optional<float>> parameters) {
  if (node.failed())
    return {};
  Type type = Node::element(x);
  if (name == "Relu")
    return node.make<ReluOp>(x);
  if (name == "Tanh")
    return node.make<TanhOp>(x);
  if (name == "Sigmoid")
    return node.make<SigmoidOp>(x);
  bool takesOne = name == "LeakyRelu", takesTwo = name == "Clip" || name == "HardSigmoid";
  if (!takesOne && !takesTwo) {
    (void)node.unsupported("activation '" + name + "' (Relu, Tanh, Sigmoid, LeakyRelu, HardSigmoid and Clip are)");
    return {};
  }
  if (!parameters[0] || (takesTwo && !parameters[1])) {
    (void)node.error("the parameters of activation '" + name + "' are missing");
    return {};
  }
  if (takesOne)
    return node.make<LeakyReluOp>(x, {node.f32("alpha", *parameters[0])});
  if (name == "HardSigmoid")
    return node.make<HardSigmoidOp>(x, {node.f32("alpha", *parameters[0]), node.f32("beta", *parameters[1])});
  return node.make<ClipOp>({x, node.scalar(type, *parameters[0]), node.scalar(type, *parameters[1])},
                           {node.segments({1, 1, 1})});
}

LogicalResult importFusedGemm(Node &node) {
  if (failed(contrib::importAs(node, "Gemm")))
    return failure();
  auto parameter = [&](StringRef name) {
    return node.has(name) ? std::optional<float>(float(node.getFloat(name, 0))) : std::nullopt;
  };
  return node.set(activate(node, node.results[0], node.getString("activation", ""),
                           {parameter("activation_alpha"), parameter("activation_beta")}));
}

LogicalResult importFusedConv(Node &node) {
  if (failed(contrib::importAs(node, "Conv")))
    return failure();
  Value result = node.results[0];
  if (node.in(3))
    result = node.make<AddOp>({result, node.in(3)});
  SmallVector<std::optional<float>, 2> parameters(2);
  if (const onnx::AttributeProto *given = node.attribute("activation_params"))
    for (int i = 0; i < std::min(given->floats_size(), 2); ++i)
      parameters[size_t(i)] = given->floats(i);
  std::string name = node.getString("activation", "");
  return node.set(name.empty() ? result : activate(node, result, name, parameters));
}
} // namespace

void addContribFusedHandlers(Registry &r) {
  r.add("com.microsoft::Gelu", 1, 1, importBiasGelu<GeluKind::none>);
  r.add("com.microsoft::BiasGelu", 2, 2, importBiasGelu<GeluKind::none>);
  r.add("com.microsoft::FastGelu", 1, 2, importBiasGelu<GeluKind::tanh>);
  r.add("com.microsoft::QuickGelu", 1, 1, importQuickGelu);
  r.add("com.microsoft::BiasSplitGelu", 2, 2, importBiasSplitGelu);
  r.add("com.microsoft::BiasAdd", 3, 3, importBiasAdd);
  r.add("com.microsoft::FusedMatMul", 2, 2, importFusedMatMul);
  r.add("com.microsoft::TransposeMatMul", 2, 2, importFusedMatMul);
  r.add("com.microsoft::GemmFastGelu", 2, 3, importGemmFastGelu);
  r.add("com.microsoft::FusedGemm", 2, 3, importFusedGemm);
  r.add("com.microsoft::FusedConv", 2, 4, importFusedConv);
}
} // namespace pare::onnx_import
