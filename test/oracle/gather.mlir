// Rows and columns of a table.
// RUN: pare verify %s
// RUN: pare verify %s --sizes m=157,n=67
func.func @main(%t: tensor<5x3xf32> {pare.name = "t"},
                %i: tensor<?x?xsi64> {pare.name = "i", pare.dims = ["n", "m"]},
                %j: tensor<?xsi32> {pare.name = "j", pare.dims = ["n"]})
    -> (tensor<?x?x3xf32> {pare.name = "rows", pare.dims = ["n", "m", ""]},
        tensor<5x?xf32> {pare.name = "columns", pare.dims = ["", "n"]}) {
  %rows = pare.gather %t, %i {axis = 0 : i64} : (tensor<5x3xf32>, tensor<?x?xsi64>) -> tensor<?x?x3xf32>
  %columns = pare.gather %t, %j {axis = 1 : i64} : (tensor<5x3xf32>, tensor<?xsi32>) -> tensor<5x?xf32>
  return %rows, %columns : tensor<?x?x3xf32>, tensor<5x?xf32>
}
