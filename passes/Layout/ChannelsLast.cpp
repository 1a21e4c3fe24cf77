// Keeps images between convolutions with their channels last.
#include "Passes.h"
#include "TransposedConvs.h"
#include "mlir/IR/Remarks.h"
#include <cmath>
#include <map>

namespace pare {
#define GEN_PASS_DEF_CHANNELSLAST
#include "passes/Layout/Passes.h.inc"
} // namespace pare

using namespace mlir;
using namespace pare;

namespace {
RankedTensorType typeOf(Value value) { return dyn_cast<RankedTensorType>(value.getType()); }

/// From [N, C, spatial..] to [N, spatial.., C], and back.
SmallVector<int64_t> toLast(int64_t rank) {
  SmallVector<int64_t> permutation{0};
  for (int64_t axis = 2; axis < rank; ++axis)
    permutation.push_back(axis);
  permutation.push_back(1);
  return permutation;
}
SmallVector<int64_t> toFirst(int64_t rank) {
  SmallVector<int64_t> permutation{0, rank - 1};
  for (int64_t axis = 1; axis < rank - 1; ++axis)
    permutation.push_back(axis);
  return permutation;
}
/// Where an axis of the first form stands in the other one.
int64_t axisInLast(int64_t axis, int64_t rank) { return axis == 0 ? 0 : axis == 1 ? rank - 1 : axis - 1; }

/// The elements of a constant in another order of axes: axis i of the result is axis permutation[i].
Value permuteConstant(ImplicitLocOpBuilder &builder, ConstantOp constant, ArrayRef<int64_t> shape,
                      ArrayRef<int64_t> permutation) {
  SmallVector<char> storage, moved;
  ArrayRef<char> bytes = getConstantBytes(constant.getValue(), storage);
  Type element = getElementTypeOrSelf(constant.getType());
  size_t size = elementBytes(element);
  int64_t rank = shape.size(), count = 1;
  SmallVector<int64_t> strides(rank), result, steps;
  for (int64_t axis = rank - 1; axis >= 0; --axis) {
    strides[axis] = count;
    count *= shape[axis];
  }
  for (int64_t axis : permutation) {
    result.push_back(shape[axis]);
    steps.push_back(strides[axis]);
  }
  moved.resize(count * size);
  SmallVector<int64_t> index(rank);
  int64_t from = 0;
  for (int64_t to = 0; to < count; ++to) {
    memcpy(moved.data() + to * size, bytes.data() + from * size, size);
    for (int64_t axis = rank - 1; axis >= 0; --axis) {
      from += steps[axis];
      if (++index[axis] < result[axis])
        break;
      from -= steps[axis] * result[axis];
      index[axis] = 0;
    }
  }
  return ConstantOp::create(builder, cast<TypedAttr>(makeConstant(RankedTensorType::get(result, element), moved)));
}

/// A value that interleaves parts with channels last: what follows is better done to each of them.
struct Interleaved {
  TransposedConv plan;
  SmallVector<Value> parts;
};

struct Propagation {
  func::FuncOp function;
  llvm::MapVector<Value, Value> last; // the form with channels last of values that have one
  std::map<void *, Interleaved> interleaved;

  Value transposed(ImplicitLocOpBuilder &builder, Value value, ArrayRef<int64_t> permutation) {
    return TransposeOp::create(builder, value, permutation);
  }

  /// `value` with channels last, made if need be.
  Value lastOf(ImplicitLocOpBuilder &builder, Value value) {
    if (Value known = last.lookup(value))
      return known;
    return transposed(builder, value, toLast(typeOf(value).getRank()));
  }

  /// The weight of a convolution that can be done, as a transposition of one [kernel.., C, O]; null for others.
  Value weightOf(ImplicitLocOpBuilder &builder, ConvOp op) {
    auto x = typeOf(op.getX()), weight = typeOf(op.getWeight()), result = typeOf(op.getResult());
    auto constant = op.getWeight().getDefiningOp<ConstantOp>();
    if (!x || !result || !constant || x.getRank() < 3 || x.getRank() > 5)
      return Value();
    // Bytes have no code for groups or a third axis.
    bool ofBytes = x.getElementType().isUnsignedInteger(8) && weight.getElementType().isSignedInteger(8);
    if (!result.getElementType().isF32() && !(ofBytes && op.getGroups() == 1 && x.getRank() <= 4))
      return Value();
    if (!isSupported(op, op.getWeight(), /*inputAxis=*/1) || weight.getNumElements() == 0)
      return Value();
    SmallVector<int64_t> permutation;
    for (int64_t axis = 2; axis < weight.getRank(); ++axis)
      permutation.push_back(axis);
    permutation.append({1, 0});
    return asWeight(builder, permuteConstant(builder, constant, weight.getShape(), permutation));
  }

  /// [kernel.., C, O] as an op takes it, [O, C, kernel..].
  Value asWeight(ImplicitLocOpBuilder &builder, Value weight) {
    int64_t rank = typeOf(weight).getRank();
    SmallVector<int64_t> back{rank - 1, rank - 2};
    for (int64_t axis = 0; axis < rank - 2; ++axis)
      back.push_back(axis);
    return transposed(builder, weight, back);
  }

  /// Whether a convolution of these groups can be done; `inputAxis` of the weight runs over input channels.
  template <typename Op> bool isSupported(Op op, Value weight, int64_t inputAxis) {
    auto groups = static_cast<int64_t>(op.getGroups());
    if (typeOf(weight).getRank() > 5)
      return false;
    if (groups == 1)
      return true;
    int64_t inputs = typeOf(weight).getDimSize(inputAxis), outputs = typeOf(weight).getDimSize(1 - inputAxis);
    // Channels of a group: whole vectors are written, or whole groups lie in a vector.
    constexpr int64_t kLanes = 16;
    (inputAxis == 1 ? outputs : inputs) /= groups;
    return (inputs == 1 && outputs == 1) ||
           (outputs > 1 && (outputs % kLanes == 0 || (kLanes % outputs == 0 && inputs == outputs)));
  }

  /// Lets `op` read channels last through a transposition, and offers its result so.
  void wrap(Operation *op) {
    ImplicitLocOpBuilder builder(op->getLoc(), op);
    int64_t rank = typeOf(op->getOperand(0)).getRank();
    op->setOperand(0, transposed(builder, lastOf(builder, op->getOperand(0)), toFirst(rank)));
    builder.setInsertionPointAfter(op);
    last[op->getResult(0)] = transposed(builder, op->getResult(0), toLast(rank));
  }

  /// A transposed convolution as one convolution for each of its phases.
  void transposedConv(ConvTransposeOp op) {
    StringRef reason;
    std::optional<TransposedConv> plan = TransposedConv::plan(op, reason);
    if (plan && !isSupported(op, op.getWeight(), /*inputAxis=*/0))
      reason = "groups of as many channels as its products are not done for";
    if (!plan || !reason.empty()) {
      remark::missed(op.getLoc(), remark::RemarkOpts::name("channels-last").category("layout"))
          << remark::reason("{0}", reason);
      return;
    }
    ImplicitLocOpBuilder builder(op.getLoc(), op);
    auto combinations = plan->combinations();
    SmallVector<Value> parts(combinations.size());
    int64_t spatial = plan->axes.size();
    for (auto [phases, part] : llvm::zip_equal(combinations, parts)) {
      if (llvm::any_of(phases, [](const auto *phase) { return phase->taps.empty(); }))
        continue;
      SmallVector<int64_t> dilations, pads(2 * spatial);
      for (auto [axis, phase] : llvm::enumerate(phases)) {
        dilations.push_back(phase->dilation);
        pads[axis] = phase->padBegin;
        pads[axis + spatial] = phase->padEnd;
      }
      Value weight = asWeight(builder, plan->weight(builder, phases));
      auto conv = ConvOp::create(builder, op.getX(), weight, op.getBias(), SmallVector<int64_t>(spatial, 1), pads,
                                 dilations, op.getGroups());
      wrap(conv);
      part = last[conv.getResult()];
      builder.setInsertionPointAfterValue(part);
    }
    // Elements that nothing reaches are the bias alone.
    Value *any = llvm::find_if(parts, [](Value part) { return bool(part); });
    for (Value &part : parts)
      if (!part) {
        Value bias = op.getBias();
        if (!bias)
          bias = ConstantOp::create(builder,
                                    DenseElementsAttr::get(RankedTensorType::get({1}, builder.getF32Type()), 0.0f));
        part = ExpandOp::create(builder, any->getType(), bias, ShapeOfOp::create(builder, *any));
      }
    join(builder, op.getResult(), {*plan, parts});
  }

  void join(ImplicitLocOpBuilder &builder, Value value, Interleaved form) {
    last[value] = form.plan.interleave(builder, form.parts);
    interleaved.insert({value.getAsOpaquePointer(), std::move(form)});
  }

  /// An elementwise op on the parts of an operand, where the others are the same for each of them.
  bool elementwiseOnParts(Operation *op) {
    Value source;
    for (Value operand : op->getOperands()) {
      if (interleaved.count(operand.getAsOpaquePointer()) && (!source || source == operand))
        source = operand;
      else if (last.count(operand))
        return false;
    }
    if (!source || !isa<FloatType>(getElementTypeOrSelf(op->getResult(0).getType())))
      return false;
    ImplicitLocOpBuilder builder(op->getLoc(), op);
    int64_t rank = typeOf(source).getRank();
    SmallVector<Value> operands;
    for (Value operand : op->getOperands()) {
      operands.push_back(operand == source ? source : operandOf(builder, operand, rank));
      auto type = operands.back() ? typeOf(operands.back()) : RankedTensorType();
      if (!type || (operand != source && llvm::any_of(type.getShape().drop_back(type.getRank() > 0),
                                                      [](int64_t size) { return size != 1; })))
        return false;
    }
    const Interleaved &from = interleaved.find(source.getAsOpaquePointer())->second;
    Interleaved moved{from.plan, {}};
    Type element = getElementTypeOrSelf(op->getResult(0).getType());
    for (Value part : from.parts) {
      Operation *copy = builder.clone(*op);
      for (auto [number, operand] : llvm::enumerate(operands))
        copy->setOperand(number, operand == source ? part : operand);
      copy->getResult(0).setType(typeOf(part).clone(element));
      moved.parts.push_back(copy->getResult(0));
    }
    join(builder, op->getResult(0), std::move(moved));
    return true;
  }

  /// An operand of an elementwise op of `rank` axes; null where it would have to be transposed.
  Value operandOf(ImplicitLocOpBuilder &builder, Value value, int64_t rank) {
    if (Value known = last.lookup(value))
      return known;
    auto type = typeOf(value);
    if (!type || !type.hasStaticShape())
      return Value();
    if (type.getNumElements() == 1 && type.getRank() <= 1)
      return value;
    auto constant = value.getDefiningOp<ConstantOp>();
    if (!constant || type.getRank() > rank)
      return Value();
    SmallVector<int64_t> shape(rank - type.getRank(), 1);
    llvm::append_range(shape, type.getShape());
    return permuteConstant(builder, constant, shape, toLast(rank));
  }

  void elementwise(Operation *op) {
    auto type = typeOf(op->getResult(0));
    if (type && op->getNumResults() == 1 && op->hasTrait<Broadcasts>() && elementwiseOnParts(op))
      return;
    if (!type || op->getNumResults() != 1 || llvm::none_of(op->getOperands(), [&](Value v) { return last.count(v); }))
      return;
    int64_t rank = type.getRank();
    for (Value operand : op->getOperands())
      if (last.count(operand) && typeOf(operand).getRank() != rank)
        return;
    ImplicitLocOpBuilder builder(op->getLoc(), op);
    SmallVector<Value> operands;
    for (Value operand : op->getOperands()) {
      operands.push_back(operandOf(builder, operand, rank));
      if (!operands.back())
        return;
    }
    Operation *moved = builder.clone(*op);
    moved->setOperands(operands);
    if (auto concat = dyn_cast<ConcatOp>(moved))
      concat.setAxis(axisInLast(static_cast<int64_t>(concat.getAxis()), rank));
    moved->getResult(0).setType(lastTypeOf(type));
    last[op->getResult(0)] = moved->getResult(0);
  }

  RankedTensorType lastTypeOf(RankedTensorType type) {
    SmallVector<int64_t> shape;
    for (int64_t axis : toLast(type.getRank()))
      shape.push_back(type.getDimSize(axis));
    return RankedTensorType::get(shape, type.getElementType());
  }

  /// Whether scale and zero point vary along one axis at most.
  static bool isByAxis(Operation *op) {
    return llvm::all_of(op->getOperands().drop_front(), [](Value value) {
      auto type = typeOf(value);
      return type && type.getRank() <= 1;
    });
  }

  /// An op that does the same along other axes.
  void alongAxes(Operation *op) {
    Value x = last.lookup(op->getOperand(0));
    if (!x || !llvm::all_of(op->getResults(), typeOf))
      return;
    int64_t rank = typeOf(x).getRank();
    ImplicitLocOpBuilder builder(op->getLoc(), op);
    Value pads;
    if (auto pad = dyn_cast<PadOp>(op)) {
      auto known = getConstantInts(pad.getPads());
      if (!known)
        return;
      SmallVector<int64_t> moved(known->size());
      for (int64_t axis = 0; axis < rank; ++axis)
        for (int64_t end : {int64_t(0), rank})
          moved[axisInLast(axis, rank) + end] = (*known)[axis + end];
      pads = ConstantOp::create(builder, DenseElementsAttr::get(typeOf(pad.getPads()), ArrayRef<int64_t>(moved)));
    }
    Operation *moved = builder.clone(*op);
    moved->setOperand(0, x);
    auto map = [&](ArrayRef<int64_t> axes) {
      return llvm::map_to_vector(axes, [&](int64_t axis) { return axisInLast(axis < 0 ? axis + rank : axis, rank); });
    };
    if (auto resize = dyn_cast<ResizeOp>(moved))
      resize.setAxes(map(resize.getAxes()));
    else if (auto slice = dyn_cast<SliceOp>(moved))
      slice.setAxes(map(slice.getAxes()));
    else if (auto split = dyn_cast<SplitOp>(moved))
      split.setAxis(map(static_cast<int64_t>(split.getAxis())).front());
    else if (auto pad = dyn_cast<PadOp>(moved))
      pad.getPadsMutable().assign(pads);
    else if (auto quantize = dyn_cast<QuantizeOp>(moved))
      quantize.setAxis(map(static_cast<int64_t>(quantize.getAxis())).front());
    else if (auto dequantize = dyn_cast<DequantizeOp>(moved))
      dequantize.setAxis(map(static_cast<int64_t>(dequantize.getAxis())).front());
    for (auto [before, after] : llvm::zip_equal(op->getResults(), moved->getResults())) {
      after.setType(lastTypeOf(typeOf(before)));
      last[before] = after;
    }
  }

  /// With known statistics, a factor and a summand for each channel.
  void batchNorm(BatchNormOp op) {
    Value x = last.lookup(op.getX());
    if (!x || !typeOf(x).getElementType().isF32())
      return;
    std::vector<float> parameters[4];
    for (auto [number, operand] : llvm::enumerate(op->getOperands().drop_front())) {
      auto constant = operand.getDefiningOp<ConstantOp>();
      if (!constant || !typeOf(operand).getElementType().isF32())
        return;
      SmallVector<char> storage;
      ArrayRef<char> bytes = getConstantBytes(constant.getValue(), storage);
      parameters[number].resize(bytes.size() / sizeof(float));
      memcpy(parameters[number].data(), bytes.data(), bytes.size());
    }
    auto &[scale, bias, mean, variance] = parameters;
    double epsilon = op.getEpsilon().convertToFloat();
    for (size_t channel = 0; channel < scale.size(); ++channel) {
      double factor = scale[channel] / std::sqrt(variance[channel] + epsilon);
      bias[channel] = static_cast<float>(bias[channel] - mean[channel] * factor);
      scale[channel] = static_cast<float>(factor);
      // What is infinite or no number may be something else in this form.
      if (!std::isfinite(bias[channel]) || !std::isfinite(scale[channel]))
        return;
    }
    ImplicitLocOpBuilder builder(op.getLoc(), op);
    auto vector = [&](ArrayRef<float> values) {
      auto type = RankedTensorType::get({static_cast<int64_t>(values.size())}, builder.getF32Type());
      return ConstantOp::create(builder, DenseElementsAttr::get(type, values));
    };
    Value factor = vector(scale), summand = vector(bias);
    auto apply = [&](Value x) -> Value {
      Value product = MulOp::create(builder, x.getType(), ValueRange{x, factor});
      return AddOp::create(builder, x.getType(), ValueRange{product, summand});
    };
    auto parts = interleaved.find(op.getX().getAsOpaquePointer());
    if (parts == interleaved.end()) {
      last[op.getResult()] = apply(x);
      return;
    }
    Interleaved moved{parts->second.plan, llvm::map_to_vector(parts->second.parts, apply)};
    join(builder, op.getResult(), std::move(moved));
  }

  void reduce(ReduceOp op) {
    Value x = last.lookup(op.getX());
    auto type = typeOf(op.getResult());
    if (!x || !type)
      return;
    int64_t rank = typeOf(x).getRank();
    SmallVector<int64_t> axes;
    for (int64_t axis : op.getAxes())
      axes.push_back(axisInLast(axis < 0 ? axis + rank : axis, rank));
    llvm::sort(axes);
    ImplicitLocOpBuilder builder(op.getLoc(), op);
    if (op.getKeepDims()) {
      last[op.getResult()] = ReduceOp::create(builder, x, axes, op.getKind(), /*keep_dims=*/true);
      return;
    }
    // Without any spatial axis, nothing is in another place.
    bool allSpatial = static_cast<int64_t>(axes.size()) >= rank - 2;
    for (int64_t axis = 1; axis < rank - 1; ++axis)
      allSpatial &= llvm::is_contained(axes, axis);
    if (!allSpatial)
      return;
    Value reduced = ReduceOp::create(builder, x, axes, op.getKind(), /*keep_dims=*/false);
    reduced.setType(type);
    op.getResult().replaceAllUsesWith(reduced);
  }

  void run() {
    SmallVector<Operation *> ops;
    for (Operation &op : function.getBody().front())
      ops.push_back(&op);
    for (Operation *op : ops) {
      if (auto conv = dyn_cast<ConvOp>(op)) {
        ImplicitLocOpBuilder builder(op->getLoc(), op);
        if (Value weight = weightOf(builder, conv)) {
          conv.getWeightMutable().assign(weight);
          wrap(op);
        }
      } else if (auto conv = dyn_cast<ConvTransposeOp>(op)) {
        transposedConv(conv);
      } else if (isa<MaxPoolOp, AveragePoolOp>(op)) {
        if (last.count(op->getOperand(0)))
          wrap(op);
      } else if (auto reduction = dyn_cast<ReduceOp>(op)) {
        reduce(reduction);
      } else if (auto norm = dyn_cast<BatchNormOp>(op)) {
        batchNorm(norm);
      } else if (isa<ResizeOp, SliceOp, SplitOp, PadOp>(op) || (isa<QuantizeOp, DequantizeOp>(op) && isByAxis(op))) {
        alongAxes(op);
      } else if (op->hasTrait<Broadcasts>() || isa<ConcatOp>(op)) {
        elementwise(op);
      }
    }
    // What still reads the first form of a moved op gets it by a transposition.
    SmallVector<Operation *> all;
    function.walk([&](Operation *op) { all.push_back(op); });
    for (Operation *op : llvm::reverse(all)) {
      if (!isa<PareDialect>(op->getDialect()))
        continue;
      for (Value result : isa<ConvOp, MaxPoolOp, AveragePoolOp>(op) ? ValueRange() : ValueRange(op->getResults())) {
        Value form = result.use_empty() ? Value() : last.lookup(result);
        if (!form)
          continue;
        ImplicitLocOpBuilder builder(op->getLoc(), op);
        builder.setInsertionPointAfterValue(form);
        Value back = transposed(builder, form, toFirst(typeOf(form).getRank()));
        back.setType(result.getType());
        result.replaceAllUsesWith(back);
      }
      if (isOpTriviallyDead(op))
        op->erase();
    }
  }
};

struct ChannelsLast : public pare::impl::ChannelsLastBase<ChannelsLast> {
  void runOnOperation() override {
    if (!getOperation().isExternal() && getOperation().getBody().hasOneBlock())
      Propagation{getOperation(), {}, {}}.run();
  }
};
} // namespace
