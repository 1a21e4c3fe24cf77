// A result whose size depends on the data.
// RUN: pare verify %s
// RUN: pare verify %s --sizes m=157,n=67
func.func @main(%x: tensor<?x?xi1> {pare.name = "x", pare.dims = ["n", "m"]},
                %y: tensor<?xsi64> {pare.name = "y", pare.dims = ["n"]})
    -> (tensor<2x?xsi64> {pare.name = "a", pare.dims = ["", ""]},
        tensor<1x?xsi64> {pare.name = "b", pare.dims = ["", ""]}) {
  %a = pare.non_zero %x : (tensor<?x?xi1>) -> tensor<2x?xsi64>
  %b = pare.non_zero %y : (tensor<?xsi64>) -> tensor<1x?xsi64>
  return %a, %b : tensor<2x?xsi64>, tensor<1x?xsi64>
}
