// RUN: pare-opt %s -split-input-file -verify-diagnostics

func.func @broadcast(%a: tensor<2xf32>, %b: tensor<3xf32>) {
  // expected-error@+2 {{sizes 2 and 3 of axis 0 do not broadcast}}
  // expected-error@+1 {{failed to infer returned types}}
  %c = pare.add %a, %b : (tensor<2xf32>, tensor<3xf32>) -> tensor<?xf32>
  return
}

// -----

func.func @elements(%x: tensor<2x3xf32>) {
  %s = pare.constant dense<[4, 2]> : tensor<2xsi64>
  // expected-error@+2 {{a tensor of 6 elements has no shape with 8}}
  // expected-error@+1 {{failed to infer returned types}}
  %y = pare.reshape %x, %s : (tensor<2x3xf32>, tensor<2xsi64>) -> tensor<?x?xf32>
  return
}

// -----

func.func @axis(%x: tensor<2x3xf32>) {
  // expected-error@+2 {{axis 2 is out of range for rank 2}}
  // expected-error@+1 {{failed to infer returned types}}
  %y = pare.softmax %x {axis = 2 : i64} : (tensor<2x3xf32>) -> tensor<2x3xf32>
  return
}

// -----

func.func @contraction(%a: tensor<2x3xf32>, %b: tensor<4x5xf32>) {
  // expected-error@+2 {{contracts sizes 3 and 4}}
  // expected-error@+1 {{failed to infer returned types}}
  %c = pare.matmul %a, %b : (tensor<2x3xf32>, tensor<4x5xf32>) -> tensor<2x5xf32>
  return
}

// -----

func.func @window(%x: tensor<1x3x2x2xf32>, %w: tensor<4x3x5x5xf32>) {
  // expected-error@+2 {{spatial axis 0 of the result would be negative}}
  // expected-error@+1 {{failed to infer returned types}}
  %y = pare.conv %x, %w {strides = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>, groups = 1 : i64} : (tensor<1x3x2x2xf32>, tensor<4x3x5x5xf32>) -> tensor<?x?x?x?xf32>
  return
}

// -----

func.func @yields(%c: tensor<i1>, %x: tensor<4xf32>) {
  // expected-error@+1 {{yields 0 values for 1 results}}
  %y = pare.if %c : tensor<i1> -> tensor<4xf32> {
    pare.yield
  } else {
    pare.yield %x : tensor<4xf32>
  }
  return
}

// -----

// expected-error@+1 {{cannot map file 'no-such-file.bin'}}
%w = pare.constant #pare.external<"no-such-file.bin", 0> : tensor<2xf32>
