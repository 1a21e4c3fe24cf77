// Comparisons of ui8.
// RUN: pare verify %s
// RUN: pare verify %s --sizes n=157
func.func @main(%a: tensor<?x3xui8> {pare.name = "a", pare.dims = ["n", ""]},
                %b: tensor<3xui8> {pare.name = "b"})
    -> (tensor<?x3xi1> {pare.name = "eq", pare.dims = ["n", ""]},
        tensor<?x3xi1> {pare.name = "lt", pare.dims = ["n", ""]},
        tensor<?x3xi1> {pare.name = "le", pare.dims = ["n", ""]},
        tensor<?x3xi1> {pare.name = "gt", pare.dims = ["n", ""]},
        tensor<?x3xi1> {pare.name = "ge", pare.dims = ["n", ""]}) {
  %eq = pare.compare %a, %b {kind = #pare.compare_kind<eq>} : (tensor<?x3xui8>, tensor<3xui8>) -> tensor<?x3xi1>
  %lt = pare.compare %a, %b {kind = #pare.compare_kind<lt>} : (tensor<?x3xui8>, tensor<3xui8>) -> tensor<?x3xi1>
  %le = pare.compare %a, %b {kind = #pare.compare_kind<le>} : (tensor<?x3xui8>, tensor<3xui8>) -> tensor<?x3xi1>
  %gt = pare.compare %a, %b {kind = #pare.compare_kind<gt>} : (tensor<?x3xui8>, tensor<3xui8>) -> tensor<?x3xi1>
  %ge = pare.compare %a, %b {kind = #pare.compare_kind<ge>} : (tensor<?x3xui8>, tensor<3xui8>) -> tensor<?x3xi1>
  return %eq, %lt, %le, %gt, %ge : tensor<?x3xi1>, tensor<?x3xi1>, tensor<?x3xi1>, tensor<?x3xi1>, tensor<?x3xi1>
}
