// Attention: one parallel loop over tiles of query rows, each of which sees all the keys that it needs.
//
// The scores of a tile stand transposed, a row for each key: maxima and sums of all queries of the tile then advance
// together along vectors, and the transposition that a product with k^T needs is done on the rows of q, once.
#include "Attention.h"
#include "mlir/Dialect/Affine/IR/AffineOps.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Utils/IndexingUtils.h"
#include <cmath>

using namespace mlir;
using namespace pare;
using namespace pare::lowering;

namespace {
/// Query rows of a tile: as many as share one copy of the values. Of a band fewer, so that tiles follow it closely.
constexpr int64_t kTileRows = 144, kBandRows = 48;

/// The least of `exprs` over `operands`, in a form from which the bounds of sizes can be told.
OpFoldResult least(Emit &e, ArrayRef<AffineExpr> exprs, ArrayRef<Value> operands) {
  AffineMap map = AffineMap::get(operands.size(), 0, exprs, e.getContext());
  return affine::makeComposedFoldedAffineMin(e, e.getLoc(), map, getAsOpFoldResult(operands));
}

/// The numbers of one tile.
struct Tile {
  Emit &e;
  Value batch, head, keyHead;
  Value queryBase, keyBase; // of the segment
  Value row, key;           // the first ones, counted from the base
  OpFoldResult rows, keys;  // how many
  Value shift;              // from the number of a query to its place on the diagonal of the band; null for none
  OpFoldResult span = {};   // of the keys among which `live` lists
  Value live = {};          // index [keys]: those that count, where they are listed
};

/// Lowers both ops: a batch is a list of segments of equal length.
template <typename Op> struct Lowering {
  static constexpr bool kPacked = std::is_same_v<Op, SegmentAttentionOp>;
  static constexpr int64_t kLead = kPacked ? 0 : 1; // axes before the heads

  Emit &e;
  Op op;
  typename Op::Adaptor adaptor;
  Type type = elementOf(op.getResult()), wide = accumulatorOf(type);
  RowSource q{adaptor.getQ()}, k{adaptor.getK()}, v{adaptor.getV()};
  Value batch = {}, heads = {}, keyHeads = {}, queries = {}, keys = {}, longestQuery = {}, longestKey = {};
  std::optional<int64_t> lower = {}, upper = {}; // of the band
  double scale = op.getScale().convertToDouble(), fill = op.getFill().convertToDouble();
  bool mayClip = false, listsKeys = false;
  int64_t tileRows = kTileRows;
  Value maskBytes = {}, keyRows = {}; // the mask, and with a row for each key, where keys are listed
  Value mayClipNow = {};              // what has to hold at run time, besides the key mask

  Value sizeOf(Value value, int64_t axis) { return e.index(e.size(value, axis)); }
  void checkEqual(Value a, Value convertedA, int64_t i, Value b, Value convertedB, int64_t j, const Twine &what) {
    if (!e.state.equal(a, i, b, j))
      e.check(e.eq(sizeOf(convertedA, i), sizeOf(convertedB, j)), what);
  }

  void checkShapes() {
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

  void prepare() {
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

  /// Keys out of the band need not be looked at where their weights are 0 in any case: every query has itself in the
  /// band, and its score is not as low as `fill`. With an infinite `fill` a row without keys is NaN either way.
  void planClipping() {
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

  /// Leaves out the keys that no query of the tile can see.
  void clip(Tile &tile, Value length, Value row) {
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

  /// Elements [first, first + count) of row `b`, or of the only row, of a mask over rows.
  Value sliceMask(Emit &in, Value mask, Value b, Value first, OpFoldResult count) {
    Sizes offsets{getAsOpFoldResult(first)}, sizes{count};
    if (!kPacked) {
      Value only = in.eq(in.index(in.size(mask, 0)), in.index(1));
      offsets.insert(offsets.begin(), getAsOpFoldResult(in.select(only, in.index(0), b)));
      sizes.insert(sizes.begin(), in.getIndexAttr(1));
    }
    auto part = RankedTensorType::get({constantOf(count).value_or(ShapedType::kDynamic)}, elementOf(mask));
    return tensor::ExtractSliceOp::create(in, part, mask, offsets, sizes, Sizes(sizes.size(), in.getIndexAttr(1)));
  }
  /// The key mask of the whole segment.
  Value sliceKeyMask(Tile &tile, Value length) {
    return sliceMask(tile.e, adaptor.getKeyMask(), tile.batch, tile.keyBase, getAsOpFoldResult(length));
  }

  Tile beginTile(Emit &in, ValueRange ivs) {
    Tile tile{in, ivs[0], ivs[1], ivs[1], in.index(0), in.index(0), ivs[2], in.index(0), {}, {}, {}};
    if (!e.state.equal(op.getQ(), kLead, op.getK(), kLead))
      tile.keyHead = in.div(tile.head, in.max(in.div(heads, in.max(keyHeads, in.index(1))), in.index(1)));
    Value length = queries, keyLength = keys;
    if constexpr (kPacked) {
      auto at = [&](Value offsets, Value n) {
        return in.toIndex(tensor::ExtractOp::create(in, offsets, ValueRange{n}));
      };
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

  /// Lists the keys that some query of the tile sees.
  void listKeys(Tile &tile) {
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

  /// Elements of a vector over keys for those of the tile.
  Value keysOf(Tile &tile, Value vector) {
    Emit &in = tile.e;
    Value first = in.add(tile.keyBase, tile.key);
    Value span = sliceMask(in, vector, tile.batch, first, tile.live ? tile.span : tile.keys);
    if (!tile.live)
      return span;
    return in.parallel({tile.keys}, elementOf(vector), tile.live, {}, [&](Emit &inner, ValueRange args) -> Value {
      return tensor::ExtractOp::create(inner, span, args);
    });
  }
  Value queriesOf(Tile &tile, Value vector) {
    return sliceMask(tile.e, vector, tile.batch, tile.e.add(tile.queryBase, tile.row), tile.rows);
  }

  SmallVector<Value> offsetsOf(Tile &tile, bool ofKeys) {
    Value first = ofKeys ? tile.e.add(tile.keyBase, tile.key) : tile.e.add(tile.queryBase, tile.row);
    SmallVector<Value> offsets{ofKeys ? tile.keyHead : tile.head, first};
    if (!kPacked)
      offsets.insert(offsets.begin(), tile.batch);
    return offsets;
  }

  /// Adds to `init` the sum over the last axis of the loops (row, column, depth).
  Value product(Emit &in, Value init, ValueRange operands, ArrayRef<ArrayRef<int64_t>> axes) {
    return in.reduce(
        init, 3, 2, operands, {project(in.getContext(), 3, axes[0]), project(in.getContext(), 3, axes[1])},
        [](Emit &inner, ValueRange args) { return emitSum(inner, args[2], emitMul(inner, args[0], args[1])); });
  }

  ScorePlaces placesOf(ScoreTerms &terms, Tile &tile) {
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

  ScoreTerms::Read reader(ScoreTerms &terms, Tile &tile, const ScorePlaces &places, Value original, Value tensor) {
    return terms.read(tensor, tile.batch, tile.head, places, tile.rows, tile.keys, isWhole(original, 2),
                      !tile.live && isWhole(original, 3));
  }
  /// Whether an axis of a bias or mask is known to be that of the scores.
  bool isWhole(Value original, int64_t axis) {
    return !kPacked && e.state.equal(original, axis, axis == 2 ? op.getQ() : op.getK(), 2);
  }

  /// Whether a query sees a key; null when all see all.
  ScoreTerms::Read conditions(ScoreTerms &terms, Tile &tile, const ScorePlaces &places) {
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

  /// Scales, adds biases and applies masks, in place.
  Value finishScores(Tile &tile, Value scores) {
    ScoreTerms terms(tile.e);
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

  bool hasTerms() {
    return !op.getBias().empty() || op.getMask() || op.getKeyMask() || op.getQueryMask() || lower || upper ||
           op.getSoftcapAttr() || op.getScoreLevelsAttr();
  }

  /// The nearest of `levels`.
  Value emitRounded(Emit &inner, Value x, LevelsAttr levels) {
    // Bounds and zero point move to the other side of the sum: whole numbers, whose differences are exact.
    auto zero = static_cast<double>(levels.getZeroPoint());
    Value scale = inner.number(wide, levels.getScale().getValueAsDouble());
    x = math::RoundEvenOp::create(inner, arith::DivFOp::create(inner, x, scale));
    x = arith::MaximumFOp::create(inner, x, inner.number(wide, static_cast<double>(levels.getLow()) - zero));
    x = arith::MinimumFOp::create(inner, x, inner.number(wide, static_cast<double>(levels.getHigh()) - zero));
    return emitMul(inner, x, scale);
  }

  /// [rows, features of v] of the result, in `wide`.
  Value attend(Tile &tile) {
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
    // A positive factor moves into the exponent.
    bool scalesLate = !hasTerms() && scale > 0;
    if (!scalesLate)
      scores = finishScores(tile, scores);
    scores = in.insert(scores, buffer, origin, used);
    AffineMap all = in.getMultiDimIdentityMap(2), column = project(in.getContext(), 2, 1);
    Value lowest = emitExtreme(in, wide, /*lowest=*/true);
    Value max = in.reduce(in.filled(padded, lowest), 2, 0, scores, all, [&](Emit &inner, ValueRange args) -> Value {
      if (op.getZeroMaskedRows())
        return emitMax(inner, args[1], args[0], wide);
      // One instruction. A score that is NaN may be missed here: its weight is NaN, and so is the sum of its row.
      Value above = arith::CmpFOp::create(inner, arith::CmpFPredicate::OGT, args[0], args[1]);
      return inner.select(above, args[0], args[1]);
    });
    Value exps = in.reduce(scores, 2, {}, max, column, [&](Emit &inner, ValueRange args) -> Value {
      Value centred = arith::SubFOp::create(inner, args[1], args[0]);
      if (scalesLate && scale != 1)
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
    Value sum = in.reduce(in.filled(padded, in.number(wide, 0)), 2, 0, exps, all,
                          [](Emit &inner, ValueRange args) { return emitSum(inner, args[1], args[0]); });
    Value inverse = in.reduce(sum, 1, {}, {}, {}, [&](Emit &inner, ValueRange args) {
      // No keys, or none that counts: the sum of products is 0.
      Value one = inner.number(wide, 1);
      Value none = arith::CmpFOp::create(inner, arith::CmpFPredicate::OEQ, args[0], inner.number(wide, 0));
      return inner.select(none, one, arith::DivFOp::create(inner, one, args[0]));
    });
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

  Value run() {
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
    auto reorder = [&](ArrayRef<OpFoldResult> items) {
      return llvm::map_to_vector(order, [&](int64_t axis) { return items[axis]; });
    };
    checkTerms();
    Sizes ends{getAsOpFoldResult(batch), getAsOpFoldResult(heads), getAsOpFoldResult(longestQuery)};
    Sizes steps{e.getIndexAttr(1), e.getIndexAttr(1), e.getIndexAttr(tileRows)};
    auto loop =
        scf::ForallOp::create(e, Sizes(3, e.getIndexAttr(0)), ends, steps, e.empty(reorder(sizes), type), std::nullopt);
    {
      OpBuilder::InsertionGuard guard(e);
      e.setInsertionPointToStart(loop.getBody());
      Emit in(e.getLoc(), e, e.state);
      Tile tile = beginTile(in, loop.getInductionVars());
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
    Value result = loop.getResult(0);
    return llvm::is_sorted(order) ? result : e.transpose(result, invertPermutationVector(order));
  }

  /// Checks the shapes of masks and biases, and that positions lie inside of them.
  void checkTerms() {
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
      for (auto [positions, last] :
           {std::pair(adaptor.getQPositions(), &lastQuery), {adaptor.getKPositions(), &lastKey}})
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
};
} // namespace

template <typename Op> static Value lower(Emit &e, Op op, typename Op::Adaptor adaptor) {
  return Lowering<Op>{e, op, adaptor}.run();
}

void lowering::addAttentionPatterns(Patterns &patterns) {
  patterns.add<AttentionOp>(lower<AttentionOp>);
  patterns.add<SegmentAttentionOp>(lower<SegmentAttentionOp>);
}
