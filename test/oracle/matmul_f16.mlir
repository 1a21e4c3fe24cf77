// Narrow floats sum in f32.
// RUN: pare verify %s
// RUN: pare verify %s --sizes n=157
func.func @main(%a: tensor<?x16xf16> {pare.name = "a", pare.dims = ["n", ""]},
                %b: tensor<16x8xf16> {pare.name = "b"},
                %c: tensor<?x16xbf16> {pare.name = "c", pare.dims = ["n", ""]},
                %d: tensor<16x8xbf16> {pare.name = "d"})
    -> (tensor<?x8xf16> {pare.name = "half", pare.dims = ["n", ""]},
        tensor<?x8xbf16> {pare.name = "brain", pare.dims = ["n", ""]}) {
  %half = pare.matmul %a, %b : (tensor<?x16xf16>, tensor<16x8xf16>) -> tensor<?x8xf16>
  %brain = pare.matmul %c, %d : (tensor<?x16xbf16>, tensor<16x8xbf16>) -> tensor<?x8xbf16>
  return %half, %brain : tensor<?x8xf16>, tensor<?x8xbf16>
}
