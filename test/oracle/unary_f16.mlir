// f16 rounds at the result of each op.
// RUN: pare verify %s
// RUN: pare verify %s --sizes n=16
// RUN: pare verify %s --sizes n=157
func.func @main(%x: tensor<?xf16> {pare.name = "x", pare.dims = ["n"]})
    -> (tensor<?xf16> {pare.name = "exp_y", pare.dims = ["n"]},
        tensor<?xf16> {pare.name = "tanh_y", pare.dims = ["n"]},
        tensor<?xf16> {pare.name = "sqrt_y", pare.dims = ["n"]},
        tensor<?xf16> {pare.name = "neg_y", pare.dims = ["n"]},
        tensor<?xf16> {pare.name = "relu_y", pare.dims = ["n"]},
        tensor<?xf16> {pare.name = "sigmoid_y", pare.dims = ["n"]}) {
  %exp_y = pare.exp %x : (tensor<?xf16>) -> tensor<?xf16>
  %tanh_y = pare.tanh %x : (tensor<?xf16>) -> tensor<?xf16>
  %sqrt_y = pare.sqrt %x : (tensor<?xf16>) -> tensor<?xf16>
  %neg_y = pare.neg %x : (tensor<?xf16>) -> tensor<?xf16>
  %relu_y = pare.relu %x : (tensor<?xf16>) -> tensor<?xf16>
  %sigmoid_y = pare.sigmoid %x : (tensor<?xf16>) -> tensor<?xf16>
  return %exp_y, %tanh_y, %sqrt_y, %neg_y, %relu_y, %sigmoid_y : tensor<?xf16>, tensor<?xf16>, tensor<?xf16>, tensor<?xf16>, tensor<?xf16>, tensor<?xf16>
}
