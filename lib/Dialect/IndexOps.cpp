// Ops that index, and the few that look at element positions.
#include "Infer.h"

using namespace mlir;
using namespace pare;
using namespace pare::infer;

#define PARE_NO_FLOPS(Op)                                                                                              \
  double Op::getFlops(DimFn) { return 0; }

LogicalResult GatherOp::inferReturnTypes(MLIRContext *, Loc location, Adaptor adaptor, Types &inferred) {
  Type elementType = element(adaptor.getData());
  auto data = ranked(adaptor.getData()), indices = ranked(adaptor.getIndices());
  int64_t axis = adaptor.getAxis();
  if (data && failed(checkAxis(location, axis, data.getRank())))
    return failure();
  if (!data || !indices)
    return pushUnranked(inferred, elementType);
  Sizes sizes(data.getShape().take_front(axis));
  sizes.append(indices.getShape().begin(), indices.getShape().end());
  llvm::append_range(sizes, data.getShape().drop_front(axis + 1));
  return push(inferred, sizes, elementType);
}
std::optional<int64_t> GatherOp::mapAxis(unsigned operand, int64_t axis, unsigned) {
  auto data = ranked(getData()), indices = ranked(getIndices());
  int64_t own = getAxis();
  if (!data || !indices || (operand == 0 && axis == own))
    return std::nullopt;
  if (operand == 1)
    return axis + own;
  return axis < own ? axis : axis + indices.getRank() - 1;
}
PARE_NO_FLOPS(GatherOp)

LogicalResult GatherElementsOp::inferReturnTypes(MLIRContext *, Loc location, Adaptor adaptor, Types &inferred) {
  auto data = ranked(adaptor.getData()), indices = ranked(adaptor.getIndices());
  if (data && (failed(checkAxis(location, adaptor.getAxis(), data.getRank())) ||
               failed(checkRank(location, adaptor.getIndices(), data.getRank(), "indices"))))
    return failure();
  if (!indices)
    return pushUnranked(inferred, element(adaptor.getData()));
  return push(inferred, indices.getShape(), element(adaptor.getData()));
}
std::optional<int64_t> GatherElementsOp::mapAxis(unsigned operand, int64_t axis, unsigned) {
  return operand == 0 && axis == static_cast<int64_t>(getAxis()) ? std::nullopt : sameAxis(getOperand(operand), axis);
}
PARE_NO_FLOPS(GatherElementsOp)

namespace {
/// Checks the tuples of an N-dimensional index: their length, or kDyn.
FailureOr<int64_t> tupleSize(Loc location, Value data, Value indices, int64_t batch) {
  auto type = ranked(data), own = ranked(indices);
  if (!own)
    return kDyn;
  if (own.getRank() == 0 || batch < 0 || batch >= own.getRank())
    return FailureOr<int64_t>(inferenceError(location, "indices need a last axis of index tuples"));
  int64_t size = own.getDimSize(own.getRank() - 1);
  if (type && (batch > type.getRank() || (!isDyn(size) && batch + size > type.getRank())))
    return FailureOr<int64_t>(inferenceError(location, "index tuples are longer than the rank of data"));
  return size;
}
} // namespace

LogicalResult GatherNdOp::inferReturnTypes(MLIRContext *, Loc location, Adaptor adaptor, Types &inferred) {
  Type elementType = element(adaptor.getData());
  auto data = ranked(adaptor.getData()), indices = ranked(adaptor.getIndices());
  int64_t batch = adaptor.getBatchDims();
  FailureOr<int64_t> tuple = tupleSize(location, adaptor.getData(), adaptor.getIndices(), batch);
  if (failed(tuple))
    return failure();
  if (!data || !indices || isDyn(*tuple))
    return pushUnranked(inferred, elementType);
  Sizes sizes(indices.getShape().drop_back());
  for (int64_t i = 0; i < batch; ++i) {
    std::optional<int64_t> size = meetSizes(sizes[i], data.getDimSize(i));
    if (!size)
      return inferenceError(location, "batch axis " + Twine(i) + " differs between data and indices");
    sizes[i] = *size;
  }
  llvm::append_range(sizes, data.getShape().drop_front(batch + *tuple));
  return push(inferred, sizes, elementType);
}
std::optional<int64_t> GatherNdOp::mapAxis(unsigned operand, int64_t axis, unsigned) {
  auto data = ranked(getData()), indices = ranked(getIndices());
  if (!data || !indices || indices.getRank() == 0)
    return std::nullopt;
  int64_t batch = getBatchDims(), last = indices.getRank() - 1, tuple = indices.getDimSize(last);
  if (operand == 1)
    return axis < last ? std::optional<int64_t>(axis) : std::nullopt;
  if (axis < batch)
    return axis;
  return isDyn(tuple) || axis < batch + tuple ? std::nullopt : std::optional<int64_t>(axis - batch - tuple + last);
}
PARE_NO_FLOPS(GatherNdOp)

LogicalResult ScatterNdOp::inferReturnTypes(MLIRContext *, Loc location, Adaptor adaptor, Types &inferred) {
  auto data = ranked(adaptor.getData()), indices = ranked(adaptor.getIndices());
  FailureOr<int64_t> tuple = tupleSize(location, adaptor.getData(), adaptor.getIndices(), 0);
  if (failed(tuple))
    return failure();
  if (element(adaptor.getUpdates()) != element(adaptor.getData()))
    return inferenceError(location, "updates must have the element type of data");
  if (data && indices && !isDyn(*tuple) &&
      failed(checkRank(location, adaptor.getUpdates(), indices.getRank() - 1 + data.getRank() - *tuple, "updates")))
    return failure();
  inferred.push_back(adaptor.getData().getType());
  return success();
}
std::optional<int64_t> ScatterNdOp::mapAxis(unsigned operand, int64_t axis, unsigned) {
  auto data = ranked(getData()), indices = ranked(getIndices());
  if (operand == 0)
    return sameAxis(getData(), axis);
  if (operand != 2 || !data || !indices || axis < indices.getRank() - 1)
    return std::nullopt;
  int64_t tuple = indices.getDimSize(indices.getRank() - 1), target = axis - (indices.getRank() - 1) + tuple;
  return isDyn(tuple) || target >= data.getRank() ? std::nullopt : std::optional<int64_t>(target);
}
PARE_NO_FLOPS(ScatterNdOp)

LogicalResult ScatterElementsOp::inferReturnTypes(MLIRContext *, Loc location, Adaptor adaptor, Types &inferred) {
  auto data = ranked(adaptor.getData());
  if (element(adaptor.getUpdates()) != element(adaptor.getData()))
    return inferenceError(location, "updates must have the element type of data");
  if (data && (failed(checkAxis(location, adaptor.getAxis(), data.getRank())) ||
               failed(checkRank(location, adaptor.getIndices(), data.getRank(), "indices")) ||
               failed(checkRank(location, adaptor.getUpdates(), data.getRank(), "updates"))))
    return failure();
  auto indices = ranked(adaptor.getIndices()), updates = ranked(adaptor.getUpdates());
  if (indices && updates && failed(verifyCompatibleShape(indices, updates)))
    return inferenceError(location, "indices and updates differ in shape");
  inferred.push_back(adaptor.getData().getType());
  return success();
}
std::optional<int64_t> ScatterElementsOp::mapAxis(unsigned operand, int64_t axis, unsigned) {
  return operand != 0 && axis == static_cast<int64_t>(getAxis()) ? std::nullopt : sameAxis(getOperand(operand), axis);
}
PARE_NO_FLOPS(ScatterElementsOp)

LogicalResult NonZeroOp::inferReturnTypes(MLIRContext *context, Loc, Adaptor adaptor, Types &inferred) {
  auto type = ranked(adaptor.getX());
  return push(inferred, {type ? type.getRank() : kDyn, kDyn}, IntegerType::get(context, 64, IntegerType::Signed));
}
std::optional<int64_t> NonZeroOp::mapAxis(unsigned, int64_t, unsigned) { return std::nullopt; }
PARE_NO_FLOPS(NonZeroOp)

LogicalResult OneHotOp::inferReturnTypes(MLIRContext *, Loc location, Adaptor adaptor, Types &inferred) {
  Type elementType = element(adaptor.getValues());
  PartialInts depth = getPartialInts(adaptor.getDepth(), 1);
  if (auto values = ranked(adaptor.getValues());
      values && (values.getRank() != 1 || !meetSizes(values.getDimSize(0), 2)))
    return inferenceError(location, "values must hold two elements");
  auto type = ranked(adaptor.getIndices());
  if (!type)
    return pushUnranked(inferred, elementType);
  int64_t axis = adaptor.getAxis();
  if (failed(checkAxis(location, axis, type.getRank() + 1)))
    return failure();
  int64_t size = depth && depth->size() == 1 && depth->front() ? *depth->front() : kDyn;
  if (!isDyn(size) && size < 0)
    return inferenceError(location, "depth " + Twine(size) + " is negative");
  Sizes sizes(type.getShape());
  sizes.insert(sizes.begin() + axis, size);
  return push(inferred, sizes, elementType);
}
std::optional<int64_t> OneHotOp::mapAxis(unsigned operand, int64_t axis, unsigned) {
  if (operand != 0 || !ranked(getIndices()))
    return std::nullopt;
  return axis < static_cast<int64_t>(getAxis()) ? axis : axis + 1;
}
PARE_NO_FLOPS(OneHotOp)

LogicalResult TriluOp::inferReturnTypes(MLIRContext *, Loc location, Adaptor adaptor, Types &inferred) {
  if (auto type = ranked(adaptor.getX()); type && type.getRank() < 2)
    return inferenceError(location, "x needs two axes at least");
  inferred.push_back(adaptor.getX().getType());
  return success();
}
std::optional<int64_t> TriluOp::mapAxis(unsigned operand, int64_t axis, unsigned) {
  // What is kept depends on the position along the last two axes.
  auto type = ranked(getX());
  return operand == 0 && type && axis < type.getRank() - 2 ? std::optional<int64_t>(axis) : std::nullopt;
}
PARE_NO_FLOPS(TriluOp)

LogicalResult CumSumOp::inferReturnTypes(MLIRContext *, Loc location, Adaptor adaptor, Types &inferred) {
  if (auto type = ranked(adaptor.getX()))
    if (failed(checkAxis(location, adaptor.getAxis(), type.getRank())))
      return failure();
  inferred.push_back(adaptor.getX().getType());
  return success();
}
std::optional<int64_t> CumSumOp::mapAxis(unsigned, int64_t axis, unsigned) {
  return axis == static_cast<int64_t>(getAxis()) ? std::nullopt : sameAxis(getX(), axis);
}
double CumSumOp::getFlops(DimFn dim) { return numElements(getX(), dim); }
