// Statistics of narrow floats are f32.
// RUN: pare verify %s
// RUN: pare verify %s --sizes n=157
func.func @main(%x: tensor<?x32xf16> {pare.name = "x", pare.dims = ["n", ""]},
                %s: tensor<32xf16> {pare.name = "s"})
    -> (tensor<?x32xf16> {pare.name = "y", pare.dims = ["n", ""]},
        tensor<?x32xf16> {pare.name = "z", pare.dims = ["n", ""]}) {
  %y = pare.layer_norm %x, %s {axis = 1 : i64, epsilon = 1.0e-03 : f32} : (tensor<?x32xf16>, tensor<32xf16>) -> tensor<?x32xf16>
  %z = pare.softmax %x {axis = 1 : i64} : (tensor<?x32xf16>) -> tensor<?x32xf16>
  return %y, %z : tensor<?x32xf16>, tensor<?x32xf16>
}
