// RUN: pare-opt %s --pare-canonicalize | FileCheck %s

// Nothing to do: x * 0 is NaN for an infinity, and -0 for a negative number.
// CHECK-LABEL: @nothing
// CHECK: pare.mul
// CHECK: pare.sub
func.func @nothing(%x: tensor<4xf32>) -> tensor<4xf32> {
  %zero = pare.constant dense<0.0> : tensor<f32>
  %a = pare.mul %x, %zero : (tensor<4xf32>, tensor<f32>) -> tensor<4xf32>
  %b = pare.sub %a, %a : (tensor<4xf32>, tensor<4xf32>) -> tensor<4xf32>
  return %b : tensor<4xf32>
}

// CHECK-LABEL: @transposes
// CHECK-NEXT: return %arg0
func.func @transposes(%x: tensor<2x3x4xf32>) -> tensor<2x3x4xf32> {
  %a = pare.transpose %x {permutation = array<i64: 1, 2, 0>} : (tensor<2x3x4xf32>) -> tensor<3x4x2xf32>
  %b = pare.transpose %a {permutation = array<i64: 2, 0, 1>} : (tensor<3x4x2xf32>) -> tensor<2x3x4xf32>
  return %b : tensor<2x3x4xf32>
}

// CHECK-LABEL: @noise
// CHECK-NEXT: return %arg0
func.func @noise(%x: tensor<?x4xf32>) -> tensor<?x4xf32> {
  %a = pare.cast %x {to = f32} : (tensor<?x4xf32>) -> tensor<?x4xf32>
  %b = pare.unsqueeze %a {axes = array<i64: 1>} : (tensor<?x4xf32>) -> tensor<?x1x4xf32>
  %c = pare.squeeze %b {axes = array<i64: 1>} : (tensor<?x1x4xf32>) -> tensor<?x4xf32>
  %d = pare.concat %c {axis = 0 : i64} : (tensor<?x4xf32>) -> tensor<?x4xf32>
  return %d : tensor<?x4xf32>
}

// Dequantises what is gathered, not the table.
// CHECK-LABEL: @embedding
// CHECK: %[[G:.*]] = pare.gather %{{.*}}, %arg0 {axis = 0 : i64} : (tensor<1000x4xsi8>, tensor<?xsi64>) -> tensor<?x4xsi8>
// CHECK: %[[D:.*]] = pare.dequantize %[[G]] {{.*}} -> tensor<?x4xf32>
// CHECK: pare.mul %[[D]]
func.func @embedding(%i: tensor<?xsi64>) -> tensor<?x4xf32> {
  %w = pare.constant dense<3> : tensor<1000x4xsi8>
  %s = pare.constant dense<0.5> : tensor<f32>
  %d = pare.dequantize %w scale(%s : tensor<f32>) {axis = 1 : i64, block_size = 0 : i64} : (tensor<1000x4xsi8>) -> tensor<1000x4xf32>
  %m = pare.mul %d, %s : (tensor<1000x4xf32>, tensor<f32>) -> tensor<1000x4xf32>
  %y = pare.gather %m, %i {axis = 0 : i64} : (tensor<1000x4xf32>, tensor<?xsi64>) -> tensor<?x4xf32>
  return %y : tensor<?x4xf32>
}
