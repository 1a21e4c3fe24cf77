// Carried values and stacked outputs; the count is known at run time.
// RUN: pare verify %s
// RUN: pare verify %s --sizes m=157
func.func @main(%n: tensor<si64> {pare.name = "n"},
                %x: tensor<?x2xf32> {pare.name = "x", pare.dims = ["m", ""]})
    -> (tensor<?x2xf32> {pare.name = "last", pare.dims = ["m", ""]},
        tensor<?x?x2xf32> {pare.name = "all", pare.dims = ["", "m", ""]}) {
  %two = pare.constant dense<2> : tensor<si64>
  %trips = pare.add %n, %two : (tensor<si64>, tensor<si64>) -> tensor<si64>
  %half = pare.constant dense<5.0e-01> : tensor<f32>
  %last, %all = pare.loop trip_count(%trips : tensor<si64>) init(%x : tensor<?x2xf32>) -> (tensor<?x2xf32>, tensor<?x?x2xf32>) {
  ^bb0(%i: tensor<si64>, %c: tensor<i1>, %v: tensor<?x2xf32>):
    %w = pare.mul %v, %half : (tensor<?x2xf32>, tensor<f32>) -> tensor<?x2xf32>
    pare.yield %c, %w, %w : tensor<i1>, tensor<?x2xf32>, tensor<?x2xf32>
  }
  return %last, %all : tensor<?x2xf32>, tensor<?x?x2xf32>
}
