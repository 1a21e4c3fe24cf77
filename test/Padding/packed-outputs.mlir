// RUN: pare-opt %s --split-input-file --verify-diagnostics --pass-pipeline='builtin.module(pare-remove-padding{packed-outputs=true})' | FileCheck %s

// The result keeps its valid rows; two more say which they are. A pooled result stays.
// CHECK-LABEL: func.func @main(
// CHECK-SAME: -> (tensor<?x8xf32> {pare.dims = ["pare.rows", ""], pare.name = "y", pare.packed, pare.padding = array<i64: 0, 1>}, tensor<?x8xf32>
// CHECK-SAME: tensor<?xsi64> {pare.dims = ["pare.rows"], pare.name = "pare.rows"}, tensor<?xsi64> {pare.dims = [""], pare.name = "pare.offsets"})
// CHECK: %[[ROWS:.*]], %[[OFFSETS:.*]] = pare.rows_from_mask %{{.*}} : (tensor<?x?xi1>) -> (tensor<?xsi64>, tensor<?xsi64>)
// CHECK: %[[PLACES:.*]], %{{.*}} = pare.rows_from_mask %{{.*}} : (tensor<1x?xi1>) -> (tensor<?xsi64>, tensor<2xsi64>)
// CHECK: pare.segment_attention
// CHECK: %[[Y:.*]] = pare.rows_gather %{{.*}}, %[[PLACES]] {batch_axis = -1 : i64, row_axis = 0 : i64}
// CHECK: return %[[Y]], %{{.*}}, %{{.*}}, %{{.*}} : tensor<?x8xf32>, tensor<?x8xf32>, tensor<?xsi64>, tensor<?xsi64>
func.func @main(%x: tensor<?x?x8xf32> {pare.dims = ["b", "s", ""]}, %m: tensor<?x?xi1> {pare.dims = ["b", "s"]})
    -> (tensor<?x?x8xf32> {pare.name = "y", pare.dims = ["b", "s", ""]}, tensor<?x8xf32> {pare.name = "first", pare.dims = ["b", ""]}) {
  %zero = pare.constant dense<0> : tensor<si64>
  %q = pare.unsqueeze %x {axes = array<i64: 1>} : (tensor<?x?x8xf32>) -> tensor<?x1x?x8xf32>
  %a = pare.attention %q, %q, %q key_mask(%m : tensor<?x?xi1>) {scale = 1.0 : f32, fill = 0xFF800000 : f32, mask_mode = #pare.mask_mode<select>} : (tensor<?x1x?x8xf32>, tensor<?x1x?x8xf32>, tensor<?x1x?x8xf32>) -> tensor<?x1x?x8xf32>
  %y = pare.squeeze %a {axes = array<i64: 1>} : (tensor<?x1x?x8xf32>) -> tensor<?x?x8xf32>
  %f = pare.gather %y, %zero {axis = 1 : i64} : (tensor<?x?x8xf32>, tensor<si64>) -> tensor<?x8xf32>
  return %y, %f : tensor<?x?x8xf32>, tensor<?x8xf32>
}

// -----

// expected-error@below {{packed outputs were asked for, but there is no output whose rows of padding can be left out}}
module {
  func.func @main(%x: tensor<?x?x8xf32> {pare.dims = ["b", "s", ""]}) -> tensor<?x?x8xf32> {
    %y = pare.exp %x : (tensor<?x?x8xf32>) -> tensor<?x?x8xf32>
    return %y : tensor<?x?x8xf32>
  }
}
