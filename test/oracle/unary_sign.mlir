// Signs and rounding.
// RUN: pare verify %s
// RUN: pare verify %s --sizes n=157
func.func @main(%x: tensor<?x5xf32> {pare.name = "x", pare.dims = ["n", ""]})
    -> (tensor<?x5xf32> {pare.name = "abs_y", pare.dims = ["n", ""]},
        tensor<?x5xf32> {pare.name = "neg_y", pare.dims = ["n", ""]},
        tensor<?x5xf32> {pare.name = "sign_y", pare.dims = ["n", ""]},
        tensor<?x5xf32> {pare.name = "relu_y", pare.dims = ["n", ""]},
        tensor<?x5xf32> {pare.name = "floor_y", pare.dims = ["n", ""]},
        tensor<?x5xf32> {pare.name = "ceil_y", pare.dims = ["n", ""]},
        tensor<?x5xf32> {pare.name = "round_y", pare.dims = ["n", ""]}) {
  %abs_y = pare.abs %x : (tensor<?x5xf32>) -> tensor<?x5xf32>
  %neg_y = pare.neg %x : (tensor<?x5xf32>) -> tensor<?x5xf32>
  %sign_y = pare.sign %x : (tensor<?x5xf32>) -> tensor<?x5xf32>
  %relu_y = pare.relu %x : (tensor<?x5xf32>) -> tensor<?x5xf32>
  %floor_y = pare.floor %x : (tensor<?x5xf32>) -> tensor<?x5xf32>
  %ceil_y = pare.ceil %x : (tensor<?x5xf32>) -> tensor<?x5xf32>
  %round_y = pare.round %x : (tensor<?x5xf32>) -> tensor<?x5xf32>
  return %abs_y, %neg_y, %sign_y, %relu_y, %floor_y, %ceil_y, %round_y : tensor<?x5xf32>, tensor<?x5xf32>, tensor<?x5xf32>, tensor<?x5xf32>, tensor<?x5xf32>, tensor<?x5xf32>, tensor<?x5xf32>
}
