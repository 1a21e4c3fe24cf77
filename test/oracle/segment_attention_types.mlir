// Narrow floats, and rows that lie as [T, H, D].
// RUN: pare verify %s
// RUN: pare verify %s --sizes b=2,n=157
func.func @main(%x: tensor<?x?x2x8xf32> {pare.name = "x", pare.dims = ["b", "n", "", ""]},
                %h: tensor<?x?x2x8xf16> {pare.name = "h", pare.dims = ["b", "n", "", ""]},
                %live: tensor<?x?xsi64> {pare.name = "live", pare.dims = ["b", "n"]})
    -> (tensor<?x2x8xf32> {pare.name = "wide"}, tensor<2x?x8xf16> {pare.name = "narrow"}) {
  %m = pare.cast %live {to = i1} : (tensor<?x?xsi64>) -> tensor<?x?xi1>
  %i, %o = pare.rows_from_mask %m : (tensor<?x?xi1>) -> (tensor<?xsi64>, tensor<?xsi64>)
  %a = pare.rows_gather %x, %i {batch_axis = 0 : i64, row_axis = 1 : i64} : (tensor<?x?x2x8xf32>, tensor<?xsi64>) -> tensor<?x2x8xf32>
  %b = pare.rows_gather %h, %i {batch_axis = 0 : i64, row_axis = 1 : i64} : (tensor<?x?x2x8xf16>, tensor<?xsi64>) -> tensor<?x2x8xf16>
  %q = pare.transpose %a {permutation = array<i64: 1, 0, 2>} : (tensor<?x2x8xf32>) -> tensor<2x?x8xf32>
  %r = pare.transpose %b {permutation = array<i64: 1, 0, 2>} : (tensor<?x2x8xf16>) -> tensor<2x?x8xf16>
  %y = pare.segment_attention %q, %q, %q offsets(%o, %o : tensor<?xsi64>, tensor<?xsi64>) {scale = 1.0 : f32, fill = 0.0 : f32, mask_mode = #pare.mask_mode<select>} : (tensor<2x?x8xf32>, tensor<2x?x8xf32>, tensor<2x?x8xf32>) -> tensor<2x?x8xf32>
  %wide = pare.transpose %y {permutation = array<i64: 1, 0, 2>} : (tensor<2x?x8xf32>) -> tensor<?x2x8xf32>
  %narrow = pare.segment_attention %r, %r, %r offsets(%o, %o : tensor<?xsi64>, tensor<?xsi64>) {scale = 0.353553385 : f32, fill = 0xFF800000 : f32, mask_mode = #pare.mask_mode<select>, band_lower = -2 : i64, band_upper = 2 : i64} : (tensor<2x?x8xf16>, tensor<2x?x8xf16>, tensor<2x?x8xf16>) -> tensor<2x?x8xf16>
  return %wide, %narrow : tensor<?x2x8xf32>, tensor<2x?x8xf16>
}
