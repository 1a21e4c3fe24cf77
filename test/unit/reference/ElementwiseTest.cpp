// Elementwise ops: special values, wrapping, broadcasting, conversions.
#include "ReferenceTest.h"

using namespace pare::reference;
namespace {
class Elementwise : public ReferenceTest {
protected:
  Tensor unary(const std::string &op, const std::string &element, std::vector<double> values,
               const std::string &attributes = "") {
    auto size = static_cast<int64_t>(values.size());
    std::string tensor = "tensor<" + std::to_string(size) + "x" + element + ">";
    return one("pare." + op + " %a " + attributes + " : (" + tensor + ") -> " + tensor,
               {make(element, {size}, std::move(values))});
  }
  // Both operands are vectors of one size.
  Tensor binary(const std::string &op, const std::string &element, std::vector<double> a, std::vector<double> b) {
    auto size = static_cast<int64_t>(a.size());
    std::string tensor = "tensor<" + std::to_string(size) + "x" + element + ">";
    return one("pare." + op + " %a, %b : (" + tensor + ", " + tensor + ") -> " + tensor,
               {make(element, {size}, std::move(a)), make(element, {size}, std::move(b))});
  }
};
} // namespace

TEST_F(Elementwise, FloatUnary) {
  expect(unary("relu", "f32", {-1, 0, 2, kNan, kInf}), {5}, {0, 0, 2, kNan, kInf});
  expect(unary("sign", "f32", {-3, 0, 2, kNan}), {4}, {-1, 0, 1, kNan});
  expect(unary("round", "f32", {0.5, 1.5, 2.5, -0.5, -1.5}), {5}, {0, 2, 2, 0, -2});
  expect(unary("abs", "f32", {-1, 2}), {2}, {1, 2});
  expect(unary("exp", "f32", {0, 1, -kInf}), {3}, {1, 2.718281828, 0}, 1e-6);
  expect(unary("sigmoid", "f64", {0, -1000, 1000}), {3}, {0.5, 0, 1});
  expect(unary("softplus", "f64", {0, 1000, -1000}), {3}, {std::log(2.0), 1000, 0});
  expect(unary("gelu", "f64", {1, -1, 0}), {3}, {0.8413447460685429, -0.15865525393145707, 0}, 1e-15);
  expect(unary("gelu", "f64", {1}, "{approximate = #pare.gelu_kind<tanh>}"), {1}, {0.8411919906082768}, 1e-15);
  expect(unary("leaky_relu", "f32", {-2, 3}, "{alpha = 0.5 : f32}"), {2}, {-1, 3});
  expect(unary("elu", "f64", {-1, 3}, "{alpha = 2.0 : f32}"), {2}, {2 * std::expm1(-1.0), 3}, 1e-15);
  expect(unary("hard_sigmoid", "f32", {-9, 0, 9, kNan}, "{alpha = 0.5 : f32, beta = 0.5 : f32}"), {4},
         {0, 0.5, 1, kNan});
}

TEST_F(Elementwise, EachFunctionIsItself) {
  const std::pair<const char *, double> functions[] = {{"log", std::log(0.5)},
                                                       {"sqrt", std::sqrt(0.5)},
                                                       {"erf", std::erf(0.5)},
                                                       {"sin", std::sin(0.5)},
                                                       {"cos", std::cos(0.5)},
                                                       {"tan", std::tan(0.5)},
                                                       {"asin", std::asin(0.5)},
                                                       {"acos", std::acos(0.5)},
                                                       {"atan", std::atan(0.5)},
                                                       {"sinh", std::sinh(0.5)},
                                                       {"cosh", std::cosh(0.5)},
                                                       {"tanh", std::tanh(0.5)},
                                                       {"floor", 0},
                                                       {"ceil", 1},
                                                       {"asinh", std::asinh(0.5)},
                                                       {"atanh", std::atanh(0.5)},
                                                       {"neg", -0.5},
                                                       {"acosh", kNan}};
  for (auto [name, value] : functions)
    expect(unary(name, "f64", {0.5}), {1}, {value});
}

TEST_F(Elementwise, IntegerUnaryWraps) {
  expect(unary("abs", "si8", {-128, -5, 5}), {3}, {-128, 5, 5});
  expect(unary("neg", "ui8", {1, 0}), {2}, {255, 0});
  expect(unary("sign", "ui8", {200, 0}), {2}, {1, 0});
  expect(unary("relu", "si32", {-7, 7}), {2}, {0, 7});
  expect(unary("bit_not", "ui8", {0b00001111}), {1}, {0b11110000});
  expect(unary("not", "i1", {0, 1}), {2}, {1, 0});
}

TEST_F(Elementwise, FloatBinary) {
  expect(binary("max", "f32", {1, kNan, 3}, {2, 0, kNan}), {3}, {2, kNan, kNan});
  expect(binary("min", "f32", {1, kNan, 3}, {2, 0, kNan}), {3}, {1, kNan, kNan});
  expect(binary("mod", "f32", {7, -7, 7, -7}, {3, 3, -3, -3}), {4}, {1, 2, -2, -1});
  expect(binary("fmod", "f32", {7, -7, 7, -7}, {3, 3, -3, -3}), {4}, {1, -1, 1, -1});
  expect(binary("div", "f32", {1, -1, 0}, {0, 0, 0}), {3}, {kInf, -kInf, kNan});
  expect(binary("pow", "f32", {2, -2, 0}, {0.5, 3, 0}), {3}, {static_cast<float>(std::sqrt(2.0)), -8, 1});
  expect(binary("add", "f16", {2048, 65504}, {1, 65504}), {2}, {2048, kInf});
}

TEST_F(Elementwise, IntegerBinary) {
  expect(binary("add", "ui8", {250}, {10}), {1}, {4});
  expect(binary("mul", "si8", {100}, {2}), {1}, {-56});
  expect(binary("sub", "ui8", {1}, {2}), {1}, {255});
  expect(binary("div", "si8", {-7, -128, 7}, {2, -1, -2}), {3}, {-3, -128, -3});
  expect(binary("div", "ui8", {200}, {3}), {1}, {66});
  expect(binary("mod", "si32", {7, -7, 7, -7}, {3, 3, -3, -3}), {4}, {1, 2, -2, -1});
  expect(binary("fmod", "si32", {7, -7, 7, -7}, {3, 3, -3, -3}), {4}, {1, -1, 1, -1});
  expect(binary("pow", "si32", {3, 2, 2, -1, 5}, {4, 31, -1, -3, 0}), {5}, {81, -2147483648.0, 0, -1, 1});
  expect(binary("max", "ui8", {200, 1}, {100, 2}), {2}, {200, 2});
  expect(binary("min", "si8", {-100, 1}, {100, 2}), {2}, {-100, 1});
  expect(binary("shift_left", "ui8", {3, 1, 1}, {7, 8, 255}), {3}, {128, 0, 0});
  expect(binary("shift_right", "si8", {-1, -1}, {4, 8}), {2}, {15, 0});
  expect(binary("bit_and", "ui8", {12}, {10}), {1}, {8});
  expect(binary("bit_or", "ui8", {12}, {10}), {1}, {14});
  expect(binary("bit_xor", "ui8", {12}, {10}), {1}, {6});
  expect(binary("and", "i1", {0, 1, 1}, {1, 1, 0}), {3}, {0, 1, 0});
  expect(binary("or", "i1", {0, 1, 0}, {1, 1, 0}), {3}, {1, 1, 0});
  expect(binary("xor", "i1", {0, 1, 0}, {1, 1, 0}), {3}, {1, 0, 0});
}

TEST_F(Elementwise, ErrorsAreLocated) {
  std::string op = "pare.div %a, %b : (tensor<1xsi8>, tensor<1xsi8>) -> tensor<1xsi8>";
  std::string text = error(op, {make("si8", {1}, {1}), make("si8", {1}, {0})});
  EXPECT_NE(text.find("pare.div: integer division by zero"), std::string::npos) << text;
  EXPECT_NE(text.find(":2:"), std::string::npos) << text;
  text = error("pare.add %a, %b : (tensor<?xf32>, tensor<?xf32>) -> tensor<?xf32>",
               {f32({2}, {1, 2}), f32({3}, {1, 2, 3})},
               /*dynamic=*/true);
  EXPECT_NE(text.find("shapes [2] and [3] do not broadcast"), std::string::npos) << text;
}

TEST_F(Elementwise, Broadcasts) {
  expect(one("pare.add %a, %b : (tensor<2x1xf32>, tensor<3xf32>) -> tensor<2x3xf32>",
             {f32({2, 1}, {10, 20}), f32({3}, {1, 2, 3})}),
         {2, 3}, {11, 12, 13, 21, 22, 23});
  expect(one("pare.mul %a, %b : (tensor<0x1xf32>, tensor<f32>) -> tensor<0x1xf32>", {f32({0, 1}, {}), f32({}, {3})}),
         {0, 1}, {});
}

TEST_F(Elementwise, CompareWhereClip) {
  expect(one("pare.compare %a, %b {kind = #pare.compare_kind<le>} : (tensor<3xf32>, tensor<f32>) -> tensor<3xi1>",
             {f32({3}, {1, 2, kNan}), f32({}, {1})}),
         {3}, {1, 0, 0});
  Tensor huge = Tensor::fromInts(type("ui64"), {1}, {-1});
  expect(one("pare.compare %a, %b {kind = #pare.compare_kind<gt>} : (tensor<1xui64>, tensor<1xui64>) -> tensor<1xi1>",
             {huge, make("ui64", {1}, {1})}),
         {1}, {1});
  expect(one("pare.where %a, %b, %c : (tensor<2x1xi1>, tensor<2xf32>, tensor<f32>) -> tensor<2x2xf32>",
             {make("i1", {2, 1}, {1, 0}), f32({2}, {1, 2}), f32({}, {9})}),
         {2, 2}, {1, 2, 9, 9});
  expect(one("pare.clip %a low(%b : tensor<f32>) high(%c : tensor<f32>) : (tensor<4xf32>) -> tensor<4xf32>",
             {f32({4}, {-5, 0.5, 5, kNan}), f32({}, {0}), f32({}, {1})}),
         {4}, {0, 0.5, 1, kNan});
  expect(one("pare.clip %a low(%b : tensor<f32>) high(%c : tensor<f32>) : (tensor<1xf32>) -> tensor<1xf32>",
             {f32({1}, {0}), f32({}, {3}), f32({}, {1})}),
         {1}, {1});
  expect(one("pare.is_nan %a : (tensor<2xf32>) -> tensor<2xi1>", {f32({2}, {kNan, kInf})}), {2}, {1, 0});
  expect(
      one("pare.is_inf %a {detect_negative = false} : (tensor<3xf32>) -> tensor<3xi1>", {f32({3}, {-kInf, kInf, 1})}),
      {3}, {0, 1, 0});
}

TEST_F(Elementwise, Casts) {
  auto cast = [&](const std::string &from, const std::string &to, std::vector<double> values) {
    auto n = std::to_string(values.size());
    auto size = static_cast<int64_t>(values.size());
    return one("pare.cast %a {to = " + to + "} : (tensor<" + n + "x" + from + ">) -> tensor<" + n + "x" + to + ">",
               {make(from, {size}, std::move(values))});
  };
  expect(cast("f32", "si64", {-1.9, 1.9}), {2}, {-1, 1});
  expect(cast("f32", "i1", {0, 0.1, kNan}), {3}, {0, 1, 1});
  expect(cast("i1", "f32", {0, 1}), {2}, {0, 1});
  expect(cast("si32", "ui8", {-1, 257}), {2}, {255, 1});
  expect(cast("ui8", "si8", {200}), {1}, {-56});
  expect(cast("f64", "f16", {2049, 2051, 1e6, 6e-8}), {4}, {2048, 2052, kInf, std::ldexp(1.0, -24)});
  expect(cast("f32", "bf16", {257, 259}), {2}, {256, 260});
  // Just above the middle of two f32 numbers; through double it would become the middle.
  Tensor wide = Tensor::fromInts(type("si64"), {1}, {(int64_t(1) << 60) + (int64_t(1) << 36) + 1});
  expect(one("pare.cast %a {to = f32} : (tensor<1xsi64>) -> tensor<1xf32>", {wide}), {1},
         {std::ldexp(1.0, 60) + std::ldexp(1.0, 37)});
}
