// Strides, padding, dilation, groups.
// RUN: pare verify %s
// RUN: pare verify %s --sizes n=157
func.func @main(%x: tensor<?x4x9x8xf32> {pare.name = "x", pare.dims = ["n", "", "", ""]},
                %w: tensor<6x4x3x3xf32> {pare.name = "w"},
                %g: tensor<4x1x3x3xf32> {pare.name = "g"},
                %p: tensor<6x4x1x1xf32> {pare.name = "p"},
                %b: tensor<6xf32> {pare.name = "b"})
    -> (tensor<?x6x9x8xf32> {pare.name = "plain", pare.dims = ["n", "", "", ""]},
        tensor<?x6x4x4xf32> {pare.name = "strided", pare.dims = ["n", "", "", ""]},
        tensor<?x6x5x2xf32> {pare.name = "dilated", pare.dims = ["n", "", "", ""]},
        tensor<?x4x9x8xf32> {pare.name = "depthwise", pare.dims = ["n", "", "", ""]},
        tensor<?x6x9x8xf32> {pare.name = "pointwise", pare.dims = ["n", "", "", ""]}) {
  %plain = pare.conv %x, %w, %b {strides = array<i64: 1, 1>, pads = array<i64: 1, 1, 1, 1>, dilations = array<i64: 1, 1>, groups = 1 : i64} : (tensor<?x4x9x8xf32>, tensor<6x4x3x3xf32>, tensor<6xf32>) -> tensor<?x6x9x8xf32>
  %strided = pare.conv %x, %w {strides = array<i64: 2, 2>, pads = array<i64: 0, 1, 1, 0>, dilations = array<i64: 1, 1>, groups = 1 : i64} : (tensor<?x4x9x8xf32>, tensor<6x4x3x3xf32>) -> tensor<?x6x4x4xf32>
  %dilated = pare.conv %x, %w {strides = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 2, 3>, groups = 1 : i64} : (tensor<?x4x9x8xf32>, tensor<6x4x3x3xf32>) -> tensor<?x6x5x2xf32>
  %depthwise = pare.conv %x, %g {strides = array<i64: 1, 1>, pads = array<i64: 1, 1, 1, 1>, dilations = array<i64: 1, 1>, groups = 4 : i64} : (tensor<?x4x9x8xf32>, tensor<4x1x3x3xf32>) -> tensor<?x4x9x8xf32>
  %pointwise = pare.conv %x, %p {strides = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>, groups = 1 : i64} : (tensor<?x4x9x8xf32>, tensor<6x4x1x1xf32>) -> tensor<?x6x9x8xf32>
  return %plain, %strided, %dilated, %depthwise, %pointwise : tensor<?x6x9x8xf32>, tensor<?x6x4x4xf32>, tensor<?x6x5x2xf32>, tensor<?x4x9x8xf32>, tensor<?x6x9x8xf32>
}
