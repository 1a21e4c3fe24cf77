// Attention of few queries to many keys, as when a decoder computes one token after the others: one parallel loop over
// queries and the heads of keys. The heads that share keys are the rows of one product, so that keys and values are
// read once for all of them, and scores stand with a row for each head: softmax goes along the keys.
#include "AttentionLowering.h"
#include "mlir/Dialect/SCF/IR/SCF.h"

using namespace mlir;
using namespace pare;
using namespace pare::lowering;

/// Each query transposes the keys anew; with more of them tiles are better.
static constexpr int64_t kFewQueries = 4;
/// Keys whose transposition stays in the caches.
static constexpr int64_t kKeyBlock = 512;

template <typename Op> bool AttentionLowering<Op>::mayBeFew() {
  if (kPacked || e.state.equal(op.getQ(), kLead + 1, op.getK(), kLead + 1))
    return false;
  auto all = constantOf(heads), shared = constantOf(keyHeads), rows = constantOf(queries);
  return all && shared && *shared > 0 && *all % *shared == 0 && (!rows || *rows <= kFewQueries);
}

template <typename Op> Value AttentionLowering<Op>::areFew() { return e.le(queries, e.index(kFewQueries)); }

template <typename Op> Value AttentionLowering<Op>::emitFew(ArrayRef<OpFoldResult> sizes, ArrayRef<int64_t> order) {
  int64_t group = *constantOf(heads) / *constantOf(keyHeads);
  auto reorder = [&](ArrayRef<OpFoldResult> items) {
    return llvm::map_to_vector(order, [&](int64_t axis) { return items[axis]; });
  };
  Sizes ends{getAsOpFoldResult(batch), getAsOpFoldResult(keyHeads), getAsOpFoldResult(queries)};
  auto loop = scf::ForallOp::create(e, ends, ValueRange{e.empty(reorder(sizes), type)}, std::nullopt);
  OpBuilder::InsertionGuard guard(e);
  e.setInsertionPointToStart(loop.getBody());
  Emit in(e.getLoc(), e, e.state);
  SmallVector<Value> ivs = loop.getInductionVars();
  Value part = in.convertFloat(attendFew(in, ivs, group), type);
  OpFoldResult one = in.getIndexAttr(1), zero = in.getIndexAttr(0);
  Value first = in.mul(ivs[1], in.index(group));
  Sizes offsets{getAsOpFoldResult(ivs[0]), getAsOpFoldResult(first), getAsOpFoldResult(ivs[2]), zero};
  Sizes extents{one, in.getIndexAttr(group), one, sizes.back()};
  int64_t features = constantOf(sizes.back()).value_or(ShapedType::kDynamic);
  part = in.castTo(part, RankedTensorType::get({group, features}, type));
  in.setInsertionPointToStart(loop.getTerminator().getBody());
  tensor::ParallelInsertSliceOp::create(in, part, loop.getRegionIterArgs()[0], reorder(offsets), reorder(extents),
                                        Sizes(extents.size(), one));
  return loop.getResult(0);
}

template <typename Op> Value AttentionLowering<Op>::attendFew(Emit &in, ValueRange ivs, int64_t group) {
  OpFoldResult origin = in.getIndexAttr(0), number = in.getIndexAttr(group), one = in.getIndexAttr(1),
               allKeys = getAsOpFoldResult(keys);
  Value zero = in.index(0), firstHead = in.mul(ivs[1], in.index(group));
  Value qs = in.convertFloat(q.heads(in, {ivs[0], firstHead, ivs[2]}, group), wide);
  auto rowsOfKeys = [&](Emit &inner, const RowSource &source, Value first, OpFoldResult count) {
    return inner.convertFloat(source.slice(inner, {ivs[0], ivs[1], first}, count), wide);
  };
  // [heads, keys], by blocks of keys.
  Value blocks = in.ceilDiv(keys, kKeyBlock), buffer = in.empty({number, allKeys}, wide);
  auto scoreBlock = [&](Emit &inner, ValueRange at, ValueRange carried) -> Values {
    Value first = inner.mul(at[0], inner.index(kKeyBlock));
    AffineExpr end = inner.getAffineDimExpr(0), begin = inner.getAffineDimExpr(1);
    OpFoldResult count = least(inner, {inner.getAffineConstantExpr(kKeyBlock), end - begin}, {keys, first});
    Sizes offsets{origin, getAsOpFoldResult(first)}, sizes{number, count};
    Value part = inner.slice(carried[0], offsets, sizes);
    Value start = linalg::FillOp::create(inner, inner.number(wide, 0), part).getResult(0);
    Value scores = product(inner, start, {qs, rowsOfKeys(inner, k, first, count)}, {{0, 2}, {1, 2}});
    return {inner.insert(scores, carried[0], offsets, sizes)};
  };
  Value scores = in.loops({getAsOpFoldResult(blocks)}, {buffer}, scoreBlock)[0];
  // Softmax of each head by itself: biases and masks know one at a time.
  LevelsAttr levels = op.getWeightLevelsAttr();
  auto weigh = [&](Emit &inner, ValueRange at, ValueRange carried) -> Values {
    Value shift = op->hasAttr("align_end") ? inner.sub(keys, queries) : Value();
    AttentionTile tile{inner,   ivs[0], inner.add(firstHead, at[0]), ivs[1], zero, zero, ivs[2], zero, one,
                       allKeys, shift};
    Sizes offsets{getAsOpFoldResult(at[0]), origin}, sizes{one, allKeys};
    Value row = inner.slice(carried[0], offsets, sizes);
    if (!scalesLate())
      row = finishScores(tile, row, /*keyLoop=*/1);
    auto [weights, inverse] = softmax(inner, row, one, /*keyLoop=*/1);
    weights =
        inner.reduce(weights, 2, {}, inverse, project(inner.getContext(), 2, 0), [&](Emit &body, ValueRange args) {
          Value weight = emitMul(body, args[1], args[0]);
          return levels ? emitRounded(body, weight, levels) : weight;
        });
    return {inner.insert(weights, carried[0], offsets, sizes)};
  };
  Value weights = in.loops({number}, {scores}, weigh)[0];
  Value vs = rowsOfKeys(in, v, zero, allKeys);
  Value sums = in.filled({number, in.size(v.tensor, rankOf(v.tensor) - 1)}, in.number(wide, 0));
  return product(in, sums, {weights, vs}, {{0, 2}, {2, 1}});
}

template bool lowering::AttentionLowering<AttentionOp>::mayBeFew();
template bool lowering::AttentionLowering<SegmentAttentionOp>::mayBeFew();
template Value lowering::AttentionLowering<AttentionOp>::areFew();
template Value lowering::AttentionLowering<SegmentAttentionOp>::areFew();
template Value lowering::AttentionLowering<AttentionOp>::emitFew(ArrayRef<OpFoldResult>, ArrayRef<int64_t>);
template Value lowering::AttentionLowering<SegmentAttentionOp>::emitFew(ArrayRef<OpFoldResult>, ArrayRef<int64_t>);
