// RUN: pare verify %s --max-int 2
// RUN: pare verify %s --sizes b=5,s=23 --max-int 2 --seed 7
// RUN: pare verify %s --sizes b=3,s=157 --seed 3
// RUN: pare verify %s --max-int 2 --packed-outputs
// RUN: pare verify %s --sizes b=5,s=23 --packed-outputs

// Removal of padding and dead rows against the interpreter, with the check that padding does not matter.

// (1 - m) * -10000, where m also is 2: a mask with other numbers than 0 and 1.
func.func @additive(%x: tensor<?x?x8xf32> {pare.dims = ["b", "s", ""]}, %m: tensor<?x?xsi64> {pare.dims = ["b", "s"], pare.name = "m"},
                    %w: tensor<8x8xf32>) -> tensor<?x?x8xf32> {
  %one = pare.constant dense<1.0> : tensor<f32>
  %low = pare.constant dense<-10000.0> : tensor<f32>
  %m4 = pare.unsqueeze %m {axes = array<i64: 1, 2>} : (tensor<?x?xsi64>) -> tensor<?x1x1x?xsi64>
  %f = pare.cast %m4 {to = f32} : (tensor<?x1x1x?xsi64>) -> tensor<?x1x1x?xf32>
  %n = pare.sub %one, %f : (tensor<f32>, tensor<?x1x1x?xf32>) -> tensor<?x1x1x?xf32>
  %bias = pare.mul %n, %low : (tensor<?x1x1x?xf32>, tensor<f32>) -> tensor<?x1x1x?xf32>
  %h = pare.matmul %x, %w : (tensor<?x?x8xf32>, tensor<8x8xf32>) -> tensor<?x?x8xf32>
  %q = pare.unsqueeze %h {axes = array<i64: 1>} : (tensor<?x?x8xf32>) -> tensor<?x1x?x8xf32>
  %kt = pare.transpose %q {permutation = array<i64: 0, 1, 3, 2>} : (tensor<?x1x?x8xf32>) -> tensor<?x1x8x?xf32>
  %s = pare.matmul %q, %kt : (tensor<?x1x?x8xf32>, tensor<?x1x8x?xf32>) -> tensor<?x1x?x?xf32>
  %a = pare.add %s, %bias : (tensor<?x1x?x?xf32>, tensor<?x1x1x?xf32>) -> tensor<?x1x?x?xf32>
  %p = pare.softmax %a {axis = 3 : i64} : (tensor<?x1x?x?xf32>) -> tensor<?x1x?x?xf32>
  %o = pare.matmul %p, %q : (tensor<?x1x?x?xf32>, tensor<?x1x?x8xf32>) -> tensor<?x1x?x8xf32>
  %y = pare.squeeze %o {axes = array<i64: 1>} : (tensor<?x1x?x8xf32>) -> tensor<?x?x8xf32>
  return %y : tensor<?x?x8xf32>
}

// Causal within a window, the last row of each sequence whatever its mask, and a masked mean.
func.func @last(%x: tensor<?x2x?x8xf32> {pare.dims = ["b", "", "s", ""]}, %m: tensor<?x?xi1> {pare.dims = ["b", "s"]},
                %w: tensor<8x12xf32>) -> (tensor<?x2x12xf32>, tensor<?x2x8xf32>) {
  %zero = pare.constant dense<0.0> : tensor<f32>
  %minus = pare.constant dense<-1> : tensor<si64>
  %a = pare.attention %x, %x, %x key_mask(%m : tensor<?x?xi1>) {band_lower = -3 : i64, band_upper = 0 : i64, fill = 0xFF7FFFFF : f32, mask_mode = #pare.mask_mode<select>, scale = 0.5 : f32} : (tensor<?x2x?x8xf32>, tensor<?x2x?x8xf32>, tensor<?x2x?x8xf32>) -> tensor<?x2x?x8xf32>
  %r = pare.add %a, %x : (tensor<?x2x?x8xf32>, tensor<?x2x?x8xf32>) -> tensor<?x2x?x8xf32>
  %l = pare.matmul %r, %w : (tensor<?x2x?x8xf32>, tensor<8x12xf32>) -> tensor<?x2x?x12xf32>
  %y = pare.gather %l, %minus {axis = 2 : i64} : (tensor<?x2x?x12xf32>, tensor<si64>) -> tensor<?x2x12xf32>
  %m4 = pare.unsqueeze %m {axes = array<i64: 1, 3>} : (tensor<?x?xi1>) -> tensor<?x1x?x1xi1>
  %z = pare.where %m4, %r, %zero : (tensor<?x1x?x1xi1>, tensor<?x2x?x8xf32>, tensor<f32>) -> tensor<?x2x?x8xf32>
  %sum = pare.reduce %z {axes = array<i64: 2>, kind = #pare.reduce_kind<sum>} : (tensor<?x2x?x8xf32>) -> tensor<?x2x8xf32>
  return %y, %sum : tensor<?x2x12xf32>, tensor<?x2x8xf32>
}

// Rows on one axis, [b * s, 8], and the first row of each sequence.
func.func @merged(%x: tensor<?x?x8xf32> {pare.dims = ["b", "s", ""]}, %m: tensor<?x?xi1> {pare.dims = ["b", "s"]},
                  %w: tensor<8x8xf32>) -> (tensor<?x8xf32>, tensor<?x?x8xf32>) {
  %flat = pare.constant dense<[-1, 8]> : tensor<2xsi64>
  %c0 = pare.constant dense<0> : tensor<si64>
  %shape = pare.shape_of %x : (tensor<?x?x8xf32>) -> tensor<3xsi64>
  %f = pare.reshape %x, %flat : (tensor<?x?x8xf32>, tensor<2xsi64>) -> tensor<?x8xf32>
  %h = pare.matmul %f, %w : (tensor<?x8xf32>, tensor<8x8xf32>) -> tensor<?x8xf32>
  %h3 = pare.reshape %h, %shape {allow_zero} : (tensor<?x8xf32>, tensor<3xsi64>) -> tensor<?x?x8xf32>
  %q = pare.unsqueeze %h3 {axes = array<i64: 1>} : (tensor<?x?x8xf32>) -> tensor<?x1x?x8xf32>
  %a = pare.attention %q, %q, %q key_mask(%m : tensor<?x?xi1>) {band_upper = 0 : i64, fill = 0xFF800000 : f32, mask_mode = #pare.mask_mode<select>, scale = 1.0 : f32, zero_masked_rows} : (tensor<?x1x?x8xf32>, tensor<?x1x?x8xf32>, tensor<?x1x?x8xf32>) -> tensor<?x1x?x8xf32>
  %y = pare.squeeze %a {axes = array<i64: 1>} : (tensor<?x1x?x8xf32>) -> tensor<?x?x8xf32>
  %n = pare.relu %y : (tensor<?x?x8xf32>) -> tensor<?x?x8xf32>
  %first = pare.gather %n, %c0 {axis = 1 : i64} : (tensor<?x?x8xf32>, tensor<si64>) -> tensor<?x8xf32>
  return %first, %n : tensor<?x8xf32>, tensor<?x?x8xf32>
}

// Static quantisation around the products of attention. Levels are far apart, next to what rounding moves.
func.func @levels(%x: tensor<?x?x8xf32> {pare.dims = ["b", "s", ""]}, %m: tensor<?x?xi1> {pare.dims = ["b", "s"], pare.name = "m"},
                  %w: tensor<8x8xf32>) -> tensor<?x?x8xf32> {
  %zero = pare.constant dense<0.0> : tensor<f32>
  %low = pare.constant dense<0xFF800000> : tensor<f32>
  %s1 = pare.constant dense<0.5> : tensor<f32>
  %z1 = pare.constant dense<5> : tensor<si8>
  %s2 = pare.constant dense<0.0625> : tensor<f32>
  %m4 = pare.unsqueeze %m {axes = array<i64: 1, 2>} : (tensor<?x?xi1>) -> tensor<?x1x1x?xi1>
  %fill = pare.where %m4, %zero, %low : (tensor<?x1x1x?xi1>, tensor<f32>, tensor<f32>) -> tensor<?x1x1x?xf32>
  %h = pare.matmul %x, %w : (tensor<?x?x8xf32>, tensor<8x8xf32>) -> tensor<?x?x8xf32>
  %q = pare.unsqueeze %h {axes = array<i64: 1>} : (tensor<?x?x8xf32>) -> tensor<?x1x?x8xf32>
  %kt = pare.transpose %q {permutation = array<i64: 0, 1, 3, 2>} : (tensor<?x1x?x8xf32>) -> tensor<?x1x8x?xf32>
  %s = pare.matmul %q, %kt : (tensor<?x1x?x8xf32>, tensor<?x1x8x?xf32>) -> tensor<?x1x?x?xf32>
  %sq = pare.quantize %s scale(%s1 : tensor<f32>) zero_point(%z1 : tensor<si8>) {to = si8, axis = 1 : i64, block_size = 0 : i64} : (tensor<?x1x?x?xf32>) -> tensor<?x1x?x?xsi8>
  %sd = pare.dequantize %sq scale(%s1 : tensor<f32>) zero_point(%z1 : tensor<si8>) {axis = 1 : i64, block_size = 0 : i64} : (tensor<?x1x?x?xsi8>) -> tensor<?x1x?x?xf32>
  %a = pare.add %sd, %fill : (tensor<?x1x?x?xf32>, tensor<?x1x1x?xf32>) -> tensor<?x1x?x?xf32>
  %p = pare.softmax %a {axis = 3 : i64} : (tensor<?x1x?x?xf32>) -> tensor<?x1x?x?xf32>
  %pq = pare.quantize %p scale(%s2 : tensor<f32>) {to = ui8, axis = 1 : i64, block_size = 0 : i64} : (tensor<?x1x?x?xf32>) -> tensor<?x1x?x?xui8>
  %pd = pare.dequantize %pq scale(%s2 : tensor<f32>) {axis = 1 : i64, block_size = 0 : i64} : (tensor<?x1x?x?xui8>) -> tensor<?x1x?x?xf32>
  %o = pare.matmul %pd, %q : (tensor<?x1x?x?xf32>, tensor<?x1x?x8xf32>) -> tensor<?x1x?x8xf32>
  %y = pare.squeeze %o {axes = array<i64: 1>} : (tensor<?x1x?x8xf32>) -> tensor<?x?x8xf32>
  return %y : tensor<?x?x8xf32>
}

// Documents packed by the user into one sequence: queries see keys of their own document, of a window, and one global
// token; padding behind them.
func.func @documents(%x: tensor<?x?x8xf32> {pare.dims = ["b", "s", ""]}, %ids: tensor<?x?xsi64> {pare.dims = ["b", "s"]},
                     %m: tensor<?x?xi1> {pare.dims = ["b", "s"]}, %w: tensor<8x8xf32>) -> (tensor<?x?x8xf32>, tensor<?x8xf32>) {
  %c0 = pare.constant dense<0> : tensor<si64>
  %c1 = pare.constant dense<1> : tensor<si64>
  %c3 = pare.constant dense<3> : tensor<si64>
  %zero = pare.constant dense<0.0> : tensor<f32>
  %low = pare.constant dense<0xFF800000> : tensor<f32>
  %shape = pare.shape_of %ids : (tensor<?x?xsi64>) -> tensor<2xsi64>
  %n = pare.gather %shape, %c1 {axis = 0 : i64} : (tensor<2xsi64>, tensor<si64>) -> tensor<si64>
  %r = pare.range %c0, %n, %c1 : (tensor<si64>, tensor<si64>, tensor<si64>) -> tensor<?xsi64>
  %rq = pare.unsqueeze %r {axes = array<i64: 1>} : (tensor<?xsi64>) -> tensor<?x1xsi64>
  %d = pare.sub %rq, %r : (tensor<?x1xsi64>, tensor<?xsi64>) -> tensor<?x?xsi64>
  %far = pare.abs %d : (tensor<?x?xsi64>) -> tensor<?x?xsi64>
  %near = pare.compare %far, %c3 {kind = #pare.compare_kind<le>} : (tensor<?x?xsi64>, tensor<si64>) -> tensor<?x?xi1>
  %first = pare.compare %r, %c0 {kind = #pare.compare_kind<eq>} : (tensor<?xsi64>, tensor<si64>) -> tensor<?xi1>
  %plus = pare.or %near, %first : (tensor<?x?xi1>, tensor<?xi1>) -> tensor<?x?xi1>
  %iq = pare.unsqueeze %ids {axes = array<i64: 1, 3>} : (tensor<?x?xsi64>) -> tensor<?x1x?x1xsi64>
  %ik = pare.unsqueeze %ids {axes = array<i64: 1, 2>} : (tensor<?x?xsi64>) -> tensor<?x1x1x?xsi64>
  %same = pare.compare %iq, %ik {kind = #pare.compare_kind<eq>} : (tensor<?x1x?x1xsi64>, tensor<?x1x1x?xsi64>) -> tensor<?x1x?x?xi1>
  %m4 = pare.unsqueeze %m {axes = array<i64: 1, 2>} : (tensor<?x?xi1>) -> tensor<?x1x1x?xi1>
  %valid = pare.and %same, %m4 : (tensor<?x1x?x?xi1>, tensor<?x1x1x?xi1>) -> tensor<?x1x?x?xi1>
  %all = pare.and %valid, %plus : (tensor<?x1x?x?xi1>, tensor<?x?xi1>) -> tensor<?x1x?x?xi1>
  %fill = pare.where %all, %zero, %low : (tensor<?x1x?x?xi1>, tensor<f32>, tensor<f32>) -> tensor<?x1x?x?xf32>
  %h = pare.matmul %x, %w : (tensor<?x?x8xf32>, tensor<8x8xf32>) -> tensor<?x?x8xf32>
  %q = pare.unsqueeze %h {axes = array<i64: 1>} : (tensor<?x?x8xf32>) -> tensor<?x1x?x8xf32>
  %kt = pare.transpose %q {permutation = array<i64: 0, 1, 3, 2>} : (tensor<?x1x?x8xf32>) -> tensor<?x1x8x?xf32>
  %s = pare.matmul %q, %kt : (tensor<?x1x?x8xf32>, tensor<?x1x8x?xf32>) -> tensor<?x1x?x?xf32>
  %a = pare.add %s, %fill : (tensor<?x1x?x?xf32>, tensor<?x1x?x?xf32>) -> tensor<?x1x?x?xf32>
  %p = pare.softmax %a {axis = 3 : i64} : (tensor<?x1x?x?xf32>) -> tensor<?x1x?x?xf32>
  %o = pare.matmul %p, %q : (tensor<?x1x?x?xf32>, tensor<?x1x?x8xf32>) -> tensor<?x1x?x8xf32>
  %y = pare.squeeze %o {axes = array<i64: 1>} : (tensor<?x1x?x8xf32>) -> tensor<?x?x8xf32>
  %f = pare.gather %y, %c0 {axis = 1 : i64} : (tensor<?x?x8xf32>, tensor<si64>) -> tensor<?x8xf32>
  return %y, %f : tensor<?x?x8xf32>, tensor<?x8xf32>
}
