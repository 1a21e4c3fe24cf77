// RUN: pare-opt %s --pass-pipeline='builtin.module(func.func(pare-read-transposed-weights))' | FileCheck %s

memref.global "private" @w : memref<100x64xf32>
memref.global "private" @v : memref<7x5x3xf32>

// CHECK-DAG: #[[LEFT:.*]] = affine_map<(d0, d1, d2) -> (d0, d2)>
// CHECK-DAG: #[[WEIGHT:.*]] = affine_map<(d0, d1, d2) -> (d1, d2)>
// CHECK-DAG: #[[TURNED:.*]] = affine_map<(d0, d1, d2, d3) -> (d3, d0, d2)>
// CHECK-LABEL: @head
// CHECK-NOT: linalg.transpose
// CHECK: linalg.generic {indexing_maps = [#[[LEFT]], #[[WEIGHT]], #{{.*}}], {{.*}}} ins(%arg0, %{{.*}} : tensor<?x64xf32>, tensor<100x64xf32>)
func.func @head(%x: tensor<?x64xf32>, %s: tensor<?x100xf32>) -> tensor<?x100xf32> {
  %g = memref.get_global @w : memref<100x64xf32>
  %w = bufferization.to_tensor %g restrict : memref<100x64xf32> to tensor<100x64xf32>
  %e = tensor.empty() : tensor<64x100xf32>
  %t = linalg.transpose ins(%w : tensor<100x64xf32>) outs(%e : tensor<64x100xf32>) permutation = [1, 0]
  %r = linalg.matmul ins(%x, %t : tensor<?x64xf32>, tensor<64x100xf32>) outs(%s : tensor<?x100xf32>) -> tensor<?x100xf32>
  return %r : tensor<?x100xf32>
}

// Three axes in a circle: result axis i is axis permutation[i] of the weight.
// CHECK-LABEL: @circle
// CHECK: linalg.generic {indexing_maps = [#{{.*}}, #[[TURNED]], #{{.*}}], {{.*}}} ins(%{{.*}}, %{{.*}} : tensor<5x4x3xf32>, tensor<7x5x3xf32>)
func.func @circle(%x: tensor<5x4x3xf32>, %s: tensor<5x4x7xf32>) -> tensor<5x4x7xf32> {
  %g = memref.get_global @v : memref<7x5x3xf32>
  %w = bufferization.to_tensor %g restrict : memref<7x5x3xf32> to tensor<7x5x3xf32>
  %e = tensor.empty() : tensor<5x3x7xf32>
  %t = linalg.transpose ins(%w : tensor<7x5x3xf32>) outs(%e : tensor<5x3x7xf32>) permutation = [1, 2, 0]
  %r = linalg.generic {indexing_maps = [affine_map<(b, m, k, n) -> (b, m, k)>, affine_map<(b, m, k, n) -> (b, k, n)>, affine_map<(b, m, k, n) -> (b, m, n)>],
      iterator_types = ["parallel", "parallel", "reduction", "parallel"]} ins(%x, %t : tensor<5x4x3xf32>, tensor<5x3x7xf32>) outs(%s : tensor<5x4x7xf32>) {
  ^bb0(%a: f32, %b: f32, %c: f32):
    %p = arith.mulf %a, %b : f32
    %q = arith.addf %c, %p : f32
    linalg.yield %q : f32
  } -> tensor<5x4x7xf32>
  return %r : tensor<5x4x7xf32>
}

// What is computed stays transposed.
// CHECK-LABEL: @computed
// CHECK: linalg.transpose
// CHECK: linalg.matmul
func.func @computed(%x: tensor<?x64xf32>, %w: tensor<100x64xf32>, %s: tensor<?x100xf32>) -> tensor<?x100xf32> {
  %e = tensor.empty() : tensor<64x100xf32>
  %t = linalg.transpose ins(%w : tensor<100x64xf32>) outs(%e : tensor<64x100xf32>) permutation = [1, 0]
  %r = linalg.matmul ins(%x, %t : tensor<?x64xf32>, tensor<64x100xf32>) outs(%s : tensor<?x100xf32>) -> tensor<?x100xf32>
  return %r : tensor<?x100xf32>
}
