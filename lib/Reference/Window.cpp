// Windows and pooling.
#include "Window.h"
#include <limits>

using namespace mlir;

namespace pare::reference {

llvm::Expected<Windows> Windows::get(Call &call, IndexRef input, IndexRef kernel, IndexRef strides, IndexRef pads,
                                     IndexRef dilations, bool ceilMode) {
  size_t rank = input.size();
  if (kernel.size() != rank || strides.size() != rank || dilations.size() != rank || pads.size() != 2 * rank)
    return call.error("attributes do not fit " + Twine(rank) + " spatial axes");
  Windows windows;
  windows.input.assign(input.begin(), input.end());
  windows.kernel.assign(kernel.begin(), kernel.end());
  for (size_t i = 0; i < rank; ++i) {
    if (strides[i] < 1 || dilations[i] < 1 || kernel[i] < 0)
      return call.error("a window of size " + Twine(kernel[i]) + ", stride " + Twine(strides[i]) + ", dilation " +
                        Twine(dilations[i]));
    int64_t room = input[i] + pads[i] + pads[rank + i] - dilations[i] * (kernel[i] - 1) - 1;
    int64_t count = 0;
    if (room >= 0) {
      count = (room + (ceilMode ? strides[i] - 1 : 0)) / strides[i] + 1;
      if (ceilMode && (count - 1) * strides[i] >= input[i] + pads[i])
        --count;
    }
    windows.result.push_back(count);
  }
  Index table(windows.kernel), inputStrides = rowMajorStrides(input);
  llvm::append_range(table, windows.result);
  if (llvm::Error error = call.checkSize(IntegerType::get(call.op->getContext(), 64), table))
    return error;
  windows.source.resize(product(table));
  forEachIndex(table, [&](IndexRef index, int64_t position) {
    int64_t offset = 0;
    for (size_t i = 0; i < rank; ++i) {
      int64_t at = index[rank + i] * strides[i] + index[i] * dilations[i] - pads[i];
      if (at >= input[i] + pads[rank + i])
        offset = kBeyond;
      else if ((at < 0 || at >= input[i]) && offset != kBeyond)
        offset = kPad;
      else if (offset >= 0)
        offset += at * inputStrides[i];
    }
    windows.source[position] = offset;
  });
  return windows;
}

// One window at a time: fn(input plane offset, taps of the window) sets the result at a position.
template <typename OpT, typename Fn> static llvm::Error pool(OpT op, Call &call, Fn fn) {
  const Tensor &x = call[op.getX()];
  if (x.getRank() < 2)
    return call.error("a tensor of rank " + Twine(x.getRank()));
  auto windows = Windows::get(call, x.getShape().drop_front(2), op.getKernel(), op.getStrides(), op.getPads(),
                              op.getDilations(), op.getCeilMode());
  if (!windows)
    return windows.takeError();
  Index shape(x.getShape().take_front(2));
  llvm::append_range(shape, windows->result);
  if (llvm::Error error = call.checkSize(call.elementType(), shape))
    return error;
  Tensor result(call.elementType(), shape);
  int64_t planes = shape[0] * shape[1], places = product(windows->result), taps = product(windows->kernel);
  int64_t area = product(windows->input);
  for (int64_t plane = 0; plane < planes; ++plane)
    for (int64_t place = 0; place < places; ++place) {
      Index elements;
      int64_t padding = 0;
      for (int64_t tap = 0; tap < taps; ++tap) {
        int64_t from = windows->source[tap * places + place];
        if (from >= 0)
          elements.push_back(plane * area + from);
        padding += from == Windows::kPad;
      }
      fn(x, elements, padding, result, plane * places + place);
    }
  return call.give(std::move(result));
}

// A window that lies in the padding alone has the lowest value of the type.
static void largest(const Tensor &x, IndexRef elements, int64_t, Tensor &result, int64_t place) {
  if (x.isFloat()) {
    double best = -std::numeric_limits<double>::infinity();
    for (int64_t element : elements)
      best = maxOf(best, x.getDouble(element));
    return result.setDouble(place, best);
  }
  int64_t best = lowestInt(x.getElementType());
  for (int64_t element : elements)
    best = lessInt(x.getElementType(), best, x.getInt(element)) ? x.getInt(element) : best;
  result.setInt(place, best);
}

static llvm::Error averagePool(AveragePoolOp op, Call &call) {
  bool includePad = op.getCountIncludePad();
  return pool(op, call, [&](const Tensor &x, IndexRef elements, int64_t padding, Tensor &result, int64_t place) {
    int64_t count = static_cast<int64_t>(elements.size()) + (includePad ? padding : 0);
    if (x.isFloat()) {
      double sum = 0;
      for (int64_t element : elements)
        sum += x.getDouble(element);
      return result.setDouble(place, sum / static_cast<double>(count));
    }
    int64_t sum = 0;
    for (int64_t element : elements)
      sum += x.getInt(element);
    result.setInt(place, count ? sum / count : 0);
  });
}

void registerWindow(Registry &registry) {
  registry.add<MaxPoolOp>([](MaxPoolOp op, Call &call) { return pool(op, call, largest); });
  registry.add<AveragePoolOp>(averagePool);
}

} // namespace pare::reference
