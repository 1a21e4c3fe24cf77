// RUN: pare-opt %s --pare-fold-constants --split-input-file | FileCheck %s
// RUN: pare-opt %s --pare-fold-constants=keep-quantized --split-input-file | FileCheck %s --check-prefix=KEEP

// Nothing to do.
// CHECK-LABEL: @nothing
// CHECK: pare.add
func.func @nothing(%x: tensor<2xf32>) -> tensor<2xf32> {
  %c = pare.constant dense<1.0> : tensor<2xf32>
  %y = pare.add %x, %c : (tensor<2xf32>, tensor<2xf32>) -> tensor<2xf32>
  return %y : tensor<2xf32>
}

// CHECK-LABEL: @chain
// CHECK: pare.constant dense<[5, 9]> : tensor<2xsi64>
// CHECK-NOT: pare.add
func.func @chain() -> tensor<2xsi64> {
  %a = pare.constant dense<[1, 3]> : tensor<2xsi64>
  %b = pare.constant dense<[3, 3]> : tensor<2xsi64>
  %c = pare.add %a, %b : (tensor<2xsi64>, tensor<2xsi64>) -> tensor<2xsi64>
  %d = pare.add %a, %c : (tensor<2xsi64>, tensor<2xsi64>) -> tensor<2xsi64>
  return %d : tensor<2xsi64>
}

// What would grow the model stays an op.
// CHECK-LABEL: @grows
// CHECK: pare.dequantize
func.func @grows() -> tensor<4096x4xf32> {
  %w = pare.constant dense<3> : tensor<4096x4xsi8>
  %s = pare.constant dense<0.5> : tensor<f32>
  %y = pare.dequantize %w scale(%s : tensor<f32>) {axis = 1 : i64, block_size = 0 : i64} : (tensor<4096x4xsi8>) -> tensor<4096x4xf32>
  return %y : tensor<4096x4xf32>
}

// An error of the model is left for its run.
// CHECK-LABEL: @error
// CHECK: pare.div
func.func @error() -> tensor<si64> {
  %a = pare.constant dense<1> : tensor<si64>
  %b = pare.constant dense<0> : tensor<si64>
  %c = pare.div %a, %b : (tensor<si64>, tensor<si64>) -> tensor<si64>
  return %c : tensor<si64>
}

// Weights of attention that depend on positions alone; what is computed with cheap operations stays small.
// CHECK-LABEL: @positions
// CHECK-NOT: pare.softmax
// CHECK: pare.constant dense<7.812500e-03> : tensor<2x128x128xf32>
// CHECK-NOT: pare.softmax
// CHECK: pare.matmul
// CHECK-NOT: pare.matmul
// CHECK: pare.expand
func.func @positions(%v: tensor<?x2x128x16xf32>) -> (tensor<?x2x128x16xf32>, tensor<128x128xf32>) {
  %q = pare.constant dense<0.5> : tensor<2x128x32xf32>
  %k = pare.constant dense<0.25> : tensor<2x32x128xf32>
  %row = pare.constant dense<1.0> : tensor<1x128xf32>
  %sizes = pare.constant dense<128> : tensor<2xsi64>
  %s = pare.matmul %q, %k : (tensor<2x128x32xf32>, tensor<2x32x128xf32>) -> tensor<2x128x128xf32>
  %p = pare.softmax %s {axis = 2 : i64} : (tensor<2x128x128xf32>) -> tensor<2x128x128xf32>
  %y = pare.matmul %p, %v : (tensor<2x128x128xf32>, tensor<?x2x128x16xf32>) -> tensor<?x2x128x16xf32>
  %e = pare.expand %row, %sizes : (tensor<1x128xf32>, tensor<2xsi64>) -> tensor<128x128xf32>
  return %y, %e : tensor<?x2x128x16xf32>, tensor<128x128xf32>
}

// -----

// Few dequantised bytes become floats, unless --pare-multiply-quantized is still to come.
// CHECK-LABEL: func.func @dequantized
// CHECK: pare.constant dense<[5.000000e-01, 1.000000e+00]>
// KEEP-LABEL: func.func @dequantized
// KEEP: pare.dequantize
func.func @dequantized() -> tensor<2xf32> {
  %x = pare.constant dense<[1, 2]> : tensor<2xsi8>
  %s = pare.constant dense<0.5> : tensor<f32>
  %y = pare.dequantize %x scale(%s : tensor<f32>) {axis = 0 : i64, block_size = 0 : i64} : (tensor<2xsi8>) -> tensor<2xf32>
  return %y : tensor<2xf32>
}
