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

// A vector along the axis in front of `behind` others.
Value spread(Node &node, Value vector, int64_t behind) {
  SmallVector<int64_t> axes;
  for (int64_t axis = 1; axis <= behind; ++axis)
    axes.push_back(axis);
  return node.make<UnsqueezeOp>(vector, {node.ints("axes", axes)});
}

// x - zero in si32. A vector of zero points runs along the axis of x in front of `behind` others.
Value centre(Node &node, Value x, Value zero, int64_t behind) {
  Value wide = node.cast(x, si32(node));
  if (isZero(zero))
    return wide;
  if (isScalarLike(zero))
    zero = node.toScalar(zero);
  else if (behind > 0 && Node::rank(zero) == 1)
    zero = spread(node, zero, behind);
  return node.make<SubOp>({wide, node.cast(zero, si32(node))});
}

Value productOf(Node &node, Value a, Value aZero, Value b, Value bZero) {
  if (isZero(aZero) && isZero(bZero) && Node::element(a) == Node::element(b))
    return node.make<MatmulOp>({a, b});
  return node.make<MatmulOp>({centre(node, a, aZero, 1), centre(node, b, bZero, 0)});
}

LogicalResult importMatMulInteger(Node &node) {
  return node.set(productOf(node, node.in(0), node.in(2), node.in(1), node.in(3)));
}

// The convolution of x - xZero and weight - zero; zero points of the weight are those of its output channels.
Value convOf(Node &node, Value x, Value xZero, Value weight, Value zero, Value bias) {
  if (xZero && !isScalarLike(xZero)) {
    (void)node.unsupported("a zero point that is not one number for all of x");
    return Value();
  }
  if (isZero(xZero) && isZero(zero))
    return makeConv(node, x, weight, bias);
  auto rank = node.needRank(weight);
  if (!rank)
    return Value();
  return makeConv(node, centre(node, x, xZero, 0), centre(node, weight, zero, *rank - 1), bias);
}

// real / scale rounded to the type of the zero point.
LogicalResult setQuantised(Node &node, Value real, Value scale, Value zero) {
  Type f32 = node.builder.getF32Type();
  return node.set(node.make<QuantizeOp>({real, node.cast(node.toScalar(scale), f32), node.toScalar(zero)},
                                        {node.type("to", Node::element(zero)), node.i64("axis", 0),
                                         node.i64("block_size", 0), node.segments({1, 1, 1})}));
}

LogicalResult importConvInteger(Node &node) {
  return node.set(convOf(node, node.in(0), node.in(2), node.in(1), node.in(3), Value()));
}

LogicalResult importQLinearConv(Node &node) {
  Value xScale = node.in(1), weightScale = node.in(4), yScale = node.in(6), yZero = node.in(7);
  if (!isScalarLike(xScale) || !isScalarLike(yScale) || !isScalarLike(yZero))
    return node.unsupported("a scale or zero point of the input or output that is not one number");
  Value sums = convOf(node, node.in(0), node.in(2), node.in(3), node.in(5), node.in(8));
  auto rank = sums ? node.needRank(sums) : std::nullopt;
  if (!rank)
    return failure();
  Type f32 = node.builder.getF32Type();
  Value channels = node.cast(isScalarLike(weightScale) ? node.toScalar(weightScale) : weightScale, f32);
  Value scale = node.make<MulOp>({node.cast(node.toScalar(xScale), f32), channels});
  if (Node::rank(scale) == 1)
    scale = spread(node, scale, *rank - 2);
  return setQuantised(node, node.make<MulOp>({node.cast(sums, f32), scale}), yScale, yZero);
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
  return setQuantised(node, node.make<MulOp>({node.cast(product, f32), scale}), yScale, yZero);
}
} // namespace

void addQuantHandlers(Registry &r) {
  r.add("QuantizeLinear", 2, 3, importQuantize);
  r.add("DequantizeLinear", 2, 3, importDequantize);
  r.add("MatMulInteger", 2, 4, importMatMulInteger);
  r.add("QLinearMatMul", 8, 8, importQLinearMatMul);
  r.add("ConvInteger", 2, 4, importConvInteger);
  r.add("QLinearConv", 8, 9, importQLinearConv);
}
} // namespace pare::onnx_import
