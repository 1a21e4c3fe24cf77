#include "Importer.h"

using namespace mlir;

namespace pare::onnx_import {
namespace {
Type si32(Node &node) { return IntegerType::get(&node.importer.context, 32, IntegerType::Signed); }

bool isScalarLike(Value value) {
  auto type = value ? dyn_cast<RankedTensorType>(value.getType()) : nullptr;
  return type && type.hasStaticShape() && type.getNumElements() == 1;
}

// Axis and block size of (De)QuantizeLinear with these operands.
std::optional<SmallVector<NamedAttribute>> layout(Node &node, Value x, Value scale) {
  int64_t axis = 0;
  if (Node::rank(scale) != 0) {
    auto normal = node.getAxis(node.getInt("axis", 1), x);
    if (!normal)
      return std::nullopt;
    axis = *normal;
  }
  return SmallVector<NamedAttribute>{node.i64("axis", axis), node.i64("block_size", node.getInt("block_size", 0))};
}

LogicalResult importQuantize(Node &node) {
  Value x = node.in(0), scale = node.in(1), zero = node.in(2);
  MLIRContext *context = &node.importer.context;
  Type to = zero ? Node::element(zero) : Type(IntegerType::get(context, 8, IntegerType::Unsigned));
  if (int64_t given = node.getInt("output_dtype", 0)) {
    to = node.importer.getElementType(int32_t(given));
    if (!to)
      return node.unsupported("quantisation to a type that the dialect does not have (float8, 4-bit)");
  }
  if (!isa<IntegerType>(to))
    return node.unsupported("quantisation to a type that is not an integer");
  if (isScalarLike(scale)) {
    scale = node.toScalar(scale);
    zero = zero ? node.toScalar(zero) : zero;
  }
  auto attributes = layout(node, x, scale);
  if (!attributes)
    return failure();
  if (!isa<FloatType>(Node::element(x)))
    x = node.cast(x, Node::element(scale));
  SmallVector<Value> operands = {x, node.cast(scale, Node::element(x))};
  if (zero)
    operands.push_back(zero);
  attributes->push_back(node.type("to", to));
  attributes->push_back(node.segments({1, 1, zero ? 1 : 0}));
  return node.set(node.make<QuantizeOp>(operands, *attributes));
}

LogicalResult importDequantize(Node &node) {
  Value x = node.in(0), scale = node.in(1), zero = node.in(2);
  if (isScalarLike(scale)) {
    scale = node.toScalar(scale);
    zero = zero ? node.toScalar(zero) : zero;
  }
  auto attributes = layout(node, x, scale);
  if (!attributes)
    return failure();
  SmallVector<Value> operands = {x, scale};
  if (zero)
    operands.push_back(zero);
  attributes->push_back(node.segments({1, 1, zero ? 1 : 0}));
  Value result = node.make<DequantizeOp>(operands, *attributes);
  if (int64_t given = node.getInt("output_dtype", 0)) {
    Type to = node.importer.getElementType(int32_t(given));
    if (!to)
      return node.unsupported("dequantisation to a type that the dialect does not have");
    result = node.cast(result, to);
  }
  return node.set(result);
}

bool isZero(Value zero) {
  if (!zero)
    return true;
  auto known = getConstantInts(zero);
  return known && llvm::all_of(*known, [](int64_t v) { return v == 0; });
}

// x - zero in si32. A vector of zero points belongs to the rows of a left operand: it gets a last axis.
Value centre(Node &node, Value x, Value zero, bool isRows) {
  Value wide = node.cast(x, si32(node));
  if (isZero(zero))
    return wide;
  if (isScalarLike(zero))
    zero = node.toScalar(zero);
  else if (isRows && Node::rank(zero) == 1)
    zero = node.make<UnsqueezeOp>(zero, {node.ints("axes", {1})});
  return node.make<SubOp>({wide, node.cast(zero, si32(node))});
}

Value productOf(Node &node, Value a, Value aZero, Value b, Value bZero) {
  if (isZero(aZero) && isZero(bZero) && Node::element(a) == Node::element(b))
    return node.make<MatmulOp>({a, b});
  return node.make<MatmulOp>({centre(node, a, aZero, true), centre(node, b, bZero, false)});
}

LogicalResult importMatMulInteger(Node &node) {
  return node.set(productOf(node, node.in(0), node.in(2), node.in(1), node.in(3)));
}

LogicalResult importQLinearMatMul(Node &node) {
  Value product = productOf(node, node.in(0), node.in(2), node.in(3), node.in(5));
  Value aScale = node.in(1), bScale = node.in(4), yScale = node.in(6), yZero = node.in(7);
  if (!isScalarLike(yScale) || !isScalarLike(yZero))
    return node.unsupported("an output scale per row");
  if (!isScalarLike(aScale))
    return node.unsupported("a scale of the left operand per row");
  Type f32 = node.builder.getF32Type();
  Value scale = node.make<MulOp>(
      {node.cast(node.toScalar(aScale), f32), node.cast(isScalarLike(bScale) ? node.toScalar(bScale) : bScale, f32)});
  Value real = node.make<MulOp>({node.cast(product, f32), scale});
  return node.set(node.make<QuantizeOp>({real, node.cast(node.toScalar(yScale), f32), node.toScalar(yZero)},
                                        {node.type("to", Node::element(yZero)), node.i64("axis", 0),
                                         node.i64("block_size", 0), node.segments({1, 1, 1})}));
}
} // namespace

void addQuantHandlers(Registry &r) {
  r.add("QuantizeLinear", 2, 3, importQuantize);
  r.add("DequantizeLinear", 2, 3, importDequantize);
  r.add("MatMulInteger", 2, 4, importMatMulInteger);
  r.add("QLinearMatMul", 8, 8, importQLinearMatMul);
}
} // namespace pare::onnx_import
