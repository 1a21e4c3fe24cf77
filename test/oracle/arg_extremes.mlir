// Positions of extremes; equal elements are common among small integers.
// RUN: pare verify %s
// RUN: pare verify %s --sizes n=157
func.func @main(%x: tensor<?x6xf32> {pare.name = "x", pare.dims = ["n", ""]},
                %y: tensor<?x6xsi32> {pare.name = "y", pare.dims = ["n", ""]})
    -> (tensor<?xsi64> {pare.name = "max", pare.dims = ["n"]},
        tensor<?x1xsi64> {pare.name = "min", pare.dims = ["n", ""]},
        tensor<?xsi64> {pare.name = "first", pare.dims = ["n"]},
        tensor<?xsi64> {pare.name = "last", pare.dims = ["n"]},
        tensor<?xsi64> {pare.name = "last_min", pare.dims = ["n"]}) {
  %max = pare.arg_max %x {axis = 1 : i64} : (tensor<?x6xf32>) -> tensor<?xsi64>
  %min = pare.arg_min %x {axis = 1 : i64, keep_dims} : (tensor<?x6xf32>) -> tensor<?x1xsi64>
  %first = pare.arg_max %y {axis = 1 : i64} : (tensor<?x6xsi32>) -> tensor<?xsi64>
  %last = pare.arg_max %y {axis = 1 : i64, select_last} : (tensor<?x6xsi32>) -> tensor<?xsi64>
  %last_min = pare.arg_min %y {axis = 1 : i64, select_last} : (tensor<?x6xsi32>) -> tensor<?xsi64>
  return %max, %min, %first, %last, %last_min : tensor<?xsi64>, tensor<?x1xsi64>, tensor<?xsi64>, tensor<?xsi64>, tensor<?xsi64>
}
