// Padding with what is inside.
// RUN: pare verify %s
// RUN: pare verify %s --sizes n=157
func.func @main(%x: tensor<?x4xf32> {pare.name = "x", pare.dims = ["n", ""]})
    -> (tensor<?x9xf32> {pare.name = "a", pare.dims = ["n", ""]},
        tensor<?x9xf32> {pare.name = "b", pare.dims = ["n", ""]},
        tensor<?x9xf32> {pare.name = "c", pare.dims = ["n", ""]}) {
  %p = pare.constant dense<[0, 2, 0, 3]> : tensor<4xsi64>
  %a = pare.pad %x, %p {mode = #pare.pad_mode<reflect>} : (tensor<?x4xf32>, tensor<4xsi64>) -> tensor<?x9xf32>
  %b = pare.pad %x, %p {mode = #pare.pad_mode<edge>} : (tensor<?x4xf32>, tensor<4xsi64>) -> tensor<?x9xf32>
  %c = pare.pad %x, %p {mode = #pare.pad_mode<wrap>} : (tensor<?x4xf32>, tensor<4xsi64>) -> tensor<?x9xf32>
  return %a, %b, %c : tensor<?x9xf32>, tensor<?x9xf32>, tensor<?x9xf32>
}
