// Ops that read and write by index tensors, and that make such indices.
#include "Case.h"

using namespace mlir;

namespace pare::reference {

// Indices in [0, size), the negative ones counted from the end.
static llvm::Error normalise(Call &call, std::vector<int64_t> &indices, int64_t size) {
  for (int64_t &index : indices) {
    if (index < -size || index >= size)
      return call.error("index " + Twine(index) + " of an axis of size " + Twine(size));
    index += index < 0 ? size : 0;
  }
  return llvm::Error::success();
}

static llvm::Error gather(GatherOp op, Call &call) {
  const Tensor &data = call[op.getData()], &picked = call[op.getIndices()];
  auto axis = static_cast<int64_t>(op.getAxis());
  if (llvm::Error error = call.checkAxis(axis, data.getRank()))
    return error;
  Index shape(data.getShape().take_front(axis));
  llvm::append_range(shape, picked.getShape());
  llvm::append_range(shape, data.getShape().drop_front(axis + 1));
  if (llvm::Error error = call.checkSize(call.elementType(), shape))
    return error;
  AxisView view(data.getShape(), axis);
  std::vector<int64_t> indices = picked.toInts();
  if (llvm::Error error = normalise(call, indices, view.size))
    return error;
  Tensor result(call.elementType(), shape);
  int64_t row = view.inner * elementBytes(call.elementType());
  char *to = result.getMutableBytes().data();
  for (int64_t outer = 0; outer < view.outer; ++outer)
    for (int64_t index : indices)
      to = std::copy_n(data.getBytes().data() + (outer * view.size + index) * row, row, to);
  return call.give(std::move(result));
}

// Shapes of data and indices agree in rank, and indices fit into data on all other axes.
static llvm::Error checkElementwiseIndices(Call &call, const Tensor &data, const Tensor &indices, int64_t axis) {
  if (llvm::Error error = call.checkAxis(axis, data.getRank()))
    return error;
  bool good = data.getRank() == indices.getRank();
  for (int64_t i = 0; good && i < data.getRank(); ++i)
    good = i == axis || indices.getShape()[i] <= data.getShape()[i];
  if (good)
    return llvm::Error::success();
  return call.error("indices of shape " + toString(indices.getShape()) + " do not fit into " +
                    toString(data.getShape()));
}

static llvm::Error gatherElements(GatherElementsOp op, Call &call) {
  const Tensor &data = call[op.getData()], &picked = call[op.getIndices()];
  auto axis = static_cast<int64_t>(op.getAxis());
  if (llvm::Error error = checkElementwiseIndices(call, data, picked, axis))
    return error;
  std::vector<int64_t> indices = picked.toInts();
  if (llvm::Error error = normalise(call, indices, data.getShape()[axis]))
    return error;
  Index strides = rowMajorStrides(data.getShape());
  auto next = indices.begin();
  return call.give(pick(data, picked.getShape(),
                        [&](IndexRef index) { return dot(index, strides) + (*next++ - index[axis]) * strides[axis]; }));
}

// Offset into data of every tuple of `indices`, after `batch` axes that both share.
static llvm::Error tupleOffsets(Call &call, const Tensor &data, const Tensor &indices, int64_t batch, Index &offsets) {
  auto fail = [&] {
    return call.error("index tuples of shape " + toString(indices.getShape()) + " after " + Twine(batch) +
                      " axes of a tensor of shape " + toString(data.getShape()));
  };
  if (batch < 0 || indices.getRank() <= batch || data.getRank() < batch ||
      indices.getShape().take_front(batch) != data.getShape().take_front(batch))
    return fail();
  int64_t width = indices.getShape().back();
  if (batch + width > data.getRank())
    return fail();
  Index strides = rowMajorStrides(data.getShape());
  IndexRef tuples = indices.getShape().drop_back();
  llvm::Error error = llvm::Error::success();
  forEachIndex(tuples, [&](IndexRef index, int64_t position) {
    int64_t offset = dot(index.take_front(batch), IndexRef(strides).take_front(batch));
    for (int64_t i = 0; i < width; ++i) {
      int64_t at = indices.getInt(position * width + i), size = data.getShape()[batch + i];
      if (at < -size || at >= size) {
        if (!error)
          error = call.error("index " + Twine(at) + " of an axis of size " + Twine(size));
        return;
      }
      offset += (at < 0 ? at + size : at) * strides[batch + i];
    }
    offsets.push_back(offset);
  });
  return error;
}

static llvm::Error gatherNd(GatherNdOp op, Call &call) {
  const Tensor &data = call[op.getData()], &indices = call[op.getIndices()];
  auto batch = static_cast<int64_t>(op.getBatchDims());
  Index offsets;
  if (llvm::Error error = tupleOffsets(call, data, indices, batch, offsets))
    return error;
  IndexRef inner = data.getShape().drop_front(batch + indices.getShape().back());
  Index shape(indices.getShape().drop_back());
  llvm::append_range(shape, inner);
  if (llvm::Error error = call.checkSize(call.elementType(), shape))
    return error;
  Tensor result(call.elementType(), shape);
  int64_t size = elementBytes(call.elementType());
  char *to = result.getMutableBytes().data();
  for (int64_t offset : offsets)
    to = std::copy_n(data.getBytes().data() + offset * size, product(inner) * size, to);
  return call.give(std::move(result));
}

static double combine(ScatterKind kind, double a, double b) {
  switch (kind) {
  case ScatterKind::none:
    return b;
  case ScatterKind::add:
    return a + b;
  case ScatterKind::mul:
    return a * b;
  case ScatterKind::max:
    return maxOf(a, b);
  case ScatterKind::min:
    return minOf(a, b);
  }
  llvm_unreachable("a kind of scatter");
}

static int64_t combine(ScatterKind kind, Type type, int64_t a, int64_t b) {
  switch (kind) {
  case ScatterKind::none:
    return b;
  case ScatterKind::add:
    return static_cast<int64_t>(static_cast<uint64_t>(a) + static_cast<uint64_t>(b));
  case ScatterKind::mul:
    return static_cast<int64_t>(static_cast<uint64_t>(a) * static_cast<uint64_t>(b));
  case ScatterKind::max:
    return lessInt(type, a, b) ? b : a;
  case ScatterKind::min:
    return lessInt(type, b, a) ? b : a;
  }
  llvm_unreachable("a kind of scatter");
}

// Combines updates into data at the given offsets, in order: of several writes to one element the last one stays.
static Tensor scatter(const Tensor &data, const Tensor &updates, IndexRef offsets, ScatterKind kind) {
  Type type = data.getElementType();
  if (data.isFloat()) {
    std::vector<double> values = data.toDoubles();
    for (auto [i, offset] : llvm::enumerate(offsets))
      values[offset] = combine(kind, values[offset], updates.getDouble(static_cast<int64_t>(i)));
    return Tensor::fromDoubles(type, data.getShape(), values);
  }
  Tensor result = data;
  for (auto [i, offset] : llvm::enumerate(offsets))
    result.setInt(offset, combine(kind, type, result.getInt(offset), updates.getInt(static_cast<int64_t>(i))));
  return result;
}

static llvm::Error scatterNd(ScatterNdOp op, Call &call) {
  const Tensor &data = call[op.getData()], &indices = call[op.getIndices()], &updates = call[op.getUpdates()];
  Index tuples, offsets;
  if (llvm::Error error = tupleOffsets(call, data, indices, 0, tuples))
    return error;
  IndexRef inner = data.getShape().drop_front(indices.getShape().back());
  Index expected(indices.getShape().drop_back());
  llvm::append_range(expected, inner);
  if (updates.getShape() != IndexRef(expected))
    return call.error("updates of shape " + toString(updates.getShape()) + " where " + toString(expected) +
                      " is needed");
  for (int64_t tuple : tuples)
    for (int64_t i = 0, count = product(inner); i < count; ++i)
      offsets.push_back(tuple + i);
  return call.give(scatter(data, updates, offsets, op.getKind()));
}

static llvm::Error scatterElements(ScatterElementsOp op, Call &call) {
  const Tensor &data = call[op.getData()], &picked = call[op.getIndices()], &updates = call[op.getUpdates()];
  auto axis = static_cast<int64_t>(op.getAxis());
  if (llvm::Error error = checkElementwiseIndices(call, data, picked, axis))
    return error;
  if (updates.getShape() != picked.getShape())
    return call.error("updates of shape " + toString(updates.getShape()) + ", indices of " +
                      toString(picked.getShape()));
  std::vector<int64_t> indices = picked.toInts();
  if (llvm::Error error = normalise(call, indices, data.getShape()[axis]))
    return error;
  Index strides = rowMajorStrides(data.getShape()), offsets;
  forEachIndex(picked.getShape(), [&](IndexRef index, int64_t position) {
    offsets.push_back(dot(index, strides) + (indices[position] - index[axis]) * strides[axis]);
  });
  return call.give(scatter(data, updates, offsets, op.getKind()));
}

static llvm::Error nonZero(NonZeroOp op, Call &call) {
  const Tensor &x = call[op.getX()];
  std::vector<Index> found;
  forEachIndex(x.getShape(), [&](IndexRef index, int64_t position) {
    if (x.isFloat() ? x.getDouble(position) != 0 : x.getInt(position) != 0)
      found.emplace_back(index);
  });
  auto count = static_cast<int64_t>(found.size());
  Tensor result(call.elementType(), {x.getRank(), count});
  for (int64_t axis = 0; axis < x.getRank(); ++axis)
    for (int64_t i = 0; i < count; ++i)
      result.setInt(axis * count + i, found[i][axis]);
  return call.give(std::move(result));
}

static llvm::Error oneHot(OneHotOp op, Call &call) {
  const Tensor &indices = call[op.getIndices()], &values = call[op.getValues()];
  auto axis = static_cast<int64_t>(op.getAxis());
  if (llvm::Error error = call.checkAxis(axis, indices.getRank() + 1))
    return error;
  if (llvm::Error error = call.checkScalar(call[op.getDepth()], "depth"))
    return error;
  if (values.getNumElements() != 2)
    return call.error("expected 2 values, got " + Twine(values.getNumElements()));
  int64_t depth = call[op.getDepth()].getInt(0);
  Index shape(indices.getShape());
  shape.insert(shape.begin() + axis, depth);
  if (llvm::Error error = call.checkSize(call.elementType(), shape))
    return error;
  Index strides = rowMajorStrides(indices.getShape());
  strides.insert(strides.begin() + axis, 0);
  return call.give(pick(values, shape, [&](IndexRef index) {
    int64_t hot = indices.getInt(dot(index, strides));
    return index[axis] == (hot < 0 ? hot + depth : hot) ? 1 : 0;
  }));
}

static llvm::Error trilu(TriluOp op, Call &call) {
  Tensor result = call[op.getX()];
  if (result.getRank() < 2)
    return call.error("a tensor of rank " + Twine(result.getRank()) + " has no triangles");
  int64_t k = 0;
  if (op.getK()) {
    if (llvm::Error error = call.checkScalar(call[op.getK()], "k"))
      return error;
    // Beyond the sizes every k does the same; this keeps row + k from overflowing.
    int64_t rows = result.getShape()[result.getRank() - 2], columns = result.getShape().back();
    k = std::clamp<int64_t>(call[op.getK()].getInt(0), -rows, columns);
  }
  int64_t row = result.getRank() - 2, column = row + 1;
  Index shape(result.getShape());
  forEachIndex(shape, [&](IndexRef index, int64_t position) {
    if (op.getUpper() ? index[column] < index[row] + k : index[column] > index[row] + k)
      result.setInt(position, 0);
  });
  return call.give(std::move(result));
}

static llvm::Error cumSum(CumSumOp op, Call &call) {
  const Tensor &x = call[op.getX()];
  auto axis = static_cast<int64_t>(op.getAxis());
  if (llvm::Error error = call.checkAxis(axis, x.getRank()))
    return error;
  AxisView view(x.getShape(), axis);
  Tensor result(call.elementType(), x.getShape());
  for (int64_t outer = 0; outer < view.outer; ++outer)
    for (int64_t inner = 0; inner < view.inner; ++inner) {
      double sum = 0;
      uint64_t intSum = 0;
      for (int64_t i = 0; i < view.size; ++i) {
        int64_t at = view.offset(outer, op.getReverse() ? view.size - 1 - i : i, inner);
        double before = sum;
        uint64_t intBefore = intSum;
        if (x.isFloat()) {
          sum += x.getDouble(at);
          result.setDouble(at, op.getExclusive() ? before : sum);
        } else {
          intSum += static_cast<uint64_t>(x.getInt(at));
          result.setInt(at, static_cast<int64_t>(op.getExclusive() ? intBefore : intSum));
        }
      }
    }
  return call.give(std::move(result));
}

void registerIndex(Registry &registry) {
  registry.add<GatherOp>(gather);
  registry.add<GatherElementsOp>(gatherElements);
  registry.add<GatherNdOp>(gatherNd);
  registry.add<ScatterNdOp>(scatterNd);
  registry.add<ScatterElementsOp>(scatterElements);
  registry.add<NonZeroOp>(nonZero);
  registry.add<OneHotOp>(oneHot);
  registry.add<TriluOp>(trilu);
  registry.add<CumSumOp>(cumSum);
}

} // namespace pare::reference
