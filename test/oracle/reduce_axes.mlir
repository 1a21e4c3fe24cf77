// First, several and all axes, kept and dropped.
// RUN: pare verify %s
// RUN: pare verify %s --sizes m=157,n=67
func.func @main(%x: tensor<?x3x?xf32> {pare.name = "x", pare.dims = ["n", "", "m"]})
    -> (tensor<1x3x?xf32> {pare.name = "first", pare.dims = ["", "", "m"]},
        tensor<3xf32> {pare.name = "two"},
        tensor<f32> {pare.name = "all"},
        tensor<?x3x?xf32> {pare.name = "none", pare.dims = ["n", "", "m"]}) {
  %first = pare.reduce %x {axes = array<i64: 0>, kind = #pare.reduce_kind<sum>, keep_dims} : (tensor<?x3x?xf32>) -> tensor<1x3x?xf32>
  %two = pare.reduce %x {axes = array<i64: 0, 2>, kind = #pare.reduce_kind<mean>} : (tensor<?x3x?xf32>) -> tensor<3xf32>
  %all = pare.reduce %x {axes = array<i64: 0, 1, 2>, kind = #pare.reduce_kind<max>} : (tensor<?x3x?xf32>) -> tensor<f32>
  %none = pare.reduce %x {axes = array<i64>, kind = #pare.reduce_kind<sum>} : (tensor<?x3x?xf32>) -> tensor<?x3x?xf32>
  return %first, %two, %all, %none : tensor<1x3x?xf32>, tensor<3xf32>, tensor<f32>, tensor<?x3x?xf32>
}
