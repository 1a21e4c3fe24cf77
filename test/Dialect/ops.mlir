// RUN: pare-opt %s | pare-opt | FileCheck %s

// Every op prints what it parses.
// CHECK-LABEL: @roundtrip
// CHECK: pare.constant dense<[0, -1]> : tensor<2xsi64>
// CHECK: pare.reshape %{{.*}}, %{{.*}} : (tensor<?x2x3xf32>, tensor<2xsi64>) -> tensor<?x6xf32>
// CHECK: pare.clip %{{.*}} low(%{{.*}} : tensor<f32>) : (tensor<?x6xf32>) -> tensor<?x6xf32>
// CHECK: pare.compare %{{.*}} {kind = #pare.compare_kind<lt>}
// CHECK: pare.quantize %{{.*}} scale(%{{.*}} : tensor<f32>)
func.func @roundtrip(%x: tensor<?x2x3xf32>, %f: tensor<f32>) -> (tensor<?x6xf32>, tensor<?x6xi1>, tensor<?x6xsi8>) {
  %s = pare.constant dense<[0, -1]> : tensor<2xsi64>
  %r = pare.reshape %x, %s : (tensor<?x2x3xf32>, tensor<2xsi64>) -> tensor<?x6xf32>
  %c = pare.clip %r low(%f : tensor<f32>) : (tensor<?x6xf32>) -> tensor<?x6xf32>
  %l = pare.compare %c, %f {kind = #pare.compare_kind<lt>} : (tensor<?x6xf32>, tensor<f32>) -> tensor<?x6xi1>
  %q = pare.quantize %c scale(%f : tensor<f32>) {to = si8, axis = 1 : i64, block_size = 0 : i64} : (tensor<?x6xf32>) -> tensor<?x6xsi8>
  return %c, %l, %q : tensor<?x6xf32>, tensor<?x6xi1>, tensor<?x6xsi8>
}

// CHECK-LABEL: @control
// CHECK: pare.if %{{.*}} : tensor<i1> -> tensor<?xf32>
// CHECK: pare.loop trip_count(%{{.*}} : tensor<si64>) init(%{{.*}} : tensor<4xf32>) -> (tensor<4xf32>, tensor<?x4xf32>)
func.func @control(%c: tensor<i1>, %n: tensor<si64>, %x: tensor<4xf32>) -> (tensor<?xf32>, tensor<4xf32>, tensor<?x4xf32>) {
  %y = pare.if %c : tensor<i1> -> tensor<?xf32> {
    pare.yield %x : tensor<4xf32>
  } else {
    %z = pare.neg %x : (tensor<4xf32>) -> tensor<4xf32>
    pare.yield %z : tensor<4xf32>
  }
  %last, %all = pare.loop trip_count(%n : tensor<si64>) init(%x : tensor<4xf32>) -> (tensor<4xf32>, tensor<?x4xf32>) {
  ^bb0(%i: tensor<si64>, %go: tensor<i1>, %v: tensor<4xf32>):
    %w = pare.add %v, %v : (tensor<4xf32>, tensor<4xf32>) -> tensor<4xf32>
    pare.yield %go, %w, %w : tensor<i1>, tensor<4xf32>, tensor<4xf32>
  }
  return %y, %last, %all : tensor<?xf32>, tensor<4xf32>, tensor<?x4xf32>
}
