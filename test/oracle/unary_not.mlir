// Logical negation.
// RUN: pare-opt %s -o /dev/null
func.func @main(%x: tensor<?x?xi1> {pare.name = "x", pare.dims = ["n", "m"]})
    -> (tensor<?x?xi1> {pare.name = "not_y", pare.dims = ["n", "m"]}) {
  %not_y = pare.not %x : (tensor<?x?xi1>) -> tensor<?x?xi1>
  return %not_y : tensor<?x?xi1>
}
