// Joins along both axes.
// RUN: pare verify %s
// RUN: pare verify %s --sizes m=157,n=67
func.func @main(%a: tensor<?x3xf32> {pare.name = "a", pare.dims = ["n", ""]},
                %b: tensor<?x3xf32> {pare.name = "b", pare.dims = ["m", ""]},
                %c: tensor<?x2xf32> {pare.name = "c", pare.dims = ["n", ""]})
    -> (tensor<?x3xf32> {pare.name = "rows", pare.dims = ["", ""]},
        tensor<?x5xf32> {pare.name = "columns", pare.dims = ["n", ""]}) {
  %rows = pare.concat %a, %b, %a {axis = 0 : i64} : (tensor<?x3xf32>, tensor<?x3xf32>, tensor<?x3xf32>) -> tensor<?x3xf32>
  %columns = pare.concat %a, %c {axis = 1 : i64} : (tensor<?x3xf32>, tensor<?x2xf32>) -> tensor<?x5xf32>
  return %rows, %columns : tensor<?x3xf32>, tensor<?x5xf32>
}
