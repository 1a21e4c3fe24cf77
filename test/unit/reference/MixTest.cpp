// Contractions, windows, reductions, norms and quantisation.
#include "ReferenceTest.h"

using namespace pare::reference;
namespace {
class Mix : public ReferenceTest {
protected:
  Tensor x23 = f32({2, 3}, {1, 2, 3, 4, 5, 6});
  Tensor reduce(const std::string &kind, const Tensor &x, const std::string &result,
                const std::string &attributes = "") {
    std::string from;
    llvm::raw_string_ostream(from) << x.getType();
    return one("pare.reduce %a {axes = array<i64: 1>, kind = #pare.reduce_kind<" + kind + ">" + attributes + "} : (" +
                   from + ") -> " + result,
               {x});
  }
};
} // namespace

TEST_F(Mix, Matmul) {
  expect(one("pare.matmul %a, %b : (tensor<2x3xf32>, tensor<3x2xf32>) -> tensor<2x2xf32>",
             {x23, f32({3, 2}, {1, 0, 0, 1, 1, 1})}),
         {2, 2}, {4, 5, 10, 11});
  expect(one("pare.matmul %a, %b : (tensor<3xf32>, tensor<3xf32>) -> tensor<f32>",
             {f32({3}, {1, 2, 3}), f32({3}, {1, 1, 1})}),
         {}, {6});
  expect(one("pare.matmul %a, %b : (tensor<2x1x3xf32>, tensor<1x3x1xf32>) -> tensor<2x1x1xf32>",
             {f32({2, 1, 3}, {1, 2, 3, 4, 5, 6}), f32({1, 3, 1}, {1, 1, 1})}),
         {2, 1, 1}, {6, 15});
  expect(one("pare.matmul %a, %b : (tensor<1x2xui8>, tensor<2x1xsi8>) -> tensor<1x1xsi32>",
             {make("ui8", {1, 2}, {255, 1}), make("si8", {2, 1}, {-128, 1})}),
         {1, 1}, {-32639});
  expect(one("pare.matmul %a, %b : (tensor<2x0xf32>, tensor<0x1xf32>) -> tensor<2x1xf32>",
             {f32({2, 0}, {}), f32({0, 1}, {})}),
         {2, 1}, {0, 0});
  std::string text =
      error("pare.matmul %a, %b : (tensor<?x?xf32>, tensor<?x?xf32>) -> tensor<?x?xf32>", {x23, x23}, /*dynamic=*/true);
  EXPECT_NE(text.find("shapes [2, 3] and [2, 3] do not multiply"), std::string::npos) << text;
  // The sum is one of f32 at least: 2048 + 1 + 1 in f16 would stay at 2048.
  expect(one("pare.matmul %a, %b : (tensor<3xf16>, tensor<3xf16>) -> tensor<f16>",
             {make("f16", {3}, {2048, 1, 1}), make("f16", {3}, {1, 1, 1})}),
         {}, {2050});
}

TEST_F(Mix, Conv) {
  Tensor x = f32({1, 1, 4}, {1, 2, 3, 4});
  auto conv = [&](const std::string &attributes, const std::string &result) {
    return one("pare.conv %a, %b {" + attributes + ", groups = 1 : i64} : (tensor<1x1x4xf32>, tensor<1x1x2xf32>) -> " +
                   result,
               {x, f32({1, 1, 2}, {1, 10})});
  };
  expect(conv("strides = array<i64: 1>, pads = array<i64: 0, 0>, dilations = array<i64: 1>", "tensor<1x1x3xf32>"),
         {1, 1, 3}, {21, 32, 43});
  expect(conv("strides = array<i64: 2>, pads = array<i64: 1, 1>, dilations = array<i64: 1>", "tensor<1x1x3xf32>"),
         {1, 1, 3}, {10, 32, 4});
  expect(conv("strides = array<i64: 1>, pads = array<i64: 0, 0>, dilations = array<i64: 2>", "tensor<1x1x2xf32>"),
         {1, 1, 2}, {31, 42});
  expect(one("pare.conv %a, %b, %c {strides = array<i64: 1>, pads = array<i64: 0, 0>, dilations = array<i64: 1>, "
             "groups = 2 : i64} : "
             "(tensor<1x2x1xf32>, tensor<2x1x1xf32>, tensor<2xf32>) -> tensor<1x2x1xf32>",
             {f32({1, 2, 1}, {3, 5}), f32({2, 1, 1}, {2, 10}), f32({2}, {1, 1})}),
         {1, 2, 1}, {7, 51});
  expect(one("pare.conv_transpose %a, %b {strides = array<i64: 2>, pads = array<i64: 0, 0>, dilations = array<i64: 1>, "
             "output_padding = "
             "array<i64: 1>, groups = 1 : i64} : (tensor<1x1x2xf32>, tensor<1x1x3xf32>) -> tensor<1x1x6xf32>",
             {f32({1, 1, 2}, {1, 2}), f32({1, 1, 3}, {1, 10, 100})}),
         {1, 1, 6}, {1, 10, 102, 20, 200, 0});
}

TEST_F(Mix, Pools) {
  auto pool = [&](const std::string &op, const std::string &pads, const std::string &flags,
                  std::vector<double> values) {
    return one("pare." + op + " %a {kernel = array<i64: 2>, strides = array<i64: 2>, pads = array<i64: " + pads +
                   ">, dilations = array<i64: 1>" + flags + "} : (tensor<1x1x3xf32>) -> tensor<1x1x?xf32>",
               {f32({1, 1, 3}, std::move(values))});
  };
  expect(pool("max_pool", "0, 0", "", {1, 3, 2}), {1, 1, 1}, {3});
  expect(pool("max_pool", "0, 0", ", ceil_mode", {1, 3, 2}), {1, 1, 2}, {3, 2});
  expect(pool("max_pool", "1, 0", "", {-1, kNan, -2}), {1, 1, 2}, {-1, kNan});
  expect(pool("average_pool", "1, 0", "", {1, 3, 5}), {1, 1, 2}, {1, 4});
  expect(pool("average_pool", "1, 0", ", count_include_pad", {1, 3, 5}), {1, 1, 2}, {0.5, 4});
  expect(pool("average_pool", "0, 0", ", ceil_mode, count_include_pad", {1, 3, 5}), {1, 1, 2}, {2, 5});
}

TEST_F(Mix, Reduces) {
  expect(reduce("sum", x23, "tensor<2xf32>"), {2}, {6, 15});
  expect(reduce("mean", x23, "tensor<2x1xf32>", ", keep_dims"), {2, 1}, {2, 5});
  expect(reduce("max", x23, "tensor<2xf32>"), {2}, {3, 6});
  expect(reduce("min", x23, "tensor<2xf32>"), {2}, {1, 4});
  expect(reduce("prod", x23, "tensor<2xf32>"), {2}, {6, 120});
  expect(reduce("max", f32({1, 2}, {1, kNan}), "tensor<1xf32>"), {1}, {kNan});
  Tensor none = f32({1, 0}, {});
  expect(reduce("sum", none, "tensor<1xf32>"), {1}, {0});
  expect(reduce("prod", none, "tensor<1xf32>"), {1}, {1});
  expect(reduce("max", none, "tensor<1xf32>"), {1}, {-kInf});
  expect(reduce("min", none, "tensor<1xf32>"), {1}, {kInf});
  expect(reduce("mean", none, "tensor<1xf32>"), {1}, {kNan});
  expect(reduce("max", make("si8", {1, 0}, {}), "tensor<1xsi8>"), {1}, {-128});
  expect(reduce("min", make("ui8", {1, 0}, {}), "tensor<1xui8>"), {1}, {255});
  expect(reduce("mean", make("si32", {1, 2}, {-1, -2}), "tensor<1xsi32>"), {1}, {-1});
}

TEST_F(Mix, Orders) {
  Tensor x = f32({1, 4}, {2, 7, 7, 1});
  auto arg = [&](const std::string &op, const std::string &flags) {
    return one("pare." + op + " %a {axis = 1 : i64" + flags + "} : (tensor<1x4xf32>) -> tensor<1xsi64>", {x});
  };
  expect(arg("arg_max", ""), {1}, {1});
  expect(arg("arg_max", ", select_last"), {1}, {2});
  expect(arg("arg_min", ""), {1}, {3});
  auto top = [&](const std::string &largest, double k) {
    return all("%0:2 = pare.top_k %a, %b {axis = 1 : i64, largest = " + largest +
                   "} : (tensor<1x4xf32>, tensor<1xsi64>) -> (tensor<1x?xf32>, tensor<1x?xsi64>)",
               {x, si64({k})});
  };
  expect(top("true", 3)[0], {1, 3}, {7, 7, 2});
  expect(top("true", 3)[1], {1, 3}, {1, 2, 0});
  expect(top("false", 2)[1], {1, 2}, {3, 0});
}

TEST_F(Mix, Softmax) {
  std::string softmax = "pare.softmax %a {axis = 0 : i64} : (tensor<2xf32>) -> tensor<2xf32>";
  expect(one(softmax, {f32({2}, {1000, 1000})}), {2}, {0.5, 0.5});
  expect(one(softmax, {f32({2}, {-kInf, 0})}), {2}, {0, 1});
  expect(one(softmax, {f32({2}, {-kInf, -kInf})}), {2}, {kNan, kNan});
  expect(one("pare.log_softmax %a {axis = 0 : i64} : (tensor<2xf32>) -> tensor<2xf32>", {f32({2}, {1000, 1000})}), {2},
         {-std::log(2.0), -std::log(2.0)}, 1e-7);
}

TEST_F(Mix, Norms) {
  Tensor x = f32({1, 2}, {1, 3}), scale = f32({2}, {2, 2}), bias = f32({2}, {1, 1});
  expect(one("pare.layer_norm %a, %b, %c {axis = 1 : i64, epsilon = 0.0 : f32} : (tensor<1x2xf32>, tensor<2xf32>, "
             "tensor<2xf32>) -> "
             "tensor<1x2xf32>",
             {x, scale, bias}),
         {1, 2}, {-1, 3});
  expect(one("pare.rms_norm %a, %b {axis = 1 : i64, epsilon = 4.0 : f32} : (tensor<1x2xf32>, tensor<2xf32>) -> "
             "tensor<1x2xf32>",
             {x, scale}),
         {1, 2}, {2.0 / 3, 2}, 1e-7);
  expect(
      one("pare.batch_norm %a, %b, %c, %d, %e {epsilon = 0.0 : f32} : (tensor<1x2xf32>, tensor<2xf32>, tensor<2xf32>, "
          "tensor<2xf32>, tensor<2xf32>) -> tensor<1x2xf32>",
          {x, scale, bias, f32({2}, {0, 1}), f32({2}, {1, 4})}),
      {1, 2}, {3, 3});
}

TEST_F(Mix, Quantisation) {
  expect(one("pare.quantize %a scale(%b : tensor<f32>) {to = si8, axis = 1 : i64, block_size = 0 : i64} : "
             "(tensor<1x4xf32>) -> "
             "tensor<1x4xsi8>",
             {f32({1, 4}, {1, 3, 1000, -1000}), f32({}, {2})}),
         {1, 4}, {0, 2, 127, -128});
  expect(one("pare.quantize %a scale(%b : tensor<2xf32>) zero_point(%c : tensor<2xui8>) {to = ui8, axis = 1 : i64, "
             "block_size = 0 : "
             "i64} : (tensor<1x2xf32>) -> tensor<1x2xui8>",
             {f32({1, 2}, {4, 4}), f32({2}, {2, 4}), make("ui8", {2}, {10, 20})}),
         {1, 2}, {12, 21});
  expect(one("pare.dequantize %a scale(%b : tensor<1x2xf32>) zero_point(%c : tensor<1x2xsi8>) {axis = 1 : i64, "
             "block_size = 2 : i64} "
             ": (tensor<1x4xsi8>) -> tensor<1x4xf32>",
             {make("si8", {1, 4}, {1, 2, 3, 4}), f32({1, 2}, {1, 10}), make("si8", {1, 2}, {0, 1})}),
         {1, 4}, {1, 2, 20, 30});
}
