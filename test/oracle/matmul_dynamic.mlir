// All three sizes dynamic.
// RUN: pare-opt %s -o /dev/null
func.func @main(%a: tensor<?x?xf32> {pare.name = "a", pare.dims = ["n", "k"]},
                %b: tensor<?x?xf32> {pare.name = "b", pare.dims = ["k", "m"]})
    -> (tensor<?x?xf32> {pare.name = "y", pare.dims = ["n", "m"]}) {
  %y = pare.matmul %a, %b : (tensor<?x?xf32>, tensor<?x?xf32>) -> tensor<?x?xf32>
  return %y : tensor<?x?xf32>
}
