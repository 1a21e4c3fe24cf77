// Permutations.
// RUN: pare verify %s
// RUN: pare verify %s --sizes m=157,n=67
func.func @main(%x: tensor<?x?x3xf32> {pare.name = "x", pare.dims = ["n", "m", ""]})
    -> (tensor<?x?x3xf32> {pare.name = "a", pare.dims = ["m", "n", ""]},
        tensor<3x?x?xf32> {pare.name = "b", pare.dims = ["", "n", "m"]}) {
  %a = pare.transpose %x {permutation = array<i64: 1, 0, 2>} : (tensor<?x?x3xf32>) -> tensor<?x?x3xf32>
  %b = pare.transpose %x {permutation = array<i64: 2, 0, 1>} : (tensor<?x?x3xf32>) -> tensor<3x?x?xf32>
  return %a, %b : tensor<?x?x3xf32>, tensor<3x?x?xf32>
}
