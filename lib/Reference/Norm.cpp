// Softmax and normalisations.
#include "Case.h"
#include <cmath>
#include <limits>

using namespace mlir;

namespace pare::reference {

template <typename OpT> static llvm::Error softmax(OpT op, Call &call, bool log) {
  const Tensor &x = call[op.getX()];
  auto axis = static_cast<int64_t>(op.getAxis());
  if (llvm::Error error = call.checkAxis(axis, x.getRank()))
    return error;
  AxisView view(x.getShape(), axis);
  std::vector<double> values = x.toDoubles();
  for (int64_t outer = 0; outer < view.outer; ++outer)
    for (int64_t inner = 0; inner < view.inner; ++inner) {
      double top = -std::numeric_limits<double>::infinity(), sum = 0;
      for (int64_t i = 0; i < view.size; ++i)
        top = maxOf(top, values[view.offset(outer, i, inner)]);
      for (int64_t i = 0; i < view.size; ++i)
        sum += std::exp(values[view.offset(outer, i, inner)] - top);
      for (int64_t i = 0; i < view.size; ++i) {
        double &value = values[view.offset(outer, i, inner)];
        value = log ? value - top - std::log(sum) : std::exp(value - top) / sum;
      }
    }
  return call.give(Tensor::fromDoubles(call.elementType(), x.getShape(), values));
}

// Scale and bias broadcast to the normalised axes, so to all of x.
static llvm::Error checkFits(Call &call, const Tensor &parameter, IndexRef shape) {
  auto result = broadcast(parameter.getShape(), shape);
  if (result && IndexRef(*result) == shape)
    return llvm::Error::success();
  return call.error("a parameter of shape " + toString(parameter.getShape()) + " for axes of " + toString(shape));
}

// Layer norm takes the mean away and may have a bias; RMS norm neither.
template <typename OpT> static llvm::Error normalise(OpT op, Call &call, const Tensor *bias, bool centred) {
  const Tensor &x = call[op.getX()], &scale = call[op.getScale()];
  auto axis = static_cast<int64_t>(op.getAxis());
  if (llvm::Error error = call.checkAxis(axis, x.getRank()))
    return error;
  IndexRef axes = x.getShape().drop_front(axis);
  for (const Tensor *parameter : {&scale, bias})
    if (parameter)
      if (llvm::Error error = checkFits(call, *parameter, axes))
        return error;
  int64_t size = product(axes), rows = product(x.getShape().take_front(axis));
  auto scaleAt = broadcastOffsets(scale.getShape(), axes);
  auto biasAt = bias ? broadcastOffsets(bias->getShape(), axes) : std::vector<int64_t>();
  double epsilon = op.getEpsilon().convertToFloat();
  std::vector<double> values = x.toDoubles();
  for (int64_t row = 0; row < rows; ++row) {
    double *at = values.data() + row * size, mean = 0, square = 0;
    if (centred) {
      for (int64_t i = 0; i < size; ++i)
        mean += at[i];
      mean /= static_cast<double>(size);
    }
    for (int64_t i = 0; i < size; ++i)
      square += (at[i] - mean) * (at[i] - mean);
    double deviation = std::sqrt(square / static_cast<double>(size) + epsilon);
    for (int64_t i = 0; i < size; ++i) {
      at[i] = (at[i] - mean) / deviation * scale.getDouble(scaleAt[i]);
      if (bias)
        at[i] += bias->getDouble(biasAt[i]);
    }
  }
  return call.give(Tensor::fromDoubles(call.elementType(), x.getShape(), values));
}

static llvm::Error batchNorm(BatchNormOp op, Call &call) {
  const Tensor &x = call[op.getX()];
  if (llvm::Error error = call.checkAxis(1, x.getRank()))
    return error;
  AxisView view(x.getShape(), 1);
  for (const Tensor &parameter : call.operands.drop_front())
    if (parameter.getShape() != IndexRef{view.size})
      return call.error("a parameter of shape " + toString(parameter.getShape()) + " for " + Twine(view.size) +
                        " channels");
  const Tensor &scale = call[op.getScale()], &bias = call[op.getBias()], &mean = call[op.getMean()],
               &variance = call[op.getVariance()];
  double epsilon = op.getEpsilon().convertToFloat();
  std::vector<double> values = x.toDoubles();
  for (int64_t i = 0, count = x.getNumElements(); i < count; ++i) {
    int64_t c = i / view.inner % view.size;
    values[i] = (values[i] - mean.getDouble(c)) / std::sqrt(variance.getDouble(c) + epsilon) * scale.getDouble(c) +
                bias.getDouble(c);
  }
  return call.give(Tensor::fromDoubles(call.elementType(), x.getShape(), values));
}

void registerNorm(Registry &registry) {
  registry.add<SoftmaxOp>([](SoftmaxOp op, Call &call) { return softmax(op, call, false); });
  registry.add<LogSoftmaxOp>([](LogSoftmaxOp op, Call &call) { return softmax(op, call, true); });
  registry.add<LayerNormOp>([](LayerNormOp op, Call &call) {
    return normalise(op, call, op.getBias() ? call.find(op.getBias()) : nullptr, true);
  });
  registry.add<RmsNormOp>([](RmsNormOp op, Call &call) { return normalise(op, call, nullptr, false); });
  registry.add<BatchNormOp>(batchNorm);
}

} // namespace pare::reference
