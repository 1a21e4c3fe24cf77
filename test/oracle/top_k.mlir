// The largest and the smallest, in order.
// RUN: pare verify %s
// RUN: pare verify %s --sizes n=157
func.func @main(%x: tensor<?x7xf32> {pare.name = "x", pare.dims = ["n", ""]},
                %y: tensor<?x7xsi64> {pare.name = "y", pare.dims = ["n", ""]})
    -> (tensor<?x3xf32> {pare.name = "v", pare.dims = ["n", ""]},
        tensor<?x3xsi64> {pare.name = "i", pare.dims = ["n", ""]},
        tensor<?x3xsi64> {pare.name = "w", pare.dims = ["n", ""]},
        tensor<?x3xsi64> {pare.name = "j", pare.dims = ["n", ""]}) {
  %k = pare.constant dense<3> : tensor<1xsi64>
  %v, %i = pare.top_k %x, %k {axis = 1 : i64, largest = true} : (tensor<?x7xf32>, tensor<1xsi64>) -> (tensor<?x3xf32>, tensor<?x3xsi64>)
  %w, %j = pare.top_k %y, %k {axis = 1 : i64, largest = false} : (tensor<?x7xsi64>, tensor<1xsi64>) -> (tensor<?x3xsi64>, tensor<?x3xsi64>)
  return %v, %i, %w, %j : tensor<?x3xf32>, tensor<?x3xsi64>, tensor<?x3xsi64>, tensor<?x3xsi64>
}
