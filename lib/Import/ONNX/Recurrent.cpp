// LSTM, GRU and RNN: the product of all steps by the input weights, then what is recurrent.
#include "Importer.h"
#include "llvm/ADT/StringSwitch.h"

using namespace mlir;

namespace pare::onnx_import {
namespace {
/// An activation with what ONNX gives where the model gives no numbers.
struct Function {
  ActivationKind kind;
  std::optional<double> alpha, beta;
  bool takesAlpha = false, takesBeta = false;
};

std::optional<Function> findFunction(StringRef name) {
  using Kind = ActivationKind;
  using Found = std::optional<Function>;
  return llvm::StringSwitch<Found>(name)
      .CaseLower("relu", Function{Kind::relu, {}, {}})
      .CaseLower("tanh", Function{Kind::tanh, {}, {}})
      .CaseLower("sigmoid", Function{Kind::sigmoid, {}, {}})
      .CaseLower("affine", Function{Kind::affine, 1.0, 0.0, true, true})
      .CaseLower("leakyrelu", Function{Kind::leaky_relu, 0.01, {}, true})
      .CaseLower("thresholdedrelu", Function{Kind::thresholded_relu, 1.0, {}, true})
      .CaseLower("scaledtanh", Function{Kind::scaled_tanh, {}, {}, true, true})
      .CaseLower("hardsigmoid", Function{Kind::hard_sigmoid, 0.2, 0.5, true, true})
      .CaseLower("elu", Function{Kind::elu, 1.0, {}, true})
      .CaseLower("softsign", Function{Kind::softsign, {}, {}})
      .CaseLower("softplus", Function{Kind::softplus, {}, {}})
      .Default(std::nullopt);
}

/// What the three ops share.
struct Layer {
  Node &node;
  int64_t gates;
  int64_t directions = 1, hidden = 0;
  bool batchFirst = false;
  Value x = {}, r = {}; // x [T, B, D * G * H] without biases
  SmallVector<NamedAttribute> attributes = {};

  LogicalResult read(ArrayRef<StringRef> defaults) {
    std::string direction = node.getString("direction", "forward");
    auto known = symbolizeDirection(direction);
    if (!known)
      return node.error("unknown direction '" + direction + "'");
    directions = *known == Direction::bidirectional ? 2 : 1;
    attributes.push_back(node.attr("direction", DirectionAttr::get(&node.importer.context, *known)));
    int64_t layout = node.getInt("layout", 0);
    if (layout != 0 && layout != 1)
      return node.error("layout is " + Twine(layout) + ", expected 0 or 1");
    batchFirst = layout == 1;
    if (node.has("clip"))
      attributes.push_back(node.f32("clip", node.getFloat("clip", 0)));
    return success(succeeded(readActivations(defaults)) && succeeded(readWeights()));
  }

  /// The functions of every direction; `defaults` are those of one.
  LogicalResult readActivations(ArrayRef<StringRef> defaults) {
    SmallVector<std::string> names;
    if (const onnx::AttributeProto *given = node.attribute("activations"))
      names.assign(given->strings().begin(), given->strings().end());
    else
      for (int64_t d = 0; d < directions; ++d)
        names.append(defaults.begin(), defaults.end());
    size_t wanted = defaults.size() * directions;
    if (names.size() != wanted)
      return node.error("it has " + Twine(names.size()) + " activations, expected " + Twine(wanted));
    // Each function takes the next number of those that it has use for.
    ArrayRef<float> alphas = getFloats("activation_alpha"), betas = getFloats("activation_beta");
    auto take = [](ArrayRef<float> &numbers, std::optional<double> fallback) -> std::optional<double> {
      if (numbers.empty())
        return fallback;
      double number = numbers.front();
      numbers = numbers.drop_front();
      return number;
    };
    SmallVector<Attribute> functions;
    for (const std::string &name : names) {
      std::optional<Function> function = findFunction(name);
      if (!function)
        return node.error("unknown activation '" + name + "'");
      auto number = [&](bool takes, ArrayRef<float> &numbers, std::optional<double> fallback) {
        std::optional<double> value = takes ? take(numbers, fallback) : std::nullopt;
        return value ? node.builder.getF32FloatAttr(float(*value)) : FloatAttr();
      };
      FloatAttr alpha = number(function->takesAlpha, alphas, function->alpha);
      FloatAttr beta = number(function->takesBeta, betas, function->beta);
      if ((function->takesAlpha && !alpha) || (function->takesBeta && !beta))
        return node.error("activation '" + name + "' needs a number in activation_alpha and one in activation_beta");
      functions.push_back(ActivationAttr::get(&node.importer.context, function->kind, alpha, beta));
    }
    if (!alphas.empty() || !betas.empty())
      return node.error("activation_alpha or activation_beta has more numbers than the activations take");
    attributes.push_back(node.attr("activations", node.builder.getArrayAttr(functions)));
    return success();
  }

  ArrayRef<float> getFloats(StringRef name) {
    const onnx::AttributeProto *given = node.attribute(name);
    return given ? ArrayRef<float>(given->floats().data(), size_t(given->floats_size())) : ArrayRef<float>();
  }

  /// The product of x by W of all gates and directions, and the shape of R.
  LogicalResult readWeights() {
    Value input = node.in(0), w = node.in(1);
    r = node.in(2);
    for (auto [value, name] : {std::pair(input, "X"), std::pair(w, "W"), std::pair(r, "R")}) {
      auto rank = node.needRank(value);
      if (!rank)
        return failure();
      if (*rank != 3)
        return node.error(Twine(name) + " is of rank " + Twine(*rank) + ", expected 3");
    }
    hidden = node.getInt("hidden_size", Node::size(r, 2));
    if (ShapedType::isDynamic(hidden))
      return node.unsupported("an R of unknown shape without hidden_size");
    constexpr int64_t limit = 1 << 24;
    if (hidden < 1 || hidden > limit)
      return node.error("hidden_size is " + Twine(hidden) + ", expected 1 or more");
    int64_t rows = directions * gates * hidden;
    for (auto [value, name] : {std::pair(w, "W"), std::pair(r, "R")})
      for (auto [axis, size] : {std::pair(0, directions), std::pair(1, gates * hidden)})
        if (int64_t own = Node::size(value, axis); !ShapedType::isDynamic(own) && own != size)
          return node.error(Twine(name) + " has size " + Twine(own) + " on axis " + Twine(axis) + ", expected " +
                            Twine(size));
    if (batchFirst)
      input = node.transpose(input, {1, 0, 2});
    int64_t inputs = Node::size(w, 2);
    Value flat = node.reshape(w, {rows, ShapedType::isDynamic(inputs) ? -1 : inputs});
    x = node.make<MatmulOp>({input, node.transpose(flat, {1, 0})});
    return success(!node.failed());
  }

  /// B [D, 2 * G * H] as that of the input and that of the state, each [D, G * H]; null without one.
  std::pair<Value, Value> readBiases() {
    if (!node.in(3))
      return {};
    int64_t size = gates * hidden;
    Operation *split =
        node.makeOp<SplitOp>({node.in(3), node.shape({size, size})}, {node.i64("axis", 1), node.i64("pieces", 2)});
    return split ? std::pair(split->getResult(0), split->getResult(1)) : std::pair<Value, Value>();
  }

  /// Adds [D, G * H] to every step of x.
  void add(Value bias) {
    if (bias)
      x = node.make<AddOp>({x, node.reshape(bias, {directions * gates * hidden})});
  }

  /// A state as the dialect has it, and back.
  Value turn(Value state) { return state && batchFirst ? node.transpose(state, {1, 0, 2}) : state; }

  /// `optional` are the operands behind x and r, null where absent.
  template <typename Op> LogicalResult finish(ArrayRef<Value> optional) {
    SmallVector<Value> operands{x, r};
    SmallVector<int32_t> segments{1, 1};
    for (Value operand : optional) {
      segments.push_back(operand ? 1 : 0);
      if (operand)
        operands.push_back(operand);
    }
    attributes.push_back(node.segments(segments));
    Operation *op = node.makeOp<Op>(operands, attributes);
    if (!op)
      return failure();
    SmallVector<Value> results(op->getResults());
    if (batchFirst) {
      results[0] = node.wants(0) ? node.transpose(results[0], {2, 0, 1, 3}) : results[0];
      for (size_t i = 1; i < results.size(); ++i)
        results[i] = node.wants(int(i)) ? turn(results[i]) : results[i];
    }
    return node.set(results);
  }
};

LogicalResult importLstm(Node &node) {
  Layer layer{node, 4};
  if (failed(layer.read({"Sigmoid", "Tanh", "Tanh"})))
    return failure();
  auto [input, state] = layer.readBiases();
  if (input)
    layer.add(node.make<AddOp>({input, state}));
  if (node.getInt("input_forget", 0) != 0)
    layer.attributes.push_back(node.unit("input_forget"));
  return layer.finish<LstmOp>({node.in(7), node.in(4), layer.turn(node.in(5)), layer.turn(node.in(6))});
}

LogicalResult importGru(Node &node) {
  Layer layer{node, 3};
  if (failed(layer.read({"Sigmoid", "Tanh"})))
    return failure();
  auto [input, state] = layer.readBiases();
  bool linear = node.getInt("linear_before_reset", 0) != 0;
  Value hiddenBias;
  if (linear)
    layer.attributes.push_back(node.unit("linear_before_reset"));
  if (input && linear) {
    // The reset gate stands between the product by R and the input: its bias stays with the product.
    auto cut = [&](Value bias) {
      Operation *split = node.makeOp<SplitOp>({bias, node.shape({2 * layer.hidden, layer.hidden})},
                                              {node.i64("axis", 1), node.i64("pieces", 2)});
      return split ? std::pair(split->getResult(0), split->getResult(1)) : std::pair<Value, Value>();
    };
    auto [inputGates, inputLast] = cut(input);
    auto [stateGates, stateLast] = cut(state);
    hiddenBias = stateLast;
    layer.add(node.make<ConcatOp>({node.make<AddOp>({inputGates, stateGates}), inputLast}, {node.i64("axis", 1)}));
  } else if (input) {
    layer.add(node.make<AddOp>({input, state}));
  }
  return layer.finish<GruOp>({hiddenBias, node.in(4), layer.turn(node.in(5))});
}

LogicalResult importRnn(Node &node) {
  Layer layer{node, 1};
  if (failed(layer.read({"Tanh"})))
    return failure();
  auto [input, state] = layer.readBiases();
  if (input)
    layer.add(node.make<AddOp>({input, state}));
  return layer.finish<RnnOp>({node.in(4), layer.turn(node.in(5))});
}
} // namespace

void addRecurrentHandlers(Registry &r) {
  r.add("LSTM", 3, 8, importLstm);
  r.add("GRU", 3, 6, importGru);
  r.add("RNN", 3, 6, importRnn);
}
} // namespace pare::onnx_import
