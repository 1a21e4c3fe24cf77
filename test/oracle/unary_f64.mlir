// f64.
// RUN: pare verify %s
// RUN: pare verify %s --sizes n=157
func.func @main(%x: tensor<?xf64> {pare.name = "x", pare.dims = ["n"]})
    -> (tensor<?xf64> {pare.name = "exp_y", pare.dims = ["n"]},
        tensor<?xf64> {pare.name = "log_y", pare.dims = ["n"]},
        tensor<?xf64> {pare.name = "erf_y", pare.dims = ["n"]},
        tensor<?xf64> {pare.name = "tanh_y", pare.dims = ["n"]},
        tensor<?xf64> {pare.name = "sigmoid_y", pare.dims = ["n"]},
        tensor<?xf64> {pare.name = "round_y", pare.dims = ["n"]}) {
  %exp_y = pare.exp %x : (tensor<?xf64>) -> tensor<?xf64>
  %log_y = pare.log %x : (tensor<?xf64>) -> tensor<?xf64>
  %erf_y = pare.erf %x : (tensor<?xf64>) -> tensor<?xf64>
  %tanh_y = pare.tanh %x : (tensor<?xf64>) -> tensor<?xf64>
  %sigmoid_y = pare.sigmoid %x : (tensor<?xf64>) -> tensor<?xf64>
  %round_y = pare.round %x : (tensor<?xf64>) -> tensor<?xf64>
  return %exp_y, %log_y, %erf_y, %tanh_y, %sigmoid_y, %round_y : tensor<?xf64>, tensor<?xf64>, tensor<?xf64>, tensor<?xf64>, tensor<?xf64>, tensor<?xf64>
}
