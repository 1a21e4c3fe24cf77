// Rows of a batch are packed, moved and put back: batch and rows side by side, apart, turned round and merged.
// RUN: pare verify %s
// RUN: pare verify %s --sizes b=3,n=157
func.func @main(%x: tensor<?x?x3xf32> {pare.name = "x", pare.dims = ["b", "n", ""]},
                %y: tensor<?x2x?xsi32> {pare.name = "y", pare.dims = ["n", "", "b"]},
                %one: tensor<1x?x3xi1> {pare.name = "one", pare.dims = ["", "n", ""]},
                %all: tensor<?x4x1xf16> {pare.name = "all", pare.dims = ["b", "", ""]},
                %deep: tensor<?x?x2x3xf32> {pare.name = "deep", pare.dims = ["b", "n", "", ""]},
                %live: tensor<?x?xsi64> {pare.name = "live", pare.dims = ["b", "n"]})
    -> (tensor<?xsi64> {pare.name = "i"}, tensor<?xsi64> {pare.name = "o"},
        tensor<?x3xf32> {pare.name = "packed"}, tensor<2x?xsi32> {pare.name = "turned"},
        tensor<?x3xi1> {pare.name = "first"}, tensor<?x4xf16> {pare.name = "repeated"}, tensor<?x3xf32> {pare.name = "again"},
        tensor<?x?x3xf32> {pare.name = "back"}, tensor<?x2x?xsi32> {pare.name = "round"},
        tensor<?x3xi1> {pare.name = "merged"}, tensor<?x?x2x3xf32> {pare.name = "features"}) {
  %m = pare.cast %live {to = i1} : (tensor<?x?xsi64>) -> tensor<?x?xi1>
  %i, %o = pare.rows_from_mask %m : (tensor<?x?xi1>) -> (tensor<?xsi64>, tensor<?xsi64>)
  %s = pare.shape_of %m : (tensor<?x?xi1>) -> tensor<2xsi64>
  %packed = pare.rows_gather %x, %i {batch_axis = 0 : i64, row_axis = 1 : i64} : (tensor<?x?x3xf32>, tensor<?xsi64>) -> tensor<?x3xf32>
  %turned = pare.rows_gather %y, %i, %s {batch_axis = 2 : i64, row_axis = 0 : i64} : (tensor<?x2x?xsi32>, tensor<?xsi64>, tensor<2xsi64>) -> tensor<?x2xsi32>
  %t = pare.transpose %turned {permutation = array<i64: 1, 0>} : (tensor<?x2xsi32>) -> tensor<2x?xsi32>
  %first = pare.rows_gather %one, %i, %s {batch_axis = 0 : i64, row_axis = 1 : i64} : (tensor<1x?x3xi1>, tensor<?xsi64>, tensor<2xsi64>) -> tensor<?x3xi1>
  %repeated = pare.rows_gather %all, %i, %s {batch_axis = 0 : i64, row_axis = 2 : i64} : (tensor<?x4x1xf16>, tensor<?xsi64>, tensor<2xsi64>) -> tensor<4x?xf16>
  %r = pare.transpose %repeated {permutation = array<i64: 1, 0>} : (tensor<4x?xf16>) -> tensor<?x4xf16>
  %shape = pare.constant dense<[-1, 3]> : tensor<2xsi64>
  %flat = pare.reshape %x, %shape : (tensor<?x?x3xf32>, tensor<2xsi64>) -> tensor<?x3xf32>
  %again = pare.rows_gather %flat, %i {batch_axis = -1 : i64, row_axis = 0 : i64} : (tensor<?x3xf32>, tensor<?xsi64>) -> tensor<?x3xf32>
  %back = pare.rows_scatter %packed, %i, %s {batch_axis = 0 : i64, row_axis = 1 : i64, fill = 0.5 : f64} : (tensor<?x3xf32>, tensor<?xsi64>, tensor<2xsi64>) -> tensor<?x?x3xf32>
  %round = pare.rows_scatter %turned, %i, %s {batch_axis = 2 : i64, row_axis = 0 : i64, fill = -7.0 : f64} : (tensor<?x2xsi32>, tensor<?xsi64>, tensor<2xsi64>) -> tensor<?x2x?xsi32>
  %merged = pare.rows_scatter %first, %i, %s {batch_axis = -1 : i64, row_axis = 0 : i64, fill = 1.0 : f64} : (tensor<?x3xi1>, tensor<?xsi64>, tensor<2xsi64>) -> tensor<?x3xi1>
  %d = pare.rows_gather %deep, %i {batch_axis = 0 : i64, row_axis = 1 : i64} : (tensor<?x?x2x3xf32>, tensor<?xsi64>) -> tensor<?x2x3xf32>
  %features = pare.rows_scatter %d, %i, %s {batch_axis = 0 : i64, row_axis = 1 : i64, fill = 0.0 : f64} : (tensor<?x2x3xf32>, tensor<?xsi64>, tensor<2xsi64>) -> tensor<?x?x2x3xf32>
  return %i, %o, %packed, %t, %first, %r, %again, %back, %round, %merged, %features : tensor<?xsi64>, tensor<?xsi64>, tensor<?x3xf32>, tensor<2x?xsi32>, tensor<?x3xi1>, tensor<?x4xf16>, tensor<?x3xf32>, tensor<?x?x3xf32>, tensor<?x2x?xsi32>, tensor<?x3xi1>, tensor<?x?x2x3xf32>
}
