// Operands of rank 1.
// RUN: pare verify %s
// RUN: pare verify %s --sizes n=157
func.func @main(%a: tensor<?x4xf32> {pare.name = "a", pare.dims = ["n", ""]},
                %r: tensor<?xf32> {pare.name = "r", pare.dims = ["n"]},
                %c: tensor<4xf32> {pare.name = "c"})
    -> (tensor<?xf32> {pare.name = "right", pare.dims = ["n"]},
        tensor<4xf32> {pare.name = "left"},
        tensor<f32> {pare.name = "dot"}) {
  %right = pare.matmul %a, %c : (tensor<?x4xf32>, tensor<4xf32>) -> tensor<?xf32>
  %left = pare.matmul %r, %a : (tensor<?xf32>, tensor<?x4xf32>) -> tensor<4xf32>
  %dot = pare.matmul %r, %r : (tensor<?xf32>, tensor<?xf32>) -> tensor<f32>
  return %right, %left, %dot : tensor<?xf32>, tensor<4xf32>, tensor<f32>
}
