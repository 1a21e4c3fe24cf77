// Elements written along an axis.
// RUN: pare verify %s
// RUN: pare verify %s --sizes n=157
func.func @main(%d: tensor<?x4xf32> {pare.name = "d", pare.dims = ["n", ""]},
                %u: tensor<?x2xf32> {pare.name = "u", pare.dims = ["n", ""]},
                %i: tensor<?x1xsi64> {pare.name = "i", pare.dims = ["n", ""]},
                %v: tensor<?x1xf32> {pare.name = "v", pare.dims = ["n", ""]})
    -> (tensor<?x4xf32> {pare.name = "set", pare.dims = ["n", ""]},
        tensor<?x4xf32> {pare.name = "sum", pare.dims = ["n", ""]},
        tensor<?x4xf32> {pare.name = "top", pare.dims = ["n", ""]}) {
  %fixed = pare.constant dense<[[0, -1]]> : tensor<1x2xsi64>
  %s = pare.shape_of %u : (tensor<?x2xf32>) -> tensor<2xsi64>
  %places = pare.expand %fixed, %s : (tensor<1x2xsi64>, tensor<2xsi64>) -> tensor<?x2xsi64>
  %set = pare.scatter_elements %d, %places, %u {axis = 1 : i64, kind = #pare.scatter_kind<none>} : (tensor<?x4xf32>, tensor<?x2xsi64>, tensor<?x2xf32>) -> tensor<?x4xf32>
  %sum = pare.scatter_elements %d, %i, %v {axis = 1 : i64, kind = #pare.scatter_kind<add>} : (tensor<?x4xf32>, tensor<?x1xsi64>, tensor<?x1xf32>) -> tensor<?x4xf32>
  %top = pare.scatter_elements %d, %i, %v {axis = 1 : i64, kind = #pare.scatter_kind<max>} : (tensor<?x4xf32>, tensor<?x1xsi64>, tensor<?x1xf32>) -> tensor<?x4xf32>
  return %set, %sum, %top : tensor<?x4xf32>, tensor<?x4xf32>, tensor<?x4xf32>
}
