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

// Not: an odd number of steps, steps that are not contiguous, two activations with few rows, other types.
// CHECK-LABEL: func.func @others
// CHECK-NOT: bf16
memref.global "private" @odd : memref<5x96xf32>
memref.global "private" @even : memref<64x96xf32>
memref.global "private" @wide : memref<64x96xf64>
func.func @others(%x: tensor<?x5xf32>, %y: tensor<64x?xf32>, %z: tensor<8x64xf32>, %v: tensor<64x96xf32>, %d: tensor<?x64xf64>,
                  %s: tensor<?x96xf32>, %u: tensor<8x96xf32>, %t: tensor<?x96xf64>)
    -> (tensor<?x96xf32>, tensor<?x96xf32>, tensor<8x96xf32>, tensor<?x96xf64>) {
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
  %o = linalg.matmul ins(%z, %v : tensor<8x64xf32>, tensor<64x96xf32>) outs(%u : tensor<8x96xf32>) -> tensor<8x96xf32>
  %e = linalg.matmul ins(%d, %wide : tensor<?x64xf64>, tensor<64x96xf64>) outs(%t : tensor<?x96xf64>) -> tensor<?x96xf64>
  return %p, %q, %o, %e : tensor<?x96xf32>, tensor<?x96xf32>, tensor<8x96xf32>, tensor<?x96xf64>
}

// -----

// Two activations: each by an op of its own.
// CHECK-LABEL: func.func @activations
// CHECK-SAME: %[[X:.*]]: tensor<?x64xf32>, %[[Y:.*]]: tensor<?x64xf32>
// CHECK-DAG: %[[N:.*]] = linalg.generic {{.*}} ins(%[[X]] : tensor<?x64xf32>) outs(%{{.*}} : tensor<?x64xbf16>)
// CHECK-DAG: %[[M:.*]] = linalg.generic {{.*}} ins(%[[Y]] : tensor<?x64xf32>) outs(%{{.*}} : tensor<?x64xbf16>)
// CHECK: linalg.generic {{.*}} ins(%[[N]], %[[M]] : tensor<?x64xbf16>, tensor<?x64xbf16>) outs(%{{.*}} : tensor<?x?xf32>)
func.func @activations(%x: tensor<?x64xf32>, %y: tensor<?x64xf32>, %s: tensor<?x?xf32>) -> tensor<?x?xf32> {
  %p = linalg.generic {indexing_maps = [affine_map<(m, n, k) -> (m, k)>, affine_map<(m, n, k) -> (n, k)>, affine_map<(m, n, k) -> (m, n)>], iterator_types = ["parallel", "parallel", "reduction"]}
      ins(%x, %y : tensor<?x64xf32>, tensor<?x64xf32>) outs(%s : tensor<?x?xf32>) {
  ^bb0(%a: f32, %b: f32, %c: f32):
    %m = arith.mulf %a, %b : f32
    %r = arith.addf %c, %m : f32
    linalg.yield %r : f32
  } -> tensor<?x?xf32>
  return %p : tensor<?x?xf32>
}

// -----

// In a tile: what comes from outside is rounded there, what the tile computes in the body.
// CHECK-LABEL: func.func @tiles
// CHECK-SAME: %[[X:.*]]: tensor<128x64xf32>
// CHECK: %[[N:.*]] = linalg.generic {{.*}} ins(%[[X]] : tensor<128x64xf32>) outs(%{{.*}} : tensor<128x64xbf16>)
// CHECK: scf.forall
// CHECK: %[[PART:.*]] = tensor.extract_slice %[[N]][%{{.*}}, 0] [32, 64] [1, 1] : tensor<128x64xbf16> to tensor<32x64xbf16>
// CHECK: %[[E:.*]] = linalg.exp
// CHECK: linalg.generic {{.*}} ins(%[[E]], %[[PART]] : tensor<48x32xf32>, tensor<32x64xbf16>)
// CHECK-NEXT: ^bb0(%[[A:.*]]: f32, %[[B:.*]]: bf16, %{{.*}}: f32)
// CHECK-DAG: arith.truncf %[[A]] : f32 to bf16
// CHECK-DAG: arith.extf %[[B]] : bf16 to f32
func.func @tiles(%x: tensor<128x64xf32>, %y: tensor<4x48x32xf32>, %s: tensor<4x48x64xf32>) -> tensor<4x48x64xf32> {
  %r = scf.forall (%i) in (4) shared_outs(%o = %s) -> tensor<4x48x64xf32> {
    %from = affine.apply affine_map<(i) -> (32 * i)>(%i)
    %v = tensor.extract_slice %x[%from, 0] [32, 64] [1, 1] : tensor<128x64xf32> to tensor<32x64xf32>
    %c = tensor.extract_slice %y[%i, 0, 0] [1, 48, 32] [1, 1, 1] : tensor<4x48x32xf32> to tensor<48x32xf32>
    %d = tensor.extract_slice %o[%i, 0, 0] [1, 48, 64] [1, 1, 1] : tensor<4x48x64xf32> to tensor<48x64xf32>
    %e = linalg.exp ins(%c : tensor<48x32xf32>) outs(%c : tensor<48x32xf32>) -> tensor<48x32xf32>
    %p = linalg.matmul ins(%e, %v : tensor<48x32xf32>, tensor<32x64xf32>) outs(%d : tensor<48x64xf32>) -> tensor<48x64xf32>
    scf.forall.in_parallel {
      tensor.parallel_insert_slice %p into %o[%i, 0, 0] [1, 48, 64] [1, 1, 1] : tensor<48x64xf32> into tensor<4x48x64xf32>
    }
  }
  return %r : tensor<4x48x64xf32>
}

// -----

// What one branch reads is rounded in it.
// CHECK-LABEL: func.func @branches
// CHECK-NOT: bf16
// CHECK: scf.if
// CHECK-COUNT-2: outs(%{{.*}} : tensor<?x64xbf16>)
// CHECK: ins(%{{.*}}, %{{.*}} : tensor<?x64xbf16>, tensor<?x64xbf16>)
// CHECK: } else {
// CHECK-NOT: bf16
func.func @branches(%x: tensor<?x64xf32>, %y: tensor<?x64xf32>, %s: tensor<?x?xf32>, %c: i1) -> tensor<?x?xf32> {
  %p = scf.if %c -> tensor<?x?xf32> {
    %q = linalg.generic {indexing_maps = [affine_map<(m, n, k) -> (m, k)>, affine_map<(m, n, k) -> (n, k)>, affine_map<(m, n, k) -> (m, n)>], iterator_types = ["parallel", "parallel", "reduction"]}
        ins(%x, %y : tensor<?x64xf32>, tensor<?x64xf32>) outs(%s : tensor<?x?xf32>) {
    ^bb0(%a: f32, %b: f32, %d: f32):
      %m = arith.mulf %a, %b : f32
      %r = arith.addf %d, %m : f32
      linalg.yield %r : f32
    } -> tensor<?x?xf32>
    scf.yield %q : tensor<?x?xf32>
  } else {
    scf.yield %s : tensor<?x?xf32>
  }
  return %p : tensor<?x?xf32>
}
