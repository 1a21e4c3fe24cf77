// Sums of four elements along each axis.
// RUN: pare verify %s
// RUN: pare verify %s --sizes n=157
func.func @main(%x: tensor<?x3x5x7xf32> {pare.name = "x", pare.dims = ["n", "", "", ""]})
    -> (tensor<?x3x10x14xf32> {pare.name = "half_pixel", pare.dims = ["n", "", "", ""]},
        tensor<?x3x8x4xf32> {pare.name = "sharp", pare.dims = ["n", "", "", ""]},
        tensor<?x3x10x14xf32> {pare.name = "inside", pare.dims = ["n", "", "", ""]}) {
  %s = pare.constant dense<2.0> : tensor<2xf32>
  %t = pare.constant dense<[1.7, 0.6]> : tensor<2xf32>
  %half_pixel = pare.resize %x scales(%s : tensor<2xf32>) {axes = array<i64: 2, 3>, mode = #pare.resize_mode<cubic>, coordinates = #pare.resize_coordinates<half_pixel>} : (tensor<?x3x5x7xf32>) -> tensor<?x3x10x14xf32>
  %sharp = pare.resize %x scales(%t : tensor<2xf32>) {axes = array<i64: 2, 3>, mode = #pare.resize_mode<cubic>, coordinates = #pare.resize_coordinates<asymmetric>, cubic_coeff_a = -0.5 : f32} : (tensor<?x3x5x7xf32>) -> tensor<?x3x8x4xf32>
  %inside = pare.resize %x scales(%s : tensor<2xf32>) {axes = array<i64: 2, 3>, mode = #pare.resize_mode<cubic>, coordinates = #pare.resize_coordinates<half_pixel>, exclude_outside} : (tensor<?x3x5x7xf32>) -> tensor<?x3x10x14xf32>
  return %half_pixel, %sharp, %inside : tensor<?x3x10x14xf32>, tensor<?x3x8x4xf32>, tensor<?x3x10x14xf32>
}
