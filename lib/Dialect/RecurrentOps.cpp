// Recurrent layers.
#include "Infer.h"

using namespace mlir;
using namespace pare;
using namespace pare::infer;

namespace {
bool takesBeta(ActivationKind kind) {
  return kind == ActivationKind::affine || kind == ActivationKind::scaled_tanh || kind == ActivationKind::hard_sigmoid;
}
bool takesAlpha(ActivationKind kind) {
  return takesBeta(kind) || kind == ActivationKind::leaky_relu || kind == ActivationKind::thresholded_relu ||
         kind == ActivationKind::elu;
}

/// Sizes of one layer, as far as its operands tell.
struct LayerSizes {
  Loc location;
  int64_t directions, gates, steps = kDyn, batch = kDyn, hidden = kDyn;

  /// Makes `known` and size `axis` of `value`, `factor` times as large, agree.
  LogicalResult meet(int64_t &known, Value value, int64_t axis, StringRef what, int64_t factor = 1) {
    auto type = ranked(value);
    int64_t size = type ? type.getDimSize(axis) : kDyn;
    if (isDyn(size))
      return success();
    if (!isDyn(known) ? size != known * factor : size % factor != 0) {
      std::string wanted = isDyn(known) ? "a multiple of " + std::to_string(factor) : std::to_string(known * factor);
      return inferenceError(location,
                            what + " has size " + Twine(size) + " on axis " + Twine(axis) + " instead of " + wanted);
    }
    known = size / factor;
    return success();
  }

  LogicalResult readState(Value state, StringRef what) {
    if (!state)
      return success();
    return success(succeeded(checkRank(location, state, 3, what)) && succeeded(meet(directions, state, 0, what)) &&
                   succeeded(meet(batch, state, 1, what)) && succeeded(meet(hidden, state, 2, what)));
  }

  /// A parameter [D, factor * H].
  LogicalResult readVector(Value vector, int64_t factor, StringRef what) {
    if (!vector)
      return success();
    return success(succeeded(checkRank(location, vector, 2, what)) && succeeded(meet(directions, vector, 0, what)) &&
                   succeeded(meet(hidden, vector, 1, what, factor)));
  }

  template <typename Adaptor> LogicalResult read(Adaptor adaptor) {
    Value x = adaptor.getX(), r = adaptor.getR(), lengths = adaptor.getSequenceLens();
    return success(succeeded(checkRank(location, x, 3, "x")) && succeeded(checkRank(location, r, 3, "r")) &&
                   succeeded(meet(directions, r, 0, "r")) && succeeded(meet(hidden, r, 2, "r")) &&
                   succeeded(meet(hidden, r, 1, "r", gates)) && succeeded(meet(steps, x, 0, "x")) &&
                   succeeded(meet(batch, x, 1, "x")) && succeeded(meet(hidden, x, 2, "x", directions * gates)) &&
                   (!lengths || (succeeded(checkRank(location, lengths, 1, "sequence_lens")) &&
                                 succeeded(meet(batch, lengths, 0, "sequence_lens")))) &&
                   succeeded(readState(adaptor.getInitialH(), "initial_h")));
  }
};

/// y and as many last states as `states` says.
template <typename Op>
LogicalResult inferLayer(Loc location, typename Op::Adaptor adaptor, int64_t states, Types &inferred) {
  int64_t directions = adaptor.getDirection() == Direction::bidirectional ? 2 : 1;
  LayerSizes sizes{location, directions, Op::kGates};
  if (failed(sizes.read(adaptor)))
    return failure();
  if constexpr (std::is_same_v<Op, LstmOp>)
    if (failed(sizes.readState(adaptor.getInitialC(), "initial_c")) ||
        failed(sizes.readVector(adaptor.getPeepholes(), 3, "peepholes")))
      return failure();
  if constexpr (std::is_same_v<Op, GruOp>)
    if (failed(sizes.readVector(adaptor.getHiddenBias(), 1, "hidden_bias")))
      return failure();
  Type type = element(adaptor.getX());
  (void)push(inferred, {sizes.steps, directions, sizes.batch, sizes.hidden}, type);
  for (int64_t state = 0; state < states; ++state)
    (void)push(inferred, {directions, sizes.batch, sizes.hidden}, type);
  return success();
}

template <typename Op> LogicalResult verifyLayer(Op op) {
  for (Value operand : op->getOperands())
    if (operand != op.getSequenceLens() && element(operand) != element(op.getX()))
      return op.emitOpError("needs one element type for all operands but sequence_lens");
  size_t wanted = op.getNumDirections() * Op::kActivations;
  if (op.getActivations().size() != wanted)
    return op.emitOpError() << "has " << op.getActivations().size() << " activations instead of " << wanted;
  if (op.getClip() && !(op.getClip()->convertToFloat() >= 0))
    return op.emitOpError("needs a clip that is not negative");
  return success();
}

std::optional<int64_t> mapLayerAxis(Operation *op, unsigned operand, int64_t axis, unsigned result) {
  int64_t direction = result == 0 ? 1 : 0, batch = result == 0 ? 2 : 1;
  auto type = ranked(op->getOperand(operand));
  if (operand == 0)
    return axis == 1 ? std::optional<int64_t>(batch) : std::nullopt;
  if (operand == 1)
    return axis == 0 ? std::optional<int64_t>(direction) : std::nullopt;
  if (!type)
    return std::nullopt;
  if (type.getRank() == 1) // lengths of the sequences
    return batch;
  if (axis == 0)
    return direction;
  return type.getRank() == 3 && axis == 1 ? std::optional<int64_t>(batch) : std::nullopt;
}

template <typename Op> double layerFlops(Op op, DimFn dim) {
  auto hidden = static_cast<double>(dim(op.getR(), 2));
  // A product by r per gate, and about four operations for each of its elements.
  return numElements(op.getX(), dim) * (2 * hidden + 4);
}
} // namespace

LogicalResult ActivationAttr::verify(llvm::function_ref<InFlightDiagnostic()> emitError, ActivationKind kind,
                                     FloatAttr alpha, FloatAttr beta) {
  for (auto [name, number, taken] :
       {std::tuple("alpha", alpha, takesAlpha(kind)), std::tuple("beta", beta, takesBeta(kind))}) {
    if (static_cast<bool>(number) != taken)
      return emitError() << stringifyActivationKind(kind) << (taken ? " needs " : " takes no ") << name;
    if (number && !number.getType().isF32())
      return emitError() << "needs " << name << " of type f32";
  }
  return success();
}

#define PARE_RECURRENT(Op, states)                                                                                     \
  LogicalResult Op::inferReturnTypes(MLIRContext *, Loc location, Adaptor adaptor, Types &inferred) {                  \
    return inferLayer<Op>(location, adaptor, states, inferred);                                                        \
  }                                                                                                                    \
  std::optional<int64_t> Op::mapAxis(unsigned operand, int64_t axis, unsigned result) {                                \
    return mapLayerAxis(*this, operand, axis, result);                                                                 \
  }                                                                                                                    \
  double Op::getFlops(DimFn dim) { return layerFlops(*this, dim); }
PARE_RECURRENT(LstmOp, 2)
PARE_RECURRENT(GruOp, 1)
PARE_RECURRENT(RnnOp, 1)
#undef PARE_RECURRENT

LogicalResult LstmOp::verify() { return verifyLayer(*this); }
LogicalResult RnnOp::verify() { return verifyLayer(*this); }
LogicalResult GruOp::verify() {
  if (getHiddenBias() && !getLinearBeforeReset())
    return emitOpError("takes hidden_bias with linear_before_reset only");
  return verifyLayer(*this);
}
