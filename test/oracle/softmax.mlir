// Along the last and another axis.
// RUN: pare verify %s
// RUN: pare verify %s --sizes m=157,n=67
func.func @main(%x: tensor<?x3x?xf32> {pare.name = "x", pare.dims = ["n", "", "m"]})
    -> (tensor<?x3x?xf32> {pare.name = "last", pare.dims = ["n", "", "m"]},
        tensor<?x3x?xf32> {pare.name = "middle", pare.dims = ["n", "", "m"]},
        tensor<?x3x?xf32> {pare.name = "log", pare.dims = ["n", "", "m"]}) {
  %last = pare.softmax %x {axis = 2 : i64} : (tensor<?x3x?xf32>) -> tensor<?x3x?xf32>
  %middle = pare.softmax %x {axis = 1 : i64} : (tensor<?x3x?xf32>) -> tensor<?x3x?xf32>
  %log = pare.log_softmax %x {axis = 2 : i64} : (tensor<?x3x?xf32>) -> tensor<?x3x?xf32>
  return %last, %middle, %log : tensor<?x3x?xf32>, tensor<?x3x?xf32>, tensor<?x3x?xf32>
}
