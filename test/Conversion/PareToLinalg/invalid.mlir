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

func.func @rows(%x: tensor<?x?x3xf32>, %i: tensor<?xsi64>, %s: tensor<?xsi64>) -> tensor<?x3xf32> {
  // expected-error@+1 {{the length of a shape operand is not known}}
  %y = pare.rows_gather %x, %i, %s {batch_axis = 0 : i64, row_axis = 1 : i64} : (tensor<?x?x3xf32>, tensor<?xsi64>, tensor<?xsi64>) -> tensor<?x3xf32>
  return %y : tensor<?x3xf32>
}
