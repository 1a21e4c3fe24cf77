// Bytes: padding, and what rounds to bytes by channel, follow their image.
// RUN: pare-opt %s --pare-channels-last | FileCheck %s
// RUN: pare verify %s --sizes n=2
// CHECK-LABEL: func.func @bytes
// CHECK: %[[Q:.*]] = pare.quantize {{.*}} {axis = 3 : i64{{.*}}} : (tensor<?x4x4x2xf32>) -> tensor<?x4x4x2xui8>
// CHECK: %[[P:.*]] = pare.constant dense<[0, 1, 2, 0, 0, 3, 4, 0]> : tensor<8xsi64>
// CHECK: pare.pad %[[Q]], %[[P]], %{{.*}} -> tensor<?x8x10x2xui8>
// CHECK: pare.transpose %{{.*}} {permutation = array<i64: 3, 2, 0, 1>} : (tensor<1x1x2x3xsi8>) -> tensor<3x2x1x1xsi8>
// CHECK: pare.conv {{.*}} (tensor<?x2x8x10xui8>, tensor<3x2x1x1xsi8>) -> tensor<?x3x8x10xsi32>
func.func @bytes(%x: tensor<?x2x4x4xf32> {pare.name = "x", pare.dims = ["n", "", "", ""]}) -> (tensor<?x3x8x10xsi32> {pare.name = "y"}) {
  %w1 = pare.constant dense<0.5> : tensor<2x2x1x1xf32>
  %w2 = pare.constant dense<[[[[1]], [[-2]]], [[[3]], [[-128]]], [[[127]], [[5]]]]> : tensor<3x2x1x1xsi8>
  %s = pare.constant dense<[0.1, 0.2]> : tensor<2xf32>
  %z = pare.constant dense<[3, 4]> : tensor<2xui8>
  %v = pare.constant dense<7> : tensor<ui8>
  %p = pare.constant dense<[0, 0, 1, 2, 0, 0, 3, 4]> : tensor<8xsi64>
  %c = pare.conv %x, %w1 {strides = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>, groups = 1 : i64} : (tensor<?x2x4x4xf32>, tensor<2x2x1x1xf32>) -> tensor<?x2x4x4xf32>
  %q = pare.quantize %c scale(%s : tensor<2xf32>) zero_point(%z : tensor<2xui8>) {to = ui8, axis = 1 : i64, block_size = 0 : i64} : (tensor<?x2x4x4xf32>) -> tensor<?x2x4x4xui8>
  %d = pare.pad %q, %p, %v {mode = #pare.pad_mode<constant>} : (tensor<?x2x4x4xui8>, tensor<8xsi64>, tensor<ui8>) -> tensor<?x2x8x10xui8>
  %y = pare.conv %d, %w2 {strides = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>, groups = 1 : i64} : (tensor<?x2x8x10xui8>, tensor<3x2x1x1xsi8>) -> tensor<?x3x8x10xsi32>
  return %y : tensor<?x3x8x10xsi32>
}
