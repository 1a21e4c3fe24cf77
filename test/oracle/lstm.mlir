// Both directions with lengths, peepholes and states; then one direction with clip and coupled gates, of which only the
// last states are read.
// RUN: pare verify %s
// RUN: pare verify %s --sizes t=23,b=37
// RUN: pare verify %s --sizes t=2,b=75
func.func @main(%x: tensor<?x?x400xf32> {pare.name = "x", pare.dims = ["t", "b", ""]},
                %r: tensor<2x200x50xf32> {pare.name = "r"},
                %p: tensor<2x150xf32> {pare.name = "p"},
                %short: tensor<?xsi32> {pare.name = "short", pare.dims = ["b"]},
                %h: tensor<2x?x50xf32> {pare.name = "h", pare.dims = ["", "b", ""]},
                %c: tensor<2x?x50xf32> {pare.name = "c", pare.dims = ["", "b", ""]},
                %q: tensor<1x400x100xf32> {pare.name = "q"})
    -> (tensor<?x2x?x50xf32> {pare.name = "y", pare.dims = ["t", "", "b", ""]},
        tensor<2x?x50xf32> {pare.name = "yh"}, tensor<2x?x50xf32> {pare.name = "yc"},
        tensor<1x?x100xf32> {pare.name = "h1"}, tensor<1x?x100xf32> {pare.name = "c1"}) {
  // A sequence has all steps or half of them.
  %shape = pare.shape_of %x : (tensor<?x?x400xf32>) -> tensor<3xsi64>
  %zero = pare.constant dense<0> : tensor<si64>
  %two = pare.constant dense<2> : tensor<si32>
  %steps = pare.gather %shape, %zero {axis = 0 : i64} : (tensor<3xsi64>, tensor<si64>) -> tensor<si64>
  %steps32 = pare.cast %steps {to = si32} : (tensor<si64>) -> tensor<si32>
  %half = pare.div %steps32, %two : (tensor<si32>, tensor<si32>) -> tensor<si32>
  %less = pare.mul %short, %half : (tensor<?xsi32>, tensor<si32>) -> tensor<?xsi32>
  %lens = pare.sub %steps32, %less : (tensor<si32>, tensor<?xsi32>) -> tensor<?xsi32>
  %small = pare.constant dense<1.0e-01> : tensor<f32>
  %w = pare.mul %r, %small : (tensor<2x200x50xf32>, tensor<f32>) -> tensor<2x200x50xf32>
  %v = pare.mul %q, %small : (tensor<1x400x100xf32>, tensor<f32>) -> tensor<1x400x100xf32>
  %y, %yh, %yc = pare.lstm %x, %w peepholes(%p : tensor<2x150xf32>) sequence_lens(%lens : tensor<?xsi32>) initial_h(%h : tensor<2x?x50xf32>) initial_c(%c : tensor<2x?x50xf32>) {direction = #pare.direction<bidirectional>, activations = [#pare.activation<kind = sigmoid>, #pare.activation<kind = tanh>, #pare.activation<kind = tanh>, #pare.activation<kind = hard_sigmoid, alpha = 2.000000e-01 : f32, beta = 5.000000e-01 : f32>, #pare.activation<kind = softsign>, #pare.activation<kind = scaled_tanh, alpha = 1.500000e+00 : f32, beta = 0.750000e+00 : f32>]} : (tensor<?x?x400xf32>, tensor<2x200x50xf32>) -> (tensor<?x2x?x50xf32>, tensor<2x?x50xf32>, tensor<2x?x50xf32>)
  %y1, %h1, %c1 = pare.lstm %x, %v {direction = #pare.direction<reverse>, activations = [#pare.activation<kind = sigmoid>, #pare.activation<kind = tanh>, #pare.activation<kind = tanh>], clip = 5.0e-01 : f32, input_forget} : (tensor<?x?x400xf32>, tensor<1x400x100xf32>) -> (tensor<?x1x?x100xf32>, tensor<1x?x100xf32>, tensor<1x?x100xf32>)
  return %y, %yh, %yc, %h1, %c1 : tensor<?x2x?x50xf32>, tensor<2x?x50xf32>, tensor<2x?x50xf32>, tensor<1x?x100xf32>, tensor<1x?x100xf32>
}
