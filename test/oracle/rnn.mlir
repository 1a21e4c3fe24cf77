// Every activation, of weights so small that those without a bound stay small; narrow and wide floats.
// RUN: pare verify %s
// RUN: pare verify %s --sizes t=19,b=5
func.func @main(%x: tensor<?x?x12xf32> {pare.name = "x", pare.dims = ["t", "b", ""]},
                %r: tensor<2x6x6xf32> {pare.name = "r"},
                %n: tensor<?x3x12xf16> {pare.name = "n", pare.dims = ["t", "", ""]},
                %m: tensor<2x6x6xf16> {pare.name = "m"},
                %f: tensor<4x?x6xf64> {pare.name = "f", pare.dims = ["", "b", ""]},
                %g: tensor<1x6x6xf64> {pare.name = "g"})
    -> (tensor<?x2x?x6xf32> {pare.name = "a"}, tensor<?x2x?x6xf32> {pare.name = "b"}, tensor<2x?x6xf32> {pare.name = "c"},
        tensor<?x2x?x6xf32> {pare.name = "d"}, tensor<?x2x?x6xf32> {pare.name = "e"},
        tensor<?x2x3x6xf16> {pare.name = "half"}, tensor<2x3x6xf16> {pare.name = "halfh"}, tensor<4x1x?x6xf64> {pare.name = "double"}) {
  %small = pare.constant dense<1.0e-01> : tensor<f32>
  %w = pare.mul %r, %small : (tensor<2x6x6xf32>, tensor<f32>) -> tensor<2x6x6xf32>
  %a, %a1 = pare.rnn %x, %w {direction = #pare.direction<bidirectional>, activations = [#pare.activation<kind = relu>, #pare.activation<kind = affine, alpha = 5.000000e-01 : f32, beta = 2.500000e-01 : f32>]} : (tensor<?x?x12xf32>, tensor<2x6x6xf32>) -> (tensor<?x2x?x6xf32>, tensor<2x?x6xf32>)
  %b, %b1 = pare.rnn %x, %w {direction = #pare.direction<bidirectional>, activations = [#pare.activation<kind = leaky_relu, alpha = 1.000000e-01 : f32>, #pare.activation<kind = elu, alpha = 5.000000e-01 : f32>]} : (tensor<?x?x12xf32>, tensor<2x6x6xf32>) -> (tensor<?x2x?x6xf32>, tensor<2x?x6xf32>)
  %c, %c1 = pare.rnn %x, %w {direction = #pare.direction<bidirectional>, activations = [#pare.activation<kind = softplus>, #pare.activation<kind = sigmoid>]} : (tensor<?x?x12xf32>, tensor<2x6x6xf32>) -> (tensor<?x2x?x6xf32>, tensor<2x?x6xf32>)
  %d, %d1 = pare.rnn %x, %w {direction = #pare.direction<bidirectional>, activations = [#pare.activation<kind = softsign>, #pare.activation<kind = scaled_tanh, alpha = 2.000000e+00 : f32, beta = 5.000000e-01 : f32>]} : (tensor<?x?x12xf32>, tensor<2x6x6xf32>) -> (tensor<?x2x?x6xf32>, tensor<2x?x6xf32>)
  // Where rounding decides on which side of the threshold a number is, no bound holds: the numbers stay above it.
  %four = pare.constant dense<4.0> : tensor<f32>
  %low = pare.abs %x : (tensor<?x?x12xf32>) -> tensor<?x?x12xf32>
  %high = pare.add %low, %four : (tensor<?x?x12xf32>, tensor<f32>) -> tensor<?x?x12xf32>
  %v = pare.abs %w : (tensor<2x6x6xf32>) -> tensor<2x6x6xf32>
  %e, %e1 = pare.rnn %high, %v {direction = #pare.direction<bidirectional>, activations = [#pare.activation<kind = thresholded_relu, alpha = 3.000000e+00 : f32>, #pare.activation<kind = thresholded_relu, alpha = 1.000000e+03 : f32>]} : (tensor<?x?x12xf32>, tensor<2x6x6xf32>) -> (tensor<?x2x?x6xf32>, tensor<2x?x6xf32>)
  %half, %halfh = pare.rnn %n, %m {direction = #pare.direction<bidirectional>, activations = [#pare.activation<kind = tanh>, #pare.activation<kind = hard_sigmoid, alpha = 2.000000e-01 : f32, beta = 5.000000e-01 : f32>]} : (tensor<?x3x12xf16>, tensor<2x6x6xf16>) -> (tensor<?x2x3x6xf16>, tensor<2x3x6xf16>)
  %double, %double1 = pare.rnn %f, %g {direction = #pare.direction<forward>, activations = [#pare.activation<kind = tanh>]} : (tensor<4x?x6xf64>, tensor<1x6x6xf64>) -> (tensor<4x1x?x6xf64>, tensor<1x?x6xf64>)
  return %a, %b, %c1, %d, %e, %half, %halfh, %double : tensor<?x2x?x6xf32>, tensor<?x2x?x6xf32>, tensor<2x?x6xf32>, tensor<?x2x?x6xf32>, tensor<?x2x?x6xf32>, tensor<?x2x3x6xf16>, tensor<2x3x6xf16>, tensor<4x1x?x6xf64>
}
