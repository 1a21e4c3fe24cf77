// Logic.
// RUN: pare verify %s
// RUN: pare verify %s --sizes m=157,n=67
func.func @main(%a: tensor<?x1xi1> {pare.name = "a", pare.dims = ["n", ""]},
                %b: tensor<1x?xi1> {pare.name = "b", pare.dims = ["", "m"]})
    -> (tensor<?x?xi1> {pare.name = "and_y", pare.dims = ["n", "m"]},
        tensor<?x?xi1> {pare.name = "or_y", pare.dims = ["n", "m"]},
        tensor<?x?xi1> {pare.name = "xor_y", pare.dims = ["n", "m"]}) {
  %and_y = pare.and %a, %b : (tensor<?x1xi1>, tensor<1x?xi1>) -> tensor<?x?xi1>
  %or_y = pare.or %a, %b : (tensor<?x1xi1>, tensor<1x?xi1>) -> tensor<?x?xi1>
  %xor_y = pare.xor %a, %b : (tensor<?x1xi1>, tensor<1x?xi1>) -> tensor<?x?xi1>
  return %and_y, %or_y, %xor_y : tensor<?x?xi1>, tensor<?x?xi1>, tensor<?x?xi1>
}
