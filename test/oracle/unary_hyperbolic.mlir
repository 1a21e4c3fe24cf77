// Hyperbolic functions.
// RUN: pare verify %s
// RUN: pare verify %s --sizes n=157
func.func @main(%x: tensor<?x5xf32> {pare.name = "x", pare.dims = ["n", ""]})
    -> (tensor<?x5xf32> {pare.name = "sinh_y", pare.dims = ["n", ""]},
        tensor<?x5xf32> {pare.name = "cosh_y", pare.dims = ["n", ""]},
        tensor<?x5xf32> {pare.name = "asinh_y", pare.dims = ["n", ""]},
        tensor<?x5xf32> {pare.name = "acosh_y", pare.dims = ["n", ""]},
        tensor<?x5xf32> {pare.name = "atanh_y", pare.dims = ["n", ""]}) {
  %sinh_y = pare.sinh %x : (tensor<?x5xf32>) -> tensor<?x5xf32>
  %cosh_y = pare.cosh %x : (tensor<?x5xf32>) -> tensor<?x5xf32>
  %asinh_y = pare.asinh %x : (tensor<?x5xf32>) -> tensor<?x5xf32>
  %acosh_y = pare.acosh %x : (tensor<?x5xf32>) -> tensor<?x5xf32>
  %atanh_y = pare.atanh %x : (tensor<?x5xf32>) -> tensor<?x5xf32>
  return %sinh_y, %cosh_y, %asinh_y, %acosh_y, %atanh_y : tensor<?x5xf32>, tensor<?x5xf32>, tensor<?x5xf32>, tensor<?x5xf32>, tensor<?x5xf32>
}
