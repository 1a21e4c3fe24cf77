// Elementwise arithmetic, logic and choice.
#include "Case.h"
#include <cmath>

using namespace mlir;

namespace pare::reference {

// --- one operand ---

template <typename OpT> static void unary(Registry &registry, double (*onFloat)(double)) {
  registry.add<OpT>([onFloat](OpT op, Call &call) {
    std::vector<double> values = call[op.getX()].toDoubles();
    for (double &value : values)
      value = onFloat(value);
    return call.give(Tensor::fromDoubles(call.elementType(), call[op.getX()].getShape(), values));
  });
}

template <typename OpT>
static void unary(Registry &registry, double (*onFloat)(double), int64_t (*onInt)(Type, int64_t)) {
  registry.add<OpT>([onFloat, onInt](OpT op, Call &call) {
    const Tensor &x = call[op.getX()];
    Tensor result(call.elementType(), x.getShape());
    for (int64_t i = 0, count = x.getNumElements(); i < count; ++i) {
      if (x.isFloat())
        result.setDouble(i, onFloat(x.getDouble(i)));
      else
        result.setInt(i, onInt(x.getElementType(), x.getInt(i)));
    }
    return call.give(std::move(result));
  });
}

// Wrapping arithmetic; storing an element cuts it to its width.
static int64_t wrapAdd(int64_t a, int64_t b) {
  return static_cast<int64_t>(static_cast<uint64_t>(a) + static_cast<uint64_t>(b));
}
static int64_t wrapSub(int64_t a, int64_t b) {
  return static_cast<int64_t>(static_cast<uint64_t>(a) - static_cast<uint64_t>(b));
}
static int64_t wrapMul(int64_t a, int64_t b) {
  return static_cast<int64_t>(static_cast<uint64_t>(a) * static_cast<uint64_t>(b));
}

static double sigmoid(double x) { return 1 / (1 + std::exp(-x)); }
// log(1 + exp(x)) without overflow.
static double softplus(double x) { return x > 0 ? x + std::log1p(std::exp(-x)) : std::log1p(std::exp(x)); }
static double geluErf(double x) { return 0.5 * x * std::erfc(-x / std::sqrt(2.0)); }
static double geluTanh(double x) {
  return 0.5 * x * (1 + std::tanh(std::sqrt(2 / std::acos(-1.0)) * (x + 0.044715 * x * x * x)));
}

static void registerUnary(Registry &registry) {
  unary<AbsOp>(
      registry, [](double x) { return std::fabs(x); },
      [](Type type, int64_t x) { return type.isSignedInteger() && x < 0 ? wrapSub(0, x) : x; });
  unary<NegOp>(registry, [](double x) { return -x; }, [](Type, int64_t x) { return wrapSub(0, x); });
  unary<SignOp>(
      registry, [](double x) { return x > 0   ? 1.0
                                      : x < 0 ? -1.0
                                              : x; },
      [](Type type, int64_t x) -> int64_t { return type.isSignedInteger() && x < 0 ? -1 : x != 0; });
  unary<ReluOp>(
      registry, [](double x) { return x > 0 || std::isnan(x) ? x : 0.0; },
      [](Type type, int64_t x) { return type.isSignedInteger() && x < 0 ? 0 : x; });
  registry.add<NotOp>([](NotOp op, Call &call) {
    Tensor result = call[op.getX()];
    for (int64_t i = 0, count = result.getNumElements(); i < count; ++i)
      result.setInt(i, result.getInt(i) == 0);
    return call.give(std::move(result));
  });
  registry.add<BitNotOp>([](BitNotOp op, Call &call) {
    Tensor result = call[op.getX()];
    for (int64_t i = 0, count = result.getNumElements(); i < count; ++i)
      result.setInt(i, ~result.getInt(i));
    return call.give(std::move(result));
  });
  unary<ExpOp>(registry, [](double x) { return std::exp(x); });
  unary<LogOp>(registry, [](double x) { return std::log(x); });
  unary<SqrtOp>(registry, [](double x) { return std::sqrt(x); });
  unary<ErfOp>(registry, [](double x) { return std::erf(x); });
  unary<SinOp>(registry, [](double x) { return std::sin(x); });
  unary<CosOp>(registry, [](double x) { return std::cos(x); });
  unary<TanOp>(registry, [](double x) { return std::tan(x); });
  unary<AsinOp>(registry, [](double x) { return std::asin(x); });
  unary<AcosOp>(registry, [](double x) { return std::acos(x); });
  unary<AtanOp>(registry, [](double x) { return std::atan(x); });
  unary<SinhOp>(registry, [](double x) { return std::sinh(x); });
  unary<CoshOp>(registry, [](double x) { return std::cosh(x); });
  unary<TanhOp>(registry, [](double x) { return std::tanh(x); });
  unary<AsinhOp>(registry, [](double x) { return std::asinh(x); });
  unary<AcoshOp>(registry, [](double x) { return std::acosh(x); });
  unary<AtanhOp>(registry, [](double x) { return std::atanh(x); });
  unary<SigmoidOp>(registry, sigmoid);
  unary<SoftplusOp>(registry, softplus);
  unary<FloorOp>(registry, [](double x) { return std::floor(x); });
  unary<CeilOp>(registry, [](double x) { return std::ceil(x); });
  unary<RoundOp>(registry, [](double x) { return std::nearbyint(x); });
}

// Unary ops with parameters.
template <typename OpT, typename Fn> static llvm::Error mapFloats(OpT op, Call &call, Fn fn) {
  std::vector<double> values = call[op.getX()].toDoubles();
  for (double &value : values)
    value = fn(value);
  return call.give(Tensor::fromDoubles(call.elementType(), call[op.getX()].getShape(), values));
}

static void registerParametric(Registry &registry) {
  registry.add<GeluOp>([](GeluOp op, Call &call) {
    return mapFloats(op, call, op.getApproximate() == GeluKind::tanh ? geluTanh : geluErf);
  });
  registry.add<LeakyReluOp>([](LeakyReluOp op, Call &call) {
    double alpha = op.getAlpha().convertToFloat();
    return mapFloats(op, call, [=](double x) { return x >= 0 ? x : alpha * x; });
  });
  registry.add<EluOp>([](EluOp op, Call &call) {
    double alpha = op.getAlpha().convertToFloat();
    return mapFloats(op, call, [=](double x) { return x >= 0 ? x : alpha * std::expm1(x); });
  });
  registry.add<HardSigmoidOp>([](HardSigmoidOp op, Call &call) {
    double alpha = op.getAlpha().convertToFloat(), beta = op.getBeta().convertToFloat();
    return mapFloats(op, call, [=](double x) { return maxOf(0, minOf(1, alpha * x + beta)); });
  });
  registry.add<IsNanOp>(
      [](IsNanOp op, Call &call) { return mapFloats(op, call, [](double x) { return std::isnan(x); }); });
  registry.add<IsInfOp>([](IsInfOp op, Call &call) {
    return mapFloats(
        op, call, [&](double x) { return std::isinf(x) && (x > 0 ? op.getDetectPositive() : op.getDetectNegative()); });
  });
}

// --- two operands ---

// The shape that all operands of the op broadcast to.
static llvm::Expected<Index> broadcastAll(Call &call) {
  Index shape(call.operands.front().getShape());
  for (const Tensor &operand : call.operands.drop_front()) {
    auto next = broadcast(shape, operand.getShape());
    if (!next)
      return call.error("shapes " + toString(shape) + " and " + toString(operand.getShape()) + " do not broadcast");
    shape = *next;
  }
  if (llvm::Error error = call.checkSize(call.elementType(), shape))
    return error;
  return shape;
}

using FloatFn = double (*)(double, double);
// Of element type, operands and where the result goes; empty when fine, otherwise what is wrong.
using IntFn = const char *(*)(Type, int64_t, int64_t, int64_t &);

template <typename OpT> static void binary(Registry &registry, FloatFn onFloat, IntFn onInt) {
  registry.add<OpT>([onFloat, onInt](OpT op, Call &call) -> llvm::Error {
    auto shape = broadcastAll(call);
    if (!shape)
      return shape.takeError();
    const Tensor &lhs = call[op.getLhs()], &rhs = call[op.getRhs()];
    auto left = broadcastOffsets(lhs.getShape(), *shape), right = broadcastOffsets(rhs.getShape(), *shape);
    Tensor result(call.elementType(), *shape);
    for (int64_t i = 0, count = result.getNumElements(); i < count; ++i) {
      if (lhs.isFloat()) {
        result.setDouble(i, onFloat(lhs.getDouble(left[i]), rhs.getDouble(right[i])));
        continue;
      }
      int64_t value = 0;
      if (const char *text = onInt(lhs.getElementType(), lhs.getInt(left[i]), rhs.getInt(right[i]), value))
        return call.error(text);
      result.setInt(i, value);
    }
    return call.give(std::move(result));
  });
}

// An integer function that cannot fail.
#define TOTAL(expression)                                                                                              \
  [](Type type, int64_t a, int64_t b, int64_t &result) -> const char * {                                               \
    (void)type;                                                                                                        \
    result = (expression);                                                                                             \
    return nullptr;                                                                                                    \
  }

static double floorMod(double a, double b) {
  double rest = std::fmod(a, b);
  if (rest != 0 && (rest < 0) != (b < 0))
    rest += b;
  return rest == 0 ? std::copysign(0.0, b) : rest;
}

static constexpr const char *kZeroDivisor = "integer division by zero";

// Quotient and C remainder of elements of `type`.
static const char *divide(Type type, int64_t a, int64_t b, int64_t &quotient, int64_t &rest) {
  if (b == 0)
    return kZeroDivisor;
  if (type.isUnsignedInteger()) {
    quotient = static_cast<int64_t>(static_cast<uint64_t>(a) / static_cast<uint64_t>(b));
    rest = static_cast<int64_t>(static_cast<uint64_t>(a) % static_cast<uint64_t>(b));
  } else if (b == -1) { // the lowest value has no positive counterpart and would trap
    quotient = wrapSub(0, a);
    rest = 0;
  } else {
    quotient = a / b;
    rest = a % b;
  }
  return nullptr;
}

static const char *intDiv(Type type, int64_t a, int64_t b, int64_t &result) {
  int64_t rest;
  return divide(type, a, b, result, rest);
}
static const char *intFmod(Type type, int64_t a, int64_t b, int64_t &result) {
  int64_t quotient;
  return divide(type, a, b, quotient, result);
}
static const char *intMod(Type type, int64_t a, int64_t b, int64_t &result) {
  const char *text = intFmod(type, a, b, result);
  if (!text && type.isSignedInteger() && result != 0 && (result < 0) != (b < 0))
    result += b;
  return text;
}
static const char *intPow(Type type, int64_t a, int64_t b, int64_t &result) {
  if (type.isSignedInteger() && b < 0) { // 1 / a^-b, truncated
    if (a == 0)
      return kZeroDivisor;
    result = a == 1 ? 1 : a == -1 ? (b & 1 ? -1 : 1) : 0;
    return nullptr;
  }
  result = 1;
  for (auto left = static_cast<uint64_t>(b); left; left >>= 1, a = wrapMul(a, a))
    if (left & 1)
      result = wrapMul(result, a);
  return nullptr;
}

// Bits of an element without the sign that getInt extends.
static uint64_t bitsOf(Type type, int64_t a) {
  return static_cast<uint64_t>(a) & (~uint64_t(0) >> (64 - type.getIntOrFloatBitWidth()));
}
static bool tooFar(Type type, int64_t by) { return bitsOf(type, by) >= type.getIntOrFloatBitWidth(); }

static void registerBinary(Registry &registry) {
  FloatFn none = nullptr;
  binary<AddOp>(registry, [](double a, double b) { return a + b; }, TOTAL(wrapAdd(a, b)));
  binary<SubOp>(registry, [](double a, double b) { return a - b; }, TOTAL(wrapSub(a, b)));
  binary<MulOp>(registry, [](double a, double b) { return a * b; }, TOTAL(wrapMul(a, b)));
  binary<DivOp>(registry, [](double a, double b) { return a / b; }, intDiv);
  binary<PowOp>(registry, [](double a, double b) { return std::pow(a, b); }, intPow);
  binary<ModOp>(registry, floorMod, intMod);
  binary<FmodOp>(registry, [](double a, double b) { return std::fmod(a, b); }, intFmod);
  binary<MaxOp>(registry, maxOf, TOTAL(lessInt(type, a, b) ? b : a));
  binary<MinOp>(registry, minOf, TOTAL(lessInt(type, b, a) ? b : a));
  binary<AndOp>(registry, none, TOTAL(a && b));
  binary<OrOp>(registry, none, TOTAL(a || b));
  binary<XorOp>(registry, none, TOTAL(a != b));
  binary<BitAndOp>(registry, none, TOTAL(a & b));
  binary<BitOrOp>(registry, none, TOTAL(a | b));
  binary<BitXorOp>(registry, none, TOTAL(a ^ b));
  binary<ShiftLeftOp>(registry, none,
                      TOTAL(tooFar(type, b) ? 0 : static_cast<int64_t>(static_cast<uint64_t>(a) << bitsOf(type, b))));
  binary<ShiftRightOp>(registry, none,
                       TOTAL(tooFar(type, b) ? 0 : static_cast<int64_t>(bitsOf(type, a) >> bitsOf(type, b))));
}

template <typename T> static bool compareBy(CompareKind kind, T a, T b) {
  switch (kind) {
  case CompareKind::eq:
    return a == b;
  case CompareKind::lt:
    return a < b;
  case CompareKind::le:
    return a <= b;
  case CompareKind::gt:
    return a > b;
  case CompareKind::ge:
    return a >= b;
  }
  llvm_unreachable("a kind of comparison");
}

static llvm::Error compareOp(CompareOp op, Call &call) {
  auto shape = broadcastAll(call);
  if (!shape)
    return shape.takeError();
  const Tensor &lhs = call[op.getLhs()], &rhs = call[op.getRhs()];
  auto left = broadcastOffsets(lhs.getShape(), *shape), right = broadcastOffsets(rhs.getShape(), *shape);
  Tensor result(call.elementType(), *shape);
  for (int64_t i = 0, count = result.getNumElements(); i < count; ++i) {
    bool holds;
    if (lhs.isFloat())
      holds = compareBy(op.getKind(), lhs.getDouble(left[i]), rhs.getDouble(right[i]));
    else if (lhs.getElementType().isUnsignedInteger())
      holds = compareBy(op.getKind(), static_cast<uint64_t>(lhs.getInt(left[i])),
                        static_cast<uint64_t>(rhs.getInt(right[i])));
    else
      holds = compareBy(op.getKind(), lhs.getInt(left[i]), rhs.getInt(right[i]));
    result.setInt(i, holds);
  }
  return call.give(std::move(result));
}

static llvm::Error where(WhereOp op, Call &call) {
  auto shape = broadcastAll(call);
  if (!shape)
    return shape.takeError();
  const Tensor &condition = call[op.getCondition()], &x = call[op.getX()], &y = call[op.getY()];
  auto choice = broadcastOffsets(condition.getShape(), *shape);
  auto fromX = broadcastOffsets(x.getShape(), *shape), fromY = broadcastOffsets(y.getShape(), *shape);
  Tensor result(call.elementType(), *shape);
  unsigned size = elementBytes(x.getElementType());
  char *to = result.getMutableBytes().data();
  for (int64_t i = 0, count = result.getNumElements(); i < count; ++i) {
    const char *from =
        condition.getInt(choice[i]) ? x.getBytes().data() + fromX[i] * size : y.getBytes().data() + fromY[i] * size;
    std::copy(from, from + size, to + i * size);
  }
  return call.give(std::move(result));
}

static llvm::Error clip(ClipOp op, Call &call) {
  const Tensor &x = call[op.getX()];
  const Tensor *low = op.getLow() ? call.find(op.getLow()) : nullptr;
  const Tensor *high = op.getHigh() ? call.find(op.getHigh()) : nullptr;
  for (const Tensor *bound : {low, high})
    if (bound)
      if (llvm::Error error = call.checkScalar(*bound, "a bound"))
        return error;
  Tensor result = x;
  Type type = x.getElementType();
  for (int64_t i = 0, count = x.getNumElements(); i < count; ++i) {
    if (x.isFloat()) {
      double value = x.getDouble(i);
      value = low ? maxOf(value, low->getDouble(0)) : value;
      result.setDouble(i, high ? minOf(value, high->getDouble(0)) : value);
      continue;
    }
    int64_t value = x.getInt(i);
    if (low && lessInt(type, value, low->getInt(0)))
      value = low->getInt(0);
    if (high && lessInt(type, high->getInt(0), value))
      value = high->getInt(0);
    result.setInt(i, value);
  }
  return call.give(std::move(result));
}

void registerElementwise(Registry &registry) {
  registerUnary(registry);
  registerParametric(registry);
  registerBinary(registry);
  registry.add<CompareOp>(compareOp);
  registry.add<WhereOp>(where);
  registry.add<ClipOp>(clip);
}

} // namespace pare::reference
