// Sizes and regions that are inputs.
// RUN: pare verify %s --max-int 9
// RUN: pare verify %s --max-int 40 --sizes h=37,w=53 --seed 3
func.func @main(%x: tensor<?x?x3xf32> {pare.name = "x", pare.dims = ["h", "w", ""]}, %z: tensor<2xsi64> {pare.name = "z"}, %r: tensor<4xf32> {pare.name = "r"})
    -> (tensor<?x?x3xf32> {pare.name = "linear", pare.dims = ["", "", ""]},
        tensor<?x?x3xf32> {pare.name = "crop", pare.dims = ["", "", ""]},
        tensor<?x?x3xf32> {pare.name = "fit", pare.dims = ["", "", ""]}) {
  %linear = pare.resize %x sizes(%z : tensor<2xsi64>) {axes = array<i64: 0, 1>, mode = #pare.resize_mode<linear>, coordinates = #pare.resize_coordinates<pytorch_half_pixel>} : (tensor<?x?x3xf32>) -> tensor<?x?x3xf32>
  %crop = pare.resize %x sizes(%z : tensor<2xsi64>) roi(%r : tensor<4xf32>) {axes = array<i64: 0, 1>, mode = #pare.resize_mode<nearest>, coordinates = #pare.resize_coordinates<tf_crop_and_resize>, extrapolation_value = -3.0 : f32} : (tensor<?x?x3xf32>) -> tensor<?x?x3xf32>
  %fit = pare.resize %x sizes(%z : tensor<2xsi64>) {axes = array<i64: 0, 1>, mode = #pare.resize_mode<linear>, coordinates = #pare.resize_coordinates<align_corners>, policy = #pare.resize_policy<not_smaller>} : (tensor<?x?x3xf32>) -> tensor<?x?x3xf32>
  return %linear, %crop, %fit : tensor<?x?x3xf32>, tensor<?x?x3xf32>, tensor<?x?x3xf32>
}
