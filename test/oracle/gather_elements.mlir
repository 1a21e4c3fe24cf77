// Elements along an axis.
// RUN: pare verify %s
// RUN: pare verify %s --sizes n=157
func.func @main(%x: tensor<?x4xf32> {pare.name = "x", pare.dims = ["n", ""]},
                %i: tensor<?x2xsi64> {pare.name = "i", pare.dims = ["n", ""]})
    -> (tensor<?x2xf32> {pare.name = "y", pare.dims = ["n", ""]}) {
  %y = pare.gather_elements %x, %i {axis = 1 : i64} : (tensor<?x4xf32>, tensor<?x2xsi64>) -> tensor<?x2xf32>
  return %y : tensor<?x2xf32>
}
