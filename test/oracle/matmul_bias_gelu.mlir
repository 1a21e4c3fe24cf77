// A contraction with its epilogue.
// RUN: pare verify %s
// RUN: pare verify %s --sizes n=157
func.func @main(%a: tensor<?x16xf32> {pare.name = "a", pare.dims = ["n", ""]},
                %w: tensor<16x20xf32> {pare.name = "w"},
                %b: tensor<20xf32> {pare.name = "b"},
                %r: tensor<?x20xf32> {pare.name = "r", pare.dims = ["n", ""]})
    -> (tensor<?x20xf32> {pare.name = "y", pare.dims = ["n", ""]}) {
  %p = pare.matmul %a, %w : (tensor<?x16xf32>, tensor<16x20xf32>) -> tensor<?x20xf32>
  %q = pare.add %p, %b : (tensor<?x20xf32>, tensor<20xf32>) -> tensor<?x20xf32>
  %g = pare.gelu %q : (tensor<?x20xf32>) -> tensor<?x20xf32>
  %y = pare.add %g, %r : (tensor<?x20xf32>, tensor<?x20xf32>) -> tensor<?x20xf32>
  return %y : tensor<?x20xf32>
}
