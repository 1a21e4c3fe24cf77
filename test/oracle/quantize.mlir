// Scalar and per-axis parameters; halves and saturation.
// RUN: pare verify %s
// RUN: pare verify %s --sizes n=157
func.func @main(%x: tensor<?x4xf32> {pare.name = "x", pare.dims = ["n", ""]})
    -> (tensor<?x4xui8> {pare.name = "q", pare.dims = ["n", ""]},
        tensor<?x4xsi8> {pare.name = "p", pare.dims = ["n", ""]}) {
  %s = pare.constant dense<7.812500e-03> : tensor<f32>
  %z = pare.constant dense<128> : tensor<ui8>
  %q = pare.quantize %x scale(%s : tensor<f32>) zero_point(%z : tensor<ui8>) {to = ui8, axis = 1 : i64, block_size = 0 : i64} : (tensor<?x4xf32>) -> tensor<?x4xui8>
  %t = pare.constant dense<[5.0e-01, 2.5e-01, 1.0e-01, 1.0e-02]> : tensor<4xf32>
  %p = pare.quantize %x scale(%t : tensor<4xf32>) {to = si8, axis = 1 : i64, block_size = 0 : i64} : (tensor<?x4xf32>) -> tensor<?x4xsi8>
  return %q, %p : tensor<?x4xui8>, tensor<?x4xsi8>
}
