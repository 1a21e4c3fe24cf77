// RUN: pare-opt %s --pass-pipeline='builtin.module(func.func(pare-narrow-products))' --split-input-file | FileCheck %s

// The activation by an op of its own, once for both products; the weight in the body.
// CHECK-LABEL: func.func @weights
// CHECK-SAME: %[[X:.*]]: tensor<?x64xf32>
// CHECK: %[[N:.*]] = linalg.generic {{.*}} ins(%[[X]] : tensor<?x64xf32>) outs(%{{.*}} : tensor<?x64xbf16>)
// CHECK: arith.truncf %{{.*}} : f32 to bf16
// CHECK: linalg.generic {{.*}} ins(%[[N]], %{{.*}} : tensor<?x64xbf16>, tensor<64x96xf32>) outs(%{{.*}} : tensor<?x96xf32>)
// CHECK-NEXT: ^bb0(%[[A:.*]]: bf16, %[[B:.*]]: f32, %[[S:.*]]: f32)
// CHECK-DAG: %[[AW:.*]] = arith.extf %[[A]] : bf16 to f32
// CHECK-DAG: %[[BN:.*]] = arith.truncf %[[B]] : f32 to bf16
// CHECK-DAG: %[[BW:.*]] = arith.extf %[[BN]] : bf16 to f32
// CHECK: %[[P:.*]] = arith.mulf %[[AW]], %[[BW]] : f32
// CHECK-NEXT: %[[R:.*]] = arith.addf %[[S]], %[[P]] : f32
// CHECK-NEXT: linalg.yield %[[R]]
// CHECK-NOT: outs(%{{.*}} : tensor<?x64xbf16>)
// CHECK: linalg.generic {{.*}} ins(%[[N]], %{{.*}} : tensor<?x64xbf16>, tensor<64x96xf32>)
memref.global "private" @w : memref<64x96xf32>
func.func @weights(%x: tensor<?x64xf32>, %s: tensor<?x96xf32>) -> (tensor<?x96xf32>, tensor<?x96xf32>) {
  %g = memref.get_global @w : memref<64x96xf32>
  %w = bufferization.to_tensor %g restrict : memref<64x96xf32> to tensor<64x96xf32>
  %p = linalg.matmul ins(%x, %w : tensor<?x64xf32>, tensor<64x96xf32>) outs(%s : tensor<?x96xf32>) -> tensor<?x96xf32>
  %q = linalg.matmul ins(%x, %w : tensor<?x64xf32>, tensor<64x96xf32>) outs(%p : tensor<?x96xf32>) -> tensor<?x96xf32>
  return %p, %q : tensor<?x96xf32>, tensor<?x96xf32>
}

// -----

// A weight on the left, in another shape.
// CHECK-LABEL: func.func @left
// CHECK: linalg.generic {{.*}} ins(%{{.*}}, %{{.*}} : tensor<96x64xf32>, tensor<?x64xbf16>)
// CHECK-NEXT: ^bb0(%[[W:.*]]: f32, %[[X:.*]]: bf16, %{{.*}}: f32)
// CHECK-DAG: arith.truncf %[[W]] : f32 to bf16
// CHECK-DAG: arith.extf %[[X]] : bf16 to f32
memref.global "private" @w : memref<6144xf32>
func.func @left(%x: tensor<?x64xf32>, %s: tensor<96x?xf32>) -> tensor<96x?xf32> {
  %g = memref.get_global @w : memref<6144xf32>
  %t = bufferization.to_tensor %g restrict : memref<6144xf32> to tensor<6144xf32>
  %w = tensor.expand_shape %t [[0, 1]] output_shape [96, 64] : tensor<6144xf32> into tensor<96x64xf32>
  %p = linalg.generic {indexing_maps = [affine_map<(m, n, k) -> (m, k)>, affine_map<(m, n, k) -> (n, k)>, affine_map<(m, n, k) -> (m, n)>], iterator_types = ["parallel", "parallel", "reduction"]}
      ins(%w, %x : tensor<96x64xf32>, tensor<?x64xf32>) outs(%s : tensor<96x?xf32>) {
  ^bb0(%a: f32, %b: f32, %c: f32):
    %m = arith.mulf %a, %b : f32
    %r = arith.addf %c, %m : f32
    linalg.yield %r : f32
  } -> tensor<96x?xf32>
  return %p : tensor<96x?xf32>
}

// -----

// Not: an odd number of steps, steps that are not contiguous, two activations, other types.
// CHECK-LABEL: func.func @others
// CHECK-NOT: bf16
memref.global "private" @odd : memref<5x96xf32>
memref.global "private" @even : memref<64x96xf32>
memref.global "private" @wide : memref<64x96xf64>
func.func @others(%x: tensor<?x5xf32>, %y: tensor<64x?xf32>, %z: tensor<?x64xf32>, %v: tensor<64x96xf32>, %d: tensor<?x64xf64>,
                  %s: tensor<?x96xf32>, %t: tensor<?x96xf64>)
    -> (tensor<?x96xf32>, tensor<?x96xf32>, tensor<?x96xf32>, tensor<?x96xf64>) {
  %g = memref.get_global @odd : memref<5x96xf32>
  %odd = bufferization.to_tensor %g restrict : memref<5x96xf32> to tensor<5x96xf32>
  %h = memref.get_global @even : memref<64x96xf32>
  %even = bufferization.to_tensor %h restrict : memref<64x96xf32> to tensor<64x96xf32>
  %i = memref.get_global @wide : memref<64x96xf64>
  %wide = bufferization.to_tensor %i restrict : memref<64x96xf64> to tensor<64x96xf64>
  %p = linalg.matmul ins(%x, %odd : tensor<?x5xf32>, tensor<5x96xf32>) outs(%s : tensor<?x96xf32>) -> tensor<?x96xf32>
  %q = linalg.generic {indexing_maps = [affine_map<(m, n, k) -> (k, m)>, affine_map<(m, n, k) -> (k, n)>, affine_map<(m, n, k) -> (m, n)>], iterator_types = ["parallel", "parallel", "reduction"]}
      ins(%y, %even : tensor<64x?xf32>, tensor<64x96xf32>) outs(%s : tensor<?x96xf32>) {
  ^bb0(%a: f32, %b: f32, %c: f32):
    %m = arith.mulf %a, %b : f32
    %r = arith.addf %c, %m : f32
    linalg.yield %r : f32
  } -> tensor<?x96xf32>
  %o = linalg.matmul ins(%z, %v : tensor<?x64xf32>, tensor<64x96xf32>) outs(%s : tensor<?x96xf32>) -> tensor<?x96xf32>
  %e = linalg.matmul ins(%d, %wide : tensor<?x64xf64>, tensor<64x96xf64>) outs(%t : tensor<?x96xf64>) -> tensor<?x96xf64>
  return %p, %q, %o, %e : tensor<?x96xf32>, tensor<?x96xf32>, tensor<?x96xf32>, tensor<?x96xf64>
}
