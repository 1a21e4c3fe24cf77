// Matrix products, reductions and selections along an axis.
#include "Infer.h"

using namespace mlir;
using namespace pare;
using namespace pare::infer;

namespace {
bool isByte(Type type) {
  auto integer = dyn_cast<IntegerType>(type);
  return integer && integer.getWidth() == 8;
}

LogicalResult inferReduced(Loc location, Value x, ArrayRef<int64_t> axes, bool keepDims, Type elementType,
                           Types &inferred) {
  auto type = ranked(x);
  if (!type)
    return pushUnranked(inferred, elementType);
  if (failed(checkSortedAxes(location, axes, type.getRank())))
    return failure();
  Sizes sizes;
  for (auto [axis, size] : llvm::enumerate(type.getShape())) {
    bool reduced = llvm::is_contained(axes, static_cast<int64_t>(axis));
    if (!reduced || keepDims)
      sizes.push_back(reduced ? 1 : size);
  }
  return push(inferred, sizes, elementType);
}

std::optional<int64_t> mapReducedAxis(Value x, ArrayRef<int64_t> axes, bool keepDims, int64_t axis) {
  if (!ranked(x) || llvm::is_contained(axes, axis))
    return std::nullopt;
  return keepDims ? axis : axis - llvm::count_if(axes, [&](int64_t other) { return other < axis; });
}
} // namespace

LogicalResult MatmulOp::inferReturnTypes(MLIRContext *context, Loc location, Adaptor adaptor, Types &inferred) {
  Type elementType = element(adaptor.getLhs());
  if (isByte(elementType))
    elementType = IntegerType::get(context, 32, IntegerType::Signed);
  auto lhs = ranked(adaptor.getLhs()), rhs = ranked(adaptor.getRhs());
  if ((lhs && lhs.getRank() == 0) || (rhs && rhs.getRank() == 0))
    return inferenceError(location, "operands need at least one axis");
  if (!lhs || !rhs)
    return pushUnranked(inferred, elementType);
  Sizes a(lhs.getShape()), b(rhs.getShape());
  bool row = a.size() == 1, column = b.size() == 1;
  if (row)
    a.insert(a.begin(), 1);
  if (column)
    b.push_back(1);
  if (!meetSizes(a.back(), b[b.size() - 2]))
    return inferenceError(location, "contracts sizes " + Twine(a.back()) + " and " + Twine(b[b.size() - 2]));
  size_t rank = std::max(a.size(), b.size());
  int64_t rows = a[a.size() - 2], columns = b.back();
  a.insert(a.begin(), rank - a.size(), 1);
  b.insert(b.begin(), rank - b.size(), 1);
  Sizes sizes;
  for (size_t i = 0; i + 2 < rank; ++i) {
    std::optional<int64_t> size = broadcastSizes(a[i], b[i]);
    if (!size)
      return inferenceError(location, "batch sizes " + Twine(a[i]) + " and " + Twine(b[i]) + " do not broadcast");
    sizes.push_back(*size);
  }
  if (!row)
    sizes.push_back(rows);
  if (!column)
    sizes.push_back(columns);
  return push(inferred, sizes, elementType);
}

LogicalResult MatmulOp::verify() {
  Type lhs = element(getLhs()), rhs = element(getRhs());
  if (lhs != rhs && !(isByte(lhs) && isByte(rhs)))
    return emitOpError("needs one element type, or bytes, for both operands");
  return success();
}

std::optional<int64_t> MatmulOp::mapAxis(unsigned operand, int64_t axis, unsigned) {
  auto lhs = ranked(getLhs()), rhs = ranked(getRhs()), result = ranked(getResult());
  if (!lhs || !rhs || !result)
    return std::nullopt;
  int64_t columns = rhs.getRank() == 1 ? 0 : 1, rows = lhs.getRank() == 1 ? 0 : 1;
  auto own = operand == 0 ? lhs : rhs;
  if (own.getRank() == 1)
    return std::nullopt;
  if (axis >= own.getRank() - 2) {
    bool last = axis == own.getRank() - 1;
    if (last == (operand == 0)) // the contracted axis
      return std::nullopt;
    return operand == 0 ? result.getRank() - 1 - columns : result.getRank() - 1;
  }
  int64_t target = axis + (result.getRank() - rows - columns) - (own.getRank() - 2);
  if (target < 0 || (own.getDimSize(axis) == 1 && result.getDimSize(target) != 1))
    return std::nullopt;
  return target;
}

double MatmulOp::getFlops(DimFn dim) {
  auto lhs = ranked(getLhs());
  return lhs && lhs.getRank() > 0
             ? 2 * numElements(getResult(), dim) * static_cast<double>(dim(getLhs(), lhs.getRank() - 1))
             : 0;
}

LogicalResult ReduceOp::inferReturnTypes(MLIRContext *, Loc location, Adaptor adaptor, Types &inferred) {
  return inferReduced(location, adaptor.getX(), adaptor.getAxes(), adaptor.getKeepDims(), element(adaptor.getX()),
                      inferred);
}
LogicalResult ReduceOp::verify() {
  if (element(getX()).isInteger(1) && getKind() != ReduceKind::max && getKind() != ReduceKind::min)
    return emitOpError("reduces booleans by max and min only");
  return success();
}
std::optional<int64_t> ReduceOp::mapAxis(unsigned, int64_t axis, unsigned) {
  return mapReducedAxis(getX(), getAxes(), getKeepDims(), axis);
}
double ReduceOp::getFlops(DimFn dim) { return numElements(getX(), dim); }

#define PARE_ARG(Op)                                                                                                   \
  LogicalResult Op::inferReturnTypes(MLIRContext *context, Loc location, Adaptor adaptor, Types &inferred) {           \
    return inferReduced(location, adaptor.getX(), {static_cast<int64_t>(adaptor.getAxis())}, adaptor.getKeepDims(),    \
                        IntegerType::get(context, 64, IntegerType::Signed), inferred);                                 \
  }                                                                                                                    \
  std::optional<int64_t> Op::mapAxis(unsigned, int64_t axis, unsigned) {                                               \
    return mapReducedAxis(getX(), {static_cast<int64_t>(getAxis())}, getKeepDims(), axis);                             \
  }                                                                                                                    \
  double Op::getFlops(DimFn dim) { return numElements(getX(), dim); }
PARE_ARG(ArgMaxOp)
PARE_ARG(ArgMinOp)
#undef PARE_ARG

LogicalResult TopKOp::inferReturnTypes(MLIRContext *context, Loc location, Adaptor adaptor, Types &inferred) {
  auto type = ranked(adaptor.getX());
  Type elementType = element(adaptor.getX()), index = IntegerType::get(context, 64, IntegerType::Signed);
  if (!type) {
    (void)pushUnranked(inferred, elementType);
    return pushUnranked(inferred, index);
  }
  int64_t axis = adaptor.getAxis();
  if (failed(checkAxis(location, axis, type.getRank())))
    return failure();
  Sizes sizes(type.getShape());
  PartialInts k = getPartialInts(adaptor.getK());
  if (k && k->size() != 1)
    return inferenceError(location, "k has " + Twine(k->size()) + " elements instead of 1");
  int64_t count = k && k->front() ? *k->front() : kDyn;
  if (!isDyn(count) && (count < 0 || (!isDyn(sizes[axis]) && count > sizes[axis])))
    return inferenceError(location, "k = " + Twine(count) + " is out of range for size " + Twine(sizes[axis]));
  sizes[axis] = count;
  (void)push(inferred, sizes, elementType);
  return push(inferred, sizes, index);
}
std::optional<int64_t> TopKOp::mapAxis(unsigned operand, int64_t axis, unsigned) {
  return operand != 0 || axis == static_cast<int64_t>(getAxis()) ? std::nullopt : sameAxis(getX(), axis);
}
double TopKOp::getFlops(DimFn dim) { return numElements(getX(), dim); }
