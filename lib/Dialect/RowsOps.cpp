// Packed rows.
#include "Infer.h"
#include <cmath>

using namespace mlir;
using namespace pare;
using namespace pare::infer;

namespace {
/// Checks the two axes of a tensor of `rank` along which rows lie.
LogicalResult checkRowAxes(Loc location, int64_t batchAxis, int64_t rowAxis, int64_t rank) {
  if (failed(checkAxis(location, rowAxis, rank)) || (batchAxis != -1 && failed(checkAxis(location, batchAxis, rank))))
    return failure();
  if (batchAxis == rowAxis)
    return inferenceError(location, "batch_axis and row_axis are both " + Twine(rowAxis));
  return success();
}

/// An axis of the batched tensor in the packed one.
int64_t packedAxis(int64_t axis, int64_t batchAxis) { return batchAxis != -1 && axis > batchAxis ? axis - 1 : axis; }
int64_t batchedAxis(int64_t axis, int64_t batchAxis) { return batchAxis != -1 && axis >= batchAxis ? axis + 1 : axis; }

/// The entries (B, S), unknown ones where there is no tensor.
FailureOr<SmallVector<std::optional<int64_t>>> batchSizes(Loc location, Value sizes) {
  if (!sizes)
    return SmallVector<std::optional<int64_t>>(2);
  return shapeEntries(location, sizes, 2, "sizes");
}
} // namespace

LogicalResult RowsFromMaskOp::inferReturnTypes(MLIRContext *context, Loc location, Adaptor adaptor, Types &inferred) {
  if (failed(checkRank(location, adaptor.getMask(), 2, "the mask")))
    return failure();
  auto type = ranked(adaptor.getMask());
  int64_t batch = type ? type.getDimSize(0) : kDyn;
  auto index = IntegerType::get(context, 64, IntegerType::Signed);
  (void)push(inferred, {kDyn}, index);
  return push(inferred, {isDyn(batch) ? kDyn : batch + 1}, index);
}
std::optional<int64_t> RowsFromMaskOp::mapAxis(unsigned, int64_t, unsigned) { return std::nullopt; }
double RowsFromMaskOp::getFlops(DimFn) { return 0; }

LogicalResult RowsGatherOp::inferReturnTypes(MLIRContext *, Loc location, Adaptor adaptor, Types &inferred) {
  int64_t batchAxis = adaptor.getBatchAxis(), rowAxis = adaptor.getRowAxis();
  auto entries = batchSizes(location, adaptor.getSizes());
  if (failed(entries) || failed(checkRank(location, adaptor.getIndices(), 1, "indices")))
    return failure();
  auto type = ranked(adaptor.getX()), indices = ranked(adaptor.getIndices());
  if (!type)
    return pushUnranked(inferred, element(adaptor.getX()));
  if (failed(checkRowAxes(location, batchAxis, rowAxis, type.getRank())))
    return failure();
  if (batchAxis != -1)
    for (auto [axis, entry] : {std::pair(batchAxis, (*entries)[0]), std::pair(rowAxis, (*entries)[1])})
      if (int64_t size = type.getDimSize(axis); entry && !isDyn(size) && size != 1 && size != *entry)
        return inferenceError(location, "x has size " + Twine(size) + " on axis " + Twine(axis) + " instead of " +
                                            Twine(*entry) + " or 1");
  Sizes sizes;
  for (int64_t axis = 0; axis < type.getRank(); ++axis)
    if (axis == rowAxis)
      sizes.push_back(indices ? indices.getDimSize(0) : kDyn);
    else if (axis != batchAxis)
      sizes.push_back(type.getDimSize(axis));
  return push(inferred, sizes, type.getElementType());
}
std::optional<int64_t> RowsGatherOp::mapAxis(unsigned operand, int64_t axis, unsigned) {
  int64_t batchAxis = getBatchAxis(), rowAxis = getRowAxis();
  if (operand == 1)
    return packedAxis(rowAxis, batchAxis);
  if (operand != 0 || axis == batchAxis || axis == rowAxis || !ranked(getX()))
    return std::nullopt;
  return packedAxis(axis, batchAxis);
}
double RowsGatherOp::getFlops(DimFn) { return 0; }

LogicalResult RowsScatterOp::inferReturnTypes(MLIRContext *, Loc location, Adaptor adaptor, Types &inferred) {
  int64_t batchAxis = adaptor.getBatchAxis(), rowAxis = adaptor.getRowAxis();
  auto entries = batchSizes(location, adaptor.getSizes());
  if (failed(entries) || failed(checkRank(location, adaptor.getIndices(), 1, "indices")))
    return failure();
  for (std::optional<int64_t> entry : *entries)
    if (entry && *entry < 0)
      return inferenceError(location, "size " + Twine(*entry) + " is negative");
  auto type = ranked(adaptor.getPacked()), indices = ranked(adaptor.getIndices());
  if (!type)
    return pushUnranked(inferred, element(adaptor.getPacked()));
  int64_t rank = type.getRank() + (batchAxis != -1);
  if (failed(checkRowAxes(location, batchAxis, rowAxis, rank)))
    return failure();
  if (int64_t rows = type.getDimSize(packedAxis(rowAxis, batchAxis));
      indices && !meetSizes(rows, indices.getDimSize(0)))
    return inferenceError(location, Twine(indices.getDimSize(0)) + " indices for " + Twine(rows) + " rows");
  int64_t batch = (*entries)[0].value_or(kDyn), rows = (*entries)[1].value_or(kDyn);
  Sizes sizes;
  for (int64_t axis = 0; axis < rank; ++axis)
    if (axis == rowAxis)
      sizes.push_back(batchAxis == -1 ? infer::multiply(batch, rows) : rows);
    else
      sizes.push_back(axis == batchAxis ? batch : type.getDimSize(packedAxis(axis, batchAxis)));
  return push(inferred, sizes, type.getElementType());
}
LogicalResult RowsScatterOp::verify() {
  double fill = getFill().convertToDouble();
  auto integer = dyn_cast<IntegerType>(element(getPacked()));
  if (!integer)
    return success();
  double high = std::ldexp(1.0, static_cast<int>(integer.getWidth()) - (integer.isSigned() ? 1 : 0));
  double low = integer.isSigned() ? -high : 0;
  if (std::trunc(fill) != fill || fill < low || fill >= high)
    return emitOpError("cannot fill ") << integer << " with " << fill;
  return success();
}
std::optional<int64_t> RowsScatterOp::mapAxis(unsigned operand, int64_t axis, unsigned) {
  int64_t batchAxis = getBatchAxis(), target = batchedAxis(axis, batchAxis);
  if (operand != 0 || !ranked(getPacked()) || axis == packedAxis(getRowAxis(), batchAxis))
    return std::nullopt;
  return target;
}
double RowsScatterOp::getFlops(DimFn) { return 0; }
