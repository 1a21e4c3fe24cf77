// Triangles.
// RUN: pare verify %s
// RUN: pare verify %s --sizes b=157,m=67,n=101
func.func @main(%x: tensor<?x?x?xf32> {pare.name = "x", pare.dims = ["b", "n", "m"]},
                %k: tensor<si64> {pare.name = "k"})
    -> (tensor<?x?x?xf32> {pare.name = "upper", pare.dims = ["b", "n", "m"]},
        tensor<?x?x?xf32> {pare.name = "lower", pare.dims = ["b", "n", "m"]}) {
  %upper = pare.trilu %x, %k {upper = true} : (tensor<?x?x?xf32>, tensor<si64>) -> tensor<?x?x?xf32>
  %lower = pare.trilu %x {upper = false} : (tensor<?x?x?xf32>) -> tensor<?x?x?xf32>
  return %upper, %lower : tensor<?x?x?xf32>, tensor<?x?x?xf32>
}
