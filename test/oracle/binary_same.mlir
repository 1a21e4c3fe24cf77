// Operands of one dynamic shape.
// RUN: pare verify %s
// RUN: pare verify %s --sizes m=157,n=67
func.func @main(%a: tensor<?x?xf32> {pare.name = "a", pare.dims = ["n", "m"]},
                %b: tensor<?x?xf32> {pare.name = "b", pare.dims = ["n", "m"]})
    -> (tensor<?x?xf32> {pare.name = "add_y", pare.dims = ["n", "m"]},
        tensor<?x?xf32> {pare.name = "sub_y", pare.dims = ["n", "m"]},
        tensor<?x?xf32> {pare.name = "mul_y", pare.dims = ["n", "m"]},
        tensor<?x?xf32> {pare.name = "div_y", pare.dims = ["n", "m"]},
        tensor<?x?xf32> {pare.name = "max_y", pare.dims = ["n", "m"]},
        tensor<?x?xf32> {pare.name = "min_y", pare.dims = ["n", "m"]}) {
  %add_y = pare.add %a, %b : (tensor<?x?xf32>, tensor<?x?xf32>) -> tensor<?x?xf32>
  %sub_y = pare.sub %a, %b : (tensor<?x?xf32>, tensor<?x?xf32>) -> tensor<?x?xf32>
  %mul_y = pare.mul %a, %b : (tensor<?x?xf32>, tensor<?x?xf32>) -> tensor<?x?xf32>
  %div_y = pare.div %a, %b : (tensor<?x?xf32>, tensor<?x?xf32>) -> tensor<?x?xf32>
  %max_y = pare.max %a, %b : (tensor<?x?xf32>, tensor<?x?xf32>) -> tensor<?x?xf32>
  %min_y = pare.min %a, %b : (tensor<?x?xf32>, tensor<?x?xf32>) -> tensor<?x?xf32>
  return %add_y, %sub_y, %mul_y, %div_y, %max_y, %min_y : tensor<?x?xf32>, tensor<?x?xf32>, tensor<?x?xf32>, tensor<?x?xf32>, tensor<?x?xf32>, tensor<?x?xf32>
}
