// Slices written by tuples; what several tuples write is combined.
// RUN: pare verify %s
// RUN: pare verify %s --sizes n=157
func.func @main(%d: tensor<4x3xf32> {pare.name = "d"},
                %i: tensor<?x1xsi64> {pare.name = "i", pare.dims = ["n", ""]},
                %u: tensor<?x3xf32> {pare.name = "u", pare.dims = ["n", ""]})
    -> (tensor<4x3xf32> {pare.name = "none_y"},
        tensor<4x3xf32> {pare.name = "add_y"},
        tensor<4x3xf32> {pare.name = "mul_y"},
        tensor<4x3xf32> {pare.name = "max_y"},
        tensor<4x3xf32> {pare.name = "min_y"}) {
  %none_y = pare.scatter_nd %d, %i, %u {kind = #pare.scatter_kind<none>} : (tensor<4x3xf32>, tensor<?x1xsi64>, tensor<?x3xf32>) -> tensor<4x3xf32>
  %add_y = pare.scatter_nd %d, %i, %u {kind = #pare.scatter_kind<add>} : (tensor<4x3xf32>, tensor<?x1xsi64>, tensor<?x3xf32>) -> tensor<4x3xf32>
  %mul_y = pare.scatter_nd %d, %i, %u {kind = #pare.scatter_kind<mul>} : (tensor<4x3xf32>, tensor<?x1xsi64>, tensor<?x3xf32>) -> tensor<4x3xf32>
  %max_y = pare.scatter_nd %d, %i, %u {kind = #pare.scatter_kind<max>} : (tensor<4x3xf32>, tensor<?x1xsi64>, tensor<?x3xf32>) -> tensor<4x3xf32>
  %min_y = pare.scatter_nd %d, %i, %u {kind = #pare.scatter_kind<min>} : (tensor<4x3xf32>, tensor<?x1xsi64>, tensor<?x3xf32>) -> tensor<4x3xf32>
  return %none_y, %add_y, %mul_y, %max_y, %min_y : tensor<4x3xf32>, tensor<4x3xf32>, tensor<4x3xf32>, tensor<4x3xf32>, tensor<4x3xf32>
}
