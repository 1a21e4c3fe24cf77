// Recurrent layers, one sequence and one step at a time.
#include "Recurrent.h"
#include "Case.h"
#include <cmath>

using namespace mlir;

namespace pare::reference {

/// Gives back a number, or one that lies up to the second argument beside it.
using Nudge = std::function<double(double, double)>;

static double activate(ActivationAttr activation, double x) {
  double alpha = activation.getAlpha() ? activation.getAlpha().getValueAsDouble() : 0;
  double beta = activation.getBeta() ? activation.getBeta().getValueAsDouble() : 0;
  switch (activation.getKind()) {
  case ActivationKind::relu:
    return maxOf(x, 0);
  case ActivationKind::tanh:
    return std::tanh(x);
  case ActivationKind::sigmoid:
    return 1 / (1 + std::exp(-x));
  case ActivationKind::affine:
    return alpha * x + beta;
  case ActivationKind::leaky_relu:
    return x < 0 ? alpha * x : x;
  case ActivationKind::thresholded_relu:
    return x < alpha ? 0 : x;
  case ActivationKind::scaled_tanh:
    return alpha * std::tanh(beta * x);
  case ActivationKind::hard_sigmoid:
    return minOf(maxOf(alpha * x + beta, 0), 1);
  case ActivationKind::elu:
    return x < 0 ? alpha * std::expm1(x) : x;
  case ActivationKind::softsign:
    return x / (1 + std::fabs(x));
  case ActivationKind::softplus:
    return maxOf(x, 0) + std::log1p(std::exp(-std::fabs(x)));
  }
  llvm_unreachable("unknown activation");
}

namespace {
/// One layer on numbers in double.
template <typename OpT> class Layer {
public:
  Layer(OpT op, Call &call, Nudge nudge, double u) : op(op), call(call), nudge(std::move(nudge)), u(u) {}

  /// Fills y, y_h and, for an LSTM, y_c.
  llvm::Error run(SmallVectorImpl<std::vector<double>> &results) {
    if (llvm::Error error = read())
      return error;
    std::vector<double> y(steps * directions * batch * hidden);
    std::vector<double> &h = states[0], &c = states[1];
    for (int64_t d = 0; d < directions; ++d)
      for (int64_t b = 0; b < batch; ++b) {
        direction = d;
        int64_t at = (d * batch + b) * hidden, length = lengths.empty() ? steps : lengths[b];
        for (int64_t i = 0; i < length; ++i) {
          int64_t t = op.isReverse(d) ? length - 1 - i : i;
          step(x.data() + ((t * batch + b) * directions + d) * OpT::kGates * hidden, h.data() + at, c.data() + at);
          std::copy_n(h.begin() + at, hidden, y.begin() + ((t * directions + d) * batch + b) * hidden);
        }
      }
    results.clear();
    results.push_back(std::move(y));
    results.push_back(std::move(h));
    if (std::is_same_v<OpT, LstmOp>)
      results.push_back(std::move(c));
    return llvm::Error::success();
  }

  Index shapeOf(unsigned result) const {
    return result == 0 ? Index{steps, directions, batch, hidden} : Index{directions, batch, hidden};
  }

private:
  llvm::Error read() {
    const Tensor &input = call[op.getX()], &weights = call[op.getR()];
    directions = op.getNumDirections();
    if (input.getRank() != 3 || weights.getRank() != 3)
      return call.error("expected x and r of rank 3");
    steps = input.getShape()[0];
    batch = input.getShape()[1];
    hidden = weights.getShape()[2];
    if (weights.getShape() != IndexRef{directions, OpT::kGates * hidden, hidden} ||
        input.getShape()[2] != directions * OpT::kGates * hidden)
      return call.error("x of shape " + toString(input.getShape()) + " and r of shape " + toString(weights.getShape()) +
                        " do not fit " + Twine(directions) + " directions");
    if (llvm::Error error = call.checkSize(call.elementType(), shapeOf(0)))
      return error;
    x = input.toDoubles();
    r = weights.toDoubles();
    if (op.getSequenceLens()) {
      const Tensor &given = call[op.getSequenceLens()];
      lengths = given.toInts();
      if (given.getShape() != IndexRef{batch})
        return call.error("sequence_lens of shape " + toString(given.getShape()) + " for " + Twine(batch) +
                          " sequences");
      for (int64_t length : lengths)
        if (length < 0 || length > steps)
          return call.error("a sequence of length " + Twine(length) + " does not fit " + Twine(steps) + " steps");
    }
    states.assign(2, std::vector<double>(directions * batch * hidden));
    if (llvm::Error error = readInto(op.getInitialH(), "initial_h", shapeOf(1), states[0]))
      return error;
    if constexpr (std::is_same_v<OpT, LstmOp>) {
      peepholes.resize(directions * 3 * hidden);
      if (llvm::Error error = readInto(op.getPeepholes(), "peepholes", {directions, 3 * hidden}, peepholes))
        return error;
      return readInto(op.getInitialC(), "initial_c", shapeOf(1), states[1]);
    }
    if constexpr (std::is_same_v<OpT, GruOp>) {
      bias.resize(directions * hidden);
      return readInto(op.getHiddenBias(), "hidden_bias", {directions, hidden}, bias);
    }
    return llvm::Error::success();
  }

  llvm::Error readInto(Value operand, StringRef name, IndexRef shape, std::vector<double> &values) {
    if (!operand)
      return llvm::Error::success();
    const Tensor &tensor = call[operand];
    if (tensor.getShape() != shape)
      return call.error(name + " of shape " + toString(tensor.getShape()) + " instead of " + toString(shape));
    values = tensor.toDoubles();
    return llvm::Error::success();
  }

  /// start + state R^T for unit `unit` of a gate.
  double sum(int64_t gate, int64_t unit, double start, const double *state) {
    const double *row = r.data() + ((direction * OpT::kGates + gate) * hidden + unit) * hidden;
    double total = start, size = std::fabs(start);
    for (int64_t k = 0; k < hidden; ++k) {
      total += state[k] * row[k];
      size += std::fabs(state[k] * row[k]);
    }
    return moved(total, static_cast<double>(hidden + 4) * size);
  }

  double apply(int64_t function, double argument) {
    // Only sums are limited, not the cell.
    if (auto clip = op.getClip(); clip && function != 2)
      argument = maxOf(minOf(argument, clip->convertToFloat()), -clip->convertToFloat());
    double value = activate(op.getActivation(direction, function), argument);
    return moved(value, 8 * std::fabs(value) + 4);
  }

  /// `value` beside `size` units of roundoff.
  double moved(double value, double size) { return nudge ? nudge(value, u * size) : value; }

  /// `gates` [G, H] of one step, and the states before and after it.
  void step(const double *gates, double *h, double *c) {
    std::vector<double> before(h, h + hidden), reset(hidden);
    auto at = [&](int64_t gate, int64_t unit) { return gates[gate * hidden + unit]; };
    if constexpr (std::is_same_v<OpT, RnnOp>) {
      for (int64_t j = 0; j < hidden; ++j)
        h[j] = apply(0, sum(0, j, at(0, j), before.data()));
    } else if constexpr (std::is_same_v<OpT, LstmOp>) {
      const double *p = peepholes.data() + direction * 3 * hidden;
      for (int64_t j = 0; j < hidden; ++j) {
        auto gate = [&](int64_t number, double cell, double peephole) {
          double product = cell * peephole;
          return moved(sum(number, j, at(number, j), before.data()) + product, 4 * std::fabs(product));
        };
        double i = apply(0, gate(0, c[j], p[j]));
        double f = op.getInputForget() ? 1 - i : apply(0, gate(2, c[j], p[2 * hidden + j]));
        double candidate = i * apply(1, gate(3, 0, 0)), kept = f * c[j];
        c[j] = moved(kept + candidate, 4 * (std::fabs(kept) + std::fabs(candidate)));
        double o = apply(0, gate(1, c[j], p[hidden + j]));
        h[j] = o * apply(2, c[j]);
        h[j] = moved(h[j], 4 * std::fabs(h[j]));
      }
    } else {
      std::vector<double> update(hidden);
      for (int64_t j = 0; j < hidden; ++j) {
        update[j] = apply(0, sum(0, j, at(0, j), before.data()));
        reset[j] = apply(0, sum(1, j, at(1, j), before.data()));
      }
      bool linear = op.getLinearBeforeReset();
      for (int64_t j = 0; j < hidden && !linear; ++j)
        reset[j] *= before[j];
      for (int64_t j = 0; j < hidden; ++j) {
        double argument = linear ? at(2, j) + reset[j] * sum(2, j, bias[direction * hidden + j], before.data())
                                 : sum(2, j, at(2, j), reset.data());
        double fresh = (1 - update[j]) * apply(1, moved(argument, 4 * std::fabs(argument))),
               kept = update[j] * before[j];
        h[j] = moved(fresh + kept, 4 * (std::fabs(fresh) + std::fabs(kept)));
      }
    }
  }

  OpT op;
  Call &call;
  Nudge nudge;
  double u;
  int64_t steps = 0, batch = 0, hidden = 0, directions = 0, direction = 0;
  std::vector<double> x, r, peepholes, bias;
  std::vector<int64_t> lengths;
  std::vector<std::vector<double>> states; // hidden, cell
};
} // namespace

template <typename OpT> static llvm::Error recurrent(OpT op, Call &call) {
  Layer<OpT> layer(op, call, nullptr, 0);
  SmallVector<std::vector<double>> results;
  if (llvm::Error error = layer.run(results))
    return error;
  for (auto [number, values] : llvm::enumerate(results))
    call.results.push_back(Tensor::fromDoubles(call.elementType(number), layer.shapeOf(number), values));
  return llvm::Error::success();
}

template <typename OpT>
static std::vector<double> boundOf(OpT op, ArrayRef<Tensor> operands, const Tensor &result, double u) {
  constexpr unsigned kRuns = 4;
  EvaluateOptions options;
  Call call(op, operands, options, nullptr);
  uint64_t state = 1;
  Nudge move = [&](double value, double most) {
    state = state * 6364136223846793005 + 1442695040888963407;
    return value + most * std::ldexp(static_cast<double>(static_cast<int64_t>(state)), -63);
  };
  SmallVector<std::vector<double>> exact, moved;
  auto run = [&](const Nudge &nudge, SmallVectorImpl<std::vector<double>> &results) {
    if (llvm::Error error = Layer<OpT>(op, call, nudge, u).run(results)) {
      llvm::consumeError(std::move(error));
      return false;
    }
    return true;
  };
  if (!run(nullptr, exact))
    return {};
  std::vector<double> bound(result.getNumElements());
  int64_t hidden = std::max<int64_t>(result.getShape().back(), 1);
  for (unsigned number = 0; number < kRuns; ++number) {
    if (!run(move, moved))
      return {};
    for (auto [before, after] : llvm::zip_equal(exact, moved)) {
      // The last hidden state and the last cell have one shape: what moves either moves both.
      if (before.size() != bound.size())
        continue;
      for (size_t row = 0; row < bound.size(); row += hidden) {
        double most = 0;
        for (int64_t j = 0; j < hidden; ++j)
          most = std::max(most, std::fabs(after[row + j] - before[row + j]));
        for (int64_t j = 0; j < hidden; ++j)
          bound[row + j] = std::max(bound[row + j], 2 * most);
      }
    }
  }
  return bound;
}

std::vector<double> recurrentBound(Operation *op, ArrayRef<Tensor> operands, const Tensor &result, double u) {
  if (auto lstm = dyn_cast<LstmOp>(op))
    return boundOf(lstm, operands, result, u);
  if (auto gru = dyn_cast<GruOp>(op))
    return boundOf(gru, operands, result, u);
  return boundOf(cast<RnnOp>(op), operands, result, u);
}

void registerRecurrent(Registry &registry) {
  registry.add<LstmOp>([](LstmOp op, Call &call) { return recurrent(op, call); });
  registry.add<GruOp>([](GruOp op, Call &call) { return recurrent(op, call); });
  registry.add<RnnOp>([](RnnOp op, Call &call) { return recurrent(op, call); });
}

} // namespace pare::reference
