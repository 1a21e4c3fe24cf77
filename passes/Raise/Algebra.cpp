// Sums of products of powers of atoms.
#include "Algebra.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/IR/Matchers.h"
#include "mlir/IR/TypeUtilities.h"
#include <cmath>

using namespace mlir;
using namespace pare;
using namespace pare::raise;

/// More terms than any composite has, and ops to look into and their distance from x: enough for the longest.
static constexpr size_t kMaxTerms = 24, kMaxOps = 160;
static constexpr int kMaxDistance = 24;

bool raise::near(double a, double b) {
  // Constants are rounded to f32 one by one, and at most a few of them meet in one coefficient.
  return a == b || std::fabs(a - b) <= 4 * 0x1p-23 * std::max(std::fabs(a), std::fabs(b));
}

bool raise::near(const Form &a, const Form &b) {
  return a.size() == b.size() && std::equal(a.begin(), a.end(), b.begin(), [](const auto &left, const auto &right) {
           return left.first == right.first && near(left.second, right.second);
         });
}

Form raise::constantForm(double value) { return value == 0 ? Form() : Form{{Product(), value}}; }

std::optional<double> raise::splatOf(Value value) {
  auto constant = value.getDefiningOp<ConstantOp>();
  auto dense = constant ? dyn_cast<DenseElementsAttr>(constant.getValue()) : DenseElementsAttr();
  if (!dense || !dense.isSplat() || !isa<FloatType>(dense.getElementType()))
    return std::nullopt;
  APFloat number = dense.getSplatValue<APFloat>();
  bool lost;
  number.convert(APFloat::IEEEdouble(), APFloat::rmNearestTiesToEven, &lost);
  return number.convertToDouble();
}

static std::optional<double> constantOf(const Form &form) {
  if (form.empty())
    return 0.0;
  if (form.size() == 1 && form.begin()->first.empty())
    return form.begin()->second;
  return std::nullopt;
}

/// Whether an op on tensors of type `own` computes in type `type`.
static bool isWorkType(Type type, Type own) { return type == own || (type.isF32() && (own.isF16() || own.isBF16())); }

Algebra::Algebra(Value x, Block *block, ReduceFn reduce) : root(x), reduce(std::move(reduce)) {
  atoms.push_back({AtomKind::value, x, {}, 0});
  known[x.getAsOpaquePointer()] = single(0);
  SmallVector<std::pair<Value, int>> queue{{x, 0}};
  for (size_t next = 0; next < queue.size(); ++next) {
    auto [value, distance] = queue[next];
    for (Operation *user : value.getUsers()) {
      if (user->getBlock() != block || distance >= kMaxDistance || inside.size() >= kMaxOps ||
          !isa<AddOp, SubOp, MulOp, DivOp, NegOp, PowOp, SqrtOp, ErfOp, TanhOp, SigmoidOp, ExpOp, LogOp, AbsOp, ReluOp,
               MaxOp, MinOp, ClipOp, CastOp, ExpandOp, UnsqueezeOp, ReduceOp>(user) ||
          !isa<RankedTensorType>(user->getResult(0).getType()) || !isInside.insert(user).second)
        continue;
      inside.push_back(user);
      queue.push_back({user->getResult(0), distance + 1});
    }
  }
  llvm::sort(inside, [](Operation *a, Operation *b) { return a->isBeforeInBlock(b); });
}

unsigned Algebra::intern(Atom atom) {
  for (auto [number, own] : llvm::enumerate(atoms))
    if (own.kind == atom.kind && own.value == atom.value && own.axis == atom.axis && near(own.operand, atom.operand))
      return number;
  atoms.push_back(std::move(atom));
  return atoms.size() - 1;
}

Form Algebra::add(const Form &a, const Form &b, double factor) {
  Form sum = a;
  for (const auto &[product, coefficient] : b) {
    double own = coefficient * factor;
    auto [at, isNew] = sum.try_emplace(product, own);
    if (isNew)
      continue;
    double total = at->second + own;
    // What rounding of doubles leaves over is 0.
    if (std::fabs(total) <= 0x1p-48 * std::fabs(own))
      sum.erase(at);
    else
      at->second = total;
  }
  return sum;
}

std::optional<Form> Algebra::multiply(const Form &a, const Form &b) {
  if (a.size() * b.size() > kMaxTerms)
    return std::nullopt;
  Form result;
  for (const auto &[left, p] : a)
    for (const auto &[right, q] : b) {
      Product product = left;
      for (auto [atom, exponent] : right) {
        double &own = product[atom];
        own += exponent;
        if (own == 0)
          product.erase(atom);
      }
      result = add(result, {{product, p * q}});
    }
  return result;
}

std::optional<Form> Algebra::power(const Form &base, double exponent) {
  if (base.empty() || exponent == 0 || !std::isfinite(exponent))
    return std::nullopt;
  bool whole = std::floor(exponent) == exponent;
  if (whole && exponent > 0 && exponent <= 4) {
    Form result = base;
    for (int i = 1; i < static_cast<int>(exponent); ++i)
      if (auto product = multiply(result, base))
        result = *product;
      else
        return std::nullopt;
    return result;
  }
  if (base.size() == 1) {
    auto [product, coefficient] = *base.begin();
    // sqrt(x^2) is |x|.
    bool splits = whole || (coefficient > 0 && llvm::none_of(product, [](const auto &factor) {
                              return std::fmod(factor.second, 2) == 0;
                            }));
    if (splits) {
      Product result;
      for (auto [atom, own] : product)
        result[atom] = own * exponent;
      return Form{{result, std::pow(coefficient, exponent)}};
    }
  }
  // 1 / (1 + exp(p)): overflow of exp gives 0, which is right.
  if (exponent == -1 && base.size() == 2 && base.begin()->first.empty() && near(base.begin()->second, 1)) {
    const auto &[product, coefficient] = *std::next(base.begin());
    if (product.size() == 1 && product.begin()->second == 1 && near(coefficient, 1) &&
        atoms[product.begin()->first].kind == AtomKind::exp)
      return apply(AtomKind::sigmoid, scale(atoms[product.begin()->first].operand, -1));
  }
  return single(intern({AtomKind::power, Value(), base, 0}), exponent);
}

Form Algebra::apply(AtomKind kind, const Form &operand) {
  bool negative = !operand.empty() && operand.begin()->second < 0;
  if (kind == AtomKind::erf && negative)
    return scale(apply(kind, scale(operand, -1)), -1);
  if (kind == AtomKind::abs && negative)
    return apply(kind, scale(operand, -1));
  if (kind == AtomKind::sigmoid && negative)
    return add(constantForm(1), apply(kind, scale(operand, -1)), -1);
  return single(intern({kind, Value(), operand, 0}));
}

std::optional<Form> Algebra::clip(const Form &form, double low, double high) {
  if (!(low < high) || !std::isfinite(low) || !std::isfinite(high))
    return std::nullopt;
  Form unit = apply(AtomKind::unit, scale(add(form, constantForm(low), -1), 1 / (high - low)));
  return add(constantForm(low), unit, high - low);
}

const Form &Algebra::formOf(Value value) {
  auto found = known.find(value.getAsOpaquePointer());
  if (found != known.end())
    return found->second;
  std::optional<Form> form;
  if (Operation *op = value.getDefiningOp(); op && isInside.contains(op))
    form = compute(op);
  else if (auto number = splatOf(value); number && std::isfinite(*number))
    form = constantForm(*number);
  if (!form)
    form = single(intern({AtomKind::value, value, {}, 0}));
  return known[value.getAsOpaquePointer()] = std::move(*form);
}

std::optional<Form> Algebra::compute(Operation *op) {
  Type type = getElementTypeOrSelf(op->getResult(0).getType()), own = getElementTypeOrSelf(root.getType());
  if (!isa<FloatType>(type) || !isWorkType(type, own))
    return std::nullopt;
  if (auto unsqueeze = dyn_cast<UnsqueezeOp>(op)) {
    // The axes that a reduction took away, put back.
    auto inner = unsqueeze.getX().getDefiningOp<ReduceOp>();
    if (!inner || inner.getKeepDims() || inner.getAxes() != unsqueeze.getAxes() || !isInside.contains(inner) || !reduce)
      return std::nullopt;
    Form operand = formOf(inner.getX());
    return reduce(*this, inner, operand);
  }
  if (auto inner = dyn_cast<ReduceOp>(op)) {
    if (!inner.getKeepDims() || !reduce)
      return std::nullopt;
    Form operand = formOf(inner.getX());
    return reduce(*this, inner, operand);
  }
  Form a = formOf(op->getOperand(0)), b;
  auto unary = [&](AtomKind kind) -> std::optional<Form> { return apply(kind, a); };
  if (op->getNumOperands() > 1 && !isa<ExpandOp, ClipOp>(op))
    b = formOf(op->getOperand(1));
  if (isa<AddOp>(op))
    return add(a, b);
  if (isa<SubOp>(op))
    return add(a, b, -1);
  if (isa<NegOp>(op))
    return scale(a, -1);
  if (isa<MulOp>(op))
    return multiply(a, b);
  if (isa<DivOp>(op)) {
    auto inverse = power(b, -1);
    return inverse ? multiply(a, *inverse) : std::nullopt;
  }
  if (isa<SqrtOp>(op))
    return power(a, 0.5);
  if (isa<PowOp>(op)) {
    auto exponent = constantOf(b);
    return exponent ? power(a, *exponent) : std::nullopt;
  }
  if (isa<ErfOp>(op))
    return unary(AtomKind::erf);
  if (isa<SigmoidOp>(op))
    return unary(AtomKind::sigmoid);
  if (isa<TanhOp>(op))
    return add(constantForm(-1), apply(AtomKind::sigmoid, scale(a, 2)), 2);
  if (isa<ExpOp>(op))
    return unary(AtomKind::exp);
  if (isa<LogOp>(op))
    return unary(AtomKind::log);
  if (isa<AbsOp>(op))
    return unary(AtomKind::abs);
  if (isa<ReluOp>(op))
    return unary(AtomKind::relu);
  if (isa<MaxOp>(op)) {
    if (constantOf(b) == 0.0)
      return unary(AtomKind::relu);
    return constantOf(a) == 0.0 ? std::optional<Form>(apply(AtomKind::relu, b)) : std::nullopt;
  }
  if (auto clipped = dyn_cast<ClipOp>(op)) {
    auto low = clipped.getLow() ? splatOf(clipped.getLow()) : std::nullopt,
         high = clipped.getHigh() ? splatOf(clipped.getHigh()) : std::nullopt;
    return low && high ? clip(a, *low, *high) : std::nullopt;
  }
  if (isa<CastOp>(op))
    return isa<FloatType>(getElementTypeOrSelf(op->getOperand(0).getType())) ? std::optional<Form>(a) : std::nullopt;
  if (isa<ExpandOp>(op))
    return a;
  return std::nullopt;
}

SmallVector<Value> Algebra::dependents(Value from) {
  DenseSet<Value> reached{from};
  SmallVector<Value> result;
  for (Operation *op : inside)
    if (op->getResult(0) == from || llvm::any_of(op->getOperands(), [&](Value v) { return reached.contains(v); })) {
      reached.insert(op->getResult(0));
      result.push_back(op->getResult(0));
    }
  return result;
}

SmallVector<Value> raise::compositeRoots(ArrayRef<Value> values, llvm::function_ref<bool(Value)> match) {
  DenseSet<Value> matched, covered;
  for (Value value : values)
    if (match(value))
      matched.insert(value);
  // Where all that is read of a value ends up.
  DenseMap<Value, Value> ends;
  for (Value value : llvm::reverse(values)) {
    if (!matched.contains(value))
      continue;
    Value end;
    for (Operation *user : value.getUsers()) {
      // Who asks for the shape does not read the elements.
      if (isa<ShapeOfOp>(user))
        continue;
      Value own = user->getNumResults() == 1 ? ends.lookup(user->getResult(0)) : Value();
      if (!own || (end && own != end)) {
        end = value;
        break;
      }
      end = own;
    }
    ends[value] = end ? end : value;
  }
  SmallVector<Value> roots;
  for (Value value : values) {
    if (llvm::any_of(value.getDefiningOp()->getOperands(), [&](Value operand) { return covered.contains(operand); })) {
      covered.insert(value);
    } else if (matched.contains(value) && ends[value] == value) {
      roots.push_back(value);
      covered.insert(value);
    }
  }
  return roots;
}

void raise::replaceComposite(Value root, Value by) {
  auto a = dyn_cast<TensorType>(by.getType()), b = dyn_cast<TensorType>(root.getType());
  if (a && b && areCompatible(TypeRange(a), TypeRange(b)))
    by.setType(meet(a, b));
  root.replaceAllUsesWith(by);
}

void raise::eraseDead(Operation *function) {
  SmallVector<Operation *> all;
  function->walk([&](Operation *op) { all.push_back(op); });
  for (Operation *op : llvm::reverse(all))
    if (op->getDialect() && isa<PareDialect>(op->getDialect()) && isOpTriviallyDead(op))
      op->erase();
  auto own = cast<func::FuncOp>(function);
  if (!own.isExternal())
    own.setFunctionType(FunctionType::get(own.getContext(), own.getArgumentTypes(),
                                          own.getBody().front().getTerminator()->getOperandTypes()));
}
