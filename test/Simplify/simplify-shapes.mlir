// RUN: pare-opt %s --pare-simplify-shapes | FileCheck %s

// Nothing to do: the size is not known to be the same.
// CHECK-LABEL: @nothing
// CHECK: pare.reshape
func.func @nothing(%x: tensor<?x4xf32>, %s: tensor<2xsi64>) -> tensor<?x?xf32> {
  %y = pare.reshape %x, %s : (tensor<?x4xf32>, tensor<2xsi64>) -> tensor<?x?xf32>
  return %y : tensor<?x?xf32>
}

// CHECK-LABEL: @same_shape
// CHECK-NEXT: return %arg0
func.func @same_shape(%x: tensor<?x4xf32>) -> tensor<?x4xf32> {
  %s = pare.shape_of %x : (tensor<?x4xf32>) -> tensor<2xsi64>
  %y = pare.reshape %x, %s : (tensor<?x4xf32>, tensor<2xsi64>) -> tensor<?x4xf32>
  return %y : tensor<?x4xf32>
}

// Dimensions of one name are equal.
// CHECK-LABEL: @named
// CHECK-NEXT: return %arg0
func.func @named(%x: tensor<?x4xf32> {pare.dims = ["batch", ""]}, %y: tensor<?xf32> {pare.dims = ["batch"]}) -> tensor<?x4xf32> {
  %c = pare.constant dense<4> : tensor<1xsi64>
  %s = pare.shape_of %y : (tensor<?xf32>) -> tensor<1xsi64>
  %t = pare.concat %s, %c {axis = 0 : i64} : (tensor<1xsi64>, tensor<1xsi64>) -> tensor<2xsi64>
  %z = pare.expand %x, %t : (tensor<?x4xf32>, tensor<2xsi64>) -> tensor<?x4xf32>
  return %z : tensor<?x4xf32>
}

// CHECK-LABEL: @other_name
// CHECK: pare.expand
func.func @other_name(%x: tensor<?x4xf32> {pare.dims = ["batch", ""]}, %y: tensor<?xf32> {pare.dims = ["rows"]}) -> tensor<?x4xf32> {
  %c = pare.constant dense<4> : tensor<1xsi64>
  %s = pare.shape_of %y : (tensor<?xf32>) -> tensor<1xsi64>
  %t = pare.concat %s, %c {axis = 0 : i64} : (tensor<1xsi64>, tensor<1xsi64>) -> tensor<2xsi64>
  %z = pare.expand %x, %t : (tensor<?x4xf32>, tensor<2xsi64>) -> tensor<?x4xf32>
  return %z : tensor<?x4xf32>
}

// CHECK-LABEL: @constant_elements
// CHECK: %[[C:.*]] = pare.constant dense<4> : tensor<1xsi64>
// CHECK-NEXT: return %[[C]]
func.func @constant_elements(%x: tensor<?x4xf32>) -> tensor<1xsi64> {
  %i = pare.constant dense<1> : tensor<1xsi64>
  %s = pare.shape_of %x : (tensor<?x4xf32>) -> tensor<2xsi64>
  %b = pare.gather %s, %i {axis = 0 : i64} : (tensor<2xsi64>, tensor<1xsi64>) -> tensor<1xsi64>
  return %b : tensor<1xsi64>
}

// CHECK-LABEL: @whole_slice
// CHECK-NEXT: return %arg0
func.func @whole_slice(%x: tensor<?x4xf32>) -> tensor<?x4xf32> {
  %b = pare.constant dense<0> : tensor<1xsi64>
  %e = pare.constant dense<9223372036854775807> : tensor<1xsi64>
  %s = pare.constant dense<1> : tensor<1xsi64>
  %y = pare.slice %x, %b, %e, %s {axes = array<i64: 0>} : (tensor<?x4xf32>, tensor<1xsi64>, tensor<1xsi64>, tensor<1xsi64>) -> tensor<?x4xf32>
  return %y : tensor<?x4xf32>
}

// A slice that turns a tensor around has its shape too.
// CHECK-LABEL: @reversed
// CHECK: pare.slice
func.func @reversed(%x: tensor<4xf32>) -> tensor<4xf32> {
  %b = pare.constant dense<-1> : tensor<1xsi64>
  %e = pare.constant dense<-5> : tensor<1xsi64>
  %y = pare.slice %x, %b, %e, %b {axes = array<i64: 0>} : (tensor<4xf32>, tensor<1xsi64>, tensor<1xsi64>, tensor<1xsi64>) -> tensor<4xf32>
  return %y : tensor<4xf32>
}
