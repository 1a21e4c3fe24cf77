#include "Importer.h"

using namespace mlir;

namespace pare::onnx_import {
namespace {
LogicalResult importMatMul(Node &node) { return node.set(node.make<MatmulOp>({node.in(0), node.in(1)})); }

LogicalResult importGemm(Node &node) {
  Value a = node.in(0), b = node.in(1), c = node.in(2);
  for (Value operand : {a, b})
    if (auto rank = Node::rank(operand); rank && *rank != 2)
      return node.error("an operand is of rank " + Twine(*rank) + ", expected 2");
  if (node.getInt("transA", 0) != 0)
    a = node.transpose(a, {1, 0});
  if (node.getInt("transB", 0) != 0)
    b = node.transpose(b, {1, 0});
  Type type = Node::element(node.in(0));
  auto scaled = [&](Value value, double factor) {
    return factor == 1.0 ? value : node.make<MulOp>({value, node.scalar(type, factor)});
  };
  Value result = scaled(node.make<MatmulOp>({a, b}), node.getFloat("alpha", 1.0));
  double beta = node.getFloat("beta", 1.0);
  if (c && beta != 0.0)
    result = node.make<AddOp>({result, scaled(c, beta)});
  return node.set(result);
}
} // namespace

void addContractionHandlers(Registry &r) {
  r.add("MatMul", 2, 2, importMatMul);
  r.add("Gemm", 2, 3, importGemm);
}
} // namespace pare::onnx_import
