// Scales, sizes and regions that are inputs.
// RUN: pare verify %s
// RUN: pare verify %s --sizes h=37,w=53 --seed 3
func.func @main(%x: tensor<?x?x3xf32> {pare.name = "x", pare.dims = ["h", "w", ""]}, %c: tensor<2xf32> {pare.name = "c"}, %r: tensor<4xf32> {pare.name = "r"})
    -> (tensor<?x?x3xf32> {pare.name = "nearest", pare.dims = ["", "", ""]},
        tensor<?x?x3xf32> {pare.name = "cubic", pare.dims = ["", "", ""]},
        tensor<?x?x3xf32> {pare.name = "crop", pare.dims = ["", "", ""]}) {
  %half = pare.constant dense<0.5> : tensor<f32>
  %a = pare.abs %c : (tensor<2xf32>) -> tensor<2xf32>
  %s = pare.add %a, %half : (tensor<2xf32>, tensor<f32>) -> tensor<2xf32>
  %nearest = pare.resize %x scales(%s : tensor<2xf32>) {axes = array<i64: 0, 1>, mode = #pare.resize_mode<nearest>, coordinates = #pare.resize_coordinates<half_pixel>} : (tensor<?x?x3xf32>) -> tensor<?x?x3xf32>
  %cubic = pare.resize %x scales(%s : tensor<2xf32>) {axes = array<i64: 0, 1>, mode = #pare.resize_mode<cubic>, coordinates = #pare.resize_coordinates<half_pixel>, antialias, exclude_outside} : (tensor<?x?x3xf32>) -> tensor<?x?x3xf32>
  %crop = pare.resize %x scales(%s : tensor<2xf32>) roi(%r : tensor<4xf32>) {axes = array<i64: 0, 1>, mode = #pare.resize_mode<linear>, coordinates = #pare.resize_coordinates<tf_crop_and_resize>, extrapolation_value = -3.0 : f32} : (tensor<?x?x3xf32>) -> tensor<?x?x3xf32>
  return %nearest, %cubic, %crop : tensor<?x?x3xf32>, tensor<?x?x3xf32>, tensor<?x?x3xf32>
}
