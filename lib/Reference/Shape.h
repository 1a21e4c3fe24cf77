// Shapes, strides and walks over index tuples.
#ifndef PARE_LIB_REFERENCE_SHAPE_H
#define PARE_LIB_REFERENCE_SHAPE_H

#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/STLFunctionalExtras.h"
#include "llvm/ADT/SmallVector.h"
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace pare::reference {
using Index = llvm::SmallVector<int64_t>;
using IndexRef = llvm::ArrayRef<int64_t>;

int64_t product(IndexRef shape);
/// "[2, 3]"
std::string toString(IndexRef shape);

/// Elements between neighbours along each axis of a row-major tensor.
Index rowMajorStrides(IndexRef shape);
int64_t dot(IndexRef index, IndexRef strides);

/// Every index tuple of `shape` in row-major order, with its position in that order.
void forEachIndex(IndexRef shape, llvm::function_ref<void(IndexRef, int64_t)> fn);

/// NumPy's broadcast of two shapes; std::nullopt when they conflict.
std::optional<Index> broadcast(IndexRef a, IndexRef b);
/// For every element of `result`, row-major, the element of a tensor of `shape` that broadcasts to it.
std::vector<int64_t> broadcastOffsets(IndexRef shape, IndexRef result);

/// A shape seen from one axis: [outer, size, inner].
struct AxisView {
  int64_t outer, size, inner;
  AxisView(IndexRef shape, int64_t axis);
  int64_t offset(int64_t o, int64_t i, int64_t in) const { return (o * size + i) * inner + in; }
};
} // namespace pare::reference

#endif
