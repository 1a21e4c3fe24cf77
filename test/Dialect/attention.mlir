// RUN: pare-opt %s | pare-opt | FileCheck %s

// Optional operands print as named groups.
// CHECK-LABEL: @dense
// CHECK: pare.attention %{{.*}}, %{{.*}}, %{{.*}} {fill = 0.000000e+00 : f32, mask_mode = #pare.mask_mode<add>, scale = 1.000000e+00 : f32} : (tensor<?x4x?x8xf32>, tensor<?x2x?x8xf32>, tensor<?x2x?x6xf32>) -> tensor<?x4x?x6xf32>
// CHECK: pare.attention %{{.*}}, %{{.*}}, %{{.*}} bias(%{{.*}}, %{{.*}} : tensor<1x4x?x?xf32>, tensor<?x1x1x?xf32>) key_mask(%{{.*}} : tensor<?x?xi1>) query_mask(%{{.*}} : tensor<1x?xi1>) mask(%{{.*}} : tensor<?x1x?x?xi1>) {align_end, band_lower = -4 : i64, band_upper = 0 : i64,
func.func @dense(%q: tensor<?x4x?x8xf32>, %k: tensor<?x2x?x8xf32>, %v: tensor<?x2x?x6xf32>, %b: tensor<1x4x?x?xf32>, %c: tensor<?x1x1x?xf32>,
                 %km: tensor<?x?xi1>, %qm: tensor<1x?xi1>, %m: tensor<?x1x?x?xi1>) -> (tensor<?x4x?x6xf32>, tensor<?x4x?x6xf32>) {
  %x = pare.attention %q, %k, %v {scale = 1.0 : f32, fill = 0.0 : f32, mask_mode = #pare.mask_mode<add>} : (tensor<?x4x?x8xf32>, tensor<?x2x?x8xf32>, tensor<?x2x?x6xf32>) -> tensor<?x4x?x6xf32>
  %y = pare.attention %q, %k, %v bias(%b, %c : tensor<1x4x?x?xf32>, tensor<?x1x1x?xf32>) key_mask(%km : tensor<?x?xi1>) query_mask(%qm : tensor<1x?xi1>) mask(%m : tensor<?x1x?x?xi1>) {scale = 1.0 : f32, fill = 0xFF800000 : f32, mask_mode = #pare.mask_mode<select>, band_lower = -4 : i64, band_upper = 0 : i64, align_end, zero_masked_rows} : (tensor<?x4x?x8xf32>, tensor<?x2x?x8xf32>, tensor<?x2x?x6xf32>) -> tensor<?x4x?x6xf32>
  return %x, %y : tensor<?x4x?x6xf32>, tensor<?x4x?x6xf32>
}

// CHECK-LABEL: @packed
// CHECK: pare.rows_from_mask %{{.*}} : (tensor<3x?xi1>) -> (tensor<?xsi64>, tensor<4xsi64>)
// CHECK: pare.rows_gather %{{.*}}, %{{.*}} {batch_axis = 0 : i64, row_axis = 2 : i64} : (tensor<3x2x?x8xf32>, tensor<?xsi64>) -> tensor<2x?x8xf32>
// CHECK: pare.segment_attention %{{.*}}, %{{.*}}, %{{.*}} offsets(%{{.*}}, %{{.*}} : tensor<4xsi64>, tensor<4xsi64>) q_positions(%{{.*}} : tensor<?xsi64>) k_positions(%{{.*}} : tensor<?xsi64>) key_mask(%{{.*}} : tensor<?xi1>)
// CHECK: pare.rows_scatter %{{.*}} {batch_axis = 0 : i64, fill = 0.000000e+00 : f64, row_axis = 2 : i64} : (tensor<2x?x8xf32>, tensor<?xsi64>, tensor<2xsi64>) -> tensor<3x2x?x8xf32>
func.func @packed(%x: tensor<3x2x?x8xf32>, %m: tensor<3x?xi1>, %km: tensor<?xi1>) -> tensor<3x2x?x8xf32> {
  %i, %o = pare.rows_from_mask %m : (tensor<3x?xi1>) -> (tensor<?xsi64>, tensor<4xsi64>)
  %q = pare.rows_gather %x, %i {batch_axis = 0 : i64, row_axis = 2 : i64} : (tensor<3x2x?x8xf32>, tensor<?xsi64>) -> tensor<2x?x8xf32>
  %y = pare.segment_attention %q, %q, %q offsets(%o, %o : tensor<4xsi64>, tensor<4xsi64>) q_positions(%i : tensor<?xsi64>) k_positions(%i : tensor<?xsi64>) key_mask(%km : tensor<?xi1>) {scale = 1.0 : f32, fill = 0.0 : f32, mask_mode = #pare.mask_mode<select>} : (tensor<2x?x8xf32>, tensor<2x?x8xf32>, tensor<2x?x8xf32>) -> tensor<2x?x8xf32>
  %s = pare.shape_of %m : (tensor<3x?xi1>) -> tensor<2xsi64>
  %z = pare.rows_scatter %y, %i, %s {batch_axis = 0 : i64, row_axis = 2 : i64, fill = 0.0 : f64} : (tensor<2x?x8xf32>, tensor<?xsi64>, tensor<2xsi64>) -> tensor<3x2x?x8xf32>
  return %z : tensor<3x2x?x8xf32>
}
