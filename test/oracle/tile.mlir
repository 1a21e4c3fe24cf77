// Repeats.
// RUN: pare verify %s
// RUN: pare verify %s --sizes n=157
func.func @main(%x: tensor<?x3xf32> {pare.name = "x", pare.dims = ["n", ""]})
    -> (tensor<?x9xf32> {pare.name = "y", pare.dims = ["", ""]}) {
  %r = pare.constant dense<[2, 3]> : tensor<2xsi64>
  %y = pare.tile %x, %r : (tensor<?x3xf32>, tensor<2xsi64>) -> tensor<?x9xf32>
  return %y : tensor<?x9xf32>
}
