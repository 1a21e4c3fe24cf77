// Casts from f32.
// RUN: pare verify %s
// RUN: pare verify %s --sizes n=157
func.func @main(%x: tensor<?xf32> {pare.name = "x", pare.dims = ["n"]})
    -> (tensor<?xf16> {pare.name = "to_f16", pare.dims = ["n"]},
        tensor<?xbf16> {pare.name = "to_bf16", pare.dims = ["n"]},
        tensor<?xf64> {pare.name = "to_f64", pare.dims = ["n"]},
        tensor<?xsi8> {pare.name = "to_si8", pare.dims = ["n"]},
        tensor<?xsi64> {pare.name = "to_si64", pare.dims = ["n"]},
        tensor<?xi1> {pare.name = "to_i1", pare.dims = ["n"]}) {
  %to_f16 = pare.cast %x {to = f16} : (tensor<?xf32>) -> tensor<?xf16>
  %to_bf16 = pare.cast %x {to = bf16} : (tensor<?xf32>) -> tensor<?xbf16>
  %to_f64 = pare.cast %x {to = f64} : (tensor<?xf32>) -> tensor<?xf64>
  %to_si8 = pare.cast %x {to = si8} : (tensor<?xf32>) -> tensor<?xsi8>
  %to_si64 = pare.cast %x {to = si64} : (tensor<?xf32>) -> tensor<?xsi64>
  %to_i1 = pare.cast %x {to = i1} : (tensor<?xf32>) -> tensor<?xi1>
  return %to_f16, %to_bf16, %to_f64, %to_si8, %to_si64, %to_i1 : tensor<?xf16>, tensor<?xbf16>, tensor<?xf64>, tensor<?xsi8>, tensor<?xsi64>, tensor<?xi1>
}
