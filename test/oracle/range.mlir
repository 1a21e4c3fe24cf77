// Positions along a dynamic axis.
// RUN: pare verify %s
// RUN: pare verify %s --sizes n=157
func.func @main(%x: tensor<?x4xf32> {pare.name = "x", pare.dims = ["n", ""]})
    -> (tensor<?xsi64> {pare.name = "up", pare.dims = [""]},
        tensor<?xsi64> {pare.name = "even", pare.dims = [""]},
        tensor<?xsi64> {pare.name = "down", pare.dims = [""]},
        tensor<?xf32> {pare.name = "quarters", pare.dims = [""]}) {
  %s = pare.shape_of %x : (tensor<?x4xf32>) -> tensor<2xsi64>
  %first = pare.constant dense<0> : tensor<si64>
  %n = pare.gather %s, %first {axis = 0 : i64} : (tensor<2xsi64>, tensor<si64>) -> tensor<si64>
  %one = pare.constant dense<1> : tensor<si64>
  %two = pare.constant dense<2> : tensor<si64>
  %up = pare.range %first, %n, %one : (tensor<si64>, tensor<si64>, tensor<si64>) -> tensor<?xsi64>
  %even = pare.range %first, %n, %two : (tensor<si64>, tensor<si64>, tensor<si64>) -> tensor<?xsi64>
  %minus = pare.constant dense<-1> : tensor<si64>
  %down = pare.range %n, %first, %minus : (tensor<si64>, tensor<si64>, tensor<si64>) -> tensor<?xsi64>
  %end = pare.cast %n {to = f32} : (tensor<si64>) -> tensor<f32>
  %start = pare.constant dense<5.0e-01> : tensor<f32>
  %step = pare.constant dense<2.5e-01> : tensor<f32>
  %quarters = pare.range %start, %end, %step : (tensor<f32>, tensor<f32>, tensor<f32>) -> tensor<?xf32>
  return %up, %even, %down, %quarters : tensor<?xsi64>, tensor<?xsi64>, tensor<?xsi64>, tensor<?xf32>
}
