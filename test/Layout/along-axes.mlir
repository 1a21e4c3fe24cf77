// Ops that name axes follow their image: only the ends are transposed.
// RUN: pare-opt %s --pare-channels-last --split-input-file | FileCheck %s
// RUN: pare verify %s --sizes n=2,h=23,w=31 --sizes n=1,h=1,w=4

// CHECK-LABEL: func.func @main
// CHECK: pare.transpose %arg0 {permutation = array<i64: 0, 2, 3, 1>}
// The statistics become a factor and a summand.
// CHECK: %[[C:.*]] = pare.transpose %{{.*}} {permutation = array<i64: 0, 2, 3, 1>}
// CHECK: %[[M:.*]] = pare.mul %[[C]], %{{.*}} : (tensor<?x?x?x4xf32>, tensor<4xf32>) -> tensor<?x?x?x4xf32>
// CHECK: %[[N:.*]] = pare.add %[[M]], %{{.*}} : (tensor<?x?x?x4xf32>, tensor<4xf32>) -> tensor<?x?x?x4xf32>
// CHECK: %[[S:.*]]:2 = pare.split %[[N]] {axis = 3 : i64, pieces = 2 : i64}
// CHECK: pare.resize %[[S]]#1 {{.*}} {axes = array<i64: 1, 2>
// CHECK: pare.slice {{.*}} {axes = array<i64: 1>}
// CHECK: pare.resize %[[S]]#0
// CHECK: pare.concat {{.*}} {axis = 3 : i64}
// CHECK: pare.transpose %{{.*}} {permutation = array<i64: 3, 2, 0, 1>}
// CHECK-NEXT: pare.transpose %{{.*}} {permutation = array<i64: 0, 3, 1, 2>}
// CHECK: pare.conv
func.func @main(%x: tensor<?x2x?x?xf32> {pare.name = "x", pare.dims = ["n", "", "h", "w"]}) -> (tensor<?x3x?x?xf32> {pare.name = "y"}) {
  %w1 = pare.constant dense<[[[[0.689]], [[0.516]]], [[[-0.159]], [[-0.482]]], [[[0.023]], [[-0.19]]], [[[0.568]], [[-0.393]]]]> : tensor<4x2x1x1xf32>
  %w2 = pare.constant dense<[[[[0.167]], [[0.816]], [[0.009]], [[0.3]]], [[[-0.436]], [[0.512]], [[0.237]], [[-0.7]]], [[[-0.499]], [[0.819]], [[0.966]], [[0.1]]]]> : tensor<3x4x1x1xf32>
  %scale = pare.constant dense<[0.9, -1.2, 0.4, 1.1]> : tensor<4xf32>
  %bias = pare.constant dense<[0.1, 0.2, -0.3, 0.4]> : tensor<4xf32>
  %mean = pare.constant dense<[-0.5, 0.25, 0.125, 0.7]> : tensor<4xf32>
  %variance = pare.constant dense<[0.5, 0.75, 1.5, 2.0]> : tensor<4xf32>
  %twice = pare.constant dense<2.0> : tensor<2xf32>
  %from = pare.constant dense<0> : tensor<1xsi64>
  %to = pare.constant dense<9223372036854775807> : tensor<1xsi64>
  %step = pare.constant dense<1> : tensor<1xsi64>
  %c1 = pare.conv %x, %w1 {strides = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>, groups = 1 : i64} : (tensor<?x2x?x?xf32>, tensor<4x2x1x1xf32>) -> tensor<?x4x?x?xf32>
  %n = pare.batch_norm %c1, %scale, %bias, %mean, %variance {epsilon = 1.0e-05 : f32} : (tensor<?x4x?x?xf32>, tensor<4xf32>, tensor<4xf32>, tensor<4xf32>, tensor<4xf32>) -> tensor<?x4x?x?xf32>
  %a, %b = pare.split %n {axis = 1 : i64, pieces = 2 : i64} : (tensor<?x4x?x?xf32>) -> (tensor<?x2x?x?xf32>, tensor<?x2x?x?xf32>)
  %r = pare.resize %b scales(%twice : tensor<2xf32>) {axes = array<i64: 2, 3>, mode = #pare.resize_mode<nearest>, coordinates = #pare.resize_coordinates<asymmetric>} : (tensor<?x2x?x?xf32>) -> tensor<?x2x?x?xf32>
  %s = pare.slice %r, %from, %to, %step {axes = array<i64: 2>} : (tensor<?x2x?x?xf32>, tensor<1xsi64>, tensor<1xsi64>, tensor<1xsi64>) -> tensor<?x2x?x?xf32>
  %t = pare.resize %a scales(%twice : tensor<2xf32>) {axes = array<i64: 2, 3>, mode = #pare.resize_mode<linear>, coordinates = #pare.resize_coordinates<half_pixel>} : (tensor<?x2x?x?xf32>) -> tensor<?x2x?x?xf32>
  %j = pare.concat %s, %t {axis = 1 : i64} : (tensor<?x2x?x?xf32>, tensor<?x2x?x?xf32>) -> tensor<?x4x?x?xf32>
  %y = pare.conv %j, %w2 {strides = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>, groups = 1 : i64} : (tensor<?x4x?x?xf32>, tensor<3x4x1x1xf32>) -> tensor<?x3x?x?xf32>
  return %y : tensor<?x3x?x?xf32>
}
