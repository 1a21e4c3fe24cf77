// RUN: pare-opt %s -split-input-file -verify-diagnostics

func.func @heads(%q: tensor<1x4x5x8xf32>, %k: tensor<1x3x5x8xf32>) {
  // expected-error@+2 {{4 heads of q do not share 3 heads of k evenly}}
  // expected-error@+1 {{failed to infer returned types}}
  %y = pare.attention %q, %k, %k {scale = 1.0 : f32, fill = 0.0 : f32, mask_mode = #pare.mask_mode<select>} : (tensor<1x4x5x8xf32>, tensor<1x3x5x8xf32>, tensor<1x3x5x8xf32>) -> tensor<1x4x5x8xf32>
  return
}

// -----

func.func @depth(%q: tensor<1x4x5x8xf32>, %k: tensor<1x4x5x7xf32>) {
  // expected-error@+2 {{k has size 7 on axis 3 instead of 8}}
  // expected-error@+1 {{failed to infer returned types}}
  %y = pare.attention %q, %k, %q {scale = 1.0 : f32, fill = 0.0 : f32, mask_mode = #pare.mask_mode<select>} : (tensor<1x4x5x8xf32>, tensor<1x4x5x7xf32>, tensor<1x4x5x8xf32>) -> tensor<1x4x5x8xf32>
  return
}

// -----

func.func @bias(%q: tensor<1x4x5x8xf32>, %b: tensor<1x4x5x3xf32>) {
  // expected-error@+2 {{a bias has size 3 on axis 3 instead of 5 or 1}}
  // expected-error@+1 {{failed to infer returned types}}
  %y = pare.attention %q, %q, %q bias(%b : tensor<1x4x5x3xf32>) {scale = 1.0 : f32, fill = 0.0 : f32, mask_mode = #pare.mask_mode<select>} : (tensor<1x4x5x8xf32>, tensor<1x4x5x8xf32>, tensor<1x4x5x8xf32>) -> tensor<1x4x5x8xf32>
  return
}

// -----

func.func @types(%q: tensor<1x4x5x8xf32>, %k: tensor<1x4x5x8xf16>) {
  // expected-error@+1 {{needs one element type for q, k, v and bias}}
  %y = pare.attention %q, %k, %q {scale = 1.0 : f32, fill = 0.0 : f32, mask_mode = #pare.mask_mode<select>} : (tensor<1x4x5x8xf32>, tensor<1x4x5x8xf16>, tensor<1x4x5x8xf32>) -> tensor<1x4x5x8xf32>
  return
}

// -----

func.func @band(%q: tensor<1x4x5x8xf32>) {
  // expected-error@+1 {{has an empty band from 1 to -1}}
  %y = pare.attention %q, %q, %q {scale = 1.0 : f32, fill = 0.0 : f32, mask_mode = #pare.mask_mode<select>, band_lower = 1 : i64, band_upper = -1 : i64} : (tensor<1x4x5x8xf32>, tensor<1x4x5x8xf32>, tensor<1x4x5x8xf32>) -> tensor<1x4x5x8xf32>
  return
}

// -----

func.func @offsets(%q: tensor<4x5x8xf32>, %a: tensor<3xsi64>, %b: tensor<4xsi64>) {
  // expected-error@+2 {{k_offsets has size 4 on axis 0 instead of 3}}
  // expected-error@+1 {{failed to infer returned types}}
  %y = pare.segment_attention %q, %q, %q offsets(%a, %b : tensor<3xsi64>, tensor<4xsi64>) {scale = 1.0 : f32, fill = 0.0 : f32, mask_mode = #pare.mask_mode<select>} : (tensor<4x5x8xf32>, tensor<4x5x8xf32>, tensor<4x5x8xf32>) -> tensor<4x5x8xf32>
  return
}

// -----

func.func @positions(%q: tensor<4x5x8xf32>, %a: tensor<3xsi64>) {
  // expected-error@+2 {{k_positions has size 3 on axis 0 instead of 5}}
  // expected-error@+1 {{failed to infer returned types}}
  %y = pare.segment_attention %q, %q, %q offsets(%a, %a : tensor<3xsi64>, tensor<3xsi64>) k_positions(%a : tensor<3xsi64>) {scale = 1.0 : f32, fill = 0.0 : f32, mask_mode = #pare.mask_mode<select>} : (tensor<4x5x8xf32>, tensor<4x5x8xf32>, tensor<4x5x8xf32>) -> tensor<4x5x8xf32>
  return
}

// -----

func.func @mask(%m: tensor<2x3x4xi1>) {
  // expected-error@+2 {{the mask has rank 3 instead of 2}}
  // expected-error@+1 {{failed to infer returned types}}
  %i, %o = pare.rows_from_mask %m : (tensor<2x3x4xi1>) -> (tensor<?xsi64>, tensor<3xsi64>)
  return
}

// -----

func.func @axes(%x: tensor<2x3xf32>, %i: tensor<?xsi64>) {
  // expected-error@+2 {{batch_axis and row_axis are both 1}}
  // expected-error@+1 {{failed to infer returned types}}
  %y = pare.rows_gather %x, %i {batch_axis = 1 : i64, row_axis = 1 : i64} : (tensor<2x3xf32>, tensor<?xsi64>) -> tensor<?xf32>
  return
}

// -----

func.func @sizes(%x: tensor<2x3xf32>, %i: tensor<?xsi64>) {
  %s = pare.constant dense<[2, 4]> : tensor<2xsi64>
  // expected-error@+2 {{x has size 3 on axis 1 instead of 4 or 1}}
  // expected-error@+1 {{failed to infer returned types}}
  %y = pare.rows_gather %x, %i, %s {batch_axis = 0 : i64, row_axis = 1 : i64} : (tensor<2x3xf32>, tensor<?xsi64>, tensor<2xsi64>) -> tensor<?xf32>
  return
}

// -----

func.func @rows(%x: tensor<5x3xf32>, %i: tensor<4xsi64>, %s: tensor<2xsi64>) {
  // expected-error@+2 {{4 indices for 5 rows}}
  // expected-error@+1 {{failed to infer returned types}}
  %y = pare.rows_scatter %x, %i, %s {batch_axis = 0 : i64, row_axis = 1 : i64, fill = 0.0 : f64} : (tensor<5x3xf32>, tensor<4xsi64>, tensor<2xsi64>) -> tensor<?x?x3xf32>
  return
}

// -----

func.func @fill(%x: tensor<5x3xsi8>, %i: tensor<5xsi64>, %s: tensor<2xsi64>) {
  // expected-error@+1 {{cannot fill 'si8' with}}
  %y = pare.rows_scatter %x, %i, %s {batch_axis = 0 : i64, row_axis = 1 : i64, fill = 128.0 : f64} : (tensor<5x3xsi8>, tensor<5xsi64>, tensor<2xsi64>) -> tensor<?x?x3xsi8>
  return
}
