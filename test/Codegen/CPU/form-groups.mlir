// RUN: pare-opt %s --split-input-file --pare-form-groups --canonicalize --cse | FileCheck %s

// Nothing to do: no parallel loop, or too little work for the pool.
// CHECK-LABEL: @small
func.func @small(%x: tensor<4xf32>, %e: tensor<4xf32>, %s: tensor<f32>) -> (tensor<4xf32>, tensor<f32>) {
  // CHECK-NOT: scf.forall
  %0 = linalg.exp ins(%x : tensor<4xf32>) outs(%e : tensor<4xf32>) -> tensor<4xf32>
  %1 = linalg.reduce ins(%x : tensor<4xf32>) outs(%s : tensor<f32>) dimensions = [0] (%a: f32, %b: f32) {
    %2 = arith.addf %a, %b : f32
    linalg.yield %2 : f32
  }
  return %0, %1 : tensor<4xf32>, tensor<f32>
}

// -----
#id = affine_map<(d0, d1) -> (d0, d1)>
#col = affine_map<(d0, d1) -> (d1)>
#right = affine_map<(d0, d1) -> (d0, d1)>

// A matrix product with its zero, its dequantised right side and its epilogue: one group.
// CHECK-LABEL: @product
func.func @product(%a: tensor<?x64xf32>, %w: tensor<64x96xi8>, %bias: tensor<96xf32>) -> tensor<?x96xf32> {
  // CHECK: scf.forall (%[[I:.*]], %[[J:.*]]) = (0, 0) to (%{{.*}}, 96) step (144, 48)
  // CHECK-DAG: arith.sitofp
  // CHECK-DAG: linalg.fill
  // CHECK: linalg.matmul ins(%{{.*}}, %{{.*}} : tensor<?x64xf32>, tensor<64x48xf32>) outs(%{{.*}} : tensor<?x48xf32>)
  // CHECK: arith.addf
  // CHECK: tensor.parallel_insert_slice
  // CHECK-NOT: linalg
  %c0 = arith.constant 0 : index
  %zero = arith.constant 0.0 : f32
  %m = tensor.dim %a, %c0 : tensor<?x64xf32>
  %e = tensor.empty(%m) : tensor<?x96xf32>
  %ew = tensor.empty() : tensor<64x96xf32>
  %fw = linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel", "parallel"]} ins(%w : tensor<64x96xi8>) outs(%ew : tensor<64x96xf32>) {
  ^bb0(%x: i8, %y: f32):
    %2 = arith.sitofp %x : i8 to f32
    linalg.yield %2 : f32
  } -> tensor<64x96xf32>
  %f = linalg.fill ins(%zero : f32) outs(%e : tensor<?x96xf32>) -> tensor<?x96xf32>
  %p = linalg.matmul ins(%a, %fw : tensor<?x64xf32>, tensor<64x96xf32>) outs(%f : tensor<?x96xf32>) -> tensor<?x96xf32>
  %r = linalg.generic {indexing_maps = [#id, #col, #id], iterator_types = ["parallel", "parallel"]} ins(%p, %bias : tensor<?x96xf32>, tensor<96xf32>) outs(%e : tensor<?x96xf32>) {
  ^bb0(%x: f32, %y: f32, %z: f32):
    %2 = arith.addf %x, %y : f32
    linalg.yield %2 : f32
  } -> tensor<?x96xf32>
  return %r : tensor<?x96xf32>
}

// -----
#id = affine_map<(d0, d1) -> (d0, d1)>
#row = affine_map<(d0, d1) -> (d0)>

// A softmax: every tile has whole rows, and the exponentials that two consumers read are computed once.
// CHECK-LABEL: @softmax
func.func @softmax(%x: tensor<?x100xf32>) -> tensor<?x100xf32> {
  // CHECK: scf.forall (%{{.*}}) = (0) to (%{{.*}}) step
  // CHECK-COUNT-1: math.exp
  // CHECK-NOT: math.exp
  // CHECK: arith.divf
  // CHECK: scf.forall.in_parallel
  %c0 = arith.constant 0 : index
  %zero = arith.constant 0.0 : f32
  %m = tensor.dim %x, %c0 : tensor<?x100xf32>
  %e = tensor.empty(%m) : tensor<?x100xf32>
  %er = tensor.empty(%m) : tensor<?xf32>
  %exp = linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel", "parallel"]} ins(%x : tensor<?x100xf32>) outs(%e : tensor<?x100xf32>) {
  ^bb0(%a: f32, %b: f32):
    %2 = math.exp %a : f32
    linalg.yield %2 : f32
  } -> tensor<?x100xf32>
  %f = linalg.fill ins(%zero : f32) outs(%er : tensor<?xf32>) -> tensor<?xf32>
  %sum = linalg.generic {indexing_maps = [#id, #row], iterator_types = ["parallel", "reduction"]} ins(%exp : tensor<?x100xf32>) outs(%f : tensor<?xf32>) {
  ^bb0(%a: f32, %b: f32):
    %2 = arith.addf %a, %b : f32
    linalg.yield %2 : f32
  } -> tensor<?xf32>
  %r = linalg.generic {indexing_maps = [#id, #row, #id], iterator_types = ["parallel", "parallel"]} ins(%exp, %sum : tensor<?x100xf32>, tensor<?xf32>) outs(%e : tensor<?x100xf32>) {
  ^bb0(%a: f32, %b: f32, %c: f32):
    %2 = arith.divf %a, %b : f32
    linalg.yield %2 : f32
  } -> tensor<?x100xf32>
  return %r : tensor<?x100xf32>
}

// -----
#id = affine_map<(d0, d1) -> (d0, d1)>
#row = affine_map<(d0, d1) -> (d0)>

// A product whose whole rows are needed stays a group of its own, and so does one with another user.
// CHECK-LABEL: @rows
func.func @rows(%a: tensor<?x64xf32>, %b: tensor<64x96xf32>, %zero2: tensor<?x96xf32>, %zero1: tensor<?xf32>) -> (tensor<?xf32>, tensor<?x96xf32>) {
  // CHECK: scf.forall
  // CHECK: linalg.matmul
  // CHECK: scf.forall.in_parallel
  // CHECK: scf.forall
  // CHECK: arith.addf
  %p = linalg.matmul ins(%a, %b : tensor<?x64xf32>, tensor<64x96xf32>) outs(%zero2 : tensor<?x96xf32>) -> tensor<?x96xf32>
  %sum = linalg.generic {indexing_maps = [#id, #row], iterator_types = ["parallel", "reduction"]} ins(%p : tensor<?x96xf32>) outs(%zero1 : tensor<?xf32>) {
  ^bb0(%x: f32, %y: f32):
    %2 = arith.addf %x, %y : f32
    linalg.yield %2 : f32
  } -> tensor<?xf32>
  return %sum, %p : tensor<?xf32>, tensor<?x96xf32>
}

// -----
#id = affine_map<(d0, d1) -> (d0, d1)>

// What stands in a parallel loop is a tile already. Its work is not known.
// CHECK-LABEL: @tiles
// CHECK: %[[UNKNOWN:.*]] = arith.constant -1 : i64
// CHECK: llvm.call_intrinsic "llvm.pare.work"(%[[UNKNOWN]], %[[UNKNOWN]])
// CHECK: scf.forall
// CHECK-NOT: scf.forall (
// CHECK: math.exp
// CHECK: scf.forall.in_parallel
func.func @tiles(%x: tensor<?x100xf32>, %n: index) -> tensor<?x100xf32> {
  %e = tensor.empty(%n) : tensor<?x100xf32>
  %y = scf.forall (%i) in (%n) shared_outs(%o = %e) -> tensor<?x100xf32> {
    %s = tensor.extract_slice %x[%i, 0] [1, 100] [1, 1] : tensor<?x100xf32> to tensor<1x100xf32>
    %f = tensor.empty() : tensor<1x100xf32>
    %r = linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel", "parallel"]} ins(%s : tensor<1x100xf32>) outs(%f : tensor<1x100xf32>) {
    ^bb0(%a: f32, %b: f32):
      %2 = math.exp %a : f32
      linalg.yield %2 : f32
    } -> tensor<1x100xf32>
    scf.forall.in_parallel {
      tensor.parallel_insert_slice %r into %o[%i, 0] [1, 100] [1, 1] : tensor<1x100xf32> into tensor<?x100xf32>
    }
  }
  return %y : tensor<?x100xf32>
}

// -----
#id = affine_map<(d0, d1) -> (d0, d1)>
#col = affine_map<(d0, d1) -> (d1)>
#row = affine_map<(d0, d1) -> (d0)>

// The work of a group for the sizes at run time: 2 * m * 64 * 96 + 2 * m * 96 FLOPs (a product, a sum, an exponential), and the
// bytes of a, w, the bias and the result. What is fused is counted with it, once.
// CHECK-LABEL: @work
// CHECK: %[[M:.*]] = tensor.dim %arg0, %c0
// CHECK-DAG: %[[PRODUCT:.*]] = arith.muli %[[M]], %c12288 : index
// CHECK-DAG: %[[ELEMENTWISE:.*]] = arith.muli %[[M]], %c192 : index
// CHECK-DAG: %[[SUM:.*]] = arith.addi %[[ELEMENTWISE]], %[[PRODUCT]] : index
// CHECK-DAG: %[[FLOPS:.*]] = arith.index_cast %[[SUM]] : index to i64
// CHECK-DAG: %[[A:.*]] = arith.muli %[[M]], %c256 : index
// CHECK-DAG: %[[C:.*]] = arith.muli %[[M]], %c384 : index
// CHECK-DAG: %[[INPUTS:.*]] = arith.addi %[[A]], %c24960 : index
// CHECK-DAG: %[[ALL:.*]] = arith.addi %[[INPUTS]], %[[C]] : index
// CHECK-DAG: %[[BYTES:.*]] = arith.index_cast %[[ALL]] : index to i64
// CHECK: llvm.call_intrinsic "llvm.pare.work"(%[[FLOPS]], %[[BYTES]]) : (i64, i64) -> ()
// CHECK-NEXT: scf.forall
func.func @work(%a: tensor<?x64xf32>, %w: tensor<64x96xf32>, %bias: tensor<96xf32>) -> tensor<?x96xf32> {
  %c0 = arith.constant 0 : index
  %zero = arith.constant 0.0 : f32
  %m = tensor.dim %a, %c0 : tensor<?x64xf32>
  %e = tensor.empty(%m) : tensor<?x96xf32>
  %f = linalg.fill ins(%zero : f32) outs(%e : tensor<?x96xf32>) -> tensor<?x96xf32>
  %p = linalg.matmul ins(%a, %w : tensor<?x64xf32>, tensor<64x96xf32>) outs(%f : tensor<?x96xf32>) -> tensor<?x96xf32>
  %r = linalg.generic {indexing_maps = [#id, #col, #id], iterator_types = ["parallel", "parallel"]} ins(%p, %bias : tensor<?x96xf32>, tensor<96xf32>) outs(%e : tensor<?x96xf32>) {
  ^bb0(%x: f32, %y: f32, %z: f32):
    %2 = arith.addf %x, %y : f32
    %3 = math.exp %2 : f32
    linalg.yield %3 : f32
  } -> tensor<?x96xf32>
  return %r : tensor<?x96xf32>
}

// -----
#id = affine_map<(d0) -> (d0)>

// All of it is constant: 4096 FLOPs, 4 bytes for each of 3 * 4096 elements.
// CHECK-LABEL: @static
// CHECK-DAG: %[[FLOPS:.*]] = arith.constant 4096 : i64
// CHECK-DAG: %[[BYTES:.*]] = arith.constant 49152 : i64
// CHECK: llvm.call_intrinsic "llvm.pare.work"(%[[FLOPS]], %[[BYTES]])
func.func @static(%a: tensor<4096xf32>, %b: tensor<4096xf32>) -> tensor<4096xf32> {
  %e = tensor.empty() : tensor<4096xf32>
  %r = linalg.generic {indexing_maps = [#id, #id, #id], iterator_types = ["parallel"]} ins(%a, %b : tensor<4096xf32>, tensor<4096xf32>) outs(%e : tensor<4096xf32>) {
  ^bb0(%x: f32, %y: f32, %z: f32):
    %2 = arith.addf %x, %y : f32
    linalg.yield %2 : f32
  } -> tensor<4096xf32>
  return %r : tensor<4096xf32>
}

// -----
#id = affine_map<(d0) -> (d0)>

// How much of a table is read depends on the indices; how much a body with control flow computes, on data.
// CHECK-LABEL: @depends
// CHECK-DAG: %[[ZERO:.*]] = arith.constant 0 : i64
// CHECK-DAG: %[[UNKNOWN:.*]] = arith.constant -1 : i64
// CHECK: llvm.call_intrinsic "llvm.pare.work"(%[[ZERO]], %[[UNKNOWN]])
// CHECK: llvm.call_intrinsic "llvm.pare.work"(%[[UNKNOWN]], %[[UNKNOWN]])
func.func @depends(%table: tensor<100xf32>, %i: tensor<4096xindex>, %n: index) -> (tensor<4096xf32>, tensor<4096xf32>) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %e = tensor.empty() : tensor<4096xf32>
  %r = linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel"]} ins(%i : tensor<4096xindex>) outs(%e : tensor<4096xf32>) {
  ^bb0(%x: index, %y: f32):
    %2 = tensor.extract %table[%x] : tensor<100xf32>
    linalg.yield %2 : f32
  } -> tensor<4096xf32>
  %s = linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel"]} ins(%r : tensor<4096xf32>) outs(%e : tensor<4096xf32>) {
  ^bb0(%x: f32, %y: f32):
    %2 = scf.for %k = %c0 to %n step %c1 iter_args(%v = %x) -> f32 {
      %3 = arith.mulf %v, %v : f32
      scf.yield %3 : f32
    }
    linalg.yield %2 : f32
  } -> tensor<4096xf32>
  return %r, %s : tensor<4096xf32>, tensor<4096xf32>
}
