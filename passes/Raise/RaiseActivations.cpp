// Recognises activations by the function that they are.
#include "Algebra.h"
#include "Passes.h"
#include "mlir/IR/ImplicitLocOpBuilder.h"
#include "mlir/IR/Remarks.h"
#include "mlir/IR/TypeUtilities.h"
#include "pare/Analysis/SymbolicDims.h"
#include "llvm/ADT/SetVector.h"
#include <cmath>

namespace pare {
#define GEN_PASS_DEF_RAISEACTIVATIONS
#include "passes/Raise/Passes.h.inc"
} // namespace pare

using namespace mlir;
using namespace pare;
using namespace pare::raise;

namespace {
enum class Activation { none, geluErf, geluTanh, sigmoid, sigmoidOfNegated, softplus, hardSigmoid };

struct Match {
  Activation kind = Activation::none;
  double alpha = 0, beta = 0;
};

struct Activations {
  SymbolicDims &dims;
  Value x;
  Algebra algebra;
  bool fromSigmoid; ///< What holds the sigmoid is one already.

  Activations(SymbolicDims &dims, Value x, Operation *anchor)
      : dims(dims), x(x), algebra(x, anchor->getBlock()), fromSigmoid(isa<SigmoidOp>(anchor)) {}

  Form times(double a, const Form &form) { return Algebra::scale(form, a); }
  Form product(const Form &a, const Form &b) { return *Algebra::multiply(a, b); }

  Match match(Value value) {
    Match result;
    if (getElementTypeOrSelf(value.getType()) != getElementTypeOrSelf(x.getType()))
      return result;
    const Form form = algebra.formOf(value);
    Form own = algebra.x(), cube = {{Product{{0, 3.0}}, 1.0}}, one = constantForm(1);
    Form erf = algebra.apply(AtomKind::erf, times(std::sqrt(0.5), own));
    Form sigmoid = algebra.apply(AtomKind::sigmoid, own);
    double outer = 2 * std::sqrt(2 / M_PI);
    Form tanh = algebra.apply(AtomKind::sigmoid, Algebra::add(times(outer, own), cube, outer * 0.044715));
    Form exp = algebra.apply(AtomKind::exp, times(-1, algebra.apply(AtomKind::abs, own)));
    Form log = algebra.apply(AtomKind::log, Algebra::add(one, exp));
    if (near(form, times(0.5, Algebra::add(own, product(own, erf)))))
      result.kind = Activation::geluErf;
    else if (near(form, product(own, tanh)))
      result.kind = Activation::geluTanh;
    else if (!fromSigmoid && near(form, sigmoid))
      result.kind = Activation::sigmoid;
    else if (!fromSigmoid && near(form, Algebra::add(one, sigmoid, -1)))
      result.kind = Activation::sigmoidOfNegated;
    else if (near(form, Algebra::add(algebra.apply(AtomKind::relu, own), log)))
      result.kind = Activation::softplus;
    else if (!hardSigmoid(form, result))
      return result;
    if (!dims.sameShape(value, x))
      result.kind = Activation::none;
    return result;
  }

  bool hardSigmoid(const Form &form, Match &result) {
    if (form.size() != 1 || !near(form.begin()->second, 1) || form.begin()->first.size() != 1)
      return false;
    auto [number, exponent] = *form.begin()->first.begin();
    if (exponent != 1 || algebra.atom(number).kind != AtomKind::unit)
      return false;
    for (const auto &[product, coefficient] : algebra.atom(number).operand) {
      if (product.empty())
        result.beta = coefficient;
      else if (product == Product{{0, 1.0}})
        result.alpha = coefficient;
      else
        return false;
    }
    // A clamp alone is one op already.
    if (result.alpha == 0 || (result.alpha == 1 && result.beta == 0))
      return false;
    result.kind = Activation::hardSigmoid;
    return true;
  }

  /// Why `value` is not raised though it looks like an activation.
  StringRef nearMiss(Value value) {
    const Form form = algebra.formOf(value);
    Form exp = algebra.apply(AtomKind::exp, algebra.x());
    if (near(form, algebra.apply(AtomKind::log, Algebra::add(constantForm(1), exp))))
      return "log(1 + exp(x)) overflows where softplus does not";
    auto inverse = algebra.power(Algebra::add(constantForm(1), exp), -1);
    if (inverse && near(form, product(exp, *inverse)))
      return "exp(x) / (1 + exp(x)) overflows where a sigmoid does not";
    // x times a linear function of erf or tanh, with other numbers than those of GELU.
    for (const auto &[product, coefficient] : form)
      for (auto [number, exponent] : product) {
        const Atom &atom = algebra.atom(number);
        bool cubic = atom.kind == AtomKind::sigmoid && atom.operand.count(Product{{0, 3.0}});
        if (exponent == 1 && product.size() == 2 && product.count(0) && (atom.kind == AtomKind::erf || cubic))
          return "a function of the form of GELU has other coefficients";
      }
    return "";
  }
};

struct ActivationRaiser {
  explicit ActivationRaiser(func::FuncOp function) : dims(function) {}
  SymbolicDims dims;

  /// Tensors that the operand of `anchor` may be a function of, the farthest first: before a cast or a negation.
  static SmallVector<Value> candidates(Operation *anchor) {
    llvm::SetVector<Value> result;
    result.insert(anchor->getOperand(0));
    for (size_t next = 0; next < result.size() && result.size() < 16; ++next) {
      Operation *op = result[next].getDefiningOp();
      if (!isa_and_nonnull<AddOp, SubOp, MulOp, DivOp, NegOp, PowOp, AbsOp, CastOp>(op) ||
          op->getBlock() != anchor->getBlock())
        continue;
      for (Value operand : op->getOperands())
        if (isa<RankedTensorType>(operand.getType()) && isa<FloatType>(getElementTypeOrSelf(operand.getType())) &&
            !operand.getDefiningOp<ConstantOp>())
          result.insert(operand);
    }
    SmallVector<Value> all = result.takeVector();
    std::reverse(all.begin(), all.end());
    return all;
  }

  Value emit(Activations &from, Value root, const Match &match, StringRef &name) {
    ImplicitLocOpBuilder builder(root.getLoc(), root.getDefiningOp());
    auto number = [&](double value) { return builder.getF32FloatAttr(static_cast<float>(value)); };
    switch (match.kind) {
    case Activation::geluErf:
      name = "GELU";
      return GeluOp::create(builder, from.x, GeluKind::none);
    case Activation::geluTanh:
      name = "GELU by tanh";
      return GeluOp::create(builder, from.x, GeluKind::tanh);
    case Activation::sigmoid:
    case Activation::sigmoidOfNegated:
      name = "sigmoid";
      return SigmoidOp::create(builder,
                               match.kind == Activation::sigmoid ? from.x : Value(NegOp::create(builder, from.x)));
    case Activation::softplus:
      name = "softplus";
      return SoftplusOp::create(builder, from.x);
    case Activation::hardSigmoid:
      name = "hard sigmoid";
      return HardSigmoidOp::create(builder, from.x, number(match.alpha), number(match.beta));
    case Activation::none:
      break;
    }
    return Value();
  }

  static void passed(Location location, StringRef name) {
    remark::passed(location, remark::RemarkOpts::name("raise-activations").category("raise"))
        << ("recognised " + name).str();
  }

  void visit(Operation *anchor) {
    auto type = dyn_cast<RankedTensorType>(anchor->getResult(0).getType());
    if (!type || !isa<FloatType>(type.getElementType()))
      return;
    // exp of f16 overflows where the op, in f32, does not.
    if (isa<ExpOp>(anchor) && type.getElementType().isF16())
      return;
    StringRef reason;
    for (Value x : candidates(anchor)) {
      Activations from(dims, x, anchor);
      SmallVector<Value> values = from.algebra.dependents(anchor->getResult(0));
      SmallVector<Value> roots =
          compositeRoots(values, [&](Value value) { return from.match(value).kind != Activation::none; });
      for (Value root : roots) {
        StringRef name;
        Match match = from.match(root);
        replaceComposite(root, emit(from, root, match, name));
        passed(anchor->getLoc(), name);
      }
      if (!roots.empty())
        return;
      for (Value value : values)
        if (reason.empty())
          reason = from.nearMiss(value);
    }
    if (!reason.empty())
      remark::missed(anchor->getLoc(), remark::RemarkOpts::name("raise-activations").category("raise"))
          << remark::reason("{0}", reason);
  }

  /// max(x, 0)
  static void visitRelu(Operation *op) {
    Value x;
    if (auto max = dyn_cast<MaxOp>(op))
      x = splatOf(max.getRhs()) == 0.0 ? max.getLhs() : splatOf(max.getLhs()) == 0.0 ? max.getRhs() : Value();
    else if (auto clip = dyn_cast<ClipOp>(op); clip && clip.getLow() && !clip.getHigh())
      x = splatOf(clip.getLow()) == 0.0 ? clip.getX() : Value();
    if (!x || x.getType() != op->getResult(0).getType())
      return;
    ImplicitLocOpBuilder builder(op->getLoc(), op);
    replaceComposite(op->getResult(0), ReluOp::create(builder, x));
    passed(op->getLoc(), "ReLU");
  }
};

struct RaiseActivations : public pare::impl::RaiseActivationsBase<RaiseActivations> {
  void runOnOperation() override {
    ActivationRaiser raiser(getOperation());
    SmallVector<Operation *> anchors, maxima;
    getOperation().walk([&](Operation *op) {
      if (isa<ErfOp, TanhOp, ExpOp, SigmoidOp, ClipOp>(op))
        anchors.push_back(op);
      if (isa<MaxOp, ClipOp>(op))
        maxima.push_back(op);
    });
    for (Operation *op : anchors)
      raiser.visit(op);
    // Last: parts of the others are ones.
    for (Operation *op : maxima)
      ActivationRaiser::visitRelu(op);
    eraseDead(getOperation());
  }
};
} // namespace
