// Bounds that are known only at run time.
// RUN: pare verify %s
// RUN: pare verify %s --sizes n=157
func.func @main(%x: tensor<?x4xf32> {pare.name = "x", pare.dims = ["n", ""]},
                %end: tensor<1xsi64> {pare.name = "end"})
    -> (tensor<?x4xf32> {pare.name = "y", pare.dims = ["", ""]}) {
  %zero = pare.constant dense<0> : tensor<1xsi64>
  %one = pare.constant dense<1> : tensor<1xsi64>
  %y = pare.slice %x, %zero, %end, %one {axes = array<i64: 0>} : (tensor<?x4xf32>, tensor<1xsi64>, tensor<1xsi64>, tensor<1xsi64>) -> tensor<?x4xf32>
  return %y : tensor<?x4xf32>
}
