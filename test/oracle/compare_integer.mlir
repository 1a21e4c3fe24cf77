// Comparisons of si64.
// RUN: pare verify %s
// RUN: pare verify %s --sizes n=157
func.func @main(%a: tensor<?x3xsi64> {pare.name = "a", pare.dims = ["n", ""]},
                %b: tensor<3xsi64> {pare.name = "b"})
    -> (tensor<?x3xi1> {pare.name = "eq", pare.dims = ["n", ""]},
        tensor<?x3xi1> {pare.name = "lt", pare.dims = ["n", ""]},
        tensor<?x3xi1> {pare.name = "le", pare.dims = ["n", ""]},
        tensor<?x3xi1> {pare.name = "gt", pare.dims = ["n", ""]},
        tensor<?x3xi1> {pare.name = "ge", pare.dims = ["n", ""]}) {
  %eq = pare.compare %a, %b {kind = #pare.compare_kind<eq>} : (tensor<?x3xsi64>, tensor<3xsi64>) -> tensor<?x3xi1>
  %lt = pare.compare %a, %b {kind = #pare.compare_kind<lt>} : (tensor<?x3xsi64>, tensor<3xsi64>) -> tensor<?x3xi1>
  %le = pare.compare %a, %b {kind = #pare.compare_kind<le>} : (tensor<?x3xsi64>, tensor<3xsi64>) -> tensor<?x3xi1>
  %gt = pare.compare %a, %b {kind = #pare.compare_kind<gt>} : (tensor<?x3xsi64>, tensor<3xsi64>) -> tensor<?x3xi1>
  %ge = pare.compare %a, %b {kind = #pare.compare_kind<ge>} : (tensor<?x3xsi64>, tensor<3xsi64>) -> tensor<?x3xi1>
  return %eq, %lt, %le, %gt, %ge : tensor<?x3xi1>, tensor<?x3xi1>, tensor<?x3xi1>, tensor<?x3xi1>, tensor<?x3xi1>
}
