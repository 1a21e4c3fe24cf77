// One-hot encoding along the last and the first axis.
// RUN: pare verify %s
// RUN: pare verify %s --sizes n=157
func.func @main(%i: tensor<?xsi64> {pare.name = "i", pare.dims = ["n"]})
    -> (tensor<?x3xf32> {pare.name = "last", pare.dims = ["n", ""]},
        tensor<3x?xf32> {pare.name = "first", pare.dims = ["", "n"]}) {
  %depth = pare.constant dense<3> : tensor<si64>
  %v = pare.constant dense<[-1.0, 1.0]> : tensor<2xf32>
  %two = pare.constant dense<2> : tensor<si64>
  %j = pare.sub %i, %two : (tensor<?xsi64>, tensor<si64>) -> tensor<?xsi64>
  %last = pare.one_hot %i, %depth, %v {axis = 1 : i64} : (tensor<?xsi64>, tensor<si64>, tensor<2xf32>) -> tensor<?x3xf32>
  %first = pare.one_hot %j, %depth, %v {axis = 0 : i64} : (tensor<?xsi64>, tensor<si64>, tensor<2xf32>) -> tensor<3x?xf32>
  return %last, %first : tensor<?x3xf32>, tensor<3x?xf32>
}
