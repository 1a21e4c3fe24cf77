// What follows a product gives booleans, which its routine does not write.
// RUN: pare verify %s --sizes n=157
func.func @main(%a: tensor<?x70xf32> {pare.name = "a", pare.dims = ["n", ""]}, %b: tensor<70x60xf32> {pare.name = "b"},
                %t: tensor<60xf32> {pare.name = "t"}) -> (tensor<?x60xi1> {pare.name = "r", pare.dims = ["n", ""]}) {
  %p = pare.matmul %a, %b : (tensor<?x70xf32>, tensor<70x60xf32>) -> tensor<?x60xf32>
  %r = pare.compare %p, %t {kind = #pare.compare_kind<gt>} : (tensor<?x60xf32>, tensor<60xf32>) -> tensor<?x60xi1>
  return %r : tensor<?x60xi1>
}
