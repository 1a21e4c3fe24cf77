// Reductions along the last axis and of none.
// RUN: pare verify %s
// RUN: pare verify %s --sizes m=157,n=67
func.func @main(%x: tensor<?x?xf32> {pare.name = "x", pare.dims = ["n", "m"]})
    -> (tensor<?xf32> {pare.name = "sum_y", pare.dims = ["n"]},
        tensor<?xf32> {pare.name = "mean_y", pare.dims = ["n"]},
        tensor<?xf32> {pare.name = "max_y", pare.dims = ["n"]},
        tensor<?xf32> {pare.name = "min_y", pare.dims = ["n"]},
        tensor<?xf32> {pare.name = "prod_y", pare.dims = ["n"]}) {
  %sum_y = pare.reduce %x {axes = array<i64: 1>, kind = #pare.reduce_kind<sum>} : (tensor<?x?xf32>) -> tensor<?xf32>
  %mean_y = pare.reduce %x {axes = array<i64: 1>, kind = #pare.reduce_kind<mean>} : (tensor<?x?xf32>) -> tensor<?xf32>
  %max_y = pare.reduce %x {axes = array<i64: 1>, kind = #pare.reduce_kind<max>} : (tensor<?x?xf32>) -> tensor<?xf32>
  %min_y = pare.reduce %x {axes = array<i64: 1>, kind = #pare.reduce_kind<min>} : (tensor<?x?xf32>) -> tensor<?xf32>
  %prod_y = pare.reduce %x {axes = array<i64: 1>, kind = #pare.reduce_kind<prod>} : (tensor<?x?xf32>) -> tensor<?xf32>
  return %sum_y, %mean_y, %max_y, %min_y, %prod_y : tensor<?xf32>, tensor<?xf32>, tensor<?xf32>, tensor<?xf32>, tensor<?xf32>
}
