// Affine quantisation.
#include "Case.h"
#include <algorithm>
#include <cmath>

using namespace mlir;

namespace pare::reference {

// For every element of x, the element of a parameter (scale or zero point) that belongs to it.
template <typename OpT>
static llvm::Error parameterOffsets(OpT op, Call &call, const Tensor &parameter, std::vector<int64_t> &offsets) {
  IndexRef shape = call[op.getX()].getShape(), own = parameter.getShape();
  auto axis = static_cast<int64_t>(op.getAxis()), block = static_cast<int64_t>(op.getBlockSize());
  auto fail = [&] {
    return call.error("a parameter of shape " + toString(own) + " for x of " + toString(shape) + " along axis " +
                      Twine(axis));
  };
  offsets.assign(product(shape), 0);
  if (block == 0 && parameter.getNumElements() == 1)
    return llvm::Error::success();
  if (llvm::Error error = call.checkAxis(axis, static_cast<int64_t>(shape.size())))
    return error;
  if (block == 0) {
    if (own != IndexRef{shape[axis]})
      return fail();
    forEachIndex(shape, [&](IndexRef index, int64_t position) { offsets[position] = index[axis]; });
    return llvm::Error::success();
  }
  Index expected(shape);
  if (block < 0)
    return fail();
  expected[axis] = (expected[axis] + block - 1) / block;
  if (own != IndexRef(expected))
    return fail();
  Index strides = rowMajorStrides(own);
  forEachIndex(shape, [&](IndexRef index, int64_t position) {
    offsets[position] = dot(index, strides) + (index[axis] / block - index[axis]) * strides[axis];
  });
  return llvm::Error::success();
}

static llvm::Error quantize(QuantizeOp op, Call &call) {
  const Tensor &x = call[op.getX()], &scale = call[op.getScale()];
  const Tensor *zero = op.getZeroPoint() ? call.find(op.getZeroPoint()) : nullptr;
  std::vector<int64_t> scaleAt, zeroAt;
  if (llvm::Error error = parameterOffsets(op, call, scale, scaleAt))
    return error;
  if (zero)
    if (llvm::Error error = parameterOffsets(op, call, *zero, zeroAt))
      return error;
  Type type = op.getTo();
  if (!isa<IntegerType>(type) || type.getIntOrFloatBitWidth() > 32)
    return call.error("a result that is not an integer of up to 32 bits");
  auto low = static_cast<double>(lowestInt(type)), high = static_cast<double>(highestInt(type));
  bool wide = x.getElementType().isF64();
  Tensor result(type, x.getShape());
  for (int64_t i = 0, count = x.getNumElements(); i < count; ++i) {
    double quotient = x.getDouble(i) / scale.getDouble(scaleAt[i]);
    // The quotient is one of f32, as everywhere else: in double, halves would round differently.
    quotient = wide ? quotient : static_cast<float>(quotient);
    double value = std::nearbyint(quotient) + (zero ? zero->getDouble(zeroAt[i]) : 0);
    result.setInt(i, std::isnan(value) ? 0 : static_cast<int64_t>(std::clamp(value, low, high)));
  }
  return call.give(std::move(result));
}

static llvm::Error dequantize(DequantizeOp op, Call &call) {
  const Tensor &x = call[op.getX()], &scale = call[op.getScale()];
  const Tensor *zero = op.getZeroPoint() ? call.find(op.getZeroPoint()) : nullptr;
  std::vector<int64_t> scaleAt, zeroAt;
  if (llvm::Error error = parameterOffsets(op, call, scale, scaleAt))
    return error;
  if (zero)
    if (llvm::Error error = parameterOffsets(op, call, *zero, zeroAt))
      return error;
  Tensor result(call.elementType(), x.getShape());
  for (int64_t i = 0, count = x.getNumElements(); i < count; ++i)
    result.setDouble(i, (x.getDouble(i) - (zero ? zero->getDouble(zeroAt[i]) : 0)) * scale.getDouble(scaleAt[i]));
  return call.give(std::move(result));
}

void registerQuant(Registry &registry) {
  registry.add<QuantizeOp>(quantize);
  registry.add<DequantizeOp>(dequantize);
}

} // namespace pare::reference
