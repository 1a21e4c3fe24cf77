// RUN: pare-opt %s --pare-place-destinations | FileCheck %s

// The frame is defined above the group whose result it gets, though nothing but the insertion needs it there.
// CHECK-LABEL: @inserted
// CHECK: %[[FRAME:.*]] = bufferization.alloc_tensor
// CHECK: %[[FILLED:.*]] = tensor.insert_slice {{.*}} into %[[FRAME]]
// CHECK: %[[GROUP:.*]] = scf.forall
// CHECK: tensor.insert_slice %[[GROUP]] into %[[FILLED]]
func.func @inserted(%x: tensor<4x8xf32>) -> tensor<6x8xf32> {
  %cst = arith.constant 0.0 : f32
  %empty = tensor.empty() : tensor<4x8xf32>
  %group = scf.forall (%i) = (0) to (4) step (2) shared_outs(%out = %empty) -> (tensor<4x8xf32>) {
    %part = tensor.extract_slice %x[%i, 0] [2, 8] [1, 1] : tensor<4x8xf32> to tensor<2x8xf32>
    scf.forall.in_parallel {
      tensor.parallel_insert_slice %part into %out[%i, 0] [2, 8] [1, 1] : tensor<2x8xf32> into tensor<4x8xf32>
    }
  }
  %frame = bufferization.alloc_tensor() : tensor<6x8xf32>
  %slab = tensor.extract_slice %frame[0, 0] [1, 8] [1, 1] : tensor<6x8xf32> to tensor<1x8xf32>
  %zeros = linalg.fill ins(%cst : f32) outs(%slab : tensor<1x8xf32>) -> tensor<1x8xf32>
  %filled = tensor.insert_slice %zeros into %frame[0, 0] [1, 8] [1, 1] : tensor<1x8xf32> into tensor<6x8xf32>
  %padded = tensor.insert_slice %group into %filled[1, 0] [4, 8] [1, 1] : tensor<4x8xf32> into tensor<6x8xf32>
  return %padded : tensor<6x8xf32>
}

// Another reader would read from the middle of the frame: left alone. So is a frame that depends on the group.
// CHECK-LABEL: @shared
// CHECK: scf.forall
// CHECK: bufferization.alloc_tensor
func.func @shared(%x: tensor<4x8xf32>) -> (tensor<6x8xf32>, tensor<4x8xf32>) {
  %empty = tensor.empty() : tensor<4x8xf32>
  %group = scf.forall (%i) = (0) to (4) step (2) shared_outs(%out = %empty) -> (tensor<4x8xf32>) {
    %part = tensor.extract_slice %x[%i, 0] [2, 8] [1, 1] : tensor<4x8xf32> to tensor<2x8xf32>
    scf.forall.in_parallel {
      tensor.parallel_insert_slice %part into %out[%i, 0] [2, 8] [1, 1] : tensor<2x8xf32> into tensor<4x8xf32>
    }
  }
  %frame = bufferization.alloc_tensor() : tensor<6x8xf32>
  %padded = tensor.insert_slice %group into %frame[1, 0] [4, 8] [1, 1] : tensor<4x8xf32> into tensor<6x8xf32>
  return %padded, %group : tensor<6x8xf32>, tensor<4x8xf32>
}
