// Integer powers.
// RUN: pare verify %s
// RUN: pare verify %s --sizes n=157
func.func @main(%a: tensor<?xsi64> {pare.name = "a", pare.dims = ["n"]})
    -> (tensor<?xsi64> {pare.name = "y", pare.dims = ["n"]}) {
  %three = pare.constant dense<3> : tensor<si64>
  %base = pare.add %a, %three : (tensor<?xsi64>, tensor<si64>) -> tensor<?xsi64>
  %y = pare.pow %base, %three : (tensor<?xsi64>, tensor<si64>) -> tensor<?xsi64>
  return %y : tensor<?xsi64>
}
