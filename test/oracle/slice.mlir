// Clamped, negative and strided slices of a dynamic axis.
// RUN: pare verify %s
// RUN: pare verify %s --sizes n=157
func.func @main(%x: tensor<?x8xf32> {pare.name = "x", pare.dims = ["n", ""]})
    -> (tensor<?x8xf32> {pare.name = "head", pare.dims = ["", ""]},
        tensor<?x8xf32> {pare.name = "tail", pare.dims = ["", ""]},
        tensor<?x8xf32> {pare.name = "but_last", pare.dims = ["", ""]},
        tensor<?x8xf32> {pare.name = "reversed", pare.dims = ["", ""]},
        tensor<?x3xf32> {pare.name = "strided", pare.dims = ["n", ""]}) {
  %zero = pare.constant dense<0> : tensor<1xsi64>
  %one = pare.constant dense<1> : tensor<1xsi64>
  %three = pare.constant dense<3> : tensor<1xsi64>
  %last = pare.constant dense<-1> : tensor<1xsi64>
  %far = pare.constant dense<9223372036854775807> : tensor<1xsi64>
  %lowest = pare.constant dense<-9223372036854775807> : tensor<1xsi64>
  %head = pare.slice %x, %zero, %three, %one {axes = array<i64: 0>} : (tensor<?x8xf32>, tensor<1xsi64>, tensor<1xsi64>, tensor<1xsi64>) -> tensor<?x8xf32>
  %tail = pare.slice %x, %one, %far, %one {axes = array<i64: 0>} : (tensor<?x8xf32>, tensor<1xsi64>, tensor<1xsi64>, tensor<1xsi64>) -> tensor<?x8xf32>
  %but_last = pare.slice %x, %zero, %last, %one {axes = array<i64: 0>} : (tensor<?x8xf32>, tensor<1xsi64>, tensor<1xsi64>, tensor<1xsi64>) -> tensor<?x8xf32>
  %reversed = pare.slice %x, %last, %lowest, %last {axes = array<i64: 0>} : (tensor<?x8xf32>, tensor<1xsi64>, tensor<1xsi64>, tensor<1xsi64>) -> tensor<?x8xf32>
  %strided = pare.slice %x, %one, %far, %three {axes = array<i64: 1>} : (tensor<?x8xf32>, tensor<1xsi64>, tensor<1xsi64>, tensor<1xsi64>) -> tensor<?x3xf32>
  return %head, %tail, %but_last, %reversed, %strided : tensor<?x8xf32>, tensor<?x8xf32>, tensor<?x8xf32>, tensor<?x8xf32>, tensor<?x3xf32>
}
