// Convolution over a dynamic axis.
// RUN: pare verify %s
// RUN: pare verify %s --sizes l=157,n=67
func.func @main(%x: tensor<?x3x?xf32> {pare.name = "x", pare.dims = ["n", "", "l"]},
                %w: tensor<5x3x3xf32> {pare.name = "w"},
                %b: tensor<5xf32> {pare.name = "b"})
    -> (tensor<?x5x?xf32> {pare.name = "y", pare.dims = ["n", "", ""]}) {
  %y = pare.conv %x, %w, %b {strides = array<i64: 1>, pads = array<i64: 1, 1>, dilations = array<i64: 1>, groups = 1 : i64} : (tensor<?x3x?xf32>, tensor<5x3x3xf32>, tensor<5xf32>) -> tensor<?x5x?xf32>
  return %y : tensor<?x5x?xf32>
}
