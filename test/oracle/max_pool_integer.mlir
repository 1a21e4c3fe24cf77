// Pools of integers.
// RUN: pare verify %s
// RUN: pare verify %s --sizes n=157
func.func @main(%x: tensor<?x1x6xui8> {pare.name = "x", pare.dims = ["n", "", ""]})
    -> (tensor<?x1x4xui8> {pare.name = "y", pare.dims = ["n", "", ""]}) {
  %y = pare.max_pool %x {kernel = array<i64: 2>, strides = array<i64: 2>, pads = array<i64: 1, 1>, dilations = array<i64: 1>} : (tensor<?x1x6xui8>) -> tensor<?x1x4xui8>
  return %y : tensor<?x1x4xui8>
}
