// NaN and infinities.
// RUN: pare verify %s
// RUN: pare verify %s --sizes n=157
func.func @main(%x: tensor<?x4xf32> {pare.name = "x", pare.dims = ["n", ""]})
    -> (tensor<?x4xi1> {pare.name = "nan", pare.dims = ["n", ""]},
        tensor<?x4xi1> {pare.name = "inf", pare.dims = ["n", ""]},
        tensor<?x4xi1> {pare.name = "up", pare.dims = ["n", ""]},
        tensor<?x4xf32> {pare.name = "largest", pare.dims = ["n", ""]},
        tensor<?x4xf32> {pare.name = "relu", pare.dims = ["n", ""]}) {
  %zero = pare.constant dense<0.0> : tensor<f32>
  %wild = pare.div %x, %zero : (tensor<?x4xf32>, tensor<f32>) -> tensor<?x4xf32>
  %odd = pare.log %x : (tensor<?x4xf32>) -> tensor<?x4xf32>
  %nan = pare.is_nan %odd : (tensor<?x4xf32>) -> tensor<?x4xi1>
  %inf = pare.is_inf %wild : (tensor<?x4xf32>) -> tensor<?x4xi1>
  %up = pare.is_inf %wild {detect_negative = false} : (tensor<?x4xf32>) -> tensor<?x4xi1>
  %largest = pare.max %odd, %wild : (tensor<?x4xf32>, tensor<?x4xf32>) -> tensor<?x4xf32>
  %relu = pare.relu %odd : (tensor<?x4xf32>) -> tensor<?x4xf32>
  return %nan, %inf, %up, %largest, %relu : tensor<?x4xi1>, tensor<?x4xi1>, tensor<?x4xi1>, tensor<?x4xf32>, tensor<?x4xf32>
}
