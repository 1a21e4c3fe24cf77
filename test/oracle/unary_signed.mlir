// Signed integers.
// RUN: pare verify %s
// RUN: pare verify %s --sizes n=157
func.func @main(%x: tensor<?x3xsi32> {pare.name = "x", pare.dims = ["n", ""]})
    -> (tensor<?x3xsi32> {pare.name = "abs_y", pare.dims = ["n", ""]},
        tensor<?x3xsi32> {pare.name = "neg_y", pare.dims = ["n", ""]},
        tensor<?x3xsi32> {pare.name = "sign_y", pare.dims = ["n", ""]},
        tensor<?x3xsi32> {pare.name = "relu_y", pare.dims = ["n", ""]},
        tensor<?x3xsi32> {pare.name = "bit_not_y", pare.dims = ["n", ""]}) {
  %abs_y = pare.abs %x : (tensor<?x3xsi32>) -> tensor<?x3xsi32>
  %neg_y = pare.neg %x : (tensor<?x3xsi32>) -> tensor<?x3xsi32>
  %sign_y = pare.sign %x : (tensor<?x3xsi32>) -> tensor<?x3xsi32>
  %relu_y = pare.relu %x : (tensor<?x3xsi32>) -> tensor<?x3xsi32>
  %bit_not_y = pare.bit_not %x : (tensor<?x3xsi32>) -> tensor<?x3xsi32>
  return %abs_y, %neg_y, %sign_y, %relu_y, %bit_not_y : tensor<?x3xsi32>, tensor<?x3xsi32>, tensor<?x3xsi32>, tensor<?x3xsi32>, tensor<?x3xsi32>
}
