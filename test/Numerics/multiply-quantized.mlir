// RUN: pare-opt %s --pare-multiply-quantized --split-input-file | FileCheck %s

// Nothing to do: unsigned by signed bytes, two activations, and numbers that were never bytes.
// CHECK-LABEL: func.func @nothing
// CHECK-NEXT: pare.constant
// CHECK-NEXT: pare.matmul %{{.*}}, %{{.*}} : (tensor<?x2xui8>, tensor<2x3xsi8>) -> tensor<?x3xsi32>
// CHECK-NEXT: pare.matmul
// CHECK-NEXT: pare.matmul
// CHECK-NEXT: return
func.func @nothing(%x: tensor<?x2xui8>, %a: tensor<?x2xf32>, %b: tensor<2x3xf32>, %y2: tensor<3x2xsi32>) -> (tensor<?x3xsi32>, tensor<?x3xf32>, tensor<?x2xsi32>) {
  %w = pare.constant dense<1> : tensor<2x3xsi8>
  %y = pare.matmul %x, %w : (tensor<?x2xui8>, tensor<2x3xsi8>) -> tensor<?x3xsi32>
  %z = pare.matmul %a, %b : (tensor<?x2xf32>, tensor<2x3xf32>) -> tensor<?x3xf32>
  %p = pare.matmul %y, %y2 : (tensor<?x3xsi32>, tensor<3x2xsi32>) -> tensor<?x2xsi32>
  return %y, %z, %p : tensor<?x3xsi32>, tensor<?x3xf32>, tensor<?x2xsi32>
}

// -----

// A signed activation with a zero point that the model computes: both move by 128, and the sums of the columns of the
// weight, 3 and 7, are constants.
// CHECK-LABEL: func.func @integers(
// CHECK-SAME: %[[X:.*]]: tensor<?x2xsi8>, %[[Z:.*]]: tensor<si8>)
// CHECK-DAG: %[[W:.*]] = pare.constant dense<{{\[}}[1, 3], [2, 4]]> : tensor<2x2xsi8>
// CHECK-DAG: %[[WIDE:.*]] = pare.cast %[[Z]] {to = si32}
// CHECK-DAG: %[[U:.*]] = pare.cast %[[X]] {to = ui8}
// CHECK-DAG: %[[A:.*]] = pare.bit_xor %[[U]], %{{.*}} : (tensor<?x2xui8>, tensor<ui8>) -> tensor<?x2xui8>
// CHECK-DAG: %[[MOVED:.*]] = pare.add %[[WIDE]], %{{.*}} : (tensor<si32>, tensor<si32>) -> tensor<si32>
// CHECK-DAG: %[[P:.*]] = pare.matmul %[[A]], %[[W]] : (tensor<?x2xui8>, tensor<2x2xsi8>) -> tensor<?x2xsi32>
// CHECK-DAG: %[[SUMS:.*]] = pare.constant dense<[-3, -7]> : tensor<2xsi32>
// CHECK: %[[C:.*]] = pare.mul %[[SUMS]], %[[MOVED]]
// CHECK: %[[R:.*]] = pare.add %[[P]], %[[C]]
// CHECK-NEXT: return %[[R]]
func.func @integers(%x: tensor<?x2xsi8>, %z: tensor<si8>) -> tensor<?x2xsi32> {
  %w = pare.constant dense<[[1, 3], [2, 4]]> : tensor<2x2xsi8>
  %a = pare.cast %x {to = si32} : (tensor<?x2xsi8>) -> tensor<?x2xsi32>
  %b = pare.cast %z {to = si32} : (tensor<si8>) -> tensor<si32>
  %c = pare.sub %a, %b : (tensor<?x2xsi32>, tensor<si32>) -> tensor<?x2xsi32>
  %d = pare.cast %w {to = si32} : (tensor<2x2xsi8>) -> tensor<2x2xsi32>
  %y = pare.matmul %c, %d : (tensor<?x2xsi32>, tensor<2x2xsi32>) -> tensor<?x2xsi32>
  return %y : tensor<?x2xsi32>
}

// -----

// Unsigned weights with zero points of columns: the second column spans numbers above 127, so that its bytes are 128
// less, and the sums of the rows of x come in.
// CHECK-LABEL: func.func @offsets(
// CHECK-SAME: %[[X:.*]]: tensor<?x2xui8>)
// CHECK: %[[W:.*]] = pare.constant dense<{{\[}}[-9, -128], [2, 117]]> : tensor<2x2xsi8>
// CHECK: %[[P:.*]] = pare.matmul %[[X]], %[[W]]
// CHECK: %[[N:.*]] = pare.cast %[[X]] {to = si32}
// CHECK: %[[S:.*]] = pare.reduce %[[N]] {axes = array<i64: 1>, keep_dims, kind = #pare.reduce_kind<sum>}
// CHECK: %[[O:.*]] = pare.constant dense<[0, 128]> : tensor<2xsi32>
// CHECK: %[[T:.*]] = pare.mul %[[S]], %[[O]]
// CHECK: pare.add %[[P]], %[[T]]
func.func @offsets(%x: tensor<?x2xui8>) -> tensor<?x2xsi32> {
  %w = pare.constant dense<[[1, 5], [12, 250]]> : tensor<2x2xui8>
  %z = pare.constant dense<[10, 5]> : tensor<2xui8>
  %a = pare.cast %x {to = si32} : (tensor<?x2xui8>) -> tensor<?x2xsi32>
  %b = pare.cast %w {to = si32} : (tensor<2x2xui8>) -> tensor<2x2xsi32>
  %c = pare.cast %z {to = si32} : (tensor<2xui8>) -> tensor<2xsi32>
  %d = pare.sub %b, %c : (tensor<2x2xsi32>, tensor<2xsi32>) -> tensor<2x2xsi32>
  %y = pare.matmul %a, %d : (tensor<?x2xsi32>, tensor<2x2xsi32>) -> tensor<?x2xsi32>
  return %y : tensor<?x2xsi32>
}

// -----

// Dequantised numbers; the weight is transposed, with a scale for each column of the product.
// CHECK-LABEL: func.func @floats(
// CHECK-SAME: %[[X:.*]]: tensor<?x2xui8>)
// CHECK-DAG: %[[W:.*]] = pare.constant dense<{{\[}}[1, 2], [3, 4]]> : tensor<2x2xsi8>
// CHECK-DAG: %[[T:.*]] = pare.transpose %[[W]] {permutation = array<i64: 1, 0>}
// CHECK-DAG: %[[P:.*]] = pare.matmul %[[X]], %[[T]]
// CHECK-DAG: %[[C:.*]] = pare.constant dense<[-15, -35]> : tensor<2xsi32>
// CHECK: %[[A:.*]] = pare.add %[[P]], %[[C]]
// CHECK: %[[F:.*]] = pare.cast %[[A]] {to = f32}
// CHECK: %[[S:.*]] = pare.constant dense<[5.000000e-01, 1.000000e+00]> : tensor<2xf32>
// CHECK: pare.mul %[[F]], %[[S]]
func.func @floats(%x: tensor<?x2xui8>) -> tensor<?x2xf32> {
  %w = pare.constant dense<[[1, 2], [3, 4]]> : tensor<2x2xsi8>
  %s = pare.constant dense<0.5> : tensor<f32>
  %z = pare.constant dense<5> : tensor<ui8>
  %t = pare.constant dense<[1.0, 2.0]> : tensor<2xf32>
  %a = pare.dequantize %x scale(%s : tensor<f32>) zero_point(%z : tensor<ui8>) {axis = 0 : i64, block_size = 0 : i64} : (tensor<?x2xui8>) -> tensor<?x2xf32>
  %b = pare.dequantize %w scale(%t : tensor<2xf32>) {axis = 0 : i64, block_size = 0 : i64} : (tensor<2x2xsi8>) -> tensor<2x2xf32>
  %c = pare.transpose %b {permutation = array<i64: 1, 0>} : (tensor<2x2xf32>) -> tensor<2x2xf32>
  %y = pare.matmul %a, %c : (tensor<?x2xf32>, tensor<2x2xf32>) -> tensor<?x2xf32>
  return %y : tensor<?x2xf32>
}

// -----

// Scales along the depth cannot leave the sum; one that is not finite makes other products NaN than their sum; sums of
// 67000 products may need more than 32 bits.
// CHECK-LABEL: func.func @left_alone
// CHECK-COUNT-3: pare.matmul {{.*}} -> tensor<?x2xf32>
func.func @left_alone(%x: tensor<?x2xui8>, %deep: tensor<?x67000xui8>) -> (tensor<?x2xf32>, tensor<?x2xf32>, tensor<?x2xf32>) {
  %w = pare.constant dense<[[1, 2], [3, 4]]> : tensor<2x2xsi8>
  %v = pare.constant dense<127> : tensor<67000x2xsi8>
  %s = pare.constant dense<0.5> : tensor<f32>
  %inf = pare.constant dense<0x7F800000> : tensor<f32>
  %t = pare.constant dense<[1.0, 2.0]> : tensor<2xf32>
  %a = pare.dequantize %x scale(%s : tensor<f32>) {axis = 0 : i64, block_size = 0 : i64} : (tensor<?x2xui8>) -> tensor<?x2xf32>
  %b = pare.dequantize %w scale(%t : tensor<2xf32>) {axis = 0 : i64, block_size = 0 : i64} : (tensor<2x2xsi8>) -> tensor<2x2xf32>
  %y = pare.matmul %a, %b : (tensor<?x2xf32>, tensor<2x2xf32>) -> tensor<?x2xf32>
  %c = pare.dequantize %w scale(%inf : tensor<f32>) {axis = 0 : i64, block_size = 0 : i64} : (tensor<2x2xsi8>) -> tensor<2x2xf32>
  %z = pare.matmul %a, %c : (tensor<?x2xf32>, tensor<2x2xf32>) -> tensor<?x2xf32>
  %d = pare.dequantize %deep scale(%s : tensor<f32>) {axis = 0 : i64, block_size = 0 : i64} : (tensor<?x67000xui8>) -> tensor<?x67000xf32>
  %e = pare.dequantize %v scale(%s : tensor<f32>) {axis = 0 : i64, block_size = 0 : i64} : (tensor<67000x2xsi8>) -> tensor<67000x2xf32>
  %q = pare.matmul %d, %e : (tensor<?x67000xf32>, tensor<67000x2xf32>) -> tensor<?x2xf32>
  return %y, %z, %q : tensor<?x2xf32>, tensor<?x2xf32>, tensor<?x2xf32>
}

// -----

// Padding of a convolution is the zero point of its image. In groups, sums that f32 holds are done there.
// CHECK-LABEL: func.func @convolutions(
// CHECK-SAME: %[[X:.*]]: tensor<1x2x4x4xui8>)
// CHECK-DAG: %[[V:.*]] = pare.constant dense<5> : tensor<ui8>
// CHECK-DAG: %[[PADS:.*]] = pare.constant dense<[0, 0, 1, 1, 0, 0, 1, 1]> : tensor<8xsi64>
// CHECK: %[[A:.*]] = pare.pad %[[X]], %[[PADS]], %[[V]] {mode = #pare.pad_mode<constant>}
// CHECK: %[[C:.*]] = pare.constant dense<[-90, -180, -270]> : tensor<3xsi32>
// CHECK: pare.conv %[[A]], %{{.*}}, %[[C]] {{{.*}}pads = array<i64: 0, 0, 0, 0>{{.*}}} : (tensor<1x2x6x6xui8>, tensor<3x2x3x3xsi8>, tensor<3xsi32>) -> tensor<1x3x4x4xsi32>
// CHECK: pare.conv {{.*}} groups = 2 : i64{{.*}} : (tensor<1x2x4x4xf32>, tensor<4x1x1x1xf32>) -> tensor<1x4x4x4xf32>
// CHECK: pare.cast {{.*}} {to = si32}
func.func @convolutions(%x: tensor<1x2x4x4xui8>) -> (tensor<1x3x4x4xsi32>, tensor<1x4x4x4xsi32>) {
  %w = pare.constant dense<[[[[1, 1, 1], [1, 1, 1], [1, 1, 1]], [[1, 1, 1], [1, 1, 1], [1, 1, 1]]], [[[2, 2, 2], [2, 2, 2], [2, 2, 2]], [[2, 2, 2], [2, 2, 2], [2, 2, 2]]], [[[3, 3, 3], [3, 3, 3], [3, 3, 3]], [[3, 3, 3], [3, 3, 3], [3, 3, 3]]]]> : tensor<3x2x3x3xsi8>
  %v = pare.constant dense<1> : tensor<4x1x1x1xsi8>
  %z = pare.constant dense<5> : tensor<si32>
  %a = pare.cast %x {to = si32} : (tensor<1x2x4x4xui8>) -> tensor<1x2x4x4xsi32>
  %b = pare.sub %a, %z : (tensor<1x2x4x4xsi32>, tensor<si32>) -> tensor<1x2x4x4xsi32>
  %c = pare.cast %w {to = si32} : (tensor<3x2x3x3xsi8>) -> tensor<3x2x3x3xsi32>
  %d = pare.cast %v {to = si32} : (tensor<4x1x1x1xsi8>) -> tensor<4x1x1x1xsi32>
  %y = pare.conv %b, %c {strides = array<i64: 1, 1>, pads = array<i64: 1, 1, 1, 1>, dilations = array<i64: 1, 1>, groups = 1 : i64} : (tensor<1x2x4x4xsi32>, tensor<3x2x3x3xsi32>) -> tensor<1x3x4x4xsi32>
  %p = pare.conv %b, %d {strides = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>, groups = 2 : i64} : (tensor<1x2x4x4xsi32>, tensor<4x1x1x1xsi32>) -> tensor<1x4x4x4xsi32>
  return %y, %p : tensor<1x3x4x4xsi32>, tensor<1x4x4x4xsi32>
}

// -----

// A number that is no byte cannot be a zero point: x - z may be anything.
// CHECK-LABEL: func.func @no_byte
// CHECK: pare.matmul {{.*}} : (tensor<?x2xsi32>, tensor<2x2xsi32>) -> tensor<?x2xsi32>
func.func @no_byte(%x: tensor<?x2xui8>) -> tensor<?x2xsi32> {
  %w = pare.constant dense<1> : tensor<2x2xsi8>
  %z = pare.constant dense<256> : tensor<si32>
  %a = pare.cast %x {to = si32} : (tensor<?x2xui8>) -> tensor<?x2xsi32>
  %b = pare.sub %a, %z : (tensor<?x2xsi32>, tensor<si32>) -> tensor<?x2xsi32>
  %d = pare.cast %w {to = si32} : (tensor<2x2xsi8>) -> tensor<2x2xsi32>
  %y = pare.matmul %b, %d : (tensor<?x2xsi32>, tensor<2x2xsi32>) -> tensor<?x2xsi32>
  return %y : tensor<?x2xsi32>
}
