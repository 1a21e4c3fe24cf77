// Interpolation.
#include "ReferenceTest.h"

using namespace pare::reference;
namespace {
class Resize : public ReferenceTest {
protected:
  Tensor ramp = f32({4}, {0, 1, 2, 3});

  /// x [n] with `scale` times its elements.
  Tensor scaled(const Tensor &x, double scale, const std::string &attributes) {
    return one("pare.resize %a scales(%b : tensor<1xf32>) {axes = array<i64: 0>, " + attributes + "} : (tensor<" +
                   std::to_string(x.getNumElements()) + "xf32>) -> tensor<?xf32>",
               {x, f32({1}, {scale})});
  }
  static std::string mode(const std::string &mode, const std::string &coordinates) {
    return "mode = #pare.resize_mode<" + mode + ">, coordinates = #pare.resize_coordinates<" + coordinates + ">";
  }
  static std::string nearest(const std::string &coordinates, const std::string &rounding) {
    return mode("nearest", coordinates) + ", rounding = #pare.resize_rounding<" + rounding + ">";
  }
};
} // namespace

TEST_F(Resize, Nearest) {
  // Places 0, 0.5, 1, ..: the four roundings.
  expect(scaled(ramp, 2, nearest("asymmetric", "floor")), {8}, {0, 0, 1, 1, 2, 2, 3, 3});
  expect(scaled(ramp, 2, nearest("asymmetric", "ceil")), {8}, {0, 1, 1, 2, 2, 3, 3, 3});
  expect(scaled(ramp, 2, nearest("asymmetric", "round_prefer_floor")), {8}, {0, 0, 1, 1, 2, 2, 3, 3});
  expect(scaled(ramp, 2, nearest("asymmetric", "round_prefer_ceil")), {8}, {0, 1, 1, 2, 2, 3, 3, 3});
  expect(scaled(ramp, 0.5, nearest("tf_half_pixel_for_nn", "floor")), {2}, {1, 3});
}

TEST_F(Resize, Places) {
  // Linear interpolation of a ramp shows where each element lies, up to the ends.
  expect(scaled(ramp, 2, mode("linear", "half_pixel")), {8}, {0, 0.25, 0.75, 1.25, 1.75, 2.25, 2.75, 3});
  expect(scaled(ramp, 2, mode("linear", "asymmetric")), {8}, {0, 0.5, 1, 1.5, 2, 2.5, 3, 3});
  expect(scaled(ramp, 1.75, mode("linear", "align_corners")), {7}, {0, 0.5, 1, 1.5, 2, 2.5, 3});
  expect(scaled(ramp, 0.25, mode("linear", "half_pixel")), {1}, {1.5});
  expect(scaled(ramp, 0.25, mode("linear", "pytorch_half_pixel")), {1}, {0});
  expect(scaled(ramp, 0.25, mode("linear", "align_corners")), {1}, {0});
  // Two and a half elements become two: what is lost is shared by both ends.
  expect(scaled(ramp, 0.625, mode("linear", "half_pixel_symmetric")), {2}, {0.7, 2.3}, 1e-6);
}

TEST_F(Resize, Cubic) {
  // At 0.5 the weights are a / 8, 1/2 - a / 8, the same and a / 8; the ends are repeated.
  Tensor step = f32({4}, {0, 0, 8, 8});
  expect(scaled(step, 2, mode("cubic", "asymmetric")), {8}, {0, -0.75, 0, 4, 8, 8.75, 8, 8});
  expect(scaled(step, 2, mode("cubic", "asymmetric") + ", cubic_coeff_a = -0.5 : f32"), {8},
         {0, -0.5, 0, 4, 8, 8.5, 8, 8});
  // Of the last place, 3.5, the weights -0.09375 and 0.59375 of elements 2 and 3 remain.
  Tensor inside = scaled(ramp, 2, mode("cubic", "asymmetric") + ", exclude_outside");
  EXPECT_NEAR(inside.getDouble(7), (-0.09375 * 2 + 0.59375 * 3) / 0.5, 1e-6);
}

TEST_F(Resize, Antialias) {
  // Half the size: weights 1/8, 3/8, 3/8, 1/8 of four neighbours, divided by their sum where some are outside.
  Tensor x = f32({6}, {8, 0, 0, 0, 0, 16});
  expect(scaled(x, 0.5, mode("linear", "half_pixel") + ", antialias"), {3}, {4, 0, 8}, 1e-6);
  expect(scaled(x, 0.5, mode("linear", "half_pixel") + ", antialias, exclude_outside"), {3},
         {3 * 8 / 7.0, 0, 3 * 16 / 7.0}, 1e-6);
}

TEST_F(Resize, Crops) {
  std::string op = "pare.resize %a sizes(%b : tensor<1xsi64>) roi(%c : tensor<2xf32>) {axes = array<i64: 0>, " +
                   mode("linear", "tf_crop_and_resize") +
                   ", extrapolation_value = 9.0 : f32} : (tensor<4xf32>) -> tensor<?xf32>";
  expect(one(op, {ramp, si64({3}), f32({2}, {0.5, 1})}), {3}, {1.5, 2.25, 3});
  expect(one(op, {ramp, si64({3}), f32({2}, {-1, 1})}), {3}, {9, 0, 3});
  expect(one(op, {ramp, si64({1}), f32({2}, {0, 1})}), {1}, {1.5});
}

TEST_F(Resize, Policies) {
  auto shape = [&](const std::string &policy) {
    return one("pare.resize %a sizes(%b : tensor<2xsi64>) {axes = array<i64: 0, 1>, " + mode("nearest", "half_pixel") +
                   ", policy = #pare.resize_policy<" + policy + ">} : (tensor<2x4xf32>) -> tensor<?x?xf32>",
               {f32({2, 4}, {1, 2, 3, 4, 5, 6, 7, 8}), si64({7, 8})})
        .getShape()
        .vec();
  };
  EXPECT_EQ(shape("stretch"), Shape({7, 8}));
  EXPECT_EQ(shape("not_larger"), Shape({4, 8}));
  EXPECT_EQ(shape("not_smaller"), Shape({7, 14}));
}

TEST_F(Resize, OtherTypes) {
  expect(one("pare.resize %a scales(%b : tensor<1xf32>) {axes = array<i64: 0>, " + nearest("asymmetric", "floor") +
                 "} : (tensor<2xi1>) -> tensor<?xi1>",
             {make("i1", {2}, {1, 0}), f32({1}, {2})}),
         {4}, {1, 1, 0, 0});
  // Nothing comes of nothing.
  expect(scaled(f32({0}, {}), 2, mode("linear", "half_pixel")), {0}, {});
}

TEST_F(Resize, Refuses) {
  auto fails = [&](const std::string &operands, const std::string &attributes, std::vector<Tensor> values,
                   const char *part) {
    std::string text = error("pare.resize %a " + operands + " {axes = array<i64: 0>, " + attributes +
                                 "} : (tensor<?xf32>) -> tensor<?xf32>",
                             std::move(values), /*dynamic=*/true);
    EXPECT_NE(text.find(part), std::string::npos) << text;
  };
  std::string linear = mode("linear", "half_pixel"), scales = "scales(%b : tensor<?xf32>)",
              sizes = "sizes(%b : tensor<?xsi64>)";
  fails(scales, linear, {ramp, f32({1}, {0})}, "is not positive");
  fails(scales, linear, {ramp, f32({1}, {kNan})}, "is not positive");
  fails(scales, linear, {ramp, f32({1}, {1e9})}, "an axis has more than 2^23 elements");
  fails(scales, linear, {ramp, f32({2}, {1, 1})}, "do not fit 1 axes");
  fails(sizes, linear, {ramp, si64({-1})}, "size -1 is negative");
  fails(sizes, linear, {f32({0}, {}), si64({3})}, "an axis without elements cannot get 3");
}
