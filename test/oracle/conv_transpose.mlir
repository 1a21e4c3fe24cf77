// Transposed convolution.
// RUN: pare verify %s
// RUN: pare verify %s --sizes n=157
func.func @main(%x: tensor<?x4x5xf32> {pare.name = "x", pare.dims = ["n", "", ""]},
                %w: tensor<4x3x3xf32> {pare.name = "w"},
                %g: tensor<4x1x2xf32> {pare.name = "g"},
                %b: tensor<3xf32> {pare.name = "b"},
                %z: tensor<?x2x3x4xf32> {pare.name = "z", pare.dims = ["n", "", "", ""]},
                %v: tensor<2x3x3x3xf32> {pare.name = "v"})
    -> (tensor<?x3x10xf32> {pare.name = "y", pare.dims = ["n", "", ""]},
        tensor<?x4x7xf32> {pare.name = "grouped", pare.dims = ["n", "", ""]},
        tensor<?x3x7x9xf32> {pare.name = "image", pare.dims = ["n", "", "", ""]}) {
  %y = pare.conv_transpose %x, %w, %b {strides = array<i64: 2>, pads = array<i64: 1, 1>, dilations = array<i64: 1>, output_padding = array<i64: 1>, groups = 1 : i64} : (tensor<?x4x5xf32>, tensor<4x3x3xf32>, tensor<3xf32>) -> tensor<?x3x10xf32>
  %grouped = pare.conv_transpose %x, %g {strides = array<i64: 1>, pads = array<i64: 0, 0>, dilations = array<i64: 2>, output_padding = array<i64: 0>, groups = 4 : i64} : (tensor<?x4x5xf32>, tensor<4x1x2xf32>) -> tensor<?x4x7xf32>
  %image = pare.conv_transpose %z, %v {strides = array<i64: 2, 2>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>, output_padding = array<i64: 0, 0>, groups = 1 : i64} : (tensor<?x2x3x4xf32>, tensor<2x3x3x3xf32>) -> tensor<?x3x7x9xf32>
  return %y, %grouped, %image : tensor<?x3x10xf32>, tensor<?x4x7xf32>, tensor<?x3x7x9xf32>
}
