// Recognises attention by what it computes.
#include "AttentionMatcher.h"
#include "Passes.h"
#include "SpelledBroadcasts.h"
#include "Utils.h"
#include "mlir/IR/Remarks.h"
#include <numeric>

namespace pare {
#define GEN_PASS_DEF_RAISEATTENTION
#include "passes/Raise/Passes.h.inc"
} // namespace pare

using namespace mlir;
using namespace pare;
using namespace pare::raise;

namespace {
struct Raiser : AttentionMatcher {
  using AttentionMatcher::AttentionMatcher;

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

  /// Repeats of each head of `x` [B, H, ..] (with `rows` and `columns` as its last indices): the largest number of
  /// which all copies come from one place.
  int64_t copiesOf(Value x, int64_t heads, bool merged, ArrayRef<Expr> last) {
    for (int64_t copies = heads; copies > 1; --copies) {
      if (heads % copies != 0)
        continue;
      Expr group = exprs.variable(polynomial::constant(heads / copies)),
           copy = exprs.variable(polynomial::constant(copies));
      Expr head = exprs.apply(
          ElementFn::add, {exprs.apply(ElementFn::mul, {group, exprs.integer(polynomial::constant(copies))}), copy});
      Expr source = merged ? exprs.origin(x, {mergedIndex(head), last[0], last[1]})
                           : exprs.origin(x, {b, head, last[0], last[1]});
      if (!exprs.uses(source, copy))
        return copies;
    }
    return 1;
  }

  /// `x` as [B, heads / copies, S, D]; `swapped` when its last axes are [D, S].
  Value arrange(ImplicitLocOpBuilder &builder, Value x, int64_t heads, int64_t copies, bool merged, bool swapped) {
    int64_t first = merged ? 1 : 2, rowAxis = first + swapped, depthAxis = first + !swapped;
    Expr row = exprs.variable(dims.sizeOf(x, rowAxis)), depth = exprs.variable(dims.sizeOf(x, depthAxis)),
         group = exprs.variable(polynomial::constant(heads / copies));
    Expr head = exprs.apply(ElementFn::mul, {group, exprs.integer(polynomial::constant(copies))});
    SmallVector<Expr> indices{swapped ? depth : row, swapped ? row : depth};
    if (merged)
      indices.insert(indices.begin(), mergedIndex(head));
    else
      indices.insert(indices.begin(), {b, head});
    IndexAxis axes[] = {{b, dims.sizeOf(variablesOf, 0), variablesOf, 0},
                        {group, polynomial::constant(heads / copies), x, 1},
                        {row, dims.sizeOf(x, rowAxis), x, rowAxis},
                        {depth, dims.sizeOf(x, depthAxis), x, depthAxis}};
    if (Value built = rebuild(builder, dims, exprs.origin(x, indices), axes))
      return built;
    if (copies > 1)
      return Value();
    if (merged) {
      SmallVector<IndexAxis> shape{axes[0], axes[1], axes[swapped ? 3 : 2], axes[swapped ? 2 : 3]};
      x = ReshapeOp::create(builder, x, emitShape(builder, shape), /*allow_zero=*/true);
    }
    return swapped ? Value(TransposeOp::create(builder, x, ArrayRef<int64_t>{0, 1, 3, 2})) : x;
  }

  /// A term of the scores as a tensor of rank 4.
  Value toRank4(ImplicitLocOpBuilder &builder, Value value, bool merged) {
    int64_t rank = rankOf(value);
    if (merged && rank == 3 && polynomial::asConstant(dims.sizeOf(value, 0)) != 1) {
      IndexAxis shape[] = {{nullptr, dims.sizeOf(variablesOf, 0), variablesOf, 0},
                           {nullptr, dims.sizeOf(variablesOf, 1), variablesOf, 1},
                           {nullptr, dims.sizeOf(value, 1), value, 1},
                           {nullptr, dims.sizeOf(value, 2), value, 2}};
      return ReshapeOp::create(builder, value, emitShape(builder, shape), /*allow_zero=*/true);
    }
    if (rank == 4)
      return value;
    return UnsqueezeOp::create(builder, value, llvm::to_vector(llvm::seq<int64_t>(0, 4 - rank)));
  }

  bool spellPairs(Mask &mask, Operation *at) override {
    if (mask.pairs.empty())
      return true;
    ImplicitLocOpBuilder builder(at->getLoc(), at);
    Expr variables[] = {b, h, i, j};
    SmallVector<IndexAxis> axes;
    for (auto [axis, variable] : llvm::enumerate(variables))
      axes.push_back({variable, dims.sizeOf(variablesOf, axis), variablesOf, static_cast<int64_t>(axis)});
    mask.opaque = emitExpr(builder, dims, exprs.apply(ElementFn::logicalAnd, mask.pairs), axes);
    return mask.opaque != nullptr;
  }

  /// Conditions as one tensor [B or 1, S]; null when one of them has no spelling.
  Value emitConditions(ImplicitLocOpBuilder &builder, ArrayRef<Expr> parts, Expr row, Value scores, int64_t axis) {
    IndexAxis axes[] = {{b, dims.sizeOf(scores, 0), scores, 0}, {row, dims.sizeOf(scores, axis), scores, axis}};
    Expr all = exprs.apply(ElementFn::logicalAnd, parts);
    Value value = emitExpr(builder, dims, all, axes);
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
    Value scores = match.softmax.getX();
    setVariables(scores);
    int64_t heads = *polynomial::asConstant(dims.sizeOf(scores, 1));
    double scale = match.scale;
    Value q = peel(match.scores.getLhs(), scale), k = peel(match.scores.getRhs(), scale), v = match.output.getRhs();
    bool in = match.mergedScores, out = match.mergedOutput;
    Expr row = exprs.variable(dims.sizeOf(scores, 3)), depthK = exprs.variable(dims.sizeOf(k, in ? 1 : 2)),
         depthV = exprs.variable(dims.sizeOf(v, out ? 2 : 3));
    int64_t copies = std::gcd(copiesOf(k, heads, in, {depthK, row}), copiesOf(v, heads, out, {row, depthV}));
    Value qs = arrange(builder, q, heads, 1, in, false), ks = arrange(builder, k, heads, copies, in, true),
          vs = arrange(builder, v, heads, copies, out, false);
    if (!ks || !vs) {
      copies = 1;
      ks = arrange(builder, k, heads, 1, in, true);
      vs = arrange(builder, v, heads, 1, out, false);
    }
    Value keyMask, queryMask, mask;
    Mask none;
    const Mask &own = match.mask ? *match.mask : none;
    if (!own.keys.empty())
      keyMask = emitConditions(builder, own.keys, j, scores, 3);
    if (!own.queries.empty())
      queryMask = emitConditions(builder, own.queries, i, scores, 2);
    if ((!own.keys.empty() && !keyMask) || (!own.queries.empty() && !queryMask))
      return fail("the condition on keys or queries has no spelling as ops");
    if (own.opaque)
      mask = toRank4(builder, own.opaque, false);
    SmallVector<Value> biases;
    Type element = getElementTypeOrSelf(scores.getType());
    for (auto [value, factor, merged, gated] : match.biases) {
      Value bias = toRank4(builder, value, merged);
      if (gated) {
        Value valid = UnsqueezeOp::create(builder, keyMask, ArrayRef<int64_t>{1, 2});
        bias = WhereOp::create(builder, valid, bias, emitScalar(builder, element, 0));
      }
      if (factor != 1)
        bias = MulOp::create(builder, bias, emitScalar(builder, element, factor));
      biases.push_back(bias);
    }
    auto bound = [&](std::optional<int64_t> value) {
      return value ? builder.getI64IntegerAttr(*value) : IntegerAttr();
    };
    auto unit = [&](bool set) { return set ? builder.getUnitAttr() : UnitAttr(); };
    auto attention = AttentionOp::create(
        builder, qs, ks, vs, biases, keyMask, queryMask, mask, unit(own.alignEnd),
        builder.getF32FloatAttr(static_cast<float>(scale)), builder.getF32FloatAttr(static_cast<float>(own.fill)),
        MaskModeAttr::get(builder.getContext(), own.mode), bound(own.lower), bound(own.upper), unit(match.zeroNan),
        match.softcap ? builder.getF32FloatAttr(static_cast<float>(match.softcap)) : FloatAttr(), match.scoreLevels,
        match.weightLevels);
    Value result = attention;
    if (out) {
      Value sizes = ShapeOfOp::create(builder, result);
      auto size = [&](int64_t axis) {
        return GatherOp::create(builder, sizes, emitInts(builder, axis), 0).getResult();
      };
      Value joined = MulOp::create(builder, size(0), size(1));
      Value shape = ConcatOp::create(builder, ValueRange{joined, size(2), size(3)}, 0);
      result = ReshapeOp::create(builder, result, shape, /*allow_zero=*/true);
    }
    match.output.getResult().replaceAllUsesWith(result);
    remark::passed(match.softmax.getLoc(), remark::RemarkOpts::name("raise-attention").category("raise"))
        << "recognised attention: " << std::to_string(heads) << " heads, "
        << (keyMask ? "keys masked by the input" : "no mask on keys") << (own.upper || own.lower ? ", banded" : "")
        << remark::metric("key_heads", heads / copies);
    return true;
  }
};

struct RaiseAttention : public pare::impl::RaiseAttentionBase<RaiseAttention> {
  void runOnOperation() override {
    {
      SpelledBroadcasts spelled(getOperation());
      raiseAll();
    }
    SmallVector<Operation *> all;
    getOperation().walk([&](Operation *op) { all.push_back(op); });
    for (Operation *op : llvm::reverse(all))
      if (isa<PareDialect>(op->getDialect()) && isOpTriviallyDead(op))
        op->erase();
    // Sizes that the raised ops know better.
    getOperation().setFunctionType(
        FunctionType::get(&getContext(), getOperation().getArgumentTypes(),
                          getOperation().getBody().front().getTerminator()->getOperandTypes()));
  }

  void raiseAll() {
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
  }
};
} // namespace
