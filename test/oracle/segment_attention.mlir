// Rows of the live elements of a mask with holes; segments without rows.
// RUN: pare verify %s
// RUN: pare verify %s --sizes b=3,n=157
// RUN: pare verify %s --sizes b=2,n=400
func.func @main(%q4: tensor<?x4x?x8xf32> {pare.name = "q4", pare.dims = ["b", "", "n", ""]},
                %k4: tensor<?x2x?x8xf32> {pare.name = "k4", pare.dims = ["b", "", "n", ""]},
                %v4: tensor<?x2x?x6xf32> {pare.name = "v4", pare.dims = ["b", "", "n", ""]},
                %live: tensor<?x?xsi64> {pare.name = "live", pare.dims = ["b", "n"]},
                %keys: tensor<?x?xsi64> {pare.name = "keys", pare.dims = ["b", "n"]})
    -> (tensor<4x?x6xf32> {pare.name = "plain"},
        tensor<4x?x6xf32> {pare.name = "negative"},
        tensor<4x?x6xf32> {pare.name = "keyed"},
        tensor<4x?x6xf32> {pare.name = "zeroed"},
        tensor<4x?x6xf32> {pare.name = "added"}) {
  %m = pare.cast %live {to = i1} : (tensor<?x?xsi64>) -> tensor<?x?xi1>
  %qi, %qo = pare.rows_from_mask %m : (tensor<?x?xi1>) -> (tensor<?xsi64>, tensor<?xsi64>)
  %q = pare.rows_gather %q4, %qi {batch_axis = 0 : i64, row_axis = 2 : i64} : (tensor<?x4x?x8xf32>, tensor<?xsi64>) -> tensor<4x?x8xf32>
  %k = pare.rows_gather %k4, %qi {batch_axis = 0 : i64, row_axis = 2 : i64} : (tensor<?x2x?x8xf32>, tensor<?xsi64>) -> tensor<2x?x8xf32>
  %v = pare.rows_gather %v4, %qi {batch_axis = 0 : i64, row_axis = 2 : i64} : (tensor<?x2x?x6xf32>, tensor<?xsi64>) -> tensor<2x?x6xf32>
  %kb = pare.rows_gather %keys, %qi {batch_axis = 0 : i64, row_axis = 1 : i64} : (tensor<?x?xsi64>, tensor<?xsi64>) -> tensor<?xsi64>
  %km = pare.cast %kb {to = i1} : (tensor<?xsi64>) -> tensor<?xi1>
  %plain = pare.segment_attention %q, %k, %v offsets(%qo, %qo : tensor<?xsi64>, tensor<?xsi64>) {scale = 0.353553385 : f32, fill = -3.40282347E+38 : f32, mask_mode = #pare.mask_mode<select>} : (tensor<4x?x8xf32>, tensor<2x?x8xf32>, tensor<2x?x6xf32>) -> tensor<4x?x6xf32>
  %negative = pare.segment_attention %q, %k, %v offsets(%qo, %qo : tensor<?xsi64>, tensor<?xsi64>) {scale = -0.5 : f32, fill = 0.0 : f32, mask_mode = #pare.mask_mode<select>} : (tensor<4x?x8xf32>, tensor<2x?x8xf32>, tensor<2x?x6xf32>) -> tensor<4x?x6xf32>
  %keyed = pare.segment_attention %q, %k, %v offsets(%qo, %qo : tensor<?xsi64>, tensor<?xsi64>) key_mask(%km : tensor<?xi1>) {scale = 0.353553385 : f32, fill = -3.40282347E+38 : f32, mask_mode = #pare.mask_mode<select>} : (tensor<4x?x8xf32>, tensor<2x?x8xf32>, tensor<2x?x6xf32>) -> tensor<4x?x6xf32>
  %zeroed = pare.segment_attention %q, %k, %v offsets(%qo, %qo : tensor<?xsi64>, tensor<?xsi64>) key_mask(%km : tensor<?xi1>) {scale = 0.353553385 : f32, fill = 0xFF800000 : f32, mask_mode = #pare.mask_mode<select>, zero_masked_rows} : (tensor<4x?x8xf32>, tensor<2x?x8xf32>, tensor<2x?x6xf32>) -> tensor<4x?x6xf32>
  %added = pare.segment_attention %q, %k, %v offsets(%qo, %qo : tensor<?xsi64>, tensor<?xsi64>) key_mask(%km : tensor<?xi1>) query_mask(%km : tensor<?xi1>) {scale = 0.353553385 : f32, fill = -1.000000e+02 : f32, mask_mode = #pare.mask_mode<add>} : (tensor<4x?x8xf32>, tensor<2x?x8xf32>, tensor<2x?x6xf32>) -> tensor<4x?x6xf32>
  return %plain, %negative, %keyed, %zeroed, %added : tensor<4x?x6xf32>, tensor<4x?x6xf32>, tensor<4x?x6xf32>, tensor<4x?x6xf32>, tensor<4x?x6xf32>
}
