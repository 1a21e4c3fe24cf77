// 8-bit operands sum in si32, of either sign.
// RUN: pare verify %s
// RUN: pare verify %s --sizes n=157
func.func @main(%a: tensor<?x8xui8> {pare.name = "a", pare.dims = ["n", ""]},
                %b: tensor<8x4xsi8> {pare.name = "b"},
                %c: tensor<?x8xsi8> {pare.name = "c", pare.dims = ["n", ""]})
    -> (tensor<?x4xsi32> {pare.name = "mixed", pare.dims = ["n", ""]},
        tensor<?x4xsi32> {pare.name = "signed", pare.dims = ["n", ""]}) {
  %mixed = pare.matmul %a, %b : (tensor<?x8xui8>, tensor<8x4xsi8>) -> tensor<?x4xsi32>
  %signed = pare.matmul %c, %b : (tensor<?x8xsi8>, tensor<8x4xsi8>) -> tensor<?x4xsi32>
  return %mixed, %signed : tensor<?x4xsi32>, tensor<?x4xsi32>
}
