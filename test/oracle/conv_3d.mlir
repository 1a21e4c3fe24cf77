// Three spatial axes.
// RUN: pare verify %s
// RUN: pare verify %s --sizes n=157
func.func @main(%x: tensor<?x2x4x4x3xf32> {pare.name = "x", pare.dims = ["n", "", "", "", ""]},
                %w: tensor<3x2x2x2x2xf32> {pare.name = "w"})
    -> (tensor<?x3x3x3x2xf32> {pare.name = "y", pare.dims = ["n", "", "", "", ""]}) {
  %y = pare.conv %x, %w {strides = array<i64: 1, 1, 1>, pads = array<i64: 0, 0, 0, 0, 0, 0>, dilations = array<i64: 1, 1, 1>, groups = 1 : i64} : (tensor<?x2x4x4x3xf32>, tensor<3x2x2x2x2xf32>) -> tensor<?x3x3x3x2xf32>
  return %y : tensor<?x3x3x3x2xf32>
}
