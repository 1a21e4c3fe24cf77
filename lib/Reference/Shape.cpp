// Shapes, strides and walks over index tuples.
#include "Shape.h"
#include "llvm/ADT/STLExtras.h"
#include <algorithm>
#include <numeric>

namespace pare::reference {

int64_t product(IndexRef shape) {
  if (llvm::is_contained(shape, 0)) // whatever overflow the other sizes would give
    return 0;
  return std::accumulate(shape.begin(), shape.end(), int64_t(1), [](int64_t a, int64_t b) { return a * b; });
}

std::string toString(IndexRef shape) {
  std::string text = "[";
  for (size_t axis = 0; axis < shape.size(); ++axis)
    text += (axis ? ", " : "") + std::to_string(shape[axis]);
  return text + "]";
}

Index rowMajorStrides(IndexRef shape) {
  Index strides(shape.size(), 1);
  for (int64_t axis = static_cast<int64_t>(shape.size()) - 2; axis >= 0; --axis)
    strides[axis] = strides[axis + 1] * shape[axis + 1];
  return strides;
}

int64_t dot(IndexRef index, IndexRef strides) {
  return std::inner_product(index.begin(), index.end(), strides.begin(), int64_t(0));
}

void forEachIndex(IndexRef shape, llvm::function_ref<void(IndexRef, int64_t)> fn) {
  Index index(shape.size(), 0);
  int64_t count = product(shape);
  for (int64_t position = 0; position < count; ++position) {
    fn(index, position);
    for (int64_t axis = static_cast<int64_t>(shape.size()) - 1; axis >= 0; --axis) {
      if (++index[axis] < shape[axis])
        break;
      index[axis] = 0;
    }
  }
}

std::optional<Index> broadcast(IndexRef a, IndexRef b) {
  if (a.size() < b.size())
    std::swap(a, b);
  Index result(a);
  for (size_t back = 1; back <= b.size(); ++back) {
    int64_t &size = result[a.size() - back];
    int64_t other = b[b.size() - back];
    if (size == 1)
      size = other;
    else if (other != 1 && other != size)
      return std::nullopt;
  }
  return result;
}

std::vector<int64_t> broadcastOffsets(IndexRef shape, IndexRef result) {
  std::vector<int64_t> offsets(product(result));
  if (shape == result) {
    std::iota(offsets.begin(), offsets.end(), 0);
    return offsets;
  }
  Index own = rowMajorStrides(shape), strides(result.size(), 0);
  size_t skipped = result.size() - shape.size();
  for (size_t axis = 0; axis < shape.size(); ++axis)
    strides[skipped + axis] = shape[axis] == 1 ? 0 : own[axis];
  forEachIndex(result, [&](IndexRef index, int64_t position) { offsets[position] = dot(index, strides); });
  return offsets;
}

AxisView::AxisView(IndexRef shape, int64_t axis)
    : outer(product(shape.take_front(axis))), size(shape[axis]), inner(product(shape.drop_front(axis + 1))) {}

} // namespace pare::reference
