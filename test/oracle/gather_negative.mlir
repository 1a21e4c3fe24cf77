// Indices that count from the end, of a dynamic tensor on other axes.
// RUN: pare verify %s
// RUN: pare verify %s --sizes n=157
func.func @main(%x: tensor<?x3xf32> {pare.name = "x", pare.dims = ["n", ""]})
    -> (tensor<?x3xf32> {pare.name = "y", pare.dims = ["n", ""]}) {
  %i = pare.constant dense<[-1, 0, -3]> : tensor<3xsi64>
  %y = pare.gather %x, %i {axis = 1 : i64} : (tensor<?x3xf32>, tensor<3xsi64>) -> tensor<?x3xf32>
  return %y : tensor<?x3xf32>
}
