// Two dimensions at every kind of axis.
// RUN: pare verify %s
// RUN: pare verify %s --sizes n=157
func.func @main(%x: tensor<?x2x3xf32> {pare.name = "x", pare.dims = ["n", "", ""]})
    -> (tensor<1x?xf32> {pare.name = "zero", pare.dims = ["", ""]},
        tensor<?x6xf32> {pare.name = "one", pare.dims = ["n", ""]},
        tensor<?x1xf32> {pare.name = "three", pare.dims = ["", ""]}) {
  %zero = pare.flatten %x {axis = 0 : i64} : (tensor<?x2x3xf32>) -> tensor<1x?xf32>
  %one = pare.flatten %x {axis = 1 : i64} : (tensor<?x2x3xf32>) -> tensor<?x6xf32>
  %three = pare.flatten %x {axis = 3 : i64} : (tensor<?x2x3xf32>) -> tensor<?x1xf32>
  return %zero, %one, %three : tensor<1x?xf32>, tensor<?x6xf32>, tensor<?x1xf32>
}
