// Integers: sums wrap around, the extremes of nothing are those of the type.
// RUN: pare verify %s
// RUN: pare verify %s --sizes m=157,n=67
func.func @main(%x: tensor<?x?xsi64> {pare.name = "x", pare.dims = ["n", "m"]},
                %y: tensor<?x?xui8> {pare.name = "y", pare.dims = ["n", "m"]})
    -> (tensor<?xsi64> {pare.name = "sum_x", pare.dims = ["n"]},
        tensor<?xui8> {pare.name = "sum_y", pare.dims = ["n"]},
        tensor<?xsi64> {pare.name = "max_x", pare.dims = ["n"]},
        tensor<?xui8> {pare.name = "max_y", pare.dims = ["n"]},
        tensor<?xsi64> {pare.name = "min_x", pare.dims = ["n"]},
        tensor<?xui8> {pare.name = "min_y", pare.dims = ["n"]},
        tensor<?xsi64> {pare.name = "prod_x", pare.dims = ["n"]},
        tensor<?xui8> {pare.name = "prod_y", pare.dims = ["n"]}) {
  %sum_x = pare.reduce %x {axes = array<i64: 1>, kind = #pare.reduce_kind<sum>} : (tensor<?x?xsi64>) -> tensor<?xsi64>
  %sum_y = pare.reduce %y {axes = array<i64: 1>, kind = #pare.reduce_kind<sum>} : (tensor<?x?xui8>) -> tensor<?xui8>
  %max_x = pare.reduce %x {axes = array<i64: 1>, kind = #pare.reduce_kind<max>} : (tensor<?x?xsi64>) -> tensor<?xsi64>
  %max_y = pare.reduce %y {axes = array<i64: 1>, kind = #pare.reduce_kind<max>} : (tensor<?x?xui8>) -> tensor<?xui8>
  %min_x = pare.reduce %x {axes = array<i64: 1>, kind = #pare.reduce_kind<min>} : (tensor<?x?xsi64>) -> tensor<?xsi64>
  %min_y = pare.reduce %y {axes = array<i64: 1>, kind = #pare.reduce_kind<min>} : (tensor<?x?xui8>) -> tensor<?xui8>
  %prod_x = pare.reduce %x {axes = array<i64: 1>, kind = #pare.reduce_kind<prod>} : (tensor<?x?xsi64>) -> tensor<?xsi64>
  %prod_y = pare.reduce %y {axes = array<i64: 1>, kind = #pare.reduce_kind<prod>} : (tensor<?x?xui8>) -> tensor<?xui8>
  return %sum_x, %sum_y, %max_x, %max_y, %min_x, %min_y, %prod_x, %prod_y : tensor<?xsi64>, tensor<?xui8>, tensor<?xsi64>, tensor<?xui8>, tensor<?xsi64>, tensor<?xui8>, tensor<?xsi64>, tensor<?xui8>
}
