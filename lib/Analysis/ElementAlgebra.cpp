// Construction and simplification of element expressions.
#include "mlir/IR/BuiltinTypes.h"
#include "mlir/IR/TypeUtilities.h"
#include "pare/Analysis/ElementExprs.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/raw_ostream.h"
#include <cmath>
#include <functional>
#include <set>

using namespace mlir;
using namespace pare;
using Kind = ElementExpr::Kind;

static ElementExpr makeApply(ElementFn fn, std::vector<ElementExprs::Expr> operands) {
  ElementExpr result;
  result.kind = Kind::apply;
  result.fn = fn;
  result.operands = std::move(operands);
  return result;
}

ElementExprs::Expr ElementExprs::intern(ElementExpr expr) {
  Key key{
      static_cast<int>(expr.kind), expr.number,  expr.integer, expr.value ? expr.value.getAsOpaquePointer() : nullptr,
      static_cast<int>(expr.fn),   expr.operands};
  std::unique_ptr<ElementExpr> &node = nodes[key];
  if (!node)
    node = std::make_unique<ElementExpr>(std::move(expr));
  return node.get();
}

ElementExprs::Expr ElementExprs::variable(Polynomial size) {
  variableSizes.push_back(std::move(size));
  return integer(polynomial::symbol(kFirstVariable + variableSizes.size() - 1));
}

ElementExprs::Expr ElementExprs::number(double value) {
  ElementExpr expr;
  expr.number = value == 0 ? 0.0 : value; // one zero
  return intern(std::move(expr));
}

ElementExprs::Expr ElementExprs::integer(Polynomial value) {
  ElementExpr expr;
  expr.kind = Kind::integer;
  expr.integer = std::move(value);
  return intern(std::move(expr));
}

ElementExprs::Expr ElementExprs::leaf(Value value, ArrayRef<Expr> indices) {
  ElementExpr expr;
  expr.kind = Kind::leaf;
  expr.value = value;
  expr.operands.assign(indices.begin(), indices.end());
  return intern(std::move(expr));
}

/// Lower bound of a polynomial with all variables eliminated, in which every size that has a variable is at least 1.
bool ElementExprs::isNonNegative(const Polynomial &given) const {
  // Each variable stands at 0 in terms that grow with it and at its size - 1 in terms that shrink.
  std::optional<Polynomial> bound = given;
  bool changed = true;
  for (int round = 0; changed && bound && round < 8; ++round) {
    changed = false;
    Polynomial next;
    for (const auto &[factors, coefficient] : *bound) {
      auto at = llvm::find_if(factors, [](unsigned symbol) { return symbol >= kFirstVariable; });
      if (at == factors.end()) {
        auto sum = polynomial::add(next, Polynomial{{factors, coefficient}});
        if (!sum)
          return false;
        next = *sum;
        continue;
      }
      changed = true;
      if (coefficient > 0)
        continue;
      std::vector<unsigned> rest(factors);
      rest.erase(rest.begin() + (at - factors.begin()));
      auto last = polynomial::add(variableSizes[*at - kFirstVariable], polynomial::constant(1), -1);
      auto term = last ? polynomial::multiply(*last, Polynomial{{rest, coefficient}}) : std::nullopt;
      auto sum = term ? polynomial::add(next, *term) : std::nullopt;
      if (!sum)
        return false;
      next = *sum;
    }
    bound = next;
  }
  // s = s' + 1 for sizes that a variable runs over: there is no element of an empty tensor.
  std::set<unsigned> positive;
  for (const Polynomial &size : variableSizes)
    if (size.size() == 1 && size.begin()->first.size() == 1)
      positive.insert(size.begin()->first.front());
  for (unsigned symbol : positive) {
    Polynomial shifted;
    for (const auto &[factors, coefficient] : *bound) {
      std::optional<Polynomial> term = polynomial::constant(coefficient);
      for (unsigned factor : factors) {
        Polynomial base = polynomial::symbol(factor);
        if (factor == symbol)
          base[{}] = 1;
        term = term ? polynomial::multiply(*term, base) : std::nullopt;
      }
      auto sum = term ? polynomial::add(shifted, *term) : std::nullopt;
      if (!sum)
        return false;
      shifted = *sum;
    }
    bound = shifted;
  }
  return llvm::all_of(*bound, [](const auto &term) { return term.second >= 0; });
}

static bool isInteger(const ElementExpr *expr) {
  switch (expr->kind) {
  case Kind::number:
    return false;
  case Kind::integer:
    return true;
  case Kind::leaf:
    return isa<IntegerType>(getElementTypeOrSelf(expr->value.getType()));
  case Kind::apply:
    break;
  }
  switch (expr->fn) {
  case ElementFn::add:
  case ElementFn::sub:
  case ElementFn::mul:
  case ElementFn::div:
  case ElementFn::neg:
  case ElementFn::abs:
    return llvm::all_of(expr->operands, isInteger);
  case ElementFn::select:
    return isInteger(expr->operands[1]) && isInteger(expr->operands[2]);
  default:
    return false;
  }
}

ElementExprs::Expr ElementExprs::negate(Expr expr) {
  if (expr->kind == Kind::number)
    return number(expr->number == 0);
  if (expr->isApply(ElementFn::logicalNot))
    return expr->operands[0];
  // Negations stand at the leaves, so that a conjunction shows.
  if (expr->isApply(ElementFn::logicalOr) || expr->isApply(ElementFn::logicalAnd)) {
    SmallVector<Expr> parts;
    for (Expr operand : expr->operands)
      parts.push_back(negate(operand));
    return apply(expr->fn == ElementFn::logicalOr ? ElementFn::logicalAnd : ElementFn::logicalOr, parts);
  }
  bool integers = expr->kind == Kind::apply && llvm::all_of(expr->operands, isInteger); // none is NaN
  if (integers && expr->fn == ElementFn::le)
    return compare(ElementFn::lt, expr->operands[1], expr->operands[0]);
  if (integers && expr->fn == ElementFn::lt)
    return compare(ElementFn::le, expr->operands[1], expr->operands[0]);
  return intern(makeApply(ElementFn::logicalNot, {expr}));
}

ElementExprs::Expr ElementExprs::compare(ElementFn fn, Expr a, Expr b) {
  if (a->kind == Kind::number && b->kind == Kind::number) {
    double x = a->number, y = b->number;
    return number(fn == ElementFn::eq ? x == y : fn == ElementFn::lt ? x < y : x <= y);
  }
  if (a->kind == Kind::integer && b->kind == Kind::integer) {
    auto difference = polynomial::add(b->integer, a->integer, -1),
         opposite = polynomial::add(a->integer, b->integer, -1);
    if (difference && opposite) {
      auto above = polynomial::add(*difference, polynomial::constant(1), -1);
      auto below = polynomial::add(*opposite, polynomial::constant(1), -1);
      bool le = isNonNegative(*difference), ge = isNonNegative(*opposite), lt = above && isNonNegative(*above),
           gt = below && isNonNegative(*below);
      if (fn == ElementFn::eq) {
        if (difference->empty())
          return number(1);
        if (lt || gt)
          return number(0);
      } else if (fn == ElementFn::le) {
        if (le || gt)
          return number(le);
        // a <= b is 0 <= b - a: one spelling for all.
        if (above)
          return intern(makeApply(ElementFn::le, {integer({}), integer(*difference)}));
      } else {
        if (lt || ge)
          return number(lt);
        if (above)
          return compare(ElementFn::le, integer({}), integer(*above));
      }
    }
  }
  // Unlike NaN, an integer is equal to itself.
  if (a == b && isInteger(a))
    return number(fn != ElementFn::lt);
  // A product of integers is 0 where one of them is.
  if (fn == ElementFn::eq)
    for (Expr product : {a, b}) {
      Expr other = product == a ? b : a;
      if (product->isApply(ElementFn::mul) && isInteger(product) && other->kind == Kind::integer &&
          other->integer.empty())
        return apply(ElementFn::logicalOr,
                     {compare(fn, product->operands[0], other), compare(fn, product->operands[1], other)});
    }
  // |x| <= c is -c <= x <= c.
  if (fn != ElementFn::eq && a->isApply(ElementFn::abs))
    return apply(ElementFn::logicalAnd,
                 {compare(fn, apply(ElementFn::neg, b), a->operands[0]), compare(fn, a->operands[0], b)});
  if (fn != ElementFn::eq && b->isApply(ElementFn::abs))
    return apply(ElementFn::logicalOr,
                 {compare(fn, a, b->operands[0]), compare(fn, b->operands[0], apply(ElementFn::neg, a))});
  if (fn == ElementFn::eq && std::less<Expr>()(b, a))
    std::swap(a, b);
  if (Expr inside = distribute(fn, {a, b}))
    return inside;
  return intern(makeApply(fn, {a, b}));
}

ElementExprs::Expr ElementExprs::distribute(ElementFn fn, ArrayRef<Expr> operands) {
  auto isConstant = [](Expr expr) {
    return expr->kind == Kind::number || (expr->kind == Kind::integer && polynomial::asConstant(expr->integer));
  };
  Expr condition = nullptr;
  for (Expr operand : operands) {
    if (isConstant(operand))
      continue;
    if (!operand->isApply(ElementFn::select) || !isConstant(operand->operands[1]) ||
        !isConstant(operand->operands[2]) || (condition && condition != operand->operands[0]))
      return nullptr;
    condition = operand->operands[0];
  }
  if (!condition)
    return nullptr;
  SmallVector<Expr> branches[2];
  for (Expr operand : operands)
    for (int i : {0, 1})
      branches[i].push_back(isConstant(operand) ? operand : operand->operands[1 + i]);
  return apply(ElementFn::select, {condition, apply(fn, branches[0]), apply(fn, branches[1])});
}

ElementExprs::Expr ElementExprs::arithmetic(ElementFn fn, Expr a, Expr b) {
  if (a->kind == Kind::integer && b->kind == Kind::integer) {
    std::optional<Polynomial> result;
    if (fn == ElementFn::add || fn == ElementFn::sub)
      result = polynomial::add(a->integer, b->integer, fn == ElementFn::add ? 1 : -1);
    else if (fn == ElementFn::mul)
      result = polynomial::multiply(a->integer, b->integer);
    else if (!b->integer.empty())
      result = polynomial::divide(a->integer, b->integer);
    if (result)
      return integer(*result);
  }
  if (a->kind == Kind::number && b->kind == Kind::number) {
    double x = a->number, y = b->number;
    return number(fn == ElementFn::add ? x + y : fn == ElementFn::sub ? x - y : fn == ElementFn::mul ? x * y : x / y);
  }
  // A sum with 0 and a product with 1 change nothing but the sign of a zero.
  if ((fn == ElementFn::add || fn == ElementFn::sub) && b->isNumber(0))
    return a;
  if (fn == ElementFn::add && a->isNumber(0))
    return b;
  if ((fn == ElementFn::mul || fn == ElementFn::div) && b->isNumber(1))
    return a;
  if (fn == ElementFn::mul && a->isNumber(1))
    return b;
  if ((fn == ElementFn::add || fn == ElementFn::mul) && std::less<Expr>()(b, a))
    std::swap(a, b);
  if (Expr inside = distribute(fn, {a, b}))
    return inside;
  return intern(makeApply(fn, {a, b}));
}

ElementExprs::Expr ElementExprs::apply(ElementFn fn, ArrayRef<Expr> operands) {
  switch (fn) {
  case ElementFn::logicalNot:
    return negate(operands[0]);
  case ElementFn::logicalAnd:
  case ElementFn::logicalOr: {
    // The element that decides, and the one that does not matter.
    double absorbing = fn == ElementFn::logicalOr, neutral = fn == ElementFn::logicalAnd;
    std::vector<Expr> all;
    std::function<bool(Expr)> gather = [&](Expr expr) {
      if (expr->isApply(fn))
        return llvm::all_of(expr->operands, gather);
      if (expr->isNumber(absorbing))
        return false;
      if (!expr->isNumber(neutral) && !llvm::is_contained(all, expr))
        all.push_back(expr);
      return true;
    };
    if (!llvm::all_of(operands, gather))
      return number(absorbing);
    if (all.empty())
      return number(neutral);
    if (all.size() == 1)
      return all[0];
    llvm::sort(all, std::less<Expr>());
    return intern(makeApply(fn, std::move(all)));
  }
  case ElementFn::eq:
  case ElementFn::lt:
  case ElementFn::le:
    return compare(fn, operands[0], operands[1]);
  case ElementFn::neg:
    if (operands[0]->kind == Kind::number)
      return number(-operands[0]->number);
    if (operands[0]->kind == Kind::integer)
      return arithmetic(ElementFn::sub, integer({}), operands[0]);
    break;
  case ElementFn::abs:
    if (operands[0]->kind == Kind::number)
      return number(std::abs(operands[0]->number));
    if (operands[0]->kind == Kind::integer) {
      if (isNonNegative(operands[0]->integer))
        return operands[0];
      // One spelling for |x| and |-x|.
      Expr negated = apply(ElementFn::neg, operands[0]);
      return intern(makeApply(fn, {std::less<Expr>()(negated, operands[0]) ? negated : operands[0]}));
    }
    break;
  case ElementFn::toFloat:
    if (operands[0]->kind == Kind::integer)
      if (auto value = polynomial::asConstant(operands[0]->integer))
        return number(static_cast<double>(*value));
    if (operands[0]->kind == Kind::number)
      return operands[0];
    break;
  case ElementFn::select: {
    Expr condition = operands[0], a = operands[1], b = operands[2];
    if (condition->kind == Kind::number)
      return condition->number != 0 ? a : b;
    if (a == b)
      return a;
    if (condition->isApply(ElementFn::logicalNot))
      return apply(fn, {condition->operands[0], b, a});
    break;
  }
  case ElementFn::none:
    llvm_unreachable("no function");
  default:
    return arithmetic(fn, operands[0], operands[1]);
  }
  if (fn != ElementFn::select)
    if (Expr inside = distribute(fn, operands))
      return inside;
  return intern(makeApply(fn, std::vector<Expr>(operands.begin(), operands.end())));
}

ElementExprs::Expr ElementExprs::toBool(Expr expr) {
  // select(c, 1, 0) is c again.
  if (expr->isApply(ElementFn::select)) {
    Expr a = toBool(expr->operands[1]), b = toBool(expr->operands[2]), condition = expr->operands[0];
    if (a->isNumber(1))
      return apply(ElementFn::logicalOr, {condition, b});
    if (a->isNumber(0))
      return apply(ElementFn::logicalAnd, {negate(condition), b});
    if (b->isNumber(0))
      return apply(ElementFn::logicalAnd, {condition, a});
    if (b->isNumber(1))
      return apply(ElementFn::logicalOr, {negate(condition), a});
  }
  if (expr->kind == Kind::number)
    return number(expr->number != 0);
  Expr zero = isInteger(expr) ? integer({}) : number(0);
  return negate(compare(ElementFn::eq, expr, zero));
}

ElementExprs::Expr ElementExprs::substitute(Expr expr, Expr what, Expr by) {
  if (expr == what)
    return by;
  if (expr->kind == Kind::integer && what->kind == Kind::integer && by->kind == Kind::integer) {
    // A variable inside a polynomial.
    if (what->integer.size() != 1 || what->integer.begin()->first.size() != 1 || what->integer.begin()->second != 1)
      return expr;
    unsigned symbol = what->integer.begin()->first.front();
    std::optional<Polynomial> sum = Polynomial();
    for (const auto &[factors, coefficient] : expr->integer) {
      std::optional<Polynomial> term = Polynomial{{{}, coefficient}};
      for (unsigned factor : factors)
        term = term ? polynomial::multiply(*term, factor == symbol ? by->integer : polynomial::symbol(factor))
                    : std::nullopt;
      sum = sum && term ? polynomial::add(*sum, *term) : std::nullopt;
    }
    return sum ? integer(*sum) : expr;
  }
  if (expr->operands.empty())
    return expr;
  std::vector<Expr> operands;
  for (Expr operand : expr->operands)
    operands.push_back(substitute(operand, what, by));
  if (operands == expr->operands)
    return expr;
  return expr->kind == Kind::leaf ? leaf(expr->value, operands) : apply(expr->fn, operands);
}

bool ElementExprs::uses(Expr expr, Expr variable) {
  if (expr->kind == Kind::integer) {
    unsigned symbol = variable->integer.begin()->first.front();
    return llvm::any_of(expr->integer, [&](const auto &term) { return llvm::is_contained(term.first, symbol); });
  }
  return llvm::any_of(expr->operands, [&](Expr operand) { return uses(operand, variable); });
}

SmallVector<ElementExprs::Expr> ElementExprs::conjuncts(Expr expr) {
  if (expr->isApply(ElementFn::logicalAnd))
    return SmallVector<Expr>(expr->operands.begin(), expr->operands.end());
  return {expr};
}

void ElementExprs::print(raw_ostream &os, Expr expr) const {
  auto printPolynomial = [&](const Polynomial &polynomial) {
    if (polynomial.empty())
      os << 0;
    bool first = true;
    for (const auto &[factors, coefficient] : polynomial) {
      os << (first ? "" : " + ") << coefficient;
      first = false;
      for (unsigned factor : factors) {
        if (factor >= kFirstVariable)
          os << "*v" << factor - kFirstVariable;
        else
          os << "*s" << factor;
      }
    }
  };
  auto printOperands = [&] {
    os << '(';
    llvm::interleaveComma(expr->operands, os, [&](Expr operand) { print(os, operand); });
    os << ')';
  };
  switch (expr->kind) {
  case Kind::number:
    os << expr->number;
    return;
  case Kind::integer:
    return printPolynomial(expr->integer);
  case Kind::leaf:
    expr->value.printAsOperand(os, OpPrintingFlags());
    return printOperands();
  case Kind::apply:
    static constexpr StringLiteral kNames[] = {"none", "not", "and", "or",  "eq",  "lt",     "le",   "add",
                                               "sub",  "mul", "div", "neg", "abs", "select", "float"};
    os << kNames[static_cast<int>(expr->fn)];
    return printOperands();
  }
}
