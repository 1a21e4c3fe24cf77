// Attention: one parallel loop over tiles of query rows, each of which sees all the keys that it needs.
//
// The scores of a tile stand transposed, a row for each key: maxima and sums of all queries of the tile then advance
// together along vectors, and the transposition that a product with k^T needs is done on the rows of q, once.
#include "AttentionLowering.h"
#include "mlir/Dialect/Affine/IR/AffineOps.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Utils/IndexingUtils.h"
#include <cmath>

using namespace mlir;
using namespace pare;
using namespace pare::lowering;

OpFoldResult lowering::least(Emit &e, ArrayRef<AffineExpr> exprs, ArrayRef<Value> operands) {
  AffineMap map = AffineMap::get(operands.size(), 0, exprs, e.getContext());
  return affine::makeComposedFoldedAffineMin(e, e.getLoc(), map, getAsOpFoldResult(operands));
}

template <typename Op>
void AttentionLowering<Op>::checkEqual(Value a, Value convertedA, int64_t i, Value b, Value convertedB, int64_t j,
                                       const Twine &what) {
  if (!e.state.equal(a, i, b, j))
    e.check(e.eq(sizeOf(convertedA, i), sizeOf(convertedB, j)), what);
}

template <typename Op> void AttentionLowering<Op>::checkShapes() {
  Value oq = op.getQ(), ok = op.getK(), ov = op.getV(), cq = adaptor.getQ(), ck = adaptor.getK(), cv = adaptor.getV();
  constexpr const char *text = "the shapes of q, k and v do not fit";
  if (kLead == 1) {
    checkEqual(oq, cq, 0, ok, ck, 0, text);
    checkEqual(oq, cq, 0, ov, cv, 0, text);
  }
  checkEqual(oq, cq, kLead + 2, ok, ck, kLead + 2, text);
  checkEqual(ok, ck, kLead, ov, cv, kLead, text);
  checkEqual(ok, ck, kLead + 1, ov, cv, kLead + 1, text);
  heads = sizeOf(cq, kLead);
  keyHeads = sizeOf(ck, kLead);
  queries = sizeOf(cq, kLead + 1);
  keys = sizeOf(ck, kLead + 1);
  if (!e.state.equal(oq, kLead, ok, kLead))
    e.check(e.eq(e.mul(e.div(heads, e.max(keyHeads, e.index(1))), keyHeads), heads),
            "the heads of q do not share those of k evenly");
}

template <typename Op> void AttentionLowering<Op>::prepare() {
  checkShapes();
  if constexpr (kPacked) {
    batch = e.sub(sizeOf(adaptor.getQOffsets(), 0), e.index(1));
    longestQuery = checkOffsets(e, adaptor.getQOffsets(), queries);
    longestKey = longestQuery;
    if (op.getKOffsets() != op.getQOffsets()) {
      checkEqual(op.getQOffsets(), adaptor.getQOffsets(), 0, op.getKOffsets(), adaptor.getKOffsets(), 0,
                 "queries and keys have different numbers of segments");
      longestKey = checkOffsets(e, adaptor.getKOffsets(), keys);
    } else if (!e.state.equal(op.getQ(), 1, op.getK(), 1)) {
      e.check(e.eq(queries, keys), "the offsets do not end with the number of keys");
    }
  } else {
    batch = sizeOf(adaptor.getQ(), 0);
    longestQuery = queries;
    longestKey = keys;
  }
  // What is further away than any tensor is long restricts nothing.
  constexpr int64_t kFar = int64_t(1) << 40;
  if (IntegerAttr attr = op.getBandLowerAttr(); attr && attr.getInt() > -kFar)
    lower = std::min(attr.getInt(), kFar);
  if (IntegerAttr attr = op.getBandUpperAttr(); attr && attr.getInt() < kFar)
    upper = std::max(attr.getInt(), -kFar);
  planClipping();
  // Keys that no query of a tile sees are left out where their weights are 0 in any case.
  bool infinite = std::isinf(fill) && fill < 0;
  listsKeys = op.getMask() && (infinite || (fill <= -1e30 && op.getBias().empty()));
  if (!listsKeys)
    return;
  tileRows = kBandRows;
  if (!isWhole(op.getMask(), 2) || !isWhole(op.getMask(), 3))
    return;
  auto isOuter = [&](int64_t axis, Value q) {
    return constantOf(e.size(adaptor.getMask(), axis)) == 1 || e.state.equal(op.getMask(), axis, q, axis);
  };
  if (!isOuter(0, op.getQ()) || !isOuter(1, op.getQ()))
    return;
  maskBytes = e.parallel(e.sizes(adaptor.getMask()), e.getI8Type(), adaptor.getMask(), {},
                         [](Emit &inner, ValueRange args) { return inner.toByte(args[0]); });
  keyRows = e.transpose(maskBytes, {0, 1, 3, 2});
}

template <typename Op> void AttentionLowering<Op>::planClipping() {
  if ((!lower && !upper) || lower.value_or(0) > 0 || upper.value_or(0) < 0)
    return;
  bool selects = op.getMaskMode() == MaskMode::select;
  bool absolute = std::isinf(fill) && fill < 0 && selects;
  if (!absolute && (!(fill <= -1e30) || op.getMask() || op.getQueryMask() || !op.getBias().empty()))
    return;
  mayClipNow = e.boolean(true);
  if constexpr (kPacked) {
    if (op.getQOffsets() != op.getKOffsets() || op.getQPositions() != op.getKPositions())
      return;
    if (adaptor.getQPositions())
      mayClipNow = ascendWithin(e, adaptor.getQPositions(), adaptor.getQOffsets());
  } else {
    if (op.getAlignEnd() || !e.state.equal(op.getQ(), 2, op.getK(), 2))
      return;
  }
  mayClip = true;
  tileRows = kBandRows;
}

template <typename Op> void AttentionLowering<Op>::clip(AttentionTile &tile, Value length, Value row) {
  Emit &in = tile.e;
  Value now = mayClipNow;
  bool absolute = std::isinf(fill) && op.getMaskMode() == MaskMode::select;
  if (adaptor.getKeyMask() && !absolute)
    now = in.both(now, allTrue(in, sliceKeyMask(tile, length)));
  Value from = in.index(0), to = length;
  if (lower)
    from = in.select(now, in.max(in.add(row, in.index(*lower)), from), from);
  if (upper)
    to = in.select(now, in.min(in.add(in.add(row, in.index(tile.rows)), in.index(*upper)), to), to);
  tile.key = from;
  AffineExpr first = in.getAffineDimExpr(0), last = in.getAffineDimExpr(1), longest = in.getAffineDimExpr(2);
  SmallVector<AffineExpr> exprs{last - first, longest};
  if (lower && upper && constantOf(now) == 1)
    exprs.push_back(in.getAffineConstantExpr(tileRows + *upper - *lower));
  tile.keys = least(in, exprs, {from, to, longestKey});
}

template <typename Op> AttentionTile AttentionLowering<Op>::beginTile(Emit &in, ValueRange ivs) {
  AttentionTile tile{in, ivs[0], ivs[1], ivs[1], in.index(0), in.index(0), ivs[2], in.index(0), {}, {}, {}};
  if (!e.state.equal(op.getQ(), kLead, op.getK(), kLead))
    tile.keyHead = in.div(tile.head, in.max(in.div(heads, in.max(keyHeads, in.index(1))), in.index(1)));
  Value length = queries, keyLength = keys;
  if constexpr (kPacked) {
    auto at = [&](Value offsets, Value n) { return in.toIndex(tensor::ExtractOp::create(in, offsets, ValueRange{n})); };
    Value next = in.add(tile.batch, in.index(1));
    tile.queryBase = at(adaptor.getQOffsets(), tile.batch);
    length = in.sub(at(adaptor.getQOffsets(), next), tile.queryBase);
    tile.keyBase = at(adaptor.getKOffsets(), tile.batch);
    keyLength = in.sub(at(adaptor.getKOffsets(), next), tile.keyBase);
    // Shorter segments leave tiles without rows.
    tile.row = in.index(least(in, {in.getAffineDimExpr(0), in.getAffineDimExpr(1)}, {ivs[2], length}));
  } else if (op->hasAttr("align_end")) {
    tile.shift = in.sub(keys, queries);
  }
  AffineExpr a = in.getAffineDimExpr(0), b = in.getAffineDimExpr(1);
  tile.rows = least(in, {in.getAffineConstantExpr(tileRows), a - b}, {length, tile.row});
  if (mayClip)
    clip(tile, keyLength, tile.row);
  else if (kPacked)
    tile.keys = least(in, {a, b}, {keyLength, longestKey});
  else
    tile.keys = getAsOpFoldResult(keys);
  if (listsKeys)
    listKeys(tile);
  return tile;
}

template <typename Op> void AttentionLowering<Op>::listKeys(AttentionTile &tile) {
  Emit &in = tile.e;
  tile.span = tile.keys;
  // A row for each query, as masks have it; of bytes, of which vectors are made.
  ScoreTerms terms(in, /*keyLoop=*/1);
  ScorePlaces places = placesOf(terms, tile);
  ScoreTerms::Read allowed = conditions(terms, tile, places);
  Value pairs = terms.apply(in.empty({tile.rows, tile.keys}, in.getI8Type()),
                            [&](Emit &inner, ValueRange args) { return inner.toByte(allowed(inner, args)); });
  Value seen = anyOf(in, pairs, 0);
  // A query that sees no key reads all of them, unless its scores are all -infinity: then any key will do.
  Value complete = std::isinf(fill) ? anyTrue(in, seen) : allTrue(in, anyOf(in, pairs, 1));
  auto [list, count] = listTrue(in, seen, in.select(complete, in.boolean(false), in.boolean(true)));
  tile.keys = least(in, {in.getAffineDimExpr(0), in.getAffineDimExpr(1)}, {count, longestKey});
  tile.live = in.slice(list, Sizes{in.getIndexAttr(0)}, Sizes{tile.keys});
}

template <typename Op> void AttentionLowering<Op>::checkTerms() {
  auto checkRows = [&](Value original, Value mask, Value rows, Value side) {
    int64_t axis = kPacked ? 0 : 1;
    if (!mask)
      return;
    if (!e.state.equal(original, axis, side, kLead + 1))
      e.check(e.eq(sizeOf(mask, axis), rows), "a mask or list of positions does not fit the rows");
    if (!kPacked && !e.state.equal(original, 0, op.getQ(), 0))
      checkOneOr(e, mask, 0, batch);
  };
  checkRows(op.getKeyMask(), adaptor.getKeyMask(), keys, op.getK());
  checkRows(op.getQueryMask(), adaptor.getQueryMask(), queries, op.getQ());
  Value lastQuery = longestQuery, lastKey = longestKey;
  if constexpr (kPacked) {
    checkRows(op.getQPositions(), adaptor.getQPositions(), queries, op.getQ());
    checkRows(op.getKPositions(), adaptor.getKPositions(), keys, op.getK());
  }
  SmallVector<std::pair<Value, Value>> tensors;
  for (auto [original, bias] : llvm::zip_equal(op.getBias(), adaptor.getBias()))
    tensors.push_back({original, bias});
  if (op.getMask())
    tensors.push_back({op.getMask(), adaptor.getMask()});
  if (tensors.empty())
    return;
  if constexpr (kPacked)
    for (auto [positions, last] : {std::pair(adaptor.getQPositions(), &lastQuery), {adaptor.getKPositions(), &lastKey}})
      if (positions)
        *last = positionsEnd(e, positions);
  for (auto [original, tensor] : tensors) {
    if (kPacked || !e.state.equal(original, 0, op.getQ(), 0))
      checkOneOr(e, tensor, 0, batch);
    if (!e.state.equal(original, 1, op.getQ(), kLead))
      checkOneOr(e, tensor, 1, heads);
    for (auto [axis, last] : {std::pair(2, lastQuery), {3, lastKey}})
      if (kPacked)
        checkOneOr(e, tensor, axis, last, /*orMore=*/true);
      else if (!e.state.equal(original, axis, axis == 2 ? op.getQ() : op.getK(), 2))
        checkOneOr(e, tensor, axis, last);
  }
}

template <typename Op> Value AttentionLowering<Op>::attend(AttentionTile &tile) {
  Emit &in = tile.e;
  Value qs = in.convertFloat(q.slice(in, offsetsOf(tile, false), tile.rows), wide);
  auto rowsOfKeys = [&](const RowSource &source) {
    SmallVector<Value> offsets = offsetsOf(tile, true);
    return in.convertFloat(
        tile.live ? source.gather(in, offsets, tile.live, tile.keys) : source.slice(in, offsets, tile.keys), wide);
  };
  Value ks = rowsOfKeys(k), vs = rowsOfKeys(v);
  // Whole vectors of queries: what is too much of them is computed from anything and not read again.
  constexpr int64_t kVector = 16;
  AffineExpr count = in.getAffineDimExpr(0);
  OpFoldResult padded =
      least(in, {in.getAffineConstantExpr(tileRows), count.ceilDiv(kVector) * kVector}, in.index(tile.rows));
  Sizes origin(2, in.getIndexAttr(0)), whole{tile.keys, padded}, used{tile.keys, tile.rows};
  Value buffer = in.empty(whole, wide), zero = in.number(wide, 0);
  Value start = linalg::FillOp::create(in, zero, in.slice(buffer, origin, used)).getResult(0);
  Value scores = product(in, start, {ks, qs}, {{0, 2}, {1, 2}});
  if (!scalesLate())
    scores = finishScores(tile, scores, /*keyLoop=*/0);
  scores = in.insert(scores, buffer, origin, used);
  auto [exps, inverse] = softmax(in, scores, padded, /*keyLoop=*/0);
  AffineMap all = in.getMultiDimIdentityMap(2), column = project(in.getContext(), 2, 1);
  LevelsAttr levels = op.getWeightLevelsAttr();
  if (levels)
    exps = in.reduce(exps, 2, {}, inverse, column, [&](Emit &inner, ValueRange args) {
      return emitRounded(inner, emitMul(inner, args[1], args[0]), levels);
    });
  OpFoldResult features = in.size(v.tensor, rankOf(v.tensor) - 1);
  inverse = in.slice(inverse, origin[0], tile.rows);
  Value result = product(in, in.filled({tile.rows, features}, in.number(wide, 0)), {in.slice(exps, origin, used), vs},
                         {{2, 0}, {2, 1}});
  if (levels)
    return in.convertFloat(result, type);
  AffineMap row = project(in.getContext(), 2, 0);
  if (type == wide)
    return in.reduce(result, 2, {}, inverse, row,
                     [](Emit &inner, ValueRange args) { return emitMul(inner, args[1], args[0]); });
  return in.parallel({tile.rows, features}, type, {result, inverse}, {all, row}, [&](Emit &inner, ValueRange args) {
    return inner.toFloat(emitMul(inner, args[0], args[1]), type);
  });
}

template <typename Op> Value AttentionLowering<Op>::emitTiles(ArrayRef<OpFoldResult> sizes, ArrayRef<int64_t> order) {
  auto reorder = [&](ArrayRef<OpFoldResult> items) {
    return llvm::map_to_vector(order, [&](int64_t axis) { return items[axis]; });
  };
  Sizes ends{getAsOpFoldResult(batch), getAsOpFoldResult(heads), getAsOpFoldResult(longestQuery)};
  Sizes steps{e.getIndexAttr(1), e.getIndexAttr(1), e.getIndexAttr(tileRows)};
  auto loop =
      scf::ForallOp::create(e, Sizes(3, e.getIndexAttr(0)), ends, steps, e.empty(reorder(sizes), type), std::nullopt);
  {
    OpBuilder::InsertionGuard guard(e);
    e.setInsertionPointToStart(loop.getBody());
    Emit in(e.getLoc(), e, e.state);
    AttentionTile tile = beginTile(in, loop.getInductionVars());
    SmallVector<Value> from = offsetsOf(tile, false);
    Value part = attend(tile);
    Sizes offsets = getAsOpFoldResult(from), extents(offsets.size(), e.getIndexAttr(1));
    offsets.push_back(e.getIndexAttr(0));
    extents.back() = tile.rows;
    extents.push_back(sizes.back());
    SmallVector<int64_t> shape;
    for (OpFoldResult size : ArrayRef(extents).take_back(2))
      shape.push_back(constantOf(size).value_or(ShapedType::kDynamic));
    part = in.castTo(part, RankedTensorType::get(shape, type));
    in.setInsertionPointToStart(loop.getTerminator().getBody());
    tensor::ParallelInsertSliceOp::create(in, part, loop.getRegionIterArgs()[0], reorder(offsets), reorder(extents),
                                          Sizes(extents.size(), e.getIndexAttr(1)));
  }
  return loop.getResult(0);
}

template <typename Op> Value AttentionLowering<Op>::run() {
  prepare();
  Sizes sizes{getAsOpFoldResult(heads), getAsOpFoldResult(queries), e.size(adaptor.getV(), kLead + 2)};
  if (!kPacked)
    sizes.insert(sizes.begin(), getAsOpFoldResult(batch));
  sizes = e.refine(sizes, op.getType());
  // A transposition that follows is undone here: the two cancel.
  int64_t rank = sizes.size();
  SmallVector<int64_t> order(llvm::to_vector(llvm::seq<int64_t>(0, rank)));
  if (op.getResult().hasOneUse())
    if (auto user = dyn_cast<TransposeOp>(*op.getResult().getUsers().begin()))
      if (user.getPermutation().back() == rank - 1)
        order.assign(user.getPermutation().begin(), user.getPermutation().end());
  checkTerms();
  Value result;
  Value few = mayBeFew() ? areFew() : e.boolean(false);
  if (auto known = constantOf(few)) {
    result = *known ? emitFew(sizes, order) : emitTiles(sizes, order);
  } else {
    SmallVector<int64_t> shape;
    for (int64_t axis : order)
      shape.push_back(constantOf(sizes[axis]).value_or(ShapedType::kDynamic));
    auto choice = scf::IfOp::create(e, RankedTensorType::get(shape, type), few, /*withElseRegion=*/true);
    auto fill = [&](Block *block, bool isFew) {
      OpBuilder::InsertionGuard guard(e);
      e.setInsertionPointToStart(block);
      Value part = isFew ? emitFew(sizes, order) : emitTiles(sizes, order);
      scf::YieldOp::create(e, e.castTo(part, choice.getResult(0).getType()));
    };
    fill(choice.thenBlock(), true);
    fill(choice.elseBlock(), false);
    result = choice.getResult(0);
  }
  return llvm::is_sorted(order) ? result : e.transpose(result, invertPermutationVector(order));
}

template <typename Op> static Value lower(Emit &e, Op op, typename Op::Adaptor adaptor) {
  return AttentionLowering<Op>{e, op, adaptor}.run();
}

void lowering::addAttentionPatterns(Patterns &patterns) {
  patterns.add<AttentionOp>(lower<AttentionOp>);
  patterns.add<SegmentAttentionOp>(lower<SegmentAttentionOp>);
}
