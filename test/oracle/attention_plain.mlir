// Grouped heads, and every kind of mask that belongs to rows of keys or queries.
// RUN: pare verify %s
// RUN: pare verify %s --sizes b=3,n=157,m=67
// RUN: pare verify %s --sizes b=2,n=145,m=300
// RUN: pare verify %s --sizes b=2,n=1,m=513
// RUN: pare verify %s --sizes b=2,n=4,m=1
func.func @main(%q: tensor<?x4x?x8xf32> {pare.name = "q", pare.dims = ["b", "", "n", ""]},
                %k: tensor<?x2x?x8xf32> {pare.name = "k", pare.dims = ["b", "", "m", ""]},
                %v: tensor<?x2x?x6xf32> {pare.name = "v", pare.dims = ["b", "", "m", ""]},
                %km: tensor<?x?xsi64> {pare.name = "km", pare.dims = ["b", "m"]},
                %qm: tensor<1x?xsi64> {pare.name = "qm", pare.dims = ["", "n"]})
    -> (tensor<?x4x?x6xf32> {pare.name = "plain"},
        tensor<?x4x?x6xf32> {pare.name = "negative"},
        tensor<?x4x?x6xf32> {pare.name = "keyed"},
        tensor<?x4x?x6xf32> {pare.name = "zeroed"},
        tensor<?x4x?x6xf32> {pare.name = "added"},
        tensor<?x4x?x6xf32> {pare.name = "queries"}) {
  %keys = pare.cast %km {to = i1} : (tensor<?x?xsi64>) -> tensor<?x?xi1>
  %rows = pare.cast %qm {to = i1} : (tensor<1x?xsi64>) -> tensor<1x?xi1>
  %plain = pare.attention %q, %k, %v {scale = 0.353553385 : f32, fill = -3.40282347E+38 : f32, mask_mode = #pare.mask_mode<select>} : (tensor<?x4x?x8xf32>, tensor<?x2x?x8xf32>, tensor<?x2x?x6xf32>) -> tensor<?x4x?x6xf32>
  %negative = pare.attention %q, %k, %v {scale = -0.5 : f32, fill = 0.0 : f32, mask_mode = #pare.mask_mode<select>} : (tensor<?x4x?x8xf32>, tensor<?x2x?x8xf32>, tensor<?x2x?x6xf32>) -> tensor<?x4x?x6xf32>
  %keyed = pare.attention %q, %k, %v key_mask(%keys : tensor<?x?xi1>) {scale = 0.353553385 : f32, fill = -3.40282347E+38 : f32, mask_mode = #pare.mask_mode<select>} : (tensor<?x4x?x8xf32>, tensor<?x2x?x8xf32>, tensor<?x2x?x6xf32>) -> tensor<?x4x?x6xf32>
  %zeroed = pare.attention %q, %k, %v key_mask(%keys : tensor<?x?xi1>) {scale = 0.353553385 : f32, fill = 0xFF800000 : f32, mask_mode = #pare.mask_mode<select>, zero_masked_rows} : (tensor<?x4x?x8xf32>, tensor<?x2x?x8xf32>, tensor<?x2x?x6xf32>) -> tensor<?x4x?x6xf32>
  %added = pare.attention %q, %k, %v key_mask(%keys : tensor<?x?xi1>) query_mask(%rows : tensor<1x?xi1>) {scale = 0.353553385 : f32, fill = -1.000000e+04 : f32, mask_mode = #pare.mask_mode<add>} : (tensor<?x4x?x8xf32>, tensor<?x2x?x8xf32>, tensor<?x2x?x6xf32>) -> tensor<?x4x?x6xf32>
  %queries = pare.attention %q, %k, %v query_mask(%rows : tensor<1x?xi1>) {scale = 0.353553385 : f32, fill = 1.000000e+00 : f32, mask_mode = #pare.mask_mode<select>} : (tensor<?x4x?x8xf32>, tensor<?x2x?x8xf32>, tensor<?x2x?x6xf32>) -> tensor<?x4x?x6xf32>
  return %plain, %negative, %keyed, %zeroed, %added, %queries : tensor<?x4x?x6xf32>, tensor<?x4x?x6xf32>, tensor<?x4x?x6xf32>, tensor<?x4x?x6xf32>, tensor<?x4x?x6xf32>, tensor<?x4x?x6xf32>
}
