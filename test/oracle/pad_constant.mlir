// Padding and cropping with a value.
// RUN: pare verify %s
// RUN: pare verify %s --sizes n=157
func.func @main(%x: tensor<?x4xf32> {pare.name = "x", pare.dims = ["n", ""]})
    -> (tensor<?x5xf32> {pare.name = "y", pare.dims = ["", ""]},
        tensor<?x5xf32> {pare.name = "z", pare.dims = ["", ""]}) {
  %p = pare.constant dense<[1, 2, 0, -1]> : tensor<4xsi64>
  %v = pare.constant dense<-1.5> : tensor<f32>
  %y = pare.pad %x, %p, %v {mode = #pare.pad_mode<constant>} : (tensor<?x4xf32>, tensor<4xsi64>, tensor<f32>) -> tensor<?x5xf32>
  %z = pare.pad %x, %p {mode = #pare.pad_mode<constant>} : (tensor<?x4xf32>, tensor<4xsi64>) -> tensor<?x5xf32>
  return %y, %z : tensor<?x5xf32>, tensor<?x5xf32>
}
