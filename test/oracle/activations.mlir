// Activations with parameters.
// RUN: pare verify %s
// RUN: pare verify %s --sizes n=157
func.func @main(%x: tensor<?x6xf32> {pare.name = "x", pare.dims = ["n", ""]})
    -> (tensor<?x6xf32> {pare.name = "gelu", pare.dims = ["n", ""]},
        tensor<?x6xf32> {pare.name = "gelu_tanh", pare.dims = ["n", ""]},
        tensor<?x6xf32> {pare.name = "leaky", pare.dims = ["n", ""]},
        tensor<?x6xf32> {pare.name = "elu", pare.dims = ["n", ""]},
        tensor<?x6xf32> {pare.name = "hard", pare.dims = ["n", ""]}) {
  %gelu = pare.gelu %x : (tensor<?x6xf32>) -> tensor<?x6xf32>
  %gelu_tanh = pare.gelu %x {approximate = #pare.gelu_kind<tanh>} : (tensor<?x6xf32>) -> tensor<?x6xf32>
  %leaky = pare.leaky_relu %x {alpha = 1.0e-02 : f32} : (tensor<?x6xf32>) -> tensor<?x6xf32>
  %elu = pare.elu %x {alpha = 1.5 : f32} : (tensor<?x6xf32>) -> tensor<?x6xf32>
  %hard = pare.hard_sigmoid %x {alpha = 2.0e-01 : f32, beta = 5.0e-01 : f32} : (tensor<?x6xf32>) -> tensor<?x6xf32>
  return %gelu, %gelu_tanh, %leaky, %elu, %hard : tensor<?x6xf32>, tensor<?x6xf32>, tensor<?x6xf32>, tensor<?x6xf32>, tensor<?x6xf32>
}
