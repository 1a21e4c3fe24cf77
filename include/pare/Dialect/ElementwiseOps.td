// Elementwise ops: every result element depends on one element of each operand. All broadcast as NumPy does.
#ifndef PARE_ELEMENTWISE_OPS
#define PARE_ELEMENTWISE_OPS

include "pare/Dialect/PareBase.td"

/// Operands broadcast to the result, and every element is computed by itself.
def Pare_Broadcasts : NativeOpTrait<"Broadcasts"> {
  let cppNamespace = "::pare";
}

class Pare_ElementwiseOp<string mnemonic, list<Trait> traits = []> : Pare_Op<mnemonic, traits # [Pare_Broadcasts]> {
  let assemblyFormat = "operands attr-dict `:` functional-type(operands, results)";
  // Body of inferReturnTypes.
  code inferBody = [{}];
  let extraClassDefinition = [{
    bool $cppClass::isCompatibleReturnTypes(::mlir::TypeRange inferred, ::mlir::TypeRange actual) {
      return ::pare::areCompatible(inferred, actual);
    }
    std::optional<int64_t> $cppClass::mapAxis(unsigned operand, int64_t axis, unsigned result) {
      return ::pare::mapBroadcastAxis(getOperation(), operand, axis);
    }
    double $cppClass::getFlops(::llvm::function_ref<int64_t(::mlir::Value, int64_t)> dim) {
      return ::pare::numElements(getOperation()->getResult(0), dim);
    }
    ::llvm::LogicalResult $cppClass::inferReturnTypes(::mlir::MLIRContext *context, std::optional<::mlir::Location> location,
                                                      Adaptor adaptor, ::llvm::SmallVectorImpl<::mlir::Type> &inferred) {
  }] # inferBody # [{
    }
  }];
}

// T -> T
class Pare_UnaryOp<string mnemonic, string what, dag operand, list<Trait> traits = []> : Pare_ElementwiseOp<mnemonic, traits> {
  let summary = what;
  let description = what # [{ of every element.

    Example: `%y = pare.}] # mnemonic # [{ %x : (tensor<?x4xf32>) -> tensor<?x4xf32>`}];
  let arguments = operand;
  let results = (outs Pare_Tensor:$result);
  let inferBody = [{
      inferred.push_back(adaptor.getX().getType());
      return ::mlir::success();
  }];
}

class Pare_FloatUnaryOp<string mnemonic, string what> : Pare_UnaryOp<mnemonic, what, (ins Pare_FloatTensor:$x)>;

def Pare_AbsOp : Pare_UnaryOp<"abs", "Absolute value", (ins Pare_NumberTensor:$x)>;
def Pare_NegOp : Pare_UnaryOp<"neg", "Negation", (ins Pare_NumberTensor:$x)>;
def Pare_SignOp : Pare_UnaryOp<"sign", "Sign (-1, 0 or 1; NaN stays NaN)", (ins Pare_NumberTensor:$x)>;
def Pare_NotOp : Pare_UnaryOp<"not", "Logical negation", (ins Pare_BoolTensor:$x)>;
def Pare_BitNotOp : Pare_UnaryOp<"bit_not", "Bitwise negation", (ins Pare_IntegerTensor:$x)>;
def Pare_ReluOp : Pare_UnaryOp<"relu", "max(x, 0); NaN stays NaN", (ins Pare_NumberTensor:$x)>;
def Pare_ExpOp : Pare_FloatUnaryOp<"exp", "e to the power x">;
def Pare_LogOp : Pare_FloatUnaryOp<"log", "Natural logarithm">;
def Pare_SqrtOp : Pare_FloatUnaryOp<"sqrt", "Square root">;
def Pare_ErfOp : Pare_FloatUnaryOp<"erf", "Error function">;
def Pare_SinOp : Pare_FloatUnaryOp<"sin", "Sine">;
def Pare_CosOp : Pare_FloatUnaryOp<"cos", "Cosine">;
def Pare_TanOp : Pare_FloatUnaryOp<"tan", "Tangent">;
def Pare_AsinOp : Pare_FloatUnaryOp<"asin", "Arc sine">;
def Pare_AcosOp : Pare_FloatUnaryOp<"acos", "Arc cosine">;
def Pare_AtanOp : Pare_FloatUnaryOp<"atan", "Arc tangent">;
def Pare_SinhOp : Pare_FloatUnaryOp<"sinh", "Hyperbolic sine">;
def Pare_CoshOp : Pare_FloatUnaryOp<"cosh", "Hyperbolic cosine">;
def Pare_TanhOp : Pare_FloatUnaryOp<"tanh", "Hyperbolic tangent">;
def Pare_AsinhOp : Pare_FloatUnaryOp<"asinh", "Inverse hyperbolic sine">;
def Pare_AcoshOp : Pare_FloatUnaryOp<"acosh", "Inverse hyperbolic cosine">;
def Pare_AtanhOp : Pare_FloatUnaryOp<"atanh", "Inverse hyperbolic tangent">;
def Pare_SigmoidOp : Pare_FloatUnaryOp<"sigmoid", "1 / (1 + exp(-x))">;
def Pare_SoftplusOp : Pare_FloatUnaryOp<"softplus", "log(1 + exp(x))">;
def Pare_FloorOp : Pare_FloatUnaryOp<"floor", "Largest integer not above x">;
def Pare_CeilOp : Pare_FloatUnaryOp<"ceil", "Smallest integer not below x">;
def Pare_RoundOp : Pare_FloatUnaryOp<"round", "Nearest integer, halves to even">;

def Pare_GeluOp : Pare_UnaryOp<"gelu", "Gaussian error linear unit", (ins Pare_FloatTensor:$x,
    DefaultValuedAttr<Pare_GeluKindAttr, "::pare::GeluKind::none">:$approximate)> {
  let assemblyFormat = "operands attr-dict `:` functional-type(operands, results)";
}
def Pare_LeakyReluOp : Pare_UnaryOp<"leaky_relu", "x where x >= 0, alpha * x elsewhere", (ins Pare_FloatTensor:$x, F32Attr:$alpha)>;
def Pare_EluOp : Pare_UnaryOp<"elu", "x where x >= 0, alpha * (exp(x) - 1) elsewhere", (ins Pare_FloatTensor:$x, F32Attr:$alpha)>;
def Pare_HardSigmoidOp : Pare_UnaryOp<"hard_sigmoid", "max(0, min(1, alpha * x + beta))",
    (ins Pare_FloatTensor:$x, F32Attr:$alpha, F32Attr:$beta)>;

// T -> i1
class Pare_ClassifyOp<string mnemonic, string what, dag operand> : Pare_UnaryOp<mnemonic, what, operand> {
  let description = what # [{.

    Example: `%y = pare.}] # mnemonic # [{ %x : (tensor<4xf32>) -> tensor<4xi1>`}];
  let inferBody = [{
      inferred.push_back(::pare::withElementType(adaptor.getX().getType(), ::mlir::IntegerType::get(context, 1)));
      return ::mlir::success();
  }];
}
def Pare_IsNanOp : Pare_ClassifyOp<"is_nan", "Whether the element is NaN", (ins Pare_FloatTensor:$x)>;
def Pare_IsInfOp : Pare_ClassifyOp<"is_inf", "Whether the element is an infinity of an accepted sign",
    (ins Pare_FloatTensor:$x, DefaultValuedAttr<BoolAttr, "true">:$detect_negative, DefaultValuedAttr<BoolAttr, "true">:$detect_positive)>;

def Pare_CastOp : Pare_UnaryOp<"cast", "Conversion to the element type of the result", (ins Pare_Tensor:$x, TypeAttr:$to)> {
  let description = [{
    Converts every element to type `to`. Float to integer truncates toward zero (out-of-range values are unspecified, as in
    ONNX); a number to `i1` is `x != 0`; `i1` to a number gives 0 or 1; narrowing of floats rounds to nearest even.

    Example: `%y = pare.cast %x {to = si64} : (tensor<4xf32>) -> tensor<4xsi64>`
  }];
  let inferBody = [{
      inferred.push_back(::pare::withElementType(adaptor.getX().getType(), adaptor.getTo()));
      return ::mlir::success();
  }];
}

def SameOperandsElementTypes : PredOpTrait<"operands share one element type",
  CPred<"::llvm::all_equal(::llvm::map_range($_op.getOperandTypes(), [](::mlir::Type t) { return ::mlir::getElementTypeOrSelf(t); }))">>;

// (T, T) -> T, broadcasting
class Pare_BinaryOp<string mnemonic, string what, dag operands> : Pare_ElementwiseOp<mnemonic, [SameOperandsElementTypes]> {
  let summary = what;
  let description = what # [{. Operands broadcast.

    Example: `%y = pare.}] # mnemonic # [{ %a, %b : (tensor<?x4xf32>, tensor<4xf32>) -> tensor<?x4xf32>`}];
  let arguments = operands;
  let results = (outs Pare_Tensor:$result);
  let inferBody = [{
      return ::pare::inferBroadcast(location, adaptor.getOperands(), ::mlir::getElementTypeOrSelf(adaptor.getLhs().getType()), inferred);
  }];
}

class Pare_NumberBinaryOp<string mnemonic, string what> : Pare_BinaryOp<mnemonic, what, (ins Pare_NumberTensor:$lhs, Pare_NumberTensor:$rhs)>;
class Pare_BoolBinaryOp<string mnemonic, string what> : Pare_BinaryOp<mnemonic, what, (ins Pare_BoolTensor:$lhs, Pare_BoolTensor:$rhs)>;
class Pare_BitBinaryOp<string mnemonic, string what> : Pare_BinaryOp<mnemonic, what, (ins Pare_IntegerTensor:$lhs, Pare_IntegerTensor:$rhs)>;

def Pare_AddOp : Pare_NumberBinaryOp<"add", "Sum; integers wrap around">;
def Pare_SubOp : Pare_NumberBinaryOp<"sub", "Difference; integers wrap around">;
def Pare_MulOp : Pare_NumberBinaryOp<"mul", "Product; integers wrap around">;
def Pare_DivOp : Pare_NumberBinaryOp<"div", "Quotient; integers truncate toward zero, a zero divisor is an error of the model">;
def Pare_PowOp : Pare_BinaryOp<"pow", "lhs to the power rhs, in the element type of lhs", (ins Pare_NumberTensor:$lhs, Pare_NumberTensor:$rhs)>;
def Pare_ModOp : Pare_NumberBinaryOp<"mod", "Remainder with the sign of the divisor">;
def Pare_FmodOp : Pare_NumberBinaryOp<"fmod", "Remainder with the sign of the dividend (C fmod)">;
def Pare_MaxOp : Pare_NumberBinaryOp<"max", "Larger of the two; NaN if either is NaN">;
def Pare_MinOp : Pare_NumberBinaryOp<"min", "Smaller of the two; NaN if either is NaN">;
def Pare_AndOp : Pare_BoolBinaryOp<"and", "Logical and">;
def Pare_OrOp : Pare_BoolBinaryOp<"or", "Logical or">;
def Pare_XorOp : Pare_BoolBinaryOp<"xor", "Logical exclusive or">;
def Pare_BitAndOp : Pare_BitBinaryOp<"bit_and", "Bitwise and">;
def Pare_BitOrOp : Pare_BitBinaryOp<"bit_or", "Bitwise or">;
def Pare_BitXorOp : Pare_BitBinaryOp<"bit_xor", "Bitwise exclusive or">;
def Pare_ShiftLeftOp : Pare_BitBinaryOp<"shift_left", "lhs shifted left by rhs bits (0 when rhs is at least the width)">;
def Pare_ShiftRightOp : Pare_BitBinaryOp<"shift_right", "lhs shifted right by rhs bits, zeros in (0 when rhs is at least the width)">;

def Pare_CompareOp : Pare_BinaryOp<"compare", "Comparison", (ins Pare_Tensor:$lhs, Pare_Tensor:$rhs, Pare_CompareKindAttr:$kind)> {
  let description = [{
    Compares elements; comparisons with NaN are false. `i1` knows `eq` only. Operands broadcast.

    Example: `%y = pare.compare %a, %b {kind = #pare.compare_kind<lt>} : (tensor<4xf32>, tensor<f32>) -> tensor<4xi1>`
  }];
  let inferBody = [{
      return ::pare::inferBroadcast(location, adaptor.getOperands(), ::mlir::IntegerType::get(context, 1), inferred);
  }];
}

def Pare_WhereOp : Pare_ElementwiseOp<"where"> {
  let summary = "Choice by a condition";
  let description = [{
    x where the condition holds, y elsewhere. All three broadcast; x and y share their element type.

    Example: `%r = pare.where %c, %x, %y : (tensor<?x1xi1>, tensor<?x4xf32>, tensor<f32>) -> tensor<?x4xf32>`
  }];
  let arguments = (ins Pare_BoolTensor:$condition, Pare_Tensor:$x, Pare_Tensor:$y);
  let results = (outs Pare_Tensor:$result);
  let hasVerifier = 1;
  let inferBody = [{
      return ::pare::inferBroadcast(location, adaptor.getOperands(), ::mlir::getElementTypeOrSelf(adaptor.getX().getType()), inferred);
  }];
}

def Pare_ClipOp : Pare_ElementwiseOp<"clip", [AttrSizedOperandSegments]> {
  let summary = "Clamp to a range";
  let description = [{
    min(max(x, low), high) with scalar bounds, either of which may be absent. NaN stays NaN; where low > high the result is
    high.

    Example: `%y = pare.clip %x low(%l : tensor<f32>) : (tensor<?xf32>) -> tensor<?xf32>`
  }];
  let arguments = (ins Pare_NumberTensor:$x, Optional<Pare_NumberTensor>:$low, Optional<Pare_NumberTensor>:$high);
  let results = (outs Pare_NumberTensor:$result);
  let assemblyFormat = "$x (`low` `(` $low^ `:` type($low) `)`)? (`high` `(` $high^ `:` type($high) `)`)? attr-dict `:` functional-type($x, results)";
  let hasVerifier = 1;
  let inferBody = [{
      inferred.push_back(adaptor.getX().getType());
      return ::mlir::success();
  }];
}

#endif
