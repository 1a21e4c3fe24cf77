// Reductions, arg_max, arg_min, top_k.
#include "Case.h"
#include <cmath>
#include <limits>
#include <numeric>

using namespace mlir;

namespace pare::reference {

static double reduceFloats(ReduceKind kind, ArrayRef<double> values) {
  constexpr double infinity = std::numeric_limits<double>::infinity();
  switch (kind) {
  case ReduceKind::sum:
    return std::accumulate(values.begin(), values.end(), 0.0);
  case ReduceKind::mean:
    return std::accumulate(values.begin(), values.end(), 0.0) / static_cast<double>(values.size());
  case ReduceKind::max:
    return std::accumulate(values.begin(), values.end(), -infinity, maxOf);
  case ReduceKind::min:
    return std::accumulate(values.begin(), values.end(), infinity, minOf);
  case ReduceKind::prod:
    return std::accumulate(values.begin(), values.end(), 1.0, std::multiplies<>());
  }
  llvm_unreachable("a kind of reduction");
}

// A mean of nothing is 0, there being no NaN; other means truncate toward zero.
static int64_t reduceInts(ReduceKind kind, Type type, ArrayRef<int64_t> values) {
  uint64_t sum = 0, product = 1;
  int64_t highest = lowestInt(type), lowest = highestInt(type);
  for (int64_t value : values) {
    sum += static_cast<uint64_t>(value);
    product *= static_cast<uint64_t>(value);
    highest = lessInt(type, highest, value) ? value : highest;
    lowest = lessInt(type, value, lowest) ? value : lowest;
  }
  switch (kind) {
  case ReduceKind::sum:
    return static_cast<int64_t>(sum);
  case ReduceKind::mean:
    if (values.empty())
      return 0;
    return type.isUnsignedInteger() ? static_cast<int64_t>(sum / values.size())
                                    : static_cast<int64_t>(sum) / static_cast<int64_t>(values.size());
  case ReduceKind::max:
    return highest;
  case ReduceKind::min:
    return lowest;
  case ReduceKind::prod:
    return static_cast<int64_t>(product);
  }
  llvm_unreachable("a kind of reduction");
}

static llvm::Error reduce(ReduceOp op, Call &call) {
  const Tensor &x = call[op.getX()];
  Index kept(x.getShape()), shape, inner(x.getShape());
  for (int64_t axis : op.getAxes()) {
    if (llvm::Error error = call.checkAxis(axis, x.getRank()))
      return error;
    kept[axis] = 1;
  }
  for (int64_t axis = 0; axis < x.getRank(); ++axis) {
    bool reduced = llvm::is_contained(op.getAxes(), axis);
    inner[axis] = reduced ? inner[axis] : 1;
    if (!reduced || op.getKeepDims())
      shape.push_back(kept[axis]);
  }
  Index strides = rowMajorStrides(x.getShape());
  Tensor result(call.elementType(), shape);
  std::vector<double> floats(x.isFloat() ? product(inner) : 0);
  std::vector<int64_t> ints(x.isFloat() ? 0 : product(inner));
  forEachIndex(kept, [&](IndexRef outer, int64_t place) {
    int64_t base = dot(outer, strides);
    forEachIndex(inner, [&](IndexRef index, int64_t position) {
      int64_t at = base + dot(index, strides);
      if (x.isFloat())
        floats[position] = x.getDouble(at);
      else
        ints[position] = x.getInt(at);
    });
    if (x.isFloat())
      result.setDouble(place, reduceFloats(op.getKind(), floats));
    else
      result.setInt(place, reduceInts(op.getKind(), x.getElementType(), ints));
  });
  return call.give(std::move(result));
}

// Whether element a comes before element b in ascending order, NaN after everything.
static bool before(const Tensor &x, int64_t a, int64_t b) {
  if (!x.isFloat())
    return lessInt(x.getElementType(), x.getInt(a), x.getInt(b));
  double left = x.getDouble(a), right = x.getDouble(b);
  return std::isnan(left) ? false : std::isnan(right) ? true : left < right;
}

// As NumPy, a NaN is both the largest and the smallest element.
template <typename OpT> static llvm::Error argExtreme(OpT op, Call &call, bool largest) {
  const Tensor &x = call[op.getX()];
  auto axis = static_cast<int64_t>(op.getAxis());
  if (llvm::Error error = call.checkAxis(axis, x.getRank()))
    return error;
  AxisView view(x.getShape(), axis);
  Index shape(x.getShape());
  if (op.getKeepDims())
    shape[axis] = 1;
  else
    shape.erase(shape.begin() + axis);
  if (view.size == 0 && product(shape) != 0)
    return call.error("no element along axis " + Twine(axis) + " of " + toString(x.getShape()));
  auto isNan = [&](int64_t at) { return x.isFloat() && std::isnan(x.getDouble(at)); };
  auto better = [&](int64_t a, int64_t b) {
    if (isNan(a) || isNan(b))
      return isNan(a) && !isNan(b);
    return largest ? before(x, b, a) : before(x, a, b);
  };
  Tensor result(call.elementType(), shape);
  for (int64_t outer = 0; outer < view.outer; ++outer)
    for (int64_t inner = 0; inner < view.inner; ++inner) {
      int64_t best = 0;
      for (int64_t i = 1; i < view.size; ++i) {
        int64_t at = view.offset(outer, i, inner), bestAt = view.offset(outer, best, inner);
        if (op.getSelectLast() ? !better(bestAt, at) : better(at, bestAt))
          best = i;
      }
      if (view.size)
        result.setInt(outer * view.inner + inner, best);
    }
  return call.give(std::move(result));
}

static llvm::Error topK(TopKOp op, Call &call) {
  const Tensor &x = call[op.getX()];
  auto axis = static_cast<int64_t>(op.getAxis());
  if (llvm::Error error = call.checkAxis(axis, x.getRank()))
    return error;
  if (llvm::Error error = call.checkScalar(call[op.getK()], "k"))
    return error;
  int64_t k = call[op.getK()].getInt(0);
  AxisView view(x.getShape(), axis);
  if (k < 0 || k > view.size)
    return call.error("k is " + Twine(k) + " for an axis of size " + Twine(view.size));
  Index shape(x.getShape());
  shape[axis] = k;
  AxisView to(shape, axis);
  Tensor values(call.elementType(0), shape), indices(call.elementType(1), shape);
  for (int64_t outer = 0; outer < view.outer; ++outer)
    for (int64_t inner = 0; inner < view.inner; ++inner) {
      std::vector<int64_t> order(view.size);
      std::iota(order.begin(), order.end(), 0);
      llvm::sort(order, [&](int64_t a, int64_t b) {
        int64_t atA = view.offset(outer, a, inner), atB = view.offset(outer, b, inner);
        bool first = op.getLargest() ? before(x, atB, atA) : before(x, atA, atB);
        bool second = op.getLargest() ? before(x, atA, atB) : before(x, atB, atA);
        return first || (!second && a < b);
      });
      for (int64_t i = 0; i < k; ++i) {
        int64_t from = view.offset(outer, order[i], inner), place = to.offset(outer, i, inner);
        if (x.isFloat())
          values.setDouble(place, x.getDouble(from));
        else
          values.setInt(place, x.getInt(from));
        indices.setInt(place, order[i]);
      }
    }
  call.results = {std::move(values), std::move(indices)};
  return llvm::Error::success();
}

void registerReduce(Registry &registry) {
  registry.add<ReduceOp>(reduce);
  registry.add<ArgMaxOp>([](ArgMaxOp op, Call &call) { return argExtreme(op, call, true); });
  registry.add<ArgMinOp>([](ArgMinOp op, Call &call) { return argExtreme(op, call, false); });
  registry.add<TopKOp>(topK);
}

} // namespace pare::reference
