// Transposed convolutions as convolutions of stride 1 whose results interleave.
// RUN: pare-opt %s --pare-channels-last --split-input-file | FileCheck %s

// Nothing to do: a weight that is computed, other types, a result that is cut by more than an image may have, and a weight
// that is not finite, of which no product with padding may be part.
// CHECK-LABEL: func.func @nothing
// CHECK-COUNT-4: pare.conv_transpose
// CHECK-NOT: pare.conv
func.func @nothing(%x: tensor<?x4x5xf32>, %w: tensor<4x3x3xf32>, %h: tensor<?x1x5xf64>, %z: tensor<?x1x?xf32>) -> (tensor<?x3x11xf32>, tensor<?x1x6xf64>, tensor<?x1x?xf32>, tensor<?x1x?xf32>) {
  %i = pare.constant dense<[[[1.0, 0x7F800000]]]> : tensor<1x1x2xf32>
  %v = pare.constant dense<[[[1.0, 2.0]]]> : tensor<1x1x2xf64>
  %u = pare.constant dense<[[[1.0, 2.0]]]> : tensor<1x1x2xf32>
  %a = pare.conv_transpose %x, %w {strides = array<i64: 2>, pads = array<i64: 0, 0>, dilations = array<i64: 1>, output_padding = array<i64: 0>, groups = 1 : i64} : (tensor<?x4x5xf32>, tensor<4x3x3xf32>) -> tensor<?x3x11xf32>
  %b = pare.conv_transpose %h, %v {strides = array<i64: 1>, pads = array<i64: 0, 0>, dilations = array<i64: 1>, output_padding = array<i64: 0>, groups = 1 : i64} : (tensor<?x1x5xf64>, tensor<1x1x2xf64>) -> tensor<?x1x6xf64>
  %c = pare.conv_transpose %z, %u {strides = array<i64: 1>, pads = array<i64: 3, 3>, dilations = array<i64: 1>, output_padding = array<i64: 0>, groups = 1 : i64} : (tensor<?x1x?xf32>, tensor<1x1x2xf32>) -> tensor<?x1x?xf32>
  %d = pare.conv_transpose %z, %i {strides = array<i64: 1>, pads = array<i64: 0, 0>, dilations = array<i64: 1>, output_padding = array<i64: 0>, groups = 1 : i64} : (tensor<?x1x?xf32>, tensor<1x1x2xf32>) -> tensor<?x1x?xf32>
  return %a, %b, %c, %d : tensor<?x3x11xf32>, tensor<?x1x6xf64>, tensor<?x1x?xf32>, tensor<?x1x?xf32>
}

// -----

// Kernel 3, stride 2, padding 1: even elements meet the tap in the middle, odd ones the last and the first, in this order.
// The relu is done to each part.
// CHECK-LABEL: func.func @phases
// CHECK: pare.constant dense<2.000000e+00> : tensor<1x1x1xf32>
// CHECK: pare.conv %{{.*}}pads = array<i64: 0, 0>
// CHECK: pare.constant dense<{{\[\[\[}}3.000000e+00]], {{\[\[}}1.000000e+00]]]> : tensor<2x1x1xf32>
// CHECK: pare.conv %{{.*}}pads = array<i64: 0, 1>
// CHECK: pare.relu %{{.*}} : (tensor<1x5x1xf32>) -> tensor<1x5x1xf32>
// CHECK: pare.relu %{{.*}} : (tensor<1x5x1xf32>) -> tensor<1x5x1xf32>
// CHECK: pare.concat %{{.*}} {axis = 2 : i64} : (tensor<1x5x1x1xf32>, tensor<1x5x1x1xf32>) -> tensor<1x5x2x1xf32>
// CHECK-NOT: pare.slice
// CHECK: return
func.func @phases(%x: tensor<1x1x5xf32>) -> tensor<1x1x10xf32> {
  %w = pare.constant dense<[[[1.0, 2.0, 3.0]]]> : tensor<1x1x3xf32>
  %y = pare.conv_transpose %x, %w {strides = array<i64: 2>, pads = array<i64: 1, 1>, dilations = array<i64: 1>, output_padding = array<i64: 1>, groups = 1 : i64} : (tensor<1x1x5xf32>, tensor<1x1x3xf32>) -> tensor<1x1x10xf32>
  %r = pare.relu %y : (tensor<1x1x10xf32>) -> tensor<1x1x10xf32>
  return %r : tensor<1x1x10xf32>
}

// -----

// Without the padding at the end the last step of the odd elements is cut off; elements that no tap meets are the bias.
// CHECK-LABEL: func.func @rest
// CHECK: pare.conv
// CHECK: pare.expand
// CHECK: pare.slice
func.func @rest(%x: tensor<?x1x?xf32>) -> tensor<?x1x?xf32> {
  %w = pare.constant dense<[[[1.0]]]> : tensor<1x1x1xf32>
  %b = pare.constant dense<[0.5]> : tensor<1xf32>
  %y = pare.conv_transpose %x, %w, %b {strides = array<i64: 2>, pads = array<i64: 0, 0>, dilations = array<i64: 1>, output_padding = array<i64: 0>, groups = 1 : i64} : (tensor<?x1x?xf32>, tensor<1x1x1xf32>, tensor<1xf32>) -> tensor<?x1x?xf32>
  return %y : tensor<?x1x?xf32>
}
