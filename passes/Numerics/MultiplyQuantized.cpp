// Products of bytes in place of those of the numbers that they stand for.
#include "Passes.h"
#include "Quantities.h"
#include "mlir/IR/Remarks.h"
#include "mlir/IR/TypeUtilities.h"
#include <cmath>

namespace pare {
#define GEN_PASS_DEF_MULTIPLYQUANTIZED
#include "passes/Numerics/Passes.h.inc"
} // namespace pare

using namespace mlir;
using namespace pare;

namespace {
constexpr int64_t kByteRange = 255, kMiddle = 128;

/// A bias [O] as [O, 1..], one for each spatial axis.
Value columnsOf(ImplicitLocOpBuilder &builder, Value bias, int64_t spatial) {
  auto constant = bias.getDefiningOp<ConstantOp>();
  if (!constant)
    return UnsqueezeOp::create(builder, bias, llvm::to_vector(llvm::seq<int64_t>(1, spatial + 1)));
  auto type = cast<RankedTensorType>(bias.getType());
  SmallVector<int64_t> shape(type.getShape());
  shape.append(spatial, 1);
  SmallVector<char> storage;
  ArrayRef<char> bytes = getConstantBytes(constant.getValue(), storage);
  return ConstantOp::create(builder,
                            cast<TypedAttr>(makeConstant(RankedTensorType::get(shape, type.getElementType()), bytes)));
}

/// The numbers of the weight of a convolution, whose columns are the outermost axis, as a constant in f32.
Value inFloats(ImplicitLocOpBuilder &builder, const Weight &weight) {
  std::vector<float> numbers;
  for (auto [position, byte] : llvm::enumerate(weight.bytes)) {
    int64_t column = static_cast<int64_t>(position) / weight.depth;
    numbers.push_back(static_cast<float>(byte + (weight.offsets.empty() ? 0 : weight.offsets[column])));
    if (!weight.scales.empty())
      numbers.back() *= weight.scales[weight.scales.size() == 1 ? 0 : column];
  }
  ArrayRef<char> bytes(reinterpret_cast<const char *>(numbers.data()), numbers.size() * sizeof(float));
  auto type = RankedTensorType::get(weight.shape, builder.getF32Type());
  return ConstantOp::create(builder, cast<TypedAttr>(makeConstant(type, bytes)));
}

struct Product {
  Operation *op;
  Activation left;
  Weight right;
  ImplicitLocOpBuilder builder{op->getLoc(), op};

  Type si32() { return builder.getIntegerType(32, /*isSigned=*/true); }
  Type ui8() { return builder.getIntegerType(8, /*isSigned=*/false); }
  bool isConv() { return isa<ConvOp>(op); }
  int64_t rank() { return cast<RankedTensorType>(op->getOperand(0).getType()).getRank(); }

  template <typename T> Value constant(Type element, ArrayRef<int64_t> shape, ArrayRef<T> values) {
    ArrayRef<char> bytes(reinterpret_cast<const char *>(values.data()), values.size() * sizeof(T));
    return ConstantOp::create(builder, cast<TypedAttr>(makeConstant(RankedTensorType::get(shape, element), bytes)));
  }
  Value scalar(Type element, int64_t value) {
    auto type = RankedTensorType::get({}, element);
    return ConstantOp::create(builder, DenseElementsAttr::get(type, builder.getIntegerAttr(element, value)));
  }

  /// Of a vector with one number for each column: its shape where it broadcasts to the result.
  SmallVector<int64_t> columnShape(size_t count) {
    SmallVector<int64_t> shape{static_cast<int64_t>(count)};
    if (isConv())
      shape.append(rank() - 2, 1);
    return shape;
  }

  /// One for each column, modulo 2^32.
  Value vector(function_ref<int64_t(int64_t)> numberOf, bool asBias) {
    std::vector<int32_t> numbers;
    numbers.reserve(right.columns);
    for (int64_t column = 0; column < right.columns; ++column)
      numbers.push_back(static_cast<int32_t>(static_cast<uint32_t>(numberOf(column))));
    SmallVector<int64_t> shape{right.columns};
    return constant<int32_t>(si32(), asBias ? shape : columnShape(numbers.size()), numbers);
  }

  int64_t offset(int64_t column) { return right.offsets.empty() ? 0 : right.offsets[column]; }

  /// The activation as unsigned bytes, its zero point moved with them.
  Value emitLeft() {
    Value bytes = left.bytes;
    for (Operation *move : left.moves) {
      Operation *moved = builder.clone(*move);
      moved->setOperand(0, bytes);
      Value result = moved->getResult(0);
      result.setType(withElementType(result.getType(), getElementTypeOrSelf(bytes)));
      bytes = result;
    }
    if (getElementTypeOrSelf(bytes).isUnsignedInteger(8))
      return bytes;
    bytes = BitXorOp::create(builder, CastOp::create(builder, bytes, ui8()), scalar(ui8(), kMiddle));
    if (left.knownZero)
      left.knownZero = *left.knownZero + kMiddle;
    else
      left.zero = AddOp::create(builder, emitZero(), scalar(si32(), kMiddle));
    return bytes;
  }
  Value emitZero() {
    return getElementTypeOrSelf(left.zero) == si32() ? left.zero : Value(CastOp::create(builder, left.zero, si32()));
  }

  /// - z (sum of the bytes + K offset) for each column; null where that is 0.
  Value emitCorrection() {
    auto sumOf = [&](int64_t column) { return right.sums[column] + right.depth * offset(column); };
    if (left.knownZero == 0)
      return {};
    if (left.knownZero)
      return vector([&](int64_t column) { return -*left.knownZero * sumOf(column); }, isConv());
    Value sums = vector([&](int64_t column) { return -sumOf(column); }, isConv());
    return MulOp::create(builder, sums, emitZero());
  }

  /// Adds offset times the sum of what meets a column.
  Value addOffsets(Value result, Value sums) {
    return AddOp::create(builder, result,
                         MulOp::create(builder, sums, vector([&](int64_t c) { return offset(c); }, false)));
  }

  Value emitMatmul() {
    Value bytes = emitLeft();
    Value result = MatmulOp::create(builder, bytes, right.emit(builder));
    if (Value correction = emitCorrection())
      result = AddOp::create(builder, result, correction);
    if (!right.offsets.empty())
      result = addOffsets(result, ReduceOp::create(builder, CastOp::create(builder, bytes, si32()),
                                                   ArrayRef<int64_t>{rank() - 1}, ReduceKind::sum, /*keep_dims=*/true));
    return result;
  }

  Value emitConv() {
    auto conv = cast<ConvOp>(op);
    Value bytes = emitLeft();
    SmallVector<int64_t> pads(conv.getPads()), none(pads.size(), 0);
    // Padding is x = z.
    if (left.knownZero != 0 && pads != none) {
      SmallVector<int64_t> all(2 * rank());
      int64_t spatial = rank() - 2;
      for (int64_t axis = 0; axis < spatial; ++axis) {
        all[2 + axis] = pads[axis];
        all[rank() + 2 + axis] = pads[spatial + axis];
      }
      Value zero = left.knownZero ? scalar(ui8(), *left.knownZero) : Value(CastOp::create(builder, emitZero(), ui8()));
      Type si64 = builder.getIntegerType(64, /*isSigned=*/true);
      bytes = PadOp::create(builder, bytes, constant<int64_t>(si64, {2 * rank()}, all), zero, PadMode::constant);
      pads = none;
    }
    // In integers the correction is where sums start; a bias of floats is scaled otherwise.
    Value start = emitCorrection();
    if (conv.getBias() && !left.scale)
      start = start ? Value(AddOp::create(builder, start, conv.getBias())) : conv.getBias();
    auto multiply = [&](Value weight, Value bias) {
      return ConvOp::create(builder, bytes, weight, bias, conv.getStrides(), pads, conv.getDilations(),
                            conv.getGroups());
    };
    Value result = multiply(right.emit(builder), start);
    if (!right.offsets.empty()) {
      SmallVector<int64_t> shape(right.shape);
      shape[0] = 1;
      std::vector<int8_t> ones(right.depth, 1);
      result = addOffsets(result, multiply(constant<int8_t>(builder.getIntegerType(8, true), shape, ones), {}));
    }
    return result;
  }

  Value emit() {
    Value result = isConv() ? emitConv() : emitMatmul();
    if (left.scale) {
      std::vector<float> scales;
      scales.reserve(right.scales.size());
      for (float scale : right.scales)
        scales.push_back(*left.scale * scale);
      SmallVector<int64_t> shape;
      if (scales.size() > 1)
        shape = columnShape(scales.size());
      Type f32 = builder.getF32Type();
      result = MulOp::create(builder, CastOp::create(builder, result, f32), constant<float>(f32, shape, scales));
      if (Value bias = isConv() ? cast<ConvOp>(op).getBias() : Value())
        result = AddOp::create(builder, result, columnsOf(builder, bias, rank() - 2));
    }
    return result;
  }

  /// Why the product of floats is not that of integers within rounding; null where it is.
  const char *checkFloats() {
    constexpr double kMostScale = 1e18, kLeastScale = 1e-18, kMostSum = 1e37;
    int64_t largest = *std::max_element(right.sizes.begin(), right.sizes.end());
    if (largest > INT32_MAX / kByteRange)
      return "32 bits may not hold its sums";
    for (float scale : right.scales) {
      // A scale of 0 makes 0 of everything.
      for (double factor : {std::fabs(static_cast<double>(scale)), std::fabs(static_cast<double>(*left.scale))})
        if (factor != 0 && !(factor >= kLeastScale && factor <= kMostScale))
          return "a scale is not finite, or too large or small";
      if (std::fabs(static_cast<double>(scale) * *left.scale) * static_cast<double>(largest) * kByteRange > kMostSum)
        return "its sums may overflow";
    }
    return nullptr;
  }
};

struct MultiplyQuantized : public pare::impl::MultiplyQuantizedBase<MultiplyQuantized> {
  void missed(Operation *op, const std::string &reason) {
    remark::missed(op->getLoc(), remark::RemarkOpts::name("multiply-quantized").category("numerics"))
        << remark::reason("{0}", reason);
  }

  /// The integer convolution in groups, exactly in f32.
  bool multiplyFloats(ConvOp conv, const Weight &weight) {
    constexpr int64_t kExact = int64_t(1) << 24;
    if (*std::max_element(weight.sizes.begin(), weight.sizes.end()) * kByteRange > kExact)
      return false;
    ImplicitLocOpBuilder builder(conv.getLoc(), conv);
    Type f32 = builder.getF32Type();
    Value factor = inFloats(builder, weight);
    Value result = ConvOp::create(builder, CastOp::create(builder, conv.getX(), f32), factor, Value(),
                                  conv.getStrides(), conv.getPads(), conv.getDilations(), conv.getGroups());
    result = CastOp::create(builder, result, getElementTypeOrSelf(conv.getResult()));
    if (conv.getBias())
      result = AddOp::create(builder, result, columnsOf(builder, conv.getBias(), weight.shape.size() - 2));
    replace(conv, result);
    return true;
  }

  /// The weight of a convolution that stays in f32 as a constant, which lowering needs.
  void dequantize(ConvOp conv) {
    std::string reason;
    auto source = conv.getWeight().getDefiningOp<DequantizeOp>();
    auto weight = source ? matchWeight(source, 0, reason) : std::nullopt;
    if (!weight || weight->scales.empty())
      return;
    ImplicitLocOpBuilder builder(source.getLoc(), source);
    conv.getWeightMutable().assign(inFloats(builder, *weight));
  }

  void replace(Operation *op, Value result) {
    result.setType(op->getResult(0).getType());
    op->getResult(0).replaceAllUsesWith(result);
    op->erase();
  }

  void visit(Operation *op) {
    auto conv = dyn_cast<ConvOp>(op);
    auto x = dyn_cast<RankedTensorType>(op->getOperand(0).getType()),
         w = dyn_cast<RankedTensorType>(op->getOperand(1).getType());
    bool isFloat = getElementTypeOrSelf(op->getResult(0)).isF32();
    if (!x || !w || (!isFloat && !getElementTypeOrSelf(op->getResult(0)).isSignedInteger(32)))
      return;
    if (conv ? x.getRank() < 3 : x.getRank() < 2 || w.getRank() != 2)
      return;
    std::string reason;
    auto left = matchActivation(op->getOperand(0), reason);
    if (!left || left->scale.has_value() != isFloat) {
      if (!reason.empty())
        missed(op, reason);
      return;
    }
    auto right = matchWeight(op->getOperand(1), conv ? 0 : 1, reason);
    if (!right || right->scales.empty() == isFloat) {
      if (!reason.empty())
        missed(op, reason);
      return;
    }
    if (conv && (conv.getGroups() != 1 || x.getRank() > 4)) {
      if (isFloat || !multiplyFloats(conv, *right))
        missed(op, "no code multiplies bytes in groups, or over three spatial axes");
      return;
    }
    // Nothing to do: unsigned by signed bytes as they are.
    if (!isFloat && left->knownZero == 0 && left->bytes == op->getOperand(0) && right->source == op->getOperand(1) &&
        getElementTypeOrSelf(left->bytes).isUnsignedInteger(8))
      return;
    Product product{op, *left, std::move(*right)};
    if (const char *why = isFloat ? product.checkFloats() : nullptr) {
      missed(op, why);
      return;
    }
    Location loc = op->getLoc();
    replace(op, product.emit());
    remark::passed(loc, remark::RemarkOpts::name("multiply-quantized").category("numerics"))
        << "multiplies bytes in place of " << (isFloat ? "dequantised numbers" : "32-bit integers");
  }

  void runOnOperation() override {
    SmallVector<Operation *> ops;
    getOperation().walk([&](Operation *op) {
      if (isa<MatmulOp, ConvOp>(op))
        ops.push_back(op);
    });
    for (Operation *op : ops)
      visit(op);
    getOperation().walk([&](ConvOp conv) { dequantize(conv); });
    SmallVector<Operation *> all;
    getOperation().walk([&](Operation *op) { all.push_back(op); });
    for (Operation *op : llvm::reverse(all))
      if (isa<PareDialect>(op->getDialect()) && isOpTriviallyDead(op))
        op->erase();
  }
};
} // namespace
