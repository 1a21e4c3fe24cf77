// Scalar, per-axis and per-block parameters.
// RUN: pare verify %s
// RUN: pare verify %s --sizes n=157
func.func @main(%x: tensor<?x4xui8> {pare.name = "x", pare.dims = ["n", ""]},
                %y: tensor<2x4xsi8> {pare.name = "y"})
    -> (tensor<?x4xf32> {pare.name = "a", pare.dims = ["n", ""]},
        tensor<?x4xf32> {pare.name = "b", pare.dims = ["n", ""]},
        tensor<2x4xf32> {pare.name = "c"}) {
  %s = pare.constant dense<1.250000e-01> : tensor<f32>
  %z = pare.constant dense<3> : tensor<ui8>
  %a = pare.dequantize %x scale(%s : tensor<f32>) zero_point(%z : tensor<ui8>) {axis = 1 : i64, block_size = 0 : i64} : (tensor<?x4xui8>) -> tensor<?x4xf32>
  %t = pare.constant dense<[5.0e-01, 2.5e-01, 1.0e-01, 1.0e-02]> : tensor<4xf32>
  %b = pare.dequantize %x scale(%t : tensor<4xf32>) {axis = 1 : i64, block_size = 0 : i64} : (tensor<?x4xui8>) -> tensor<?x4xf32>
  %u = pare.constant dense<[[5.0e-01, 2.5e-01], [1.0e-01, 1.0e-02]]> : tensor<2x2xf32>
  %c = pare.dequantize %y scale(%u : tensor<2x2xf32>) {axis = 1 : i64, block_size = 2 : i64} : (tensor<2x4xsi8>) -> tensor<2x4xf32>
  return %a, %b, %c : tensor<?x4xf32>, tensor<?x4xf32>, tensor<2x4xf32>
}
