// One value in a computed shape.
// RUN: pare verify %s
// RUN: pare verify %s --sizes m=157,n=67
func.func @main(%x: tensor<?x4x?xf32> {pare.name = "x", pare.dims = ["n", "", "m"]})
    -> (tensor<?x4x?xf32> {pare.name = "y", pare.dims = ["n", "", "m"]},
        tensor<?x4x?xsi64> {pare.name = "z", pare.dims = ["n", "", "m"]}) {
  %s = pare.shape_of %x : (tensor<?x4x?xf32>) -> tensor<3xsi64>
  %y = pare.full %s {value = dense<2.5> : tensor<1xf32>} : (tensor<3xsi64>) -> tensor<?x4x?xf32>
  %z = pare.full %s {value = dense<-3> : tensor<1xsi64>} : (tensor<3xsi64>) -> tensor<?x4x?xsi64>
  return %y, %z : tensor<?x4x?xf32>, tensor<?x4x?xsi64>
}
