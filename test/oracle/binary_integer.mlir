// Integer arithmetic; the divisor is not zero.
// RUN: pare verify %s
// RUN: pare verify %s --sizes n=157
func.func @main(%a: tensor<?x3xsi32> {pare.name = "a", pare.dims = ["n", ""]},
                %b: tensor<3xsi32> {pare.name = "b"})
    -> (tensor<?x3xsi32> {pare.name = "add_y", pare.dims = ["n", ""]},
        tensor<?x3xsi32> {pare.name = "sub_y", pare.dims = ["n", ""]},
        tensor<?x3xsi32> {pare.name = "mul_y", pare.dims = ["n", ""]},
        tensor<?x3xsi32> {pare.name = "div_y", pare.dims = ["n", ""]},
        tensor<?x3xsi32> {pare.name = "mod_y", pare.dims = ["n", ""]},
        tensor<?x3xsi32> {pare.name = "fmod_y", pare.dims = ["n", ""]},
        tensor<?x3xsi32> {pare.name = "max_y", pare.dims = ["n", ""]},
        tensor<?x3xsi32> {pare.name = "min_y", pare.dims = ["n", ""]}) {
  %two = pare.constant dense<[2, -2, 3]> : tensor<3xsi32>
  %d = pare.add %b, %two : (tensor<3xsi32>, tensor<3xsi32>) -> tensor<3xsi32>
  %fix = pare.constant dense<7> : tensor<si32>
  %wide = pare.sub %a, %fix : (tensor<?x3xsi32>, tensor<si32>) -> tensor<?x3xsi32>
  %e = pare.constant dense<[3, -2, 5]> : tensor<3xsi32>
  %add_y = pare.add %wide, %d : (tensor<?x3xsi32>, tensor<3xsi32>) -> tensor<?x3xsi32>
  %sub_y = pare.sub %wide, %d : (tensor<?x3xsi32>, tensor<3xsi32>) -> tensor<?x3xsi32>
  %mul_y = pare.mul %wide, %d : (tensor<?x3xsi32>, tensor<3xsi32>) -> tensor<?x3xsi32>
  %div_y = pare.div %wide, %e : (tensor<?x3xsi32>, tensor<3xsi32>) -> tensor<?x3xsi32>
  %mod_y = pare.mod %wide, %e : (tensor<?x3xsi32>, tensor<3xsi32>) -> tensor<?x3xsi32>
  %fmod_y = pare.fmod %wide, %e : (tensor<?x3xsi32>, tensor<3xsi32>) -> tensor<?x3xsi32>
  %max_y = pare.max %wide, %d : (tensor<?x3xsi32>, tensor<3xsi32>) -> tensor<?x3xsi32>
  %min_y = pare.min %wide, %d : (tensor<?x3xsi32>, tensor<3xsi32>) -> tensor<?x3xsi32>
  return %add_y, %sub_y, %mul_y, %div_y, %mod_y, %fmod_y, %max_y, %min_y : tensor<?x3xsi32>, tensor<?x3xsi32>, tensor<?x3xsi32>, tensor<?x3xsi32>, tensor<?x3xsi32>, tensor<?x3xsi32>, tensor<?x3xsi32>, tensor<?x3xsi32>
}
