// Clamping to one or two bounds, also reversed ones.
// RUN: pare verify %s
// RUN: pare verify %s --sizes n=157
func.func @main(%x: tensor<?x4xf32> {pare.name = "x", pare.dims = ["n", ""]})
    -> (tensor<?x4xf32> {pare.name = "both", pare.dims = ["n", ""]},
        tensor<?x4xf32> {pare.name = "lower", pare.dims = ["n", ""]},
        tensor<?x4xf32> {pare.name = "upper", pare.dims = ["n", ""]},
        tensor<?x4xf32> {pare.name = "reversed", pare.dims = ["n", ""]}) {
  %low = pare.constant dense<-5.0e-01> : tensor<f32>
  %high = pare.constant dense<5.0e-01> : tensor<f32>
  %both = pare.clip %x low(%low : tensor<f32>) high(%high : tensor<f32>) : (tensor<?x4xf32>) -> tensor<?x4xf32>
  %lower = pare.clip %x low(%low : tensor<f32>) : (tensor<?x4xf32>) -> tensor<?x4xf32>
  %upper = pare.clip %x high(%high : tensor<f32>) : (tensor<?x4xf32>) -> tensor<?x4xf32>
  %reversed = pare.clip %x low(%high : tensor<f32>) high(%low : tensor<f32>) : (tensor<?x4xf32>) -> tensor<?x4xf32>
  return %both, %lower, %upper, %reversed : tensor<?x4xf32>, tensor<?x4xf32>, tensor<?x4xf32>, tensor<?x4xf32>
}
