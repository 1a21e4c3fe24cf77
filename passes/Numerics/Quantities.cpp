#include "Quantities.h"
#include "mlir/IR/TypeUtilities.h"
#include <cmath>

using namespace mlir;
using namespace pare;

static bool isByte(Type type) {
  auto integer = dyn_cast<IntegerType>(type);
  return integer && integer.getWidth() == 8;
}

static RankedTensorType typeOf(Value value) { return dyn_cast<RankedTensorType>(value.getType()); }

static bool isOne(Value value) {
  auto type = typeOf(value);
  return type && type.hasStaticShape() && type.getNumElements() == 1;
}

/// The one element of a constant.
static std::optional<int64_t> oneIntOf(Value value) {
  auto known = isOne(value) ? getConstantInts(value) : std::nullopt;
  return known ? std::optional<int64_t>(known->front()) : std::nullopt;
}

static std::optional<std::vector<float>> floatsOf(Value value) {
  auto constant = value.getDefiningOp<ConstantOp>();
  if (!constant || !getElementTypeOrSelf(value).isF32())
    return std::nullopt;
  SmallVector<char> storage;
  ArrayRef<char> bytes = getConstantBytes(constant.getValue(), storage);
  std::vector<float> result(bytes.size() / sizeof(float));
  memcpy(result.data(), bytes.data(), bytes.size());
  return result;
}

/// A zero point of all elements, itself one of the bytes; false where it is none.
static bool readZero(Value zero, Activation &result) {
  result.knownZero = zero ? oneIntOf(zero) : 0;
  Type element = getElementTypeOrSelf(result.bytes);
  if (result.knownZero) {
    int64_t low = element.isUnsignedInteger() ? 0 : -128;
    return *result.knownZero >= low && *result.knownZero <= low + 255;
  }
  auto cast = zero.getDefiningOp<CastOp>();
  if (!typeOf(zero) || typeOf(zero).getRank() != 0 || getElementTypeOrSelf(cast ? cast.getX() : zero) != element)
    return false;
  result.zero = zero;
  return true;
}

std::optional<Activation> pare::matchActivation(Value value, std::string &reason) {
  Activation result;
  if (value.getDefiningOp<ConstantOp>())
    return std::nullopt;
  if (isByte(getElementTypeOrSelf(value))) {
    result.bytes = value;
    result.knownZero = 0;
    return result;
  }
  if (Operation *move = value.getDefiningOp();
      isa_and_present<ReshapeOp, FlattenOp, SqueezeOp, UnsqueezeOp, TransposeOp>(move)) {
    auto moved = matchActivation(move->getOperand(0), reason);
    if (moved)
      moved->moves.push_back(move);
    return moved;
  }
  if (auto dequantize = value.getDefiningOp<DequantizeOp>()) {
    if (!isByte(getElementTypeOrSelf(dequantize.getX())) || !getElementTypeOrSelf(value).isF32())
      return std::nullopt;
    result.bytes = dequantize.getX();
    auto scale = floatsOf(dequantize.getScale());
    if (!scale || scale->size() != 1 || !isOne(dequantize.getScale())) {
      reason = "the scale of the activation is not one constant";
      return std::nullopt;
    }
    result.scale = scale->front();
    if (!readZero(dequantize.getZeroPoint(), result) || result.zero) {
      reason = "the zero point of the activation is not one constant byte";
      return std::nullopt;
    }
    return result;
  }
  if (!getElementTypeOrSelf(value).isSignedInteger(32))
    return std::nullopt;
  Value zero;
  if (auto difference = value.getDefiningOp<SubOp>()) {
    if (!typeOf(value) || !typeOf(difference.getLhs()) ||
        typeOf(value).getRank() != typeOf(difference.getLhs()).getRank())
      return std::nullopt;
    value = difference.getLhs();
    zero = difference.getRhs();
  }
  auto cast = value.getDefiningOp<CastOp>();
  if (!cast || !isByte(getElementTypeOrSelf(cast.getX())) || cast.getX().getDefiningOp<ConstantOp>())
    return std::nullopt;
  result.bytes = cast.getX();
  if (!readZero(zero, result)) {
    reason = "the zero point of the activation is not one byte";
    return std::nullopt;
  }
  return result;
}

namespace {
/// Elements of a constant, as 32-bit integers; with scales along an axis where they are dequantised.
struct Integers {
  std::vector<int32_t> values;
  SmallVector<int64_t> shape;
  std::vector<float> scales;
  int64_t scaleAxis = 0;
  Value source; // bytes of the same values, si8
  SmallVector<int64_t> permutation;
};

std::vector<int32_t> intsOf(ConstantOp constant) {
  SmallVector<char> storage;
  ArrayRef<char> bytes = getConstantBytes(constant.getValue(), storage);
  Type element = getElementTypeOrSelf(constant.getType());
  size_t size = elementBytes(element);
  std::vector<int32_t> result(bytes.size() / size);
  for (size_t i = 0; i < result.size(); ++i) {
    if (size == sizeof(int32_t))
      memcpy(&result[i], bytes.data() + i * size, size);
    else
      result[i] = element.isUnsignedInteger() ? static_cast<uint8_t>(bytes[i]) : static_cast<int8_t>(bytes[i]);
  }
  return result;
}

SmallVector<int64_t> stridesOf(ArrayRef<int64_t> shape) {
  SmallVector<int64_t> strides(shape.size());
  int64_t stride = 1;
  for (int64_t axis = static_cast<int64_t>(shape.size()) - 1; axis >= 0; --axis) {
    strides[axis] = stride;
    stride *= shape[axis];
  }
  return strides;
}

/// Calls `body` with the position of each element of `shape` and that which it has under `strides`.
void forEach(ArrayRef<int64_t> shape, ArrayRef<int64_t> strides, function_ref<void(int64_t, int64_t)> body) {
  int64_t count = 1, from = 0, rank = shape.size();
  for (int64_t size : shape)
    count *= size;
  SmallVector<int64_t> index(rank);
  for (int64_t to = 0; to < count; ++to) {
    body(to, from);
    for (int64_t axis = rank - 1; axis >= 0; --axis) {
      from += strides[axis];
      if (++index[axis] < shape[axis])
        break;
      from -= strides[axis] * shape[axis];
      index[axis] = 0;
    }
  }
}

/// Subtracts a constant that broadcasts from `strides` of its own.
bool subtract(Integers &from, Value zero, ArrayRef<int64_t> strides) {
  auto constant = zero.getDefiningOp<ConstantOp>();
  if (!constant)
    return false;
  std::vector<int32_t> zeros = intsOf(constant);
  if (llvm::all_of(zeros, [](int32_t value) { return value == 0; }))
    return true;
  from.source = {};
  forEach(from.shape, strides, [&](int64_t to, int64_t at) { from.values[to] -= zeros[at]; });
  return true;
}

bool subtractBroadcast(Integers &from, Value zero) {
  auto type = typeOf(zero);
  if (!type || !type.hasStaticShape() || type.getRank() > static_cast<int64_t>(from.shape.size()))
    return false;
  SmallVector<int64_t> own = stridesOf(type.getShape()), strides(from.shape.size());
  int64_t lead = strides.size() - own.size();
  for (int64_t axis = 0; axis < type.getRank(); ++axis) {
    if (type.getDimSize(axis) != 1 && type.getDimSize(axis) != from.shape[lead + axis])
      return false;
    strides[lead + axis] = type.getDimSize(axis) == 1 ? 0 : own[axis];
  }
  return subtract(from, zero, strides);
}

std::optional<Integers> evaluate(Value value) {
  auto type = typeOf(value);
  if (!type || !type.hasStaticShape())
    return std::nullopt;
  if (auto constant = value.getDefiningOp<ConstantOp>()) {
    Type element = type.getElementType();
    if (!isByte(element) && !element.isSignedInteger(32))
      return std::nullopt;
    Integers result{intsOf(constant), llvm::to_vector(type.getShape()), {}, 0, {}, {}};
    for (int64_t axis = 0; axis < type.getRank(); ++axis)
      result.permutation.push_back(axis);
    if (element.isSignedInteger(8))
      result.source = value;
    return result;
  }
  if (auto cast = value.getDefiningOp<CastOp>())
    return type.getElementType().isSignedInteger(32) && isByte(getElementTypeOrSelf(cast.getX()))
               ? evaluate(cast.getX())
               : std::nullopt;
  if (auto difference = value.getDefiningOp<SubOp>()) {
    if (!type.getElementType().isSignedInteger(32))
      return std::nullopt;
    auto result = evaluate(difference.getLhs());
    Value zero = difference.getRhs();
    if (auto cast = zero.getDefiningOp<CastOp>())
      zero = cast.getX();
    bool isInteger = isByte(getElementTypeOrSelf(zero)) || getElementTypeOrSelf(zero).isSignedInteger(32);
    if (!result || !isInteger || result->shape != type.getShape() || !subtractBroadcast(*result, zero))
      return std::nullopt;
    return result;
  }
  if (auto transpose = value.getDefiningOp<TransposeOp>()) {
    auto from = evaluate(transpose.getX());
    if (!from)
      return std::nullopt;
    Integers result = *from;
    SmallVector<int64_t> strides = stridesOf(from->shape), permuted;
    for (auto [axis, source] : llvm::enumerate(transpose.getPermutation())) {
      result.shape[axis] = from->shape[source];
      result.permutation[axis] = from->permutation[source];
      permuted.push_back(strides[source]);
      if (source == from->scaleAxis)
        result.scaleAxis = axis;
    }
    forEach(result.shape, permuted, [&](int64_t to, int64_t at) { result.values[to] = from->values[at]; });
    return result;
  }
  if (auto dequantize = value.getDefiningOp<DequantizeOp>()) {
    auto scale = typeOf(dequantize.getScale());
    if (!isByte(getElementTypeOrSelf(dequantize.getX())) || !scale || scale.getRank() > 1)
      return std::nullopt;
    auto result = evaluate(dequantize.getX());
    auto scales = floatsOf(dequantize.getScale());
    if (!result || !scales || !result->scales.empty())
      return std::nullopt;
    result->scales = *scales;
    result->scaleAxis = scale.getRank() == 1 ? static_cast<int64_t>(dequantize.getAxis()) : 0;
    if (scales->size() != 1 && static_cast<int64_t>(scales->size()) != result->shape[result->scaleAxis])
      return std::nullopt;
    if (Value zero = dequantize.getZeroPoint()) {
      SmallVector<int64_t> strides(result->shape.size());
      if (!typeOf(zero) || typeOf(zero).getRank() > 1 || (!isOne(zero) && typeOf(zero).getShape() != scale.getShape()))
        return std::nullopt;
      if (!isOne(zero))
        strides[result->scaleAxis] = 1;
      if (!subtract(*result, zero, strides))
        return std::nullopt;
    }
    return result;
  }
  return std::nullopt;
}
} // namespace

std::optional<Weight> pare::matchWeight(Value value, int64_t columnAxis, std::string &reason) {
  auto integers = evaluate(value);
  if (!integers)
    return std::nullopt;
  if (integers->scales.size() > 1 && integers->scaleAxis != columnAxis) {
    reason = "the scales of the weight are not those of its columns";
    return std::nullopt;
  }
  Weight result;
  result.shape = integers->shape;
  result.columns = result.shape[columnAxis];
  if (integers->values.empty())
    return std::nullopt;
  result.depth = static_cast<int64_t>(integers->values.size()) / result.columns;
  result.scales = std::move(integers->scales);
  result.permutation = std::move(integers->permutation);
  int64_t stride = stridesOf(result.shape)[columnAxis];
  auto columnOf = [&](size_t position) { return static_cast<int64_t>(position) / stride % result.columns; };
  constexpr int64_t kLow = -128, kHigh = 127;
  std::vector<int64_t> least(result.columns, INT32_MAX), most(result.columns, INT32_MIN);
  for (auto [position, number] : llvm::enumerate(integers->values)) {
    int64_t column = columnOf(position);
    least[column] = std::min<int64_t>(least[column], number);
    most[column] = std::max<int64_t>(most[column], number);
  }
  result.offsets.resize(result.columns);
  for (int64_t column = 0; column < result.columns; ++column) {
    if (least[column] >= kLow && most[column] <= kHigh)
      continue;
    if (most[column] - least[column] > kHigh - kLow) {
      reason = "a column of the weight spans more than 256 numbers";
      return std::nullopt;
    }
    result.offsets[column] = static_cast<int32_t>(least[column] - kLow);
  }
  result.sums.resize(result.columns);
  result.sizes.resize(result.columns);
  bool moves = llvm::any_of(result.offsets, [](int32_t offset) { return offset != 0; });
  if (integers->source && !moves)
    result.source = integers->source;
  result.bytes.resize(integers->values.size());
  for (auto [position, number] : llvm::enumerate(integers->values)) {
    int64_t column = columnOf(position), byte = number - result.offsets[column];
    result.sums[column] += byte;
    result.sizes[column] += std::abs(static_cast<int64_t>(number));
    result.bytes[position] = static_cast<int8_t>(byte);
  }
  if (!moves)
    result.offsets.clear();
  return result;
}

Value Weight::emit(ImplicitLocOpBuilder &builder) const {
  if (source) {
    bool moves = false;
    for (auto [axis, from] : llvm::enumerate(permutation))
      moves |= from != static_cast<int64_t>(axis);
    return moves ? Value(TransposeOp::create(builder, source, permutation)) : source;
  }
  auto type = RankedTensorType::get(shape, builder.getIntegerType(8, /*isSigned=*/true));
  ArrayRef<char> raw(reinterpret_cast<const char *>(bytes.data()), bytes.size());
  return ConstantOp::create(builder, cast<TypedAttr>(makeConstant(type, raw)));
}
