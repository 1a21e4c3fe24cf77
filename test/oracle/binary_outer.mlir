// Both operands broadcast.
// RUN: pare verify %s
// RUN: pare verify %s --sizes m=157,n=67
func.func @main(%a: tensor<?x1xf32> {pare.name = "a", pare.dims = ["n", ""]},
                %b: tensor<1x?xf32> {pare.name = "b", pare.dims = ["", "m"]})
    -> (tensor<?x?xf32> {pare.name = "add_y", pare.dims = ["n", "m"]},
        tensor<?x?xf32> {pare.name = "mul_y", pare.dims = ["n", "m"]}) {
  %add_y = pare.add %a, %b : (tensor<?x1xf32>, tensor<1x?xf32>) -> tensor<?x?xf32>
  %mul_y = pare.mul %a, %b : (tensor<?x1xf32>, tensor<1x?xf32>) -> tensor<?x?xf32>
  return %add_y, %mul_y : tensor<?x?xf32>, tensor<?x?xf32>
}
