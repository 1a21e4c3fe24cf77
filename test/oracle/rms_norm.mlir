// Root mean square.
// RUN: pare verify %s
// RUN: pare verify %s --sizes m=157,n=67
func.func @main(%x: tensor<?x?x8xf32> {pare.name = "x", pare.dims = ["n", "m", ""]},
                %s: tensor<8xf32> {pare.name = "s"})
    -> (tensor<?x?x8xf32> {pare.name = "y", pare.dims = ["n", "m", ""]}) {
  %y = pare.rms_norm %x, %s {axis = 2 : i64, epsilon = 1.0e-06 : f32} : (tensor<?x?x8xf32>, tensor<8xf32>) -> tensor<?x?x8xf32>
  return %y : tensor<?x?x8xf32>
}
