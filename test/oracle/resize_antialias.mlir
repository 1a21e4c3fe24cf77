// Shrinking with as many elements as the filter reaches.
// RUN: pare verify %s
// RUN: pare verify %s --sizes n=157
func.func @main(%x: tensor<?x9x13xf32> {pare.name = "x", pare.dims = ["n", "", ""]})
    -> (tensor<?x5x1xf32> {pare.name = "linear", pare.dims = ["n", "", ""]},
        tensor<?x5x1xf32> {pare.name = "cubic", pare.dims = ["n", "", ""]},
        tensor<?x2x20xf32> {pare.name = "mixed", pare.dims = ["n", "", ""]}) {
  %s = pare.constant dense<[0.6, 0.15]> : tensor<2xf32>
  %z = pare.constant dense<[2, 20]> : tensor<2xsi64>
  %linear = pare.resize %x scales(%s : tensor<2xf32>) {axes = array<i64: 1, 2>, mode = #pare.resize_mode<linear>, coordinates = #pare.resize_coordinates<half_pixel>, antialias} : (tensor<?x9x13xf32>) -> tensor<?x5x1xf32>
  %cubic = pare.resize %x scales(%s : tensor<2xf32>) {axes = array<i64: 1, 2>, mode = #pare.resize_mode<cubic>, coordinates = #pare.resize_coordinates<half_pixel>, antialias, exclude_outside} : (tensor<?x9x13xf32>) -> tensor<?x5x1xf32>
  %mixed = pare.resize %x sizes(%z : tensor<2xsi64>) {axes = array<i64: 1, 2>, mode = #pare.resize_mode<cubic>, coordinates = #pare.resize_coordinates<align_corners>, antialias} : (tensor<?x9x13xf32>) -> tensor<?x2x20xf32>
  return %linear, %cubic, %mixed : tensor<?x5x1xf32>, tensor<?x5x1xf32>, tensor<?x2x20xf32>
}
