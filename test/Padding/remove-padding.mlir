// RUN: pare-opt %s --pare-remove-padding --split-input-file --remark-format=emitRemark --remarks-filter-missed=".*" --remarks-filter-passed=".*" 2>%t.remarks | FileCheck %s
// RUN: FileCheck %s --check-prefix=REMARK < %t.remarks

// Nothing to do: no mask says what padding is.
// CHECK-LABEL: func.func @nothing
// CHECK-NOT: pare.rows_from_mask
// REMARK: no attention masks its keys: every row of the input counts
func.func @nothing(%x: tensor<?x2x?x8xf32> {pare.dims = ["b", "", "s", ""]}) -> tensor<?x2x?x8xf32> {
  %y = pare.attention %x, %x, %x {fill = 0xFF800000 : f32, mask_mode = #pare.mask_mode<select>, scale = 1.0 : f32} : (tensor<?x2x?x8xf32>, tensor<?x2x?x8xf32>, tensor<?x2x?x8xf32>) -> tensor<?x2x?x8xf32>
  return %y : tensor<?x2x?x8xf32>
}

// -----

// Products, positions and attention on packed rows. The rows are those of the mask, and all of a sequence without any; the
// result is 0 in padding, and the function says so.
// CHECK-LABEL: func.func private @layer.padding
// CHECK-LABEL: func.func @layer(
// CHECK-SAME: %[[IDS:[a-z0-9]+]]: tensor<?x?xsi64> {{{.*}}pare.padding = array<i64: 0, 1>}, %[[M:.*]]: tensor<?x?xi1> {pare.dims = ["b", "s"]}
// CHECK-SAME: -> (tensor<?x?x16xf32> {pare.padding = array<i64: 0, 1>})
// CHECK-SAME: attributes {pare.padding = "layer.padding"}
// CHECK: %[[ANY:.*]] = pare.reduce {{.*}}kind = #pare.reduce_kind<max>
// CHECK: %[[KEEP:.*]] = pare.or %[[M]]
// CHECK: %[[ROWS:.*]], %[[OFFSETS:.*]] = pare.rows_from_mask %[[KEEP]]
// CHECK: %[[VALID:.*]] = pare.rows_gather %[[M]], %[[ROWS]]
// CHECK: pare.rows_gather %[[IDS]], %[[ROWS]]
// CHECK: pare.gather %{{.*}} : (tensor<50x16xf32>, tensor<?xsi64>) -> tensor<?x16xf32>
// CHECK: pare.rows_gather %{{.*}}, %[[ROWS]], %{{.*}} {batch_axis = 0 : i64, row_axis = 1 : i64} : (tensor<1x?x16xf32>
// CHECK: pare.matmul %{{.*}} : (tensor<?x16xf32>, tensor<16x16xf32>) -> tensor<?x16xf32>
// CHECK: pare.segment_attention %{{.*}} offsets(%[[OFFSETS]], %[[OFFSETS]] {{.*}} key_mask(%[[VALID]] : tensor<?xi1>)
// CHECK-SAME: (tensor<2x?x8xf32>, tensor<2x?x8xf32>, tensor<2x?x8xf32>) -> tensor<2x?x8xf32>
// CHECK: %[[CLEAN:.*]] = pare.where %{{.*}} : (tensor<?x1xi1>, tensor<?x16xf32>, tensor<f32>)
// CHECK: %[[OUT:.*]] = pare.rows_scatter %[[CLEAN]], %[[ROWS]]
// CHECK: return %[[OUT]]
// REMARK: rows of padding are not computed{{.*}}attentions=1{{.*}}products=1
func.func @layer(%ids: tensor<?x?xsi64> {pare.dims = ["b", "s"]}, %m: tensor<?x?xi1> {pare.dims = ["b", "s"]},
                 %table: tensor<50x16xf32>, %places: tensor<1x?x16xf32> {pare.dims = ["", "s", ""]}, %w: tensor<16x16xf32>) -> tensor<?x?x16xf32> {
  %tail = pare.constant dense<[2, 8]> : tensor<2xsi64>
  %sixteen = pare.constant dense<16> : tensor<1xsi64>
  %shape = pare.shape_of %ids : (tensor<?x?xsi64>) -> tensor<2xsi64>
  %split = pare.concat %shape, %tail {axis = 0 : i64} : (tensor<2xsi64>, tensor<2xsi64>) -> tensor<4xsi64>
  %join = pare.concat %shape, %sixteen {axis = 0 : i64} : (tensor<2xsi64>, tensor<1xsi64>) -> tensor<3xsi64>
  %e = pare.gather %table, %ids {axis = 0 : i64} : (tensor<50x16xf32>, tensor<?x?xsi64>) -> tensor<?x?x16xf32>
  %x = pare.add %e, %places : (tensor<?x?x16xf32>, tensor<1x?x16xf32>) -> tensor<?x?x16xf32>
  %h = pare.matmul %x, %w : (tensor<?x?x16xf32>, tensor<16x16xf32>) -> tensor<?x?x16xf32>
  %h4 = pare.reshape %h, %split : (tensor<?x?x16xf32>, tensor<4xsi64>) -> tensor<?x?x2x8xf32>
  %q = pare.transpose %h4 {permutation = array<i64: 0, 2, 1, 3>} : (tensor<?x?x2x8xf32>) -> tensor<?x2x?x8xf32>
  %a = pare.attention %q, %q, %q key_mask(%m : tensor<?x?xi1>) {fill = 0xFF800000 : f32, mask_mode = #pare.mask_mode<select>, scale = 1.0 : f32} : (tensor<?x2x?x8xf32>, tensor<?x2x?x8xf32>, tensor<?x2x?x8xf32>) -> tensor<?x2x?x8xf32>
  %t = pare.transpose %a {permutation = array<i64: 0, 2, 1, 3>} : (tensor<?x2x?x8xf32>) -> tensor<?x?x2x8xf32>
  %r = pare.reshape %t, %join : (tensor<?x?x2x8xf32>, tensor<3xsi64>) -> tensor<?x?x16xf32>
  %y = pare.add %r, %x : (tensor<?x?x16xf32>, tensor<?x?x16xf32>) -> tensor<?x?x16xf32>
  return %y : tensor<?x?x16xf32>
}

// -----

// A masked mean reads zeros in padding: it gets them. The first row of each sequence is kept and picked.
// CHECK-LABEL: func.func @pooled(
// CHECK: %[[FIRST:.*]] = pare.compare
// CHECK: pare.or %{{.*}}, %[[FIRST]]
// CHECK: pare.rows_from_mask
// CHECK: pare.segment_attention
// CHECK: %[[MASKED:.*]] = pare.rows_scatter {{.*}}fill = 0.000000e+00 : f64
// CHECK: pare.reduce %[[MASKED]] {axes = array<i64: 2>
// CHECK: pare.gather_nd
// CHECK: pare.gather %{{.*}} {axis = 1 : i64} : (tensor<2x?x8xf32>, tensor<?xsi64>) -> tensor<2x?x8xf32>
func.func @pooled(%x: tensor<?x2x?x8xf32> {pare.dims = ["b", "", "s", ""]}, %m: tensor<?x?xsi64> {pare.dims = ["b", "s"]}) -> (tensor<?x2x8xf32>, tensor<?x2x8xf32>) {
  %c0 = pare.constant dense<0> : tensor<si64>
  %valid = pare.cast %m {to = i1} : (tensor<?x?xsi64>) -> tensor<?x?xi1>
  %a = pare.attention %x, %x, %x key_mask(%valid : tensor<?x?xi1>) {fill = 0xFF800000 : f32, mask_mode = #pare.mask_mode<select>, scale = 1.0 : f32} : (tensor<?x2x?x8xf32>, tensor<?x2x?x8xf32>, tensor<?x2x?x8xf32>) -> tensor<?x2x?x8xf32>
  %m4 = pare.unsqueeze %m {axes = array<i64: 1, 3>} : (tensor<?x?xsi64>) -> tensor<?x1x?x1xsi64>
  %f = pare.cast %m4 {to = f32} : (tensor<?x1x?x1xsi64>) -> tensor<?x1x?x1xf32>
  %masked = pare.mul %a, %f : (tensor<?x2x?x8xf32>, tensor<?x1x?x1xf32>) -> tensor<?x2x?x8xf32>
  %sum = pare.reduce %masked {axes = array<i64: 2>, kind = #pare.reduce_kind<sum>} : (tensor<?x2x?x8xf32>) -> tensor<?x2x8xf32>
  %first = pare.gather %a, %c0 {axis = 2 : i64} : (tensor<?x2x?x8xf32>, tensor<si64>) -> tensor<?x2x8xf32>
  return %sum, %first : tensor<?x2x8xf32>, tensor<?x2x8xf32>
}

// -----

// A mean over all rows reads padding, so that all of it is computed, and so does a sum under another mask.
// CHECK-LABEL: func.func @refused
// CHECK-NOT: pare.rows_from_mask
// REMARK: pare.reduce reads rows of padding, so that they are computed
func.func @refused(%x: tensor<?x2x?x8xf32> {pare.dims = ["b", "", "s", ""]}, %m: tensor<?x?xi1> {pare.dims = ["b", "s"]}) -> (tensor<?x2x8xf32>, tensor<?x2x8xf32>) {
  %zero = pare.constant dense<0.0> : tensor<f32>
  %a = pare.attention %x, %x, %x key_mask(%m : tensor<?x?xi1>) {fill = 0xFF800000 : f32, mask_mode = #pare.mask_mode<select>, scale = 1.0 : f32} : (tensor<?x2x?x8xf32>, tensor<?x2x?x8xf32>, tensor<?x2x?x8xf32>) -> tensor<?x2x?x8xf32>
  %mean = pare.reduce %a {axes = array<i64: 2>, kind = #pare.reduce_kind<mean>} : (tensor<?x2x?x8xf32>) -> tensor<?x2x8xf32>
  %m4 = pare.unsqueeze %m {axes = array<i64: 1, 3>} : (tensor<?x?xi1>) -> tensor<?x1x?x1xi1>
  %padding = pare.where %m4, %zero, %a : (tensor<?x1x?x1xi1>, tensor<f32>, tensor<?x2x?x8xf32>) -> tensor<?x2x?x8xf32>
  %sum = pare.reduce %padding {axes = array<i64: 2>, kind = #pare.reduce_kind<sum>} : (tensor<?x2x?x8xf32>) -> tensor<?x2x8xf32>
  return %mean, %sum : tensor<?x2x8xf32>, tensor<?x2x8xf32>
}

// -----

// What an input adds to the scores may mask keys: a query could be left without one.
// CHECK-LABEL: func.func @unknown_bias
// CHECK-NOT: pare.rows_from_mask
// REMARK: a bias may mask keys too
func.func @unknown_bias(%x: tensor<?x2x?x8xf32> {pare.dims = ["b", "", "s", ""]}, %m: tensor<?x?xi1> {pare.dims = ["b", "s"]},
                        %bias: tensor<1x2x?x?xf32> {pare.dims = ["", "", "s", "s"]}) -> tensor<?x2x?x8xf32> {
  %a = pare.attention %x, %x, %x bias(%bias : tensor<1x2x?x?xf32>) key_mask(%m : tensor<?x?xi1>) {fill = -1.0e+04 : f32, mask_mode = #pare.mask_mode<add>, scale = 1.0 : f32} : (tensor<?x2x?x8xf32>, tensor<?x2x?x8xf32>, tensor<?x2x?x8xf32>) -> tensor<?x2x?x8xf32>
  return %a : tensor<?x2x?x8xf32>
}

// -----

// Keys of another sequence than the queries, as long as theirs: its padding says nothing about them.
// CHECK-LABEL: func.func @cross
// CHECK-NOT: pare.rows_from_mask
// REMARK: queries and keys are rows of different sequences
func.func @cross(%x: tensor<?x2x?x8xf32> {pare.dims = ["b", "", "s", ""]}, %e: tensor<?x2x?x8xf32> {pare.dims = ["b", "", "s", ""]},
                 %m: tensor<?x?xi1> {pare.dims = ["b", "s"]}, %w: tensor<8x8xf32>) -> tensor<?x2x?x8xf32> {
  %q = pare.matmul %x, %w : (tensor<?x2x?x8xf32>, tensor<8x8xf32>) -> tensor<?x2x?x8xf32>
  %k = pare.matmul %e, %w : (tensor<?x2x?x8xf32>, tensor<8x8xf32>) -> tensor<?x2x?x8xf32>
  %a = pare.attention %q, %k, %k key_mask(%m : tensor<?x?xi1>) {fill = 0xFF800000 : f32, mask_mode = #pare.mask_mode<select>, scale = 1.0 : f32} : (tensor<?x2x?x8xf32>, tensor<?x2x?x8xf32>, tensor<?x2x?x8xf32>) -> tensor<?x2x?x8xf32>
  return %a : tensor<?x2x?x8xf32>
}

// -----

// A bias that masks what comes later lets each query see its own key, which is valid where its row is. A row of padding that
// is picked may see keys of padding alone: then the sequence is computed whole.
// CHECK-LABEL: func.func @causal_bias(
// CHECK: %[[PICKED:.*]] = pare.compare %{{.*}} {kind = #pare.compare_kind<eq>}
// CHECK: pare.compare %{{.*}} {kind = #pare.compare_kind<ge>}
// CHECK: pare.compare %{{.*}} {kind = #pare.compare_kind<le>}
// CHECK: pare.segment_attention {{.*}} bias(%{{.*}} : tensor<1x1x?x?xf32>) key_mask(
// REMARK: rows of padding are not computed{{.*}}attentions=1
func.func @causal_bias(%x: tensor<?x2x?x8xf32> {pare.dims = ["b", "", "s", ""]}, %m: tensor<?x?xi1> {pare.dims = ["b", "s"]}) -> tensor<?x2x8xf32> {
  %zero = pare.constant dense<0> : tensor<si64>
  %one = pare.constant dense<1> : tensor<si64>
  %none = pare.constant dense<0.0> : tensor<f32>
  %low = pare.constant dense<-3.0e38> : tensor<f32>
  %shape = pare.shape_of %m : (tensor<?x?xi1>) -> tensor<2xsi64>
  %s = pare.gather %shape, %one {axis = 0 : i64} : (tensor<2xsi64>, tensor<si64>) -> tensor<si64>
  %j = pare.range %zero, %s, %one : (tensor<si64>, tensor<si64>, tensor<si64>) -> tensor<?xsi64>
  %i = pare.unsqueeze %j {axes = array<i64: 1>} : (tensor<?xsi64>) -> tensor<?x1xsi64>
  %seen = pare.compare %j, %i {kind = #pare.compare_kind<le>} : (tensor<?xsi64>, tensor<?x1xsi64>) -> tensor<?x?xi1>
  %term = pare.where %seen, %none, %low : (tensor<?x?xi1>, tensor<f32>, tensor<f32>) -> tensor<?x?xf32>
  %bias = pare.unsqueeze %term {axes = array<i64: 0, 1>} : (tensor<?x?xf32>) -> tensor<1x1x?x?xf32>
  %a = pare.attention %x, %x, %x bias(%bias : tensor<1x1x?x?xf32>) key_mask(%m : tensor<?x?xi1>) {fill = -1.0e4 : f32, mask_mode = #pare.mask_mode<add>, scale = 1.0 : f32} : (tensor<?x2x?x8xf32>, tensor<?x2x?x8xf32>, tensor<?x2x?x8xf32>) -> tensor<?x2x?x8xf32>
  %y = pare.gather %a, %zero {axis = 2 : i64} : (tensor<?x2x?x8xf32>, tensor<si64>) -> tensor<?x2x8xf32>
  return %y : tensor<?x2x8xf32>
}

// -----

// One that masks its own key as well may leave a query without any.
// CHECK-LABEL: func.func @earlier_bias(
// CHECK-NOT: pare.segment_attention
// REMARK: a bias may mask keys too
func.func @earlier_bias(%x: tensor<?x2x?x8xf32> {pare.dims = ["b", "", "s", ""]}, %m: tensor<?x?xi1> {pare.dims = ["b", "s"]}) -> tensor<?x2x?x8xf32> {
  %zero = pare.constant dense<0> : tensor<si64>
  %one = pare.constant dense<1> : tensor<si64>
  %none = pare.constant dense<0.0> : tensor<f32>
  %low = pare.constant dense<-3.0e38> : tensor<f32>
  %shape = pare.shape_of %m : (tensor<?x?xi1>) -> tensor<2xsi64>
  %s = pare.gather %shape, %one {axis = 0 : i64} : (tensor<2xsi64>, tensor<si64>) -> tensor<si64>
  %j = pare.range %zero, %s, %one : (tensor<si64>, tensor<si64>, tensor<si64>) -> tensor<?xsi64>
  %i = pare.unsqueeze %j {axes = array<i64: 1>} : (tensor<?xsi64>) -> tensor<?x1xsi64>
  %seen = pare.compare %j, %i {kind = #pare.compare_kind<lt>} : (tensor<?xsi64>, tensor<?x1xsi64>) -> tensor<?x?xi1>
  %term = pare.where %seen, %none, %low : (tensor<?x?xi1>, tensor<f32>, tensor<f32>) -> tensor<?x?xf32>
  %bias = pare.unsqueeze %term {axes = array<i64: 0, 1>} : (tensor<?x?xf32>) -> tensor<1x1x?x?xf32>
  %a = pare.attention %x, %x, %x bias(%bias : tensor<1x1x?x?xf32>) key_mask(%m : tensor<?x?xi1>) {fill = -1.0e4 : f32, mask_mode = #pare.mask_mode<add>, scale = 1.0 : f32} : (tensor<?x2x?x8xf32>, tensor<?x2x?x8xf32>, tensor<?x2x?x8xf32>) -> tensor<?x2x?x8xf32>
  return %a : tensor<?x2x?x8xf32>
}

// -----

// A further mask that lets every row see itself: queries keep a key, and look the mask up by their places.
// CHECK-LABEL: func.func @documents
// CHECK: %[[SAME:.*]] = pare.compare
// CHECK: pare.segment_attention {{.*}} q_positions(%[[P:.*]] : tensor<?xsi64>) k_positions(%[[P]] : tensor<?xsi64>) key_mask({{.*}}) mask(%[[SAME]] : tensor<?x1x?x?xi1>)
func.func @documents(%x: tensor<?x2x?x8xf32> {pare.dims = ["b", "", "s", ""]}, %ids: tensor<?x?xsi64> {pare.dims = ["b", "s"]}, %m: tensor<?x?xi1> {pare.dims = ["b", "s"]}) -> tensor<?x2x?x8xf32> {
  %iq = pare.unsqueeze %ids {axes = array<i64: 1, 3>} : (tensor<?x?xsi64>) -> tensor<?x1x?x1xsi64>
  %ik = pare.unsqueeze %ids {axes = array<i64: 1, 2>} : (tensor<?x?xsi64>) -> tensor<?x1x1x?xsi64>
  %same = pare.compare %iq, %ik {kind = #pare.compare_kind<eq>} : (tensor<?x1x?x1xsi64>, tensor<?x1x1x?xsi64>) -> tensor<?x1x?x?xi1>
  %y = pare.attention %x, %x, %x key_mask(%m : tensor<?x?xi1>) mask(%same : tensor<?x1x?x?xi1>) {fill = 0xFF800000 : f32, mask_mode = #pare.mask_mode<add>, scale = 1.0 : f32} : (tensor<?x2x?x8xf32>, tensor<?x2x?x8xf32>, tensor<?x2x?x8xf32>) -> tensor<?x2x?x8xf32>
  return %y : tensor<?x2x?x8xf32>
}

// -----

// One of which nothing is known may leave a query with padding alone.
// CHECK-LABEL: func.func @any_mask
// CHECK-NOT: pare.segment_attention
// REMARK: a further mask may leave a query without a key
func.func @any_mask(%x: tensor<?x2x?x8xf32> {pare.dims = ["b", "", "s", ""]}, %any: tensor<?x1x?x?xi1> {pare.dims = ["b", "", "s", "s"]}, %m: tensor<?x?xi1> {pare.dims = ["b", "s"]}) -> tensor<?x2x?x8xf32> {
  %y = pare.attention %x, %x, %x key_mask(%m : tensor<?x?xi1>) mask(%any : tensor<?x1x?x?xi1>) {fill = 0xFF800000 : f32, mask_mode = #pare.mask_mode<add>, scale = 1.0 : f32} : (tensor<?x2x?x8xf32>, tensor<?x2x?x8xf32>, tensor<?x2x?x8xf32>) -> tensor<?x2x?x8xf32>
  return %y : tensor<?x2x?x8xf32>
}
