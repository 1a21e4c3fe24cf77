// RUN: pare-opt %s --pare-refine-types | FileCheck %s

// Nothing to do.
// CHECK-LABEL: @nothing
// CHECK: pare.relu %{{.*}} : (tensor<?x4xf32>) -> tensor<?x4xf32>
func.func @nothing(%x: tensor<?x4xf32>) -> tensor<?x4xf32> {
  %y = pare.relu %x : (tensor<?x4xf32>) -> tensor<?x4xf32>
  return %y : tensor<?x4xf32>
}

// CHECK-LABEL: @chain
// CHECK-SAME: -> tensor<4x2xf32>
func.func @chain(%x: tensor<2x4xf32>) -> tensor<*xf32> {
  %y = pare.relu %x : (tensor<2x4xf32>) -> tensor<?x?xf32>
  %z = pare.transpose %y {permutation = array<i64: 1, 0>} : (tensor<?x?xf32>) -> tensor<*xf32>
  return %z : tensor<*xf32>
}

// Sizes that exporters compute.
// CHECK-LABEL: @shape_arithmetic
// CHECK: pare.reshape {{.*}} -> tensor<?x12x64xf32>
func.func @shape_arithmetic(%x: tensor<?x768xf32>) -> tensor<?x?x?xf32> {
  %i = pare.constant dense<0> : tensor<1xsi64>
  %h = pare.constant dense<[12, 64]> : tensor<2xsi64>
  %s = pare.shape_of %x : (tensor<?x768xf32>) -> tensor<2xsi64>
  %b = pare.gather %s, %i {axis = 0 : i64} : (tensor<2xsi64>, tensor<1xsi64>) -> tensor<1xsi64>
  %t = pare.concat %b, %h {axis = 0 : i64} : (tensor<1xsi64>, tensor<2xsi64>) -> tensor<3xsi64>
  %y = pare.reshape %x, %t : (tensor<?x768xf32>, tensor<3xsi64>) -> tensor<?x?x?xf32>
  return %y : tensor<?x?x?xf32>
}

// Regions give their results types.
// CHECK-LABEL: @regions
// CHECK: pare.if {{.*}} -> tensor<4x?xf32>
func.func @regions(%c: tensor<i1>, %x: tensor<4x2xf32>, %y: tensor<4x3xf32>) -> tensor<?x?xf32> {
  %z = pare.if %c : tensor<i1> -> tensor<?x?xf32> {
    %a = pare.neg %x : (tensor<4x2xf32>) -> tensor<?x?xf32>
    pare.yield %a : tensor<?x?xf32>
  } else {
    pare.yield %y : tensor<4x3xf32>
  }
  return %z : tensor<?x?xf32>
}
