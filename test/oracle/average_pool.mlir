// Every way to count.
// RUN: pare verify %s
// RUN: pare verify %s --sizes n=157
func.func @main(%x: tensor<?x2x7xf32> {pare.name = "x", pare.dims = ["n", "", ""]})
    -> (tensor<?x2x4xf32> {pare.name = "plain", pare.dims = ["n", "", ""]},
        tensor<?x2x4xf32> {pare.name = "padded", pare.dims = ["n", "", ""]},
        tensor<?x2x3xf32> {pare.name = "ceil", pare.dims = ["n", "", ""]}) {
  %plain = pare.average_pool %x {kernel = array<i64: 3>, strides = array<i64: 2>, pads = array<i64: 1, 1>, dilations = array<i64: 1>} : (tensor<?x2x7xf32>) -> tensor<?x2x4xf32>
  %padded = pare.average_pool %x {kernel = array<i64: 3>, strides = array<i64: 2>, pads = array<i64: 1, 1>, dilations = array<i64: 1>, count_include_pad} : (tensor<?x2x7xf32>) -> tensor<?x2x4xf32>
  %ceil = pare.average_pool %x {kernel = array<i64: 3>, strides = array<i64: 3>, pads = array<i64: 0, 1>, dilations = array<i64: 1>, ceil_mode, count_include_pad} : (tensor<?x2x7xf32>) -> tensor<?x2x3xf32>
  return %plain, %padded, %ceil : tensor<?x2x4xf32>, tensor<?x2x4xf32>, tensor<?x2x3xf32>
}
