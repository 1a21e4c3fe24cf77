func.func @main(%x: tensor<?x16xf32> {pare.name = "x", pare.dims = ["b", ""]}) -> tensor<2x?xf32> {
  %i = pare.non_zero %x : (tensor<?x16xf32>) -> tensor<2x?xsi64>
  %f = pare.cast %i {to = f32} : (tensor<2x?xsi64>) -> tensor<2x?xf32>
  return %f : tensor<2x?xf32>
}
