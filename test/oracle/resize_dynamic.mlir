// Axes whose size is known at run time only: the tables are computed.
// RUN: pare verify %s
// RUN: pare verify %s --sizes n=2,h=37,w=53
func.func @main(%x: tensor<?x?x?x3xf32> {pare.name = "x", pare.dims = ["n", "h", "w", ""]})
    -> (tensor<?x?x?x3xf32> {pare.name = "double", pare.dims = ["n", "", "", ""]},
        tensor<?x?x?x3xf32> {pare.name = "nearest", pare.dims = ["n", "", "", ""]},
        tensor<?x?x?x3xf32> {pare.name = "linear", pare.dims = ["n", "", "", ""]},
        tensor<?x?x?x3xf32> {pare.name = "cubic", pare.dims = ["n", "", "", ""]},
        tensor<?x?x?x3xf32> {pare.name = "smooth", pare.dims = ["n", "", "", ""]}) {
  %s = pare.constant dense<2.0> : tensor<2xf32>
  %t = pare.constant dense<[1.7, 0.6]> : tensor<2xf32>
  %z = pare.constant dense<[4, 9]> : tensor<2xsi64>
  %double = pare.resize %x scales(%s : tensor<2xf32>) {axes = array<i64: 1, 2>, mode = #pare.resize_mode<nearest>, coordinates = #pare.resize_coordinates<asymmetric>, rounding = #pare.resize_rounding<floor>} : (tensor<?x?x?x3xf32>) -> tensor<?x?x?x3xf32>
  %nearest = pare.resize %x scales(%t : tensor<2xf32>) {axes = array<i64: 1, 2>, mode = #pare.resize_mode<nearest>, coordinates = #pare.resize_coordinates<half_pixel>, rounding = #pare.resize_rounding<round_prefer_ceil>} : (tensor<?x?x?x3xf32>) -> tensor<?x?x?x3xf32>
  %linear = pare.resize %x scales(%t : tensor<2xf32>) {axes = array<i64: 1, 2>, mode = #pare.resize_mode<linear>, coordinates = #pare.resize_coordinates<half_pixel_symmetric>} : (tensor<?x?x?x3xf32>) -> tensor<?x?x?x3xf32>
  %cubic = pare.resize %x scales(%t : tensor<2xf32>) {axes = array<i64: 1, 2>, mode = #pare.resize_mode<cubic>, coordinates = #pare.resize_coordinates<align_corners>, exclude_outside} : (tensor<?x?x?x3xf32>) -> tensor<?x?x?x3xf32>
  %smooth = pare.resize %x scales(%t : tensor<2xf32>) {axes = array<i64: 1, 2>, mode = #pare.resize_mode<linear>, coordinates = #pare.resize_coordinates<half_pixel>, antialias} : (tensor<?x?x?x3xf32>) -> tensor<?x?x?x3xf32>
  return %double, %nearest, %linear, %cubic, %smooth : tensor<?x?x?x3xf32>, tensor<?x?x?x3xf32>, tensor<?x?x?x3xf32>, tensor<?x?x?x3xf32>, tensor<?x?x?x3xf32>
}
