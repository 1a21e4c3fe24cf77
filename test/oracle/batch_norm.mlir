// Given statistics; the variance is a square.
// RUN: pare verify %s
// RUN: pare verify %s --sizes l=157,n=67
func.func @main(%x: tensor<?x3x?xf32> {pare.name = "x", pare.dims = ["n", "", "l"]},
                %s: tensor<3xf32> {pare.name = "s"},
                %b: tensor<3xf32> {pare.name = "b"},
                %m: tensor<3xf32> {pare.name = "m"},
                %d: tensor<3xf32> {pare.name = "d"})
    -> (tensor<?x3x?xf32> {pare.name = "y", pare.dims = ["n", "", "l"]}) {
  %v = pare.mul %d, %d : (tensor<3xf32>, tensor<3xf32>) -> tensor<3xf32>
  %y = pare.batch_norm %x, %s, %b, %m, %v {epsilon = 1.0e-02 : f32} : (tensor<?x3x?xf32>, tensor<3xf32>, tensor<3xf32>, tensor<3xf32>, tensor<3xf32>) -> tensor<?x3x?xf32>
  return %y : tensor<?x3x?xf32>
}
