// Finds attention by what it computes.
#include "AttentionMatcher.h"
#include "llvm/Support/FormatVariadic.h"

using namespace mlir;
using namespace pare;
using namespace pare::raise;
using Kind = ElementExpr::Kind;

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

Expr AttentionMatcher::mergedIndex(Expr head) {
  Expr heads = exprs.integer(dims.sizeOf(variablesOf, 1));
  return exprs.apply(ElementFn::add, {exprs.apply(ElementFn::mul, {b, heads}), head});
}

Polynomial AttentionMatcher::mergedSize() {
  return polynomial::multiply(dims.sizeOf(variablesOf, 0), dims.sizeOf(variablesOf, 1)).value_or(Polynomial());
}

std::optional<SmallVector<Expr>> AttentionMatcher::indicesOf(Value value, bool merged) {
  auto type = dyn_cast<RankedTensorType>(value.getType());
  SmallVector<Expr> all{b, h, i, j}, indices;
  SmallVector<Polynomial> sizes;
  for (int axis = 0; axis < 4; ++axis)
    sizes.push_back(dims.sizeOf(variablesOf, axis));
  if (merged) {
    all = {mergedIndex(h), i, j};
    sizes = {mergedSize(), sizes[2], sizes[3]};
  }
  int64_t rank = all.size();
  if (!type || type.getRank() > rank)
    return std::nullopt;
  for (int64_t axis = 0; axis < type.getRank(); ++axis) {
    int64_t own = axis + rank - type.getRank();
    if (polynomial::asConstant(dims.sizeOf(value, axis)) == 1)
      indices.push_back(exprs.integer({}));
    else if (dims.sizeOf(value, axis) == sizes[own] || dims.isCutTo(dims.sizeOf(value, axis), sizes[own]))
      indices.push_back(all[own]);
    else
      return std::nullopt;
  }
  return indices;
}

Expr AttentionMatcher::at(Value value, bool merged) {
  auto indices = indicesOf(value, merged);
  return indices ? exprs.element(value, *indices) : nullptr;
}

Mask AttentionMatcher::predicate(Expr condition) {
  Mask mask;
  for (Expr part : exprs.conjuncts(condition)) {
    if (part->isNumber(1))
      continue;
    bool usesHead = exprs.uses(part, h), usesQuery = exprs.uses(part, i), usesKey = exprs.uses(part, j);
    if (usesHead) {
      mask.pairs.push_back(part);
      continue;
    }
    if (!usesQuery) {
      mask.keys.push_back(part);
      continue;
    }
    if (!usesKey) {
      mask.queries.push_back(part);
      continue;
    }
    if (!addBand(mask, part))
      mask.pairs.push_back(part);
  }
  return mask;
}

bool AttentionMatcher::addBand(Mask &mask, Expr part) {
  Value scores = variablesOf;
  // 0 <= +-(j - i) + constant
  if (!part->isApply(ElementFn::le) || !part->operands[0]->integer.empty() ||
      part->operands[0]->kind != Kind::integer || part->operands[1]->kind != Kind::integer)
    return false;
  auto distance = polynomial::add(j->integer, i->integer, -1);
  auto shift = polynomial::add(dims.sizeOf(scores, 3), dims.sizeOf(scores, 2), -1);
  if (!distance || !shift)
    return false;
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
  return found;
}

int64_t AttentionMatcher::rankOf(Value value) {
  auto type = dyn_cast<RankedTensorType>(value.getType());
  return type ? type.getRank() : -1;
}

Value AttentionMatcher::allMasked(Expr condition) {
  if (!condition->isApply(ElementFn::eq))
    return Value();
  for (int side : {0, 1}) {
    Expr top = condition->operands[side];
    if (!condition->operands[1 - side]->isNumber(-std::numeric_limits<double>::infinity()) || top->kind != Kind::leaf)
      continue;
    auto reduce = top->value.getDefiningOp<ReduceOp>();
    if (reduce && reduce.getKind() == ReduceKind::max &&
        reduce.getAxes() == ArrayRef<int64_t>{rankOf(reduce.getX()) - 1})
      return reduce.getX();
  }
  return Value();
}

LevelsAttr AttentionMatcher::levelsOf(Value &x, double factor) {
  auto back = x.getDefiningOp<DequantizeOp>();
  auto there = back ? back.getX().getDefiningOp<QuantizeOp>() : QuantizeOp();
  if (!there || back.getBlockSize() != 0 || there.getBlockSize() != 0 || !(factor > 0))
    return {};
  std::optional<double> scale = scalarOf(there.getScale());
  auto zeroOf = [](Value zero) -> std::optional<int64_t> {
    std::optional<SmallVector<int64_t>> ints;
    if (zero)
      ints = getConstantInts(zero);
    else
      ints.emplace(1, 0);
    return ints && ints->size() == 1 ? std::optional(ints->front()) : std::nullopt;
  };
  std::optional<int64_t> zero = zeroOf(there.getZeroPoint());
  auto type = dyn_cast<IntegerType>(getElementTypeOrSelf(back.getX().getType()));
  if (!scale || !(*scale > 0) || !std::isfinite(*scale) || scalarOf(back.getScale()) != scale || !zero ||
      zeroOf(back.getZeroPoint()) != zero || !type || type.getWidth() > 16 ||
      getElementTypeOrSelf(there.getX().getType()) != getElementTypeOrSelf(x.getType()))
    return {};
  int64_t span = int64_t(1) << type.getWidth(), low = type.isUnsigned() ? 0 : -span / 2;
  x = there.getX();
  return LevelsAttr::get(type.getContext(), FloatAttr::get(Float32Type::get(type.getContext()), *scale * factor), *zero,
                         low, low + span - 1);
}

bool AttentionMatcher::matchWeights(Match &match) {
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
      if (zeroFirst == zeroSecond || match.zeroedWeights || match.zeroedRows)
        return false;
      Value weights = zeroFirst ? c : a;
      if (auto type = dyn_cast<RankedTensorType>(weights.getType()); !type || type.getRank() != 4)
        return false;
      setVariables(weights);
      Expr condition = at(where.getCondition());
      if (!condition)
        return false;
      if (condition->isNumber(zeroSecond)) { // never
        x = weights;
        continue;
      }
      if (Value term = zeroFirst ? allMasked(condition) : Value()) {
        match.zeroedRows = term;
        x = weights;
        continue;
      }
      match.zeroedWeights = zeroFirst ? condition : exprs.apply(ElementFn::logicalNot, condition);
      x = weights;
      continue;
    }
    if (auto cast = x.getDefiningOp<CastOp>();
        cast && getElementTypeOrSelf(cast.getX().getType()) == getElementTypeOrSelf(x.getType())) {
      x = cast.getX();
      continue;
    }
    // Batch and heads made one axis.
    if (auto reshape = x.getDefiningOp<ReshapeOp>();
        reshape && !match.mergedOutput && rankOf(x) == 3 && rankOf(reshape.getData()) == 4) {
      setVariables(reshape.getData());
      if (dims.sizeOf(x, 0) != mergedSize() || !dims.equal(x, 1, variablesOf, 2) || !dims.equal(x, 2, variablesOf, 3))
        return false;
      match.mergedOutput = true;
      x = reshape.getData();
      continue;
    }
    // Levels come last, so first on the way from the product; a second rounding to them changes nothing.
    if (!match.zeroNan && !match.zeroedWeights && !match.zeroedRows) {
      Value source = x;
      if (LevelsAttr levels = levelsOf(source, 1); levels && (!match.weightLevels || match.weightLevels == levels)) {
        match.weightLevels = levels;
        x = source;
        continue;
      }
    }
    match.softmax = x.getDefiningOp<SoftmaxOp>();
    if (match.softmax)
      return true;
    // Attention all the same, to the eye of a reader: say what stands in between.
    Operation *between = x.getDefiningOp(), *op = between;
    for (int step = 0; op && step < 4 && op->getNumOperands() > 0; ++step) {
      op = op->getOperand(0).getDefiningOp();
      if (isa_and_nonnull<SoftmaxOp>(op))
        return fail("the weights pass through " + between->getName().getStringRef() + " between softmax and product");
    }
    return false;
  }
}

void AttentionMatcher::setVariables(Value scores) {
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

bool AttentionMatcher::isScalar(Value value, double &factor, bool divides) {
  auto number = scalarOf(value);
  if (!number || *number == 0 || !std::isfinite(*number))
    return false;
  factor *= divides ? 1 / *number : *number;
  return true;
}

bool AttentionMatcher::matchScores(Match &match, Value x, double factor, bool merged, int depth) {
  if (depth > 16)
    return fail("the scores pass through too many ops");
  Operation *op = x.getDefiningOp();
  if (auto product = dyn_cast_or_null<MatmulOp>(op)) {
    if (rankOf(x) != (merged ? 3 : 4))
      return fail("the scores come from a product of other axes than theirs");
    match.scores = product;
    match.mergedScores = merged;
    match.scale = factor;
    return true;
  }
  if (isa_and_nonnull<MulOp, DivOp>(op)) {
    double scaled = factor;
    if (isScalar(op->getOperand(1), scaled, isa<DivOp>(op)))
      return matchScores(match, op->getOperand(0), scaled, merged, depth + 1);
    if (isa<MulOp>(op) && isScalar(op->getOperand(0), scaled, false))
      return matchScores(match, op->getOperand(1), scaled, merged, depth + 1);
    return fail("the scores are multiplied by a tensor");
  }
  bool shaped = match.softcap != 0 || match.scoreLevels;
  if (isa_and_nonnull<TanhOp>(op)) {
    // factor * tanh(y) = cap * tanh(factor * y / cap) where cap = |factor|
    if (match.softcap != 0)
      return fail("the scores pass through two functions");
    match.softcap = std::fabs(factor);
    return matchScores(match, op->getOperand(0), factor, merged, depth + 1);
  }
  Value source = x;
  if (LevelsAttr levels = levelsOf(source, factor)) {
    if (match.softcap != 0 || (match.scoreLevels && match.scoreLevels != levels))
      return fail("the scores are rounded twice, to different levels");
    match.scoreLevels = levels;
    return matchScores(match, source, factor, merged, depth + 1);
  }
  if (shaped && isa_and_nonnull<AddOp, WhereOp>(op))
    return fail("terms are added to the scores before they pass through another function");
  if (isa_and_nonnull<AddOp>(op)) {
    for (int side : {0, 1}) {
      Match attempt = match;
      if (rankOf(op->getOperand(side)) != rankOf(x) ||
          !matchScores(attempt, op->getOperand(side), factor, merged, depth + 1))
        continue;
      attempt.terms.push_back({op->getOperand(1 - side), factor, merged});
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
    Expr condition = at(where.getCondition(), merged);
    if (condition && a)
      condition = exprs.apply(ElementFn::logicalNot, condition);
    double fill = (a ? *a : *c) * factor;
    if (!(fill <= kMasked))
      return fail("a mask puts " + llvm::formatv("{0}", fill).str() +
                  " in place of scores, which is not low enough to make a weight 0");
    if (condition)
      mask = predicate(condition);
    if (!condition || !spellPairs(mask, match.output)) {
      mask = {};
      mask.opaque = where.getCondition();
    }
    if (mask.opaque && mask.pairs.empty() && (a || merged))
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
    return matchScores(match, inner, factor, merged, depth + 1);
  }
  if (auto cast = dyn_cast_or_null<CastOp>(op);
      cast && getElementTypeOrSelf(cast.getX().getType()) == getElementTypeOrSelf(x.getType()))
    return matchScores(match, cast.getX(), factor, merged, depth + 1);
  if (isa_and_nonnull<ReshapeOp>(op) && !merged) {
    Expr source = exprs.origin(x, {b, h, i, j});
    SmallVector<Expr> same{b, h, i, j}, joined{mergedIndex(h), i, j};
    for (bool joins : {false, true})
      if (source->value != x && ArrayRef(source->operands) == ArrayRef(joins ? joined : same) &&
          rankOf(source->value) == static_cast<int64_t>(source->operands.size()))
        return matchScores(match, source->value, factor, joins, depth + 1);
  }
  return fail(op ? "the scores pass through " + op->getName().getStringRef() : "the scores are no product");
}

bool AttentionMatcher::sortTerms(Match &match) {
  SmallVector<Term> work(match.terms);
  while (!work.empty()) {
    auto [value, factor, merged, gated] = work.pop_back_val();
    auto indices = indicesOf(value, merged);
    if (!indices)
      return fail("the shape of a bias is not known to be that of the scores");
    Expr element = exprs.element(value, *indices);
    if (element->isNumber(0))
      continue;
    // A sum of two biases is two: each is computed from rows of its own.
    if (auto sum = value.getDefiningOp<AddOp>(); sum && element->isApply(ElementFn::add) && value.hasOneUse() &&
                                                 dims.sameShape(sum.getLhs(), value) &&
                                                 dims.sameShape(sum.getRhs(), value)) {
      work.push_back({sum.getRhs(), factor, merged});
      work.push_back({sum.getLhs(), factor, merged});
      continue;
    }
    if (element->isApply(ElementFn::select) && !match.mask && factor > 0) {
      Expr condition = element->operands[0], yes = element->operands[1], no = element->operands[2];
      if (yes->kind == Kind::number && yes->number * factor <= kMasked) {
        std::swap(yes, no);
        condition = exprs.apply(ElementFn::logicalNot, condition);
      }
      bool masks = no->kind == Kind::number && no->number * factor <= (yes->isNumber(0) ? kMasked : kAlwaysMasked);
      // A bias where the pair is allowed: where it is not, the fill outweighs it.
      Value rest = yes->isNumber(0) ? Value() : branchBeside(value, no->number);
      masks &= yes->isNumber(0) || rest;
      if (Mask split = masks ? predicate(condition) : Mask(); masks && spellPairs(split, match.output)) {
        match.mask = split;
        match.mask->fill = no->number * factor;
        match.mask->mode = MaskMode::add;
        match.mask->term = value;
        if (rest)
          work.push_back({rest, factor, merged});
        continue;
      }
    }
    // Arithmetic on a number per key, as (1 - m) * -10000: where m is 0 it masks.
    if (Expr valid = !match.mask && factor > 0 ? keyOf(element, match, factor) : nullptr) {
      match.mask->keys = {valid};
      match.mask->mode = MaskMode::add;
      gated = true;
    }
    match.biases.push_back({value, factor, merged, gated});
  }
  return true;
}

Expr AttentionMatcher::keyOf(Expr term, Match &match, double factor) {
  if (exprs.uses(term, h) || exprs.uses(term, i) || !exprs.uses(term, j))
    return nullptr;
  SmallVector<Expr> leaves;
  std::function<void(Expr)> visit = [&](Expr expr) {
    if (expr->kind == Kind::leaf)
      leaves.push_back(expr);
    else if (expr->kind == Kind::apply)
      llvm::for_each(expr->operands, visit);
  };
  visit(term);
  for (Expr leaf : leaves) {
    bool isInt = isa<IntegerType>(getElementTypeOrSelf(leaf->value.getType()));
    Expr zero = isInt ? exprs.integer({}) : exprs.number(0);
    Expr masked = exprs.substitute(term, leaf, zero);
    if (masked->kind != Kind::number || !(masked->number * factor <= kMasked))
      continue;
    match.mask.emplace();
    match.mask->fill = masked->number * factor;
    return exprs.apply(ElementFn::logicalNot, exprs.apply(ElementFn::eq, {leaf, zero}));
  }
  return nullptr;
}

Value AttentionMatcher::branchBeside(Value value, double fill) {
  auto where = value.getDefiningOp<WhereOp>();
  if (!where)
    return Value();
  return scalarOf(where.getX()) == fill ? where.getY() : scalarOf(where.getY()) == fill ? where.getX() : Value();
}

bool AttentionMatcher::match(Match &match) {
  int64_t rank = rankOf(match.output);
  if ((rank != 4 && rank != 3) || !isa<FloatType>(getElementTypeOrSelf(match.output.getType())) || !matchWeights(match))
    return false; // not an attention, and no remark
  Value scores = match.softmax.getX();
  if (rankOf(scores) != 4 || match.softmax.getAxis() != 3 || match.mergedOutput != (rank == 3))
    return fail("the softmax does not run over the last of four axes");
  setVariables(scores);
  if (!polynomial::asConstant(dims.sizeOf(scores, 1)))
    return fail("the number of heads is not known");
  if (!matchScores(match, scores, 1, false) || !sortTerms(match))
    return false;
  // The products do not broadcast, and neither do the scores where the mask meets them.
  auto isWhole = [&](Value value, bool merged, int64_t last) {
    if (rankOf(value) != (merged ? 3 : 4))
      return false;
    bool leading = merged ? dims.sizeOf(value, 0) == mergedSize()
                          : dims.equal(value, 0, scores, 0) && dims.equal(value, 1, scores, 1);
    return leading && (last < 0 || dims.equal(value, merged ? 1 : 2, scores, last));
  };
  if (!isWhole(match.scores.getLhs(), match.mergedScores, 2) ||
      !isWhole(match.scores.getRhs(), match.mergedScores, -1) ||
      !isWhole(match.output.getRhs(), match.mergedOutput, 3) ||
      !dims.equal(match.scores.getRhs(), match.mergedScores ? 2 : 3, scores, 3))
    return fail("the products broadcast over batch or heads");
  if (match.zeroedRows) {
    // Where all of a term is -inf the softmax gives NaN, in all of the row and nowhere else.
    if (llvm::none_of(match.terms, [&](const Term &term) { return term.value == match.zeroedRows && term.factor > 0; }))
      return fail("rows of weights are zeroed by another mask than the scores");
    match.zeroNan = true;
  }
  if (match.zeroedWeights) {
    // Right where the masked pairs are the zeroed ones: their weights are 0 either way, and rows without a pair too.
    Expr allowed = exprs.apply(ElementFn::logicalNot, match.zeroedWeights);
    Mask zeroed = predicate(allowed);
    if (!match.mask || zeroed.keys != match.mask->keys || zeroed.queries != match.mask->queries ||
        zeroed.pairs != match.mask->pairs || zeroed.lower != match.mask->lower || zeroed.upper != match.mask->upper ||
        (match.mask->opaque && match.mask->pairs.empty()) || zeroed.alignEnd != match.mask->alignEnd)
      return fail("weights are zeroed by another mask than the scores");
    match.mask->fill = -std::numeric_limits<double>::infinity();
    match.mask->mode = MaskMode::select;
    match.zeroNan = true;
  }
  return true;
}
