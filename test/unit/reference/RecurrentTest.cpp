// Recurrent layers by hand.
#include "ReferenceTest.h"
#include "pare/Reference/Rounding.h"

using namespace pare::reference;
namespace {
class Recurrent : public ReferenceTest {
protected:
  static std::string activation(const std::string &kind, const std::string &numbers = "") {
    return "#pare.activation<kind = " + kind + numbers + ">";
  }
  static std::string identity() { return activation("affine", ", alpha = 1.0 : f32, beta = 0.0 : f32"); }

  /// An RNN of one unit without an activation: h' = x + 2 h.
  static std::string linear(const std::string &operands, const std::string &direction, int64_t steps, int64_t batch) {
    std::string t = std::to_string(steps), b = std::to_string(batch);
    return "pare.rnn %a, %b" + operands + " {direction = #pare.direction<" + direction + ">, activations = [" +
           identity() + "]} : (tensor<" + t + "x" + b + "x1xf32>, tensor<1x1x1xf32>) -> (tensor<" + t + "x1x" + b +
           "x1xf32>, tensor<1x" + b + "x1xf32>)";
  }
  /// The activation of x, as a layer of one step computes it.
  double activate(const std::string &kind, const std::string &numbers, double x, const std::string &clip = "") {
    Tensors results =
        all("pare.rnn %a, %b {direction = #pare.direction<forward>, activations = [" + activation(kind, numbers) + "]" +
                clip + "} : (tensor<1x1x1xf32>, tensor<1x1x1xf32>) -> (tensor<1x1x1x1xf32>, tensor<1x1x1xf32>)",
            {f32({1, 1, 1}, {x}), f32({1, 1, 1}, {0})});
    return results[0].getDouble(0);
  }
  Tensor two = f32({1, 1, 1}, {2});
};
} // namespace

TEST_F(Recurrent, StepsAndDirections) {
  Tensor x = f32({3, 1, 1}, {1, 10, 100});
  Tensors forward = all(linear("", "forward", 3, 1), {x, two});
  expect(forward[0], {3, 1, 1, 1}, {1, 12, 124});
  expect(forward[1], {1, 1, 1}, {124});
  Tensors reverse = all(linear("", "reverse", 3, 1), {x, two});
  expect(reverse[0], {3, 1, 1, 1}, {421, 210, 100});
  expect(reverse[1], {1, 1, 1}, {421});
  Tensors started = all(linear(" initial_h(%c : tensor<1x1x1xf32>)", "forward", 3, 1), {x, two, f32({1, 1, 1}, {5})});
  expect(started[0], {3, 1, 1, 1}, {11, 32, 164});
}

TEST_F(Recurrent, Lengths) {
  // Sequences of two, no and three steps.
  Tensor x = f32({3, 3, 1}, {1, 1, 1, 10, 10, 10, 100, 100, 100}), lens = make("si32", {3}, {2, 0, 3});
  Tensor start = f32({1, 3, 1}, {0, 7, 0});
  std::string operands = " sequence_lens(%c : tensor<3xsi32>) initial_h(%d : tensor<1x3x1xf32>)";
  Tensors forward = all(linear(operands, "forward", 3, 3), {x, two, lens, start});
  expect(forward[0], {3, 1, 3, 1}, {1, 0, 1, 12, 0, 12, 0, 0, 124});
  expect(forward[1], {1, 3, 1}, {12, 7, 124});
  Tensors reverse = all(linear(operands, "reverse", 3, 3), {x, two, lens, start});
  expect(reverse[0], {3, 1, 3, 1}, {21, 0, 421, 10, 0, 210, 0, 0, 100});
  expect(reverse[1], {1, 3, 1}, {21, 7, 421});
  for (double length : {-1.0, 4.0}) {
    std::string text = error(linear(operands, "forward", 3, 3), {x, two, make("si32", {3}, {2, length, 3}), start});
    EXPECT_NE(text.find("does not fit 3 steps"), std::string::npos) << text;
  }
}

TEST_F(Recurrent, Activations) {
  const std::string alpha = ", alpha = 0.5 : f32", both = alpha + ", beta = 0.25 : f32";
  EXPECT_EQ(activate("relu", "", -2), 0);
  EXPECT_EQ(activate("affine", both, 2), 1.25);
  EXPECT_EQ(activate("leaky_relu", alpha, -2), -1);
  EXPECT_EQ(activate("thresholded_relu", alpha, 0.25), 0);
  EXPECT_EQ(activate("thresholded_relu", alpha, 0.75), 0.75);
  EXPECT_NEAR(activate("scaled_tanh", both, 2), 0.5 * std::tanh(0.5), 1e-7);
  EXPECT_EQ(activate("hard_sigmoid", both, 1), 0.75);
  EXPECT_EQ(activate("hard_sigmoid", both, -1), 0);
  EXPECT_NEAR(activate("elu", alpha, -2), 0.5 * std::expm1(-2), 1e-7);
  EXPECT_EQ(activate("softsign", "", -3), -0.75);
  EXPECT_NEAR(activate("softplus", "", -1), std::log1p(std::exp(-1)), 1e-7);
  EXPECT_EQ(activate("softplus", "", 300), 300);
  EXPECT_NEAR(activate("sigmoid", "", 1), 1 / (1 + std::exp(-1)), 1e-7);
  EXPECT_EQ(activate("relu", "", 3, ", clip = 0.5 : f32"), 0.5);
  EXPECT_TRUE(std::isnan(activate("relu", "", kNan)));
}

TEST_F(Recurrent, Lstm) {
  // Gates i, o, f, c of 2, 3, 5 and 7; c sees the hidden state.
  auto run = [&](const std::string &operands, const std::string &more, std::vector<Tensor> values) {
    values.insert(values.begin(), {f32({1, 1, 4}, {2, 3, 5, 7}), f32({1, 4, 1}, {0, 0, 0, 1})});
    return all("pare.lstm %a, %b" + operands + " {direction = #pare.direction<forward>, activations = [" + identity() +
                   ", " + identity() + ", " + identity() + "]" + more +
                   "} : (tensor<1x1x4xf32>, tensor<1x4x1xf32>) -> (tensor<1x1x1x1xf32>, tensor<1x1x1xf32>, "
                   "tensor<1x1x1xf32>)",
               std::move(values));
  };
  Tensors plain = run("", "", {});
  expect(plain[0], {1, 1, 1, 1}, {3 * (2 * 7)});
  expect(plain[2], {1, 1, 1}, {2 * 7});
  Tensor h = f32({1, 1, 1}, {10}), c = f32({1, 1, 1}, {100});
  const std::string states = " initial_h(%c : tensor<1x1x1xf32>) initial_c(%d : tensor<1x1x1xf32>)";
  expect(run(states, "", {h, c})[2], {1, 1, 1}, {5 * 100 + 2 * (7 + 10)});
  expect(run(states, ", input_forget", {h, c})[2], {1, 1, 1}, {(1 - 2) * 100 + 2 * (7 + 10)});
  // P in the order i, o, f; o sees the new cell.
  Tensors peeped = run(" peepholes(%c : tensor<1x3xf32>) initial_h(%d : tensor<1x1x1xf32>) initial_c(%e : "
                       "tensor<1x1x1xf32>)",
                       "", {f32({1, 3}, {1, 2, 3}), h, c});
  double cell = (5 + 300) * 100 + (2 + 100) * 17;
  expect(peeped[2], {1, 1, 1}, {cell});
  EXPECT_NEAR(peeped[1].getDouble(0) / ((3 + 2 * cell) * cell), 1, 1e-7);
  // Gates are limited, the cell is not.
  expect(run("", ", clip = 3.0 : f32", {})[1], {1, 1, 1}, {3 * (2 * 3)});
}

TEST_F(Recurrent, Gru) {
  // Gates z, r, h of 2, 3 and 5; the last sees the hidden state 10 by a weight of 7.
  auto run = [&](const std::string &operands, const std::string &more, std::vector<Tensor> values) {
    values.insert(values.begin(), {f32({1, 1, 3}, {2, 3, 5}), f32({1, 3, 1}, {0, 0, 7})});
    return all("pare.gru %a, %b" + operands + " {direction = #pare.direction<forward>, activations = [" + identity() +
                   ", " + identity() + "]" + more +
                   "} : (tensor<1x1x3xf32>, tensor<1x3x1xf32>) -> (tensor<1x1x1x1xf32>, tensor<1x1x1xf32>)",
               std::move(values))[1];
  };
  Tensor h = f32({1, 1, 1}, {10});
  expect(run(" initial_h(%c : tensor<1x1x1xf32>)", "", {h}), {1, 1, 1}, {(1 - 2) * (5 + 3 * 10 * 7) + 2 * 10});
  expect(run(" hidden_bias(%c : tensor<1x1xf32>) initial_h(%d : tensor<1x1x1xf32>)", ", linear_before_reset",
             {f32({1, 1}, {4}), h}),
         {1, 1, 1}, {(1 - 2) * (5 + 3 * (10 * 7 + 4)) + 2 * 10});
}

TEST_F(Recurrent, RoundingOfEarlyStepsReachesLateOnes) {
  auto layer = function(R"(func.func @f(%x: tensor<9x1x1xf32>, %r: tensor<1x1x1xf32>) -> tensor<9x1x1x1xf32> {
    %y, %h = pare.rnn %x, %r {direction = #pare.direction<forward>, activations = [#pare.activation<kind = relu>]} : (tensor<9x1x1xf32>, tensor<1x1x1xf32>) -> (tensor<9x1x1x1xf32>, tensor<1x1x1xf32>)
    return %y : tensor<9x1x1x1xf32> })");
  Tensors inputs{f32({9, 1, 1}, {1, 0, 0, 0, 0, 0, 0, 0, 0}), two};
  auto want = evaluateFunction(layer, inputs);
  ASSERT_TRUE(static_cast<bool>(want));
  expect(want->front(), {9, 1, 1, 1}, {1, 2, 4, 8, 16, 32, 64, 128, 256});
  auto allowances = measureAllowance(layer, inputs, *want);
  ASSERT_TRUE(static_cast<bool>(allowances));
  const std::vector<double> &allowed = allowances->front().deviation;
  EXPECT_GT(allowed[0], 0);
  EXPECT_GT(allowed[8], 50 * allowed[0]);
  EXPECT_LT(allowed[8], 1e-3 * 256);
}
