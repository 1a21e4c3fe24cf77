// A mask, scores, softmax and the sum over values; rows without any key included.
// RUN: pare verify %s
// RUN: pare verify %s --sizes b=157,n=67
func.func @main(%q: tensor<?x2x?x8xf32> {pare.name = "q", pare.dims = ["b", "", "n", ""]},
                %k: tensor<?x2x?x8xf32> {pare.name = "k", pare.dims = ["b", "", "n", ""]},
                %v: tensor<?x2x?x8xf32> {pare.name = "v", pare.dims = ["b", "", "n", ""]},
                %attention_mask: tensor<?x?xsi64> {pare.name = "attention_mask", pare.dims = ["b", "n"]})
    -> (tensor<?x2x?x8xf32> {pare.name = "y", pare.dims = ["b", "", "n", ""]}) {
  %kt = pare.transpose %k {permutation = array<i64: 0, 1, 3, 2>} : (tensor<?x2x?x8xf32>) -> tensor<?x2x8x?xf32>
  %raw = pare.matmul %q, %kt : (tensor<?x2x?x8xf32>, tensor<?x2x8x?xf32>) -> tensor<?x2x?x?xf32>
  %scale = pare.constant dense<0.353553385> : tensor<f32>
  %scores = pare.mul %raw, %scale : (tensor<?x2x?x?xf32>, tensor<f32>) -> tensor<?x2x?x?xf32>
  %m = pare.unsqueeze %attention_mask {axes = array<i64: 1, 2>} : (tensor<?x?xsi64>) -> tensor<?x1x1x?xsi64>
  %valid = pare.cast %m {to = i1} : (tensor<?x1x1x?xsi64>) -> tensor<?x1x1x?xi1>
  %lowest = pare.constant dense<-3.40282347E+38> : tensor<f32>
  %masked = pare.where %valid, %scores, %lowest : (tensor<?x1x1x?xi1>, tensor<?x2x?x?xf32>, tensor<f32>) -> tensor<?x2x?x?xf32>
  %p = pare.softmax %masked {axis = 3 : i64} : (tensor<?x2x?x?xf32>) -> tensor<?x2x?x?xf32>
  %y = pare.matmul %p, %v : (tensor<?x2x?x?xf32>, tensor<?x2x?x8xf32>) -> tensor<?x2x?x8xf32>
  return %y : tensor<?x2x?x8xf32>
}
