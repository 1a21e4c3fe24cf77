// Over one and over two axes, with and without bias.
// RUN: pare verify %s
// RUN: pare verify %s --sizes n=157
func.func @main(%x: tensor<?x4x6xf32> {pare.name = "x", pare.dims = ["n", "", ""]},
                %s: tensor<6xf32> {pare.name = "s"},
                %b: tensor<6xf32> {pare.name = "b"},
                %t: tensor<4x6xf32> {pare.name = "t"})
    -> (tensor<?x4x6xf32> {pare.name = "y", pare.dims = ["n", "", ""]},
        tensor<?x4x6xf32> {pare.name = "z", pare.dims = ["n", "", ""]}) {
  %y = pare.layer_norm %x, %s, %b {axis = 2 : i64, epsilon = 1.0e-05 : f32} : (tensor<?x4x6xf32>, tensor<6xf32>, tensor<6xf32>) -> tensor<?x4x6xf32>
  %z = pare.layer_norm %x, %t {axis = 1 : i64, epsilon = 1.0e-05 : f32} : (tensor<?x4x6xf32>, tensor<4x6xf32>) -> tensor<?x4x6xf32>
  return %y, %z : tensor<?x4x6xf32>, tensor<?x4x6xf32>
}
