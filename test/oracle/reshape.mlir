// Merging and splitting axes; the first entry copies.
// RUN: pare verify %s
// RUN: pare verify %s --sizes n=157
func.func @main(%x: tensor<?x6xf32> {pare.name = "x", pare.dims = ["n", ""]})
    -> (tensor<?x2x3xf32> {pare.name = "split", pare.dims = ["n", "", ""]},
        tensor<?xf32> {pare.name = "flat", pare.dims = [""]}) {
  %s = pare.constant dense<[0, 2, 3]> : tensor<3xsi64>
  %split = pare.reshape %x, %s : (tensor<?x6xf32>, tensor<3xsi64>) -> tensor<?x2x3xf32>
  %t = pare.constant dense<-1> : tensor<1xsi64>
  %flat = pare.reshape %x, %t : (tensor<?x6xf32>, tensor<1xsi64>) -> tensor<?xf32>
  return %split, %flat : tensor<?x2x3xf32>, tensor<?xf32>
}
