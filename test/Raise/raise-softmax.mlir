// RUN: pare-opt %s --pare-raise-softmax --cse --split-input-file --remark-format=emitRemark --remarks-filter-missed=".*" --remarks-filter-passed=".*" 2>%t.remarks | FileCheck %s
// RUN: FileCheck %s --check-prefix=REMARK < %t.remarks
// RUN: pare-opt %s --pare-raise-softmax --pare-raise-attention --split-input-file | FileCheck %s --check-prefix=ATTENTION
// RUN: sed '/^\/\/ -----/d' %s > %t.mlir && pare verify %t.mlir

// Nothing to do.
// CHECK-LABEL: func.func @nothing
// CHECK: pare.exp
// CHECK-NOT: softmax
func.func @nothing(%x: tensor<?x4xf32>) -> tensor<?x1xf32> {
  %0 = pare.exp %x : (tensor<?x4xf32>) -> tensor<?x4xf32>
  %1 = pare.reduce %0 {axes = array<i64: 1>, keep_dims, kind = #pare.reduce_kind<sum>} : (tensor<?x4xf32>) -> tensor<?x1xf32>
  return %1 : tensor<?x1xf32>
}

// -----

// By division, and by the product with the reciprocal of sums along another axis that drop it.
// CHECK-LABEL: func.func @plain
// CHECK-SAME: %[[X:.*]]: tensor<?x4xf32>
// CHECK-DAG: %[[Y:.*]] = pare.softmax %[[X]] {axis = 1 : i64}
// CHECK-DAG: %[[Z:.*]] = pare.softmax %[[X]] {axis = 0 : i64}
// CHECK: return %[[Y]], %[[Z]]
// REMARK: [Passed] raise-softmax | Category:raise | Remark="recognised softmax"
func.func @plain(%x: tensor<?x4xf32>) -> (tensor<?x4xf32>, tensor<?x4xf32>) {
  %one = pare.constant dense<1.0> : tensor<f32>
  %m = pare.reduce %x {axes = array<i64: 1>, keep_dims, kind = #pare.reduce_kind<max>} : (tensor<?x4xf32>) -> tensor<?x1xf32>
  %d = pare.sub %x, %m : (tensor<?x4xf32>, tensor<?x1xf32>) -> tensor<?x4xf32>
  %e = pare.exp %d : (tensor<?x4xf32>) -> tensor<?x4xf32>
  %s = pare.reduce %e {axes = array<i64: 1>, keep_dims, kind = #pare.reduce_kind<sum>} : (tensor<?x4xf32>) -> tensor<?x1xf32>
  %y = pare.div %e, %s : (tensor<?x4xf32>, tensor<?x1xf32>) -> tensor<?x4xf32>
  %m1 = pare.reduce %x {axes = array<i64: 0>, kind = #pare.reduce_kind<max>} : (tensor<?x4xf32>) -> tensor<4xf32>
  %m2 = pare.unsqueeze %m1 {axes = array<i64: 0>} : (tensor<4xf32>) -> tensor<1x4xf32>
  %d1 = pare.sub %x, %m2 : (tensor<?x4xf32>, tensor<1x4xf32>) -> tensor<?x4xf32>
  %e1 = pare.exp %d1 : (tensor<?x4xf32>) -> tensor<?x4xf32>
  %s1 = pare.reduce %e1 {axes = array<i64: 0>, kind = #pare.reduce_kind<sum>} : (tensor<?x4xf32>) -> tensor<4xf32>
  %s2 = pare.unsqueeze %s1 {axes = array<i64: 0>} : (tensor<4xf32>) -> tensor<1x4xf32>
  %i = pare.div %one, %s2 : (tensor<f32>, tensor<1x4xf32>) -> tensor<1x4xf32>
  %z = pare.mul %i, %e1 : (tensor<1x4xf32>, tensor<?x4xf32>) -> tensor<?x4xf32>
  return %y, %z : tensor<?x4xf32>, tensor<?x4xf32>
}

// -----

// (x - m) - log s, x - (m + log s) with the maximum made finite as ReduceLogSumExp does, and the power of that.
// CHECK-LABEL: func.func @logarithms
// CHECK-SAME: %[[X:.*]]: tensor<?x4xf32>
// CHECK-NOT: pare.exp
// CHECK: %[[Y:.*]] = pare.log_softmax %[[X]] {axis = 1 : i64}
// CHECK: %[[P:.*]] = pare.exp %[[Y]]
// CHECK: return %[[Y]], %[[Y]], %[[P]]
// REMARK: Remark="recognised log softmax"
func.func @logarithms(%x: tensor<?x4xf32>) -> (tensor<?x4xf32>, tensor<?x4xf32>, tensor<?x4xf32>) {
  %zero = pare.constant dense<0.0> : tensor<f32>
  %m = pare.reduce %x {axes = array<i64: 1>, keep_dims, kind = #pare.reduce_kind<max>} : (tensor<?x4xf32>) -> tensor<?x1xf32>
  %d = pare.sub %x, %m : (tensor<?x4xf32>, tensor<?x1xf32>) -> tensor<?x4xf32>
  %e = pare.exp %d : (tensor<?x4xf32>) -> tensor<?x4xf32>
  %s = pare.reduce %e {axes = array<i64: 1>, keep_dims, kind = #pare.reduce_kind<sum>} : (tensor<?x4xf32>) -> tensor<?x1xf32>
  %l = pare.log %s : (tensor<?x1xf32>) -> tensor<?x1xf32>
  %y = pare.sub %d, %l : (tensor<?x4xf32>, tensor<?x1xf32>) -> tensor<?x4xf32>
  %inf = pare.is_inf %m : (tensor<?x1xf32>) -> tensor<?x1xi1>
  %f = pare.where %inf, %zero, %m : (tensor<?x1xi1>, tensor<f32>, tensor<?x1xf32>) -> tensor<?x1xf32>
  %d1 = pare.sub %x, %f : (tensor<?x4xf32>, tensor<?x1xf32>) -> tensor<?x4xf32>
  %e1 = pare.exp %d1 : (tensor<?x4xf32>) -> tensor<?x4xf32>
  %s1 = pare.reduce %e1 {axes = array<i64: 1>, keep_dims, kind = #pare.reduce_kind<sum>} : (tensor<?x4xf32>) -> tensor<?x1xf32>
  %l1 = pare.log %s1 : (tensor<?x1xf32>) -> tensor<?x1xf32>
  %lse = pare.add %l1, %f : (tensor<?x1xf32>, tensor<?x1xf32>) -> tensor<?x1xf32>
  %y1 = pare.sub %x, %lse : (tensor<?x4xf32>, tensor<?x1xf32>) -> tensor<?x4xf32>
  %p = pare.exp %y1 : (tensor<?x4xf32>) -> tensor<?x4xf32>
  return %y, %y1, %p : tensor<?x4xf32>, tensor<?x4xf32>, tensor<?x4xf32>
}

// -----

// No maximum, and none needed.
// CHECK-LABEL: func.func @bounded
// CHECK: %[[T:.*]] = pare.mul
// CHECK: pare.softmax %[[T]] {axis = 1 : i64}
func.func @bounded(%x: tensor<?x4xf32>) -> tensor<?x4xf32> {
  %cap = pare.constant dense<50.0> : tensor<f32>
  %t = pare.tanh %x : (tensor<?x4xf32>) -> tensor<?x4xf32>
  %c = pare.mul %t, %cap : (tensor<?x4xf32>, tensor<f32>) -> tensor<?x4xf32>
  %e = pare.exp %c : (tensor<?x4xf32>) -> tensor<?x4xf32>
  %s = pare.reduce %e {axes = array<i64: 1>, keep_dims, kind = #pare.reduce_kind<sum>} : (tensor<?x4xf32>) -> tensor<?x1xf32>
  %y = pare.div %e, %s : (tensor<?x4xf32>, tensor<?x1xf32>) -> tensor<?x4xf32>
  return %y : tensor<?x4xf32>
}

// -----

// Near misses: no maximum; the maximum of another axis; the sum of another axis; something added to the sum.
// CHECK-LABEL: func.func @near
// CHECK-NOT: softmax
// REMARK: [Missed] raise-softmax | Category:raise | Reason="the exponents are not shifted by their maximum, so that they may overflow where softmax does not"
// REMARK: Reason="the exponents are shifted by something else than their maximum along the axis"
// REMARK: Reason="the powers are divided by something else than their sum"
func.func @near(%x: tensor<4x4xf32>) -> (tensor<4x4xf32>, tensor<4x4xf32>, tensor<4x4xf32>, tensor<4x4xf32>) {
  %eps = pare.constant dense<1.0e-6> : tensor<f32>
  %e = pare.exp %x : (tensor<4x4xf32>) -> tensor<4x4xf32>
  %s = pare.reduce %e {axes = array<i64: 1>, keep_dims, kind = #pare.reduce_kind<sum>} : (tensor<4x4xf32>) -> tensor<4x1xf32>
  %y = pare.div %e, %s : (tensor<4x4xf32>, tensor<4x1xf32>) -> tensor<4x4xf32>
  %m1 = pare.reduce %x {axes = array<i64: 0>, keep_dims, kind = #pare.reduce_kind<max>} : (tensor<4x4xf32>) -> tensor<1x4xf32>
  %d1 = pare.sub %x, %m1 : (tensor<4x4xf32>, tensor<1x4xf32>) -> tensor<4x4xf32>
  %e1 = pare.exp %d1 : (tensor<4x4xf32>) -> tensor<4x4xf32>
  %s1 = pare.reduce %e1 {axes = array<i64: 1>, keep_dims, kind = #pare.reduce_kind<sum>} : (tensor<4x4xf32>) -> tensor<4x1xf32>
  %y1 = pare.div %e1, %s1 : (tensor<4x4xf32>, tensor<4x1xf32>) -> tensor<4x4xf32>
  %m2 = pare.reduce %x {axes = array<i64: 1>, keep_dims, kind = #pare.reduce_kind<max>} : (tensor<4x4xf32>) -> tensor<4x1xf32>
  %d2 = pare.sub %x, %m2 : (tensor<4x4xf32>, tensor<4x1xf32>) -> tensor<4x4xf32>
  %e2 = pare.exp %d2 : (tensor<4x4xf32>) -> tensor<4x4xf32>
  %s2 = pare.reduce %e2 {axes = array<i64: 0>, keep_dims, kind = #pare.reduce_kind<sum>} : (tensor<4x4xf32>) -> tensor<1x4xf32>
  %y2 = pare.div %e2, %s2 : (tensor<4x4xf32>, tensor<1x4xf32>) -> tensor<4x4xf32>
  %s3 = pare.reduce %e2 {axes = array<i64: 1>, keep_dims, kind = #pare.reduce_kind<sum>} : (tensor<4x4xf32>) -> tensor<4x1xf32>
  %a3 = pare.add %s3, %eps : (tensor<4x1xf32>, tensor<f32>) -> tensor<4x1xf32>
  %y3 = pare.div %e2, %a3 : (tensor<4x4xf32>, tensor<4x1xf32>) -> tensor<4x4xf32>
  return %y, %y1, %y2, %y3 : tensor<4x4xf32>, tensor<4x4xf32>, tensor<4x4xf32>, tensor<4x4xf32>
}

// -----

// Attention is found from it.
// CHECK-LABEL: func.func @attention
// CHECK: pare.softmax
// ATTENTION-LABEL: func.func @attention
// ATTENTION: pare.attention
// ATTENTION-NOT: pare.exp
func.func @attention(%q: tensor<?x3x?x8xf32> {pare.dims = ["b", "", "s", ""]}, %kt: tensor<?x3x8x?xf32> {pare.dims = ["b", "", "", "s"]},
                     %v: tensor<?x3x?x8xf32> {pare.dims = ["b", "", "s", ""]}) -> tensor<?x3x?x8xf32> {
  %x = pare.matmul %q, %kt : (tensor<?x3x?x8xf32>, tensor<?x3x8x?xf32>) -> tensor<?x3x?x?xf32>
  %m = pare.reduce %x {axes = array<i64: 3>, keep_dims, kind = #pare.reduce_kind<max>} : (tensor<?x3x?x?xf32>) -> tensor<?x3x?x1xf32>
  %d = pare.sub %x, %m : (tensor<?x3x?x?xf32>, tensor<?x3x?x1xf32>) -> tensor<?x3x?x?xf32>
  %e = pare.exp %d : (tensor<?x3x?x?xf32>) -> tensor<?x3x?x?xf32>
  %s = pare.reduce %e {axes = array<i64: 3>, keep_dims, kind = #pare.reduce_kind<sum>} : (tensor<?x3x?x?xf32>) -> tensor<?x3x?x1xf32>
  %p = pare.div %e, %s : (tensor<?x3x?x?xf32>, tensor<?x3x?x1xf32>) -> tensor<?x3x?x?xf32>
  %y = pare.matmul %p, %v : (tensor<?x3x?x?xf32>, tensor<?x3x?x8xf32>) -> tensor<?x3x?x8xf32>
  return %y : tensor<?x3x?x8xf32>
}
