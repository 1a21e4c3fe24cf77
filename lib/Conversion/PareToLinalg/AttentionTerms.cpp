// Offsets, positions, biases and masks of attention.
#include "Attention.h"
#include <limits>

using namespace mlir;
using namespace pare;
using namespace pare::lowering;

/// Folds vectors of one length into a scalar.
static Value foldVectors(Emit &e, Value init, ValueRange vectors, Emit::BodyFn body) {
  SmallVector<AffineMap> maps(vectors.size(), e.getMultiDimIdentityMap(1));
  return e.extract(e.reduce(e.filled({}, init), 1, 0, vectors, maps, body), {});
}

/// `count` elements of a vector.
static Value part(Emit &e, Value vector, Value first, Value count) {
  return e.slice(vector, Sizes{getAsOpFoldResult(first)}, Sizes{getAsOpFoldResult(count)});
}

Value lowering::allTrue(Emit &e, Value mask) {
  bool bytes = elementOf(mask) != e.getI1Type();
  return foldVectors(e, e.boolean(true), mask, [&](Emit &inner, ValueRange args) {
    return inner.both(args[1], bytes ? inner.fromByte(args[0]) : args[0]);
  });
}

Value lowering::anyTrue(Emit &e, Value bytes) {
  return foldVectors(e, e.boolean(false), bytes,
                     [](Emit &inner, ValueRange args) { return inner.either(args[1], inner.fromByte(args[0])); });
}

Value lowering::checkOffsets(Emit &e, Value offsets, Value rows) {
  Value count = e.index(e.size(offsets, 0)), zero = e.index(0), one = e.index(1);
  constexpr const char *text = "offsets of segments do not ascend from 0 to the number of rows";
  e.check(e.le(one, count), text);
  Value segments = e.sub(count, one);
  Value first = e.toIndex(e.extract(offsets, zero)), last = e.toIndex(e.extract(offsets, segments));
  e.check(e.both(e.eq(first, zero), e.eq(last, rows)), text);
  Values ends{part(e, offsets, zero, segments), part(e, offsets, one, segments)};
  Value ascend = foldVectors(e, e.boolean(true), ends, [](Emit &inner, ValueRange args) {
    return inner.both(args[2], inner.le(args[0], args[1]));
  });
  e.check(ascend, text);
  return foldVectors(e, zero, ends, [](Emit &inner, ValueRange args) {
    return inner.max(args[2], inner.toIndex(inner.sub(args[1], args[0])));
  });
}

Value lowering::ascendWithin(Emit &e, Value positions, Value offsets) {
  // Every place where they do not ascend has to be the start of a segment: there are as many of both.
  Value zero = e.index(0), one = e.index(1), rows = e.index(e.size(positions, 0));
  Value pairs = e.max(e.sub(rows, one), zero);
  auto number = [](Emit &inner, Value flag) { return inner.select(flag, inner.index(1), inner.index(0)); };
  Value steps = foldVectors(
      e, zero, {part(e, positions, zero, pairs), part(e, positions, e.min(rows, one), pairs)},
      [&](Emit &inner, ValueRange args) { return inner.add(args[2], number(inner, inner.le(args[1], args[0]))); });
  Value segments = e.sub(e.index(e.size(offsets, 0)), one);
  Value starts = foldVectors(e, zero, {part(e, offsets, zero, segments), part(e, offsets, one, segments)},
                             [&](Emit &inner, ValueRange args) {
                               // The start of a segment with rows that is not the first row.
                               Value start = inner.toIndex(args[0]), end = inner.toIndex(args[1]);
                               Value real = inner.both(inner.lt(inner.index(0), start), inner.lt(start, end));
                               Value at = inner.max(inner.min(start, inner.sub(rows, inner.index(1))), inner.index(1));
                               at = inner.select(real, at, inner.index(0));
                               Value before = inner.max(inner.sub(at, inner.index(1)), inner.index(0));
                               Value here = tensor::ExtractOp::create(inner, positions, ValueRange{at});
                               Value previous = tensor::ExtractOp::create(inner, positions, ValueRange{before});
                               return inner.add(args[2], number(inner, inner.both(real, inner.le(here, previous))));
                             });
  return e.eq(steps, starts);
}

Value lowering::positionsEnd(Emit &e, Value positions) {
  return foldVectors(e, e.index(0), positions, [](Emit &inner, ValueRange args) {
    Value at = inner.toIndex(args[0]), far = inner.index(std::numeric_limits<int64_t>::max());
    Value end = inner.select(inner.lt(at, inner.index(0)), far, inner.add(at, inner.index(1)));
    return inner.max(args[1], end);
  });
}

void lowering::checkOneOr(Emit &e, Value tensor, int64_t axis, Value size, bool orMore) {
  Value own = e.index(e.size(tensor, axis)), fits = orMore ? e.le(size, own) : e.eq(own, size);
  e.check(e.either(e.eq(own, e.index(1)), fits), "a bias or mask does not broadcast to the scores");
}

Value lowering::anyOf(Emit &e, Value pairs, int64_t axis) {
  Value none = e.filled({e.sizes(pairs)[1 - axis]}, e.integer(e.getI8Type(), 0));
  return e.reduce(none, 2, axis, pairs, e.getMultiDimIdentityMap(2),
                  [](Emit &inner, ValueRange args) { return inner.either(args[1], args[0]); });
}

std::pair<Value, Value> lowering::listTrue(Emit &e, Value flags, Value all) {
  OpFoldResult size = e.size(flags, 0);
  Values listed = e.loops({size}, {e.empty({size}, e.getIndexType()), e.index(0)},
                          [&](Emit &inner, ValueRange at, ValueRange carried) {
                            // Written in any case: what does not stay is overwritten by the next one.
                            Value next = tensor::InsertOp::create(inner, at[0], carried[0], ValueRange{carried[1]});
                            Value flag = inner.fromByte(tensor::ExtractOp::create(inner, flags, ValueRange{at[0]}));
                            Value step = inner.select(inner.either(flag, all), inner.index(1), inner.index(0));
                            return Values{next, inner.add(carried[1], step)};
                          });
  return {listed[0], listed[1]};
}

Value ScorePlaces::place(Emit &e, ValueRange args, int64_t loop, Value first, std::optional<unsigned> input) {
  if (input)
    return e.toIndex(args[*input]);
  return e.add(first, linalg::IndexOp::create(e, loop));
}

unsigned ScoreTerms::input(Value value, AffineMap map) {
  inputs.push_back(value);
  maps.push_back(map);
  return inputs.size() - 1;
}

unsigned ScoreTerms::input(Value vector, bool ofKeys) {
  return input(vector, project(e.getContext(), 2, ofKeys ? keyLoop : 1 - keyLoop));
}

ScoreTerms::Read ScoreTerms::read(Value tensor, Value batch, Value head, const ScorePlaces &places, OpFoldResult rows,
                                  OpFoldResult keys, bool wholeQueries, bool wholeKeys) {
  Value zero = e.index(0), one = e.index(1);
  auto size = [&](int64_t axis) { return e.index(e.size(tensor, axis)); };
  auto repeated = [&](int64_t axis) { return constantOf(size(axis)) == 1; };
  auto outer = [&](int64_t axis, Value at) { return e.select(e.eq(size(axis), one), zero, at); };
  Value atBatch = outer(0, batch), atHead = outer(1, head);
  if ((repeated(2) || wholeQueries) && (repeated(3) || wholeKeys)) {
    // A part that the loops walk through.
    Sizes offsets = getAsOpFoldResult({atBatch, atHead, zero, zero}), sizes(4, e.getIndexAttr(1));
    SmallVector<int64_t> shape, loops;
    for (auto [axis, loop, first, count] :
         {std::tuple(2, 1 - keyLoop, places.firstQuery, rows), std::tuple(3, keyLoop, places.firstKey, keys)}) {
      if (repeated(axis))
        continue;
      offsets[axis] = getAsOpFoldResult(first);
      sizes[axis] = count;
      shape.push_back(constantOf(count).value_or(ShapedType::kDynamic));
      loops.push_back(loop);
    }
    Value part = tensor::ExtractSliceOp::create(e, RankedTensorType::get(shape, elementOf(tensor)), tensor, offsets,
                                                sizes, Sizes(4, e.getIndexAttr(1)));
    unsigned number = input(part, project(e.getContext(), 2, loops));
    return [number](Emit &, ValueRange args) { return args[number]; };
  }
  Values extents{size(2), size(3)};
  return [=](Emit &inner, ValueRange args) -> Value {
    Values at{atBatch, atHead, places.query(inner, args), places.key(inner, args)};
    for (int64_t axis : {2, 3}) {
      Value extent = extents[axis - 2], last = inner.sub(extent, inner.index(1));
      Value own = inner.max(inner.min(at[axis], last), inner.index(0));
      at[axis] = inner.select(inner.eq(extent, inner.index(1)), inner.index(0), own);
    }
    return tensor::ExtractOp::create(inner, tensor, at);
  };
}

Value ScoreTerms::apply(Value scores, Emit::BodyFn body) { return e.reduce(scores, 2, {}, inputs, maps, body); }

RowSource::RowSource(Value value) : tensor(value), axes(llvm::to_vector(llvm::seq<int64_t>(0, rankOf(value)))) {
  Value origin = value;
  if (auto moved = origin.getDefiningOp<tensor::CastOp>())
    origin = moved.getSource();
  auto transpose = origin.getDefiningOp<linalg::TransposeOp>();
  // Features have to stay contiguous.
  if (!transpose || transpose.getPermutation().back() != rankOf(value) - 1)
    return;
  tensor = transpose.getInput();
  axes.assign(transpose.getPermutation().begin(), transpose.getPermutation().end());
}

Value RowSource::slice(Emit &e, ArrayRef<Value> offsets, OpFoldResult count) const {
  return extract(e, offsets, static_cast<int64_t>(offsets.size()) - 1, count);
}

Value RowSource::heads(Emit &e, ArrayRef<Value> offsets, int64_t count) const {
  return extract(e, offsets, /*axis=*/1, e.getIndexAttr(count));
}

/// `count` steps of `axis`, one of all others but the last.
Value RowSource::extract(Emit &e, ArrayRef<Value> offsets, int64_t axis, OpFoldResult count) const {
  Sizes from = getAsOpFoldResult(offsets), sizes(offsets.size(), e.getIndexAttr(1));
  OpFoldResult features = e.size(tensor, rankOf(tensor) - 1);
  from.push_back(e.getIndexAttr(0));
  sizes[axis] = count;
  sizes.push_back(features);
  SmallVector<int64_t> shape{constantOf(count).value_or(ShapedType::kDynamic),
                             constantOf(features).value_or(ShapedType::kDynamic)};
  auto type = RankedTensorType::get(shape, elementOf(tensor));
  return tensor::ExtractSliceOp::create(e, type, tensor, place<OpFoldResult>(from), place<OpFoldResult>(sizes),
                                        Sizes(from.size(), e.getIndexAttr(1)));
}

Value RowSource::gather(Emit &e, ArrayRef<Value> offsets, Value live, OpFoldResult count) const {
  OpFoldResult features = e.size(tensor, rankOf(tensor) - 1);
  return e.parallel({count, features}, elementOf(tensor), live, project(e.getContext(), 2, 0),
                    [&](Emit &inner, ValueRange args) -> Value {
                      Values at(offsets);
                      at.back() = inner.add(at.back(), args[0]);
                      at.push_back(linalg::IndexOp::create(inner, 1));
                      return tensor::ExtractOp::create(inner, tensor, place<Value>(at));
                    });
}
