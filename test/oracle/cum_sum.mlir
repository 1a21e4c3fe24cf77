// Running sums.
// RUN: pare verify %s
// RUN: pare verify %s --sizes m=157,n=67
func.func @main(%x: tensor<?x?xf32> {pare.name = "x", pare.dims = ["n", "m"]},
                %y: tensor<?x?xsi64> {pare.name = "y", pare.dims = ["n", "m"]})
    -> (tensor<?x?xf32> {pare.name = "a", pare.dims = ["n", "m"]},
        tensor<?x?xsi64> {pare.name = "b", pare.dims = ["n", "m"]},
        tensor<?x?xsi64> {pare.name = "c", pare.dims = ["n", "m"]},
        tensor<?x?xsi64> {pare.name = "d", pare.dims = ["n", "m"]}) {
  %a = pare.cum_sum %x {axis = 1 : i64} : (tensor<?x?xf32>) -> tensor<?x?xf32>
  %b = pare.cum_sum %y {axis = 0 : i64, exclusive} : (tensor<?x?xsi64>) -> tensor<?x?xsi64>
  %c = pare.cum_sum %y {axis = 1 : i64, reverse} : (tensor<?x?xsi64>) -> tensor<?x?xsi64>
  %d = pare.cum_sum %y {axis = 1 : i64, exclusive, reverse} : (tensor<?x?xsi64>) -> tensor<?x?xsi64>
  return %a, %b, %c, %d : tensor<?x?xf32>, tensor<?x?xsi64>, tensor<?x?xsi64>, tensor<?x?xsi64>
}
