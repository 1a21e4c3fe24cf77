// Scores that are capped, and scores and weights that are rounded to levels.
// RUN: pare verify %s
// RUN: pare verify %s --sizes b=2,n=157,m=67
// RUN: pare verify %s --sizes b=2,n=2,m=67
func.func @main(%q: tensor<?x4x?x8xf32> {pare.name = "q", pare.dims = ["b", "", "n", ""]},
                %k: tensor<?x2x?x8xf32> {pare.name = "k", pare.dims = ["b", "", "m", ""]},
                %v: tensor<?x2x?x6xf32> {pare.name = "v", pare.dims = ["b", "", "m", ""]},
                %bias: tensor<?x1x1x?xf32> {pare.name = "bias", pare.dims = ["b", "", "", "m"]},
                %bits: tensor<?x?xsi64> {pare.name = "bits", pare.dims = ["b", "m"]})
    -> (tensor<?x4x?x6xf32> {pare.name = "capped"},
        tensor<?x4x?x6xf32> {pare.name = "scores"},
        tensor<?x4x?x6xf32> {pare.name = "weights"},
        tensor<?x4x?x6xf32> {pare.name = "both"}) {
  %valid = pare.cast %bits {to = i1} : (tensor<?x?xsi64>) -> tensor<?x?xi1>
  %capped = pare.attention %q, %k, %v bias(%bias : tensor<?x1x1x?xf32>) {scale = 0.5 : f32, fill = 0.0 : f32, mask_mode = #pare.mask_mode<select>, softcap = 2.0 : f32} : (tensor<?x4x?x8xf32>, tensor<?x2x?x8xf32>, tensor<?x2x?x6xf32>) -> tensor<?x4x?x6xf32>
  %scores = pare.attention %q, %k, %v bias(%bias : tensor<?x1x1x?xf32>) {scale = 0.5 : f32, fill = 0.0 : f32, mask_mode = #pare.mask_mode<select>, score_levels = #pare.levels<scale = 0.3 : f32, zero_point = 3, low = -8, high = 7>} : (tensor<?x4x?x8xf32>, tensor<?x2x?x8xf32>, tensor<?x2x?x6xf32>) -> tensor<?x4x?x6xf32>
  %weights = pare.attention %q, %k, %v key_mask(%valid : tensor<?x?xi1>) {scale = 0.5 : f32, fill = 0xFF800000 : f32, mask_mode = #pare.mask_mode<select>, zero_masked_rows, weight_levels = #pare.levels<scale = 0.01 : f32, zero_point = 0, low = 0, high = 255>} : (tensor<?x4x?x8xf32>, tensor<?x2x?x8xf32>, tensor<?x2x?x6xf32>) -> tensor<?x4x?x6xf32>
  %both = pare.attention %q, %k, %v key_mask(%valid : tensor<?x?xi1>) {scale = 0.5 : f32, fill = -1.0e4 : f32, mask_mode = #pare.mask_mode<add>, softcap = 30.0 : f32, score_levels = #pare.levels<scale = 0.25 : f32, zero_point = -3, low = -128, high = 127>, weight_levels = #pare.levels<scale = 0.0078125 : f32, zero_point = -128, low = -128, high = 127>} : (tensor<?x4x?x8xf32>, tensor<?x2x?x8xf32>, tensor<?x2x?x6xf32>) -> tensor<?x4x?x6xf32>
  return %capped, %scores, %weights, %both : tensor<?x4x?x6xf32>, tensor<?x4x?x6xf32>, tensor<?x4x?x6xf32>, tensor<?x4x?x6xf32>
}
