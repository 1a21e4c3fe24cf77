// RUN: pare-opt %s | pare-opt | FileCheck %s

// Optional operands print as named groups.
// CHECK-LABEL: @lstm
// CHECK: pare.lstm %{{.*}}, %{{.*}} {activations = [#pare.activation<kind = sigmoid>, #pare.activation<kind = tanh>, #pare.activation<kind = tanh>], direction = #pare.direction<forward>} : (tensor<?x?x32xf32>, tensor<1x32x8xf32>) -> (tensor<?x1x?x8xf32>, tensor<1x?x8xf32>, tensor<1x?x8xf32>)
// CHECK: pare.lstm %{{.*}}, %{{.*}} peepholes(%{{.*}} : tensor<1x24xf32>) sequence_lens(%{{.*}} : tensor<?xsi32>) initial_h(%{{.*}} : tensor<1x?x8xf32>) initial_c(%{{.*}} : tensor<1x?x8xf32>) {activations = [#pare.activation<kind = hard_sigmoid, alpha = 2.000000e-01 : f32, beta = 5.000000e-01 : f32>,
// CHECK-SAME: clip = 3.000000e+00 : f32, direction = #pare.direction<reverse>, input_forget}
func.func @lstm(%x: tensor<?x?x32xf32>, %r: tensor<1x32x8xf32>, %p: tensor<1x24xf32>, %n: tensor<?xsi32>, %s: tensor<1x?x8xf32>) -> (tensor<?x1x?x8xf32>, tensor<1x?x8xf32>) {
  %y, %h, %c = pare.lstm %x, %r {direction = #pare.direction<forward>, activations = [#pare.activation<kind = sigmoid>, #pare.activation<kind = tanh>, #pare.activation<kind = tanh>]} : (tensor<?x?x32xf32>, tensor<1x32x8xf32>) -> (tensor<?x1x?x8xf32>, tensor<1x?x8xf32>, tensor<1x?x8xf32>)
  %y2, %h2, %c2 = pare.lstm %x, %r peepholes(%p : tensor<1x24xf32>) sequence_lens(%n : tensor<?xsi32>) initial_h(%s : tensor<1x?x8xf32>) initial_c(%s : tensor<1x?x8xf32>) {direction = #pare.direction<reverse>, activations = [#pare.activation<kind = hard_sigmoid, alpha = 0.2 : f32, beta = 0.5 : f32>, #pare.activation<kind = elu, alpha = 1.0 : f32>, #pare.activation<kind = softsign>], clip = 3.0 : f32, input_forget} : (tensor<?x?x32xf32>, tensor<1x32x8xf32>) -> (tensor<?x1x?x8xf32>, tensor<1x?x8xf32>, tensor<1x?x8xf32>)
  return %y, %c2 : tensor<?x1x?x8xf32>, tensor<1x?x8xf32>
}

// CHECK-LABEL: @gru
// CHECK: pare.gru %{{.*}}, %{{.*}} hidden_bias(%{{.*}} : tensor<2x8xf16>) {{.*}}direction = #pare.direction<bidirectional>, linear_before_reset} : (tensor<5x3x48xf16>, tensor<2x24x8xf16>) -> (tensor<5x2x3x8xf16>, tensor<2x3x8xf16>)
// CHECK: pare.rnn %{{.*}}, %{{.*}} initial_h(%{{.*}} : tensor<2x3x24xf16>)
func.func @gru(%x: tensor<5x3x48xf16>, %r: tensor<2x24x8xf16>, %b: tensor<2x8xf16>, %q: tensor<2x24x24xf16>, %s: tensor<2x3x24xf16>) -> (tensor<5x2x3x8xf16>, tensor<5x2x3x24xf16>) {
  %y, %h = pare.gru %x, %r hidden_bias(%b : tensor<2x8xf16>) {direction = #pare.direction<bidirectional>, activations = [#pare.activation<kind = sigmoid>, #pare.activation<kind = tanh>, #pare.activation<kind = sigmoid>, #pare.activation<kind = relu>], linear_before_reset} : (tensor<5x3x48xf16>, tensor<2x24x8xf16>) -> (tensor<5x2x3x8xf16>, tensor<2x3x8xf16>)
  %z, %g = pare.rnn %x, %q initial_h(%s : tensor<2x3x24xf16>) {direction = #pare.direction<bidirectional>, activations = [#pare.activation<kind = tanh>, #pare.activation<kind = softplus>]} : (tensor<5x3x48xf16>, tensor<2x24x24xf16>) -> (tensor<5x2x3x24xf16>, tensor<2x3x24xf16>)
  return %y, %z : tensor<5x2x3x8xf16>, tensor<5x2x3x24xf16>
}
