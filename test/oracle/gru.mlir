// The reset before and after the product, in one direction and in both; sequences without any step.
// RUN: pare verify %s
// RUN: pare verify %s --sizes t=23,b=37
// RUN: pare verify %s --sizes t=2,b=75
func.func @main(%x: tensor<?x?x300xf32> {pare.name = "x", pare.dims = ["t", "b", ""]},
                %r: tensor<2x150x50xf32> {pare.name = "r"},
                %bias: tensor<2x50xf32> {pare.name = "bias"},
                %any: tensor<?xsi64> {pare.name = "any", pare.dims = ["b"]},
                %h: tensor<2x?x50xf32> {pare.name = "h", pare.dims = ["", "b", ""]},
                %q: tensor<1x300x100xf32> {pare.name = "q"})
    -> (tensor<?x2x?x50xf32> {pare.name = "y", pare.dims = ["t", "", "b", ""]}, tensor<2x?x50xf32> {pare.name = "yh"},
        tensor<?x1x?x100xf32> {pare.name = "z"}, tensor<1x?x100xf32> {pare.name = "zh"}) {
  %shape = pare.shape_of %x : (tensor<?x?x300xf32>) -> tensor<3xsi64>
  %zero = pare.constant dense<0> : tensor<si64>
  %steps = pare.gather %shape, %zero {axis = 0 : i64} : (tensor<3xsi64>, tensor<si64>) -> tensor<si64>
  %lens = pare.mul %any, %steps : (tensor<?xsi64>, tensor<si64>) -> tensor<?xsi64>
  %small = pare.constant dense<1.0e-01> : tensor<f32>
  %w = pare.mul %r, %small : (tensor<2x150x50xf32>, tensor<f32>) -> tensor<2x150x50xf32>
  %v = pare.mul %q, %small : (tensor<1x300x100xf32>, tensor<f32>) -> tensor<1x300x100xf32>
  %y, %yh = pare.gru %x, %w hidden_bias(%bias : tensor<2x50xf32>) sequence_lens(%lens : tensor<?xsi64>) initial_h(%h : tensor<2x?x50xf32>) {direction = #pare.direction<bidirectional>, activations = [#pare.activation<kind = sigmoid>, #pare.activation<kind = tanh>, #pare.activation<kind = hard_sigmoid, alpha = 2.000000e-01 : f32, beta = 5.000000e-01 : f32>, #pare.activation<kind = softsign>], linear_before_reset} : (tensor<?x?x300xf32>, tensor<2x150x50xf32>) -> (tensor<?x2x?x50xf32>, tensor<2x?x50xf32>)
  %z, %zh = pare.gru %x, %v sequence_lens(%lens : tensor<?xsi64>) {direction = #pare.direction<reverse>, activations = [#pare.activation<kind = sigmoid>, #pare.activation<kind = tanh>], clip = 2.0 : f32} : (tensor<?x?x300xf32>, tensor<1x300x100xf32>) -> (tensor<?x1x?x100xf32>, tensor<1x?x100xf32>)
  return %y, %yh, %z, %zh : tensor<?x2x?x50xf32>, tensor<2x?x50xf32>, tensor<?x1x?x100xf32>, tensor<1x?x100xf32>
}
