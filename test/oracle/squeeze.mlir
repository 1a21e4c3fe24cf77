// Axes of size 1 go and come.
// RUN: pare verify %s
// RUN: pare verify %s --sizes n=157
func.func @main(%x: tensor<?x1x3xf32> {pare.name = "x", pare.dims = ["n", "", ""]})
    -> (tensor<?x3xf32> {pare.name = "s", pare.dims = ["n", ""]},
        tensor<1x?x3x1xf32> {pare.name = "u", pare.dims = ["", "n", "", ""]}) {
  %s = pare.squeeze %x {axes = array<i64: 1>} : (tensor<?x1x3xf32>) -> tensor<?x3xf32>
  %u = pare.unsqueeze %s {axes = array<i64: 0, 3>} : (tensor<?x3xf32>) -> tensor<1x?x3x1xf32>
  return %s, %u : tensor<?x3xf32>, tensor<1x?x3x1xf32>
}
