// Arithmetic with a broadcast row.
// RUN: pare verify %s
// RUN: pare verify %s --sizes n=157
func.func @main(%a: tensor<?x4xf32> {pare.name = "a", pare.dims = ["n", ""]},
                %b: tensor<4xf32> {pare.name = "b", pare.dims = [""]})
    -> (tensor<?x4xf32> {pare.name = "add_y", pare.dims = ["n", ""]},
        tensor<?x4xf32> {pare.name = "sub_y", pare.dims = ["n", ""]},
        tensor<?x4xf32> {pare.name = "mul_y", pare.dims = ["n", ""]},
        tensor<?x4xf32> {pare.name = "div_y", pare.dims = ["n", ""]},
        tensor<?x4xf32> {pare.name = "pow_y", pare.dims = ["n", ""]},
        tensor<?x4xf32> {pare.name = "max_y", pare.dims = ["n", ""]},
        tensor<?x4xf32> {pare.name = "min_y", pare.dims = ["n", ""]},
        tensor<?x4xf32> {pare.name = "mod_y", pare.dims = ["n", ""]},
        tensor<?x4xf32> {pare.name = "fmod_y", pare.dims = ["n", ""]}) {
  %add_y = pare.add %a, %b : (tensor<?x4xf32>, tensor<4xf32>) -> tensor<?x4xf32>
  %sub_y = pare.sub %a, %b : (tensor<?x4xf32>, tensor<4xf32>) -> tensor<?x4xf32>
  %mul_y = pare.mul %a, %b : (tensor<?x4xf32>, tensor<4xf32>) -> tensor<?x4xf32>
  %div_y = pare.div %a, %b : (tensor<?x4xf32>, tensor<4xf32>) -> tensor<?x4xf32>
  %pow_y = pare.pow %a, %b : (tensor<?x4xf32>, tensor<4xf32>) -> tensor<?x4xf32>
  %max_y = pare.max %a, %b : (tensor<?x4xf32>, tensor<4xf32>) -> tensor<?x4xf32>
  %min_y = pare.min %a, %b : (tensor<?x4xf32>, tensor<4xf32>) -> tensor<?x4xf32>
  %mod_y = pare.mod %a, %b : (tensor<?x4xf32>, tensor<4xf32>) -> tensor<?x4xf32>
  %fmod_y = pare.fmod %a, %b : (tensor<?x4xf32>, tensor<4xf32>) -> tensor<?x4xf32>
  return %add_y, %sub_y, %mul_y, %div_y, %pow_y, %max_y, %min_y, %mod_y, %fmod_y : tensor<?x4xf32>, tensor<?x4xf32>, tensor<?x4xf32>, tensor<?x4xf32>, tensor<?x4xf32>, tensor<?x4xf32>, tensor<?x4xf32>, tensor<?x4xf32>, tensor<?x4xf32>
}
