// Branches of different shapes, and values from outside.
// RUN: pare verify %s
// RUN: pare verify %s --sizes n=157
func.func @main(%c: tensor<i1> {pare.name = "c"},
                %x: tensor<?x4xf32> {pare.name = "x", pare.dims = ["n", ""]})
    -> (tensor<?x4xf32> {pare.name = "y", pare.dims = ["", ""]}) {
  %one = pare.constant dense<1.0> : tensor<f32>
  %y = pare.if %c : tensor<i1> -> tensor<?x4xf32> {
    %a = pare.add %x, %one : (tensor<?x4xf32>, tensor<f32>) -> tensor<?x4xf32>
    pare.yield %a : tensor<?x4xf32>
  } else {
    %b = pare.concat %x, %x {axis = 0 : i64} : (tensor<?x4xf32>, tensor<?x4xf32>) -> tensor<?x4xf32>
    pare.yield %b : tensor<?x4xf32>
  }
  return %y : tensor<?x4xf32>
}
