// Packed rows.
#include "Case.h"

using namespace mlir;

namespace pare::reference {

static llvm::Error rowsFromMask(RowsFromMaskOp op, Call &call) {
  const Tensor &mask = call[op.getMask()];
  if (mask.getRank() != 2)
    return call.error("a mask of shape " + toString(mask.getShape()) + " is not one of a batch of rows");
  int64_t batch = mask.getShape()[0], rows = mask.getShape()[1];
  std::vector<int64_t> indices, offsets{0};
  for (int64_t b = 0; b < batch; ++b) {
    for (int64_t s = 0; s < rows; ++s)
      if (mask.getInt(b * rows + s))
        indices.push_back(b * rows + s);
    offsets.push_back(static_cast<int64_t>(indices.size()));
  }
  auto vector = [&](unsigned result, const std::vector<int64_t> &values) {
    return Tensor::fromInts(call.elementType(result), {static_cast<int64_t>(values.size())}, values);
  };
  call.results.push_back(vector(0, indices));
  call.results.push_back(vector(1, offsets));
  return llvm::Error::success();
}

namespace {
/// Where rows lie in the batched tensor; batchAxis is -1 when they are on one axis.
struct RowAxes {
  int64_t batchAxis, rowAxis, batch = 0, rows = 0;

  template <typename OpT> static RowAxes of(OpT op) {
    return {static_cast<int64_t>(op.getBatchAxis()), static_cast<int64_t>(op.getRowAxis())};
  }
  /// `rank` is that of the batched tensor.
  llvm::Error check(Call &call, int64_t rank, const Tensor &indices, const Tensor *sizes) {
    if (llvm::Error error = call.checkAxis(rowAxis, rank))
      return error;
    if (batchAxis != -1)
      if (llvm::Error error = call.checkAxis(batchAxis, rank))
        return error;
    if (batchAxis == rowAxis || indices.getRank() != 1)
      return call.error("needs two different axes and one axis of indices");
    if (sizes) {
      if (sizes->getShape() != IndexRef{2})
        return call.error("expected 2 sizes, got shape " + toString(sizes->getShape()));
      batch = sizes->getInt(0);
      rows = sizes->getInt(1);
      if (batch < 0 || rows < 0)
        return call.error("a batch of " + Twine(batch) + " times " + Twine(rows) + " rows");
    }
    return llvm::Error::success();
  }
  llvm::Error checkIndices(Call &call, const Tensor &indices, int64_t count) const {
    for (int64_t t = 0; t < indices.getNumElements(); ++t)
      if (int64_t index = indices.getInt(t); index < 0 || index >= count)
        return call.error("index " + Twine(index) + " is out of range for " + Twine(count) + " rows");
    return llvm::Error::success();
  }
  int64_t packedRowAxis() const { return batchAxis != -1 && batchAxis < rowAxis ? rowAxis - 1 : rowAxis; }
};
} // namespace

static llvm::Error rowsGather(RowsGatherOp op, Call &call) {
  const Tensor &x = call[op.getX()], &indices = call[op.getIndices()];
  RowAxes axes = RowAxes::of(op);
  if (llvm::Error error = axes.check(call, x.getRank(), indices, op.getSizes() ? call.find(op.getSizes()) : nullptr))
    return error;
  bool merged = axes.batchAxis == -1;
  int64_t ownBatch = merged ? 1 : x.getShape()[axes.batchAxis], ownRows = x.getShape()[axes.rowAxis];
  if (!op.getSizes()) {
    axes.batch = ownBatch;
    axes.rows = ownRows;
  } else if (merged) {
    axes.rows *= axes.batch;
    axes.batch = 1;
  }
  if ((ownBatch != 1 && ownBatch != axes.batch) || (ownRows != 1 && ownRows != axes.rows))
    return call.error("x of shape " + toString(x.getShape()) + " does not hold " + Twine(axes.batch) + " times " +
                      Twine(axes.rows) + " rows");
  if (llvm::Error error = axes.checkIndices(call, indices, axes.batch * axes.rows))
    return error;
  Index shape(x.getShape()), strides = rowMajorStrides(x.getShape());
  int64_t batchStride = merged || ownBatch == 1 ? 0 : strides[axes.batchAxis];
  int64_t rowStride = ownRows == 1 ? 0 : strides[axes.rowAxis];
  shape[axes.rowAxis] = indices.getNumElements();
  strides[axes.rowAxis] = 0;
  if (!merged) {
    shape.erase(shape.begin() + axes.batchAxis);
    strides.erase(strides.begin() + axes.batchAxis);
  }
  if (llvm::Error error = call.checkSize(call.elementType(), shape))
    return error;
  int64_t target = axes.packedRowAxis();
  return call.give(pick(x, shape, [&](IndexRef index) {
    int64_t row = indices.getInt(index[target]);
    return dot(index, strides) + row / axes.rows * batchStride + row % axes.rows * rowStride;
  }));
}

static llvm::Error rowsScatter(RowsScatterOp op, Call &call) {
  const Tensor &packed = call[op.getPacked()], &indices = call[op.getIndices()];
  RowAxes axes = RowAxes::of(op);
  bool merged = axes.batchAxis == -1;
  if (llvm::Error error = axes.check(call, packed.getRank() + (merged ? 0 : 1), indices, call.find(op.getSizes())))
    return error;
  int64_t own = axes.packedRowAxis(), count = indices.getNumElements();
  if (packed.getShape()[own] != count)
    return call.error(Twine(count) + " indices for " + Twine(packed.getShape()[own]) + " rows");
  Index shape(packed.getShape());
  shape[own] = merged ? axes.batch * axes.rows : axes.rows;
  if (!merged)
    shape.insert(shape.begin() + axes.batchAxis, axes.batch);
  if (llvm::Error error = call.checkSize(call.elementType(), shape))
    return error;
  if (llvm::Error error = axes.checkIndices(call, indices, axes.batch * axes.rows))
    return error;
  Tensor result(call.elementType(), shape);
  double fill = op.getFill().convertToDouble();
  for (int64_t i = 0, size = result.getNumElements(); i < size; ++i)
    result.setDouble(i, fill);
  Index strides = rowMajorStrides(shape);
  int64_t rowStride = strides[axes.rowAxis], batchStride = merged ? 0 : strides[axes.batchAxis];
  if (!merged)
    strides.erase(strides.begin() + axes.batchAxis);
  strides[own] = 0;
  unsigned width = elementBytes(call.elementType());
  char *to = result.getMutableBytes().data();
  forEachIndex(packed.getShape(), [&](IndexRef index, int64_t position) {
    int64_t row = indices.getInt(index[own]);
    int64_t target =
        dot(index, strides) + (merged ? row * rowStride : row / axes.rows * batchStride + row % axes.rows * rowStride);
    const char *from = packed.getBytes().data() + position * width;
    std::copy(from, from + width, to + target * width);
  });
  return call.give(std::move(result));
}

void registerRows(Registry &registry) {
  registry.add<RowsFromMaskOp>(rowsFromMask);
  registry.add<RowsGatherOp>(rowsGather);
  registry.add<RowsScatterOp>(rowsScatter);
}

} // namespace pare::reference
