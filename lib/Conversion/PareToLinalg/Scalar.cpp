// The scalar computation of every elementwise op.
#include "Emit.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "llvm/ADT/TypeSwitch.h"

using namespace mlir;
using namespace pare;
using namespace pare::lowering;

static Value compareFloat(Emit &e, arith::CmpFPredicate kind, Value a, Value b) {
  return arith::CmpFOp::create(e, kind, a, b);
}

Value lowering::emitAdd(Emit &e, Value a, Value b) {
  if (isa<FloatType>(a.getType()))
    return arith::AddFOp::create(e, a, b);
  return e.add(a, b);
}

Value lowering::emitMul(Emit &e, Value a, Value b) {
  if (isa<FloatType>(a.getType()))
    return arith::MulFOp::create(e, a, b);
  return e.mul(a, b);
}

Value lowering::emitSum(Emit &e, Value a, Value b) {
  if (!isa<FloatType>(a.getType()))
    return e.add(a, b);
  return arith::AddFOp::create(e, a, b, arith::FastMathFlagsAttr::get(e.getContext(), arith::FastMathFlags::reassoc));
}

Value lowering::emitMax(Emit &e, Value a, Value b, Type type) {
  if (isa<FloatType>(type))
    return arith::MaximumFOp::create(e, a, b);
  return isUnsigned(type) ? e.createOrFold<arith::MaxUIOp>(a, b) : e.max(a, b);
}

Value lowering::emitMin(Emit &e, Value a, Value b, Type type) {
  if (isa<FloatType>(type))
    return arith::MinimumFOp::create(e, a, b);
  return isUnsigned(type) ? e.createOrFold<arith::MinUIOp>(a, b) : e.min(a, b);
}

Value lowering::emitExtreme(Emit &e, Type type, bool lowest) {
  if (auto floating = dyn_cast<FloatType>(type))
    return arith::ConstantOp::create(
        e, FloatAttr::get(floating, APFloat::getInf(floating.getFloatSemantics(), /*Negative=*/lowest)));
  unsigned width = type.getIntOrFloatBitWidth();
  APInt value = isUnsigned(type) ? (lowest ? APInt::getZero(width) : APInt::getMaxValue(width))
                                 : (lowest ? APInt::getSignedMinValue(width) : APInt::getSignedMaxValue(width));
  return arith::ConstantOp::create(e, IntegerAttr::get(signless(type), value));
}

Value lowering::emitCast(Emit &e, Value value, Type from, Type to) {
  if (from == to)
    return value;
  bool fromFloat = isa<FloatType>(from), toFloat = isa<FloatType>(to);
  if (fromFloat && toFloat)
    return e.toFloat(value, to);
  if (to.isInteger(1)) {
    if (fromFloat)
      return compareFloat(e, arith::CmpFPredicate::UNE, value, e.number(from, 0));
    return e.compare(arith::CmpIPredicate::ne, value, e.integer(signless(from), 0));
  }
  if (toFloat)
    return isUnsigned(from) ? e.createOrFold<arith::UIToFPOp>(to, value) : e.createOrFold<arith::SIToFPOp>(to, value);
  Type result = signless(to);
  if (fromFloat)
    return isUnsigned(to) ? e.createOrFold<arith::FPToUIOp>(result, value)
                          : e.createOrFold<arith::FPToSIOp>(result, value);
  unsigned fromWidth = from.getIntOrFloatBitWidth(), toWidth = to.getIntOrFloatBitWidth();
  if (fromWidth > toWidth)
    return e.createOrFold<arith::TruncIOp>(result, value);
  if (fromWidth == toWidth)
    return value;
  return isUnsigned(from) ? e.createOrFold<arith::ExtUIOp>(result, value)
                          : e.createOrFold<arith::ExtSIOp>(result, value);
}

/// x / y of integers. The machine traps on a zero divisor and on the lowest value by -1; neither may end the process.
static Value divideIntegers(Emit &e, Value x, Value y, Type type) {
  Value zero = e.integer(x.getType(), 0), one = e.integer(x.getType(), 1);
  Value unsafe = e.eq(y, zero);
  if (isUnsigned(type))
    return e.createOrFold<arith::DivUIOp>(x, e.select(unsafe, one, y));
  Value negates = e.eq(y, e.integer(x.getType(), -1));
  return e.select(negates, e.sub(zero, x), e.div(x, e.select(e.either(unsafe, negates), one, y)));
}

static Value remainderIntegers(Emit &e, Value x, Value y, Type type) {
  return e.sub(x, e.mul(divideIntegers(e, x, y, type), y));
}

/// Remainder with the sign of the divisor.
static Value modulo(Emit &e, Value x, Value y, Type type) {
  if (isa<FloatType>(type)) {
    Value zero = e.number(type, 0), r = arith::RemFOp::create(e, x, y);
    Value differs = arith::XOrIOp::create(e, compareFloat(e, arith::CmpFPredicate::OLT, r, zero),
                                          compareFloat(e, arith::CmpFPredicate::OLT, y, zero));
    Value fix = e.both(compareFloat(e, arith::CmpFPredicate::ONE, r, zero), differs);
    return e.select(fix, arith::AddFOp::create(e, r, y), r);
  }
  Value r = remainderIntegers(e, x, y, type);
  if (isUnsigned(type))
    return r;
  Value zero = e.integer(x.getType(), 0);
  Value differs = e.createOrFold<arith::XOrIOp>(e.lt(r, zero), e.lt(y, zero));
  return e.select(e.both(e.compare(arith::CmpIPredicate::ne, r, zero), differs), e.add(r, y), r);
}

/// By squaring, with wrap-around. A negative exponent gives what the truncated quotient does: 0 unless |x| is 1.
static Value powerIntegers(Emit &e, Value x, Value y, Type type) {
  Type t = x.getType();
  Value zero = e.integer(t, 0), one = e.integer(t, 1);
  auto loop = scf::ForOp::create(e, e.index(0), e.index(t.getIntOrFloatBitWidth()), e.index(1), ValueRange{one, x, y},
                                 [&](OpBuilder &builder, Location loc, Value, ValueRange args) {
                                   Emit inner(loc, builder, e.state);
                                   Value odd = inner.compare(arith::CmpIPredicate::ne, inner.both(args[2], one), zero);
                                   Value product = inner.select(odd, inner.mul(args[0], args[1]), args[0]);
                                   Value rest = inner.createOrFold<arith::ShRUIOp>(args[2], one);
                                   scf::YieldOp::create(inner, ValueRange{product, inner.mul(args[1], args[1]), rest});
                                 });
  Value power = loop.getResult(0);
  if (isUnsigned(type))
    return power;
  Value minusOne = e.integer(t, -1);
  Value odd = e.compare(arith::CmpIPredicate::ne, e.both(y, one), zero);
  Value ofMinusOne = e.select(odd, minusOne, one);
  Value negative = e.select(e.eq(x, one), one, e.select(e.eq(x, minusOne), ofMinusOne, zero));
  return e.select(e.lt(y, zero), negative, power);
}

/// The number that all elements of a constant operand equal.
static std::optional<double> splatOf(Value operand) {
  auto constant = operand.getDefiningOp<ConstantOp>();
  auto dense = constant ? dyn_cast<DenseElementsAttr>(constant.getValue()) : DenseElementsAttr();
  if (!dense || !dense.isSplat() || !isa<FloatType>(dense.getElementType()))
    return std::nullopt;
  return dense.getSplatValue<APFloat>().convertToDouble();
}

static Value power(Emit &e, PowOp op, Value x, Value y) {
  Type type = x.getType();
  if (!isa<FloatType>(type))
    return powerIntegers(e, x, y, elementOf(op.getLhs()));
  auto exponent = splatOf(op.getRhs());
  if (exponent == 1.0)
    return x;
  if (exponent == 2.0)
    return emitMul(e, x, x);
  if (exponent == 3.0)
    return emitMul(e, emitMul(e, x, x), x);
  return math::PowFOp::create(e, x, y);
}

Value lowering::emitSigmoid(Emit &e, Value x) {
  Value one = e.number(x.getType(), 1);
  return arith::DivFOp::create(e, one, emitAdd(e, one, math::ExpOp::create(e, arith::NegFOp::create(e, x))));
}

Value lowering::emitSoftplus(Emit &e, Value x) {
  Value small = math::ExpOp::create(e, arith::NegFOp::create(e, math::AbsFOp::create(e, x)));
  return emitAdd(e, arith::MaximumFOp::create(e, x, e.number(x.getType(), 0)), math::Log1pOp::create(e, small));
}

static Value gelu(Emit &e, GeluOp op, Value x) {
  Type type = x.getType();
  auto times = [&](double factor, Value value) { return emitMul(e, e.number(type, factor), value); };
  Value half = times(0.5, x), one = e.number(type, 1);
  if (op.getApproximate() == GeluKind::none)
    return emitMul(e, half, emitAdd(e, one, math::ErfOp::create(e, times(0.70710678118654752440, x))));
  Value cube = emitMul(e, emitMul(e, x, x), x);
  Value inner = times(0.79788456080286535588, emitAdd(e, x, times(0.044715, cube)));
  return emitMul(e, half, emitAdd(e, one, math::TanhOp::create(e, inner)));
}

/// Ops on floats, computed in f32 when the type is narrower.
static Value emitFloat(Emit &e, Operation *op, ValueRange args) {
  Value x = args[0], y = args.size() > 1 ? args[1] : Value();
  Type type = x.getType();
  auto zero = [&] { return e.number(type, 0); };
  auto where = [&](arith::CmpFPredicate kind, Value a, Value b) {
    return arith::SelectOp::create(e, compareFloat(e, kind, x, zero()), a, b).getResult();
  };
  return TypeSwitch<Operation *, Value>(op)
      .Case([&](AbsOp) { return math::AbsFOp::create(e, x); })
      .Case([&](NegOp) { return arith::NegFOp::create(e, x); })
      .Case([&](SignOp) {
        return where(arith::CmpFPredicate::OGT, e.number(type, 1),
                     where(arith::CmpFPredicate::OLT, e.number(type, -1), x));
      })
      .Case([&](ReluOp) { return arith::MaximumFOp::create(e, x, zero()); })
      .Case([&](ExpOp) { return math::ExpOp::create(e, x); })
      .Case([&](LogOp) { return math::LogOp::create(e, x); })
      .Case([&](SqrtOp) { return math::SqrtOp::create(e, x); })
      .Case([&](ErfOp) { return math::ErfOp::create(e, x); })
      .Case([&](SinOp) { return math::SinOp::create(e, x); })
      .Case([&](CosOp) { return math::CosOp::create(e, x); })
      .Case([&](TanOp) { return math::TanOp::create(e, x); })
      .Case([&](AsinOp) { return math::AsinOp::create(e, x); })
      .Case([&](AcosOp) { return math::AcosOp::create(e, x); })
      .Case([&](AtanOp) { return math::AtanOp::create(e, x); })
      .Case([&](SinhOp) { return math::SinhOp::create(e, x); })
      .Case([&](CoshOp) { return math::CoshOp::create(e, x); })
      .Case([&](TanhOp) { return math::TanhOp::create(e, x); })
      .Case([&](AsinhOp) { return math::AsinhOp::create(e, x); })
      .Case([&](AcoshOp) { return math::AcoshOp::create(e, x); })
      .Case([&](AtanhOp) { return math::AtanhOp::create(e, x); })
      .Case([&](SigmoidOp) { return emitSigmoid(e, x); })
      .Case([&](SoftplusOp) { return emitSoftplus(e, x); })
      .Case([&](FloorOp) { return math::FloorOp::create(e, x); })
      .Case([&](CeilOp) { return math::CeilOp::create(e, x); })
      .Case([&](RoundOp) { return math::RoundEvenOp::create(e, x); })
      .Case([&](GeluOp gelu) { return ::gelu(e, gelu, x); })
      .Case([&](LeakyReluOp leaky) {
        return where(arith::CmpFPredicate::OGE, x, emitMul(e, e.number(type, leaky.getAlpha().convertToFloat()), x));
      })
      .Case([&](EluOp elu) {
        return where(arith::CmpFPredicate::OGE, x,
                     emitMul(e, e.number(type, elu.getAlpha().convertToFloat()), math::ExpM1Op::create(e, x)));
      })
      .Case([&](HardSigmoidOp hard) {
        Value line = emitAdd(e, emitMul(e, e.number(type, hard.getAlpha().convertToFloat()), x),
                             e.number(type, hard.getBeta().convertToFloat()));
        return arith::MaximumFOp::create(e, zero(), arith::MinimumFOp::create(e, e.number(type, 1), line));
      })
      .Case([&](IsNanOp) { return compareFloat(e, arith::CmpFPredicate::UNO, x, x); })
      .Case([&](IsInfOp inf) {
        Value high = compareFloat(e, arith::CmpFPredicate::OEQ, x, emitExtreme(e, type, /*lowest=*/false));
        Value low = compareFloat(e, arith::CmpFPredicate::OEQ, x, emitExtreme(e, type, /*lowest=*/true));
        return e.either(e.both(high, e.boolean(inf.getDetectPositive())),
                        e.both(low, e.boolean(inf.getDetectNegative())));
      })
      .Case([&](AddOp) { return arith::AddFOp::create(e, x, y); })
      .Case([&](SubOp) { return arith::SubFOp::create(e, x, y); })
      .Case([&](MulOp) { return arith::MulFOp::create(e, x, y); })
      .Case([&](DivOp) { return arith::DivFOp::create(e, x, y); })
      .Case([&](PowOp pow) { return power(e, pow, x, y); })
      .Case([&](ModOp) { return modulo(e, x, y, type); })
      .Case([&](FmodOp) { return arith::RemFOp::create(e, x, y); })
      .Case([&](MaxOp) { return arith::MaximumFOp::create(e, x, y); })
      .Case([&](MinOp) { return arith::MinimumFOp::create(e, x, y); })
      .Case([&](CompareOp compare) {
        static constexpr arith::CmpFPredicate kinds[] = {arith::CmpFPredicate::OEQ, arith::CmpFPredicate::OLT,
                                                         arith::CmpFPredicate::OLE, arith::CmpFPredicate::OGT,
                                                         arith::CmpFPredicate::OGE};
        return compareFloat(e, kinds[static_cast<uint32_t>(compare.getKind())], x, y);
      })
      .Default([](Operation *) { return Value(); });
}

/// Ops on integers and booleans of the original type `type`.
static Value emitInteger(Emit &e, Operation *op, ValueRange args, Type type) {
  Value x = args[0], y = args.size() > 1 ? args[1] : Value();
  Type t = x.getType();
  auto zero = [&] { return e.integer(t, 0); };
  auto shift = [&](Value shifted) {
    Value inside = e.compare(arith::CmpIPredicate::ult, y, e.integer(t, t.getIntOrFloatBitWidth()));
    return e.select(inside, shifted, zero());
  };
  return TypeSwitch<Operation *, Value>(op)
      .Case([&](AbsOp) { return isUnsigned(type) ? x : e.max(x, e.sub(zero(), x)); })
      .Case([&](NegOp) { return e.sub(zero(), x); })
      .Case([&](SignOp) {
        if (isUnsigned(type))
          return e.select(e.eq(x, zero()), zero(), e.integer(t, 1));
        return e.max(e.min(x, e.integer(t, 1)), e.integer(t, -1));
      })
      .Case<NotOp, BitNotOp>([&](auto) { return e.createOrFold<arith::XOrIOp>(x, e.integer(t, -1)); })
      .Case([&](ReluOp) { return isUnsigned(type) ? x : e.max(x, zero()); })
      .Case([&](AddOp) { return e.add(x, y); })
      .Case([&](SubOp) { return e.sub(x, y); })
      .Case([&](MulOp) { return e.mul(x, y); })
      .Case([&](DivOp) { return divideIntegers(e, x, y, type); })
      .Case([&](PowOp) { return powerIntegers(e, x, y, type); })
      .Case([&](ModOp) { return modulo(e, x, y, type); })
      .Case([&](FmodOp) { return remainderIntegers(e, x, y, type); })
      .Case([&](MaxOp) { return emitMax(e, x, y, type); })
      .Case([&](MinOp) { return emitMin(e, x, y, type); })
      .Case<AndOp, BitAndOp>([&](auto) { return e.both(x, y); })
      .Case<OrOp, BitOrOp>([&](auto) { return e.either(x, y); })
      .Case<XorOp, BitXorOp>([&](auto) { return e.createOrFold<arith::XOrIOp>(x, y); })
      .Case([&](ShiftLeftOp) { return shift(e.createOrFold<arith::ShLIOp>(x, y)); })
      .Case([&](ShiftRightOp) { return shift(e.createOrFold<arith::ShRUIOp>(x, y)); })
      .Case([&](CompareOp compare) {
        using Kind = arith::CmpIPredicate;
        static constexpr Kind signedKinds[] = {Kind::eq, Kind::slt, Kind::sle, Kind::sgt, Kind::sge};
        static constexpr Kind unsignedKinds[] = {Kind::eq, Kind::ult, Kind::ule, Kind::ugt, Kind::uge};
        auto kind = static_cast<uint32_t>(compare.getKind());
        return e.compare(isUnsigned(type) ? unsignedKinds[kind] : signedKinds[kind], x, y);
      })
      .Default([](Operation *) { return Value(); });
}

Value lowering::emitScalar(Emit &e, Operation *op, ValueRange args) {
  Type type = elementOf(op->getOperand(0)), result = elementOf(op->getResult(0));
  if (isa<CastOp>(op))
    return emitCast(e, args[0], type, result);
  if (isa<WhereOp>(op))
    return e.select(args[0], args[1], args[2]);
  if (auto clip = dyn_cast<ClipOp>(op)) {
    Value x = args[0];
    size_t next = 1;
    if (clip.getLow())
      x = emitMax(e, x, args[next++], type);
    if (clip.getHigh())
      x = emitMin(e, x, args[next], type);
    return x;
  }
  if (!isa<FloatType>(type))
    return emitInteger(e, op, args, type);
  Type wide = accumulatorOf(type);
  Values widened;
  for (Value arg : args)
    widened.push_back(e.toFloat(arg, wide));
  Value value = emitFloat(e, op, widened);
  return isa<FloatType>(result) ? e.toFloat(value, result) : value;
}
