// Batches, also broadcast ones.
// RUN: pare verify %s
// RUN: pare verify %s --sizes b=157,n=67
func.func @main(%a: tensor<?x2x?x8xf32> {pare.name = "a", pare.dims = ["b", "", "n", ""]},
                %c: tensor<?x2x8x?xf32> {pare.name = "c", pare.dims = ["b", "", "", "n"]},
                %w: tensor<8x4xf32> {pare.name = "w"},
                %v: tensor<2x8x3xf32> {pare.name = "v"})
    -> (tensor<?x2x?x?xf32> {pare.name = "scores", pare.dims = ["b", "", "n", "n"]},
        tensor<?x2x?x4xf32> {pare.name = "shared", pare.dims = ["b", "", "n", ""]},
        tensor<?x2x?x3xf32> {pare.name = "heads", pare.dims = ["b", "", "n", ""]}) {
  %scores = pare.matmul %a, %c : (tensor<?x2x?x8xf32>, tensor<?x2x8x?xf32>) -> tensor<?x2x?x?xf32>
  %shared = pare.matmul %a, %w : (tensor<?x2x?x8xf32>, tensor<8x4xf32>) -> tensor<?x2x?x4xf32>
  %heads = pare.matmul %a, %v : (tensor<?x2x?x8xf32>, tensor<2x8x3xf32>) -> tensor<?x2x?x3xf32>
  return %scores, %shared, %heads : tensor<?x2x?x?xf32>, tensor<?x2x?x4xf32>, tensor<?x2x?x3xf32>
}
