// Pieces of equal and of given sizes.
// RUN: pare verify %s
// RUN: pare verify %s --sizes n=157
func.func @main(%x: tensor<?x5xf32> {pare.name = "x", pare.dims = ["n", ""]})
    -> (tensor<?x3xf32> {pare.name = "a", pare.dims = ["n", ""]},
        tensor<?x2xf32> {pare.name = "b", pare.dims = ["n", ""]},
        tensor<?x1xf32> {pare.name = "c", pare.dims = ["n", ""]},
        tensor<?x0xf32> {pare.name = "d", pare.dims = ["n", ""]},
        tensor<?x4xf32> {pare.name = "e", pare.dims = ["n", ""]},
        tensor<?x5xf32> {pare.name = "f", pare.dims = ["", ""]},
        tensor<?x5xf32> {pare.name = "g", pare.dims = ["", ""]}) {
  %a, %b = pare.split %x {axis = 1 : i64, pieces = 2 : i64} : (tensor<?x5xf32>) -> (tensor<?x3xf32>, tensor<?x2xf32>)
  %sizes = pare.constant dense<[1, 0, 4]> : tensor<3xsi64>
  %c, %d, %e = pare.split %x, %sizes {axis = 1 : i64, pieces = 3 : i64} : (tensor<?x5xf32>, tensor<3xsi64>) -> (tensor<?x1xf32>, tensor<?x0xf32>, tensor<?x4xf32>)
  %f, %g = pare.split %x {axis = 0 : i64, pieces = 2 : i64} : (tensor<?x5xf32>) -> (tensor<?x5xf32>, tensor<?x5xf32>)
  return %a, %b, %c, %d, %e, %f, %g : tensor<?x3xf32>, tensor<?x2xf32>, tensor<?x1xf32>, tensor<?x0xf32>, tensor<?x4xf32>, tensor<?x5xf32>, tensor<?x5xf32>
}
