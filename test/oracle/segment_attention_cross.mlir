// Queries and keys of different rows; segments without keys give 0.
// RUN: pare verify %s
// RUN: pare verify %s --sizes b=3,n=157,m=67
// RUN: pare verify %s --sizes b=3,n=67,m=157
func.func @main(%q4: tensor<?x4x?x8xf32> {pare.name = "q4", pare.dims = ["b", "", "n", ""]},
                %k4: tensor<?x2x?x8xf32> {pare.name = "k4", pare.dims = ["b", "", "m", ""]},
                %v4: tensor<?x2x?x6xf32> {pare.name = "v4", pare.dims = ["b", "", "m", ""]},
                %live: tensor<?x?xsi64> {pare.name = "live", pare.dims = ["b", "n"]},
                %other: tensor<?x?xsi64> {pare.name = "other", pare.dims = ["b", "m"]})
    -> (tensor<4x?x6xf32> {pare.name = "plain"},
        tensor<4x?x6xf32> {pare.name = "causal"},
        tensor<4x?x6xf32> {pare.name = "zeroed"}) {
  %m = pare.cast %live {to = i1} : (tensor<?x?xsi64>) -> tensor<?x?xi1>
  %o = pare.cast %other {to = i1} : (tensor<?x?xsi64>) -> tensor<?x?xi1>
  %qi, %qo = pare.rows_from_mask %m : (tensor<?x?xi1>) -> (tensor<?xsi64>, tensor<?xsi64>)
  %ki, %ko = pare.rows_from_mask %o : (tensor<?x?xi1>) -> (tensor<?xsi64>, tensor<?xsi64>)
  %q = pare.rows_gather %q4, %qi {batch_axis = 0 : i64, row_axis = 2 : i64} : (tensor<?x4x?x8xf32>, tensor<?xsi64>) -> tensor<4x?x8xf32>
  %k = pare.rows_gather %k4, %ki {batch_axis = 0 : i64, row_axis = 2 : i64} : (tensor<?x2x?x8xf32>, tensor<?xsi64>) -> tensor<2x?x8xf32>
  %v = pare.rows_gather %v4, %ki {batch_axis = 0 : i64, row_axis = 2 : i64} : (tensor<?x2x?x6xf32>, tensor<?xsi64>) -> tensor<2x?x6xf32>
  %plain = pare.segment_attention %q, %k, %v offsets(%qo, %ko : tensor<?xsi64>, tensor<?xsi64>) {scale = 0.353553385 : f32, fill = -3.40282347E+38 : f32, mask_mode = #pare.mask_mode<select>} : (tensor<4x?x8xf32>, tensor<2x?x8xf32>, tensor<2x?x6xf32>) -> tensor<4x?x6xf32>
  %causal = pare.segment_attention %q, %k, %v offsets(%qo, %ko : tensor<?xsi64>, tensor<?xsi64>) {scale = 0.353553385 : f32, fill = -3.40282347E+38 : f32, mask_mode = #pare.mask_mode<select>, band_upper = 0 : i64} : (tensor<4x?x8xf32>, tensor<2x?x8xf32>, tensor<2x?x6xf32>) -> tensor<4x?x6xf32>
  %zeroed = pare.segment_attention %q, %k, %v offsets(%qo, %ko : tensor<?xsi64>, tensor<?xsi64>) {scale = 0.353553385 : f32, fill = 0xFF800000 : f32, mask_mode = #pare.mask_mode<select>, band_lower = 0 : i64, zero_masked_rows} : (tensor<4x?x8xf32>, tensor<2x?x8xf32>, tensor<2x?x6xf32>) -> tensor<4x?x6xf32>
  return %plain, %causal, %zeroed : tensor<4x?x6xf32>, tensor<4x?x6xf32>, tensor<4x?x6xf32>
}
