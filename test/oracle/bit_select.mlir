// Bits of one operand in place of another's, kept or not by a condition, in words of 32 and 64 bits.
// RUN: pare verify %s --max-int 2147483647
// RUN: pare verify %s --max-int 2147483647 --sizes n=16
// RUN: pare verify %s --max-int 2147483647 --sizes n=157
func.func @main(%c: tensor<?xi1> {pare.name = "c", pare.dims = ["n"]},
                %x32: tensor<?xui32> {pare.name = "x32", pare.dims = ["n"]},
                %y32: tensor<?xui32> {pare.name = "y32", pare.dims = ["n"]},
                %x64: tensor<?xui64> {pare.name = "x64", pare.dims = ["n"]},
                %y64: tensor<?xui64> {pare.name = "y64", pare.dims = ["n"]})
    -> (tensor<?xui32> {pare.name = "then_x_32", pare.dims = ["n"]},
        tensor<?xui32> {pare.name = "then_y_32", pare.dims = ["n"]},
        tensor<?xui32> {pare.name = "else_x_32", pare.dims = ["n"]},
        tensor<?xui32> {pare.name = "else_y_32", pare.dims = ["n"]},
        tensor<?xui64> {pare.name = "then_x_64", pare.dims = ["n"]},
        tensor<?xui64> {pare.name = "then_y_64", pare.dims = ["n"]},
        tensor<?xui64> {pare.name = "else_x_64", pare.dims = ["n"]},
        tensor<?xui64> {pare.name = "else_y_64", pare.dims = ["n"]}) {
  %m0_32 = pare.constant dense<0x0F0F0F0F> : tensor<ui32>
  %n0_32 = pare.constant dense<0xF0F0F0F0> : tensor<ui32>
  %a0_32 = pare.bit_and %x32, %m0_32 : (tensor<?xui32>, tensor<ui32>) -> tensor<?xui32>
  %b0_32 = pare.bit_and %y32, %n0_32 : (tensor<?xui32>, tensor<ui32>) -> tensor<?xui32>
  %o0_32 = pare.bit_or %a0_32, %b0_32 : (tensor<?xui32>, tensor<?xui32>) -> tensor<?xui32>
  %then_x_32 = pare.where %c, %x32, %o0_32 : (tensor<?xi1>, tensor<?xui32>, tensor<?xui32>) -> tensor<?xui32>
  %m1_32 = pare.constant dense<0x00FF00FF> : tensor<ui32>
  %n1_32 = pare.constant dense<0xFF00FF00> : tensor<ui32>
  %a1_32 = pare.bit_and %x32, %m1_32 : (tensor<?xui32>, tensor<ui32>) -> tensor<?xui32>
  %b1_32 = pare.bit_and %y32, %n1_32 : (tensor<?xui32>, tensor<ui32>) -> tensor<?xui32>
  %o1_32 = pare.bit_or %a1_32, %b1_32 : (tensor<?xui32>, tensor<?xui32>) -> tensor<?xui32>
  %then_y_32 = pare.where %c, %y32, %o1_32 : (tensor<?xi1>, tensor<?xui32>, tensor<?xui32>) -> tensor<?xui32>
  %m2_32 = pare.constant dense<0x55555555> : tensor<ui32>
  %n2_32 = pare.constant dense<0xAAAAAAAA> : tensor<ui32>
  %a2_32 = pare.bit_and %x32, %m2_32 : (tensor<?xui32>, tensor<ui32>) -> tensor<?xui32>
  %b2_32 = pare.bit_and %y32, %n2_32 : (tensor<?xui32>, tensor<ui32>) -> tensor<?xui32>
  %o2_32 = pare.bit_or %a2_32, %b2_32 : (tensor<?xui32>, tensor<?xui32>) -> tensor<?xui32>
  %else_x_32 = pare.where %c, %o2_32, %x32 : (tensor<?xi1>, tensor<?xui32>, tensor<?xui32>) -> tensor<?xui32>
  %m3_32 = pare.constant dense<0x0000FFFF> : tensor<ui32>
  %n3_32 = pare.constant dense<0xFFFF0000> : tensor<ui32>
  %a3_32 = pare.bit_and %x32, %m3_32 : (tensor<?xui32>, tensor<ui32>) -> tensor<?xui32>
  %b3_32 = pare.bit_and %y32, %n3_32 : (tensor<?xui32>, tensor<ui32>) -> tensor<?xui32>
  %o3_32 = pare.bit_or %a3_32, %b3_32 : (tensor<?xui32>, tensor<?xui32>) -> tensor<?xui32>
  %else_y_32 = pare.where %c, %o3_32, %y32 : (tensor<?xi1>, tensor<?xui32>, tensor<?xui32>) -> tensor<?xui32>
  %m0_64 = pare.constant dense<0x0F0F0F0F0F0F0F0F> : tensor<ui64>
  %n0_64 = pare.constant dense<0xF0F0F0F0F0F0F0F0> : tensor<ui64>
  %a0_64 = pare.bit_and %x64, %m0_64 : (tensor<?xui64>, tensor<ui64>) -> tensor<?xui64>
  %b0_64 = pare.bit_and %y64, %n0_64 : (tensor<?xui64>, tensor<ui64>) -> tensor<?xui64>
  %o0_64 = pare.bit_or %a0_64, %b0_64 : (tensor<?xui64>, tensor<?xui64>) -> tensor<?xui64>
  %then_x_64 = pare.where %c, %x64, %o0_64 : (tensor<?xi1>, tensor<?xui64>, tensor<?xui64>) -> tensor<?xui64>
  %m1_64 = pare.constant dense<0x00FF00FF00FF00FF> : tensor<ui64>
  %n1_64 = pare.constant dense<0xFF00FF00FF00FF00> : tensor<ui64>
  %a1_64 = pare.bit_and %x64, %m1_64 : (tensor<?xui64>, tensor<ui64>) -> tensor<?xui64>
  %b1_64 = pare.bit_and %y64, %n1_64 : (tensor<?xui64>, tensor<ui64>) -> tensor<?xui64>
  %o1_64 = pare.bit_or %a1_64, %b1_64 : (tensor<?xui64>, tensor<?xui64>) -> tensor<?xui64>
  %then_y_64 = pare.where %c, %y64, %o1_64 : (tensor<?xi1>, tensor<?xui64>, tensor<?xui64>) -> tensor<?xui64>
  %m2_64 = pare.constant dense<0x5555555555555555> : tensor<ui64>
  %n2_64 = pare.constant dense<0xAAAAAAAAAAAAAAAA> : tensor<ui64>
  %a2_64 = pare.bit_and %x64, %m2_64 : (tensor<?xui64>, tensor<ui64>) -> tensor<?xui64>
  %b2_64 = pare.bit_and %y64, %n2_64 : (tensor<?xui64>, tensor<ui64>) -> tensor<?xui64>
  %o2_64 = pare.bit_or %a2_64, %b2_64 : (tensor<?xui64>, tensor<?xui64>) -> tensor<?xui64>
  %else_x_64 = pare.where %c, %o2_64, %x64 : (tensor<?xi1>, tensor<?xui64>, tensor<?xui64>) -> tensor<?xui64>
  %m3_64 = pare.constant dense<0x000000000000FFFF> : tensor<ui64>
  %n3_64 = pare.constant dense<0xFFFFFFFFFFFF0000> : tensor<ui64>
  %a3_64 = pare.bit_and %x64, %m3_64 : (tensor<?xui64>, tensor<ui64>) -> tensor<?xui64>
  %b3_64 = pare.bit_and %y64, %n3_64 : (tensor<?xui64>, tensor<ui64>) -> tensor<?xui64>
  %o3_64 = pare.bit_or %a3_64, %b3_64 : (tensor<?xui64>, tensor<?xui64>) -> tensor<?xui64>
  %else_y_64 = pare.where %c, %o3_64, %y64 : (tensor<?xi1>, tensor<?xui64>, tensor<?xui64>) -> tensor<?xui64>
  return %then_x_32, %then_y_32, %else_x_32, %else_y_32, %then_x_64, %then_y_64, %else_x_64, %else_y_64 : tensor<?xui32>, tensor<?xui32>, tensor<?xui32>, tensor<?xui32>, tensor<?xui64>, tensor<?xui64>, tensor<?xui64>, tensor<?xui64>
}
