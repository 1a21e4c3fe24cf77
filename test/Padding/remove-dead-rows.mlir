// RUN: pare-opt %s --pare-remove-dead-rows --split-input-file --remark-format=emitRemark --remarks-filter-passed=".*" 2>%t.remarks | FileCheck %s
// RUN: FileCheck %s --check-prefix=REMARK < %t.remarks

// Nothing to do: all rows are read.
// CHECK-LABEL: func.func @nothing
// CHECK-NEXT: %[[Y:.*]] = pare.relu
// CHECK-NEXT: pare.slice %[[Y]]
// CHECK-NEXT: return
func.func @nothing(%x: tensor<?x?x4xf32>, %s: tensor<1xsi64>, %e: tensor<1xsi64>, %t: tensor<1xsi64>) -> (tensor<?x?x4xf32>, tensor<?x?x4xf32>) {
  %y = pare.relu %x : (tensor<?x?x4xf32>) -> tensor<?x?x4xf32>
  %z = pare.slice %y, %s, %e, %t {axes = array<i64: 1>} : (tensor<?x?x4xf32>, tensor<1xsi64>, tensor<1xsi64>, tensor<1xsi64>) -> tensor<?x?x4xf32>
  return %y, %z : tensor<?x?x4xf32>, tensor<?x?x4xf32>
}

// -----

// The last row alone: through a product, a normalisation, a sum of two branches, and the queries of causal attention, which
// then count from the end.
// CHECK-LABEL: func.func @last
// CHECK-SAME: %[[X:.*]]: tensor<?x2x?x8xf32>
// CHECK: %[[Q:.*]] = pare.gather %[[X]], %{{.*}} {axis = 2 : i64} : (tensor<?x2x?x8xf32>, tensor<1xsi64>) -> tensor<?x2x1x8xf32>
// CHECK: %[[A:.*]] = pare.attention %[[Q]], %[[X]], %[[X]] {align_end, band_upper = 0 : i64
// CHECK: %[[S:.*]] = pare.add %[[A]], %[[Q]]
// CHECK: %[[G:.*]] = pare.gelu %[[S]]
// CHECK: %[[L:.*]] = pare.layer_norm %[[G]]
// CHECK: %[[Y:.*]] = pare.matmul %[[L]], %{{.*}} -> tensor<?x2x1x50xf32>
// CHECK: %[[R:.*]] = pare.squeeze %[[Y]] {axes = array<i64: 2>}
// CHECK: return %[[R]]
// REMARK-DAG: pare.matmul computes only the rows that are read
// REMARK-DAG: pare.attention computes only the rows that are read
func.func @last(%x: tensor<?x2x?x8xf32> {pare.dims = ["b", "", "s", ""]}, %g: tensor<8xf32>, %w: tensor<8x50xf32>) -> tensor<?x2x50xf32> {
  %minus = pare.constant dense<-1> : tensor<si64>
  %a = pare.attention %x, %x, %x {band_upper = 0 : i64, fill = 0xFF800000 : f32, mask_mode = #pare.mask_mode<select>, scale = 1.0 : f32} : (tensor<?x2x?x8xf32>, tensor<?x2x?x8xf32>, tensor<?x2x?x8xf32>) -> tensor<?x2x?x8xf32>
  %s = pare.add %a, %x : (tensor<?x2x?x8xf32>, tensor<?x2x?x8xf32>) -> tensor<?x2x?x8xf32>
  %h = pare.gelu %s : (tensor<?x2x?x8xf32>) -> tensor<?x2x?x8xf32>
  %n = pare.layer_norm %h, %g {axis = 3 : i64, epsilon = 1.0e-05 : f32} : (tensor<?x2x?x8xf32>, tensor<8xf32>) -> tensor<?x2x?x8xf32>
  %l = pare.matmul %n, %w : (tensor<?x2x?x8xf32>, tensor<8x50xf32>) -> tensor<?x2x?x50xf32>
  %y = pare.gather %l, %minus {axis = 2 : i64} : (tensor<?x2x?x50xf32>, tensor<si64>) -> tensor<?x2x50xf32>
  return %y : tensor<?x2x50xf32>
}

// -----

// A row in the middle of a banded attention is not moved: its band would follow it.
// CHECK-LABEL: func.func @banded
// CHECK: %[[A:.*]] = pare.attention %{{.*}}, %{{.*}}, %{{.*}} {band_lower = -2 : i64
// CHECK: pare.gather %[[A]]
func.func @banded(%x: tensor<?x2x?x8xf32> {pare.dims = ["b", "", "s", ""]}, %i: tensor<1xsi64>) -> tensor<?x2x1x8xf32> {
  %a = pare.attention %x, %x, %x {band_lower = -2 : i64, fill = 0xFF800000 : f32, mask_mode = #pare.mask_mode<select>, scale = 1.0 : f32} : (tensor<?x2x?x8xf32>, tensor<?x2x?x8xf32>, tensor<?x2x?x8xf32>) -> tensor<?x2x?x8xf32>
  %y = pare.gather %a, %i {axis = 2 : i64} : (tensor<?x2x?x8xf32>, tensor<1xsi64>) -> tensor<?x2x1x8xf32>
  return %y : tensor<?x2x1x8xf32>
}

// -----

// What mixes the rows stays, and so does what a softmax along them computes.
// CHECK-LABEL: func.func @mixed
// CHECK: pare.softmax %{{.*}} : (tensor<?x?x4xf32>)
// CHECK: pare.slice
func.func @mixed(%x: tensor<?x?x4xf32>, %s: tensor<1xsi64>, %e: tensor<1xsi64>, %t: tensor<1xsi64>) -> tensor<?x?x4xf32> {
  %y = pare.softmax %x {axis = 1 : i64} : (tensor<?x?x4xf32>) -> tensor<?x?x4xf32>
  %z = pare.slice %y, %s, %e, %t {axes = array<i64: 1>} : (tensor<?x?x4xf32>, tensor<1xsi64>, tensor<1xsi64>, tensor<1xsi64>) -> tensor<?x?x4xf32>
  return %z : tensor<?x?x4xf32>
}
