// Tensors: storage and the conversion of single elements.
#include "Shape.h"
#include "pare/Dialect/Shapes.h"
#include "pare/Interfaces/Interfaces.h"
#include "pare/Reference/Reference.h"
#include <cassert>
#include <cmath>
#include <cstring>
#include <limits>

using namespace mlir;

namespace pare::reference {

// A 16-bit float: bits of the significand that are stored, smallest normal exponent, pattern of infinity.
struct Narrow {
  int significand;
  int minExponent;
  uint16_t infinity;
};
static constexpr Narrow kHalf{10, -14, 0x7c00};
static constexpr Narrow kBrain{7, -126, 0x7f80};

static double decode(uint16_t bits, Narrow format) {
  double sign = bits & 0x8000 ? -1.0 : 1.0;
  int magnitude = bits & 0x7fff;
  if (magnitude >= format.infinity)
    return sign * (magnitude == format.infinity ? std::numeric_limits<double>::infinity()
                                                : std::numeric_limits<double>::quiet_NaN());
  int exponent = magnitude >> format.significand;
  int fraction = magnitude & ((1 << format.significand) - 1);
  if (exponent == 0)
    return sign * std::ldexp(fraction, format.minExponent - format.significand);
  return sign *
         std::ldexp(fraction + (1 << format.significand), format.minExponent + exponent - 1 - format.significand);
}

static uint16_t encode(double value, Narrow format) {
  uint16_t sign = std::signbit(value) ? 0x8000 : 0;
  if (std::isnan(value))
    return sign | format.infinity | (1 << (format.significand - 1));
  value = std::fabs(value);
  if (value >= std::ldexp(1.0, 2 - format.minExponent))
    return sign | format.infinity;
  int exponent = format.minExponent + 1;
  if (value != 0)
    std::frexp(value, &exponent);
  exponent = std::max(exponent - 1, format.minExponent);
  // The significand as an integer; a carry out of it moves on to the next exponent by itself.
  auto rounded = static_cast<int64_t>(std::nearbyint(std::ldexp(value, format.significand - exponent)));
  int64_t bits = (static_cast<int64_t>(exponent - format.minExponent) << format.significand) + rounded;
  return sign | static_cast<uint16_t>(std::min<int64_t>(bits, format.infinity));
}

template <typename T> static T load(const char *at) {
  T value;
  std::memcpy(&value, at, sizeof(T));
  return value;
}
template <typename T> static void store(char *at, T value) { std::memcpy(at, &value, sizeof(T)); }

// Calls fn with a zero of the C++ type of an integer element type; i1 is stored as a byte.
template <typename Fn> static auto withInteger(Type type, Fn fn) {
  bool isUnsigned = type.isUnsignedInteger() || type.isInteger(1);
  switch (elementBytes(type)) {
  case 1:
    return isUnsigned ? fn(uint8_t()) : fn(int8_t());
  case 2:
    return isUnsigned ? fn(uint16_t()) : fn(int16_t());
  case 4:
    return isUnsigned ? fn(uint32_t()) : fn(int32_t());
  default:
    return isUnsigned ? fn(uint64_t()) : fn(int64_t());
  }
}

static double loadDouble(Type type, const char *at) {
  if (type.isF32())
    return load<float>(at);
  if (type.isF64())
    return load<double>(at);
  if (type.isF16())
    return decode(load<uint16_t>(at), kHalf);
  if (type.isBF16())
    return decode(load<uint16_t>(at), kBrain);
  return withInteger(type, [&](auto zero) { return static_cast<double>(load<decltype(zero)>(at)); });
}

template <typename T> static T saturate(double value) {
  if (std::isnan(value))
    return 0;
  // The limits as doubles may round up, so the comparison with the upper one includes equality.
  if (value >= static_cast<double>(std::numeric_limits<T>::max()))
    return std::numeric_limits<T>::max();
  if (value <= static_cast<double>(std::numeric_limits<T>::lowest()))
    return std::numeric_limits<T>::lowest();
  return static_cast<T>(value);
}

static int64_t loadInt(Type type, const char *at) {
  if (isa<FloatType>(type))
    return saturate<int64_t>(loadDouble(type, at));
  return withInteger(type, [&](auto zero) { return static_cast<int64_t>(load<decltype(zero)>(at)); });
}

static void storeDouble(Type type, char *at, double value) {
  if (type.isF32())
    return store(at, static_cast<float>(value));
  if (type.isF64())
    return store(at, value);
  if (type.isF16())
    return store(at, encode(value, kHalf));
  if (type.isBF16())
    return store(at, encode(value, kBrain));
  if (type.isInteger(1))
    return store<char>(at, value != 0);
  withInteger(type, [&](auto zero) { store(at, saturate<decltype(zero)>(value)); });
}

static void storeInt(Type type, char *at, int64_t value) {
  if (isa<FloatType>(type))
    return storeDouble(type, at, static_cast<double>(value));
  if (type.isInteger(1))
    return store<char>(at, value != 0);
  withInteger(type, [&](auto zero) { store(at, static_cast<decltype(zero)>(value)); });
}

Tensor::Tensor(Type elementType, ArrayRef<int64_t> shape) : elementType(elementType), shape(shape) {
  storage = std::make_shared<std::vector<char>>(getNumElements() * elementBytes(elementType));
  bytes = *storage;
}

Tensor Tensor::borrow(Type elementType, ArrayRef<int64_t> shape, ArrayRef<char> bytes) {
  Tensor tensor;
  tensor.elementType = elementType;
  tensor.shape.assign(shape.begin(), shape.end());
  assert(static_cast<int64_t>(bytes.size()) == tensor.getNumElements() * elementBytes(elementType));
  tensor.bytes = bytes;
  return tensor;
}

Tensor Tensor::copy(Type elementType, ArrayRef<int64_t> shape, ArrayRef<char> bytes) {
  Tensor tensor = borrow(elementType, shape, bytes);
  (void)tensor.getMutableBytes();
  return tensor;
}

Tensor Tensor::fromConstant(TypedAttr value) {
  auto type = cast<RankedTensorType>(value.getType());
  SmallVector<char> scratch;
  ArrayRef<char> bytes = getConstantBytes(value, scratch);
  if (bytes.data() == scratch.data())
    return copy(type.getElementType(), type.getShape(), bytes);
  return borrow(type.getElementType(), type.getShape(), bytes);
}

Attribute Tensor::toConstant() const { return makeConstant(getType(), bytes); }

Tensor Tensor::fromDoubles(Type elementType, ArrayRef<int64_t> shape, ArrayRef<double> values) {
  Tensor tensor(elementType, shape);
  assert(static_cast<int64_t>(values.size()) == tensor.getNumElements());
  for (auto [index, value] : llvm::enumerate(values))
    tensor.setDouble(static_cast<int64_t>(index), value);
  return tensor;
}

Tensor Tensor::fromInts(Type elementType, ArrayRef<int64_t> shape, ArrayRef<int64_t> values) {
  Tensor tensor(elementType, shape);
  assert(static_cast<int64_t>(values.size()) == tensor.getNumElements());
  for (auto [index, value] : llvm::enumerate(values))
    tensor.setInt(static_cast<int64_t>(index), value);
  return tensor;
}

std::vector<double> Tensor::toDoubles() const {
  std::vector<double> values(getNumElements());
  for (size_t index = 0; index < values.size(); ++index)
    values[index] = getDouble(static_cast<int64_t>(index));
  return values;
}

std::vector<int64_t> Tensor::toInts() const {
  std::vector<int64_t> values(getNumElements());
  for (size_t index = 0; index < values.size(); ++index)
    values[index] = getInt(static_cast<int64_t>(index));
  return values;
}

int64_t Tensor::getNumElements() const { return product(shape); }

RankedTensorType Tensor::getType() const { return RankedTensorType::get(shape, elementType); }

Tensor Tensor::reshaped(ArrayRef<int64_t> newShape) const {
  assert(product(newShape) == getNumElements());
  Tensor tensor = *this;
  tensor.shape.assign(newShape.begin(), newShape.end());
  return tensor;
}

MutableArrayRef<char> Tensor::getMutableBytes() {
  if (!storage || storage.use_count() != 1) {
    storage = std::make_shared<std::vector<char>>(bytes.begin(), bytes.end());
    bytes = *storage;
  }
  return *storage;
}

double Tensor::getDouble(int64_t index) const {
  return loadDouble(elementType, bytes.data() + index * elementBytes(elementType));
}
int64_t Tensor::getInt(int64_t index) const {
  return loadInt(elementType, bytes.data() + index * elementBytes(elementType));
}
void Tensor::setDouble(int64_t index, double value) {
  storeDouble(elementType, getMutableBytes().data() + index * elementBytes(elementType), value);
}
void Tensor::setInt(int64_t index, int64_t value) {
  storeInt(elementType, getMutableBytes().data() + index * elementBytes(elementType), value);
}

} // namespace pare::reference
