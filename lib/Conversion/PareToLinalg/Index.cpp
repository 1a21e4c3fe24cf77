// Ops that read by index.
#include "Emit.h"

using namespace mlir;
using namespace pare;
using namespace pare::lowering;

Value lowering::position(Emit &e, Value index, Value n) {
  Value zero = e.index(0), at = e.toIndex(index);
  at = e.select(e.lt(at, zero), e.add(at, n), at);
  return e.min(e.max(at, zero), e.sub(n, e.index(1)));
}

static Value inRange(Emit &e, Value index, Value n) {
  Value at = e.toIndex(index);
  return e.both(e.le(e.sub(e.index(0), n), at), e.lt(at, n));
}

void lowering::checkIndices(Emit &e, Value original, Value indices, Value n) {
  constexpr const char *message = "an index is out of range";
  auto limit = constantOf(n);
  if (auto known = limit && original ? getConstantInts(original) : std::nullopt)
    if (llvm::all_of(*known, [&](int64_t index) { return -*limit <= index && index < *limit; }))
      return;
  Value good = e.boolean(true);
  if (isSmall(indices.getType())) {
    for (Value index : e.elements(indices))
      good = e.both(good, inRange(e, index, n));
  } else {
    int64_t rank = rankOf(indices);
    Value init = e.filled({}, good);
    Value all = e.reduce(init, rank, axesWithout(rank, {}), indices, e.getMultiDimIdentityMap(rank),
                         [&](Emit &inner, ValueRange args) { return inner.both(args[1], inRange(inner, args[0], n)); });
    good = e.extract(all, {});
  }
  e.check(good, message);
}

static Value lowerGather(Emit &e, GatherOp op, GatherOp::Adaptor adaptor) {
  Value data = adaptor.getData(), indices = adaptor.getIndices();
  int64_t axis = op.getAxis(), count = rankOf(indices), rank = rankOf(data) + count - 1;
  Value n = e.index(e.size(data, axis));
  checkIndices(e, op.getIndices(), indices, n);
  if (rankOf(data) == 1 && isSmall(data.getType()) && isSmall(indices.getType()) && isSmall(op.getType())) {
    Values elements;
    for (Value index : e.elements(indices))
      elements.push_back(e.extract(data, position(e, index, n)));
    return e.fromElements(RankedTensorType::get(cast<RankedTensorType>(op.getType()).getShape(), elementOf(data)),
                          elements);
  }
  Sizes from = e.sizes(data), sizes(from.begin(), from.begin() + axis);
  sizes.append(e.sizes(indices));
  sizes.append(from.begin() + axis + 1, from.end());
  SmallVector<int64_t> indexAxes;
  for (int64_t i = 0; i < count; ++i)
    indexAxes.push_back(axis + i);
  return e.parallel(e.refine(sizes, op.getType()), elementOf(data), indices, project(e.getContext(), rank, indexAxes),
                    [&](Emit &inner, ValueRange args) {
                      Values at;
                      for (int64_t i = 0; i < rank; ++i) {
                        if (i == axis)
                          at.push_back(position(inner, args[0], n));
                        if (i < axis || i >= axis + count)
                          at.push_back(linalg::IndexOp::create(inner, i));
                      }
                      if (axis == rank) // scalar indices into the last axis
                        at.push_back(position(inner, args[0], n));
                      return tensor::ExtractOp::create(inner, data, at);
                    });
}

static Value lowerGatherElements(Emit &e, GatherElementsOp op, GatherElementsOp::Adaptor adaptor) {
  Value data = adaptor.getData(), indices = adaptor.getIndices();
  int64_t axis = op.getAxis(), rank = rankOf(data);
  Value n = e.index(e.size(data, axis));
  checkIndices(e, op.getIndices(), indices, n);
  for (int64_t other = 0; other < rank; ++other)
    if (other != axis && !e.state.equal(op.getData(), other, op.getIndices(), other))
      e.check(e.le(e.index(e.size(indices, other)), e.index(e.size(data, other))),
              "the indices are larger than the data");
  return e.parallel(
      e.refine(e.sizes(indices), op.getType()), elementOf(data), indices, {}, [&](Emit &inner, ValueRange args) {
        Values at;
        for (int64_t i = 0; i < rank; ++i)
          at.push_back(i == axis ? position(inner, args[0], n) : Value(linalg::IndexOp::create(inner, i)));
        return tensor::ExtractOp::create(inner, data, at);
      });
}

static Value lowerGatherNd(Emit &e, GatherNdOp op, GatherNdOp::Adaptor adaptor) {
  Value data = adaptor.getData(), indices = adaptor.getIndices();
  int64_t batch = op.getBatchDims(), lead = rankOf(indices) - 1;
  int64_t depth = cast<RankedTensorType>(indices.getType()).getShape().back();
  Sizes from = e.sizes(data), sizes = e.sizes(indices);
  Sizes columnSizes = sizes;
  columnSizes.back() = e.getIndexAttr(1);
  for (int64_t i = 0; i < batch; ++i)
    if (!e.state.equal(op.getData(), i, op.getIndices(), i))
      e.check(e.eq(e.index(from[i]), e.index(sizes[i])), "the batch axes of data and indices differ");
  for (int64_t i = 0; i < depth; ++i) {
    Sizes offsets(sizes.size(), e.getIndexAttr(0));
    offsets.back() = e.getIndexAttr(i);
    checkIndices(e, Value(), e.slice(indices, offsets, columnSizes), e.index(from[batch + i]));
  }
  sizes.pop_back();
  sizes.append(from.begin() + batch + depth, from.end());
  return e.build(e.refine(sizes, op.getType()), elementOf(data), [&](Emit &inner, ValueRange at) {
    Values tuple(at.begin(), at.begin() + lead), source(at.begin(), at.begin() + batch);
    tuple.push_back(Value());
    for (int64_t i = 0; i < depth; ++i) {
      tuple.back() = inner.index(i);
      source.push_back(position(inner, tensor::ExtractOp::create(inner, indices, tuple), inner.index(from[batch + i])));
    }
    source.append(at.begin() + lead, at.end());
    return tensor::ExtractOp::create(inner, data, source);
  });
}

static Value lowerOneHot(Emit &e, OneHotOp op, OneHotOp::Adaptor adaptor) {
  Value indices = adaptor.getIndices(), values = adaptor.getValues();
  int64_t axis = op.getAxis(), rank = rankOf(indices) + 1;
  Value depth = e.toIndex(e.extractScalar(adaptor.getDepth()));
  Sizes sizes = e.sizes(indices);
  sizes.insert(sizes.begin() + axis, getAsOpFoldResult(e.max(depth, e.index(0))));
  Value off = e.extract(values, e.index(0)), on = e.extract(values, e.index(1));
  return e.parallel(e.refine(sizes, op.getType()), elementOf(values), indices,
                    project(e.getContext(), rank, axesWithout(rank, axis)), [&](Emit &inner, ValueRange args) {
                      Value at = inner.toIndex(args[0]);
                      at = inner.select(inner.lt(at, inner.index(0)), inner.add(at, depth), at);
                      return inner.select(inner.eq(at, linalg::IndexOp::create(inner, axis)), on, off);
                    });
}

static Value lowerTrilu(Emit &e, TriluOp op, TriluOp::Adaptor adaptor) {
  Value x = adaptor.getX();
  int64_t rank = rankOf(x);
  Value k = adaptor.getK() ? e.toIndex(e.extractScalar(adaptor.getK())) : e.index(0);
  return e.parallel(e.sizes(x), elementOf(x), x, {}, [&](Emit &inner, ValueRange args) {
    Value row = inner.add(linalg::IndexOp::create(inner, rank - 2), k),
          column = linalg::IndexOp::create(inner, rank - 1);
    Value kept = op.getUpper() ? inner.le(row, column) : inner.le(column, row);
    return inner.select(kept, args[0], inner.number(elementOf(x), 0));
  });
}

void lowering::addIndexPatterns(Patterns &patterns) {
  patterns.add<GatherOp>(lowerGather);
  patterns.add<GatherElementsOp>(lowerGatherElements);
  patterns.add<GatherNdOp>(lowerGatherNd);
  patterns.add<OneHotOp>(lowerOneHot);
  patterns.add<TriluOp>(lowerTrilu);
}
