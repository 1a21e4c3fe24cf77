// RUN: pare-opt %s --split-input-file --convert-pare-to-linalg --canonicalize --cse | FileCheck %s

// One parallel loop over tiles of query rows; transpositions of rows are not done, and nothing of the size of all scores
// exists.
// CHECK-LABEL: @transposed
// CHECK-SAME: %[[X:[a-z0-9]+]]: tensor<?x?x4x8xf32>
// CHECK-NOT: linalg.transpose
// CHECK: scf.forall (%[[B:.*]], %[[H:.*]], %[[R:.*]]) = (0, 0, 0) to (%{{.*}}, 4, %{{.*}}) step (1, 1, 144) shared_outs(%[[OUT:.*]] = %{{.*}}) -> (tensor<?x?x4x8xf32>)
// CHECK: %[[ROWS:.*]] = affine.min
// CHECK: tensor.extract_slice %[[X]][%[[B]], %[[R]], %[[H]], 0] [1, %[[ROWS]], 1, 8]
// CHECK: math.exp
// CHECK: scf.forall.in_parallel
// CHECK-NEXT: tensor.parallel_insert_slice %{{.*}} into %[[OUT]][%[[B]], %[[R]], %[[H]], 0] [1, %[[ROWS]], 1, 8]
// CHECK-NOT: linalg.transpose
func.func @transposed(%x: tensor<?x?x4x8xf32>) -> tensor<?x?x4x8xf32> {
  %q = pare.transpose %x {permutation = array<i64: 0, 2, 1, 3>} : (tensor<?x?x4x8xf32>) -> tensor<?x4x?x8xf32>
  %y = pare.attention %q, %q, %q {scale = 0.5 : f32, fill = 0.0 : f32, mask_mode = #pare.mask_mode<select>} : (tensor<?x4x?x8xf32>, tensor<?x4x?x8xf32>, tensor<?x4x?x8xf32>) -> tensor<?x4x?x8xf32>
  %z = pare.transpose %y {permutation = array<i64: 0, 2, 1, 3>} : (tensor<?x4x?x8xf32>) -> tensor<?x?x4x8xf32>
  return %z : tensor<?x?x4x8xf32>
}

// -----

// Offsets are checked before anything is read by them. A tile looks at the keys of its band only.
// CHECK-LABEL: @packed
// CHECK-COUNT-3: cf.assert %{{.*}}, "offsets of segments do not ascend from 0 to the number of rows"
// CHECK: scf.forall
// CHECK: arith.maxsi
// CHECK: arith.minsi
func.func @packed(%q: tensor<2x?x8xf32>, %o: tensor<?xsi64>) -> tensor<2x?x8xf32> {
  %y = pare.segment_attention %q, %q, %q offsets(%o, %o : tensor<?xsi64>, tensor<?xsi64>) {scale = 0.5 : f32, fill = 0xFF800000 : f32, mask_mode = #pare.mask_mode<select>, band_lower = -3 : i64, band_upper = 0 : i64} : (tensor<2x?x8xf32>, tensor<2x?x8xf32>, tensor<2x?x8xf32>) -> tensor<2x?x8xf32>
  return %y : tensor<2x?x8xf32>
}

// -----

// Neighbouring axes are merged, so that no row needs a division.
// CHECK-LABEL: @gather
// CHECK: tensor.collapse_shape %{{.*}} {{\[}}[0, 1], [2]] : tensor<?x?x3xf32> into tensor<?x3xf32>
// CHECK-NOT: arith.remsi
// CHECK: return
func.func @gather(%x: tensor<?x?x3xf32>, %i: tensor<?xsi64>) -> tensor<?x3xf32> {
  %y = pare.rows_gather %x, %i {batch_axis = 0 : i64, row_axis = 1 : i64} : (tensor<?x?x3xf32>, tensor<?xsi64>) -> tensor<?x3xf32>
  return %y : tensor<?x3xf32>
}

// -----

// The sizes of what is packed and put back are known to be those of the batch: nothing is checked but the rows.
// CHECK-LABEL: @sizes
// CHECK: cf.assert %{{.*}}, "an index is not a row of the batch"
// CHECK-NOT: broadcast
// CHECK: return
func.func @sizes(%x: tensor<?x?x3xf32>, %m: tensor<?x?xi1>) -> tensor<?x?x3xf32> {
  %i, %o = pare.rows_from_mask %m : (tensor<?x?xi1>) -> (tensor<?xsi64>, tensor<?xsi64>)
  %s = pare.shape_of %x : (tensor<?x?x3xf32>) -> tensor<3xsi64>
  %two = pare.constant dense<[0, 1]> : tensor<2xsi64>
  %sizes = pare.gather %s, %two {axis = 0 : i64} : (tensor<3xsi64>, tensor<2xsi64>) -> tensor<2xsi64>
  %p = pare.rows_gather %x, %i, %sizes {batch_axis = 0 : i64, row_axis = 1 : i64} : (tensor<?x?x3xf32>, tensor<?xsi64>, tensor<2xsi64>) -> tensor<?x3xf32>
  %y = pare.rows_scatter %p, %i, %sizes {batch_axis = 0 : i64, row_axis = 1 : i64, fill = 0.0 : f64} : (tensor<?x3xf32>, tensor<?xsi64>, tensor<2xsi64>) -> tensor<?x?x3xf32>
  %z = pare.add %x, %y : (tensor<?x?x3xf32>, tensor<?x?x3xf32>) -> tensor<?x?x3xf32>
  return %z : tensor<?x?x3xf32>
}

// -----

// Where queries may be few, and fewer than keys: one of them at a time, the heads that share keys together.
// CHECK-LABEL: @few
// CHECK: %[[FEW:.*]] = arith.cmpi sle, %{{.*}}, %{{.*}} : index
// CHECK: scf.if %[[FEW]] -> (tensor<?x6x?x8xf32>)
// CHECK: scf.forall (%[[B:.*]], %[[H:.*]], %[[R:.*]]) in (%{{.*}}, 2, %{{.*}}) shared_outs
// CHECK: %[[FIRST:.*]] = {{arith.muli|affine.apply}}
// CHECK: tensor.extract_slice %{{.*}}[%[[B]], %{{.*}}, %[[R]], 0] [1, 3, 1, 8] [1, 1, 1, 1] : tensor<?x6x?x8xf32> to tensor<3x8xf32>
// CHECK: linalg.generic {{.*}} ins(%{{.*}}, %{{.*}} : tensor<3x8xf32>, tensor<?x8xf32>) outs(%{{.*}} : tensor<3x?xf32>)
// CHECK: scf.forall.in_parallel
// CHECK-NEXT: tensor.parallel_insert_slice %{{.*}} [1, 3, 1, 8] [1, 1, 1, 1] : tensor<3x8xf32> into tensor<?x6x?x8xf32>
// CHECK: } else {
// CHECK: scf.forall {{.*}} step (1, 1, 144)
func.func @few(%q: tensor<?x6x?x8xf32>, %k: tensor<?x2x?x8xf32>) -> tensor<?x6x?x8xf32> {
  %y = pare.attention %q, %k, %k {scale = 0.5 : f32, fill = 0.0 : f32, mask_mode = #pare.mask_mode<select>} : (tensor<?x6x?x8xf32>, tensor<?x2x?x8xf32>, tensor<?x2x?x8xf32>) -> tensor<?x6x?x8xf32>
  return %y : tensor<?x6x?x8xf32>
}

// -----

// CHECK-LABEL: @single
// CHECK-NOT: scf.if
// CHECK: scf.forall (%{{[a-z0-9]+}}, %{{[a-z0-9]+}}) in (%{{.*}}, 2) shared_outs
// CHECK-NOT: scf.if
// CHECK: return
func.func @single(%q: tensor<?x6x1x8xf32>, %k: tensor<?x2x?x8xf32>) -> tensor<?x6x1x8xf32> {
  %y = pare.attention %q, %k, %k {scale = 0.5 : f32, fill = 0.0 : f32, mask_mode = #pare.mask_mode<select>} : (tensor<?x6x1x8xf32>, tensor<?x2x?x8xf32>, tensor<?x2x?x8xf32>) -> tensor<?x6x1x8xf32>
  return %y : tensor<?x6x1x8xf32>
}
