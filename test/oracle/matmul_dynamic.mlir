// All three sizes dynamic.
// RUN: pare verify %s
// RUN: pare verify %s --sizes k=157,m=67,n=101
func.func @main(%a: tensor<?x?xf32> {pare.name = "a", pare.dims = ["n", "k"]},
                %b: tensor<?x?xf32> {pare.name = "b", pare.dims = ["k", "m"]})
    -> (tensor<?x?xf32> {pare.name = "y", pare.dims = ["n", "m"]}) {
  %y = pare.matmul %a, %b : (tensor<?x?xf32>, tensor<?x?xf32>) -> tensor<?x?xf32>
  return %y : tensor<?x?xf32>
}
