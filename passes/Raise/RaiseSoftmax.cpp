// Recognises softmax and its logarithm by what they compute.
#include "Algebra.h"
#include "Passes.h"
#include "mlir/IR/ImplicitLocOpBuilder.h"
#include "mlir/IR/Remarks.h"
#include "mlir/IR/TypeUtilities.h"
#include "pare/Analysis/SymbolicDims.h"

namespace pare {
#define GEN_PASS_DEF_RAISESOFTMAX
#include "passes/Raise/Passes.h.inc"
} // namespace pare

using namespace mlir;
using namespace pare;
using namespace pare::raise;

/// Exponents of at most this size neither overflow nor vanish, nor do sums of 2^30 of their powers.
static constexpr double kHarmless = 64;

namespace {
enum class Kind { none, softmax, logSoftmax };

/// The axis of a sum over one axis, counted from the end; std::nullopt for other reductions.
std::optional<int64_t> axisOf(ReduceOp op) {
  auto type = dyn_cast<RankedTensorType>(op.getX().getType());
  if (!type || op.getAxes().size() != 1)
    return std::nullopt;
  return op.getAxes()[0] - type.getRank();
}

/// The largest absolute value that `value` can have; std::nullopt when that is not known.
std::optional<double> boundOf(Value value, int depth = 0) {
  if (auto number = splatOf(value))
    return std::fabs(*number);
  Operation *op = value.getDefiningOp();
  if (!op || depth > 8)
    return std::nullopt;
  if (isa<TanhOp, SigmoidOp, SoftmaxOp, ErfOp, SinOp, CosOp, HardSigmoidOp>(op))
    return 1.0;
  if (auto clip = dyn_cast<ClipOp>(op)) {
    auto low = clip.getLow() ? splatOf(clip.getLow()) : std::nullopt,
         high = clip.getHigh() ? splatOf(clip.getHigh()) : std::nullopt;
    return low && high ? std::optional<double>(std::max(std::fabs(*low), std::fabs(*high))) : std::nullopt;
  }
  auto bound = [&](unsigned operand) { return boundOf(op->getOperand(operand), depth + 1); };
  if (isa<NegOp, ExpandOp, UnsqueezeOp, ReshapeOp, TransposeOp>(op))
    return bound(0);
  if (isa<AddOp, SubOp, MulOp>(op)) {
    auto a = bound(0), b = a ? bound(1) : std::nullopt;
    if (b)
      return isa<MulOp>(op) ? *a * *b : *a + *b;
    return std::nullopt;
  }
  if (isa<DivOp>(op))
    if (auto number = splatOf(op->getOperand(1)); number && *number != 0)
      if (auto a = bound(0))
        return *a / std::fabs(*number);
  return std::nullopt;
}

struct Matcher {
  SymbolicDims &dims;
  Value x;
  int64_t axis; ///< From the end.
  Algebra algebra;
  std::string reason;

  Matcher(SymbolicDims &dims, Value x, int64_t axis, Block *block)
      : dims(dims), x(x), axis(axis),
        algebra(x, block, [axis](Algebra &algebra, ReduceOp op, const Form &operand) -> std::optional<Form> {
          if (op.getKind() != ReduceKind::sum || axisOf(op) != axis)
            return std::nullopt;
          return Algebra::single(algebra.intern({AtomKind::sum, Value(), operand, axis}));
        }) {}

  /// Whether `value` is the maximum of x over the axis, or a finite number where that is not finite.
  bool isMaximum(Value value) {
    while (Operation *op = value.getDefiningOp()) {
      if (auto where = dyn_cast<WhereOp>(op)) {
        auto infinite = where.getCondition().getDefiningOp<IsInfOp>();
        if (!infinite || infinite.getX() != where.getY() || splatOf(where.getX()) != 0.0)
          return false;
        value = where.getY();
      } else if (auto unsqueeze = dyn_cast<UnsqueezeOp>(op)) {
        auto inner = unsqueeze.getX().getDefiningOp<ReduceOp>();
        if (!inner || inner.getKeepDims() || inner.getAxes() != unsqueeze.getAxes())
          return false;
        return inner.getKind() == ReduceKind::max && inner.getX() == x && axisOf(inner) == axis;
      } else if (isa<ExpandOp>(op)) {
        value = op->getOperand(0);
      } else {
        auto reduce = dyn_cast<ReduceOp>(op);
        return reduce && reduce.getKeepDims() && reduce.getKind() == ReduceKind::max && reduce.getX() == x &&
               axisOf(reduce) == axis;
      }
    }
    return false;
  }

  /// Whether `form` is x less its maximum, or x as it is where its powers are harmless.
  bool isShifted(const Form &form) {
    if (near(form, algebra.x())) {
      auto bound = boundOf(x);
      if (bound && *bound <= kHarmless)
        return true;
      if (reason.empty())
        reason = "the exponents are not shifted by their maximum, so that they may overflow where softmax does not";
      return false;
    }
    Form rest = Algebra::add(algebra.x(), form, -1);
    if (rest.size() != 1 || !near(rest.begin()->second, 1) || rest.begin()->first.size() != 1)
      return false;
    auto [number, exponent] = *rest.begin()->first.begin();
    const Atom &atom = algebra.atom(number);
    if (exponent != 1 || atom.kind != AtomKind::value)
      return false;
    if (isMaximum(atom.value))
      return true;
    if (reason.empty())
      reason = "the exponents are shifted by something else than their maximum along the axis";
    return false;
  }

  /// The one atom of a form that is a power of it.
  const Atom *only(const Form &form, double coefficient, double exponent) {
    if (form.size() != 1 || !near(form.begin()->second, coefficient) || form.begin()->first.size() != 1 ||
        form.begin()->first.begin()->second != exponent)
      return nullptr;
    return &algebra.atom(form.begin()->first.begin()->first);
  }

  /// The exponents whose powers `atom` sums.
  std::optional<Form> summed(const Atom *atom) {
    if (!atom || atom->kind != AtomKind::sum)
      return std::nullopt;
    const Atom *power = only(atom->operand, 1, 1);
    return power && power->kind == AtomKind::exp ? std::optional<Form>(power->operand) : std::nullopt;
  }

  /// x - m - log(sum(exp(x - m)))
  bool isLogSoftmax(const Form &form) {
    for (const auto &[product, coefficient] : form) {
      if (!near(coefficient, -1) || product.size() != 1 || product.begin()->second != 1)
        continue;
      const Atom &log = algebra.atom(product.begin()->first);
      if (log.kind != AtomKind::log)
        continue;
      auto exponents = summed(only(log.operand, 1, 1));
      Form rest = form;
      rest.erase(product);
      return exponents && near(rest, *exponents) && isShifted(*exponents);
    }
    return false;
  }

  bool isSoftmax(const Form &form) {
    if (form.size() != 1 || !near(form.begin()->second, 1))
      return false;
    const Product &product = form.begin()->first;
    if (product.size() == 1) { // exp of the logarithm
      const Atom *exp = only(form, 1, 1);
      return exp && exp->kind == AtomKind::exp && isLogSoftmax(Form(exp->operand));
    }
    if (product.size() != 2)
      return false;
    std::optional<Form> above, below;
    for (auto [number, exponent] : product) {
      const Atom &atom = algebra.atom(number);
      if (exponent == -1 && atom.kind == AtomKind::power && reason.empty())
        reason = "the powers are divided by something else than their sum";
      if (exponent == 1 && atom.kind == AtomKind::exp)
        above = atom.operand;
      if (exponent == -1)
        below = summed(&atom);
    }
    return above && below && near(*above, *below) && isShifted(*above);
  }

  Kind match(Value value) {
    if (getElementTypeOrSelf(value.getType()) != getElementTypeOrSelf(x.getType()) || !dims.sameShape(value, x))
      return Kind::none;
    const Form form = algebra.formOf(value);
    return isSoftmax(form) ? Kind::softmax : isLogSoftmax(form) ? Kind::logSoftmax : Kind::none;
  }
};

struct SoftmaxRaiser {
  explicit SoftmaxRaiser(func::FuncOp function) : dims(function) {}
  SymbolicDims dims;

  bool raise(ReduceOp reduce, Value x, std::string &reason) {
    auto type = dyn_cast<RankedTensorType>(x.getType());
    auto axis = axisOf(reduce);
    if (!type || !axis || type.getRank() != cast<RankedTensorType>(reduce.getX().getType()).getRank() ||
        x.getDefiningOp<ConstantOp>())
      return false;
    Matcher from(dims, x, *axis, reduce->getBlock());
    SmallVector<Value> roots = compositeRoots(from.algebra.dependents(reduce.getResult()),
                                              [&](Value value) { return from.match(value) != Kind::none; });
    for (Value root : roots) {
      ImplicitLocOpBuilder builder(root.getLoc(), root.getDefiningOp());
      IntegerAttr along = builder.getI64IntegerAttr(*axis + type.getRank());
      bool isLog = from.match(root) == Kind::logSoftmax;
      replaceComposite(root, isLog ? Value(LogSoftmaxOp::create(builder, x, along))
                                   : Value(SoftmaxOp::create(builder, x, along)));
      remark::passed(reduce.getLoc(), remark::RemarkOpts::name("raise-softmax").category("raise"))
          << (isLog ? "recognised log softmax" : "recognised softmax");
    }
    if (reason.empty())
      reason = from.reason;
    return !roots.empty();
  }

  void visit(ReduceOp reduce) {
    Value powers = reduce.getX();
    if (auto cast = powers.getDefiningOp<CastOp>())
      powers = cast.getX();
    auto exp = powers.getDefiningOp<ExpOp>();
    if (reduce.getKind() != ReduceKind::sum || !exp || !axisOf(reduce))
      return;
    SmallVector<Value> candidates;
    if (Operation *shifted = exp.getX().getDefiningOp(); isa_and_nonnull<SubOp, AddOp>(shifted))
      llvm::append_range(candidates, shifted->getOperands());
    candidates.push_back(exp.getX());
    for (size_t i = 0; i < candidates.size(); ++i)
      if (auto cast = candidates[i].getDefiningOp<CastOp>())
        candidates.insert(candidates.begin() + static_cast<int64_t>(i++), cast.getX());
    std::string reason;
    if (getElementTypeOrSelf(reduce.getResult().getType()).isF16())
      reason = "sums of f16 overflow where those of the op, in f32, do not";
    else if (llvm::any_of(candidates, [&](Value x) { return raise(reduce, x, reason); }) || reason.empty())
      return;
    remark::missed(reduce.getLoc(), remark::RemarkOpts::name("raise-softmax").category("raise"))
        << remark::reason("{0}", reason);
  }
};

struct RaiseSoftmax : public pare::impl::RaiseSoftmaxBase<RaiseSoftmax> {
  void runOnOperation() override {
    SoftmaxRaiser raiser(getOperation());
    SmallVector<ReduceOp> all;
    getOperation().walk([&](ReduceOp op) { all.push_back(op); });
    for (ReduceOp op : all)
      raiser.visit(op);
    eraseDead(getOperation());
  }
};
} // namespace
