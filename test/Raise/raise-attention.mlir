// RUN: pare-opt %s --pare-raise-attention --pare-canonicalize --cse --split-input-file --remark-format=emitRemark --remarks-filter-missed=".*" 2>%t.remarks | FileCheck %s
// RUN: FileCheck %s --check-prefix=REMARK < %t.remarks

// Nothing to do: a softmax that is no attention.
// CHECK-LABEL: func.func @nothing
// CHECK: pare.softmax
// CHECK-NOT: pare.attention
func.func @nothing(%x: tensor<?x4xf32>) -> tensor<?x4xf32> {
  %0 = pare.softmax %x {axis = 1 : i64} : (tensor<?x4xf32>) -> tensor<?x4xf32>
  return %0 : tensor<?x4xf32>
}

// -----

// (1 - mask) * -10000 by arithmetic: a mask where it is 0, and a bias for masks that hold other numbers than 0 and 1. Scale
// by division.
// CHECK-LABEL: func.func @additive
// CHECK-SAME: %[[Q:.*]]: tensor<?x3x?x8xf32> {{.*}}, %[[K:.*]]: tensor<?x3x?x8xf32> {{.*}}, %[[V:.*]]: tensor<?x3x?x8xf32> {{.*}}, %{{.*}}: tensor<?x?xsi64>
// CHECK: %[[VALID:.*]] = pare.cast %{{.*}} {to = i1}
// CHECK: %[[BIAS:.*]] = pare.where
// CHECK: pare.attention %[[Q]], %[[K]], %[[V]] bias(%[[BIAS]] : tensor<?x1x1x?xf32>) key_mask(%[[VALID]] : tensor<?x?xi1>) {fill = -1.000000e+04 : f32, mask_mode = #pare.mask_mode<add>, scale = 5.000000e-01 : f32}
func.func @additive(%q: tensor<?x3x?x8xf32> {pare.dims = ["b", "", "s", ""]}, %k: tensor<?x3x?x8xf32> {pare.dims = ["b", "", "s", ""]},
                    %v: tensor<?x3x?x8xf32> {pare.dims = ["b", "", "s", ""]}, %m: tensor<?x?xsi64> {pare.dims = ["b", "s"]}) -> tensor<?x3x?x8xf32> {
  %one = pare.constant dense<1.0> : tensor<f32>
  %low = pare.constant dense<-10000.0> : tensor<f32>
  %two = pare.constant dense<2.0> : tensor<f32>
  %m4 = pare.unsqueeze %m {axes = array<i64: 1, 2>} : (tensor<?x?xsi64>) -> tensor<?x1x1x?xsi64>
  %f = pare.cast %m4 {to = f32} : (tensor<?x1x1x?xsi64>) -> tensor<?x1x1x?xf32>
  %n = pare.sub %one, %f : (tensor<f32>, tensor<?x1x1x?xf32>) -> tensor<?x1x1x?xf32>
  %bias = pare.mul %n, %low : (tensor<?x1x1x?xf32>, tensor<f32>) -> tensor<?x1x1x?xf32>
  %kt = pare.transpose %k {permutation = array<i64: 0, 1, 3, 2>} : (tensor<?x3x?x8xf32>) -> tensor<?x3x8x?xf32>
  %s = pare.matmul %q, %kt : (tensor<?x3x?x8xf32>, tensor<?x3x8x?xf32>) -> tensor<?x3x?x?xf32>
  %d = pare.div %s, %two : (tensor<?x3x?x?xf32>, tensor<f32>) -> tensor<?x3x?x?xf32>
  %a = pare.add %d, %bias : (tensor<?x3x?x?xf32>, tensor<?x1x1x?xf32>) -> tensor<?x3x?x?xf32>
  %p = pare.softmax %a {axis = 3 : i64} : (tensor<?x3x?x?xf32>) -> tensor<?x3x?x?xf32>
  %y = pare.matmul %p, %v : (tensor<?x3x?x?xf32>, tensor<?x3x?x8xf32>) -> tensor<?x3x?x8xf32>
  return %y : tensor<?x3x?x8xf32>
}

// -----

// A causal mask from ranges and a key mask by a choice; NaN of empty rows set to 0; the scale on q and k; heads of k that
// are copies of one.
// CHECK-LABEL: func.func @causal
// CHECK-SAME: %[[Q:.*]]: tensor<?x4x?x8xf32> {{.*}}, %[[K:.*]]: tensor<?x2x?x8xf32> {{.*}}, %[[V:.*]]: tensor<?x2x?x8xf32> {{.*}}, %[[M:.*]]: tensor<?x?xi1>
// CHECK: pare.attention %[[Q]], %[[K]], %[[V]] key_mask(%[[M]] : tensor<?x?xi1>) {band_upper = 0 : i64, fill = 0xFF800000 : f32, mask_mode = #pare.mask_mode<select>, scale = 2.500000e-01 : f32, zero_masked_rows}
func.func @causal(%q: tensor<?x4x?x8xf32> {pare.dims = ["b", "", "s", ""]}, %k: tensor<?x2x?x8xf32> {pare.dims = ["b", "", "s", ""]},
                  %v: tensor<?x2x?x8xf32> {pare.dims = ["b", "", "s", ""]}, %m: tensor<?x?xi1> {pare.dims = ["b", "s"]}) -> tensor<?x4x?x8xf32> {
  %half = pare.constant dense<0.5> : tensor<f32>
  %zero = pare.constant dense<0.0> : tensor<f32>
  %low = pare.constant dense<0xFF800000> : tensor<f32>
  %c0 = pare.constant dense<0> : tensor<si64>
  %c1 = pare.constant dense<1> : tensor<si64>
  %i1 = pare.constant dense<1> : tensor<1xsi64>
  %shape = pare.shape_of %m : (tensor<?x?xi1>) -> tensor<2xsi64>
  %s = pare.gather %shape, %c1 {axis = 0 : i64} : (tensor<2xsi64>, tensor<si64>) -> tensor<si64>
  %r = pare.range %c0, %s, %c1 : (tensor<si64>, tensor<si64>, tensor<si64>) -> tensor<?xsi64>
  %rq = pare.unsqueeze %r {axes = array<i64: 1>} : (tensor<?xsi64>) -> tensor<?x1xsi64>
  %tri = pare.compare %r, %rq {kind = #pare.compare_kind<le>} : (tensor<?xsi64>, tensor<?x1xsi64>) -> tensor<?x?xi1>
  %m4 = pare.unsqueeze %m {axes = array<i64: 1, 2>} : (tensor<?x?xi1>) -> tensor<?x1x1x?xi1>
  %all = pare.and %tri, %m4 : (tensor<?x?xi1>, tensor<?x1x1x?xi1>) -> tensor<?x1x?x?xi1>
  %bdim = pare.gather %shape, %c0 {axis = 0 : i64} : (tensor<2xsi64>, tensor<si64>) -> tensor<si64>
  %b1 = pare.unsqueeze %bdim {axes = array<i64: 0>} : (tensor<si64>) -> tensor<1xsi64>
  %s1 = pare.unsqueeze %s {axes = array<i64: 0>} : (tensor<si64>) -> tensor<1xsi64>
  %two = pare.constant dense<2> : tensor<1xsi64>
  %four = pare.constant dense<4> : tensor<1xsi64>
  %eight = pare.constant dense<8> : tensor<1xsi64>
  %wide = pare.concat %b1, %two, %two, %s1, %eight {axis = 0 : i64} : (tensor<1xsi64>, tensor<1xsi64>, tensor<1xsi64>, tensor<1xsi64>, tensor<1xsi64>) -> tensor<5xsi64>
  %flat = pare.concat %b1, %four, %s1, %eight {axis = 0 : i64} : (tensor<1xsi64>, tensor<1xsi64>, tensor<1xsi64>, tensor<1xsi64>) -> tensor<4xsi64>
  %k5 = pare.unsqueeze %k {axes = array<i64: 2>} : (tensor<?x2x?x8xf32>) -> tensor<?x2x1x?x8xf32>
  %kx = pare.expand %k5, %wide : (tensor<?x2x1x?x8xf32>, tensor<5xsi64>) -> tensor<?x2x2x?x8xf32>
  %k4 = pare.reshape %kx, %flat : (tensor<?x2x2x?x8xf32>, tensor<4xsi64>) -> tensor<?x4x?x8xf32>
  %v5 = pare.unsqueeze %v {axes = array<i64: 2>} : (tensor<?x2x?x8xf32>) -> tensor<?x2x1x?x8xf32>
  %vx = pare.expand %v5, %wide : (tensor<?x2x1x?x8xf32>, tensor<5xsi64>) -> tensor<?x2x2x?x8xf32>
  %v4 = pare.reshape %vx, %flat : (tensor<?x2x2x?x8xf32>, tensor<4xsi64>) -> tensor<?x4x?x8xf32>
  %kt = pare.transpose %k4 {permutation = array<i64: 0, 1, 3, 2>} : (tensor<?x4x?x8xf32>) -> tensor<?x4x8x?xf32>
  %qs = pare.mul %q, %half : (tensor<?x4x?x8xf32>, tensor<f32>) -> tensor<?x4x?x8xf32>
  %ks = pare.mul %kt, %half : (tensor<?x4x8x?xf32>, tensor<f32>) -> tensor<?x4x8x?xf32>
  %a = pare.matmul %qs, %ks : (tensor<?x4x?x8xf32>, tensor<?x4x8x?xf32>) -> tensor<?x4x?x?xf32>
  %w = pare.where %all, %a, %low : (tensor<?x1x?x?xi1>, tensor<?x4x?x?xf32>, tensor<f32>) -> tensor<?x4x?x?xf32>
  %p = pare.softmax %w {axis = 3 : i64} : (tensor<?x4x?x?xf32>) -> tensor<?x4x?x?xf32>
  %nan = pare.is_nan %p : (tensor<?x4x?x?xf32>) -> tensor<?x4x?x?xi1>
  %z = pare.where %nan, %zero, %p : (tensor<?x4x?x?xi1>, tensor<f32>, tensor<?x4x?x?xf32>) -> tensor<?x4x?x?xf32>
  %y = pare.matmul %z, %v4 : (tensor<?x4x?x?xf32>, tensor<?x4x?x8xf32>) -> tensor<?x4x?x8xf32>
  return %y : tensor<?x4x?x8xf32>
}

// -----

// Batch and heads on one axis, a triangle from a table, a window by |i - j|.
// CHECK-LABEL: func.func @merged
// CHECK: pare.attention {{.*}} key_mask(%{{.*}} : tensor<?x?xi1>) {band_lower = -2 : i64, band_upper = 0 : i64, fill = -3.40282347E+38 : f32, mask_mode = #pare.mask_mode<add>, scale = 1.000000e+00 : f32}
func.func @merged(%q: tensor<?x?x8xf32> {pare.dims = ["n", "s", ""]}, %x: tensor<?x3x?x8xf32> {pare.dims = ["b", "", "s", ""]},
                  %m: tensor<?x?xsi64> {pare.dims = ["b", "s"]}) -> tensor<?x?x8xf32> {
  %low = pare.constant dense<0xFF7FFFFF> : tensor<f32>
  %zero = pare.constant dense<0.0> : tensor<f32>
  %table = pare.constant dense<[[true, false, false, false], [true, true, false, false], [true, true, true, false], [true, true, true, true]]> : tensor<4x4xi1>
  %c0 = pare.constant dense<0> : tensor<si64>
  %c1 = pare.constant dense<1> : tensor<si64>
  %c2 = pare.constant dense<2> : tensor<si64>
  %z1 = pare.constant dense<0> : tensor<1xsi64>
  %i1 = pare.constant dense<1> : tensor<1xsi64>
  %shape = pare.shape_of %x : (tensor<?x3x?x8xf32>) -> tensor<4xsi64>
  %s = pare.gather %shape, %c2 {axis = 0 : i64} : (tensor<4xsi64>, tensor<si64>) -> tensor<si64>
  %s1 = pare.unsqueeze %s {axes = array<i64: 0>} : (tensor<si64>) -> tensor<1xsi64>
  %b = pare.gather %shape, %c0 {axis = 0 : i64} : (tensor<4xsi64>, tensor<si64>) -> tensor<si64>
  %b1 = pare.unsqueeze %b {axes = array<i64: 0>} : (tensor<si64>) -> tensor<1xsi64>
  %three = pare.constant dense<3> : tensor<1xsi64>
  %eight = pare.constant dense<8> : tensor<1xsi64>
  %n = pare.mul %b1, %three : (tensor<1xsi64>, tensor<1xsi64>) -> tensor<1xsi64>
  %flat = pare.concat %n, %s1, %eight {axis = 0 : i64} : (tensor<1xsi64>, tensor<1xsi64>, tensor<1xsi64>) -> tensor<3xsi64>
  %four = pare.concat %b1, %three, %s1, %s1 {axis = 0 : i64} : (tensor<1xsi64>, tensor<1xsi64>, tensor<1xsi64>, tensor<1xsi64>) -> tensor<4xsi64>
  %back = pare.concat %n, %s1, %s1 {axis = 0 : i64} : (tensor<1xsi64>, tensor<1xsi64>, tensor<1xsi64>) -> tensor<3xsi64>
  %x3 = pare.reshape %x, %flat : (tensor<?x3x?x8xf32>, tensor<3xsi64>) -> tensor<?x?x8xf32>
  %xt = pare.transpose %x3 {permutation = array<i64: 0, 2, 1>} : (tensor<?x?x8xf32>) -> tensor<?x8x?xf32>
  %a3 = pare.matmul %x3, %xt : (tensor<?x?x8xf32>, tensor<?x8x?xf32>) -> tensor<?x?x?xf32>
  %a4 = pare.reshape %a3, %four : (tensor<?x?x?xf32>, tensor<4xsi64>) -> tensor<?x3x?x?xf32>
  %rows = pare.slice %table, %z1, %s1, %i1 {axes = array<i64: 0>} : (tensor<4x4xi1>, tensor<1xsi64>, tensor<1xsi64>, tensor<1xsi64>) -> tensor<?x4xi1>
  %cut = pare.slice %rows, %z1, %s1, %i1 {axes = array<i64: 1>} : (tensor<?x4xi1>, tensor<1xsi64>, tensor<1xsi64>, tensor<1xsi64>) -> tensor<?x?xi1>
  %r = pare.range %c0, %s, %c1 : (tensor<si64>, tensor<si64>, tensor<si64>) -> tensor<?xsi64>
  %rq = pare.unsqueeze %r {axes = array<i64: 1>} : (tensor<?xsi64>) -> tensor<?x1xsi64>
  %dist = pare.sub %rq, %r : (tensor<?x1xsi64>, tensor<?xsi64>) -> tensor<?x?xsi64>
  %abs = pare.abs %dist : (tensor<?x?xsi64>) -> tensor<?x?xsi64>
  %near = pare.compare %abs, %c2 {kind = #pare.compare_kind<le>} : (tensor<?x?xsi64>, tensor<si64>) -> tensor<?x?xi1>
  %both = pare.and %near, %cut : (tensor<?x?xi1>, tensor<?x?xi1>) -> tensor<?x?xi1>
  %k4 = pare.unsqueeze %m {axes = array<i64: 1, 2>} : (tensor<?x?xsi64>) -> tensor<?x1x1x?xsi64>
  %kb = pare.cast %k4 {to = i1} : (tensor<?x1x1x?xsi64>) -> tensor<?x1x1x?xi1>
  %all = pare.and %kb, %both : (tensor<?x1x1x?xi1>, tensor<?x?xi1>) -> tensor<?x1x?x?xi1>
  %fill = pare.where %all, %zero, %low : (tensor<?x1x?x?xi1>, tensor<f32>, tensor<f32>) -> tensor<?x1x?x?xf32>
  %w = pare.add %a4, %fill : (tensor<?x3x?x?xf32>, tensor<?x1x?x?xf32>) -> tensor<?x3x?x?xf32>
  %p = pare.softmax %w {axis = 3 : i64} : (tensor<?x3x?x?xf32>) -> tensor<?x3x?x?xf32>
  %p3 = pare.reshape %p, %back : (tensor<?x3x?x?xf32>, tensor<3xsi64>) -> tensor<?x?x?xf32>
  %y = pare.matmul %p3, %x3 : (tensor<?x?x?xf32>, tensor<?x?x8xf32>) -> tensor<?x?x8xf32>
  return %y : tensor<?x?x8xf32>
}

// -----

// A fill that does not make a weight 0 is no mask, and a function of the scores stays.
// CHECK-LABEL: func.func @refused
// CHECK-NOT: pare.attention
// REMARK: a mask puts -5.00 in place of scores, which is not low enough
func.func @refused(%q: tensor<?x3x?x8xf32> {pare.dims = ["b", "", "s", ""]}, %m: tensor<?x3x?x?xi1> {pare.dims = ["b", "", "s", "s"]}) -> tensor<?x3x?x8xf32> {
  %low = pare.constant dense<-5.0> : tensor<f32>
  %kt = pare.transpose %q {permutation = array<i64: 0, 1, 3, 2>} : (tensor<?x3x?x8xf32>) -> tensor<?x3x8x?xf32>
  %a = pare.matmul %q, %kt : (tensor<?x3x?x8xf32>, tensor<?x3x8x?xf32>) -> tensor<?x3x?x?xf32>
  %w = pare.where %m, %a, %low : (tensor<?x3x?x?xi1>, tensor<?x3x?x?xf32>, tensor<f32>) -> tensor<?x3x?x?xf32>
  %p = pare.softmax %w {axis = 3 : i64} : (tensor<?x3x?x?xf32>) -> tensor<?x3x?x?xf32>
  %y = pare.matmul %p, %q : (tensor<?x3x?x?xf32>, tensor<?x3x?x8xf32>) -> tensor<?x3x?x8xf32>
  return %y : tensor<?x3x?x8xf32>
}

// -----

// Levels that an input chooses cannot be attributes.
// CHECK-LABEL: func.func @quantised
// CHECK-NOT: pare.attention
// REMARK: the weights pass through pare.dequantize between softmax and product
func.func @quantised(%q: tensor<?x3x?x8xf32> {pare.dims = ["b", "", "s", ""]}, %scale: tensor<f32>) -> tensor<?x3x?x8xf32> {
  %kt = pare.transpose %q {permutation = array<i64: 0, 1, 3, 2>} : (tensor<?x3x?x8xf32>) -> tensor<?x3x8x?xf32>
  %a = pare.matmul %q, %kt : (tensor<?x3x?x8xf32>, tensor<?x3x8x?xf32>) -> tensor<?x3x?x?xf32>
  %p = pare.softmax %a {axis = 3 : i64} : (tensor<?x3x?x?xf32>) -> tensor<?x3x?x?xf32>
  %r = pare.quantize %p scale(%scale : tensor<f32>) {to = si8, axis = 1 : i64, block_size = 0 : i64} : (tensor<?x3x?x?xf32>) -> tensor<?x3x?x?xsi8>
  %d = pare.dequantize %r scale(%scale : tensor<f32>) {axis = 1 : i64, block_size = 0 : i64} : (tensor<?x3x?x?xsi8>) -> tensor<?x3x?x?xf32>
  %y = pare.matmul %d, %q : (tensor<?x3x?x?xf32>, tensor<?x3x?x8xf32>) -> tensor<?x3x?x8xf32>
  return %y : tensor<?x3x?x8xf32>
}

// -----

// Scores and weights that are quantised and back, as static quantisation leaves them: the factor and the mask that follow
// the scores' levels scale them and add to them.
// CHECK-LABEL: func.func @levels
// CHECK-SAME: %[[Q:[^:]*]]: tensor<?x3x?x8xf32>
// CHECK: pare.attention %{{.*}}, %{{.*}}, %{{.*}} key_mask(%{{.*}} : tensor<?x?xi1>) {fill = 0xFF800000 : f32, mask_mode = #pare.mask_mode<add>, scale = 5.000000e-01 : f32, score_levels = #pare.levels<scale = 1.250000e-01 : f32, zero_point = -3, low = -128, high = 127>, weight_levels = #pare.levels<scale = 3.906250e-03 : f32, zero_point = 0, low = 0, high = 255>}
// CHECK-NOT: pare.softmax
func.func @levels(%q: tensor<?x3x?x8xf32> {pare.dims = ["b", "", "s", ""]}, %m: tensor<?x1x1x?xi1> {pare.dims = ["b", "", "", "s"]}) -> tensor<?x3x?x8xf32> {
  %half = pare.constant dense<0.5> : tensor<f32>
  %zero = pare.constant dense<0.0> : tensor<f32>
  %low = pare.constant dense<0xFF800000> : tensor<f32>
  %s1 = pare.constant dense<0.25> : tensor<1xf32>
  %z1 = pare.constant dense<-3> : tensor<1xsi8>
  %s2 = pare.constant dense<0.00390625> : tensor<f32>
  %kt = pare.transpose %q {permutation = array<i64: 0, 1, 3, 2>} : (tensor<?x3x?x8xf32>) -> tensor<?x3x8x?xf32>
  %a = pare.matmul %q, %kt : (tensor<?x3x?x8xf32>, tensor<?x3x8x?xf32>) -> tensor<?x3x?x?xf32>
  %aq = pare.quantize %a scale(%s1 : tensor<1xf32>) zero_point(%z1 : tensor<1xsi8>) {to = si8, axis = 1 : i64, block_size = 0 : i64, operandSegmentSizes = array<i32: 1, 1, 1>} : (tensor<?x3x?x?xf32>) -> tensor<?x3x?x?xsi8>
  %ad = pare.dequantize %aq scale(%s1 : tensor<1xf32>) zero_point(%z1 : tensor<1xsi8>) {axis = 1 : i64, block_size = 0 : i64, operandSegmentSizes = array<i32: 1, 1, 1>} : (tensor<?x3x?x?xsi8>) -> tensor<?x3x?x?xf32>
  %h = pare.mul %ad, %half : (tensor<?x3x?x?xf32>, tensor<f32>) -> tensor<?x3x?x?xf32>
  %fill = pare.where %m, %zero, %low : (tensor<?x1x1x?xi1>, tensor<f32>, tensor<f32>) -> tensor<?x1x1x?xf32>
  %w = pare.add %h, %fill : (tensor<?x3x?x?xf32>, tensor<?x1x1x?xf32>) -> tensor<?x3x?x?xf32>
  %p = pare.softmax %w {axis = 3 : i64} : (tensor<?x3x?x?xf32>) -> tensor<?x3x?x?xf32>
  %r = pare.quantize %p scale(%s2 : tensor<f32>) {to = ui8, axis = 1 : i64, block_size = 0 : i64} : (tensor<?x3x?x?xf32>) -> tensor<?x3x?x?xui8>
  %d = pare.dequantize %r scale(%s2 : tensor<f32>) {axis = 1 : i64, block_size = 0 : i64} : (tensor<?x3x?x?xui8>) -> tensor<?x3x?x?xf32>
  %y = pare.matmul %d, %q : (tensor<?x3x?x?xf32>, tensor<?x3x?x8xf32>) -> tensor<?x3x?x8xf32>
  return %y : tensor<?x3x?x8xf32>
}

// -----

// Scores rounded after the mask was added: the lowest level is no mask.
// CHECK-LABEL: func.func @levels_after_mask
// CHECK-NOT: pare.attention
// REMARK: terms are added to the scores before they pass through another function
func.func @levels_after_mask(%q: tensor<?x3x?x8xf32> {pare.dims = ["b", "", "s", ""]}, %m: tensor<?x1x1x?xf32> {pare.dims = ["b", "", "", "s"]}) -> tensor<?x3x?x8xf32> {
  %s1 = pare.constant dense<0.25> : tensor<f32>
  %kt = pare.transpose %q {permutation = array<i64: 0, 1, 3, 2>} : (tensor<?x3x?x8xf32>) -> tensor<?x3x8x?xf32>
  %a = pare.matmul %q, %kt : (tensor<?x3x?x8xf32>, tensor<?x3x8x?xf32>) -> tensor<?x3x?x?xf32>
  %w = pare.add %a, %m : (tensor<?x3x?x?xf32>, tensor<?x1x1x?xf32>) -> tensor<?x3x?x?xf32>
  %aq = pare.quantize %w scale(%s1 : tensor<f32>) {to = si8, axis = 1 : i64, block_size = 0 : i64} : (tensor<?x3x?x?xf32>) -> tensor<?x3x?x?xsi8>
  %ad = pare.dequantize %aq scale(%s1 : tensor<f32>) {axis = 1 : i64, block_size = 0 : i64} : (tensor<?x3x?x?xsi8>) -> tensor<?x3x?x?xf32>
  %p = pare.softmax %ad {axis = 3 : i64} : (tensor<?x3x?x?xf32>) -> tensor<?x3x?x?xf32>
  %y = pare.matmul %p, %q : (tensor<?x3x?x?xf32>, tensor<?x3x?x8xf32>) -> tensor<?x3x?x8xf32>
  return %y : tensor<?x3x?x8xf32>
}

// -----

// A tanh that caps the scores, with factors on both sides of it.
// CHECK-LABEL: func.func @capped
// CHECK: pare.attention {{.*}}scale = 1.500000e+01 : f32, softcap = 3.000000e+01 : f32
// CHECK-NOT: pare.softmax
func.func @capped(%q: tensor<?x3x?x8xf32> {pare.dims = ["b", "", "s", ""]}) -> tensor<?x3x?x8xf32> {
  %half = pare.constant dense<0.5> : tensor<f32>
  %cap = pare.constant dense<30.0> : tensor<f32>
  %kt = pare.transpose %q {permutation = array<i64: 0, 1, 3, 2>} : (tensor<?x3x?x8xf32>) -> tensor<?x3x8x?xf32>
  %a = pare.matmul %q, %kt : (tensor<?x3x?x8xf32>, tensor<?x3x8x?xf32>) -> tensor<?x3x?x?xf32>
  %h = pare.mul %a, %half : (tensor<?x3x?x?xf32>, tensor<f32>) -> tensor<?x3x?x?xf32>
  %t = pare.tanh %h : (tensor<?x3x?x?xf32>) -> tensor<?x3x?x?xf32>
  %c = pare.mul %t, %cap : (tensor<?x3x?x?xf32>, tensor<f32>) -> tensor<?x3x?x?xf32>
  %p = pare.softmax %c {axis = 3 : i64} : (tensor<?x3x?x?xf32>) -> tensor<?x3x?x?xf32>
  %y = pare.matmul %p, %q : (tensor<?x3x?x?xf32>, tensor<?x3x?x8xf32>) -> tensor<?x3x?x8xf32>
  return %y : tensor<?x3x?x8xf32>
}

// -----

// A shape that is split into its entries is the same shape.
// CHECK-LABEL: func.func @split_shape
// CHECK: pare.attention %{{.*}} : (tensor<?x4x?x8xf32>, tensor<?x2x?x8xf32>, tensor<?x2x?x8xf32>)
func.func @split_shape(%q: tensor<?x4x?x8xf32> {pare.dims = ["b", "", "s", ""]}, %x: tensor<?x?x2x8xf32> {pare.dims = ["b", "s", "", ""]}) -> tensor<?x4x?x8xf32> {
  %two = pare.constant dense<2> : tensor<1xsi64>
  %four = pare.constant dense<4> : tensor<1xsi64>
  %sizes = pare.constant dense<1> : tensor<4xsi64>
  %shape = pare.shape_of %x : (tensor<?x?x2x8xf32>) -> tensor<4xsi64>
  %b, %s, %h, %d = pare.split %shape, %sizes {axis = 0 : i64, pieces = 4 : i64} : (tensor<4xsi64>, tensor<4xsi64>) -> (tensor<1xsi64>, tensor<1xsi64>, tensor<1xsi64>, tensor<1xsi64>)
  %wide = pare.concat %b, %h, %two, %s, %d {axis = 0 : i64} : (tensor<1xsi64>, tensor<1xsi64>, tensor<1xsi64>, tensor<1xsi64>, tensor<1xsi64>) -> tensor<5xsi64>
  %all = pare.concat %b, %four, %s, %d {axis = 0 : i64} : (tensor<1xsi64>, tensor<1xsi64>, tensor<1xsi64>, tensor<1xsi64>) -> tensor<4xsi64>
  %t = pare.transpose %x {permutation = array<i64: 0, 2, 1, 3>} : (tensor<?x?x2x8xf32>) -> tensor<?x2x?x8xf32>
  %u = pare.unsqueeze %t {axes = array<i64: 2>} : (tensor<?x2x?x8xf32>) -> tensor<?x2x1x?x8xf32>
  %e = pare.expand %u, %wide : (tensor<?x2x1x?x8xf32>, tensor<5xsi64>) -> tensor<?x2x2x?x8xf32>
  %k = pare.reshape %e, %all : (tensor<?x2x2x?x8xf32>, tensor<4xsi64>) -> tensor<?x4x?x8xf32>
  %kt = pare.transpose %k {permutation = array<i64: 0, 1, 3, 2>} : (tensor<?x4x?x8xf32>) -> tensor<?x4x8x?xf32>
  %scores = pare.matmul %q, %kt : (tensor<?x4x?x8xf32>, tensor<?x4x8x?xf32>) -> tensor<?x4x?x?xf32>
  %p = pare.softmax %scores {axis = 3 : i64} : (tensor<?x4x?x?xf32>) -> tensor<?x4x?x?xf32>
  %y = pare.matmul %p, %k : (tensor<?x4x?x?xf32>, tensor<?x4x?x8xf32>) -> tensor<?x4x?x8xf32>
  return %y : tensor<?x4x?x8xf32>
}

// -----

// Conditions on pairs that are no band become a mask; those on keys alone stay apart. Per head they may differ.
// CHECK-LABEL: func.func @pairs
// CHECK: %[[SAME:.*]] = pare.compare {{.*}}kind = #pare.compare_kind<eq>{{.*}} -> tensor<?x1x?x?xi1>
// CHECK: pare.attention {{.*}} key_mask(%{{.*}} : tensor<?x?xi1>) mask(%[[SAME]] : tensor<?x1x?x?xi1>) {fill = 0xFF800000 : f32, mask_mode = #pare.mask_mode<add>
// CHECK-NOT: pare.softmax
func.func @pairs(%q: tensor<?x3x?x8xf32> {pare.dims = ["b", "", "s", ""]}, %ids: tensor<?x?xsi64> {pare.dims = ["b", "s"]}, %m: tensor<?x?xi1> {pare.dims = ["b", "s"]}) -> tensor<?x3x?x8xf32> {
  %zero = pare.constant dense<0.0> : tensor<f32>
  %low = pare.constant dense<0xFF800000> : tensor<f32>
  %iq = pare.unsqueeze %ids {axes = array<i64: 1, 3>} : (tensor<?x?xsi64>) -> tensor<?x1x?x1xsi64>
  %ik = pare.unsqueeze %ids {axes = array<i64: 1, 2>} : (tensor<?x?xsi64>) -> tensor<?x1x1x?xsi64>
  %same = pare.compare %iq, %ik {kind = #pare.compare_kind<eq>} : (tensor<?x1x?x1xsi64>, tensor<?x1x1x?xsi64>) -> tensor<?x1x?x?xi1>
  %m4 = pare.unsqueeze %m {axes = array<i64: 1, 2>} : (tensor<?x?xi1>) -> tensor<?x1x1x?xi1>
  %all = pare.and %same, %m4 : (tensor<?x1x?x?xi1>, tensor<?x1x1x?xi1>) -> tensor<?x1x?x?xi1>
  %fill = pare.where %all, %zero, %low : (tensor<?x1x?x?xi1>, tensor<f32>, tensor<f32>) -> tensor<?x1x?x?xf32>
  %kt = pare.transpose %q {permutation = array<i64: 0, 1, 3, 2>} : (tensor<?x3x?x8xf32>) -> tensor<?x3x8x?xf32>
  %a = pare.matmul %q, %kt : (tensor<?x3x?x8xf32>, tensor<?x3x8x?xf32>) -> tensor<?x3x?x?xf32>
  %w = pare.add %a, %fill : (tensor<?x3x?x?xf32>, tensor<?x1x?x?xf32>) -> tensor<?x3x?x?xf32>
  %p = pare.softmax %w {axis = 3 : i64} : (tensor<?x3x?x?xf32>) -> tensor<?x3x?x?xf32>
  %y = pare.matmul %p, %q : (tensor<?x3x?x?xf32>, tensor<?x3x?x8xf32>) -> tensor<?x3x?x8xf32>
  return %y : tensor<?x3x?x8xf32>
}

// -----

// Keys of former calls stand in front of the new ones; the mask counts them together, under a name of its own. That it
// either has as many entries or broadcasts is said by an expand; the heads of k and v are copied from fewer, over a sum
// of two sizes.
// CHECK-LABEL: func.func @past
// CHECK-SAME: %[[TOTAL:.*]]: tensor<?x?xi1> {pare.dims = ["b", "total"]}
// CHECK-DAG: %[[K:.*]] = pare.concat %{{.*}} {axis = 2 : i64}
// CHECK-DAG: %[[VALID:.*]] = pare.expand %{{.*}} -> tensor<?x1x1x?xi1>
// CHECK: pare.attention %{{.*}}, %[[K]], %[[K]] key_mask({{.*}}) {align_end, band_upper = 0 : i64, {{.*}} : (tensor<?x4x?x8xf32>, tensor<?x2x?x8xf32>, tensor<?x2x?x8xf32>)
// CHECK-NOT: pare.softmax
func.func @past(%q: tensor<?x4x?x8xf32> {pare.dims = ["b", "", "s", ""]}, %new: tensor<?x2x?x8xf32> {pare.dims = ["b", "", "s", ""]}, %past: tensor<?x2x?x8xf32> {pare.dims = ["b", "", "past", ""]}, %m: tensor<?x?xi1> {pare.dims = ["b", "total"]}) -> tensor<?x4x?x8xf32> {
  %zero = pare.constant dense<0.0> : tensor<f32>
  %low = pare.constant dense<-3.40282347E+38> : tensor<f32>
  %first = pare.constant dense<0> : tensor<si64>
  %step = pare.constant dense<1> : tensor<si64>
  %one = pare.constant dense<1> : tensor<1xsi64>
  %two = pare.constant dense<2> : tensor<1xsi64>
  %four = pare.constant dense<4> : tensor<1xsi64>
  %eight = pare.constant dense<8> : tensor<1xsi64>
  %axis2 = pare.constant dense<2> : tensor<si64>
  %axis0 = pare.constant dense<0> : tensor<1xsi64>
  %k2 = pare.concat %past, %new {axis = 2 : i64} : (tensor<?x2x?x8xf32>, tensor<?x2x?x8xf32>) -> tensor<?x2x?x8xf32>
  %ps = pare.shape_of %past : (tensor<?x2x?x8xf32>) -> tensor<4xsi64>
  %ks = pare.shape_of %k2 : (tensor<?x2x?x8xf32>) -> tensor<4xsi64>
  %p = pare.gather %ps, %axis2 {axis = 0 : i64} : (tensor<4xsi64>, tensor<si64>) -> tensor<si64>
  %t = pare.gather %ks, %axis2 {axis = 0 : i64} : (tensor<4xsi64>, tensor<si64>) -> tensor<si64>
  %b1 = pare.gather %ks, %axis0 {axis = 0 : i64} : (tensor<4xsi64>, tensor<1xsi64>) -> tensor<1xsi64>
  %t1 = pare.unsqueeze %t {axes = array<i64: 0>} : (tensor<si64>) -> tensor<1xsi64>
  %wide = pare.concat %b1, %two, %two, %t1, %eight {axis = 0 : i64} : (tensor<1xsi64>, tensor<1xsi64>, tensor<1xsi64>, tensor<1xsi64>, tensor<1xsi64>) -> tensor<5xsi64>
  %all = pare.concat %b1, %four, %t1, %eight {axis = 0 : i64} : (tensor<1xsi64>, tensor<1xsi64>, tensor<1xsi64>, tensor<1xsi64>) -> tensor<4xsi64>
  %u = pare.unsqueeze %k2 {axes = array<i64: 2>} : (tensor<?x2x?x8xf32>) -> tensor<?x2x1x?x8xf32>
  %e = pare.expand %u, %wide : (tensor<?x2x1x?x8xf32>, tensor<5xsi64>) -> tensor<?x2x2x?x8xf32>
  %k = pare.reshape %e, %all : (tensor<?x2x2x?x8xf32>, tensor<4xsi64>) -> tensor<?x4x?x8xf32>
  %rows = pare.range %p, %t, %step : (tensor<si64>, tensor<si64>, tensor<si64>) -> tensor<?xsi64>
  %columns = pare.range %first, %t, %step : (tensor<si64>, tensor<si64>, tensor<si64>) -> tensor<?xsi64>
  %i = pare.unsqueeze %rows {axes = array<i64: 0, 1, 3>} : (tensor<?xsi64>) -> tensor<1x1x?x1xsi64>
  %j = pare.unsqueeze %columns {axes = array<i64: 0, 1, 2>} : (tensor<?xsi64>) -> tensor<1x1x1x?xsi64>
  %causal = pare.compare %j, %i {kind = #pare.compare_kind<le>} : (tensor<1x1x1x?xsi64>, tensor<1x1x?x1xsi64>) -> tensor<1x1x?x?xi1>
  %m4 = pare.unsqueeze %m {axes = array<i64: 1, 2>} : (tensor<?x?xi1>) -> tensor<?x1x1x?xi1>
  %both = pare.and %causal, %m4 : (tensor<1x1x?x?xi1>, tensor<?x1x1x?xi1>) -> tensor<?x1x?x?xi1>
  %bias = pare.where %both, %zero, %low : (tensor<?x1x?x?xi1>, tensor<f32>, tensor<f32>) -> tensor<?x1x?x?xf32>
  %kt = pare.transpose %k {permutation = array<i64: 0, 1, 3, 2>} : (tensor<?x4x?x8xf32>) -> tensor<?x4x8x?xf32>
  %a = pare.matmul %q, %kt : (tensor<?x4x?x8xf32>, tensor<?x4x8x?xf32>) -> tensor<?x4x?x?xf32>
  %w = pare.add %a, %bias : (tensor<?x4x?x?xf32>, tensor<?x1x?x?xf32>) -> tensor<?x4x?x?xf32>
  %s = pare.softmax %w {axis = 3 : i64} : (tensor<?x4x?x?xf32>) -> tensor<?x4x?x?xf32>
  %y = pare.matmul %s, %k : (tensor<?x4x?x?xf32>, tensor<?x4x?x8xf32>) -> tensor<?x4x?x8xf32>
  return %y : tensor<?x4x?x8xf32>
}

// -----

// Where nothing says that the scores have one size with the values, they stay as they are, and so does the mask.
// CHECK-LABEL: func.func @no_product
// CHECK-NOT: pare.expand
// CHECK: pare.softmax
func.func @no_product(%q: tensor<?x4x?x8xf32> {pare.dims = ["b", "", "s", ""]}, %m: tensor<?x?xf32> {pare.dims = ["b", "total"]}) -> tensor<?x4x?x?xf32> {
  %kt = pare.transpose %q {permutation = array<i64: 0, 1, 3, 2>} : (tensor<?x4x?x8xf32>) -> tensor<?x4x8x?xf32>
  %a = pare.matmul %q, %kt : (tensor<?x4x?x8xf32>, tensor<?x4x8x?xf32>) -> tensor<?x4x?x?xf32>
  %m4 = pare.unsqueeze %m {axes = array<i64: 1, 2>} : (tensor<?x?xf32>) -> tensor<?x1x1x?xf32>
  %w = pare.add %a, %m4 : (tensor<?x4x?x?xf32>, tensor<?x1x1x?xf32>) -> tensor<?x4x?x?xf32>
  %s = pare.softmax %w {axis = 3 : i64} : (tensor<?x4x?x?xf32>) -> tensor<?x4x?x?xf32>
  return %s : tensor<?x4x?x?xf32>
}
