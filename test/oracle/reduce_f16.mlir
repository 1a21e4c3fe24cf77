// Narrow floats accumulate in f32.
// RUN: pare verify %s
// RUN: pare verify %s --sizes n=157
func.func @main(%x: tensor<?x64xf16> {pare.name = "x", pare.dims = ["n", ""]},
                %y: tensor<?x64xbf16> {pare.name = "y", pare.dims = ["n", ""]})
    -> (tensor<?xf16> {pare.name = "a", pare.dims = ["n"]},
        tensor<?xbf16> {pare.name = "b", pare.dims = ["n"]}) {
  %a = pare.reduce %x {axes = array<i64: 1>, kind = #pare.reduce_kind<sum>} : (tensor<?x64xf16>) -> tensor<?xf16>
  %b = pare.reduce %y {axes = array<i64: 1>, kind = #pare.reduce_kind<mean>} : (tensor<?x64xbf16>) -> tensor<?xbf16>
  return %a, %b : tensor<?xf16>, tensor<?xbf16>
}
