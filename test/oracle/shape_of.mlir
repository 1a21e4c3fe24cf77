// A shape as data.
// RUN: pare verify %s
// RUN: pare verify %s --sizes m=157,n=67
func.func @main(%x: tensor<?x4x?xf32> {pare.name = "x", pare.dims = ["n", "", "m"]})
    -> (tensor<3xsi64> {pare.name = "s"}) {
  %s = pare.shape_of %x : (tensor<?x4x?xf32>) -> tensor<3xsi64>
  return %s : tensor<3xsi64>
}
