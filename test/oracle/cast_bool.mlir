// Casts from i1.
// RUN: pare verify %s
// RUN: pare verify %s --sizes n=157
func.func @main(%x: tensor<?xi1> {pare.name = "x", pare.dims = ["n"]})
    -> (tensor<?xf32> {pare.name = "to_f32", pare.dims = ["n"]},
        tensor<?xsi64> {pare.name = "to_si64", pare.dims = ["n"]}) {
  %to_f32 = pare.cast %x {to = f32} : (tensor<?xi1>) -> tensor<?xf32>
  %to_si64 = pare.cast %x {to = si64} : (tensor<?xi1>) -> tensor<?xsi64>
  return %to_f32, %to_si64 : tensor<?xf32>, tensor<?xsi64>
}
