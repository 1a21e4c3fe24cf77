// The elements of a tile of attention, and what is done to its scores.
#include "AttentionLowering.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/Utils/IndexingUtils.h"
#include <cmath>

using namespace mlir;
using namespace pare;
using namespace pare::lowering;

template <typename Op>
Value AttentionLowering<Op>::sliceMask(Emit &in, Value mask, Value b, Value first, OpFoldResult count) {
  Sizes offsets{getAsOpFoldResult(first)}, sizes{count};
  if (!kPacked) {
    Value only = in.eq(in.index(in.size(mask, 0)), in.index(1));
    offsets.insert(offsets.begin(), getAsOpFoldResult(in.select(only, in.index(0), b)));
    sizes.insert(sizes.begin(), in.getIndexAttr(1));
  }
  auto part = RankedTensorType::get({constantOf(count).value_or(ShapedType::kDynamic)}, elementOf(mask));
  return tensor::ExtractSliceOp::create(in, part, mask, offsets, sizes, Sizes(sizes.size(), in.getIndexAttr(1)));
}

template <typename Op> Value AttentionLowering<Op>::sliceKeyMask(AttentionTile &tile, Value length) {
  return sliceMask(tile.e, adaptor.getKeyMask(), tile.batch, tile.keyBase, getAsOpFoldResult(length));
}

template <typename Op> Value AttentionLowering<Op>::keysOf(AttentionTile &tile, Value vector) {
  Emit &in = tile.e;
  Value first = in.add(tile.keyBase, tile.key);
  Value span = sliceMask(in, vector, tile.batch, first, tile.live ? tile.span : tile.keys);
  if (!tile.live)
    return span;
  return in.parallel({tile.keys}, elementOf(vector), tile.live, {}, [&](Emit &inner, ValueRange args) -> Value {
    return tensor::ExtractOp::create(inner, span, args);
  });
}

template <typename Op> Value AttentionLowering<Op>::queriesOf(AttentionTile &tile, Value vector) {
  return sliceMask(tile.e, vector, tile.batch, tile.e.add(tile.queryBase, tile.row), tile.rows);
}

template <typename Op> llvm::SmallVector<Value> AttentionLowering<Op>::offsetsOf(AttentionTile &tile, bool ofKeys) {
  Value first = ofKeys ? tile.e.add(tile.keyBase, tile.key) : tile.e.add(tile.queryBase, tile.row);
  SmallVector<Value> offsets{ofKeys ? tile.keyHead : tile.head, first};
  if (!kPacked)
    offsets.insert(offsets.begin(), tile.batch);
  return offsets;
}

template <typename Op>
Value AttentionLowering<Op>::product(Emit &in, Value init, ValueRange operands, ArrayRef<ArrayRef<int64_t>> axes) {
  return in.reduce(
      init, 3, 2, operands, {project(in.getContext(), 3, axes[0]), project(in.getContext(), 3, axes[1])},
      [](Emit &inner, ValueRange args) { return emitSum(inner, args[2], emitMul(inner, args[0], args[1])); });
}

template <typename Op> ScorePlaces AttentionLowering<Op>::placesOf(ScoreTerms &terms, AttentionTile &tile) {
  ScorePlaces places{tile.row, tile.key, {}, {}, terms.keyLoop};
  Value positions;
  if constexpr (kPacked) {
    if (adaptor.getQPositions())
      places.queryInput = terms.input(queriesOf(tile, adaptor.getQPositions()), false);
    positions = adaptor.getKPositions();
  }
  if (positions)
    places.keyInput = terms.input(keysOf(tile, positions), true);
  else if (tile.live)
    places.keyInput =
        terms.input(tile.e.parallel({tile.keys}, tile.e.getIndexType(), tile.live, {},
                                    [&](Emit &inner, ValueRange args) { return inner.add(tile.key, args[0]); }),
                    true);
  return places;
}

template <typename Op>
ScoreTerms::Read AttentionLowering<Op>::reader(ScoreTerms &terms, AttentionTile &tile, const ScorePlaces &places,
                                               Value original, Value tensor) {
  return terms.read(tensor, tile.batch, tile.head, places, tile.rows, tile.keys, isWhole(original, 2),
                    !tile.live && isWhole(original, 3));
}

template <typename Op> bool AttentionLowering<Op>::isWhole(Value original, int64_t axis) {
  return !kPacked && e.state.equal(original, axis, axis == 2 ? op.getQ() : op.getK(), 2);
}

template <typename Op>
ScoreTerms::Read AttentionLowering<Op>::conditions(ScoreTerms &terms, AttentionTile &tile, const ScorePlaces &places) {
  SmallVector<ScoreTerms::Read> all;
  auto require = [&](unsigned input) { all.push_back([=](Emit &, ValueRange args) { return args[input]; }); };
  if (adaptor.getKeyMask())
    require(terms.input(keysOf(tile, adaptor.getKeyMask()), true));
  if (adaptor.getQueryMask())
    require(terms.input(queriesOf(tile, adaptor.getQueryMask()), false));
  if (op.getMask() && tile.live && keyRows) {
    // Contiguous over queries.
    Emit &in = tile.e;
    auto outer = [&](int64_t axis, Value at) { return constantOf(in.size(keyRows, axis)) == 1 ? in.index(0) : at; };
    Sizes from = getAsOpFoldResult({outer(0, tile.batch), outer(1, tile.head), tile.key, tile.row});
    Sizes sizes{in.getIndexAttr(1), in.getIndexAttr(1), tile.span, tile.rows};
    auto type = RankedTensorType::get(
        {constantOf(tile.span).value_or(ShapedType::kDynamic), constantOf(tile.rows).value_or(ShapedType::kDynamic)},
        in.getI8Type());
    Value part = tensor::ExtractSliceOp::create(in, type, keyRows, from, sizes, Sizes(4, in.getIndexAttr(1)));
    unsigned row = terms.input(tile.live, true);
    all.push_back([part, row](Emit &inner, ValueRange args) {
      Values at{args[row], linalg::IndexOp::create(inner, 1)};
      return inner.fromByte(tensor::ExtractOp::create(inner, part, at));
    });
  } else if (op.getMask()) {
    ScoreTerms::Read read = reader(terms, tile, places, op.getMask(), maskBytes ? maskBytes : adaptor.getMask());
    bool bytes = maskBytes != nullptr;
    all.push_back(
        [=](Emit &inner, ValueRange args) { return bytes ? inner.fromByte(read(inner, args)) : read(inner, args); });
  }
  if (lower || upper)
    all.push_back([this, places, shift = tile.shift](Emit &inner, ValueRange args) {
      Value distance = inner.sub(places.key(inner, args), places.query(inner, args));
      if (shift)
        distance = inner.sub(distance, shift);
      Value least = lower ? inner.le(inner.index(*lower), distance) : inner.boolean(true);
      return upper ? inner.both(least, inner.le(distance, inner.index(*upper))) : least;
    });
  if (all.empty())
    return nullptr;
  return [all](Emit &inner, ValueRange args) {
    Value allowed = all.front()(inner, args);
    for (const ScoreTerms::Read &condition : ArrayRef(all).drop_front())
      allowed = inner.both(allowed, condition(inner, args));
    return allowed;
  };
}

template <typename Op> Value AttentionLowering<Op>::finishScores(AttentionTile &tile, Value scores, int64_t keyLoop) {
  ScoreTerms terms(tile.e, keyLoop);
  ScorePlaces places = placesOf(terms, tile);
  SmallVector<ScoreTerms::Read> biases;
  for (auto [original, bias] : llvm::zip_equal(op.getBias(), adaptor.getBias()))
    biases.push_back(reader(terms, tile, places, original, bias));
  ScoreTerms::Read allowed = conditions(terms, tile, places);
  return terms.apply(scores, [&](Emit &inner, ValueRange args) {
    Value score = args.back();
    if (scale != 1)
      score = emitMul(inner, score, inner.number(wide, scale));
    if (FloatAttr cap = op.getSoftcapAttr()) {
      Value size = inner.number(wide, cap.getValueAsDouble());
      score = emitMul(inner, math::TanhOp::create(inner, arith::DivFOp::create(inner, score, size)), size);
    }
    if (LevelsAttr levels = op.getScoreLevelsAttr())
      score = emitRounded(inner, score, levels);
    for (const ScoreTerms::Read &bias : biases)
      score = emitAdd(inner, score, inner.toFloat(bias(inner, args), wide));
    if (!allowed)
      return score;
    Value low = inner.number(wide, fill);
    return inner.select(allowed(inner, args), score,
                        op.getMaskMode() == MaskMode::add ? emitAdd(inner, score, low) : low);
  });
}

template <typename Op> bool AttentionLowering<Op>::hasTerms() {
  return !op.getBias().empty() || op.getMask() || op.getKeyMask() || op.getQueryMask() || lower || upper ||
         op.getSoftcapAttr() || op.getScoreLevelsAttr();
}

template <typename Op> Value AttentionLowering<Op>::emitRounded(Emit &inner, Value x, LevelsAttr levels) {
  // Bounds and zero point move to the other side of the sum: whole numbers, whose differences are exact.
  auto zero = static_cast<double>(levels.getZeroPoint());
  Value scale = inner.number(wide, levels.getScale().getValueAsDouble());
  x = math::RoundEvenOp::create(inner, arith::DivFOp::create(inner, x, scale));
  x = arith::MaximumFOp::create(inner, x, inner.number(wide, static_cast<double>(levels.getLow()) - zero));
  x = arith::MinimumFOp::create(inner, x, inner.number(wide, static_cast<double>(levels.getHigh()) - zero));
  return emitMul(inner, x, scale);
}

template <typename Op>
std::pair<Value, Value> AttentionLowering<Op>::softmax(Emit &in, Value scores, OpFoldResult rows, int64_t keyLoop) {
  bool late = scalesLate();
  AffineMap all = in.getMultiDimIdentityMap(2), row = project(in.getContext(), 2, 1 - keyLoop);
  Value lowest = emitExtreme(in, wide, /*lowest=*/true);
  Value max = in.reduce(in.filled(rows, lowest), 2, keyLoop, scores, all, [&](Emit &inner, ValueRange args) -> Value {
    if (op.getZeroMaskedRows() || keyLoop == 1)
      return emitMax(inner, args[1], args[0], wide);
    // One instruction. A score that is NaN may be missed here: its weight is NaN, and so is the sum of its row.
    Value above = arith::CmpFOp::create(inner, arith::CmpFPredicate::OGT, args[0], args[1]);
    return inner.select(above, args[0], args[1]);
  });
  Value exps = in.reduce(scores, 2, {}, max, row, [&](Emit &inner, ValueRange args) -> Value {
    Value centred = arith::SubFOp::create(inner, args[1], args[0]);
    if (late && scale != 1)
      centred = emitMul(inner, centred, inner.number(wide, scale));
    // None is above the maximum, said so that it can be told, and a subnormal weight may be 0: then there is less to
    // do. The other types are computed by libm.
    if (wide.isF32()) {
      Value none = inner.number(wide, 0);
      Value above = arith::CmpFOp::create(inner, arith::CmpFPredicate::OGT, centred, none);
      centred = inner.select(above, none, centred);
    }
    Value weight =
        math::ExpOp::create(inner, centred, wide.isF32() ? arith::FastMathFlags::afn : arith::FastMathFlags::none);
    if (!op.getZeroMaskedRows())
      return weight;
    // Weights are NaN exactly where the maximum is not finite, and then all of a row are.
    Value size = math::AbsFOp::create(inner, args[0]), infinite = emitExtreme(inner, wide, /*lowest=*/false);
    Value finite = arith::CmpFOp::create(inner, arith::CmpFPredicate::OLT, size, infinite);
    return inner.select(finite, weight, inner.number(wide, 0));
  });
  Value sum = in.reduce(in.filled(rows, in.number(wide, 0)), 2, keyLoop, exps, all,
                        [](Emit &inner, ValueRange args) { return emitSum(inner, args[1], args[0]); });
  Value inverse = in.reduce(sum, 1, {}, {}, {}, [&](Emit &inner, ValueRange args) {
    // No keys, or none that counts: the sum of products is 0.
    Value one = inner.number(wide, 1);
    Value none = arith::CmpFOp::create(inner, arith::CmpFPredicate::OEQ, args[0], inner.number(wide, 0));
    return inner.select(none, one, arith::DivFOp::create(inner, one, args[0]));
  });
  return {exps, inverse};
}

template struct lowering::AttentionLowering<AttentionOp>;
template struct lowering::AttentionLowering<SegmentAttentionOp>;
