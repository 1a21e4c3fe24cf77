// Windows with padding, dilation and rounding up.
// RUN: pare verify %s
// RUN: pare verify %s --sizes n=157
func.func @main(%x: tensor<?x3x9x8xf32> {pare.name = "x", pare.dims = ["n", "", "", ""]})
    -> (tensor<?x3x5x4xf32> {pare.name = "plain", pare.dims = ["n", "", "", ""]},
        tensor<?x3x5x3xf32> {pare.name = "ceil", pare.dims = ["n", "", "", ""]},
        tensor<?x3x7x5xf32> {pare.name = "dilated", pare.dims = ["n", "", "", ""]}) {
  %plain = pare.max_pool %x {kernel = array<i64: 3, 3>, strides = array<i64: 2, 2>, pads = array<i64: 1, 1, 1, 1>, dilations = array<i64: 1, 1>} : (tensor<?x3x9x8xf32>) -> tensor<?x3x5x4xf32>
  %ceil = pare.max_pool %x {kernel = array<i64: 2, 3>, strides = array<i64: 2, 3>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>, ceil_mode} : (tensor<?x3x9x8xf32>) -> tensor<?x3x5x3xf32>
  %dilated = pare.max_pool %x {kernel = array<i64: 2, 2>, strides = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 2, 3>} : (tensor<?x3x9x8xf32>) -> tensor<?x3x7x5xf32>
  return %plain, %ceil, %dilated : tensor<?x3x5x4xf32>, tensor<?x3x5x3xf32>, tensor<?x3x7x5xf32>
}
