// Casts from si64.
// RUN: pare verify %s
// RUN: pare verify %s --sizes n=157
func.func @main(%x: tensor<?xsi64> {pare.name = "x", pare.dims = ["n"]})
    -> (tensor<?xf32> {pare.name = "to_f32", pare.dims = ["n"]},
        tensor<?xf16> {pare.name = "to_f16", pare.dims = ["n"]},
        tensor<?xf64> {pare.name = "to_f64", pare.dims = ["n"]},
        tensor<?xui8> {pare.name = "to_ui8", pare.dims = ["n"]},
        tensor<?xsi8> {pare.name = "to_si8", pare.dims = ["n"]},
        tensor<?xi1> {pare.name = "to_i1", pare.dims = ["n"]}) {
  %to_f32 = pare.cast %x {to = f32} : (tensor<?xsi64>) -> tensor<?xf32>
  %to_f16 = pare.cast %x {to = f16} : (tensor<?xsi64>) -> tensor<?xf16>
  %to_f64 = pare.cast %x {to = f64} : (tensor<?xsi64>) -> tensor<?xf64>
  %to_ui8 = pare.cast %x {to = ui8} : (tensor<?xsi64>) -> tensor<?xui8>
  %to_si8 = pare.cast %x {to = si8} : (tensor<?xsi64>) -> tensor<?xsi8>
  %to_i1 = pare.cast %x {to = i1} : (tensor<?xsi64>) -> tensor<?xi1>
  return %to_f32, %to_f16, %to_f64, %to_ui8, %to_si8, %to_i1 : tensor<?xf32>, tensor<?xf16>, tensor<?xf64>, tensor<?xui8>, tensor<?xsi8>, tensor<?xi1>
}
