// Slices by tuples, with and without batch axes.
// RUN: pare verify %s
// RUN: pare verify %s --sizes m=157,n=67
func.func @main(%x: tensor<3x4x2xf32> {pare.name = "x"},
                %i: tensor<?x2xsi64> {pare.name = "i", pare.dims = ["n", ""]},
                %b: tensor<?x4xf32> {pare.name = "b", pare.dims = ["m", ""]},
                %j: tensor<?x1xsi64> {pare.name = "j", pare.dims = ["m", ""]})
    -> (tensor<?x2xf32> {pare.name = "y", pare.dims = ["n", ""]},
        tensor<?xf32> {pare.name = "z", pare.dims = ["m"]}) {
  %y = pare.gather_nd %x, %i {batch_dims = 0 : i64} : (tensor<3x4x2xf32>, tensor<?x2xsi64>) -> tensor<?x2xf32>
  %z = pare.gather_nd %b, %j {batch_dims = 1 : i64} : (tensor<?x4xf32>, tensor<?x1xsi64>) -> tensor<?xf32>
  return %y, %z : tensor<?x2xf32>, tensor<?xf32>
}
