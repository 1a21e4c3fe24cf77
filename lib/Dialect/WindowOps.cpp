// Convolution and pooling.
#include "Infer.h"
#include "llvm/Support/MathExtras.h"

using namespace mlir;
using namespace pare;
using namespace pare::infer;

namespace {
struct Window {
  ArrayRef<int64_t> strides, pads, dilations;
};

LogicalResult checkWindow(Loc location, Value x, size_t spatial, const Window &window) {
  if (auto type = ranked(x); type && type.getRank() != static_cast<int64_t>(spatial) + 2)
    return inferenceError(location, "x has rank " + Twine(type.getRank()) + " instead of " + Twine(spatial + 2));
  if (window.strides.size() != spatial || window.dilations.size() != spatial || window.pads.size() != 2 * spatial)
    return inferenceError(location, "strides, dilations and pads must match " + Twine(spatial) + " spatial axes");
  auto positive = [](int64_t value) { return value > 0; };
  if (!llvm::all_of(window.strides, positive) || !llvm::all_of(window.dilations, positive))
    return inferenceError(location, "strides and dilations must be positive");
  return success();
}

/// Number of windows along spatial axis `i`; a negative number when not even one fits.
int64_t windows(const Window &window, size_t i, int64_t size, int64_t kernel, bool ceil = false) {
  if (isDyn(size) || isDyn(kernel))
    return kDyn;
  size_t spatial = window.strides.size();
  int64_t begin = window.pads[i], end = window.pads[spatial + i], stride = window.strides[i];
  int64_t room = size + begin + end - (window.dilations[i] * (kernel - 1) + 1);
  if (room < 0)
    return -1;
  int64_t count = (ceil ? llvm::divideCeil(room, stride) : room / stride) + 1;
  // No window starts in the end padding.
  if (ceil && (count - 1) * stride >= size + begin)
    --count;
  return count;
}

LogicalResult inferPool(Loc location, Value x, ArrayRef<int64_t> kernel, const Window &window, bool ceil,
                        Types &inferred) {
  if (failed(checkWindow(location, x, kernel.size(), window)))
    return failure();
  Sizes sizes(kernel.size() + 2, kDyn);
  if (auto type = ranked(x)) {
    sizes.assign(type.getShape().begin(), type.getShape().end());
    for (size_t i = 0; i < kernel.size(); ++i) {
      if (kernel[i] <= 0)
        return inferenceError(location, "the kernel must be positive");
      sizes[i + 2] = windows(window, i, sizes[i + 2], kernel[i], ceil);
      if (sizes[i + 2] == -1)
        return inferenceError(location, "the window is larger than the padded spatial axis " + Twine(i));
    }
  }
  return push(inferred, sizes, element(x));
}

/// Products of 8-bit integers sum in si32.
Type accumulator(Type type) {
  if (auto integer = dyn_cast<IntegerType>(type); integer && integer.getWidth() == 8)
    return IntegerType::get(type.getContext(), 32, IntegerType::Signed);
  return type;
}

template <typename Adaptor>
LogicalResult inferConv(Loc location, Adaptor adaptor, bool transposed, ArrayRef<int64_t> extra, Types &inferred) {
  Type elementType = accumulator(element(adaptor.getX()));
  auto type = ranked(adaptor.getX()), weight = ranked(adaptor.getWeight());
  size_t spatial = adaptor.getStrides().size();
  Window window{adaptor.getStrides(), adaptor.getPads(), adaptor.getDilations()};
  if (failed(checkWindow(location, adaptor.getX(), spatial, window)) ||
      failed(checkRank(location, adaptor.getWeight(), spatial + 2, "weight")) ||
      (adaptor.getBias() && failed(checkRank(location, adaptor.getBias(), 1, "bias"))))
    return failure();
  int64_t groups = adaptor.getGroups();
  if (groups <= 0 || (transposed && extra.size() != spatial))
    return inferenceError(location, "groups must be positive and output_padding match the spatial axes");
  Sizes sizes(spatial + 2, kDyn);
  if (type)
    sizes[0] = type.getDimSize(0);
  if (weight) {
    int64_t inputs = transposed ? weight.getDimSize(0) : multiply(weight.getDimSize(1), groups);
    if (type && !meetSizes(type.getDimSize(1), inputs))
      return inferenceError(location,
                            "x has " + Twine(type.getDimSize(1)) + " channels where the weight takes " + Twine(inputs));
    sizes[1] = transposed ? multiply(weight.getDimSize(1), groups) : weight.getDimSize(0);
    if (!transposed && !isDyn(sizes[1]) && sizes[1] % groups != 0)
      return inferenceError(location,
                            Twine(sizes[1]) + " output channels do not divide into " + Twine(groups) + " groups");
  }
  if (auto bias = ranked(adaptor.getBias())) {
    std::optional<int64_t> size = meetSizes(sizes[1], bias.getDimSize(0));
    if (!size)
      return inferenceError(location, "bias has " + Twine(bias.getDimSize(0)) + " entries for " + Twine(sizes[1]) +
                                          " output channels");
    sizes[1] = *size;
  }
  for (size_t i = 0; type && weight && i < spatial; ++i) {
    int64_t size = type.getDimSize(i + 2), kernel = weight.getDimSize(i + 2);
    if (!transposed) {
      sizes[i + 2] = windows(window, i, size, kernel);
    } else if (!isDyn(size) && !isDyn(kernel)) {
      sizes[i + 2] = window.strides[i] * (size - 1) + extra[i] + window.dilations[i] * (kernel - 1) + 1 -
                     window.pads[i] - window.pads[spatial + i];
      if (sizes[i + 2] < 0)
        sizes[i + 2] = -1;
    }
    if (sizes[i + 2] == -1)
      return inferenceError(location, "spatial axis " + Twine(i) + " of the result would be negative");
  }
  return push(inferred, sizes, elementType);
}

std::optional<int64_t> mapConvAxis(unsigned operand, int64_t axis, int64_t outputAxis) {
  if (operand == 0)
    return axis == 0 ? std::optional<int64_t>(0) : std::nullopt;
  return axis == (operand == 1 ? outputAxis : 0) ? std::optional<int64_t>(1) : std::nullopt;
}

/// FLOPs of multiplying every element of `base` with all of the weight but its axis `axis`.
double convFlops(Value base, Value weight, int64_t axis, DimFn dim) {
  auto type = ranked(weight);
  double flops = 2 * numElements(base, dim);
  for (int64_t i = 0; type && i < type.getRank(); ++i)
    if (i != axis)
      flops *= static_cast<double>(dim(weight, i));
  return flops;
}

double poolFlops(Value result, ArrayRef<int64_t> kernel, DimFn dim) {
  double flops = numElements(result, dim);
  for (int64_t size : kernel)
    flops *= static_cast<double>(size);
  return flops;
}

std::optional<int64_t> mapPoolAxis(Value x, int64_t axis) { return axis < 2 ? sameAxis(x, axis) : std::nullopt; }
} // namespace

LogicalResult ConvOp::inferReturnTypes(MLIRContext *, Loc location, Adaptor adaptor, Types &inferred) {
  return inferConv(location, adaptor, /*transposed=*/false, {}, inferred);
}
LogicalResult ConvOp::verify() {
  Type x = element(getX()), weight = element(getWeight());
  // ONNX ConvInteger mixes signed and unsigned bytes.
  if (x != weight && !(accumulator(x) != x && accumulator(weight) != weight))
    return emitOpError("needs one element type, or bytes, for x and weight");
  if (getBias() && element(getBias()) != accumulator(x))
    return emitOpError("needs a bias of the element type of its result");
  return success();
}
std::optional<int64_t> ConvOp::mapAxis(unsigned operand, int64_t axis, unsigned) {
  return mapConvAxis(operand, axis, /*outputAxis=*/0);
}
double ConvOp::getFlops(DimFn dim) { return convFlops(getResult(), getWeight(), 0, dim); }

LogicalResult ConvTransposeOp::inferReturnTypes(MLIRContext *, Loc location, Adaptor adaptor, Types &inferred) {
  return inferConv(location, adaptor, /*transposed=*/true, adaptor.getOutputPadding(), inferred);
}
LogicalResult ConvTransposeOp::verify() {
  if (element(getX()) != element(getWeight()) || (getBias() && element(getX()) != element(getBias())))
    return emitOpError("needs one element type for all operands");
  return success();
}
std::optional<int64_t> ConvTransposeOp::mapAxis(unsigned operand, int64_t axis, unsigned) {
  // With groups, axis 1 of the weight is only a part of the output channels.
  if (operand == 1 && getGroups() != 1)
    return std::nullopt;
  return mapConvAxis(operand, axis, /*outputAxis=*/1);
}
double ConvTransposeOp::getFlops(DimFn dim) { return convFlops(getX(), getWeight(), 0, dim); }

#define PARE_POOL(Op)                                                                                                  \
  LogicalResult Op::inferReturnTypes(MLIRContext *, Loc location, Adaptor adaptor, Types &inferred) {                  \
    return inferPool(location, adaptor.getX(), adaptor.getKernel(),                                                    \
                     {adaptor.getStrides(), adaptor.getPads(), adaptor.getDilations()}, adaptor.getCeilMode(),         \
                     inferred);                                                                                        \
  }                                                                                                                    \
  LogicalResult Op::verify() {                                                                                         \
    if (llvm::any_of(getKernel(), [](int64_t size) { return size <= 0; }))                                             \
      return emitOpError("needs a positive kernel");                                                                   \
    return success();                                                                                                  \
  }                                                                                                                    \
  std::optional<int64_t> Op::mapAxis(unsigned, int64_t axis, unsigned) { return mapPoolAxis(getX(), axis); }           \
  double Op::getFlops(DimFn dim) { return poolFlops(getResult(), getKernel(), dim); }
PARE_POOL(MaxPoolOp)
PARE_POOL(AveragePoolOp)
#undef PARE_POOL
