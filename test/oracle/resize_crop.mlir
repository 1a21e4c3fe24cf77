// Parts of the operand, and what lies outside of it.
// RUN: pare verify %s
// RUN: pare verify %s --sizes n=157
func.func @main(%x: tensor<?x3x5x7xf32> {pare.name = "x", pare.dims = ["n", "", "", ""]})
    -> (tensor<?x3x4x9xf32> {pare.name = "nearest", pare.dims = ["n", "", "", ""]},
        tensor<?x3x4x9xf32> {pare.name = "linear", pare.dims = ["n", "", "", ""]},
        tensor<?x3x4x9xf32> {pare.name = "cubic", pare.dims = ["n", "", "", ""]}) {
  %z = pare.constant dense<[4, 9]> : tensor<2xsi64>
  %r = pare.constant dense<[0.2, -0.3, 0.8, 1.2]> : tensor<4xf32>
  %nearest = pare.resize %x sizes(%z : tensor<2xsi64>) roi(%r : tensor<4xf32>) {axes = array<i64: 2, 3>, mode = #pare.resize_mode<nearest>, coordinates = #pare.resize_coordinates<tf_crop_and_resize>, extrapolation_value = 7.5 : f32} : (tensor<?x3x5x7xf32>) -> tensor<?x3x4x9xf32>
  %linear = pare.resize %x sizes(%z : tensor<2xsi64>) roi(%r : tensor<4xf32>) {axes = array<i64: 2, 3>, mode = #pare.resize_mode<linear>, coordinates = #pare.resize_coordinates<tf_crop_and_resize>, extrapolation_value = 7.5 : f32} : (tensor<?x3x5x7xf32>) -> tensor<?x3x4x9xf32>
  %cubic = pare.resize %x sizes(%z : tensor<2xsi64>) roi(%r : tensor<4xf32>) {axes = array<i64: 2, 3>, mode = #pare.resize_mode<cubic>, coordinates = #pare.resize_coordinates<tf_crop_and_resize>, extrapolation_value = 7.5 : f32, antialias} : (tensor<?x3x5x7xf32>) -> tensor<?x3x4x9xf32>
  return %nearest, %linear, %cubic : tensor<?x3x4x9xf32>, tensor<?x3x4x9xf32>, tensor<?x3x4x9xf32>
}
