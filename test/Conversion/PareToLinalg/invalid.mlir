// RUN: pare-opt %s --convert-pare-to-linalg --verify-diagnostics

// Every op without a lowering is named.
func.func @unranked(%x: tensor<*xf32>, %y: tensor<4xf32>) -> tensor<*xf32> {
  // expected-error @below {{'pare.exp' op cannot be lowered: the rank of operand 0 is not known}}
  %a = pare.exp %x : (tensor<*xf32>) -> tensor<*xf32>
  %b = pare.exp %y : (tensor<4xf32>) -> tensor<4xf32>
  // expected-error @below {{'pare.neg' op cannot be lowered: the rank of operand 0 is not known}}
  %c = pare.neg %a : (tensor<*xf32>) -> tensor<*xf32>
  return %c : tensor<*xf32>
}
