// A shape that is computed from another tensor.
// RUN: pare verify %s
// RUN: pare verify %s --sizes m=157,n=67
func.func @main(%x: tensor<?x?x8xf32> {pare.name = "x", pare.dims = ["n", "m", ""]})
    -> (tensor<?x2x?x4xf32> {pare.name = "y", pare.dims = ["n", "", "m", ""]}) {
  %shape = pare.shape_of %x : (tensor<?x?x8xf32>) -> tensor<3xsi64>
  %keep = pare.constant dense<[0, 1]> : tensor<2xsi64>
  %outer = pare.gather %shape, %keep {axis = 0 : i64} : (tensor<3xsi64>, tensor<2xsi64>) -> tensor<2xsi64>
  %tail = pare.constant dense<[2, 4]> : tensor<2xsi64>
  %wanted = pare.concat %outer, %tail {axis = 0 : i64} : (tensor<2xsi64>, tensor<2xsi64>) -> tensor<4xsi64>
  %r = pare.reshape %x, %wanted {allow_zero} : (tensor<?x?x8xf32>, tensor<4xsi64>) -> tensor<?x?x2x4xf32>
  %y = pare.transpose %r {permutation = array<i64: 0, 2, 1, 3>} : (tensor<?x?x2x4xf32>) -> tensor<?x2x?x4xf32>
  return %y : tensor<?x2x?x4xf32>
}
