// Ops that make tensors or move their elements without looking at them.
#include "Infer.h"
#include "mlir/IR/AsmState.h"
#include "mlir/IR/DialectResourceBlobManager.h"
#include "llvm/Support/MathExtras.h"
#include <cmath>

using namespace mlir;
using namespace pare;
using namespace pare::infer;

#define PARE_NO_FLOPS(Op)                                                                                              \
  double Op::getFlops(DimFn) { return 0; }

namespace {
constexpr StringLiteral kShape = "shape";

/// Sizes that a shape operand holds, unknown where they are; std::nullopt when not even the rank is known.
FailureOr<std::optional<Sizes>> shapeSizes(Loc location, Value shape, StringRef what) {
  if (failed(checkRank(location, shape, 1, what)))
    return failure();
  PartialInts entries = getPartialInts(shape);
  if (!entries)
    return std::optional<Sizes>();
  Sizes sizes;
  for (std::optional<int64_t> entry : *entries) {
    if (entry && *entry < 0) {
      (void)inferenceError(location, what + " has the negative entry " + Twine(*entry));
      return failure();
    }
    sizes.push_back(entry.value_or(kDyn));
  }
  return std::optional<Sizes>(sizes);
}
} // namespace

//===- Constants -------------------------------------------------------------------------------------------------===//

LogicalResult ConstantOp::inferReturnTypes(MLIRContext *, Loc location, Adaptor adaptor, Types &inferred) {
  auto type = dyn_cast<RankedTensorType>(adaptor.getValue().getType());
  if (!type || !type.hasStaticShape())
    return inferenceError(location, "a constant needs a static tensor type");
  inferred.push_back(type);
  return success();
}
LogicalResult ConstantOp::verify() {
  auto type = dyn_cast<RankedTensorType>(getValue().getType());
  if (!type || !type.hasStaticShape())
    return emitOpError("needs a value of a static tensor type");
  if (auto resource = dyn_cast<DenseResourceElementsAttr>(getValue())) {
    AsmResourceBlob *blob = resource.getRawHandle().getBlob();
    uint64_t bytes = type.getNumElements() * elementBytes(type.getElementType());
    if (blob && blob->getData().size() != bytes)
      return emitOpError("has a resource of ") << blob->getData().size() << " bytes where " << bytes << " are needed";
    return success();
  }
  if (!isa<DenseElementsAttr, ExternalAttr>(getValue()))
    return emitOpError("takes dense, dense_resource and #pare.external values");
  return success();
}
OpFoldResult ConstantOp::fold(FoldAdaptor) { return getValueAttr(); }
std::optional<int64_t> ConstantOp::mapAxis(unsigned, int64_t, unsigned) { return std::nullopt; }
PARE_NO_FLOPS(ConstantOp)

LogicalResult FullOp::inferReturnTypes(MLIRContext *, Loc location, Adaptor adaptor, Types &inferred) {
  Type elementType = adaptor.getValue().getElementType();
  auto sizes = shapeSizes(location, adaptor.getShape(), kShape);
  if (failed(sizes))
    return failure();
  return *sizes ? push(inferred, **sizes, elementType) : pushUnranked(inferred, elementType);
}
LogicalResult FullOp::verify() {
  if (!isa<DenseElementsAttr>(getValue()) || getValue().getNumElements() != 1)
    return emitOpError("needs a dense value of one element");
  return success();
}
std::optional<int64_t> FullOp::mapAxis(unsigned, int64_t, unsigned) { return std::nullopt; }
PARE_NO_FLOPS(FullOp)

namespace {
/// Number of elements of a range, kDyn when not known.
FailureOr<int64_t> rangeCount(Loc location, Value start, Value limit, Value delta) {
  if (auto type = dyn_cast<FloatType>(element(start))) {
    double values[3];
    Value operands[] = {start, limit, delta};
    for (auto [i, operand] : llvm::enumerate(operands)) {
      auto constant = operand.getDefiningOp<ConstantOp>();
      auto dense = constant ? dyn_cast<DenseElementsAttr>(constant.getValue()) : DenseElementsAttr();
      if (!dense || dense.getNumElements() != 1)
        return kDyn;
      APFloat value = *dense.value_begin<APFloat>();
      bool inexact;
      value.convert(APFloat::IEEEdouble(), APFloat::rmNearestTiesToEven, &inexact);
      values[i] = value.convertToDouble();
    }
    // The quotient is rounded in the element type of the operands by who runs it: only a clear one is trusted.
    double quotient = (values[1] - values[0]) / values[2];
    if (!std::isfinite(quotient) || std::abs(quotient) > 1e9 || std::abs(quotient - std::round(quotient)) < 1e-3)
      return quotient == std::round(quotient) && std::abs(quotient) < 1e9 ? std::max<int64_t>(quotient, 0) : kDyn;
    return std::max<int64_t>(static_cast<int64_t>(std::ceil(quotient)), 0);
  }
  PartialInts from = getPartialInts(start, 1), to = getPartialInts(limit, 1), by = getPartialInts(delta, 1);
  if (!from || !to || !by || from->size() != 1 || to->size() != 1 || by->size() != 1 || !from->front() ||
      !to->front() || !by->front())
    return kDyn;
  int64_t step = *by->front(), distance;
  if (step == 0)
    return FailureOr<int64_t>(inferenceError(location, "a range needs a step other than 0"));
  if (llvm::SubOverflow(*to->front(), *from->front(), distance))
    return kDyn;
  if (distance == 0 || (distance < 0) != (step < 0))
    return 0;
  return distance / step + (distance % step != 0);
}
} // namespace

LogicalResult RangeOp::inferReturnTypes(MLIRContext *, Loc location, Adaptor adaptor, Types &inferred) {
  Value start = adaptor.getStart(), limit = adaptor.getLimit(), delta = adaptor.getDelta();
  if (element(start) != element(limit) || element(start) != element(delta))
    return inferenceError(location, "operands must share one element type");
  FailureOr<int64_t> count = rangeCount(location, start, limit, delta);
  return failed(count) ? failure() : push(inferred, {*count}, element(start));
}
std::optional<int64_t> RangeOp::mapAxis(unsigned, int64_t, unsigned) { return std::nullopt; }
PARE_NO_FLOPS(RangeOp)

LogicalResult ShapeOfOp::inferReturnTypes(MLIRContext *context, Loc, Adaptor adaptor, Types &inferred) {
  auto type = ranked(adaptor.getX());
  return push(inferred, {type ? type.getRank() : kDyn}, IntegerType::get(context, 64, IntegerType::Signed));
}
std::optional<int64_t> ShapeOfOp::mapAxis(unsigned, int64_t, unsigned) { return std::nullopt; }
PARE_NO_FLOPS(ShapeOfOp)

//===- Views -----------------------------------------------------------------------------------------------------===//

LogicalResult ReshapeOp::inferReturnTypes(MLIRContext *, Loc location, Adaptor adaptor, Types &inferred) {
  Type elementType = element(adaptor.getData());
  if (failed(checkRank(location, adaptor.getShape(), 1, kShape)))
    return failure();
  PartialInts entries = getPartialInts(adaptor.getShape());
  if (!entries)
    return pushUnranked(inferred, elementType);
  auto data = ranked(adaptor.getData());
  Sizes sizes;
  // Sizes of the operand that the result does not copy, whose product the entry -1 has to make up.
  Sizes left;
  if (data)
    left.assign(data.getShape().begin(), data.getShape().end());
  int64_t inferAt = -1, unknown = 0;
  for (auto [i, entry] : llvm::enumerate(*entries)) {
    if (!entry) {
      inferAt = unknown++ == 0 && inferAt < 0 ? static_cast<int64_t>(i) : inferAt;
      sizes.push_back(kDyn);
    } else if (*entry == 0 && !adaptor.getAllowZero()) {
      if (data && static_cast<int64_t>(i) >= data.getRank())
        return inferenceError(location, "entry " + Twine(i) + " of the shape copies an axis that is not there");
      sizes.push_back(data ? data.getDimSize(i) : kDyn);
      unknown += !data;
      if (data)
        left[i] = 1;
    } else if (*entry == -1) {
      if (llvm::is_contained(ArrayRef(*entries).take_front(i), std::optional<int64_t>(-1)))
        return inferenceError(location, "more than one entry of the shape is -1");
      // Besides another entry that is unknown nothing can be inferred.
      inferAt = i;
      unknown++;
      sizes.push_back(kDyn);
    } else if (*entry < 0) {
      return inferenceError(location, "the shape has the negative entry " + Twine(*entry));
    } else {
      sizes.push_back(*entry);
    }
  }
  int64_t wanted = data ? product(left) : kDyn, given = 1;
  for (auto [i, entry] : llvm::enumerate(*entries))
    if (entry && *entry > 0)
      given = multiply(given, *entry);
    else if (entry && *entry == 0 && adaptor.getAllowZero())
      given = 0;
  if (isDyn(wanted) || isDyn(given) || unknown > 1)
    return push(inferred, sizes, elementType);
  if (unknown == 0 && given != wanted)
    return inferenceError(location, "a tensor of " + Twine(product(data.getShape())) + " elements has no shape with " +
                                        Twine(product(sizes)));
  if (unknown == 1 && given != 0 && inferAt >= 0) {
    if (wanted % given != 0)
      return inferenceError(location, Twine(wanted) + " elements do not divide by " + Twine(given));
    // An axis copied as 0 leaves the inferred one open.
    bool copiesZero = data && llvm::is_contained(data.getShape(), 0) && !llvm::is_contained(left, 0);
    sizes[inferAt] = copiesZero ? kDyn : wanted / given;
  }
  return push(inferred, sizes, elementType);
}
LogicalResult ReshapeOp::verify() {
  auto data = ranked(getData()), result = ranked(getResult());
  if (data && result && data.hasStaticShape() && result.hasStaticShape() &&
      product(data.getShape()) != product(result.getShape()))
    return emitOpError("cannot turn ") << data << " into " << result;
  return success();
}
std::optional<int64_t> ReshapeOp::mapAxis(unsigned operand, int64_t axis, unsigned) {
  auto data = ranked(getData()), result = ranked(getResult());
  if (operand != 0 || !data || !result || axis >= data.getRank())
    return std::nullopt;
  // Leading entries that copy their axis keep it, whatever its size.
  if (auto entries = getPartialInts(getShape()); entries && !getAllowZero())
    for (int64_t i = 0; i < static_cast<int64_t>(entries->size()) && i < result.getRank(); ++i) {
      bool same =
          (*entries)[i] == 0 || (i < data.getRank() && !data.isDynamicDim(i) && (*entries)[i] == data.getDimSize(i));
      if (!same)
        break;
      if (i == axis)
        return axis;
    }
  return mapReshapedAxis(data, result, axis);
}
PARE_NO_FLOPS(ReshapeOp)

LogicalResult SqueezeOp::inferReturnTypes(MLIRContext *, Loc location, Adaptor adaptor, Types &inferred) {
  auto type = ranked(adaptor.getX());
  if (!type)
    return pushUnranked(inferred, element(adaptor.getX()));
  ArrayRef<int64_t> axes = adaptor.getAxes();
  if (failed(checkSortedAxes(location, axes, type.getRank())))
    return failure();
  Sizes sizes;
  for (auto [axis, size] : llvm::enumerate(type.getShape())) {
    if (!llvm::is_contained(axes, static_cast<int64_t>(axis)))
      sizes.push_back(size);
    else if (!isDyn(size) && size != 1)
      return inferenceError(location, "axis " + Twine(axis) + " has size " + Twine(size) + " instead of 1");
  }
  return push(inferred, sizes, type.getElementType());
}
std::optional<int64_t> SqueezeOp::mapAxis(unsigned, int64_t axis, unsigned) {
  if (!ranked(getX()) || llvm::is_contained(getAxes(), axis))
    return std::nullopt;
  return axis - llvm::count_if(getAxes(), [&](int64_t other) { return other < axis; });
}
PARE_NO_FLOPS(SqueezeOp)

LogicalResult UnsqueezeOp::inferReturnTypes(MLIRContext *, Loc location, Adaptor adaptor, Types &inferred) {
  auto type = ranked(adaptor.getX());
  if (!type)
    return pushUnranked(inferred, element(adaptor.getX()));
  ArrayRef<int64_t> axes = adaptor.getAxes();
  int64_t rank = type.getRank() + axes.size(), next = 0;
  if (failed(checkSortedAxes(location, axes, rank)))
    return failure();
  Sizes sizes;
  for (int64_t axis = 0; axis < rank; ++axis)
    sizes.push_back(llvm::is_contained(axes, axis) ? 1 : type.getDimSize(next++));
  return push(inferred, sizes, type.getElementType());
}
std::optional<int64_t> UnsqueezeOp::mapAxis(unsigned, int64_t axis, unsigned) {
  if (!ranked(getX()))
    return std::nullopt;
  for (int64_t inserted : getAxes())
    axis += inserted <= axis;
  return axis;
}
PARE_NO_FLOPS(UnsqueezeOp)

LogicalResult FlattenOp::inferReturnTypes(MLIRContext *, Loc location, Adaptor adaptor, Types &inferred) {
  Type elementType = element(adaptor.getX());
  auto type = ranked(adaptor.getX());
  if (!type)
    return push(inferred, {kDyn, kDyn}, elementType);
  int64_t axis = adaptor.getAxis();
  if (failed(checkAxis(location, axis, type.getRank() + 1)))
    return failure();
  ArrayRef<int64_t> shape = type.getShape();
  return push(inferred, {product(shape.take_front(axis)), product(shape.drop_front(axis))}, elementType);
}
std::optional<int64_t> FlattenOp::mapAxis(unsigned, int64_t axis, unsigned) {
  auto type = ranked(getX());
  if (!type)
    return std::nullopt;
  int64_t at = getAxis();
  // The only axis on its side of the cut.
  if (axis < at ? at == 1 : at == type.getRank() - 1)
    return axis < at ? 0 : 1;
  return mapReshapedAxis(type, ranked(getResult()), axis);
}
PARE_NO_FLOPS(FlattenOp)

LogicalResult TransposeOp::inferReturnTypes(MLIRContext *, Loc location, Adaptor adaptor, Types &inferred) {
  ArrayRef<int64_t> permutation = adaptor.getPermutation();
  int64_t rank = permutation.size();
  if (failed(checkRank(location, adaptor.getX(), rank, "x")))
    return failure();
  SmallVector<bool> seen(rank, false);
  Sizes sizes;
  auto type = ranked(adaptor.getX());
  for (int64_t axis : permutation) {
    if (failed(checkAxis(location, axis, rank)))
      return failure();
    if (seen[axis])
      return inferenceError(location, "axis " + Twine(axis) + " stands twice in the permutation");
    seen[axis] = true;
    sizes.push_back(type ? type.getDimSize(axis) : kDyn);
  }
  return push(inferred, sizes, element(adaptor.getX()));
}
std::optional<int64_t> TransposeOp::mapAxis(unsigned, int64_t axis, unsigned) {
  auto *found = llvm::find(getPermutation(), axis);
  return found == getPermutation().end() ? std::nullopt : std::optional<int64_t>(found - getPermutation().begin());
}
PARE_NO_FLOPS(TransposeOp)

//===- Copies ----------------------------------------------------------------------------------------------------===//

LogicalResult ExpandOp::inferReturnTypes(MLIRContext *, Loc location, Adaptor adaptor, Types &inferred) {
  Type elementType = element(adaptor.getX());
  auto entries = shapeSizes(location, adaptor.getShape(), kShape);
  if (failed(entries))
    return failure();
  auto type = ranked(adaptor.getX());
  if (!*entries || !type)
    return pushUnranked(inferred, elementType);
  Sizes a(type.getShape()), b = std::move(**entries);
  size_t rank = std::max(a.size(), b.size());
  a.insert(a.begin(), rank - a.size(), 1);
  b.insert(b.begin(), rank - b.size(), 1);
  for (size_t i = 0; i < rank; ++i) {
    std::optional<int64_t> size = broadcastSizes(a[i], b[i]);
    if (!size)
      return inferenceError(location, "size " + Twine(a[i]) + " does not expand to " + Twine(b[i]));
    a[i] = *size;
  }
  return push(inferred, a, elementType);
}
std::optional<int64_t> ExpandOp::mapAxis(unsigned operand, int64_t axis, unsigned) {
  return operand == 0 ? mapBroadcastAxis(*this, 0, axis) : std::nullopt;
}
PARE_NO_FLOPS(ExpandOp)

LogicalResult TileOp::inferReturnTypes(MLIRContext *, Loc location, Adaptor adaptor, Types &inferred) {
  auto type = ranked(adaptor.getX());
  if (!type)
    return pushUnranked(inferred, element(adaptor.getX()));
  auto repeats = shapeEntries(location, adaptor.getRepeats(), type.getRank(), "repeats");
  if (failed(repeats))
    return failure();
  Sizes sizes(type.getShape());
  for (auto [size, count] : llvm::zip_equal(sizes, *repeats)) {
    if (count && *count < 0)
      return inferenceError(location, "repeats has the negative entry " + Twine(*count));
    size = multiply(size, count.value_or(kDyn));
  }
  return push(inferred, sizes, type.getElementType());
}
std::optional<int64_t> TileOp::mapAxis(unsigned operand, int64_t axis, unsigned) {
  PartialInts repeats = getPartialInts(getRepeats());
  if (operand != 0 || !repeats || axis >= static_cast<int64_t>(repeats->size()) || (*repeats)[axis] != 1)
    return std::nullopt;
  return sameAxis(getX(), axis);
}
PARE_NO_FLOPS(TileOp)

LogicalResult PadOp::inferReturnTypes(MLIRContext *, Loc location, Adaptor adaptor, Types &inferred) {
  auto type = ranked(adaptor.getX());
  if (!type)
    return pushUnranked(inferred, element(adaptor.getX()));
  int64_t rank = type.getRank();
  auto pads = shapeEntries(location, adaptor.getPads(), 2 * rank, "pads");
  if (failed(pads))
    return failure();
  Sizes sizes(type.getShape());
  for (int64_t axis = 0; axis < rank; ++axis) {
    std::optional<int64_t> begin = (*pads)[axis], end = (*pads)[rank + axis];
    int64_t added;
    if (!begin || !end || isDyn(sizes[axis])) {
      sizes[axis] = begin == 0 && end == 0 ? sizes[axis] : kDyn;
      continue;
    }
    if (llvm::AddOverflow(*begin, *end, added) || llvm::AddOverflow(sizes[axis], added, sizes[axis]) || sizes[axis] < 0)
      return inferenceError(location, "pads give axis " + Twine(axis) + " an impossible size");
  }
  return push(inferred, sizes, type.getElementType());
}
LogicalResult PadOp::verify() {
  if (!getValue())
    return success();
  if (element(getValue()) != element(getX()))
    return emitOpError("needs a value of the element type of its operand");
  auto type = ranked(getValue());
  if (type && type.hasStaticShape() && type.getNumElements() != 1)
    return emitOpError("needs a value of one element");
  return success();
}
std::optional<int64_t> PadOp::mapAxis(unsigned operand, int64_t axis, unsigned) {
  auto type = ranked(getX());
  PartialInts pads = getPartialInts(getPads());
  if (operand != 0 || !type || !pads || static_cast<int64_t>(pads->size()) != 2 * type.getRank())
    return std::nullopt;
  bool kept = (*pads)[axis] == 0 && (*pads)[type.getRank() + axis] == 0;
  return kept ? std::optional<int64_t>(axis) : std::nullopt;
}
PARE_NO_FLOPS(PadOp)

LogicalResult ConcatOp::inferReturnTypes(MLIRContext *, Loc location, Adaptor adaptor, Types &inferred) {
  if (adaptor.getInputs().empty())
    return inferenceError(location, "needs at least one input");
  Type elementType = element(adaptor.getInputs().front());
  std::optional<Sizes> sizes;
  int64_t axis = adaptor.getAxis(), total = 0;
  bool complete = true;
  for (Value input : adaptor.getInputs()) {
    auto type = ranked(input);
    complete &= static_cast<bool>(type);
    if (!type)
      continue;
    if (failed(checkAxis(location, axis, type.getRank())))
      return failure();
    if (!sizes)
      sizes = Sizes(type.getShape());
    if (type.getRank() != static_cast<int64_t>(sizes->size()))
      return inferenceError(location, "inputs differ in rank");
    int64_t own = type.getDimSize(axis);
    if (isDyn(total) || isDyn(own) || llvm::AddOverflow(total, own, total))
      total = kDyn;
    for (auto [i, size] : llvm::enumerate(type.getShape())) {
      if (static_cast<int64_t>(i) == axis)
        continue;
      std::optional<int64_t> both = meetSizes((*sizes)[i], size);
      if (!both)
        return inferenceError(location, "inputs have sizes " + Twine((*sizes)[i]) + " and " + Twine(size) +
                                            " on axis " + Twine(i));
      (*sizes)[i] = *both;
    }
  }
  if (!sizes)
    return pushUnranked(inferred, elementType);
  (*sizes)[axis] = complete ? total : kDyn;
  return push(inferred, *sizes, elementType);
}
LogicalResult ConcatOp::verify() {
  for (Value input : getInputs())
    if (element(input) != element(getResult()))
      return emitOpError("needs inputs of one element type");
  return success();
}
std::optional<int64_t> ConcatOp::mapAxis(unsigned operand, int64_t axis, unsigned) {
  return axis == static_cast<int64_t>(getAxis()) ? std::nullopt : sameAxis(getOperand(operand), axis);
}
PARE_NO_FLOPS(ConcatOp)

LogicalResult SplitOp::inferReturnTypes(MLIRContext *, Loc location, Adaptor adaptor, Types &inferred) {
  int64_t pieces = adaptor.getPieces(), axis = adaptor.getAxis();
  if (pieces < 1 || pieces > (1 << 20))
    return inferenceError(location, "cannot split into " + Twine(pieces) + " pieces");
  Type elementType = element(adaptor.getX());
  auto type = ranked(adaptor.getX());
  if (type && failed(checkAxis(location, axis, type.getRank())))
    return failure();
  SmallVector<std::optional<int64_t>> parts(pieces);
  int64_t size = type ? type.getDimSize(axis) : kDyn;
  if (adaptor.getSizes()) {
    auto entries = shapeEntries(location, adaptor.getSizes(), pieces, "sizes");
    if (failed(entries))
      return failure();
    parts = std::move(*entries);
    int64_t total = 0;
    for (std::optional<int64_t> part : parts) {
      if (part && *part < 0)
        return inferenceError(location, "a piece has the negative size " + Twine(*part));
      total = isDyn(total) || !part || llvm::AddOverflow(total, *part, total) ? kDyn : total;
    }
    if (!meetSizes(size, total))
      return inferenceError(location, "pieces add up to " + Twine(total) + " instead of " + Twine(size));
  } else if (!isDyn(size)) {
    int64_t each = llvm::divideCeil(size, pieces);
    for (int64_t i = 0; i < pieces; ++i)
      parts[i] = std::clamp<int64_t>(size - i * each, 0, each);
  }
  for (std::optional<int64_t> part : parts) {
    if (!type) {
      (void)pushUnranked(inferred, elementType);
      continue;
    }
    Sizes sizes(type.getShape());
    sizes[axis] = part.value_or(kDyn);
    (void)push(inferred, sizes, elementType);
  }
  return success();
}
LogicalResult SplitOp::verify() {
  if (static_cast<int64_t>(getNumResults()) != static_cast<int64_t>(getPieces()))
    return emitOpError("has ") << getNumResults() << " results for " << getPieces() << " pieces";
  return success();
}
std::optional<int64_t> SplitOp::mapAxis(unsigned operand, int64_t axis, unsigned) {
  return operand != 0 || axis == static_cast<int64_t>(getAxis()) ? std::nullopt : sameAxis(getX(), axis);
}
PARE_NO_FLOPS(SplitOp)

namespace {
/// Number of elements of a slice of an axis of `size`, as ONNX clamps it.
int64_t sliceSize(int64_t size, int64_t start, int64_t end, int64_t step) {
  if (size == 0)
    return 0;
  auto position = [&](int64_t at, int64_t low, int64_t high) {
    return std::clamp(at < 0 ? std::max(at, -size - 1) + size : at, low, high);
  };
  int64_t low = step > 0 ? 0 : -1, high = step > 0 ? size : size - 1;
  int64_t from = position(start, 0, high), to = position(end, low, high);
  // A step beyond the axis picks one element, however long it is.
  step = std::clamp(step, -size - 1, size + 1);
  int64_t distance = step > 0 ? to - from : from - to;
  return distance <= 0 ? 0 : static_cast<int64_t>(llvm::divideCeil(distance, std::abs(step)));
}
} // namespace

LogicalResult SliceOp::inferReturnTypes(MLIRContext *, Loc location, Adaptor adaptor, Types &inferred) {
  ArrayRef<int64_t> axes = adaptor.getAxes();
  auto starts = shapeEntries(location, adaptor.getStarts(), axes.size(), "starts");
  auto ends = shapeEntries(location, adaptor.getEnds(), axes.size(), "ends");
  auto steps = shapeEntries(location, adaptor.getSteps(), axes.size(), "steps");
  if (failed(starts) || failed(ends) || failed(steps))
    return failure();
  if (llvm::is_contained(*steps, std::optional<int64_t>(0)))
    return inferenceError(location, "a slice needs steps other than 0");
  auto type = ranked(adaptor.getX());
  if (!type)
    return pushUnranked(inferred, element(adaptor.getX()));
  Sizes sizes(type.getShape());
  for (auto [i, axis] : llvm::enumerate(axes)) {
    if (failed(checkAxis(location, axis, type.getRank())))
      return failure();
    std::optional<int64_t> start = (*starts)[i], end = (*ends)[i], step = (*steps)[i];
    bool known = start && end && step && !isDyn(sizes[axis]);
    sizes[axis] = known ? sliceSize(sizes[axis], *start, *end, *step) : kDyn;
  }
  return push(inferred, sizes, type.getElementType());
}
LogicalResult SliceOp::verify() {
  SmallVector<int64_t> axes(getAxes());
  llvm::sort(axes);
  if (llvm::adjacent_find(axes) != axes.end() || (!axes.empty() && axes.front() < 0))
    return emitOpError("needs axes that are non-negative and free of duplicates");
  return success();
}
std::optional<int64_t> SliceOp::mapAxis(unsigned operand, int64_t axis, unsigned) {
  return operand != 0 || llvm::is_contained(getAxes(), axis) ? std::nullopt : sameAxis(getX(), axis);
}
PARE_NO_FLOPS(SliceOp)
