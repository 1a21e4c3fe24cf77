// RUN: pare-opt %s --pare-raise-norms --cse --split-input-file --remark-format=emitRemark --remarks-filter-missed=".*" --remarks-filter-passed=".*" 2>%t.remarks | FileCheck %s
// RUN: FileCheck %s --check-prefix=REMARK < %t.remarks
// RUN: sed '/^\/\/ -----/d' %s > %t.mlir && pare verify %t.mlir

// Nothing to do: a mean and a square root without a normalisation.
// CHECK-LABEL: func.func @nothing
// CHECK: pare.reduce
// CHECK: pare.sqrt
// CHECK-NOT: norm
func.func @nothing(%x: tensor<?x4xf32>) -> tensor<?x1xf32> {
  %0 = pare.reduce %x {axes = array<i64: 1>, keep_dims, kind = #pare.reduce_kind<mean>} : (tensor<?x4xf32>) -> tensor<?x1xf32>
  %1 = pare.sqrt %0 : (tensor<?x1xf32>) -> tensor<?x1xf32>
  return %1 : tensor<?x1xf32>
}

// -----

// As TorchScript writes it, with the bias in front.
// CHECK-LABEL: func.func @torchscript
// CHECK-SAME: %[[X:.*]]: tensor<?x?x8xf32>, %[[S:.*]]: tensor<8xf32>, %[[B:.*]]: tensor<8xf32>
// CHECK-NEXT: %[[Y:.*]] = pare.layer_norm %[[X]], %[[S]], %[[B]] {axis = 2 : i64, epsilon = 9.99999974E-6 : f32}
// CHECK-NEXT: return %[[Y]]
// REMARK: [Passed] raise-norms | Category:raise | Remark="recognised layer normalisation with bias", axes=1
func.func @torchscript(%x: tensor<?x?x8xf32>, %s: tensor<8xf32>, %b: tensor<8xf32>) -> tensor<?x?x8xf32> {
  %two = pare.constant dense<2.0> : tensor<f32>
  %eps = pare.constant dense<1.0e-5> : tensor<f32>
  %m = pare.reduce %x {axes = array<i64: 2>, keep_dims, kind = #pare.reduce_kind<mean>} : (tensor<?x?x8xf32>) -> tensor<?x?x1xf32>
  %d = pare.sub %x, %m : (tensor<?x?x8xf32>, tensor<?x?x1xf32>) -> tensor<?x?x8xf32>
  %q = pare.pow %d, %two : (tensor<?x?x8xf32>, tensor<f32>) -> tensor<?x?x8xf32>
  %v = pare.reduce %q {axes = array<i64: 2>, keep_dims, kind = #pare.reduce_kind<mean>} : (tensor<?x?x8xf32>) -> tensor<?x?x1xf32>
  %e = pare.add %v, %eps : (tensor<?x?x1xf32>, tensor<f32>) -> tensor<?x?x1xf32>
  %r = pare.sqrt %e : (tensor<?x?x1xf32>) -> tensor<?x?x1xf32>
  %n = pare.div %d, %r : (tensor<?x?x8xf32>, tensor<?x?x1xf32>) -> tensor<?x?x8xf32>
  %w = pare.mul %n, %s : (tensor<?x?x8xf32>, tensor<8xf32>) -> tensor<?x?x8xf32>
  %y = pare.add %b, %w : (tensor<8xf32>, tensor<?x?x8xf32>) -> tensor<?x?x8xf32>
  return %y : tensor<?x?x8xf32>
}

// -----

// The difference computed twice and multiplied by itself, a reduction that drops its axes, sums divided by their counts, the
// reciprocal of the root, the scale on it, two axes.
// CHECK-LABEL: func.func @sums
// CHECK-SAME: %[[X:.*]]: tensor<?x4x8xf32>, %[[S:.*]]: tensor<4x8xf32>
// CHECK-NEXT: %[[Y:.*]] = pare.layer_norm %[[X]], %[[S]] {axis = 1 : i64, epsilon = 1.000000e-03 : f32}
// CHECK-NEXT: return %[[Y]]
func.func @sums(%x: tensor<?x4x8xf32>, %s: tensor<4x8xf32>) -> tensor<?x4x8xf32> {
  %one = pare.constant dense<1.0> : tensor<f32>
  %n = pare.constant dense<32.0> : tensor<f32>
  %inv = pare.constant dense<0.03125> : tensor<f32>
  %eps = pare.constant dense<1.0e-3> : tensor<1xf32>
  %a = pare.reduce %x {axes = array<i64: 1, 2>, kind = #pare.reduce_kind<sum>} : (tensor<?x4x8xf32>) -> tensor<?xf32>
  %a3 = pare.unsqueeze %a {axes = array<i64: 1, 2>} : (tensor<?xf32>) -> tensor<?x1x1xf32>
  %m = pare.div %a3, %n : (tensor<?x1x1xf32>, tensor<f32>) -> tensor<?x1x1xf32>
  %d = pare.sub %x, %m : (tensor<?x4x8xf32>, tensor<?x1x1xf32>) -> tensor<?x4x8xf32>
  %neg = pare.neg %m : (tensor<?x1x1xf32>) -> tensor<?x1x1xf32>
  %d2 = pare.add %neg, %x : (tensor<?x1x1xf32>, tensor<?x4x8xf32>) -> tensor<?x4x8xf32>
  %q = pare.mul %d, %d2 : (tensor<?x4x8xf32>, tensor<?x4x8xf32>) -> tensor<?x4x8xf32>
  %t = pare.reduce %q {axes = array<i64: 1, 2>, keep_dims, kind = #pare.reduce_kind<sum>} : (tensor<?x4x8xf32>) -> tensor<?x1x1xf32>
  %v = pare.mul %inv, %t : (tensor<f32>, tensor<?x1x1xf32>) -> tensor<?x1x1xf32>
  %e = pare.add %eps, %v : (tensor<1xf32>, tensor<?x1x1xf32>) -> tensor<?x1x1xf32>
  %r = pare.sqrt %e : (tensor<?x1x1xf32>) -> tensor<?x1x1xf32>
  %i = pare.div %one, %r : (tensor<f32>, tensor<?x1x1xf32>) -> tensor<?x1x1xf32>
  %w = pare.mul %i, %s : (tensor<?x1x1xf32>, tensor<4x8xf32>) -> tensor<?x4x8xf32>
  %y = pare.mul %w, %d : (tensor<?x4x8xf32>, tensor<?x4x8xf32>) -> tensor<?x4x8xf32>
  return %y : tensor<?x4x8xf32>
}

// -----

// x * (s / deviation) + (b - mean * s / deviation), the variance as E[x^2] - E[x]^2, the root as a power.
// CHECK-LABEL: func.func @folded
// CHECK-SAME: %[[X:.*]]: tensor<?x8xf32>, %[[S:.*]]: tensor<8xf32>, %[[B:.*]]: tensor<1x8xf32>
// CHECK-NEXT: %[[B1:.*]] = pare.squeeze %[[B]] {axes = array<i64: 0>}
// CHECK-NEXT: %[[Y:.*]] = pare.layer_norm %[[X]], %[[S]], %[[B1]] {axis = 1 : i64, epsilon = 9.99999996E-13 : f32}
// CHECK-NEXT: return %[[Y]]
func.func @folded(%x: tensor<?x8xf32>, %s: tensor<8xf32>, %b: tensor<1x8xf32>) -> tensor<?x8xf32> {
  %power = pare.constant dense<-0.5> : tensor<f32>
  %eps = pare.constant dense<1.0e-12> : tensor<f32>
  %q = pare.mul %x, %x : (tensor<?x8xf32>, tensor<?x8xf32>) -> tensor<?x8xf32>
  %mq = pare.reduce %q {axes = array<i64: 1>, keep_dims, kind = #pare.reduce_kind<mean>} : (tensor<?x8xf32>) -> tensor<?x1xf32>
  %m = pare.reduce %x {axes = array<i64: 1>, keep_dims, kind = #pare.reduce_kind<mean>} : (tensor<?x8xf32>) -> tensor<?x1xf32>
  %m2 = pare.mul %m, %m : (tensor<?x1xf32>, tensor<?x1xf32>) -> tensor<?x1xf32>
  %v = pare.sub %mq, %m2 : (tensor<?x1xf32>, tensor<?x1xf32>) -> tensor<?x1xf32>
  %e = pare.add %v, %eps : (tensor<?x1xf32>, tensor<f32>) -> tensor<?x1xf32>
  %i = pare.pow %e, %power : (tensor<?x1xf32>, tensor<f32>) -> tensor<?x1xf32>
  %w = pare.mul %s, %i : (tensor<8xf32>, tensor<?x1xf32>) -> tensor<?x8xf32>
  %xw = pare.mul %x, %w : (tensor<?x8xf32>, tensor<?x8xf32>) -> tensor<?x8xf32>
  %mw = pare.mul %m, %w : (tensor<?x1xf32>, tensor<?x8xf32>) -> tensor<?x8xf32>
  %c = pare.sub %b, %mw : (tensor<1x8xf32>, tensor<?x8xf32>) -> tensor<?x8xf32>
  %y = pare.add %xw, %c : (tensor<?x8xf32>, tensor<?x8xf32>) -> tensor<?x8xf32>
  return %y : tensor<?x8xf32>
}

// -----

// Llama in f16: computed in f32, rounded back, scaled.
// CHECK-LABEL: func.func @narrow
// CHECK-SAME: %[[X:.*]]: tensor<?x?x8xf16>, %[[S:.*]]: tensor<8xf16>
// CHECK-NEXT: %[[Y:.*]] = pare.rms_norm %[[X]], %[[S]] {axis = 2 : i64, epsilon = 9.99999997E-7 : f32}
// CHECK-NEXT: return %[[Y]]
// REMARK: [Passed] raise-norms | Category:raise | Remark="recognised RMS normalisation", axes=1
func.func @narrow(%x: tensor<?x?x8xf16>, %s: tensor<8xf16>) -> tensor<?x?x8xf16> {
  %two = pare.constant dense<2.0> : tensor<f32>
  %one = pare.constant dense<1.0> : tensor<f32>
  %eps = pare.constant dense<1.0e-6> : tensor<f32>
  %f = pare.cast %x {to = f32} : (tensor<?x?x8xf16>) -> tensor<?x?x8xf32>
  %q = pare.pow %f, %two : (tensor<?x?x8xf32>, tensor<f32>) -> tensor<?x?x8xf32>
  %v = pare.reduce %q {axes = array<i64: 2>, keep_dims, kind = #pare.reduce_kind<mean>} : (tensor<?x?x8xf32>) -> tensor<?x?x1xf32>
  %e = pare.add %v, %eps : (tensor<?x?x1xf32>, tensor<f32>) -> tensor<?x?x1xf32>
  %r = pare.sqrt %e : (tensor<?x?x1xf32>) -> tensor<?x?x1xf32>
  %i = pare.div %one, %r : (tensor<f32>, tensor<?x?x1xf32>) -> tensor<?x?x1xf32>
  %n = pare.mul %f, %i : (tensor<?x?x8xf32>, tensor<?x?x1xf32>) -> tensor<?x?x8xf32>
  %h = pare.cast %n {to = f16} : (tensor<?x?x8xf32>) -> tensor<?x?x8xf16>
  %y = pare.mul %s, %h : (tensor<8xf16>, tensor<?x?x8xf16>) -> tensor<?x?x8xf16>
  return %y : tensor<?x?x8xf16>
}

// -----

// Rounded to f16 on the way, which the op in f32 would not do.
// CHECK-LABEL: func.func @rounded
// CHECK-NOT: norm
func.func @rounded(%x: tensor<?x8xf32>) -> tensor<?x8xf32> {
  %eps = pare.constant dense<1.0e-6> : tensor<f32>
  %q = pare.mul %x, %x : (tensor<?x8xf32>, tensor<?x8xf32>) -> tensor<?x8xf32>
  %v = pare.reduce %q {axes = array<i64: 1>, keep_dims, kind = #pare.reduce_kind<mean>} : (tensor<?x8xf32>) -> tensor<?x1xf32>
  %e = pare.add %v, %eps : (tensor<?x1xf32>, tensor<f32>) -> tensor<?x1xf32>
  %r = pare.sqrt %e : (tensor<?x1xf32>) -> tensor<?x1xf32>
  %h = pare.cast %r {to = f16} : (tensor<?x1xf32>) -> tensor<?x1xf16>
  %f = pare.cast %h {to = f32} : (tensor<?x1xf16>) -> tensor<?x1xf32>
  %y = pare.div %x, %f : (tensor<?x8xf32>, tensor<?x1xf32>) -> tensor<?x8xf32>
  return %y : tensor<?x8xf32>
}

// -----

// Gemma: n + n * w. A factor per row stays behind the op.
// CHECK-LABEL: func.func @gemma
// CHECK-SAME: %[[X:.*]]: tensor<?x8xf32> {{.*}}, %[[W:.*]]: tensor<8xf32>, %[[C:.*]]: tensor<?x1xf32>
// CHECK: %[[ONE:.*]] = pare.constant dense<1.000000e+00>
// CHECK: %[[S:.*]] = pare.add %[[ONE]], %[[W]]
// CHECK: %[[Y:.*]] = pare.rms_norm %[[X]], %[[S]] {axis = 1 : i64, epsilon = 9.99999997E-7 : f32}
// CHECK: %[[Z:.*]] = pare.mul %[[Y]], %[[C]]
// CHECK: return %[[Z]]
func.func @gemma(%x: tensor<?x8xf32> {pare.dims = ["n", ""]}, %w: tensor<8xf32>, %c: tensor<?x1xf32> {pare.dims = ["n", ""]}) -> tensor<?x8xf32> {
  %eps = pare.constant dense<1.0e-6> : tensor<f32>
  %q = pare.mul %x, %x : (tensor<?x8xf32>, tensor<?x8xf32>) -> tensor<?x8xf32>
  %v = pare.reduce %q {axes = array<i64: 1>, keep_dims, kind = #pare.reduce_kind<mean>} : (tensor<?x8xf32>) -> tensor<?x1xf32>
  %e = pare.add %v, %eps : (tensor<?x1xf32>, tensor<f32>) -> tensor<?x1xf32>
  %r = pare.sqrt %e : (tensor<?x1xf32>) -> tensor<?x1xf32>
  %n = pare.div %x, %r : (tensor<?x8xf32>, tensor<?x1xf32>) -> tensor<?x8xf32>
  %nw = pare.mul %n, %w : (tensor<?x8xf32>, tensor<8xf32>) -> tensor<?x8xf32>
  %y = pare.add %n, %nw : (tensor<?x8xf32>, tensor<?x8xf32>) -> tensor<?x8xf32>
  %z = pare.mul %y, %c : (tensor<?x8xf32>, tensor<?x1xf32>) -> tensor<?x8xf32>
  return %z : tensor<?x8xf32>
}

// -----

// A normalised tensor that is read twice is normalised once.
// CHECK-LABEL: func.func @twice
// CHECK-SAME: %[[X:.*]]: tensor<?x8xf32>, %[[W:.*]]: tensor<8xf32>
// CHECK: %[[ONE:.*]] = pare.constant dense<1.000000e+00>
// CHECK: %[[N:.*]] = pare.rms_norm %[[X]], %[[ONE]] {axis = 1 : i64, epsilon = 0.000000e+00 : f32}
// CHECK: %[[Y:.*]] = pare.mul %[[N]], %[[W]]
// CHECK: return %[[N]], %[[Y]]
func.func @twice(%x: tensor<?x8xf32>, %w: tensor<8xf32>) -> (tensor<?x8xf32>, tensor<?x8xf32>) {
  %q = pare.mul %x, %x : (tensor<?x8xf32>, tensor<?x8xf32>) -> tensor<?x8xf32>
  %v = pare.reduce %q {axes = array<i64: 1>, keep_dims, kind = #pare.reduce_kind<mean>} : (tensor<?x8xf32>) -> tensor<?x1xf32>
  %r = pare.sqrt %v : (tensor<?x1xf32>) -> tensor<?x1xf32>
  %n = pare.div %x, %r : (tensor<?x8xf32>, tensor<?x1xf32>) -> tensor<?x8xf32>
  %y = pare.mul %n, %w : (tensor<?x8xf32>, tensor<8xf32>) -> tensor<?x8xf32>
  return %n, %y : tensor<?x8xf32>, tensor<?x8xf32>
}

// -----

// Near misses. Another mean than that of the variance: over other axes.
// CHECK-LABEL: func.func @other_axes
// CHECK-NOT: layer_norm
// REMARK: [Missed] raise-norms | Category:raise | Reason="what is divided by the deviation is another tensor, or centred by another mean"
func.func @other_axes(%x: tensor<?x8x8xf32>) -> tensor<?x8x8xf32> {
  %eps = pare.constant dense<1.0e-5> : tensor<f32>
  %m = pare.reduce %x {axes = array<i64: 2>, keep_dims, kind = #pare.reduce_kind<mean>} : (tensor<?x8x8xf32>) -> tensor<?x8x1xf32>
  %o = pare.reduce %x {axes = array<i64: 1, 2>, keep_dims, kind = #pare.reduce_kind<mean>} : (tensor<?x8x8xf32>) -> tensor<?x1x1xf32>
  %d = pare.sub %x, %m : (tensor<?x8x8xf32>, tensor<?x8x1xf32>) -> tensor<?x8x8xf32>
  %c = pare.sub %x, %o : (tensor<?x8x8xf32>, tensor<?x1x1xf32>) -> tensor<?x8x8xf32>
  %q = pare.mul %d, %d : (tensor<?x8x8xf32>, tensor<?x8x8xf32>) -> tensor<?x8x8xf32>
  %v = pare.reduce %q {axes = array<i64: 2>, keep_dims, kind = #pare.reduce_kind<mean>} : (tensor<?x8x8xf32>) -> tensor<?x8x1xf32>
  %e = pare.add %v, %eps : (tensor<?x8x1xf32>, tensor<f32>) -> tensor<?x8x1xf32>
  %r = pare.sqrt %e : (tensor<?x8x1xf32>) -> tensor<?x8x1xf32>
  %y = pare.div %c, %r : (tensor<?x8x8xf32>, tensor<?x8x1xf32>) -> tensor<?x8x8xf32>
  return %y : tensor<?x8x8xf32>
}

// -----

// The variance of another tensor.
// CHECK-LABEL: func.func @other_tensor
// CHECK-NOT: norm
func.func @other_tensor(%x: tensor<4x8xf32>, %z: tensor<4x8xf32>) -> tensor<4x8xf32> {
  %eps = pare.constant dense<1.0e-5> : tensor<f32>
  %m = pare.reduce %x {axes = array<i64: 1>, keep_dims, kind = #pare.reduce_kind<mean>} : (tensor<4x8xf32>) -> tensor<4x1xf32>
  %d = pare.sub %x, %m : (tensor<4x8xf32>, tensor<4x1xf32>) -> tensor<4x8xf32>
  %dz = pare.sub %z, %m : (tensor<4x8xf32>, tensor<4x1xf32>) -> tensor<4x8xf32>
  %q = pare.mul %dz, %dz : (tensor<4x8xf32>, tensor<4x8xf32>) -> tensor<4x8xf32>
  %v = pare.reduce %q {axes = array<i64: 1>, keep_dims, kind = #pare.reduce_kind<mean>} : (tensor<4x8xf32>) -> tensor<4x1xf32>
  %e = pare.add %v, %eps : (tensor<4x1xf32>, tensor<f32>) -> tensor<4x1xf32>
  %r = pare.sqrt %e : (tensor<4x1xf32>) -> tensor<4x1xf32>
  %y = pare.div %d, %r : (tensor<4x8xf32>, tensor<4x1xf32>) -> tensor<4x8xf32>
  return %y : tensor<4x8xf32>
}

// -----

// An unbiased variance; the mean over the first axis; epsilon on the deviation.
// CHECK-LABEL: func.func @others
// CHECK-NOT: norm
// REMARK: Reason="the mean of squares carries a factor"
// REMARK: Reason="the mean of squares is not over the last axes"
// REMARK: Reason="epsilon is added to the deviation, not to its square"
func.func @others(%x: tensor<?x8xf32>) -> (tensor<?x8xf32>, tensor<?x8xf32>, tensor<?x8xf32>) {
  %eps = pare.constant dense<1.0e-5> : tensor<f32>
  %seven = pare.constant dense<7.0> : tensor<f32>
  %q = pare.mul %x, %x : (tensor<?x8xf32>, tensor<?x8xf32>) -> tensor<?x8xf32>
  %t = pare.reduce %q {axes = array<i64: 1>, keep_dims, kind = #pare.reduce_kind<sum>} : (tensor<?x8xf32>) -> tensor<?x1xf32>
  %v = pare.div %t, %seven : (tensor<?x1xf32>, tensor<f32>) -> tensor<?x1xf32>
  %e = pare.add %v, %eps : (tensor<?x1xf32>, tensor<f32>) -> tensor<?x1xf32>
  %r = pare.sqrt %e : (tensor<?x1xf32>) -> tensor<?x1xf32>
  %y = pare.div %x, %r : (tensor<?x8xf32>, tensor<?x1xf32>) -> tensor<?x8xf32>
  %v1 = pare.reduce %q {axes = array<i64: 0>, keep_dims, kind = #pare.reduce_kind<mean>} : (tensor<?x8xf32>) -> tensor<1x8xf32>
  %e1 = pare.add %v1, %eps : (tensor<1x8xf32>, tensor<f32>) -> tensor<1x8xf32>
  %r1 = pare.sqrt %e1 : (tensor<1x8xf32>) -> tensor<1x8xf32>
  %y1 = pare.div %x, %r1 : (tensor<?x8xf32>, tensor<1x8xf32>) -> tensor<?x8xf32>
  %v2 = pare.reduce %q {axes = array<i64: 1>, keep_dims, kind = #pare.reduce_kind<mean>} : (tensor<?x8xf32>) -> tensor<?x1xf32>
  %r2 = pare.sqrt %v2 : (tensor<?x1xf32>) -> tensor<?x1xf32>
  %e2 = pare.add %r2, %eps : (tensor<?x1xf32>, tensor<f32>) -> tensor<?x1xf32>
  %y2 = pare.div %x, %e2 : (tensor<?x8xf32>, tensor<?x1xf32>) -> tensor<?x8xf32>
  return %y, %y1, %y2 : tensor<?x8xf32>, tensor<?x8xf32>, tensor<?x8xf32>
}
