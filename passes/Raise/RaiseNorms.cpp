// Recognises layer and RMS normalisation by what they compute.
#include "Algebra.h"
#include "Passes.h"
#include "Utils.h"
#include "mlir/IR/Remarks.h"
#include "mlir/IR/TypeUtilities.h"
#include "pare/Analysis/SymbolicDims.h"
#include "llvm/ADT/SetVector.h"

namespace pare {
#define GEN_PASS_DEF_RAISENORMS
#include "passes/Raise/Passes.h.inc"
} // namespace pare

using namespace mlir;
using namespace pare;
using namespace pare::raise;

namespace {
/// A normalisation of x: scale and bias in terms of tensors that broadcast to the axes.
struct Norm {
  bool centred = false;
  double epsilon = 0;
  Form scale, bias;
};

/// x over its last axes: elements of the means are written as functions of the moments of x.
struct Normalised {
  SymbolicDims &dims;
  Value x;
  int64_t rank, axes; ///< Of x, and how many of its last axes are normalised.
  Algebra algebra;
  unsigned mean, square;
  std::string reason;

  Normalised(SymbolicDims &dims, Value x, int64_t axes, Block *block)
      : dims(dims), x(x), rank(cast<RankedTensorType>(x.getType()).getRank()), axes(axes),
        algebra(x, block, [this](Algebra &, ReduceOp op, const Form &operand) { return reduced(op, operand); }),
        mean(algebra.intern({AtomKind::moment, Value(), {}, 1})),
        square(algebra.intern({AtomKind::moment, Value(), {}, 2})) {}

  std::optional<Form> reduced(ReduceOp op, const Form &operand) {
    auto type = dyn_cast<RankedTensorType>(op.getX().getType());
    if (!type || static_cast<int64_t>(op.getAxes().size()) != axes ||
        !llvm::equal(op.getAxes(), llvm::seq<int64_t>(type.getRank() - axes, type.getRank())))
      return std::nullopt;
    double factor = 1;
    if (op.getKind() == ReduceKind::sum) {
      for (int64_t axis : op.getAxes()) {
        if (type.isDynamicDim(axis))
          return std::nullopt;
        factor *= static_cast<double>(type.getDimSize(axis));
      }
    } else if (op.getKind() != ReduceKind::mean) {
      return std::nullopt;
    }
    Form result;
    for (const auto &[product, coefficient] : operand) {
      Product own = product;
      auto at = own.find(0);
      double power = at == own.end() ? 0 : at->second;
      if (power != 0)
        own.erase(at);
      if (power != 0 && power != 1 && power != 2)
        return std::nullopt;
      for (auto [atom, exponent] : own)
        if (!isConstantInRow(atom))
          return std::nullopt;
      if (power != 0)
        own[power == 1 ? mean : square] += 1;
      result = Algebra::add(result, {{own, coefficient * factor}});
    }
    return result;
  }

  /// Whether an atom has one value over the normalised axes.
  bool isConstantInRow(unsigned number) {
    const Atom &atom = algebra.atom(number);
    if (atom.kind == AtomKind::moment)
      return true;
    if (atom.kind == AtomKind::value) {
      auto type = dyn_cast<RankedTensorType>(atom.value.getType());
      return number != 0 && type &&
             llvm::all_of(type.getShape().take_back(axes), [](int64_t size) { return size == 1; });
    }
    Form operand = atom.operand;
    return atom.kind != AtomKind::sum && llvm::all_of(operand, [&](const auto &term) {
             return llvm::all_of(term.first, [&](const auto &factor) { return isConstantInRow(factor.first); });
           });
  }

  /// Whether `form` is made of tensors that broadcast to the normalised axes.
  bool isParameter(const Form &form) {
    for (const auto &[product, coefficient] : form)
      for (auto [atom, exponent] : product)
        if (exponent != 1 || !fits(atom))
          return false;
    return true;
  }
  bool fits(unsigned number) {
    const Atom &atom = algebra.atom(number);
    auto type = atom.kind == AtomKind::value && number != 0 ? dyn_cast<RankedTensorType>(atom.value.getType())
                                                            : RankedTensorType();
    if (!type || type.getRank() > rank)
      return false;
    for (int64_t axis = 0; axis < type.getRank(); ++axis) {
      int64_t own = axis + rank - type.getRank();
      if (type.getDimSize(axis) != 1 && (own < rank - axes || !dims.equal(atom.value, axis, x, own)))
        return false;
    }
    return true;
  }

  std::nullopt_t fail(StringRef text) {
    if (reason.empty())
      reason = text.str();
    return std::nullopt;
  }

  /// The variance or mean of squares in `form`, and what is added to it.
  std::optional<Norm> deviation(const Form &form) {
    Norm norm;
    bool squares = false;
    for (const auto &[product, coefficient] : form) {
      if (product.empty())
        norm.epsilon = coefficient;
      else if (product == Product{{square, 1}} && near(coefficient, 1))
        squares = true;
      else if (product == Product{{mean, 2}} && near(coefficient, -1))
        norm.centred = true;
      else if (product == Product{{square, 1}})
        return fail("the mean of squares carries a factor");
      else
        return std::nullopt;
    }
    if (!squares)
      return std::nullopt;
    // The attribute is f32.
    double rounded = static_cast<float>(norm.epsilon);
    if (norm.epsilon < 0 || (rounded != norm.epsilon && !near(rounded, norm.epsilon)) ||
        (rounded != norm.epsilon && getElementTypeOrSelf(x.getType()).isF64()))
      return fail("epsilon is no number of f32");
    return norm;
  }

  /// sqrt(..) + epsilon
  static bool addsToRoot(const Atom &atom) {
    if (atom.kind != AtomKind::power || atom.operand.size() != 2 || !atom.operand.begin()->first.empty())
      return false;
    const Product &product = std::next(atom.operand.begin())->first;
    return product.size() == 1 && product.begin()->second == 0.5;
  }

  std::optional<Norm> match(Value value) {
    if (getElementTypeOrSelf(value.getType()) != getElementTypeOrSelf(x.getType()))
      return std::nullopt;
    const Form &form = algebra.formOf(value);
    std::optional<Norm> norm;
    unsigned divisor = 0;
    Form onX, onMean;
    for (const auto &[product, coefficient] : form) {
      Product rest = product;
      for (auto [atom, exponent] : product) {
        if (exponent == -1 && addsToRoot(algebra.atom(atom)))
          return fail("epsilon is added to the deviation, not to its square");
        if (exponent != -0.5)
          continue;
        std::optional<Norm> own;
        if (atom == square)
          own = deviation(Algebra::single(square));
        else if (algebra.atom(atom).kind == AtomKind::power)
          own = deviation(algebra.atom(atom).operand);
        if (!own || (norm && divisor != atom))
          continue;
        if (!norm)
          norm = own;
        divisor = atom;
        rest.erase(atom);
      }
    }
    if (!norm)
      return std::nullopt;
    for (const auto &[product, coefficient] : form) {
      Product rest = product;
      auto take = [&](unsigned atom, double exponent) {
        auto at = rest.find(atom);
        if (at == rest.end() || at->second != exponent)
          return false;
        rest.erase(at);
        return true;
      };
      Form *part = &norm->bias;
      if (take(divisor, -0.5))
        part = take(0, 1) ? &onX : take(mean, 1) ? &onMean : nullptr;
      if (!part)
        return fail("what is divided by the deviation is another tensor, or centred by another mean");
      *part = Algebra::add(*part, {{rest, coefficient}});
    }
    if (onX.empty() || (norm->centred ? !near(onMean, Algebra::scale(onX, -1)) : !onMean.empty()))
      return fail("what is divided by the deviation is another tensor, or centred by another mean");
    norm->scale = onX;
    if (!isParameter(onX) || !isParameter(norm->bias) || !dims.sameShape(value, x))
      return fail("scale or bias do not broadcast to the normalised axes");
    return norm;
  }
};

struct NormRaiser {
  explicit NormRaiser(func::FuncOp function) : dims(function) {}
  SymbolicDims dims;

  Value emit(ImplicitLocOpBuilder &builder, Normalised &from, const Form &form) {
    Type type = getElementTypeOrSelf(from.x.getType());
    Value sum;
    for (const auto &[product, coefficient] : form) {
      Value term;
      for (auto [atom, exponent] : product) {
        Value factor = from.algebra.atom(atom).value;
        int64_t extra = cast<RankedTensorType>(factor.getType()).getRank() - from.axes;
        if (extra > 0)
          factor = SqueezeOp::create(builder, factor, llvm::to_vector(llvm::seq<int64_t>(0, extra)));
        bool alone = form.size() == 1 && product.size() == 1 && near(coefficient, 1);
        if (!alone && getElementTypeOrSelf(factor.getType()) != type)
          factor = CastOp::create(builder, factor, type);
        term = term ? Value(MulOp::create(builder, term, factor)) : factor;
      }
      if (!term || !near(coefficient, 1)) {
        Value number = emitScalar(builder, type, near(coefficient, 1) ? 1 : coefficient);
        term = term ? Value(MulOp::create(builder, term, number)) : number;
      }
      sum = sum ? Value(AddOp::create(builder, sum, term)) : term;
    }
    return sum;
  }

  /// Tensors of which `reduce` may be the mean of squares, the one that the others are computed from first.
  static SmallVector<Value> candidates(ReduceOp reduce) {
    llvm::SetVector<Value> result;
    auto withSource = [&](Value value) {
      if (auto cast = value.getDefiningOp<CastOp>();
          cast && isa<FloatType>(getElementTypeOrSelf(cast.getX().getType())))
        result.insert(cast.getX());
      result.insert(value);
    };
    Operation *square = reduce.getX().getDefiningOp();
    if (!square)
      return {};
    bool squares = isa<MulOp>(square) && square->getOperand(0) == square->getOperand(1);
    if (auto pow = dyn_cast<PowOp>(square))
      squares = splatOf(pow.getRhs()) == 2.0;
    // Two spellings of one difference, each a factor.
    if (auto product = dyn_cast<MulOp>(square); product && !squares) {
      Operation *a = product.getLhs().getDefiningOp(), *b = product.getRhs().getDefiningOp();
      squares = isa_and_nonnull<SubOp, AddOp>(a) && isa_and_nonnull<SubOp, AddOp>(b);
    }
    if (!squares)
      return {};
    if (Operation *centred = square->getOperand(0).getDefiningOp(); isa_and_nonnull<SubOp, AddOp>(centred))
      for (Value operand : centred->getOperands())
        withSource(operand);
    withSource(square->getOperand(0));
    result.remove_if([](Value value) {
      auto type = dyn_cast<RankedTensorType>(value.getType());
      return !type || !isa<FloatType>(type.getElementType()) || value.getDefiningOp<ConstantOp>();
    });
    return result.takeVector();
  }

  /// Whether a square root is taken of what `reduce` gives, plus a number.
  static bool isDeviation(ReduceOp reduce) {
    SmallVector<Value> values{reduce};
    for (size_t next = 0; next < values.size() && next < 8; ++next)
      for (Operation *user : values[next].getUsers()) {
        if (auto pow = dyn_cast<PowOp>(user);
            isa<SqrtOp>(user) || (pow && llvm::is_contained({0.5, -0.5}, splatOf(pow.getRhs()))))
          return true;
        if (isa<AddOp, MulOp, DivOp, CastOp, UnsqueezeOp, SubOp>(user))
          values.push_back(user->getResult(0));
      }
    return false;
  }

  bool raise(ReduceOp reduce, Value x, std::string &reason) {
    auto type = cast<RankedTensorType>(x.getType());
    int64_t rank = type.getRank(), axes = reduce.getAxes().size();
    if (axes > rank || rank != cast<RankedTensorType>(reduce.getX().getType()).getRank())
      return false;
    Normalised from(dims, x, axes, reduce->getBlock());
    SmallVector<Value> roots = compositeRoots(from.algebra.dependents(reduce.getResult()),
                                              [&](Value value) { return from.match(value).has_value(); });
    for (Value root : roots) {
      Norm norm = *from.match(root);
      ImplicitLocOpBuilder builder(root.getLoc(), root.getDefiningOp());
      Value scale = emit(builder, from, norm.scale), bias = emit(builder, from, norm.bias), result;
      IntegerAttr axis = builder.getI64IntegerAttr(rank - axes);
      FloatAttr epsilon = builder.getF32FloatAttr(static_cast<float>(norm.epsilon));
      if (norm.centred)
        result = LayerNormOp::create(builder, x, scale, bias, axis, epsilon);
      else
        result = RmsNormOp::create(builder, x, scale, axis, epsilon);
      if (bias && !norm.centred)
        result = AddOp::create(builder, result, bias);
      replaceComposite(root, result);
      remark::passed(reduce.getLoc(), remark::RemarkOpts::name("raise-norms").category("raise"))
          << (Twine("recognised ") + (norm.centred ? "layer" : "RMS") + " normalisation" + (bias ? " with bias" : ""))
                 .str()
          << remark::metric("axes", axes);
    }
    if (reason.empty())
      reason = from.reason;
    return !roots.empty();
  }

  void visit(ReduceOp reduce) {
    if (!llvm::is_contained({ReduceKind::mean, ReduceKind::sum}, reduce.getKind()) || !isDeviation(reduce))
      return;
    SmallVector<Value> all = candidates(reduce);
    auto type = dyn_cast<RankedTensorType>(reduce.getX().getType());
    if (all.empty() || !type)
      return;
    std::string reason;
    int64_t first = type.getRank() - static_cast<int64_t>(reduce.getAxes().size());
    if (type.getElementType().isF16())
      reason = "squares of f16 overflow where those of the op, in f32, do not";
    else if (reduce.getAxes().empty() || !llvm::equal(reduce.getAxes(), llvm::seq<int64_t>(first, type.getRank())))
      reason = "the mean of squares is not over the last axes";
    else if (llvm::any_of(all, [&](Value x) { return raise(reduce, x, reason); }))
      return;
    if (!reason.empty())
      remark::missed(reduce.getLoc(), remark::RemarkOpts::name("raise-norms").category("raise"))
          << remark::reason("{0}", reason);
  }
};

struct RaiseNorms : public pare::impl::RaiseNormsBase<RaiseNorms> {
  void runOnOperation() override {
    NormRaiser raiser(getOperation());
    SmallVector<ReduceOp> all;
    getOperation().walk([&](ReduceOp op) { all.push_back(op); });
    for (ReduceOp op : all)
      raiser.visit(op);
    eraseDead(getOperation());
  }
};
} // namespace
