// RUN: pare-opt %s --pare-flatten-inserts --split-input-file | FileCheck %s

// Nothing to do: parts over existing elements, and a tensor that is read by itself.
// CHECK-LABEL: @nothing
// CHECK: %[[A:.*]] = tensor.insert_slice %{{.*}} into %arg1
// CHECK: %[[B:.*]] = tensor.insert_slice %[[A]] into %arg2
// CHECK: %[[C:.*]] = tensor.insert_slice %{{.*}} into %{{.*}}
// CHECK: %[[D:.*]] = tensor.insert_slice %[[C]] into %arg2
// CHECK: return %[[B]], %[[C]], %[[D]]
func.func @nothing(%x: tensor<2xf32>, %y: tensor<4xf32>, %z: tensor<6xf32>) -> (tensor<6xf32>, tensor<4xf32>, tensor<6xf32>) {
  %a = tensor.insert_slice %x into %y[0] [2] [1] : tensor<2xf32> into tensor<4xf32>
  %b = tensor.insert_slice %a into %z[1] [4] [1] : tensor<4xf32> into tensor<6xf32>
  %e = tensor.empty() : tensor<4xf32>
  %c = tensor.insert_slice %x into %e[0] [2] [1] : tensor<2xf32> into tensor<4xf32>
  %d = tensor.insert_slice %c into %z[1] [4] [1] : tensor<4xf32> into tensor<6xf32>
  return %b, %c, %d : tensor<6xf32>, tensor<4xf32>, tensor<6xf32>
}

// -----

// A concatenation inside of its padding, the frame of one axis more.
// CHECK-LABEL: @nested
// CHECK: %[[A:.*]] = tensor.insert_slice %arg0 into %arg2[2, 1] [1, 3] [1, 1] : tensor<3xf32> into tensor<4x8xf32>
// CHECK: %[[B:.*]] = tensor.insert_slice %arg1 into %[[A]][2, 4] [1, %{{.*}}] [1, 1] : tensor<?xf32> into tensor<4x8xf32>
// CHECK: return %[[B]]
func.func @nested(%x: tensor<3xf32>, %y: tensor<?xf32>, %frame: tensor<4x8xf32>, %n: index, %m: index) -> tensor<4x8xf32> {
  %e = tensor.empty(%m) : tensor<?xf32>
  %a = tensor.insert_slice %x into %e[0] [3] [1] : tensor<3xf32> into tensor<?xf32>
  %b = tensor.insert_slice %y into %a[3] [%n] [1] : tensor<?xf32> into tensor<?xf32>
  %c = tensor.insert_slice %b into %frame[2, 1] [1, %m] [1, 1] : tensor<?xf32> into tensor<4x8xf32>
  return %c : tensor<4x8xf32>
}

// -----

// The phases of a transposed convolution.
// CHECK-LABEL: @phases
// CHECK: %[[E:.*]] = tensor.empty(%{{.*}}) : tensor<?x8xf32>
// CHECK: %[[A:.*]] = tensor.insert_slice %arg0 into %[[E]][0, 0] [%{{.*}}, 8] [2, 1] : tensor<?x8xf32> into tensor<?x8xf32>
// CHECK: %[[B:.*]] = tensor.insert_slice %arg1 into %[[A]][1, 0] [%{{.*}}, 8] [2, 1] : tensor<?x8xf32> into tensor<?x8xf32>
// CHECK: return %[[B]]
func.func @phases(%x: tensor<?x8xf32>, %y: tensor<?x8xf32>, %n: index) -> tensor<?x8xf32> {
  %even = tensor.expand_shape %x [[0, 1], [2]] output_shape [%n, 1, 8] : tensor<?x8xf32> into tensor<?x1x8xf32>
  %odd = tensor.expand_shape %y [[0, 1], [2]] output_shape [%n, 1, 8] : tensor<?x8xf32> into tensor<?x1x8xf32>
  %e = tensor.empty(%n) : tensor<?x2x8xf32>
  %a = tensor.insert_slice %even into %e[0, 0, 0] [%n, 1, 8] [1, 1, 1] : tensor<?x1x8xf32> into tensor<?x2x8xf32>
  %b = tensor.insert_slice %odd into %a[0, 1, 0] [%n, 1, 8] [1, 1, 1] : tensor<?x1x8xf32> into tensor<?x2x8xf32>
  %c = tensor.collapse_shape %b [[0, 1], [2]] : tensor<?x2x8xf32> into tensor<?x8xf32>
  return %c : tensor<?x8xf32>
}

// -----

// Parts with several steps of the inner axis are no steps of one axis.
// CHECK-LABEL: @several
// CHECK: tensor.collapse_shape
func.func @several(%x: tensor<4x2xf32>) -> tensor<12xf32> {
  %e = tensor.empty() : tensor<4x3xf32>
  %a = tensor.insert_slice %x into %e[0, 1] [4, 2] [1, 1] : tensor<4x2xf32> into tensor<4x3xf32>
  %c = tensor.collapse_shape %a [[0, 1]] : tensor<4x3xf32> into tensor<12xf32>
  return %c : tensor<12xf32>
}
