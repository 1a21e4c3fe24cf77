// Sums of two elements along each axis.
// RUN: pare verify %s
// RUN: pare verify %s --sizes n=157
func.func @main(%x: tensor<?x3x5x7xf32> {pare.name = "x", pare.dims = ["n", "", "", ""]})
    -> (tensor<?x3x10x14xf32> {pare.name = "half_pixel", pare.dims = ["n", "", "", ""]},
        tensor<?x7x8x4xf32> {pare.name = "three", pare.dims = ["n", "", "", ""]},
        tensor<?x3x1x9xf32> {pare.name = "pytorch", pare.dims = ["n", "", "", ""]},
        tensor<?x3x1x9xf32> {pare.name = "corners", pare.dims = ["n", "", "", ""]}) {
  %s = pare.constant dense<2.0> : tensor<2xf32>
  %t = pare.constant dense<[1.7, 0.6, 2.5]> : tensor<3xf32>
  %z = pare.constant dense<[1, 9]> : tensor<2xsi64>
  %half_pixel = pare.resize %x scales(%s : tensor<2xf32>) {axes = array<i64: 2, 3>, mode = #pare.resize_mode<linear>, coordinates = #pare.resize_coordinates<half_pixel>} : (tensor<?x3x5x7xf32>) -> tensor<?x3x10x14xf32>
  %three = pare.resize %x scales(%t : tensor<3xf32>) {axes = array<i64: 2, 3, 1>, mode = #pare.resize_mode<linear>, coordinates = #pare.resize_coordinates<half_pixel_symmetric>} : (tensor<?x3x5x7xf32>) -> tensor<?x7x8x4xf32>
  %pytorch = pare.resize %x sizes(%z : tensor<2xsi64>) {axes = array<i64: 2, 3>, mode = #pare.resize_mode<linear>, coordinates = #pare.resize_coordinates<pytorch_half_pixel>} : (tensor<?x3x5x7xf32>) -> tensor<?x3x1x9xf32>
  %corners = pare.resize %x sizes(%z : tensor<2xsi64>) {axes = array<i64: 2, 3>, mode = #pare.resize_mode<linear>, coordinates = #pare.resize_coordinates<align_corners>, exclude_outside} : (tensor<?x3x5x7xf32>) -> tensor<?x3x1x9xf32>
  return %half_pixel, %three, %pytorch, %corners : tensor<?x3x10x14xf32>, tensor<?x7x8x4xf32>, tensor<?x3x1x9xf32>, tensor<?x3x1x9xf32>
}
