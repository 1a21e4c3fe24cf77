// The last query stands at the last key: more keys than queries, and fewer.
// RUN: pare verify %s
// RUN: pare verify %s --sizes b=2,n=9,m=150
// RUN: pare verify %s --sizes b=2,n=150,m=9
// RUN: pare verify %s --sizes b=2,n=1,m=600
// RUN: pare verify %s --sizes b=2,n=4,m=9
func.func @main(%q: tensor<?x4x?x8xf32> {pare.name = "q", pare.dims = ["b", "", "n", ""]},
                %k: tensor<?x2x?x8xf32> {pare.name = "k", pare.dims = ["b", "", "m", ""]},
                %v: tensor<?x2x?x6xf32> {pare.name = "v", pare.dims = ["b", "", "m", ""]})
    -> (tensor<?x4x?x6xf32> {pare.name = "causal"},
        tensor<?x4x?x6xf32> {pare.name = "zeroed"},
        tensor<?x4x?x6xf32> {pare.name = "start"}) {
  %causal = pare.attention %q, %k, %v {scale = 0.353553385 : f32, fill = -3.40282347E+38 : f32, mask_mode = #pare.mask_mode<select>, band_upper = 0 : i64, align_end} : (tensor<?x4x?x8xf32>, tensor<?x2x?x8xf32>, tensor<?x2x?x6xf32>) -> tensor<?x4x?x6xf32>
  %zeroed = pare.attention %q, %k, %v {scale = 0.353553385 : f32, fill = 0xFF800000 : f32, mask_mode = #pare.mask_mode<select>, band_lower = -2 : i64, band_upper = 0 : i64, align_end, zero_masked_rows} : (tensor<?x4x?x8xf32>, tensor<?x2x?x8xf32>, tensor<?x2x?x6xf32>) -> tensor<?x4x?x6xf32>
  %start = pare.attention %q, %k, %v {scale = 0.353553385 : f32, fill = 0xFF800000 : f32, mask_mode = #pare.mask_mode<select>, band_lower = -2 : i64, band_upper = 0 : i64, zero_masked_rows} : (tensor<?x4x?x8xf32>, tensor<?x2x?x8xf32>, tensor<?x2x?x6xf32>) -> tensor<?x4x?x6xf32>
  return %causal, %zeroed, %start : tensor<?x4x?x6xf32>, tensor<?x4x?x6xf32>, tensor<?x4x?x6xf32>
}
