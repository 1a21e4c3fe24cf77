// Bits of unsigned integers.
// RUN: pare verify %s
// RUN: pare verify %s --sizes n=157
func.func @main(%a: tensor<?xui8> {pare.name = "a", pare.dims = ["n"]},
                %b: tensor<?xui8> {pare.name = "b", pare.dims = ["n"]})
    -> (tensor<?xui8> {pare.name = "bit_and_y", pare.dims = ["n"]},
        tensor<?xui8> {pare.name = "bit_or_y", pare.dims = ["n"]},
        tensor<?xui8> {pare.name = "bit_xor_y", pare.dims = ["n"]},
        tensor<?xui8> {pare.name = "shift_left_y", pare.dims = ["n"]},
        tensor<?xui8> {pare.name = "shift_right_y", pare.dims = ["n"]}) {
  %bit_and_y = pare.bit_and %a, %b : (tensor<?xui8>, tensor<?xui8>) -> tensor<?xui8>
  %bit_or_y = pare.bit_or %a, %b : (tensor<?xui8>, tensor<?xui8>) -> tensor<?xui8>
  %bit_xor_y = pare.bit_xor %a, %b : (tensor<?xui8>, tensor<?xui8>) -> tensor<?xui8>
  %shift_left_y = pare.shift_left %a, %b : (tensor<?xui8>, tensor<?xui8>) -> tensor<?xui8>
  %shift_right_y = pare.shift_right %a, %b : (tensor<?xui8>, tensor<?xui8>) -> tensor<?xui8>
  return %bit_and_y, %bit_or_y, %bit_xor_y, %shift_left_y, %shift_right_y : tensor<?xui8>, tensor<?xui8>, tensor<?xui8>, tensor<?xui8>, tensor<?xui8>
}
