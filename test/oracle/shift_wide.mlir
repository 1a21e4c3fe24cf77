// Shifts by the width and more give 0.
// RUN: pare verify %s
// RUN: pare verify %s --sizes n=157
func.func @main(%a: tensor<?x3xui32> {pare.name = "a", pare.dims = ["n", ""]})
    -> (tensor<?x3xui32> {pare.name = "left", pare.dims = ["n", ""]},
        tensor<?x3xui32> {pare.name = "right", pare.dims = ["n", ""]}) {
  %ones = pare.bit_not %a : (tensor<?x3xui32>) -> tensor<?x3xui32>
  %by = pare.constant dense<[31, 32, 40]> : tensor<3xui32>
  %left = pare.shift_left %ones, %by : (tensor<?x3xui32>, tensor<3xui32>) -> tensor<?x3xui32>
  %right = pare.shift_right %ones, %by : (tensor<?x3xui32>, tensor<3xui32>) -> tensor<?x3xui32>
  return %left, %right : tensor<?x3xui32>, tensor<?x3xui32>
}
