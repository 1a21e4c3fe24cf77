// Trigonometry.
// RUN: pare verify %s
// RUN: pare verify %s --sizes n=157
func.func @main(%x: tensor<?x5xf32> {pare.name = "x", pare.dims = ["n", ""]})
    -> (tensor<?x5xf32> {pare.name = "sin_y", pare.dims = ["n", ""]},
        tensor<?x5xf32> {pare.name = "cos_y", pare.dims = ["n", ""]},
        tensor<?x5xf32> {pare.name = "tan_y", pare.dims = ["n", ""]},
        tensor<?x5xf32> {pare.name = "asin_y", pare.dims = ["n", ""]},
        tensor<?x5xf32> {pare.name = "acos_y", pare.dims = ["n", ""]},
        tensor<?x5xf32> {pare.name = "atan_y", pare.dims = ["n", ""]}) {
  %sin_y = pare.sin %x : (tensor<?x5xf32>) -> tensor<?x5xf32>
  %cos_y = pare.cos %x : (tensor<?x5xf32>) -> tensor<?x5xf32>
  %tan_y = pare.tan %x : (tensor<?x5xf32>) -> tensor<?x5xf32>
  %asin_y = pare.asin %x : (tensor<?x5xf32>) -> tensor<?x5xf32>
  %acos_y = pare.acos %x : (tensor<?x5xf32>) -> tensor<?x5xf32>
  %atan_y = pare.atan %x : (tensor<?x5xf32>) -> tensor<?x5xf32>
  return %sin_y, %cos_y, %tan_y, %asin_y, %acos_y, %atan_y : tensor<?x5xf32>, tensor<?x5xf32>, tensor<?x5xf32>, tensor<?x5xf32>, tensor<?x5xf32>, tensor<?x5xf32>
}
