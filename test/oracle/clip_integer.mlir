// Clamping integers.
// RUN: pare verify %s
// RUN: pare verify %s --sizes n=157
func.func @main(%x: tensor<?xui8> {pare.name = "x", pare.dims = ["n"]})
    -> (tensor<?xui8> {pare.name = "y", pare.dims = ["n"]}) {
  %high = pare.constant dense<0> : tensor<ui8>
  %y = pare.clip %x high(%high : tensor<ui8>) : (tensor<?xui8>) -> tensor<?xui8>
  return %y : tensor<?xui8>
}
