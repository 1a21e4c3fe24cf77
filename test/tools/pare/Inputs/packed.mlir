func.func @main(%x: tensor<?x?x8xf32> {pare.name = "x", pare.dims = ["b", "s", ""]},
                %m: tensor<?x?xsi64> {pare.name = "mask", pare.dims = ["b", "s"]},
                %w: tensor<8x8xf32> {pare.name = "w"}) -> tensor<2x?x4xf32> {
  %zero = pare.constant dense<0> : tensor<si64>
  %rank3 = pare.constant dense<[0, 2, 4]> : tensor<3xsi64>
  %keep = pare.compare %m, %zero {kind = #pare.compare_kind<gt>} : (tensor<?x?xsi64>, tensor<si64>) -> tensor<?x?xi1>
  %rows, %offsets = pare.rows_from_mask %keep : (tensor<?x?xi1>) -> (tensor<?xsi64>, tensor<?xsi64>)
  %packed = pare.rows_gather %x, %rows {batch_axis = 0 : i64, row_axis = 1 : i64} : (tensor<?x?x8xf32>, tensor<?xsi64>) -> tensor<?x8xf32>
  %h = pare.matmul %packed, %w : (tensor<?x8xf32>, tensor<8x8xf32>) -> tensor<?x8xf32>
  %heads = pare.constant dense<[0, 2, 4]> : tensor<3xsi64>
  %shape = pare.constant dense<[-1, 2, 4]> : tensor<3xsi64>
  %split = pare.reshape %h, %shape : (tensor<?x8xf32>, tensor<3xsi64>) -> tensor<?x2x4xf32>
  %q = pare.transpose %split {permutation = array<i64: 1, 0, 2>} : (tensor<?x2x4xf32>) -> tensor<2x?x4xf32>
  %y = pare.segment_attention %q, %q, %q offsets(%offsets, %offsets : tensor<?xsi64>, tensor<?xsi64>) {scale = 0.5 : f32, fill = 0xFF800000 : f32, mask_mode = #pare.mask_mode<select>} : (tensor<2x?x4xf32>, tensor<2x?x4xf32>, tensor<2x?x4xf32>) -> tensor<2x?x4xf32>
  return %y : tensor<2x?x4xf32>
}
