// f16.
// RUN: pare verify %s
// RUN: pare verify %s --sizes n=157
func.func @main(%a: tensor<?x4xf16> {pare.name = "a", pare.dims = ["n", ""]},
                %b: tensor<4xf16> {pare.name = "b", pare.dims = [""]})
    -> (tensor<?x4xf16> {pare.name = "add_y", pare.dims = ["n", ""]},
        tensor<?x4xf16> {pare.name = "mul_y", pare.dims = ["n", ""]},
        tensor<?x4xf16> {pare.name = "div_y", pare.dims = ["n", ""]}) {
  %add_y = pare.add %a, %b : (tensor<?x4xf16>, tensor<4xf16>) -> tensor<?x4xf16>
  %mul_y = pare.mul %a, %b : (tensor<?x4xf16>, tensor<4xf16>) -> tensor<?x4xf16>
  %div_y = pare.div %a, %b : (tensor<?x4xf16>, tensor<4xf16>) -> tensor<?x4xf16>
  return %add_y, %mul_y, %div_y : tensor<?x4xf16>, tensor<?x4xf16>, tensor<?x4xf16>
}
