#include "Importer.h"

#include <cmath>
#include <limits>

using namespace mlir;

namespace pare::onnx_import {
namespace {
template <typename Op> LogicalResult importUnary(Node &node) { return node.set(node.make<Op>(node.in(0))); }

template <typename Op> LogicalResult importBinary(Node &node) {
  return node.set(node.make<Op>({node.in(0), node.in(1)}));
}

// Max, Min, Sum: any number of operands, folded from the left.
template <typename Op> LogicalResult importVariadic(Node &node) {
  Value result = node.in(0);
  for (Value next : llvm::drop_begin(node.inputs))
    result = node.make<Op>({result, next});
  return node.set(result);
}

LogicalResult importMean(Node &node) {
  Value result = node.in(0);
  for (Value next : llvm::drop_begin(node.inputs))
    result = node.make<AddOp>({result, next});
  Value count = node.scalar(Node::element(node.in(0)), double(node.inputs.size()));
  return node.set(node.make<DivOp>({result, count}));
}

template <CompareKind kind> LogicalResult importCompare(Node &node) {
  return node.set(node.make<CompareOp>({node.in(0), node.in(1)},
                                       {node.attr("kind", CompareKindAttr::get(&node.importer.context, kind))}));
}

LogicalResult importPow(Node &node) {
  // The exponent may be of another type; the result is of the base's. Integers to float powers are computed in float.
  Value base = node.in(0), exponent = node.in(1);
  Type type = Node::element(base), power = Node::element(exponent);
  if (type == power)
    return importBinary<PowOp>(node);
  if (isa<FloatType>(type) || !isa<FloatType>(power))
    return node.set(node.make<PowOp>({base, node.cast(exponent, type)}));
  return node.set(node.cast(node.make<PowOp>({node.cast(base, power), exponent}), type));
}

LogicalResult importMod(Node &node) {
  return node.getInt("fmod", 0) != 0 ? importBinary<FmodOp>(node) : importBinary<ModOp>(node);
}

LogicalResult importShift(Node &node) {
  std::string direction = node.getString("direction", "");
  if (direction == "LEFT")
    return importBinary<ShiftLeftOp>(node);
  if (direction == "RIGHT")
    return importBinary<ShiftRightOp>(node);
  return node.error("direction '" + direction + "' is neither LEFT nor RIGHT");
}

LogicalResult importCast(Node &node) {
  Type to = node.importer.getElementType(int32_t(node.getInt("to", 0)));
  if (!node.has("to"))
    return node.error("attribute 'to' is missing");
  if (!to)
    return node.unsupported("conversion to a type that the dialect does not have (strings, float8, 4-bit, complex)");
  return node.set(node.make<CastOp>(node.in(0), {node.type("to", to)}));
}

LogicalResult importCastLike(Node &node) {
  return node.set(node.make<CastOp>(node.in(0), {node.type("to", Node::element(node.in(1)))}));
}

LogicalResult importClip(Node &node) {
  Value x = node.in(0), low = node.in(1), high = node.in(2);
  if (node.opset < 11) {
    if (node.has("min"))
      low = node.scalar(Node::element(x), node.getFloat("min", 0));
    if (node.has("max"))
      high = node.scalar(Node::element(x), node.getFloat("max", 0));
  }
  SmallVector<Value> operands = {x};
  for (Value bound : {low, high})
    if (bound)
      operands.push_back(node.toScalar(bound));
  return node.set(node.make<ClipOp>(operands, {node.segments({1, low ? 1 : 0, high ? 1 : 0})}));
}

LogicalResult importGelu(Node &node) {
  std::string form = node.getString("approximate", "none");
  if (form != "none" && form != "tanh")
    return node.error("approximate is '" + form + "', neither none nor tanh");
  GeluKind kind = form == "none" ? GeluKind::none : GeluKind::tanh;
  return node.set(
      node.make<GeluOp>(node.in(0), {node.attr("approximate", GeluKindAttr::get(&node.importer.context, kind))}));
}

LogicalResult importLeakyRelu(Node &node) {
  return node.set(node.make<LeakyReluOp>(node.in(0), {node.f32("alpha", node.getFloat("alpha", 0.01))}));
}

LogicalResult importElu(Node &node) {
  return node.set(node.make<EluOp>(node.in(0), {node.f32("alpha", node.getFloat("alpha", 1.0))}));
}

LogicalResult importHardSigmoid(Node &node) {
  return node.set(node.make<HardSigmoidOp>(
      node.in(0), {node.f32("alpha", node.getFloat("alpha", 0.2)), node.f32("beta", node.getFloat("beta", 0.5))}));
}

LogicalResult importHardSwish(Node &node) {
  Value gate = node.make<HardSigmoidOp>(node.in(0), {node.f32("alpha", 1.0 / 6), node.f32("beta", 0.5)});
  return node.set(node.make<MulOp>({node.in(0), gate}));
}

Value positive(Node &node, Value x) {
  return node.make<CompareOp>({x, node.scalar(Node::element(x), 0)},
                              {node.attr("kind", CompareKindAttr::get(&node.importer.context, CompareKind::gt))});
}

LogicalResult importPRelu(Node &node) {
  Value x = node.in(0);
  Value scaled = node.make<MulOp>({x, node.in(1)});
  Value isNegative =
      node.make<CompareOp>({x, node.scalar(Node::element(x), 0)},
                           {node.attr("kind", CompareKindAttr::get(&node.importer.context, CompareKind::lt))});
  return node.set(node.make<WhereOp>({isNegative, scaled, x}));
}

LogicalResult importSelu(Node &node) {
  double alpha = node.getFloat("alpha", 1.67326319217681884765625),
         gamma = node.getFloat("gamma", 1.05070102214813232421875);
  Value elu = node.make<EluOp>(node.in(0), {node.f32("alpha", alpha)});
  return node.set(node.make<MulOp>({elu, node.scalar(Node::element(node.in(0)), gamma)}));
}

LogicalResult importThresholdedRelu(Node &node) {
  Value x = node.in(0);
  Type type = Node::element(x);
  Value above = positive(node, node.make<SubOp>({x, node.scalar(type, node.getFloat("alpha", 1.0))}));
  return node.set(node.make<WhereOp>({above, x, node.scalar(type, 0)}));
}

LogicalResult importSoftsign(Node &node) {
  Value x = node.in(0);
  Value divisor = node.make<AddOp>({node.make<AbsOp>(x), node.scalar(Node::element(x), 1)});
  return node.set(node.make<DivOp>({x, divisor}));
}

LogicalResult importReciprocal(Node &node) {
  return node.set(node.make<DivOp>({node.scalar(Node::element(node.in(0)), 1), node.in(0)}));
}

LogicalResult importIsInf(Node &node) {
  return node.set(
      node.make<IsInfOp>(node.in(0), {node.boolean("detect_negative", node.getInt("detect_negative", 1) != 0),
                                      node.boolean("detect_positive", node.getInt("detect_positive", 1) != 0)}));
}

LogicalResult importWhere(Node &node) { return node.set(node.make<WhereOp>(node.inputs)); }

LogicalResult importIdentity(Node &node) { return node.set(node.in(0)); }

LogicalResult importDropout(Node &node) {
  // Inference: identity, unless the model insists on training mode.
  if (Value training = node.in(2)) {
    auto constant = getConstantInts(training);
    if (!constant || (!constant->empty() && constant->front() != 0))
      return node.unsupported("training mode");
  }
  SmallVector<Value> results = {node.in(0)};
  if (node.wants(1)) {
    auto value = node.splat({1}, node.builder.getI1Type(), 1);
    results.push_back(node.make<FullOp>(node.make<ShapeOfOp>(node.in(0)), {node.attr("value", value)}));
  }
  return node.set(results);
}
} // namespace

void addElementwiseHandlers(Registry &r) {
  r.add("Abs", 1, 1, importUnary<AbsOp>);
  r.add("Neg", 1, 1, importUnary<NegOp>);
  r.add("Sign", 1, 1, importUnary<SignOp>);
  r.add("Not", 1, 1, importUnary<NotOp>);
  r.add("BitwiseNot", 1, 1, importUnary<BitNotOp>);
  r.add("Relu", 1, 1, importUnary<ReluOp>);
  r.add("Exp", 1, 1, importUnary<ExpOp>);
  r.add("Log", 1, 1, importUnary<LogOp>);
  r.add("Sqrt", 1, 1, importUnary<SqrtOp>);
  r.add("Erf", 1, 1, importUnary<ErfOp>);
  r.add("Sin", 1, 1, importUnary<SinOp>);
  r.add("Cos", 1, 1, importUnary<CosOp>);
  r.add("Tan", 1, 1, importUnary<TanOp>);
  r.add("Asin", 1, 1, importUnary<AsinOp>);
  r.add("Acos", 1, 1, importUnary<AcosOp>);
  r.add("Atan", 1, 1, importUnary<AtanOp>);
  r.add("Sinh", 1, 1, importUnary<SinhOp>);
  r.add("Cosh", 1, 1, importUnary<CoshOp>);
  r.add("Tanh", 1, 1, importUnary<TanhOp>);
  r.add("Asinh", 1, 1, importUnary<AsinhOp>);
  r.add("Acosh", 1, 1, importUnary<AcoshOp>);
  r.add("Atanh", 1, 1, importUnary<AtanhOp>);
  r.add("Sigmoid", 1, 1, importUnary<SigmoidOp>);
  r.add("Softplus", 1, 1, importUnary<SoftplusOp>);
  r.add("Floor", 1, 1, importUnary<FloorOp>);
  r.add("Ceil", 1, 1, importUnary<CeilOp>);
  r.add("Round", 1, 1, importUnary<RoundOp>);
  r.add("IsNaN", 1, 1, importUnary<IsNanOp>);
  r.add("IsInf", 1, 1, importIsInf);
  r.add("Add", 2, 2, importBinary<AddOp>);
  r.add("Sub", 2, 2, importBinary<SubOp>);
  r.add("Mul", 2, 2, importBinary<MulOp>);
  r.add("Div", 2, 2, importBinary<DivOp>);
  r.add("Pow", 2, 2, importPow);
  r.add("Mod", 2, 2, importMod);
  r.add("Max", 1, kVariadic, importVariadic<MaxOp>);
  r.add("Min", 1, kVariadic, importVariadic<MinOp>);
  r.add("Sum", 1, kVariadic, importVariadic<AddOp>);
  r.add("Mean", 1, kVariadic, importMean);
  r.add("And", 2, 2, importBinary<AndOp>);
  r.add("Or", 2, 2, importBinary<OrOp>);
  r.add("Xor", 2, 2, importBinary<XorOp>);
  r.add("BitwiseAnd", 2, 2, importBinary<BitAndOp>);
  r.add("BitwiseOr", 2, 2, importBinary<BitOrOp>);
  r.add("BitwiseXor", 2, 2, importBinary<BitXorOp>);
  r.add("BitShift", 2, 2, importShift);
  r.add("Equal", 2, 2, importCompare<CompareKind::eq>);
  r.add("Less", 2, 2, importCompare<CompareKind::lt>);
  r.add("LessOrEqual", 2, 2, importCompare<CompareKind::le>);
  r.add("Greater", 2, 2, importCompare<CompareKind::gt>);
  r.add("GreaterOrEqual", 2, 2, importCompare<CompareKind::ge>);
  r.add("Where", 3, 3, importWhere);
  r.add("Clip", 1, 3, importClip);
  r.add("Cast", 1, 1, importCast);
  r.add("CastLike", 2, 2, importCastLike);
  r.add("Gelu", 1, 1, importGelu);
  r.add("LeakyRelu", 1, 1, importLeakyRelu);
  r.add("Elu", 1, 1, importElu);
  r.add("Selu", 1, 1, importSelu);
  r.add("PRelu", 2, 2, importPRelu);
  r.add("HardSigmoid", 1, 1, importHardSigmoid);
  r.add("HardSwish", 1, 1, importHardSwish);
  r.add("ThresholdedRelu", 1, 1, importThresholdedRelu);
  r.add("Softsign", 1, 1, importSoftsign);
  r.add("Reciprocal", 1, 1, importReciprocal);
  r.add("Identity", 1, 1, importIdentity);
  r.add("Dropout", 1, 3, importDropout);
}
} // namespace pare::onnx_import
