// Causal attention and windows: keys that no query of a tile sees are left out.
// RUN: pare verify %s
// RUN: pare verify %s --sizes b=2,n=157
// RUN: pare verify %s --sizes b=2,n=300
func.func @main(%q: tensor<?x4x?x8xf32> {pare.name = "q", pare.dims = ["b", "", "n", ""]},
                %k: tensor<?x2x?x8xf32> {pare.name = "k", pare.dims = ["b", "", "n", ""]},
                %v: tensor<?x2x?x6xf32> {pare.name = "v", pare.dims = ["b", "", "n", ""]},
                %km: tensor<?x?xsi64> {pare.name = "km", pare.dims = ["b", "n"]})
    -> (tensor<?x4x?x6xf32> {pare.name = "causal"},
        tensor<?x4x?x6xf32> {pare.name = "window"},
        tensor<?x4x?x6xf32> {pare.name = "keyed"},
        tensor<?x4x?x6xf32> {pare.name = "zeroed"},
        tensor<?x4x?x6xf32> {pare.name = "future"},
        tensor<?x4x?x6xf32> {pare.name = "added"},
        tensor<?x4x?x6xf32> {pare.name = "end"}) {
  %keys = pare.cast %km {to = i1} : (tensor<?x?xsi64>) -> tensor<?x?xi1>
  %causal = pare.attention %q, %k, %v {scale = 0.353553385 : f32, fill = -3.40282347E+38 : f32, mask_mode = #pare.mask_mode<select>, band_upper = 0 : i64} : (tensor<?x4x?x8xf32>, tensor<?x2x?x8xf32>, tensor<?x2x?x6xf32>) -> tensor<?x4x?x6xf32>
  %window = pare.attention %q, %k, %v {scale = 0.353553385 : f32, fill = -3.40282347E+38 : f32, mask_mode = #pare.mask_mode<select>, band_lower = -3 : i64, band_upper = 2 : i64} : (tensor<?x4x?x8xf32>, tensor<?x2x?x8xf32>, tensor<?x2x?x6xf32>) -> tensor<?x4x?x6xf32>
  %keyed = pare.attention %q, %k, %v key_mask(%keys : tensor<?x?xi1>) {scale = 0.353553385 : f32, fill = -3.40282347E+38 : f32, mask_mode = #pare.mask_mode<select>, band_upper = 0 : i64} : (tensor<?x4x?x8xf32>, tensor<?x2x?x8xf32>, tensor<?x2x?x6xf32>) -> tensor<?x4x?x6xf32>
  %zeroed = pare.attention %q, %k, %v key_mask(%keys : tensor<?x?xi1>) {scale = 0.353553385 : f32, fill = 0xFF800000 : f32, mask_mode = #pare.mask_mode<select>, band_lower = -20 : i64, band_upper = 0 : i64, zero_masked_rows} : (tensor<?x4x?x8xf32>, tensor<?x2x?x8xf32>, tensor<?x2x?x6xf32>) -> tensor<?x4x?x6xf32>
  %future = pare.attention %q, %k, %v {scale = 0.353553385 : f32, fill = 0xFF800000 : f32, mask_mode = #pare.mask_mode<select>, band_lower = 1 : i64, zero_masked_rows} : (tensor<?x4x?x8xf32>, tensor<?x2x?x8xf32>, tensor<?x2x?x6xf32>) -> tensor<?x4x?x6xf32>
  %added = pare.attention %q, %k, %v {scale = 0.353553385 : f32, fill = -1.000000e+01 : f32, mask_mode = #pare.mask_mode<add>, band_lower = -3 : i64, band_upper = 2 : i64} : (tensor<?x4x?x8xf32>, tensor<?x2x?x8xf32>, tensor<?x2x?x6xf32>) -> tensor<?x4x?x6xf32>
  %end = pare.attention %q, %k, %v {scale = 0.353553385 : f32, fill = 0xFF800000 : f32, mask_mode = #pare.mask_mode<select>, band_upper = 0 : i64, align_end} : (tensor<?x4x?x8xf32>, tensor<?x2x?x8xf32>, tensor<?x2x?x6xf32>) -> tensor<?x4x?x6xf32>
  return %causal, %window, %keyed, %zeroed, %future, %added, %end : tensor<?x4x?x6xf32>, tensor<?x4x?x6xf32>, tensor<?x4x?x6xf32>, tensor<?x4x?x6xf32>, tensor<?x4x?x6xf32>, tensor<?x4x?x6xf32>, tensor<?x4x?x6xf32>
}
