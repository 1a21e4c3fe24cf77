// bf16 rounds at the result of each op.
// RUN: pare verify %s
// RUN: pare verify %s --sizes n=16
// RUN: pare verify %s --sizes n=157
func.func @main(%x: tensor<?xbf16> {pare.name = "x", pare.dims = ["n"]})
    -> (tensor<?xbf16> {pare.name = "exp_y", pare.dims = ["n"]},
        tensor<?xbf16> {pare.name = "tanh_y", pare.dims = ["n"]},
        tensor<?xbf16> {pare.name = "sqrt_y", pare.dims = ["n"]},
        tensor<?xbf16> {pare.name = "abs_y", pare.dims = ["n"]},
        tensor<?xbf16> {pare.name = "erf_y", pare.dims = ["n"]}) {
  %exp_y = pare.exp %x : (tensor<?xbf16>) -> tensor<?xbf16>
  %tanh_y = pare.tanh %x : (tensor<?xbf16>) -> tensor<?xbf16>
  %sqrt_y = pare.sqrt %x : (tensor<?xbf16>) -> tensor<?xbf16>
  %abs_y = pare.abs %x : (tensor<?xbf16>) -> tensor<?xbf16>
  %erf_y = pare.erf %x : (tensor<?xbf16>) -> tensor<?xbf16>
  return %exp_y, %tanh_y, %sqrt_y, %abs_y, %erf_y : tensor<?xbf16>, tensor<?xbf16>, tensor<?xbf16>, tensor<?xbf16>, tensor<?xbf16>
}
