// A constant result beside a dynamic one.
// RUN: pare verify %s
// RUN: pare verify %s --sizes n=157
func.func @main(%x: tensor<?xf32> {pare.name = "x", pare.dims = ["n"]})
    -> (tensor<3xf32> {pare.name = "c"},
        tensor<?xf32> {pare.name = "y", pare.dims = ["n"]}) {
  %c = pare.constant dense<[1.0, 2.0, 3.0]> : tensor<3xf32>
  %y = pare.neg %x : (tensor<?xf32>) -> tensor<?xf32>
  return %c, %y : tensor<3xf32>, tensor<?xf32>
}
