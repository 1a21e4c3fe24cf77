// Type inference that the ops of the dialect share, and the bytes of constants.
#include "Infer.h"
#include "mlir/IR/BuiltinAttributes.h"
#include "mlir/IR/DialectResourceBlobManager.h"
#include "mlir/IR/TypeUtilities.h"
#include "llvm/Support/MathExtras.h"
#include <cstring>

using namespace mlir;
using namespace pare;
using namespace pare::infer;

bool pare::areCompatible(TypeRange inferred, TypeRange actual) {
  if (inferred.size() != actual.size())
    return false;
  for (auto [a, b] : llvm::zip_equal(inferred, actual)) {
    auto left = dyn_cast<TensorType>(a), right = dyn_cast<TensorType>(b);
    if (!left || !right || left.getElementType() != right.getElementType() ||
        failed(verifyCompatibleShape(left, right)))
      return false;
  }
  return true;
}

TensorType pare::withElementType(Type type, Type elementType) {
  if (auto known = dyn_cast<RankedTensorType>(type))
    return RankedTensorType::get(known.getShape(), elementType, known.getEncoding());
  return UnrankedTensorType::get(elementType);
}

TensorType pare::meet(TensorType a, TensorType b) {
  auto left = dyn_cast<RankedTensorType>(a), right = dyn_cast<RankedTensorType>(b);
  if (!left || !right || left.getRank() != right.getRank())
    return left ? a : b;
  Sizes sizes(left.getShape());
  for (auto [size, other] : llvm::zip_equal(sizes, right.getShape()))
    size = isDyn(size) ? other : size;
  return RankedTensorType::get(sizes, left.getElementType(), left.getEncoding());
}

std::optional<int64_t> pare::broadcastSizes(int64_t a, int64_t b) {
  if (a == 1 || a == b)
    return b;
  if (b == 1)
    return a;
  // Neither is 1: an unknown size is 1 or equal to the other one, which is then the result.
  if (isDyn(a))
    return b;
  if (isDyn(b))
    return a;
  return std::nullopt;
}

LogicalResult pare::inferenceError(std::optional<Location> location, const Twine &message) {
  if (location)
    emitError(*location) << message;
  return failure();
}

LogicalResult pare::inferBroadcast(std::optional<Location> location, ValueRange operands, Type elementType,
                                   SmallVectorImpl<Type> &inferred) {
  int64_t rank = 0;
  for (Value operand : operands) {
    auto type = ranked(operand);
    if (!type)
      return pushUnranked(inferred, elementType);
    rank = std::max(rank, type.getRank());
  }
  Sizes sizes(rank, 1);
  for (Value operand : operands) {
    ArrayRef<int64_t> shape = ranked(operand).getShape();
    int64_t shift = rank - static_cast<int64_t>(shape.size());
    for (auto [axis, size] : llvm::enumerate(shape)) {
      std::optional<int64_t> both = broadcastSizes(sizes[shift + axis], size);
      if (!both)
        return inferenceError(location, "sizes " + Twine(sizes[shift + axis]) + " and " + Twine(size) + " of axis " +
                                            Twine(shift + axis) + " do not broadcast");
      sizes[shift + axis] = *both;
    }
  }
  return push(inferred, sizes, elementType);
}

std::optional<int64_t> pare::mapBroadcastAxis(Operation *op, unsigned operand, int64_t axis) {
  auto from = ranked(op->getOperand(operand)), to = ranked(op->getResult(0));
  if (!from || !to || axis >= from.getRank() || from.getRank() > to.getRank())
    return std::nullopt;
  int64_t target = axis + to.getRank() - from.getRank();
  if (from.getDimSize(axis) == 1 && to.getDimSize(target) != 1)
    return std::nullopt;
  return target;
}

int64_t infer::multiply(int64_t a, int64_t b) {
  if (a == 0 || b == 0)
    return 0;
  int64_t result;
  return isDyn(a) || isDyn(b) || llvm::MulOverflow(a, b, result) ? kDyn : result;
}

int64_t infer::product(ArrayRef<int64_t> sizes) {
  int64_t result = 1;
  for (int64_t size : sizes)
    result = multiply(result, size);
  // 0 wins only over sizes seen after an overflow or an unknown one if it is looked for by itself.
  return llvm::is_contained(sizes, 0) ? 0 : result;
}

std::optional<int64_t> infer::meetSizes(int64_t a, int64_t b) {
  if (!isDyn(a) && !isDyn(b) && a != b)
    return std::nullopt;
  return isDyn(a) ? b : a;
}

LogicalResult infer::checkAxis(Loc location, int64_t axis, int64_t rank) {
  if (axis >= 0 && axis < rank)
    return success();
  return inferenceError(location, "axis " + Twine(axis) + " is out of range for rank " + Twine(rank));
}

LogicalResult infer::checkSortedAxes(Loc location, ArrayRef<int64_t> axes, int64_t rank) {
  for (auto [i, axis] : llvm::enumerate(axes)) {
    if (failed(checkAxis(location, axis, rank)))
      return failure();
    if (i > 0 && axes[i - 1] >= axis)
      return inferenceError(location, "axes must be sorted and free of duplicates");
  }
  return success();
}

LogicalResult infer::checkRank(Loc location, Value value, int64_t rank, StringRef what) {
  auto type = ranked(value);
  if (!type || type.getRank() == rank)
    return success();
  return inferenceError(location, what + " has rank " + Twine(type.getRank()) + " instead of " + Twine(rank));
}

FailureOr<SmallVector<std::optional<int64_t>>> infer::shapeEntries(Loc location, Value value, int64_t count,
                                                                   StringRef what) {
  if (failed(checkRank(location, value, 1, what)))
    return failure();
  auto type = ranked(value);
  if (type && !type.isDynamicDim(0) && type.getDimSize(0) != count)
    return FailureOr<SmallVector<std::optional<int64_t>>>(
        inferenceError(location, what + " has " + Twine(type.getDimSize(0)) + " entries instead of " + Twine(count)));
  PartialInts entries = getPartialInts(value);
  if (!entries)
    return SmallVector<std::optional<int64_t>>(count);
  if (static_cast<int64_t>(entries->size()) != count)
    return FailureOr<SmallVector<std::optional<int64_t>>>(
        inferenceError(location, what + " has " + Twine(entries->size()) + " entries instead of " + Twine(count)));
  return *entries;
}

std::optional<int64_t> infer::mapReshapedAxis(RankedTensorType from, RankedTensorType to, int64_t axis) {
  if (!from || !to || axis >= from.getRank())
    return std::nullopt;
  ArrayRef<int64_t> source = from.getShape(), target = to.getShape();
  auto same = [](int64_t a, int64_t b) { return !isDyn(a) && a == b; };
  int64_t before = product(source.take_front(axis)), after = product(source.drop_front(axis + 1));
  for (int64_t i = 0; i < to.getRank(); ++i) {
    bool prefix = same(before, product(target.take_front(i))), suffix = same(after, product(target.drop_front(i + 1)));
    // Unit axes match anywhere; they carry no rows.
    if (source[axis] == 1 ? target[i] == 1 && prefix
                          : (same(source[axis], target[i]) && (prefix || suffix)) || (prefix && suffix))
      return i;
  }
  return std::nullopt;
}

std::optional<int64_t> infer::sameAxis(Value operand, int64_t axis) {
  auto type = ranked(operand);
  return type && axis < type.getRank() ? std::optional<int64_t>(axis) : std::nullopt;
}

ArrayRef<char> pare::getConstantBytes(Attribute value, SmallVectorImpl<char> &storage) {
  if (auto external = dyn_cast<ExternalAttr>(value))
    return external.getBytes();
  if (auto resource = dyn_cast<DenseResourceElementsAttr>(value)) {
    AsmResourceBlob *blob = resource.getRawHandle().getBlob();
    return blob ? blob->getData() : ArrayRef<char>();
  }
  auto dense = dyn_cast<DenseElementsAttr>(value);
  if (!dense || !dense.getElementType().isIntOrFloat())
    return {};
  storage.clear();
  // Booleans are packed to bits in a dense attribute.
  if (dense.getElementType().isInteger(1)) {
    if (dense.isSplat())
      storage.assign(dense.getNumElements(), dense.getSplatValue<bool>());
    else
      for (bool bit : dense.getValues<bool>())
        storage.push_back(bit);
    return storage;
  }
  ArrayRef<char> raw = dense.getRawData();
  if (!dense.isSplat())
    return raw;
  storage.resize_for_overwrite(dense.getNumElements() * raw.size());
  for (size_t at = 0; at < storage.size(); at += raw.size())
    std::memcpy(storage.data() + at, raw.data(), raw.size());
  return storage;
}

Attribute pare::makeConstant(RankedTensorType type, ArrayRef<char> bytes) {
  if (type.getElementType().isInteger(1)) {
    SmallVector<bool> bits;
    for (char byte : bytes)
      bits.push_back(byte != 0);
    return DenseElementsAttr::get(type, bits);
  }
  size_t width = elementBytes(type.getElementType());
  // A raw buffer of one element stands for a splat.
  bool splat = bytes.size() > width && std::memcmp(bytes.data(), bytes.data() + width, bytes.size() - width) == 0;
  return DenseElementsAttr::getFromRawBuffer(type, splat ? bytes.take_front(width) : bytes);
}

TypedAttr pare::makeInts(MLIRContext *context, ArrayRef<int64_t> values) {
  auto type =
      RankedTensorType::get(static_cast<int64_t>(values.size()), IntegerType::get(context, 64, IntegerType::Signed));
  return cast<TypedAttr>(
      makeConstant(type, {reinterpret_cast<const char *>(values.data()), values.size() * sizeof(int64_t)}));
}
