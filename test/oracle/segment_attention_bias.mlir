// Biases and masks are read at the positions of rows.
// RUN: pare verify %s
// RUN: pare verify %s --sizes b=3,n=157
// RUN: pare verify %s --sizes b=2,n=400
func.func @main(%q4: tensor<?x4x?x8xf32> {pare.name = "q4", pare.dims = ["b", "", "n", ""]},
                %k4: tensor<?x2x?x8xf32> {pare.name = "k4", pare.dims = ["b", "", "n", ""]},
                %v4: tensor<?x2x?x6xf32> {pare.name = "v4", pare.dims = ["b", "", "n", ""]},
                %live: tensor<?x?xsi64> {pare.name = "live", pare.dims = ["b", "n"]},
                %full: tensor<?x4x?x?xf32> {pare.name = "full", pare.dims = ["b", "", "n", "n"]},
                %heads: tensor<1x4x1x?xf32> {pare.name = "heads", pare.dims = ["", "", "", "n"]},
                %rows: tensor<?x1x?x1xf32> {pare.name = "rows", pare.dims = ["b", "", "n", ""]},
                %bits: tensor<1x1x?x?xsi64> {pare.name = "bits", pare.dims = ["", "", "n", "n"]})
    -> (tensor<4x?x6xf32> {pare.name = "one"},
        tensor<4x?x6xf32> {pare.name = "two"},
        tensor<4x?x6xf32> {pare.name = "masked"},
        tensor<4x?x6xf32> {pare.name = "zeroed"},
        tensor<4x?x6xf32> {pare.name = "added"}) {
  %m = pare.cast %live {to = i1} : (tensor<?x?xsi64>) -> tensor<?x?xi1>
  %qi, %qo = pare.rows_from_mask %m : (tensor<?x?xi1>) -> (tensor<?xsi64>, tensor<?xsi64>)
  %q = pare.rows_gather %q4, %qi {batch_axis = 0 : i64, row_axis = 2 : i64} : (tensor<?x4x?x8xf32>, tensor<?xsi64>) -> tensor<4x?x8xf32>
  %k = pare.rows_gather %k4, %qi {batch_axis = 0 : i64, row_axis = 2 : i64} : (tensor<?x2x?x8xf32>, tensor<?xsi64>) -> tensor<2x?x8xf32>
  %v = pare.rows_gather %v4, %qi {batch_axis = 0 : i64, row_axis = 2 : i64} : (tensor<?x2x?x6xf32>, tensor<?xsi64>) -> tensor<2x?x6xf32>
  %sh = pare.shape_of %m : (tensor<?x?xi1>) -> tensor<2xsi64>
  %unit = pare.constant dense<1> : tensor<1xsi64>
  %n = pare.gather %sh, %unit {axis = 0 : i64} : (tensor<2xsi64>, tensor<1xsi64>) -> tensor<1xsi64>
  %p = pare.mod %qi, %n : (tensor<?xsi64>, tensor<1xsi64>) -> tensor<?xsi64>
  %mask = pare.cast %bits {to = i1} : (tensor<1x1x?x?xsi64>) -> tensor<1x1x?x?xi1>
  %one = pare.segment_attention %q, %k, %v offsets(%qo, %qo : tensor<?xsi64>, tensor<?xsi64>) q_positions(%p : tensor<?xsi64>) k_positions(%p : tensor<?xsi64>) bias(%full : tensor<?x4x?x?xf32>) {scale = 0.353553385 : f32, fill = -3.40282347E+38 : f32, mask_mode = #pare.mask_mode<select>} : (tensor<4x?x8xf32>, tensor<2x?x8xf32>, tensor<2x?x6xf32>) -> tensor<4x?x6xf32>
  %two = pare.segment_attention %q, %k, %v offsets(%qo, %qo : tensor<?xsi64>, tensor<?xsi64>) bias(%heads, %rows : tensor<1x4x1x?xf32>, tensor<?x1x?x1xf32>) {scale = 0.353553385 : f32, fill = -3.40282347E+38 : f32, mask_mode = #pare.mask_mode<select>} : (tensor<4x?x8xf32>, tensor<2x?x8xf32>, tensor<2x?x6xf32>) -> tensor<4x?x6xf32>
  %masked = pare.segment_attention %q, %k, %v offsets(%qo, %qo : tensor<?xsi64>, tensor<?xsi64>) q_positions(%p : tensor<?xsi64>) k_positions(%p : tensor<?xsi64>) bias(%full : tensor<?x4x?x?xf32>) mask(%mask : tensor<1x1x?x?xi1>) {scale = 0.353553385 : f32, fill = 0xFF800000 : f32, mask_mode = #pare.mask_mode<select>, band_upper = 0 : i64} : (tensor<4x?x8xf32>, tensor<2x?x8xf32>, tensor<2x?x6xf32>) -> tensor<4x?x6xf32>
  %zeroed = pare.segment_attention %q, %k, %v offsets(%qo, %qo : tensor<?xsi64>, tensor<?xsi64>) mask(%mask : tensor<1x1x?x?xi1>) {scale = 0.353553385 : f32, fill = 0xFF800000 : f32, mask_mode = #pare.mask_mode<select>, zero_masked_rows} : (tensor<4x?x8xf32>, tensor<2x?x8xf32>, tensor<2x?x6xf32>) -> tensor<4x?x6xf32>
  %added = pare.segment_attention %q, %k, %v offsets(%qo, %qo : tensor<?xsi64>, tensor<?xsi64>) q_positions(%p : tensor<?xsi64>) k_positions(%p : tensor<?xsi64>) mask(%mask : tensor<1x1x?x?xi1>) {scale = 0.353553385 : f32, fill = -3.000000e+00 : f32, mask_mode = #pare.mask_mode<add>} : (tensor<4x?x8xf32>, tensor<2x?x8xf32>, tensor<2x?x6xf32>) -> tensor<4x?x6xf32>
  return %one, %two, %masked, %zeroed, %added : tensor<4x?x6xf32>, tensor<4x?x6xf32>, tensor<4x?x6xf32>, tensor<4x?x6xf32>, tensor<4x?x6xf32>
}
