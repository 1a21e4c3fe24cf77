// Dynamic rows against a matrix.
// RUN: pare verify %s
// RUN: pare verify %s --sizes n=157
func.func @main(%a: tensor<?x24xf32> {pare.name = "a", pare.dims = ["n", ""]},
                %b: tensor<24x40xf32> {pare.name = "b"})
    -> (tensor<?x40xf32> {pare.name = "y", pare.dims = ["n", ""]}) {
  %y = pare.matmul %a, %b : (tensor<?x24xf32>, tensor<24x40xf32>) -> tensor<?x40xf32>
  return %y : tensor<?x40xf32>
}
