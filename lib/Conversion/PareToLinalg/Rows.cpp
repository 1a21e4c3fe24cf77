// Packed rows.
#include "Emit.h"
#include "mlir/Dialect/SCF/IR/SCF.h"

using namespace mlir;
using namespace pare;
using namespace pare::lowering;

static Values lowerRowsFromMask(Emit &e, RowsFromMaskOp op, RowsFromMaskOp::Adaptor adaptor) {
  Value mask = adaptor.getMask();
  Type i64 = e.getI64Type();
  Sizes from = e.sizes(mask);
  Value batch = e.index(from[0]), columns = e.index(from[1]);
  auto asIndex = [](Emit &inner, Value flag) { return inner.select(flag, inner.index(1), inner.index(0)); };
  // Rows before each b, then the indices, of which there are as many as the last of these says.
  Value counted = e.empty({getAsOpFoldResult(e.add(batch, e.index(1)))}, i64);
  counted = tensor::InsertOp::create(e, e.integer(i64, 0), counted, ValueRange{e.index(0)});
  Values ends = e.loops({from[0]}, {counted, e.index(0)}, [&](Emit &outer, ValueRange at, ValueRange carried) {
    Value total = outer.loops({from[1]}, carried[1], [&](Emit &inner, ValueRange column, ValueRange sum) {
      Value flag = tensor::ExtractOp::create(inner, mask, ValueRange{at[0], column[0]});
      return Values{inner.add(sum[0], asIndex(inner, flag))};
    })[0];
    Value next = outer.add(at[0], outer.index(1));
    return Values{tensor::InsertOp::create(outer, outer.fromIndex(total, i64), carried[0], ValueRange{next}), total};
  });
  Value indices = e.empty({getAsOpFoldResult(ends[1])}, i64);
  Values packed = e.loops(from, {indices, e.index(0)}, [&](Emit &inner, ValueRange at, ValueRange carried) {
    Value flag = tensor::ExtractOp::create(inner, mask, at);
    auto branch = scf::IfOp::create(
        inner, flag,
        [&](OpBuilder &builder, Location loc) {
          Emit then(loc, builder, inner.state);
          Value flat = then.fromIndex(then.add(then.mul(at[0], columns), at[1]), i64);
          Value result = tensor::InsertOp::create(then, flat, carried[0], ValueRange{carried[1]});
          scf::YieldOp::create(then, ValueRange{result, then.add(carried[1], then.index(1))});
        },
        [&](OpBuilder &builder, Location loc) { scf::YieldOp::create(builder, loc, carried); });
    return Values(branch.getResults());
  });
  return {packed[0], ends[0]};
}

/// Checks that `indices` lie in [0, n).
static void checkRows(Emit &e, Value indices, Value n) {
  Value init = e.filled({}, e.boolean(true));
  Value all = e.reduce(init, 1, 0, indices, e.getMultiDimIdentityMap(1), [&](Emit &inner, ValueRange args) {
    Value at = inner.toIndex(args[0]);
    return inner.both(args[1], inner.both(inner.le(inner.index(0), at), inner.lt(at, n)));
  });
  e.check(e.extract(all, {}), "an index is not a row of the batch");
}

/// Index `at` of a tensor whose elements are never read out of range.
static Value clamp(Emit &e, Value at, Value n) { return e.max(e.min(at, e.sub(n, e.index(1))), e.index(0)); }

/// Axes from `first` on as one: longer inner loops.
static Value mergeFeatures(Emit &e, Value tensor, int64_t first) {
  return first < rankOf(tensor) - 1 ? e.collapse(tensor, first, rankOf(tensor)) : tensor;
}
/// `sizes` with as many of the last ones as one as leave `rank` sizes.
static Sizes mergeSizes(Emit &e, ArrayRef<OpFoldResult> sizes, int64_t rank) {
  Sizes merged(sizes.begin(), sizes.begin() + rank);
  if (static_cast<size_t>(rank) < sizes.size())
    merged.back() = e.product(sizes.drop_front(rank - 1));
  return merged;
}
/// Undoes mergeSizes.
static Value splitFeatures(Emit &e, Value tensor, ArrayRef<OpFoldResult> sizes) {
  int64_t last = rankOf(tensor) - 1;
  if (static_cast<size_t>(last) + 1 == sizes.size())
    return tensor;
  return e.reshape(tensor, sizes, [&](int64_t i, int64_t j) { return i == j && i < last; });
}

static Value lowerRowsGather(Emit &e, RowsGatherOp op, RowsGatherOp::Adaptor adaptor) {
  Value x = adaptor.getX(), indices = adaptor.getIndices();
  auto batchAxis = static_cast<int64_t>(op.getBatchAxis()), rowAxis = static_cast<int64_t>(op.getRowAxis());
  bool merged = batchAxis == -1;
  Value one = e.index(1);
  Value ownBatch = merged ? one : e.index(e.size(x, batchAxis)), ownRows = e.index(e.size(x, rowAxis));
  Value batch = ownBatch, rows = ownRows;
  bool repeats = false;
  if (adaptor.getSizes()) {
    Values sizes = e.extractAll(adaptor.getSizes());
    batch = merged ? one : sizes[0];
    rows = merged ? e.mul(sizes[0], sizes[1]) : sizes[1];
    for (auto [axis, own, whole, number] :
         {std::tuple(batchAxis, ownBatch, batch, 0), std::tuple(rowAxis, ownRows, rows, 1)}) {
      if (axis == -1 || (!merged && e.state.elementIsDim(op.getSizes(), number, op.getX(), axis)))
        continue;
      repeats |= constantOf(own).value_or(1) == 1;
      e.check(e.either(e.eq(own, one), e.eq(own, whole)), "x does not have the rows that the sizes tell");
    }
  }
  Value count = e.mul(batch, rows);
  checkRows(e, indices, count);
  // Neighbouring axes are one: the index itself is the place.
  if (!merged && !repeats && rowAxis == batchAxis + 1) {
    x = e.collapse(x, batchAxis, rowAxis + 1);
    rowAxis = batchAxis;
    rows = ownRows = count;
    merged = true;
  }
  Sizes sizes = e.sizes(x);
  sizes[rowAxis] = e.size(indices, 0);
  if (!merged)
    sizes.erase(sizes.begin() + batchAxis);
  sizes = e.refine(sizes, op.getType());
  x = mergeFeatures(e, x, (merged ? rowAxis : std::max(batchAxis, rowAxis)) + 1);
  int64_t target = !merged && batchAxis < rowAxis ? rowAxis - 1 : rowAxis, rank = rankOf(x) - (merged ? 0 : 1);
  // The division is done once for each row, not for each element.
  Values places;
  auto place = [&](function_ref<Value(Emit &, Value)> of) {
    places.push_back(e.parallel({e.size(indices, 0)}, e.getIndexType(), indices, {},
                                [&](Emit &inner, ValueRange args) { return of(inner, inner.toIndex(args[0])); }));
  };
  Value divisor = e.max(rows, one);
  place([&](Emit &inner, Value at) {
    Value row = merged ? at : inner.rem(at, divisor);
    return clamp(inner, inner.select(inner.eq(ownRows, one), inner.index(0), row), merged ? rows : ownRows);
  });
  if (!merged)
    place([&](Emit &inner, Value at) {
      Value row = inner.select(inner.eq(ownBatch, one), inner.index(0), inner.div(at, divisor));
      return clamp(inner, row, ownBatch);
    });
  SmallVector<AffineMap> maps(places.size(), project(e.getContext(), rank, target));
  Value result = e.parallel(mergeSizes(e, sizes, rank), elementOf(x), places, maps, [&](Emit &inner, ValueRange args) {
    Values at;
    for (int64_t axis = 0; axis < rank; ++axis)
      at.push_back(axis == target ? args[0] : Value(linalg::IndexOp::create(inner, axis)));
    if (!merged)
      at.insert(at.begin() + batchAxis, args[1]);
    return tensor::ExtractOp::create(inner, x, at);
  });
  return splitFeatures(e, result, sizes);
}

static Value lowerRowsScatter(Emit &e, RowsScatterOp op, RowsScatterOp::Adaptor adaptor) {
  Value packed = adaptor.getPacked(), indices = adaptor.getIndices();
  auto batchAxis = static_cast<int64_t>(op.getBatchAxis()), rowAxis = static_cast<int64_t>(op.getRowAxis());
  bool merged = batchAxis == -1;
  int64_t own = !merged && batchAxis < rowAxis ? rowAxis - 1 : rowAxis, rank = rankOf(packed) + (merged ? 0 : 1);
  Values entries = e.extractAll(adaptor.getSizes());
  Value zero = e.index(0), batch = entries[0], rows = entries[1];
  e.check(e.both(e.le(zero, batch), e.le(zero, rows)), "a size is negative");
  batch = e.max(batch, zero);
  rows = e.max(rows, zero);
  Value count = e.mul(batch, rows), present = e.index(e.size(packed, own));
  if (!e.state.equal(op.getPacked(), own, op.getIndices(), 0))
    e.check(e.eq(present, e.index(e.size(indices, 0))), "there are not as many rows as indices");
  checkRows(e, indices, count);

  Sizes sizes;
  for (int64_t axis = 0; axis < rank; ++axis)
    if (axis == rowAxis)
      sizes.push_back(getAsOpFoldResult(merged ? count : rows));
    else if (axis == batchAxis)
      sizes.push_back(getAsOpFoldResult(batch));
    else
      sizes.push_back(e.size(packed, !merged && axis > batchAxis ? axis - 1 : axis));
  sizes = e.refine(sizes, op.getType());
  int64_t features = (merged ? rowAxis : std::max(batchAxis, rowAxis)) + 1;
  Sizes flat = mergeSizes(e, sizes, std::min(rank, features + 1));
  packed = mergeFeatures(e, packed, merged ? features : features - 1);
  rank = flat.size();
  Type type = elementOf(packed);
  Value fill = e.number(type, op.getFill().convertToDouble());
  // From each row of the batch to its packed one, so that every element of the result is written once.
  Value absent = e.filled({getAsOpFoldResult(count)}, e.integer(e.getI64Type(), -1));
  Value sources = e.loops({e.size(indices, 0)}, absent, [&](Emit &inner, ValueRange at, ValueRange carried) {
    Value row = clamp(inner, inner.toIndex(tensor::ExtractOp::create(inner, indices, at)), count);
    return Values{tensor::InsertOp::create(inner, inner.fromIndex(at[0], e.getI64Type()), carried[0], ValueRange{row})};
  })[0];
  if (!merged) {
    Sizes split{getAsOpFoldResult(batch), getAsOpFoldResult(rows)};
    sources = e.reshape(sources, split);
  }
  auto gather = [&](Emit &outer) {
    SmallVector<int64_t> axes{rowAxis};
    if (!merged)
      axes.insert(axes.begin(), batchAxis);
    return outer.parallel(flat, type, sources, project(e.getContext(), rank, axes), [&](Emit &inner, ValueRange args) {
      Value from = inner.toIndex(args[0]), known = inner.le(zero, from);
      Values at;
      for (int64_t axis = 0; axis < rank; ++axis)
        if (axis == rowAxis)
          at.push_back(inner.max(from, zero));
        else if (axis != batchAxis)
          at.push_back(linalg::IndexOp::create(inner, axis));
      return inner.select(known, tensor::ExtractOp::create(inner, packed, at), fill);
    });
  };
  if (constantOf(present).value_or(0) > 0)
    return splitFeatures(e, gather(e), sizes);
  // Without any row there is nothing to read, not even in vain.
  auto branch = scf::IfOp::create(
      e, e.lt(zero, present),
      [&](OpBuilder &builder, Location loc) {
        Emit then(loc, builder, e.state);
        scf::YieldOp::create(then, gather(then));
      },
      [&](OpBuilder &builder, Location loc) {
        Emit otherwise(loc, builder, e.state);
        scf::YieldOp::create(otherwise, otherwise.filled(flat, fill));
      });
  return splitFeatures(e, branch.getResult(0), sizes);
}

void lowering::addRowsPatterns(Patterns &patterns) {
  patterns.add<RowsFromMaskOp>(lowerRowsFromMask);
  patterns.add<RowsGatherOp>(lowerRowsGather);
  patterns.add<RowsScatterOp>(lowerRowsScatter);
}
