// Matrix products and convolutions: sums in double, of integers in 64 bits, cut to the result type at the end.
#include "Case.h"
#include "Window.h"

using namespace mlir;

namespace pare::reference {

// Numbers of a tensor as they are summed; unsigned 64-bit sums wrap around without undefined behaviour.
template <typename T> static std::vector<T> numbers(const Tensor &tensor) {
  if constexpr (std::is_same_v<T, double>) {
    return tensor.toDoubles();
  } else {
    std::vector<int64_t> ints = tensor.toInts();
    return std::vector<T>(ints.begin(), ints.end());
  }
}
static Tensor toTensor(Type type, IndexRef shape, const std::vector<double> &values) {
  return Tensor::fromDoubles(type, shape, values);
}
static Tensor toTensor(Type type, IndexRef shape, const std::vector<uint64_t> &values) {
  return Tensor::fromInts(type, shape, std::vector<int64_t>(values.begin(), values.end()));
}

template <typename T> static llvm::Error matmulOf(MatmulOp op, Call &call) {
  const Tensor &lhs = call[op.getLhs()], &rhs = call[op.getRhs()];
  Index left(lhs.getShape()), right(rhs.getShape());
  auto fail = [&] {
    return call.error("shapes " + toString(lhs.getShape()) + " and " + toString(rhs.getShape()) + " do not multiply");
  };
  if (left.empty() || right.empty())
    return fail();
  if (lhs.getRank() == 1)
    left.insert(left.begin(), 1);
  if (rhs.getRank() == 1)
    right.push_back(1);
  int64_t m = left[left.size() - 2], k = left.back(), n = right.back();
  auto batch = broadcast(IndexRef(left).drop_back(2), IndexRef(right).drop_back(2));
  if (right[right.size() - 2] != k || !batch)
    return fail();
  Index shape = *batch;
  if (lhs.getRank() != 1)
    shape.push_back(m);
  if (rhs.getRank() != 1)
    shape.push_back(n);
  if (llvm::Error error = call.checkSize(call.elementType(), shape))
    return error;

  std::vector<T> a = numbers<T>(lhs), b = numbers<T>(rhs), sums(product(shape));
  auto batchA = broadcastOffsets(IndexRef(left).drop_back(2), *batch);
  auto batchB = broadcastOffsets(IndexRef(right).drop_back(2), *batch);
  for (size_t i = 0; i < batchA.size(); ++i) {
    const T *matrixA = a.data() + batchA[i] * m * k, *matrixB = b.data() + batchB[i] * k * n;
    T *result = sums.data() + static_cast<int64_t>(i) * m * n;
    for (int64_t row = 0; row < m; ++row)
      for (int64_t inner = 0; inner < k; ++inner)
        for (int64_t column = 0; column < n; ++column)
          result[row * n + column] += matrixA[row * k + inner] * matrixB[inner * n + column];
  }
  return call.give(toTensor(call.elementType(), shape, sums));
}

// Adds a bias [O] to every place of a result [N, O, places].
template <typename T>
static llvm::Error addBias(Call &call, const Tensor *bias, int64_t channels, std::vector<T> &sums, int64_t places) {
  if (!bias)
    return llvm::Error::success();
  if (bias->getShape() != IndexRef{channels})
    return call.error("a bias of shape " + toString(bias->getShape()) + " for " + Twine(channels) + " channels");
  std::vector<T> values = numbers<T>(*bias);
  for (size_t i = 0; i < sums.size(); ++i)
    sums[i] += values[i / places % channels];
  return llvm::Error::success();
}

// What conv and conv_transpose check alike.
template <typename OpT> static llvm::Error checkConv(OpT op, Call &call, const Tensor &x, const Tensor &weight) {
  size_t spatial = std::max<int64_t>(x.getRank() - 2, 0);
  if (x.getRank() < 2 || weight.getRank() != x.getRank() || op.getStrides().size() != spatial ||
      op.getDilations().size() != spatial || op.getPads().size() != 2 * spatial ||
      static_cast<int64_t>(op.getGroups()) < 1)
    return call.error("x of shape " + toString(x.getShape()) + " does not fit the weight " +
                      toString(weight.getShape()) + " and the attributes");
  return llvm::Error::success();
}

template <typename T> static llvm::Error convOf(ConvOp op, Call &call) {
  const Tensor &x = call[op.getX()], &weight = call[op.getWeight()];
  const Tensor *bias = op.getBias() ? call.find(op.getBias()) : nullptr;
  if (llvm::Error error = checkConv(op, call, x, weight))
    return error;
  auto groups = static_cast<int64_t>(op.getGroups());
  int64_t batch = x.getShape()[0], channels = x.getShape()[1], outputs = weight.getShape()[0],
          perGroup = weight.getShape()[1];
  if (perGroup * groups != channels || outputs % groups != 0)
    return call.error(Twine(channels) + " channels and " + Twine(outputs) + " outputs in " + Twine(groups) +
                      " groups of " + Twine(perGroup));
  auto windows = Windows::get(call, x.getShape().drop_front(2), weight.getShape().drop_front(2), op.getStrides(),
                              op.getPads(), op.getDilations(), /*ceilMode=*/false);
  if (!windows)
    return windows.takeError();
  Index shape{batch, outputs};
  llvm::append_range(shape, windows->result);
  if (llvm::Error error = call.checkSize(call.elementType(), shape))
    return error;

  std::vector<T> input = numbers<T>(x), weights = numbers<T>(weight), sums(product(shape));
  int64_t places = product(windows->result), taps = product(windows->kernel), area = product(windows->input);
  for (int64_t image = 0; image < batch; ++image)
    for (int64_t o = 0; o < outputs; ++o)
      for (int64_t c = 0; c < perGroup; ++c) {
        const T *plane = input.data() + (image * channels + o / (outputs / groups) * perGroup + c) * area;
        T *result = sums.data() + (image * outputs + o) * places;
        for (int64_t tap = 0; tap < taps; ++tap) {
          T factor = weights[(o * perGroup + c) * taps + tap];
          const int64_t *from = windows->source.data() + tap * places;
          for (int64_t place = 0; place < places; ++place)
            if (from[place] >= 0)
              result[place] += factor * plane[from[place]];
        }
      }
  if (llvm::Error error = addBias(call, bias, outputs, sums, places))
    return error;
  return call.give(toTensor(call.elementType(), shape, sums));
}

static llvm::Error convTranspose(ConvTransposeOp op, Call &call) {
  const Tensor &x = call[op.getX()], &weight = call[op.getWeight()];
  const Tensor *bias = op.getBias() ? call.find(op.getBias()) : nullptr;
  if (llvm::Error error = checkConv(op, call, x, weight))
    return error;
  auto groups = static_cast<int64_t>(op.getGroups());
  int64_t spatial = x.getRank() - 2, batch = x.getShape()[0], channels = x.getShape()[1];
  int64_t perGroup = weight.getShape()[1], outputs = perGroup * groups;
  if (weight.getShape()[0] != channels || channels % groups != 0 ||
      static_cast<int64_t>(op.getOutputPadding().size()) != spatial)
    return call.error(Twine(channels) + " channels in " + Twine(groups) + " groups do not fit the weight " +
                      toString(weight.getShape()));
  IndexRef kernel = weight.getShape().drop_front(2), input = x.getShape().drop_front(2);
  Index shape{batch, outputs};
  for (int64_t i = 0; i < spatial; ++i) {
    int64_t size = op.getStrides()[i] * (input[i] - 1) + op.getOutputPadding()[i] +
                   op.getDilations()[i] * (kernel[i] - 1) + 1 - op.getPads()[i] - op.getPads()[spatial + i];
    shape.push_back(std::max<int64_t>(size, 0));
  }
  if (llvm::Error error = call.checkSize(call.elementType(), shape))
    return error;
  IndexRef result = IndexRef(shape).drop_front(2);
  Index strides = rowMajorStrides(result);

  // Every element of x adds to the places that the kernel covers from it.
  std::vector<double> values = x.toDoubles(), weights = weight.toDoubles(), sums(product(shape));
  int64_t places = product(result), taps = product(kernel), area = product(input);
  forEachIndex(kernel, [&](IndexRef tap, int64_t tapPosition) {
    forEachIndex(input, [&](IndexRef at, int64_t position) {
      int64_t place = 0;
      for (int64_t i = 0; i < spatial; ++i) {
        int64_t to = at[i] * op.getStrides()[i] + tap[i] * op.getDilations()[i] - op.getPads()[i];
        if (to < 0 || to >= result[i])
          return;
        place += to * strides[i];
      }
      for (int64_t image = 0; image < batch; ++image)
        for (int64_t c = 0; c < channels; ++c)
          for (int64_t o = 0; o < perGroup; ++o) {
            int64_t output = c / (channels / groups) * perGroup + o;
            sums[(image * outputs + output) * places + place] +=
                values[(image * channels + c) * area + position] * weights[(c * perGroup + o) * taps + tapPosition];
          }
    });
  });
  if (llvm::Error error = addBias(call, bias, outputs, sums, places))
    return error;
  return call.give(toTensor(call.elementType(), shape, sums));
}

void registerContraction(Registry &registry) {
  registry.add<MatmulOp>([](MatmulOp op, Call &call) {
    return isa<FloatType>(call.elementType()) ? matmulOf<double>(op, call) : matmulOf<uint64_t>(op, call);
  });
  registry.add<ConvOp>([](ConvOp op, Call &call) {
    return isa<FloatType>(call.elementType()) ? convOf<double>(op, call) : convOf<uint64_t>(op, call);
  });
  registry.add<ConvTransposeOp>(convTranspose);
}

} // namespace pare::reference
