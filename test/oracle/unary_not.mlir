// Logical negation.
// RUN: pare verify %s
// RUN: pare verify %s --sizes m=157,n=67
func.func @main(%x: tensor<?x?xi1> {pare.name = "x", pare.dims = ["n", "m"]})
    -> (tensor<?x?xi1> {pare.name = "not_y", pare.dims = ["n", "m"]}) {
  %not_y = pare.not %x : (tensor<?x?xi1>) -> tensor<?x?xi1>
  return %not_y : tensor<?x?xi1>
}
