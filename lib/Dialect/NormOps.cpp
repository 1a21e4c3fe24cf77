// Softmax, normalisation and quantisation.
#include "Infer.h"
#include "mlir/IR/TypeUtilities.h"

using namespace mlir;
using namespace pare;
using namespace pare::infer;

namespace {
/// The result has the type of `x`; `axis` lies in [0, rank + slack).
LogicalResult inferLike(Loc location, Value x, int64_t axis, int64_t slack, Types &inferred) {
  if (auto type = ranked(x))
    if (failed(checkAxis(location, axis, type.getRank() + slack)))
      return failure();
  inferred.push_back(x.getType());
  return success();
}

std::optional<int64_t> mapAxesBefore(Value x, unsigned operand, int64_t axis, int64_t first) {
  return operand == 0 && axis < first ? sameAxis(x, axis) : std::nullopt;
}

/// Parameters of a normalisation must broadcast to x from the right.
LogicalResult checkParameter(Loc location, Value x, Value parameter, StringRef what) {
  auto type = ranked(x), own = ranked(parameter);
  if (element(x) != element(parameter) && !isa<FloatType>(element(parameter)))
    return inferenceError(location, what + " must be floating point");
  if (!type || !own)
    return success();
  int64_t shift = type.getRank() - own.getRank();
  if (shift < 0)
    return inferenceError(location, what + " has a higher rank than x");
  for (auto [i, size] : llvm::enumerate(own.getShape())) {
    int64_t target = type.getDimSize(shift + i);
    if (!isDyn(size) && !isDyn(target) && size != 1 && size != target)
      return inferenceError(location, what + " of size " + Twine(size) + " does not broadcast to " + Twine(target));
  }
  return success();
}

/// Shapes of scale or zero point: one element, or a vector along the axis, or blocks.
LogicalResult checkQuantParameter(Operation *op, Value x, Value parameter, int64_t axis, int64_t block) {
  auto type = ranked(x), own = ranked(parameter);
  if (block < 0)
    return op->emitOpError("needs a block size of 0 or more");
  if (!type || !own || own.getRank() == 0 || (own.hasStaticShape() && own.getNumElements() == 1))
    return success();
  if (axis < 0 || axis >= type.getRank())
    return op->emitOpError("has axis ") << axis << ", out of range for rank " << type.getRank();
  if (block > 0) {
    if (own.getRank() != type.getRank())
      return op->emitOpError("needs parameters of the rank of its operand for blocks");
    return success();
  }
  if (own.getRank() != 1)
    return op->emitOpError("needs scalar or one-dimensional parameters without blocks");
  if (!meetSizes(own.getDimSize(0), type.getDimSize(axis)))
    return op->emitOpError("has ") << own.getDimSize(0) << " parameters for " << type.getDimSize(axis) << " slices";
  return success();
}

std::optional<int64_t> mapQuantAxis(Value x, Value parameter, unsigned operand, int64_t axis, int64_t own,
                                    int64_t block) {
  if (operand == 0)
    return sameAxis(x, axis);
  auto type = ranked(parameter);
  if (!type || type.getRank() == 0 || type.getDimSize(axis) == 1)
    return std::nullopt;
  if (block == 0)
    return own;
  return axis == own ? std::nullopt : std::optional<int64_t>(axis);
}
} // namespace

#define PARE_SOFTMAX(Op)                                                                                               \
  LogicalResult Op::inferReturnTypes(MLIRContext *, Loc location, Adaptor adaptor, Types &inferred) {                  \
    return inferLike(location, adaptor.getX(), adaptor.getAxis(), 0, inferred);                                        \
  }                                                                                                                    \
  std::optional<int64_t> Op::mapAxis(unsigned, int64_t axis, unsigned) {                                               \
    return axis == static_cast<int64_t>(getAxis()) ? std::nullopt : sameAxis(getX(), axis);                            \
  }                                                                                                                    \
  double Op::getFlops(DimFn dim) { return 5 * numElements(getX(), dim); }
PARE_SOFTMAX(SoftmaxOp)
PARE_SOFTMAX(LogSoftmaxOp)
#undef PARE_SOFTMAX

LogicalResult LayerNormOp::inferReturnTypes(MLIRContext *, Loc location, Adaptor adaptor, Types &inferred) {
  if (failed(checkParameter(location, adaptor.getX(), adaptor.getScale(), "scale")) ||
      (adaptor.getBias() && failed(checkParameter(location, adaptor.getX(), adaptor.getBias(), "bias"))))
    return failure();
  return inferLike(location, adaptor.getX(), adaptor.getAxis(), 1, inferred);
}
std::optional<int64_t> LayerNormOp::mapAxis(unsigned operand, int64_t axis, unsigned) {
  return mapAxesBefore(getX(), operand, axis, getAxis());
}
double LayerNormOp::getFlops(DimFn dim) { return 8 * numElements(getX(), dim); }

LogicalResult RmsNormOp::inferReturnTypes(MLIRContext *, Loc location, Adaptor adaptor, Types &inferred) {
  if (failed(checkParameter(location, adaptor.getX(), adaptor.getScale(), "scale")))
    return failure();
  return inferLike(location, adaptor.getX(), adaptor.getAxis(), 1, inferred);
}
std::optional<int64_t> RmsNormOp::mapAxis(unsigned operand, int64_t axis, unsigned) {
  return mapAxesBefore(getX(), operand, axis, getAxis());
}
double RmsNormOp::getFlops(DimFn dim) { return 4 * numElements(getX(), dim); }

LogicalResult BatchNormOp::inferReturnTypes(MLIRContext *, Loc location, Adaptor adaptor, Types &inferred) {
  auto type = ranked(adaptor.getX());
  if (type && type.getRank() < 2)
    return inferenceError(location, "x needs a channel axis");
  int64_t channels = type ? type.getDimSize(1) : kDyn;
  for (Value parameter : {adaptor.getScale(), adaptor.getBias(), adaptor.getMean(), adaptor.getVariance()}) {
    if (failed(checkRank(location, parameter, 1, "a parameter")))
      return failure();
    if (auto own = ranked(parameter)) {
      std::optional<int64_t> size = meetSizes(channels, own.getDimSize(0));
      if (!size)
        return inferenceError(location, "a parameter has " + Twine(own.getDimSize(0)) + " entries for " +
                                            Twine(channels) + " channels");
      channels = *size;
    }
  }
  if (!type)
    return pushUnranked(inferred, element(adaptor.getX()));
  Sizes sizes(type.getShape());
  sizes[1] = channels;
  return push(inferred, sizes, type.getElementType());
}
std::optional<int64_t> BatchNormOp::mapAxis(unsigned operand, int64_t axis, unsigned) {
  return operand == 0 ? sameAxis(getX(), axis) : std::optional<int64_t>(1);
}
double BatchNormOp::getFlops(DimFn dim) { return 4 * numElements(getX(), dim); }

LogicalResult QuantizeOp::inferReturnTypes(MLIRContext *, Loc, Adaptor adaptor, Types &inferred) {
  inferred.push_back(withElementType(adaptor.getX().getType(), adaptor.getTo()));
  return success();
}
LogicalResult QuantizeOp::verify() {
  if (auto to = dyn_cast<IntegerType>(getTo()); !to || to.isSignless())
    return emitOpError("quantizes to signed and unsigned integers, not to ") << getTo();
  if (getZeroPoint() && element(getZeroPoint()) != getTo())
    return emitOpError("needs a zero point of the element type of its result");
  int64_t axis = getAxis(), block = getBlockSize();
  if (failed(checkQuantParameter(*this, getX(), getScale(), axis, block)))
    return failure();
  return getZeroPoint() ? checkQuantParameter(*this, getX(), getZeroPoint(), axis, block) : success();
}
std::optional<int64_t> QuantizeOp::mapAxis(unsigned operand, int64_t axis, unsigned) {
  return mapQuantAxis(getX(), getOperand(operand), operand, axis, getAxis(), getBlockSize());
}
double QuantizeOp::getFlops(DimFn dim) { return 4 * numElements(getX(), dim); }

LogicalResult DequantizeOp::inferReturnTypes(MLIRContext *, Loc, Adaptor adaptor, Types &inferred) {
  inferred.push_back(withElementType(adaptor.getX().getType(), element(adaptor.getScale())));
  return success();
}
LogicalResult DequantizeOp::verify() {
  if (getZeroPoint() && element(getZeroPoint()) != element(getX()))
    return emitOpError("needs a zero point of the element type of its operand");
  int64_t axis = getAxis(), block = getBlockSize();
  if (failed(checkQuantParameter(*this, getX(), getScale(), axis, block)))
    return failure();
  return getZeroPoint() ? checkQuantParameter(*this, getX(), getZeroPoint(), axis, block) : success();
}
std::optional<int64_t> DequantizeOp::mapAxis(unsigned operand, int64_t axis, unsigned) {
  return mapQuantAxis(getX(), getOperand(operand), operand, axis, getAxis(), getBlockSize());
}
double DequantizeOp::getFlops(DimFn dim) { return 2 * numElements(getX(), dim); }
