// Recognises attention by what it computes.
#include "Passes.h"
#include "Utils.h"
#include "mlir/IR/Remarks.h"
#include "llvm/Support/FormatVariadic.h"
#include <numeric>

namespace pare {
#define GEN_PASS_DEF_RAISEATTENTION
#include "passes/Raise/Passes.h.inc"
} // namespace pare

using namespace mlir;
using namespace pare;
using Kind = ElementExpr::Kind;
using Expr = ElementExprs::Expr;

/// Added to a score, this makes its weight exactly 0 in f32 next to any score of ordinary size.
static constexpr double kMasked = -1e4;
/// A score of any size is lost in rounding next to this.
static constexpr double kAlwaysMasked = -1e30;

/// The one element of a constant; std::nullopt for other values.
static std::optional<double> scalarOf(Value value) {
  auto constant = value.getDefiningOp<ConstantOp>();
  auto type = dyn_cast<RankedTensorType>(value.getType());
  if (!constant || !type || !isa<FloatType>(type.getElementType()))
    return std::nullopt;
  auto dense = dyn_cast<DenseElementsAttr>(constant.getValue());
  if (!dense || !dense.isSplat() || type.getNumElements() != 1)
    return std::nullopt;
  APFloat number = dense.getSplatValue<APFloat>();
  bool lost;
  number.convert(APFloat::IEEEdouble(), APFloat::rmNearestTiesToEven, &lost);
  return number.convertToDouble();
}

namespace {
/// A condition on pairs of query and key.
struct Mask {
  SmallVector<Expr> keys, queries;
  std::optional<int64_t> lower, upper;
  bool alignEnd = false;
  Value opaque; // of rank 4 or less
  double fill = 0;
  MaskMode mode = MaskMode::add;
};

/// One softmax(q k^T) v.
struct Match {
  MatmulOp scores, output;
  SoftmaxOp softmax;
  double scale = 1;
  bool zeroNan = false;
  Expr zeroedWeights = nullptr; // pairs whose weight is 0 whatever the softmax gives
  SmallVector<std::pair<Value, double>> terms; // added to the scores, times the factor
  std::optional<Mask> mask;
  SmallVector<std::pair<Value, double>> biases;
};

struct Raiser {
  func::FuncOp function;
  SymbolicDims dims;
  ElementExprs exprs;
  Expr b = nullptr, h = nullptr, i = nullptr, j = nullptr;
  std::string reason; // why the last match failed

  explicit Raiser(func::FuncOp function) : function(function), dims(function), exprs(dims) {}

  bool fail(const Twine &text) {
    reason = text.str();
    return false;
  }

  /// Element of `value` at (b, h, i, j), of a tensor that broadcasts to the scores; null when that is not known.
  Expr at(Value value, Value scores) {
    auto type = dyn_cast<RankedTensorType>(value.getType());
    if (!type || type.getRank() > 4)
      return nullptr;
    Expr all[] = {b, h, i, j};
    SmallVector<Expr> indices;
    for (int64_t axis = 0; axis < type.getRank(); ++axis) {
      int64_t own = axis + 4 - type.getRank();
      if (polynomial::asConstant(dims.sizeOf(value, axis)) == 1)
        indices.push_back(exprs.integer({}));
      else if (dims.equal(value, axis, scores, own))
        indices.push_back(all[own]);
      else
        return nullptr;
    }
    return exprs.element(value, indices);
  }

  /// Splits the condition under which a pair is allowed.
  std::optional<Mask> predicate(Expr condition, Value scores) {
    Mask mask;
    for (Expr part : exprs.conjuncts(condition)) {
      if (part->isNumber(1))
        continue;
      bool usesHead = exprs.uses(part, h), usesQuery = exprs.uses(part, i), usesKey = exprs.uses(part, j);
      if (usesHead)
        return std::nullopt;
      if (!usesQuery) {
        mask.keys.push_back(part);
        continue;
      }
      if (!usesKey) {
        mask.queries.push_back(part);
        continue;
      }
      // 0 <= +-(j - i) + constant
      if (!part->isApply(ElementFn::le) || !part->operands[0]->integer.empty() ||
          part->operands[0]->kind != Kind::integer || part->operands[1]->kind != Kind::integer)
        return std::nullopt;
      auto distance = polynomial::add(j->integer, i->integer, -1);
      auto shift = polynomial::add(dims.sizeOf(scores, 3), dims.sizeOf(scores, 2), -1);
      if (!distance || !shift)
        return std::nullopt;
      bool found = false;
      for (int64_t sign : {1, -1}) {
        auto rest = polynomial::add(part->operands[1]->integer, *distance, -sign);
        for (bool end : {false, true}) {
          // With aligned ends the distance is j - i - (Sk - Sq).
          auto constant = rest && end ? polynomial::add(*rest, *shift, sign) : rest;
          auto bound = constant ? polynomial::asConstant(*constant) : std::nullopt;
          if (!bound || found || (end && shift->empty()) || (mask.alignEnd != end && (mask.lower || mask.upper)))
            continue;
          found = true;
          mask.alignEnd = end;
          if (sign > 0)
            mask.lower = std::max(mask.lower.value_or(-*bound), -*bound);
          else
            mask.upper = std::min(mask.upper.value_or(*bound), *bound);
        }
      }
      if (!found)
        return std::nullopt;
    }
    return mask;
  }

  /// Walks from the weights of the second product to its softmax.
  bool matchWeights(Match &match) {
    Value x = match.output.getLhs();
    while (true) {
      if (auto where = x.getDefiningOp<WhereOp>()) {
        Value a = where.getX(), c = where.getY();
        auto isNan = where.getCondition().getDefiningOp<IsNanOp>();
        if (isNan && isNan.getX() == c && scalarOf(a) == 0.0) {
          match.zeroNan = true;
          x = c;
          continue;
        }
        // Weights that a mask sets to 0.
        bool zeroFirst = scalarOf(a) == 0.0, zeroSecond = scalarOf(c) == 0.0;
        if (zeroFirst == zeroSecond || match.zeroedWeights)
          return false;
        Value weights = zeroFirst ? c : a;
        setVariables(weights);
        Expr condition = at(where.getCondition(), weights);
        if (!condition)
          return false;
        match.zeroedWeights = zeroFirst ? condition : exprs.apply(ElementFn::logicalNot, condition);
        x = weights;
        continue;
      }
      if (auto cast = x.getDefiningOp<CastOp>();
          cast && getElementTypeOrSelf(cast.getX().getType()) == getElementTypeOrSelf(x.getType())) {
        x = cast.getX();
        continue;
      }
      match.softmax = x.getDefiningOp<SoftmaxOp>();
      return match.softmax != nullptr;
    }
  }

  void setVariables(Value scores) {
    if (variablesOf == scores)
      return;
    // Scores and weights of one attention have one shape, so one set of variables.
    if (variablesOf && dims.sameShape(variablesOf, scores))
      return;
    variablesOf = scores;
    Expr *all[] = {&b, &h, &i, &j};
    for (int axis = 0; axis < 4; ++axis)
      *all[axis] = exprs.variable(dims.sizeOf(scores, axis));
  }
  Value variablesOf;

  bool isScalar(Value value, double &factor, bool divides) {
    auto number = scalarOf(value);
    if (!number || *number == 0 || !std::isfinite(*number))
      return false;
    factor *= divides ? 1 / *number : *number;
    return true;
  }

  /// Walks from the scores that the softmax reads to the product of queries and keys.
  bool matchScores(Match &match, Value x, double factor, int depth = 0) {
    if (depth > 16)
      return fail("the scores pass through too many ops");
    Operation *op = x.getDefiningOp();
    if (auto product = dyn_cast_or_null<MatmulOp>(op)) {
      if (cast<RankedTensorType>(product.getType()).getRank() != 4)
        return fail("the scores come from a product that has not four axes");
      match.scores = product;
      match.scale = factor;
      return true;
    }
    if (isa_and_nonnull<MulOp, DivOp>(op)) {
      double scaled = factor;
      if (isScalar(op->getOperand(1), scaled, isa<DivOp>(op)))
        return matchScores(match, op->getOperand(0), scaled, depth + 1);
      if (isa<MulOp>(op) && isScalar(op->getOperand(0), scaled, false))
        return matchScores(match, op->getOperand(1), scaled, depth + 1);
      return fail("the scores are multiplied by a tensor");
    }
    if (isa_and_nonnull<AddOp>(op)) {
      for (int side : {0, 1}) {
        Match attempt = match;
        if (auto type = dyn_cast<RankedTensorType>(op->getOperand(side).getType()); !type || type.getRank() != 4)
          continue;
        if (!matchScores(attempt, op->getOperand(side), factor, depth + 1))
          continue;
        // Two products may be added up: that of queries and keys has both of them move along their axes.
        attempt.terms.push_back({op->getOperand(1 - side), factor});
        match = attempt;
        return true;
      }
      return false;
    }
    if (auto where = dyn_cast_or_null<WhereOp>(op)) {
      auto a = scalarOf(where.getX()), c = scalarOf(where.getY());
      if (a.has_value() == c.has_value())
        return fail("the scores are chosen between two tensors");
      Value inner = a ? where.getY() : where.getX();
      Mask mask;
      Expr condition = at(where.getCondition(), x);
      if (condition && a)
        condition = exprs.apply(ElementFn::logicalNot, condition);
      double fill = (a ? *a : *c) * factor;
      if (!(fill <= kMasked))
        return fail("a mask puts " + llvm::formatv("{0}", fill).str() + " in place of scores, which is not low enough to make a weight 0");
      if (auto split = condition ? predicate(condition, x) : std::nullopt)
        mask = *split;
      else if (!a)
        mask.opaque = where.getCondition();
      else
        return fail("a mask of the scores cannot be written as conditions on queries and keys");
      mask.fill = fill;
      mask.mode = MaskMode::select;
      // What is added afterwards is added to the masked scores too. Next to such a fill a score is lost in rounding, so
      // that adding it to the score is the same.
      if (!match.terms.empty()) {
        if (fill > kAlwaysMasked)
          return fail("a term is added to scores that are masked already");
        mask.mode = MaskMode::add;
      }
      if (match.mask)
        return fail("the scores are masked twice");
      match.mask = mask;
      return matchScores(match, inner, factor, depth + 1);
    }
    if (auto cast = dyn_cast_or_null<CastOp>(op);
        cast && getElementTypeOrSelf(cast.getX().getType()) == getElementTypeOrSelf(x.getType()))
      return matchScores(match, cast.getX(), factor, depth + 1);
    return fail(op ? "the scores pass through " + op->getName().getStringRef() : "the scores are no product");
  }

  /// Sorts the terms into the mask and the biases.
  bool sortTerms(Match &match, Value scores) {
    for (auto [value, factor] : llvm::reverse(match.terms)) {
      auto type = dyn_cast<RankedTensorType>(value.getType());
      if (!type || type.getRank() > 4)
        return fail("a term of the scores has more axes than they");
      Expr element = at(value, scores);
      if (element && element->isNumber(0))
        continue;
      if (element && element->isApply(ElementFn::select) && !match.mask && factor > 0) {
        Expr condition = element->operands[0], yes = element->operands[1], no = element->operands[2];
        if (no->isNumber(0)) {
          std::swap(yes, no);
          condition = exprs.apply(ElementFn::logicalNot, condition);
        }
        if (yes->isNumber(0) && no->kind == Kind::number && no->number * factor <= kMasked)
          if (auto split = predicate(condition, scores)) {
            match.mask = *split;
            match.mask->fill = no->number * factor;
            match.mask->mode = MaskMode::add;
            continue;
          }
      }
      // A bias is read as the scores are: every axis is 1 or theirs.
      for (int64_t axis = 0; axis < type.getRank(); ++axis)
        if (polynomial::asConstant(dims.sizeOf(value, axis)) != 1 &&
            !dims.equal(value, axis, scores, axis + 4 - type.getRank()))
          return fail("the shape of a bias is not known to be that of the scores");
      match.biases.push_back({value, factor});
    }
    return true;
  }

  bool match(Match &match) {
    auto type = dyn_cast<RankedTensorType>(match.output.getType());
    if (!type || type.getRank() != 4 || !isa<FloatType>(type.getElementType()) || !matchWeights(match))
      return false; // not an attention, and no remark
    Value scores = match.softmax.getX();
    auto scoresType = dyn_cast<RankedTensorType>(scores.getType());
    if (!scoresType || scoresType.getRank() != 4 || match.softmax.getAxis() != 3)
      return fail("the softmax does not run over the last of four axes");
    setVariables(scores);
    if (!matchScores(match, scores, 1) || !sortTerms(match, scores))
      return false;
    if (!dims.sameShape(match.scores.getResult(), scores))
      return fail("the scores grow when the mask is added");
    if (!polynomial::asConstant(dims.sizeOf(scores, 1)))
      return fail("the number of heads is not known");
    for (Value side : {match.scores.getLhs(), match.scores.getRhs(), match.output.getRhs()})
      if (auto own = dyn_cast<RankedTensorType>(side.getType()); !own || own.getRank() != 4)
        return fail("an operand of the products has not four axes");
    for (int64_t axis : {0, 1})
      if (!dims.equal(match.scores.getLhs(), axis, scores, axis) ||
          !dims.equal(match.scores.getRhs(), axis, scores, axis) ||
          !dims.equal(match.output.getRhs(), axis, scores, axis))
        return fail("the products broadcast over batch or heads");
    if (match.zeroedWeights) {
      // Right where the masked pairs are the zeroed ones: their weights are 0 either way, and rows without a pair too.
      Expr allowed = exprs.apply(ElementFn::logicalNot, match.zeroedWeights);
      std::optional<Mask> zeroed = predicate(allowed, scores);
      if (!match.mask || !zeroed || zeroed->keys != match.mask->keys || zeroed->queries != match.mask->queries ||
          zeroed->lower != match.mask->lower || zeroed->upper != match.mask->upper || match.mask->opaque ||
          zeroed->alignEnd != match.mask->alignEnd)
        return fail("weights are zeroed by another mask than the scores");
      match.mask->fill = -std::numeric_limits<double>::infinity();
      match.mask->mode = MaskMode::select;
      match.zeroNan = true;
    }
    return true;
  }

  /// `value` without factors that are constant scalars.
  Value peel(Value value, double &scale) {
    while (Operation *op = value.getDefiningOp()) {
      if (isa<MulOp, DivOp>(op) && isScalar(op->getOperand(1), scale, isa<DivOp>(op)))
        value = op->getOperand(0);
      else if (isa<MulOp>(op) && isScalar(op->getOperand(0), scale, false))
        value = op->getOperand(1);
      else
        break;
    }
    return value;
  }

  /// Repeats of each head of `x` [B, H, ..] (with `rows` and `columns` as its last indices): the largest number of which
  /// all copies come from one place.
  int64_t copiesOf(Value x, int64_t heads, ArrayRef<Expr> last) {
    for (int64_t copies = heads; copies > 1; --copies) {
      if (heads % copies != 0)
        continue;
      Expr group = exprs.variable(polynomial::constant(heads / copies)),
           copy = exprs.variable(polynomial::constant(copies));
      Expr head = exprs.apply(ElementFn::add, {exprs.apply(ElementFn::mul, {group, exprs.integer(polynomial::constant(copies))}), copy});
      Expr source = exprs.origin(x, {b, head, last[0], last[1]});
      if (!exprs.uses(source, copy))
        return copies;
    }
    return 1;
  }

  /// `x` as [B, heads / copies, S, D]; `swapped` when its last axes are [D, S].
  Value arrange(ImplicitLocOpBuilder &builder, Value x, int64_t heads, int64_t copies, bool swapped) {
    int64_t rowAxis = swapped ? 3 : 2, depthAxis = swapped ? 2 : 3;
    Expr row = exprs.variable(dims.sizeOf(x, rowAxis)), depth = exprs.variable(dims.sizeOf(x, depthAxis)),
         group = exprs.variable(polynomial::constant(heads / copies));
    Expr head = exprs.apply(ElementFn::mul, {group, exprs.integer(polynomial::constant(copies))});
    Expr source = exprs.origin(x, {b, head, swapped ? depth : row, swapped ? row : depth});
    IndexAxis axes[] = {{b, dims.sizeOf(x, 0), x, 0},
                        {group, polynomial::constant(heads / copies), x, 1},
                        {row, dims.sizeOf(x, rowAxis), x, rowAxis},
                        {depth, dims.sizeOf(x, depthAxis), x, depthAxis}};
    if (Value built = rebuild(builder, dims, source, axes))
      return built;
    if (copies > 1)
      return Value();
    return swapped ? Value(TransposeOp::create(builder, x, ArrayRef<int64_t>{0, 1, 3, 2})) : x;
  }

  static Value toRank4(ImplicitLocOpBuilder &builder, Value value) {
    int64_t rank = cast<RankedTensorType>(value.getType()).getRank();
    if (rank == 4)
      return value;
    return UnsqueezeOp::create(builder, value, llvm::to_vector(llvm::seq<int64_t>(0, 4 - rank)));
  }

  /// Conditions as one tensor [B or 1, S]; null when one of them has no spelling.
  Value emitConditions(ImplicitLocOpBuilder &builder, ArrayRef<Expr> parts, Expr row, Value scores, int64_t axis) {
    IndexAxis axes[] = {{b, dims.sizeOf(scores, 0), scores, 0}, {row, dims.sizeOf(scores, axis), scores, axis}};
    Expr all = exprs.apply(ElementFn::logicalAnd, parts);
    Value value = emitExpr(builder, exprs, all, axes);
    if (!value)
      return Value();
    // One that depends on the sequence alone, or on nothing, still names each row.
    auto type = cast<RankedTensorType>(value.getType());
    if (type.getDimSize(1) == 1 && polynomial::asConstant(axes[1].size) != 1) {
      SmallVector<IndexAxis> shape{{nullptr, polynomial::constant(1), {}, 0}, axes[1]};
      value = ExpandOp::create(builder, value, emitShape(builder, shape));
    }
    return value;
  }

  bool rewrite(Match &match) {
    ImplicitLocOpBuilder builder(match.output.getLoc(), match.output);
    Value scores = match.scores.getResult(), scoresIn = match.softmax.getX();
    setVariables(scoresIn);
    int64_t heads = *polynomial::asConstant(dims.sizeOf(scoresIn, 1));
    double scale = match.scale;
    Value q = peel(match.scores.getLhs(), scale), k = peel(match.scores.getRhs(), scale), v = match.output.getRhs();
    Expr row = exprs.variable(dims.sizeOf(v, 2)), depthK = exprs.variable(dims.sizeOf(k, 2)),
         depthV = exprs.variable(dims.sizeOf(v, 3));
    int64_t copies = std::gcd(copiesOf(k, heads, {depthK, row}), copiesOf(v, heads, {row, depthV}));
    Value qs = arrange(builder, q, heads, 1, false), ks = arrange(builder, k, heads, copies, true),
          vs = arrange(builder, v, heads, copies, false);
    if (!ks || !vs) {
      ks = arrange(builder, k, heads, 1, true);
      vs = arrange(builder, v, heads, 1, false);
    }
    Value keyMask, queryMask, mask;
    Mask none;
    const Mask &own = match.mask ? *match.mask : none;
    if (!own.keys.empty() && !(keyMask = emitConditions(builder, own.keys, j, scores, 3)))
      return fail("the condition on keys has no spelling as ops");
    if (!own.queries.empty() && !(queryMask = emitConditions(builder, own.queries, i, scores, 2)))
      return fail("the condition on queries has no spelling as ops");
    if (own.opaque)
      mask = toRank4(builder, own.opaque);
    SmallVector<Value> biases;
    Type element = getElementTypeOrSelf(scores.getType());
    for (auto [value, factor] : match.biases) {
      Value bias = toRank4(builder, value);
      if (factor != 1)
        bias = MulOp::create(builder, bias, emitScalar(builder, element, factor));
      biases.push_back(bias);
    }
    auto bound = [&](std::optional<int64_t> value) { return value ? builder.getI64IntegerAttr(*value) : IntegerAttr(); };
    auto unit = [&](bool set) { return set ? builder.getUnitAttr() : UnitAttr(); };
    auto attention = AttentionOp::create(
        builder, qs, ks, vs, biases, keyMask, queryMask, mask, unit(own.alignEnd),
        builder.getF32FloatAttr(static_cast<float>(scale)), builder.getF32FloatAttr(static_cast<float>(own.fill)),
        MaskModeAttr::get(builder.getContext(), own.mode), bound(own.lower), bound(own.upper), unit(match.zeroNan));
    match.output.getResult().replaceAllUsesWith(attention.getResult());
    remark::passed(match.softmax.getLoc(), remark::RemarkOpts::name("raise-attention").category("raise"))
        << "recognised attention: " << std::to_string(heads) << " heads, "
        << (keyMask ? "keys masked by the input" : "no mask on keys") << (own.upper || own.lower ? ", banded" : "")
        << remark::metric("key_heads", heads / copies);
    return true;
  }
};

struct RaiseAttention : public pare::impl::RaiseAttentionBase<RaiseAttention> {
  void runOnOperation() override {
    // The analysis must not see ops go away: all matches first, and what they leave behind at the end.
    Raiser raiser(getOperation());
    SmallVector<MatmulOp> products;
    getOperation().walk([&](MatmulOp op) { products.push_back(op); });
    for (MatmulOp op : products) {
      Match match;
      match.output = op;
      raiser.reason.clear();
      if (raiser.match(match) && raiser.rewrite(match))
        continue;
      if (!raiser.reason.empty())
        remark::missed((match.softmax ? match.softmax.getOperation() : op.getOperation())->getLoc(),
                       remark::RemarkOpts::name("raise-attention").category("raise"))
            << remark::reason("{0}", raiser.reason);
    }
    SmallVector<Operation *> all;
    getOperation().walk([&](Operation *op) { all.push_back(op); });
    for (Operation *op : llvm::reverse(all))
      if (isa<PareDialect>(op->getDialect()) && isOpTriviallyDead(op))
        op->erase();
    // Sizes that the raised ops know better.
    getOperation().setFunctionType(FunctionType::get(&getContext(), getOperation().getArgumentTypes(),
                                                     getOperation().getBody().front().getTerminator()->getOperandTypes()));
  }
};
} // namespace
