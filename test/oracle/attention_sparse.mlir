// Masks that let a tile of queries see few keys: those of the same segment id, and a global row and column beside a
// window. Keys that no query of a tile sees are not read, except where a query would be left without any.
// RUN: pare verify %s
// RUN: pare verify %s --sizes b=2,n=157 --max-int 400
// RUN: pare verify %s --sizes b=1,n=320 --max-int 3000
func.func @dense(%q: tensor<?x4x?x8xf32> {pare.name = "q", pare.dims = ["b", "", "n", ""]},
                 %k: tensor<?x2x?x8xf32> {pare.name = "k", pare.dims = ["b", "", "n", ""]},
                 %bias: tensor<1x4x?x?xf32> {pare.name = "bias", pare.dims = ["", "", "n", "n"]},
                 %ids: tensor<?x?xsi64> {pare.name = "ids", pare.dims = ["b", "n"]},
                 %bits: tensor<?x?xi1> {pare.name = "bits", pare.dims = ["b", "n"]})
    -> (tensor<?x4x?x8xf32>, tensor<?x4x?x8xf32>, tensor<?x4x?x8xf32>, tensor<?x4x?x8xf32>) {
  %iq = pare.unsqueeze %ids {axes = array<i64: 1, 3>} : (tensor<?x?xsi64>) -> tensor<?x1x?x1xsi64>
  %ik = pare.unsqueeze %ids {axes = array<i64: 1, 2>} : (tensor<?x?xsi64>) -> tensor<?x1x1x?xsi64>
  %same = pare.compare %iq, %ik {kind = #pare.compare_kind<eq>} : (tensor<?x1x?x1xsi64>, tensor<?x1x1x?xsi64>) -> tensor<?x1x?x?xi1>
  // Every query sees itself.
  %x = pare.attention %q, %k, %k mask(%same : tensor<?x1x?x?xi1>) {scale = 0.5 : f32, fill = -1.0e30 : f32, mask_mode = #pare.mask_mode<add>} : (tensor<?x4x?x8xf32>, tensor<?x2x?x8xf32>, tensor<?x2x?x8xf32>) -> tensor<?x4x?x8xf32>
  // Some queries see none, and then all keys count.
  %y = pare.attention %q, %k, %k key_mask(%bits : tensor<?x?xi1>) mask(%same : tensor<?x1x?x?xi1>) {scale = 0.5 : f32, fill = -3.40282347E+38 : f32, mask_mode = #pare.mask_mode<select>} : (tensor<?x4x?x8xf32>, tensor<?x2x?x8xf32>, tensor<?x2x?x8xf32>) -> tensor<?x4x?x8xf32>
  // Such queries are 0 here.
  %z = pare.attention %q, %k, %k bias(%bias : tensor<1x4x?x?xf32>) key_mask(%bits : tensor<?x?xi1>) query_mask(%bits : tensor<?x?xi1>) mask(%same : tensor<?x1x?x?xi1>) {scale = 0.5 : f32, fill = 0xFF800000 : f32, mask_mode = #pare.mask_mode<select>, zero_masked_rows} : (tensor<?x4x?x8xf32>, tensor<?x2x?x8xf32>, tensor<?x2x?x8xf32>) -> tensor<?x4x?x8xf32>
  // A window within the segments.
  %w = pare.attention %q, %k, %k bias(%bias : tensor<1x4x?x?xf32>) mask(%same : tensor<?x1x?x?xi1>) {scale = 0.5 : f32, fill = 0xFF800000 : f32, mask_mode = #pare.mask_mode<select>, band_lower = -9 : i64, band_upper = 0 : i64} : (tensor<?x4x?x8xf32>, tensor<?x2x?x8xf32>, tensor<?x2x?x8xf32>) -> tensor<?x4x?x8xf32>
  return %x, %y, %z, %w : tensor<?x4x?x8xf32>, tensor<?x4x?x8xf32>, tensor<?x4x?x8xf32>, tensor<?x4x?x8xf32>
}

// A window and one global token, over packed rows.
func.func @packed(%x: tensor<?x2x?x8xf32> {pare.name = "x", pare.dims = ["b", "", "n", ""]},
                  %bias: tensor<1x2x?x?xf32> {pare.name = "bias", pare.dims = ["", "", "n", "n"]},
                  %keep: tensor<?x?xi1> {pare.name = "keep", pare.dims = ["b", "n"]}) -> (tensor<2x?x8xf32>, tensor<2x?x8xf32>) {
  %c0 = pare.constant dense<0> : tensor<si64>
  %c1 = pare.constant dense<1> : tensor<si64>
  %c3 = pare.constant dense<3> : tensor<si64>
  %shape = pare.shape_of %keep : (tensor<?x?xi1>) -> tensor<2xsi64>
  %n = pare.gather %shape, %c1 {axis = 0 : i64} : (tensor<2xsi64>, tensor<si64>) -> tensor<si64>
  %r = pare.range %c0, %n, %c1 : (tensor<si64>, tensor<si64>, tensor<si64>) -> tensor<?xsi64>
  %rq = pare.unsqueeze %r {axes = array<i64: 1>} : (tensor<?xsi64>) -> tensor<?x1xsi64>
  %distance = pare.sub %rq, %r : (tensor<?x1xsi64>, tensor<?xsi64>) -> tensor<?x?xsi64>
  %far = pare.abs %distance : (tensor<?x?xsi64>) -> tensor<?x?xsi64>
  %near = pare.compare %far, %c3 {kind = #pare.compare_kind<le>} : (tensor<?x?xsi64>, tensor<si64>) -> tensor<?x?xi1>
  %row = pare.compare %rq, %c1 {kind = #pare.compare_kind<lt>} : (tensor<?x1xsi64>, tensor<si64>) -> tensor<?x1xi1>
  %column = pare.compare %r, %c1 {kind = #pare.compare_kind<lt>} : (tensor<?xsi64>, tensor<si64>) -> tensor<?xi1>
  %cross = pare.or %row, %column : (tensor<?x1xi1>, tensor<?xi1>) -> tensor<?x?xi1>
  %plus = pare.or %near, %cross : (tensor<?x?xi1>, tensor<?x?xi1>) -> tensor<?x?xi1>
  %mask = pare.unsqueeze %plus {axes = array<i64: 0, 1>} : (tensor<?x?xi1>) -> tensor<1x1x?x?xi1>
  %i, %o = pare.rows_from_mask %keep : (tensor<?x?xi1>) -> (tensor<?xsi64>, tensor<?xsi64>)
  %q = pare.rows_gather %x, %i {batch_axis = 0 : i64, row_axis = 2 : i64} : (tensor<?x2x?x8xf32>, tensor<?xsi64>) -> tensor<2x?x8xf32>
  %one = pare.unsqueeze %n {axes = array<i64: 0>} : (tensor<si64>) -> tensor<1xsi64>
  %p = pare.mod %i, %one : (tensor<?xsi64>, tensor<1xsi64>) -> tensor<?xsi64>
  %y = pare.segment_attention %q, %q, %q offsets(%o, %o : tensor<?xsi64>, tensor<?xsi64>) q_positions(%p : tensor<?xsi64>) k_positions(%p : tensor<?xsi64>) mask(%mask : tensor<1x1x?x?xi1>) {scale = 0.5 : f32, fill = -3.40282347E+38 : f32, mask_mode = #pare.mask_mode<add>} : (tensor<2x?x8xf32>, tensor<2x?x8xf32>, tensor<2x?x8xf32>) -> tensor<2x?x8xf32>
  %z = pare.segment_attention %q, %q, %q offsets(%o, %o : tensor<?xsi64>, tensor<?xsi64>) q_positions(%p : tensor<?xsi64>) k_positions(%p : tensor<?xsi64>) bias(%bias : tensor<1x2x?x?xf32>) mask(%mask : tensor<1x1x?x?xi1>) {scale = 0.5 : f32, fill = 0xFF800000 : f32, mask_mode = #pare.mask_mode<add>} : (tensor<2x?x8xf32>, tensor<2x?x8xf32>, tensor<2x?x8xf32>) -> tensor<2x?x8xf32>
  return %y, %z : tensor<2x?x8xf32>, tensor<2x?x8xf32>
}
