// Functions and conversions as straight-line arithmetic, which LLVM vectorises with the loops around it.
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Transforms/GreedyPatternRewriteDriver.h"
#include "pare/Codegen/CPU/Passes.h"

namespace pare::cpu {
#define GEN_PASS_DEF_EXPANDMATH
#include "pare/Codegen/CPU/Passes.h.inc"
} // namespace pare::cpu

using namespace mlir;

namespace {
/// Arithmetic on f32 and i32, or on vectors of them.
struct Arith : ImplicitLocOpBuilder {
  Arith(Location loc, OpBuilder &builder, Type like)
      : ImplicitLocOpBuilder(loc, builder), shape(dyn_cast<VectorType>(like)) {}

  VectorType shape; // null for scalars

  Type shaped(Type element) { return shape ? shape.clone(element) : element; }
  Value constant(TypedAttr value) {
    if (shape)
      value = DenseElementsAttr::get(shape.clone(value.getType()), cast<Attribute>(value));
    return arith::ConstantOp::create(*this, value);
  }
  Value f(double value) { return constant(getF32FloatAttr(value)); }
  Value i(int64_t value) { return constant(getI32IntegerAttr(value)); }
  Value add(Value a, Value b) { return arith::AddFOp::create(*this, a, b); }
  Value sub(Value a, Value b) { return arith::SubFOp::create(*this, a, b); }
  Value mul(Value a, Value b) { return arith::MulFOp::create(*this, a, b); }
  Value div(Value a, Value b) { return arith::DivFOp::create(*this, a, b); }
  /// Fused where the CPU can: either rounding is within the bounds.
  Value mad(Value a, Value b, Value c) { return LLVM::FMulAddOp::create(*this, a, b, c); }
  Value addi(Value a, Value b) { return arith::AddIOp::create(*this, a, b); }
  Value subi(Value a, Value b) { return arith::SubIOp::create(*this, a, b); }
  Value andi(Value a, Value b) { return arith::AndIOp::create(*this, a, b); }
  Value ori(Value a, Value b) { return arith::OrIOp::create(*this, a, b); }
  Value shl(Value a, int64_t b) { return arith::ShLIOp::create(*this, a, i(b)); }
  Value shr(Value a, int64_t b) { return arith::ShRUIOp::create(*this, a, i(b)); }
  Value sar(Value a, int64_t b) { return arith::ShRSIOp::create(*this, a, i(b)); }
  Value less(Value a, Value b) { return arith::CmpFOp::create(*this, arith::CmpFPredicate::OLT, a, b); }
  Value below(Value a, Value b) { return arith::CmpIOp::create(*this, arith::CmpIPredicate::ult, a, b); }
  Value select(Value c, Value a, Value b) { return arith::SelectOp::create(*this, c, a, b); }
  Value bits(Value a) { return arith::BitcastOp::create(*this, shaped(getI32Type()), a); }
  Value real(Value a) { return arith::BitcastOp::create(*this, shaped(getF32Type()), a); }
  Value abs(Value a) { return real(andi(bits(a), i(0x7fffffff))); }
  /// The magnitude of `a` with the sign of `b`.
  Value withSign(Value a, Value b) {
    return real(ori(andi(bits(a), i(0x7fffffff)), andi(bits(b), i(int32_t(0x80000000)))));
  }
  Value polynomial(Value x, ArrayRef<double> coefficients) {
    Value sum = f(coefficients.front());
    for (double c : coefficients.drop_front())
      sum = mad(sum, x, f(c));
    return sum;
  }

  /// e^x = 2^n e^r with |r| <= ln 2 / 2 (Cody and Waite): e^r and n.
  std::pair<Value, Value> expParts(Value x) {
    constexpr double kMagic = 12582912; // 1.5 * 2^23: adding it rounds to an integer in the low bits
    Value shifted = mad(x, f(1.44269504088896341), f(kMagic));
    Value n = sub(shifted, f(kMagic)), whole = subi(bits(shifted), i(0x4b400000));
    Value r = mad(n, f(-0.693145751953125), x);
    r = mad(n, f(-1.42860682030941723212e-6), r);
    Value p = polynomial(
        r, {1.9875691500e-4, 1.3981999507e-3, 8.3334519073e-3, 4.1665795894e-2, 1.6666665459e-1, 5.0000001201e-1});
    return {add(mad(p, mul(r, r), r), f(1)), whole};
  }
  Value power(Value exponent) { return real(shl(addi(exponent, i(127)), 23)); }

  /// 2^n in two factors, so that subnormal results round once.
  Value exp(Value x) {
    Value low = f(-104), high = f(89);
    x = select(less(x, low), low, x);
    x = select(less(high, x), high, x);
    auto [result, whole] = expParts(x);
    Value half = sar(whole, 1), rest = subi(whole, half);
    return mul(mul(result, power(half)), power(rest));
  }
  /// For -87 <= x <= 88.5: the result is no subnormal number, and infinite from 88.38 on.
  Value expOfSmall(Value x) {
    auto [result, whole] = expParts(x);
    return mul(result, power(whole));
  }

  /// For x <= 0: 0 in place of a subnormal number.
  Value expOfNonPositive(Value x) {
    Value low = f(-87.33654475055310898657), isLow = less(x, low); // the smallest normal number's logarithm
    auto [result, whole] = expParts(select(isLow, low, x));
    return select(isLow, f(0), mul(result, power(whole)));
  }

  /// 1 + e^x, as in the logistic function: the sum hides how small e^x is. Half of 2^n, so that only what is too large
  /// overflows.
  Value onePlusExp(Value x) {
    Value low = f(-87), high = f(89);
    x = select(less(x, low), low, x);
    x = select(less(high, x), high, x);
    auto [result, whole] = expParts(x);
    return mad(add(result, result), power(subi(whole, i(1))), f(1));
  }

  /// Odd polynomial near 0, 1 - e^q(|x|) further out.
  Value erf(Value x) {
    Value t = abs(x), s = mul(x, x);
    Value limit = f(4); // erf rounds to 1 beyond 3.92
    Value far = select(less(limit, t), limit, t);
    Value q = polynomial(far, {-1.72853470e-5, 3.83197126e-4, -3.88396438e-3, 2.42546219e-2, -1.06777877e-1,
                               -6.34846687e-1, -1.28717512e-1});
    Value outer = withSign(sub(f(1), expOfSmall(mad(q, far, arith::NegFOp::create(*this, far)))), x);
    Value inner =
        polynomial(s, {-5.96761703e-4, 4.99119423e-3, -2.67681349e-2, 1.12819925e-1, -3.76125336e-1, 1.28379166e-1});
    inner = mad(inner, x, x);
    return select(less(f(0.927734375), t), outer, inner);
  }

  /// 1 + erf(x) within 2^-23: erfc(|x|) = e^(|x| q(|x|)), and 0 where that is less than 2^-28. The coefficients are a
  /// minimax fit to log(erfc(t)) / t, weighted by erfc(t).
  Value onePlusErf(Value x) {
    Value t = abs(x), limit = f(4.2);
    Value beyond = less(limit, t), near = select(beyond, limit, t);
    Value q = polynomial(near, {-1.883205022e-05, 2.132161954e-04, -7.498273772e-04, -9.529535714e-04, 1.99066771e-02,
                                -1.030476279e-01, -6.365747877e-01, -1.128381572});
    Value rest = select(beyond, f(0), expOfSmall(mul(q, near)));
    return select(less(x, f(0)), rest, sub(f(2), rest));
  }

  /// Odd polynomial near 0, 1 - 2 / (e^2|x| + 1) further out.
  Value tanh(Value x) {
    Value t = abs(x), s = mul(x, x), limit = f(10); // tanh rounds to 1 beyond 9.02
    Value far = select(less(limit, t), limit, t);
    Value outer = sub(f(1), div(f(2), add(expOfSmall(add(far, far)), f(1))));
    outer = withSign(outer, x);
    Value inner =
        polynomial(s, {-5.70498872745e-3, 2.06390887954e-2, -5.37397155531e-2, 1.33314422036e-1, -3.33332819422e-1});
    inner = mad(mul(inner, s), x, x);
    return select(less(t, f(0.625)), inner, arith::SelectOp::create(*this, isNan(x), x, outer));
  }
  Value isNan(Value x) { return arith::CmpFOp::create(*this, arith::CmpFPredicate::UNO, x, x); }

  Value widen(Value half) {
    return arith::ExtUIOp::create(*this, getI32Type(), arith::BitcastOp::create(*this, getI16Type(), half));
  }
  Value narrow(Value word, Type type) {
    return arith::BitcastOp::create(*this, type, arith::TruncIOp::create(*this, getI16Type(), word));
  }

  Value extend(Value x) {
    Value word = widen(x);
    if (x.getType().isBF16())
      return real(shl(word, 16));
    Value sign = shl(andi(word, i(0x8000)), 16), magnitude = andi(word, i(0x7fff));
    Value normal = addi(shl(magnitude, 13), i(112 << 23));
    Value special = addi(normal, i(112 << 23));
    Value subnormal = bits(mul(arith::UIToFPOp::create(*this, getF32Type(), magnitude), f(0x1p-24)));
    Value result = select(below(magnitude, i(0x400)), subnormal, select(below(magnitude, i(0x7c00)), normal, special));
    return real(ori(result, sign));
  }

  /// Rounds to nearest, ties to even.
  Value truncate(Value x, Type type) {
    Value word = bits(x), magnitude = andi(word, i(0x7fffffff));
    Value nan = below(i(0x7f800000), magnitude);
    if (type.isBF16()) {
      Value rounded = shr(addi(word, addi(i(0x7fff), andi(shr(word, 16), i(1)))), 16);
      return narrow(select(nan, ori(shr(word, 16), i(0x40)), rounded), type);
    }
    Value sign = andi(shr(word, 16), i(0x8000));
    Value odd = andi(shr(magnitude, 13), i(1));
    Value normal = shr(addi(magnitude, addi(i(int32_t(0xc8000fff)), odd)), 13);
    // Adding 0.5 leaves the subnormal's bits, rounded, at the end of the mantissa.
    Value subnormal = subi(bits(add(real(magnitude), f(0.5))), i(0x3f000000));
    Value result = select(below(magnitude, i(0x38800000)), subnormal, normal);
    result = select(below(magnitude, i(0x47800000)), result, i(0x7c00));
    result = select(nan, i(0x7e00), result);
    return narrow(ori(result, sign), type);
  }
};

template <typename Op> struct Expand : OpRewritePattern<Op> {
  using Fn = Value (Arith::*)(Value);
  Expand(MLIRContext *context, Fn fn) : OpRewritePattern<Op>(context), fn(fn) {}
  LogicalResult matchAndRewrite(Op op, PatternRewriter &rewriter) const override {
    if (!getElementTypeOrSelf(op.getType()).isF32())
      return failure();
    Arith arith(op.getLoc(), rewriter, op.getType());
    rewriter.replaceOp(op, (arith.*fn)(op.getOperand()));
    return success();
  }
  Fn fn;
};

/// e^min(x, 0) that may be approximate (afn): nothing overflows, and 0 is as good as a subnormal number.
struct ExpandExpOfNonPositive : OpRewritePattern<math::ExpOp> {
  using OpRewritePattern::OpRewritePattern;
  LogicalResult matchAndRewrite(math::ExpOp op, PatternRewriter &rewriter) const override {
    auto choice = op.getOperand().getDefiningOp<arith::SelectOp>();
    auto test = choice ? choice.getCondition().getDefiningOp<arith::CmpFOp>() : arith::CmpFOp();
    if (!arith::bitEnumContainsAny(op.getFastmath(), arith::FastMathFlags::afn) || !test ||
        test.getPredicate() != arith::CmpFPredicate::OGT || test.getLhs() != choice.getFalseValue() ||
        !matchPattern(test.getRhs(), m_AnyZeroFloat()) || !matchPattern(choice.getTrueValue(), m_AnyZeroFloat()) ||
        !getElementTypeOrSelf(op.getType()).isF32())
      return failure();
    Arith arith(op.getLoc(), rewriter, op.getType());
    rewriter.replaceOp(op, arith.expOfNonPositive(choice));
    return success();
  }
};

/// 1 + f(x): cheaper together, for the sum hides what f alone has to get right.
template <typename Op> struct ExpandPlusOne : OpRewritePattern<arith::AddFOp> {
  using Fn = Value (Arith::*)(Value);
  ExpandPlusOne(MLIRContext *context, Fn fn) : OpRewritePattern(context), fn(fn) {}
  LogicalResult matchAndRewrite(arith::AddFOp op, PatternRewriter &rewriter) const override {
    auto summand = op.getLhs().getDefiningOp<Op>();
    Value other = op.getRhs();
    if (!summand) {
      summand = op.getRhs().template getDefiningOp<Op>();
      other = op.getLhs();
    }
    if (!summand || !summand->hasOneUse() || !getElementTypeOrSelf(op.getType()).isF32() ||
        !matchPattern(other, m_OneFloat()))
      return failure();
    Arith arith(op.getLoc(), rewriter, op.getType());
    rewriter.replaceOp(op, (arith.*fn)(summand.getOperand()));
    return success();
  }
  Fn fn;
};

bool isNarrow(Type type) { return type.isF16() || type.isBF16(); }

struct ExpandExtension : OpRewritePattern<arith::ExtFOp> {
  using OpRewritePattern::OpRewritePattern;
  LogicalResult matchAndRewrite(arith::ExtFOp op, PatternRewriter &rewriter) const override {
    if (!isNarrow(op.getIn().getType()))
      return failure();
    Arith arith(op.getLoc(), rewriter, op.getType());
    Value result = arith.extend(op.getIn());
    if (!op.getType().isF32())
      result = arith::ExtFOp::create(arith, op.getType(), result);
    rewriter.replaceOp(op, result);
    return success();
  }
};

struct ExpandTruncation : OpRewritePattern<arith::TruncFOp> {
  using OpRewritePattern::OpRewritePattern;
  LogicalResult matchAndRewrite(arith::TruncFOp op, PatternRewriter &rewriter) const override {
    if (!isNarrow(op.getType()))
      return failure();
    Arith arith(op.getLoc(), rewriter, op.getType());
    Value value = op.getIn();
    if (!value.getType().isF32())
      value = arith::TruncFOp::create(arith, arith.getF32Type(), value);
    rewriter.replaceOp(op, arith.truncate(value, op.getType()));
    return success();
  }
};

struct ExpandMath : pare::cpu::impl::ExpandMathBase<ExpandMath> {
  void runOnOperation() override {
    MLIRContext *context = &getContext();
    RewritePatternSet sums(context), patterns(context);
    sums.add<ExpandPlusOne<math::ErfOp>>(context, &Arith::onePlusErf);
    sums.add<ExpandPlusOne<math::ExpOp>>(context, &Arith::onePlusExp);
    sums.add<ExpandExpOfNonPositive>(context);
    if (failed(applyPatternsGreedily(getOperation(), std::move(sums))))
      return signalPassFailure();
    patterns.add<Expand<math::ExpOp>>(context, &Arith::exp);
    patterns.add<Expand<math::ErfOp>>(context, &Arith::erf);
    patterns.add<Expand<math::TanhOp>>(context, &Arith::tanh);
    patterns.add<ExpandExtension, ExpandTruncation>(context);
    if (failed(applyPatternsGreedily(getOperation(), std::move(patterns))))
      signalPassFailure();
  }
};
} // namespace
