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

// The branch that is taken, also where the other one has another rank.
// CHECK-LABEL: @branch
// CHECK-SAME: -> tensor<?x4xf32>
// CHECK-NOT: pare.if
// CHECK: %[[Y:.*]] = pare.squeeze
// CHECK-NEXT: return %[[Y]]
func.func @branch(%x: tensor<?x1x4xf32>) -> tensor<*xf32> {
  %c = pare.constant dense<true> : tensor<1xi1>
  %y = pare.if %c : tensor<1xi1> -> tensor<*xf32> {
    %s = pare.squeeze %x {axes = array<i64: 1>} : (tensor<?x1x4xf32>) -> tensor<?x4xf32>
    pare.yield %s : tensor<?x4xf32>
  } else {
    pare.yield %x : tensor<?x1x4xf32>
  }
  return %y : tensor<*xf32>
}

// A condition that is computed stays.
// CHECK-LABEL: @computed_branch
// CHECK: pare.if
func.func @computed_branch(%c: tensor<i1>, %x: tensor<4xf32>, %y: tensor<4xf32>) -> tensor<4xf32> {
  %z = pare.if %c : tensor<i1> -> tensor<4xf32> {
    pare.yield %x : tensor<4xf32>
  } else {
    pare.yield %y : tensor<4xf32>
  }
  return %z : tensor<4xf32>
}

// CHECK-LABEL: @levels_again
// CHECK: %[[T:.*]] = pare.transpose %arg0 {{.*}} : (tensor<?x4xsi8>) -> tensor<4x?xsi8>
// CHECK-NEXT: return %arg0, %[[T]]
func.func @levels_again(%x: tensor<?x4xsi8>) -> (tensor<?x4xsi8>, tensor<4x?xsi8>) {
  %s = pare.constant dense<0.3> : tensor<f32>
  %t = pare.constant dense<0.3> : tensor<1xf32>
  %z = pare.constant dense<0> : tensor<si8>
  %f = pare.dequantize %x scale(%s : tensor<f32>) {axis = 1 : i64, block_size = 0 : i64} : (tensor<?x4xsi8>) -> tensor<?x4xf32>
  %a = pare.quantize %f scale(%t : tensor<1xf32>) zero_point(%z : tensor<si8>) {to = si8, axis = 1 : i64, block_size = 0 : i64} : (tensor<?x4xf32>) -> tensor<?x4xsi8>
  %m = pare.transpose %f {permutation = array<i64: 1, 0>} : (tensor<?x4xf32>) -> tensor<4x?xf32>
  %b = pare.quantize %m scale(%s : tensor<f32>) {to = si8, axis = 1 : i64, block_size = 0 : i64} : (tensor<4x?xf32>) -> tensor<4x?xsi8>
  return %a, %b : tensor<?x4xsi8>, tensor<4x?xsi8>
}

// Other levels, and levels that are not known.
// CHECK-LABEL: @other_levels
// CHECK: pare.quantize
// CHECK: pare.quantize
// CHECK: pare.quantize
func.func @other_levels(%x: tensor<?x4xsi8>, %s: tensor<f32>) -> (tensor<?x4xsi8>, tensor<?x4xui8>, tensor<?x4xsi8>) {
  %c = pare.constant dense<0.3> : tensor<f32>
  %d = pare.constant dense<0.31> : tensor<f32>
  %f = pare.dequantize %x scale(%c : tensor<f32>) {axis = 1 : i64, block_size = 0 : i64} : (tensor<?x4xsi8>) -> tensor<?x4xf32>
  %g = pare.dequantize %x scale(%s : tensor<f32>) {axis = 1 : i64, block_size = 0 : i64} : (tensor<?x4xsi8>) -> tensor<?x4xf32>
  %a = pare.quantize %f scale(%d : tensor<f32>) {to = si8, axis = 1 : i64, block_size = 0 : i64} : (tensor<?x4xf32>) -> tensor<?x4xsi8>
  %b = pare.quantize %f scale(%c : tensor<f32>) {to = ui8, axis = 1 : i64, block_size = 0 : i64} : (tensor<?x4xf32>) -> tensor<?x4xui8>
  %e = pare.quantize %g scale(%s : tensor<f32>) {to = si8, axis = 1 : i64, block_size = 0 : i64} : (tensor<?x4xf32>) -> tensor<?x4xsi8>
  return %a, %b, %e : tensor<?x4xsi8>, tensor<?x4xui8>, tensor<?x4xsi8>
}
