// Exponentials and what is made of them.
// RUN: pare verify %s
// RUN: pare verify %s --sizes n=157
func.func @main(%x: tensor<?x5xf32> {pare.name = "x", pare.dims = ["n", ""]})
    -> (tensor<?x5xf32> {pare.name = "exp_y", pare.dims = ["n", ""]},
        tensor<?x5xf32> {pare.name = "sigmoid_y", pare.dims = ["n", ""]},
        tensor<?x5xf32> {pare.name = "softplus_y", pare.dims = ["n", ""]},
        tensor<?x5xf32> {pare.name = "erf_y", pare.dims = ["n", ""]},
        tensor<?x5xf32> {pare.name = "tanh_y", pare.dims = ["n", ""]},
        tensor<?x5xf32> {pare.name = "sqrt_y", pare.dims = ["n", ""]},
        tensor<?x5xf32> {pare.name = "log_y", pare.dims = ["n", ""]}) {
  %exp_y = pare.exp %x : (tensor<?x5xf32>) -> tensor<?x5xf32>
  %sigmoid_y = pare.sigmoid %x : (tensor<?x5xf32>) -> tensor<?x5xf32>
  %softplus_y = pare.softplus %x : (tensor<?x5xf32>) -> tensor<?x5xf32>
  %erf_y = pare.erf %x : (tensor<?x5xf32>) -> tensor<?x5xf32>
  %tanh_y = pare.tanh %x : (tensor<?x5xf32>) -> tensor<?x5xf32>
  %sqrt_y = pare.sqrt %x : (tensor<?x5xf32>) -> tensor<?x5xf32>
  %log_y = pare.log %x : (tensor<?x5xf32>) -> tensor<?x5xf32>
  return %exp_y, %sigmoid_y, %softplus_y, %erf_y, %tanh_y, %sqrt_y, %log_y : tensor<?x5xf32>, tensor<?x5xf32>, tensor<?x5xf32>, tensor<?x5xf32>, tensor<?x5xf32>, tensor<?x5xf32>, tensor<?x5xf32>
}
