// A loop that its condition ends.
// RUN: pare verify %s
func.func @main(%x: tensor<3xf32> {pare.name = "x"})
    -> (tensor<3xf32> {pare.name = "last"}) {
  %go = pare.constant dense<true> : tensor<i1>
  %limit = pare.constant dense<4> : tensor<si64>
  %one = pare.constant dense<1.0> : tensor<f32>
  %last = pare.loop while(%go : tensor<i1>) init(%x : tensor<3xf32>) -> (tensor<3xf32>) {
  ^bb0(%i: tensor<si64>, %c: tensor<i1>, %v: tensor<3xf32>):
    %w = pare.add %v, %one : (tensor<3xf32>, tensor<f32>) -> tensor<3xf32>
    %more = pare.compare %i, %limit {kind = #pare.compare_kind<lt>} : (tensor<si64>, tensor<si64>) -> tensor<i1>
    pare.yield %more, %w : tensor<i1>, tensor<3xf32>
  }
  return %last : tensor<3xf32>
}
