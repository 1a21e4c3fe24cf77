// RUN: pare-opt %s -split-input-file -verify-diagnostics

func.func @gates(%x: tensor<5x3x32xf32>, %r: tensor<1x24x8xf32>) {
  // expected-error@+2 {{r has size 24 on axis 1 instead of 32}}
  // expected-error@+1 {{failed to infer returned types}}
  %y, %h, %c = pare.lstm %x, %r {direction = #pare.direction<forward>, activations = [#pare.activation<kind = sigmoid>, #pare.activation<kind = tanh>, #pare.activation<kind = tanh>]} : (tensor<5x3x32xf32>, tensor<1x24x8xf32>) -> (tensor<5x1x3x8xf32>, tensor<1x3x8xf32>, tensor<1x3x8xf32>)
  return
}

// -----

func.func @columns(%x: tensor<5x3x25xf32>, %r: tensor<1x?x?xf32>) {
  // expected-error@+2 {{x has size 25 on axis 2 instead of a multiple of 3}}
  // expected-error@+1 {{failed to infer returned types}}
  %y, %h = pare.gru %x, %r {direction = #pare.direction<forward>, activations = [#pare.activation<kind = sigmoid>, #pare.activation<kind = tanh>]} : (tensor<5x3x25xf32>, tensor<1x?x?xf32>) -> (tensor<5x1x3x8xf32>, tensor<1x3x8xf32>)
  return
}

// -----

func.func @directions(%x: tensor<5x3x16xf32>, %r: tensor<1x8x8xf32>) {
  // expected-error@+2 {{r has size 1 on axis 0 instead of 2}}
  // expected-error@+1 {{failed to infer returned types}}
  %y, %h = pare.rnn %x, %r {direction = #pare.direction<bidirectional>, activations = [#pare.activation<kind = tanh>, #pare.activation<kind = tanh>]} : (tensor<5x3x16xf32>, tensor<1x8x8xf32>) -> (tensor<5x2x3x8xf32>, tensor<2x3x8xf32>)
  return
}

// -----

func.func @batch(%x: tensor<5x3x8xf32>, %r: tensor<1x8x8xf32>, %n: tensor<4xsi32>) {
  // expected-error@+2 {{sequence_lens has size 4 on axis 0 instead of 3}}
  // expected-error@+1 {{failed to infer returned types}}
  %y, %h = pare.rnn %x, %r sequence_lens(%n : tensor<4xsi32>) {direction = #pare.direction<forward>, activations = [#pare.activation<kind = tanh>]} : (tensor<5x3x8xf32>, tensor<1x8x8xf32>) -> (tensor<5x1x3x8xf32>, tensor<1x3x8xf32>)
  return
}

// -----

func.func @functions(%x: tensor<5x3x8xf32>, %r: tensor<1x8x8xf32>) {
  // expected-error@+1 {{has 2 activations instead of 1}}
  %y, %h = pare.rnn %x, %r {direction = #pare.direction<forward>, activations = [#pare.activation<kind = tanh>, #pare.activation<kind = tanh>]} : (tensor<5x3x8xf32>, tensor<1x8x8xf32>) -> (tensor<5x1x3x8xf32>, tensor<1x3x8xf32>)
  return
}

// -----

func.func @types(%x: tensor<5x3x8xf32>, %r: tensor<1x8x8xf16>) {
  // expected-error@+1 {{needs one element type for all operands but sequence_lens}}
  %y, %h = pare.rnn %x, %r {direction = #pare.direction<forward>, activations = [#pare.activation<kind = tanh>]} : (tensor<5x3x8xf32>, tensor<1x8x8xf16>) -> (tensor<5x1x3x8xf32>, tensor<1x3x8xf32>)
  return
}

// -----

func.func @clip(%x: tensor<5x3x8xf32>, %r: tensor<1x8x8xf32>) {
  // expected-error@+1 {{needs a clip that is not negative}}
  %y, %h = pare.rnn %x, %r {direction = #pare.direction<forward>, activations = [#pare.activation<kind = tanh>], clip = -1.0 : f32} : (tensor<5x3x8xf32>, tensor<1x8x8xf32>) -> (tensor<5x1x3x8xf32>, tensor<1x3x8xf32>)
  return
}

// -----

func.func @bias(%x: tensor<5x3x24xf32>, %r: tensor<1x24x8xf32>, %b: tensor<1x8xf32>) {
  // expected-error@+1 {{takes hidden_bias with linear_before_reset only}}
  %y, %h = pare.gru %x, %r hidden_bias(%b : tensor<1x8xf32>) {direction = #pare.direction<forward>, activations = [#pare.activation<kind = sigmoid>, #pare.activation<kind = tanh>]} : (tensor<5x3x24xf32>, tensor<1x24x8xf32>) -> (tensor<5x1x3x8xf32>, tensor<1x3x8xf32>)
  return
}

// -----

// expected-error@+1 {{elu needs alpha}}
func.func private @missing() attributes {a = #pare.activation<kind = elu>}

// -----

// expected-error@+1 {{tanh takes no beta}}
func.func private @extra() attributes {a = #pare.activation<kind = tanh, beta = 1.0 : f32>}
