// The nearest element, by every rounding and several coordinates.
// RUN: pare verify %s
// RUN: pare verify %s --sizes n=157
func.func @main(%x: tensor<?x3x5x7xf32> {pare.name = "x", pare.dims = ["n", "", "", ""]})
    -> (tensor<?x3x10x14xf32> {pare.name = "double", pare.dims = ["n", "", "", ""]},
        tensor<?x3x8x4xf32> {pare.name = "floor", pare.dims = ["n", "", "", ""]},
        tensor<?x3x3x11xf32> {pare.name = "upper", pare.dims = ["n", "", "", ""]},
        tensor<?x3x10x3xf32> {pare.name = "ceil", pare.dims = ["n", "", "", ""]}) {
  %s = pare.constant dense<2.0> : tensor<2xf32>
  %t = pare.constant dense<[1.7, 0.6]> : tensor<2xf32>
  %z = pare.constant dense<[10, 3]> : tensor<2xsi64>
  %double = pare.resize %x scales(%s : tensor<2xf32>) {axes = array<i64: 2, 3>, mode = #pare.resize_mode<nearest>, coordinates = #pare.resize_coordinates<asymmetric>, rounding = #pare.resize_rounding<floor>} : (tensor<?x3x5x7xf32>) -> tensor<?x3x10x14xf32>
  %floor = pare.resize %x scales(%t : tensor<2xf32>) {axes = array<i64: 2, 3>, mode = #pare.resize_mode<nearest>, coordinates = #pare.resize_coordinates<half_pixel>} : (tensor<?x3x5x7xf32>) -> tensor<?x3x8x4xf32>
  %upper = pare.resize %x scales(%t : tensor<2xf32>) {axes = array<i64: 3, 2>, mode = #pare.resize_mode<nearest>, coordinates = #pare.resize_coordinates<align_corners>, rounding = #pare.resize_rounding<round_prefer_ceil>} : (tensor<?x3x5x7xf32>) -> tensor<?x3x3x11xf32>
  %ceil = pare.resize %x sizes(%z : tensor<2xsi64>) {axes = array<i64: 2, 3>, mode = #pare.resize_mode<nearest>, coordinates = #pare.resize_coordinates<tf_half_pixel_for_nn>, rounding = #pare.resize_rounding<ceil>} : (tensor<?x3x5x7xf32>) -> tensor<?x3x10x3xf32>
  return %double, %floor, %upper, %ceil : tensor<?x3x10x14xf32>, tensor<?x3x8x4xf32>, tensor<?x3x3x11xf32>, tensor<?x3x10x3xf32>
}
