// Ops that make, move and index elements.
#include "ReferenceTest.h"

using namespace pare::reference;
namespace {
class Movement : public ReferenceTest {
protected:
  Tensor x23 = f32({2, 3}, {1, 2, 3, 4, 5, 6});
  Tensor slice(std::vector<double> values, double start, double end, double step) {
    auto size = static_cast<int64_t>(values.size());
    std::string tensor = "tensor<" + std::to_string(size) + "xf32>";
    return one("pare.slice %a, %b, %c, %d {axes = array<i64: 0>} : (" + tensor +
                   ", tensor<1xsi64>, tensor<1xsi64>, tensor<1xsi64>) -> tensor<?xf32>",
               {f32({size}, std::move(values)), si64({start}), si64({end}), si64({step})});
  }
  Tensor pad(const std::string &mode, double begin, double end) {
    return one("pare.pad %a, %b {mode = #pare.pad_mode<" + mode +
                   ">} : (tensor<3xf32>, tensor<2xsi64>) -> tensor<?xf32>",
               {f32({3}, {1, 2, 3}), si64({begin, end})});
  }
};
} // namespace

TEST_F(Movement, Reshapes) {
  std::string op = "pare.reshape %a, %b : (tensor<2x3xf32>, tensor<2xsi64>) -> tensor<?x?xf32>";
  expect(one(op, {x23, si64({3, -1})}), {3, 2}, {1, 2, 3, 4, 5, 6});
  expect(one(op, {x23, si64({0, -1})}), {2, 3}, {1, 2, 3, 4, 5, 6});
  EXPECT_NE(error(op, {x23, si64({4, -1})}).find("do not fit shape [4, -1]"), std::string::npos);
  EXPECT_NE(error(op, {x23, si64({-1, -1})}).find("do not fit"), std::string::npos);
  EXPECT_NE(error(op, {x23, si64({5, 5})}).find("do not fit"), std::string::npos);
  // With nothing to divide by, the result type says what -1 stands for.
  expect(one("pare.reshape %a, %b : (tensor<0x6xf32>, tensor<2xsi64>) -> tensor<?x6xf32>",
             {f32({0, 6}, {}), si64({0, -1})}),
         {0, 6}, {});
}

TEST_F(Movement, SqueezesAndFlattens) {
  Tensor x = f32({2, 1}, {1, 2});
  expect(one("pare.squeeze %a {axes = array<i64: 1>} : (tensor<2x1xf32>) -> tensor<2xf32>", {x}), {2}, {1, 2});
  expect(one("pare.unsqueeze %a {axes = array<i64: 0, 3>} : (tensor<2x1xf32>) -> tensor<1x2x1x1xf32>", {x}),
         {1, 2, 1, 1}, {1, 2});
  expect(one("pare.flatten %a {axis = 0 : i64} : (tensor<2x3xf32>) -> tensor<1x6xf32>", {x23}), {1, 6},
         {1, 2, 3, 4, 5, 6});
}

TEST_F(Movement, ShapesOfTheInputThatDoNotFit) {
  auto fails = [&](const std::string &op, std::vector<Tensor> operands, const char *part) {
    std::string text = error(op, std::move(operands), /*dynamic=*/true);
    EXPECT_NE(text.find(part), std::string::npos) << text;
  };
  fails("pare.squeeze %a {axes = array<i64: 0>} : (tensor<?xf32>) -> tensor<f32>", {f32({2}, {1, 2})},
        "axis 0 has size 2, not 1");
  fails("pare.expand %a, %b : (tensor<?x?xf32>, tensor<?xsi64>) -> tensor<?x?xf32>", {x23, si64({4, 1})},
        "do not broadcast");
  fails("pare.concat %a, %b {axis = 0 : i64} : (tensor<?x?xf32>, tensor<?x?xf32>) -> tensor<?x?xf32>",
        {x23, f32({1, 1}, {1})}, "shape [1, 1] does not join [2, 3] along axis 0");
  fails("pare.tile %a, %b : (tensor<?xf32>, tensor<?xsi64>) -> tensor<?xf32>", {f32({2}, {1, 2}), si64({-1})},
        "repeats [-1]");
  fails("pare.tile %a, %b : (tensor<?xf32>, tensor<?xsi64>) -> tensor<?xf32>", {f32({2}, {1, 2}), si64({9e18})},
        "repeats");
  fails("pare.slice %a, %b, %c, %d {axes = array<i64: 0>} : (tensor<?xf32>, tensor<?xsi64>, tensor<?xsi64>, "
        "tensor<?xsi64>) -> "
        "tensor<?xf32>",
        {f32({2}, {1, 2}), si64({0}), si64({1}), si64({0})}, "a step of 0");
  fails("pare.pad %a, %b {mode = #pare.pad_mode<constant>} : (tensor<?xf32>, tensor<?xsi64>) -> tensor<?xf32>",
        {f32({2}, {1, 2}), si64({-3, 0})}, "a result of shape [-1]");
  fails("pare.pad %a, %b {mode = #pare.pad_mode<edge>} : (tensor<?xf32>, tensor<?xsi64>) -> tensor<?xf32>",
        {f32({0}, {}), si64({1, 0})}, "nothing to repeat");
  fails("%0:2 = pare.top_k %a, %b {axis = 0 : i64, largest = true} : (tensor<?xf32>, tensor<?xsi64>) -> "
        "(tensor<?xf32>, tensor<?xsi64>)",
        {f32({2}, {1, 2}), si64({3})}, "k is 3 for an axis of size 2");
  fails("pare.arg_max %a {axis = 0 : i64} : (tensor<?xf32>) -> tensor<si64>", {f32({0}, {})},
        "no element along axis 0");
}

TEST_F(Movement, TransposesExpandsTiles) {
  expect(one("pare.transpose %a {permutation = array<i64: 1, 0>} : (tensor<2x3xf32>) -> tensor<3x2xf32>", {x23}),
         {3, 2}, {1, 4, 2, 5, 3, 6});
  expect(one("pare.expand %a, %b : (tensor<2x1xf32>, tensor<2xsi64>) -> tensor<?x?xf32>",
             {f32({2, 1}, {1, 2}), si64({1, 2})}),
         {2, 2}, {1, 1, 2, 2});
  expect(one("pare.tile %a, %b : (tensor<2xf32>, tensor<1xsi64>) -> tensor<?xf32>", {f32({2}, {1, 2}), si64({2})}), {4},
         {1, 2, 1, 2});
}

TEST_F(Movement, ConcatsAndSplits) {
  expect(one("pare.concat %a, %b {axis = 1 : i64} : (tensor<2x3xf32>, tensor<2x1xf32>) -> tensor<2x4xf32>",
             {x23, f32({2, 1}, {8, 9})}),
         {2, 4}, {1, 2, 3, 8, 4, 5, 6, 9});
  Tensors parts = all("%0:2 = pare.split %a {axis = 1 : i64, pieces = 2 : i64} : (tensor<2x3xf32>) -> "
                      "(tensor<2x?xf32>, tensor<2x?xf32>)",
                      {x23});
  ASSERT_EQ(parts.size(), 2u);
  expect(parts[0], {2, 2}, {1, 2, 4, 5});
  expect(parts[1], {2, 1}, {3, 6});
  std::string sized =
      "%0:2 = pare.split %a, %b {axis = 1 : i64, pieces = 2 : i64} : (tensor<2x3xf32>, tensor<2xsi64>) -> "
      "(tensor<2x?xf32>, tensor<2x?xf32>)";
  expect(all(sized, {x23, si64({0, 3})})[1], {2, 3}, {1, 2, 3, 4, 5, 6});
  EXPECT_NE(error(sized, {x23, si64({1, 3})}).find("pieces [1, 3] of an axis of size 3"), std::string::npos);
}

TEST_F(Movement, SlicesAsOnnx) {
  expect(slice({1, 2, 3, 4}, 1, 3, 1), {2}, {2, 3});
  expect(slice({1, 2, 3, 4}, -3, 1000, 2), {2}, {2, 4});
  expect(slice({1, 2, 3, 4}, -1, -1000, -2), {2}, {4, 2});
  expect(slice({1, 2, 3, 4}, 1000, 0, -1), {3}, {4, 3, 2});
  expect(slice({1, 2, 3, 4}, 3, 1, 1), {0}, {});
  expect(slice({}, 0, 5, 1), {0}, {});
  expect(slice({}, -1, -5, -1), {0}, {});
  expect(slice({1, 2}, 0, 9e18, 9e18), {1}, {1});
}

TEST_F(Movement, Pads) {
  expect(pad("constant", 1, 2), {6}, {0, 1, 2, 3, 0, 0});
  expect(pad("constant", -1, 1), {3}, {2, 3, 0});
  expect(pad("reflect", 2, 2), {7}, {3, 2, 1, 2, 3, 2, 1});
  expect(pad("edge", 1, 2), {6}, {1, 1, 2, 3, 3, 3});
  expect(pad("wrap", 2, 1), {6}, {2, 3, 1, 2, 3, 1});
  expect(one("pare.pad %a, %b, %c {mode = #pare.pad_mode<constant>} : (tensor<0xf32>, tensor<2xsi64>, tensor<f32>) -> "
             "tensor<?xf32>",
             {f32({0}, {}), si64({1, 1}), f32({}, {7})}),
         {2}, {7, 7});
}

TEST_F(Movement, MakesTensors) {
  expect(one("pare.shape_of %a : (tensor<2x3xf32>) -> tensor<2xsi64>", {x23}), {2}, {2, 3});
  expect(one("pare.full %a {value = dense<2.5> : tensor<1xf32>} : (tensor<2xsi64>) -> tensor<?x?xf32>", {si64({1, 2})}),
         {1, 2}, {2.5, 2.5});
  EXPECT_NE(
      error("pare.full %a {value = dense<2.5> : tensor<1xf32>} : (tensor<2xsi64>) -> tensor<?x?xf32>", {si64({-1, 2})})
          .find("a result of shape [-1, 2]"),
      std::string::npos);
  EXPECT_NE(error("pare.full %a {value = dense<2.5> : tensor<1xf32>} : (tensor<2xsi64>) -> tensor<?x?xf32>",
                  {si64({4e9, 4e9})})
                .find("takes more than"),
            std::string::npos);
  expect(one("pare.constant dense<[1, -2]> : tensor<2xsi8>", {}), {2}, {1, -2});
  std::string range = "pare.range %a, %b, %c : (tensor<si64>, tensor<si64>, tensor<si64>) -> tensor<?xsi64>";
  expect(one(range, {si64({}, {1}), si64({}, {6}), si64({}, {2})}), {3}, {1, 3, 5});
  expect(one(range, {si64({}, {3}), si64({}, {0}), si64({}, {-2})}), {2}, {3, 1});
  expect(one(range, {si64({}, {3}), si64({}, {0}), si64({}, {2})}), {0}, {});
  EXPECT_NE(error(range, {si64({}, {3}), si64({}, {0}), si64({}, {0})}).find("a step of 0"), std::string::npos);
}

TEST_F(Movement, Gathers) {
  std::string gather = "pare.gather %a, %b {axis = 1 : i64} : (tensor<2x3xf32>, tensor<2xsi64>) -> tensor<2x2xf32>";
  expect(one(gather, {x23, si64({-1, 0})}), {2, 2}, {3, 1, 6, 4});
  EXPECT_NE(error(gather, {x23, si64({3, 0})}).find("index 3 of an axis of size 3"), std::string::npos);
  EXPECT_NE(error(gather, {x23, si64({-4, 0})}).find("index -4"), std::string::npos);
  expect(one("pare.gather_elements %a, %b {axis = 1 : i64} : (tensor<2x3xf32>, tensor<2x1xsi64>) -> tensor<2x1xf32>",
             {x23, si64({2, 1}, {2, -3})}),
         {2, 1}, {3, 4});
  expect(one("pare.gather_nd %a, %b {batch_dims = 0 : i64} : (tensor<2x3xf32>, tensor<2x2xsi64>) -> tensor<2xf32>",
             {x23, si64({2, 2}, {0, 2, 1, -3})}),
         {2}, {3, 4});
  expect(one("pare.gather_nd %a, %b {batch_dims = 1 : i64} : (tensor<2x3xf32>, tensor<2x1xsi64>) -> tensor<2xf32>",
             {x23, si64({2, 1}, {1, 2})}),
         {2}, {2, 6});
  EXPECT_NE(error("pare.gather_nd %a, %b {batch_dims = 0 : i64} : (tensor<2x3xf32>, tensor<1x2xsi64>) -> tensor<1xf32>",
                  {x23, si64({1, 2}, {2, 0})})
                .find("index 2 of an axis of size 2"),
            std::string::npos);
}

TEST_F(Movement, Scatters) {
  std::string nd = "pare.scatter_nd %a, %b, %c {kind = #pare.scatter_kind<add>} : (tensor<2x3xf32>, tensor<2x1xsi64>, "
                   "tensor<2x3xf32>) -> tensor<2x3xf32>";
  expect(one(nd, {x23, si64({2, 1}, {1, 1}), f32({2, 3}, {1, 1, 1, 10, 10, 10})}), {2, 3}, {1, 2, 3, 15, 16, 17});
  EXPECT_NE(error(nd, {x23, si64({2, 1}, {1, 5}), x23}).find("index 5"), std::string::npos);
  auto elements = [&](const std::string &kind) {
    return one("pare.scatter_elements %a, %b, %c {axis = 0 : i64, kind = #pare.scatter_kind<" + kind +
                   ">} : (tensor<3xf32>, tensor<2xsi64>, tensor<2xf32>) -> tensor<3xf32>",
               {f32({3}, {1, 2, 3}), si64({-1, 0}), f32({2}, {2, 4})});
  };
  expect(elements("none"), {3}, {4, 2, 2});
  expect(elements("add"), {3}, {5, 2, 5});
  expect(elements("mul"), {3}, {4, 2, 6});
  expect(elements("max"), {3}, {4, 2, 3});
  expect(elements("min"), {3}, {1, 2, 2});
}

TEST_F(Movement, MakesIndices) {
  expect(one("pare.non_zero %a : (tensor<2x2xi1>) -> tensor<2x?xsi64>", {make("i1", {2, 2}, {0, 1, 1, 0})}), {2, 2},
         {0, 1, 1, 0});
  expect(
      one("pare.one_hot %a, %b, %c {axis = 1 : i64} : (tensor<3xsi64>, tensor<si64>, tensor<2xf32>) -> tensor<3x?xf32>",
          {si64({0, -1, 5}), si64({}, {2}), f32({2}, {7, 9})}),
      {3, 2}, {9, 7, 7, 9, 7, 7});
  std::string trilu = "pare.trilu %a, %b {upper = true} : (tensor<2x3xf32>, tensor<si64>) -> tensor<2x3xf32>";
  expect(one(trilu, {x23, si64({}, {1})}), {2, 3}, {0, 2, 3, 0, 0, 6});
  expect(one(trilu, {x23, si64({}, {9e18})}), {2, 3}, {0, 0, 0, 0, 0, 0});
  expect(one("pare.trilu %a {upper = false} : (tensor<2x3xf32>) -> tensor<2x3xf32>", {x23}), {2, 3},
         {1, 0, 0, 4, 5, 0});
  auto sum = [&](const std::string &flags) {
    return one("pare.cum_sum %a {axis = 1 : i64" + flags + "} : (tensor<2x3xf32>) -> tensor<2x3xf32>", {x23});
  };
  expect(sum(""), {2, 3}, {1, 3, 6, 4, 9, 15});
  expect(sum(", exclusive"), {2, 3}, {0, 1, 3, 0, 4, 9});
  expect(sum(", reverse"), {2, 3}, {6, 5, 3, 15, 11, 6});
  expect(sum(", exclusive, reverse"), {2, 3}, {5, 3, 0, 11, 6, 0});
}
