// Broadcast to the shape of another tensor.
// RUN: pare verify %s
// RUN: pare verify %s --sizes m=157,n=67
func.func @main(%x: tensor<?x1xf32> {pare.name = "x", pare.dims = ["n", ""]},
                %y: tensor<?x?xf32> {pare.name = "y", pare.dims = ["n", "m"]})
    -> (tensor<?x?xf32> {pare.name = "r", pare.dims = ["n", "m"]},
        tensor<2x?x4xf32> {pare.name = "q", pare.dims = ["", "n", ""]}) {
  %s = pare.shape_of %y : (tensor<?x?xf32>) -> tensor<2xsi64>
  %r = pare.expand %x, %s : (tensor<?x1xf32>, tensor<2xsi64>) -> tensor<?x?xf32>
  %ones = pare.constant dense<[2, 1, 4]> : tensor<3xsi64>
  %q = pare.expand %x, %ones : (tensor<?x1xf32>, tensor<3xsi64>) -> tensor<2x?x4xf32>
  return %r, %q : tensor<?x?xf32>, tensor<2x?x4xf32>
}
