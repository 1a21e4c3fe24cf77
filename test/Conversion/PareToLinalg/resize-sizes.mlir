// Sizes of the result, of axes that are known at run time only. Without elements they are refused.
// RUN: pare verify %s
// RUN: pare verify %s --sizes n=2,h=37,w=53
func.func @main(%x: tensor<?x?x?x3xf32> {pare.name = "x", pare.dims = ["n", "h", "w", ""]})
    -> (tensor<?x4x9x3xf32> {pare.name = "pytorch", pare.dims = ["n", "", "", ""]},
        tensor<?x4x9x3xf32> {pare.name = "smooth", pare.dims = ["n", "", "", ""]},
        tensor<?x?x?x3xf32> {pare.name = "smaller", pare.dims = ["n", "", "", ""]},
        tensor<?x?x?x3xf32> {pare.name = "larger", pare.dims = ["n", "", "", ""]}) {
  %z = pare.constant dense<[4, 9]> : tensor<2xsi64>
  %pytorch = pare.resize %x sizes(%z : tensor<2xsi64>) {axes = array<i64: 1, 2>, mode = #pare.resize_mode<linear>, coordinates = #pare.resize_coordinates<pytorch_half_pixel>} : (tensor<?x?x?x3xf32>) -> tensor<?x4x9x3xf32>
  %smooth = pare.resize %x sizes(%z : tensor<2xsi64>) {axes = array<i64: 1, 2>, mode = #pare.resize_mode<cubic>, coordinates = #pare.resize_coordinates<half_pixel>, antialias} : (tensor<?x?x?x3xf32>) -> tensor<?x4x9x3xf32>
  %smaller = pare.resize %x sizes(%z : tensor<2xsi64>) {axes = array<i64: 1, 2>, mode = #pare.resize_mode<linear>, coordinates = #pare.resize_coordinates<half_pixel>, policy = #pare.resize_policy<not_larger>} : (tensor<?x?x?x3xf32>) -> tensor<?x?x?x3xf32>
  %larger = pare.resize %x sizes(%z : tensor<2xsi64>) {axes = array<i64: 1, 2>, mode = #pare.resize_mode<nearest>, coordinates = #pare.resize_coordinates<half_pixel>, policy = #pare.resize_policy<not_smaller>} : (tensor<?x?x?x3xf32>) -> tensor<?x?x?x3xf32>
  return %pytorch, %smooth, %smaller, %larger : tensor<?x4x9x3xf32>, tensor<?x4x9x3xf32>, tensor<?x?x?x3xf32>, tensor<?x?x?x3xf32>
}
