// RUN: pare-opt %s --split-input-file --pare-outline-kernels | FileCheck %s

// Nothing to do.
// CHECK-LABEL: @none
// CHECK-NOT: call @kernel
func.func @none(%m: memref<?xf32>) { return }

// -----

// Two loops with the same body share a kernel; small buffers go on the stack, large ones into scratch memory, in front of
// the loop over tiles.
// CHECK: func.func private @kernel_0(index, i64, i64, i64, index, memref<?x64xf32>)
// CHECK-LABEL: func.func @twice
// CHECK: call @kernel_0(
// CHECK: call @kernel_0(
// CHECK-NOT: scf.forall
// CHECK: module @kernels
// CHECK: func.func @kernel_0(%[[N:.*]]: index, %[[M:.*]]: memref<?x64xf32>, %[[CTX:.*]]: !llvm.ptr, %[[BEGIN:.*]]: index, %[[END:.*]]: index, %[[WORKER:.*]]: i32)
// CHECK: memref.alloca() {alignment = 64 : i64} : memref<4096xi8>
// CHECK: llvm.call %{{.*}}(%[[CTX]], %[[WORKER]], %{{.*}})
// CHECK: scf.for %{{.*}} = %[[BEGIN]] to %[[END]]
// CHECK: memref.view
// CHECK-NOT: @kernel_1
func.func @twice(%a: memref<?x64xf32>, %b: memref<?x64xf32>, %n: index) {
  %c0 = arith.constant 0.0 : f32
  scf.forall (%i) = (0) to (%n) step (16) {
    %m = affine.min affine_map<(d0)[s0] -> (16, s0 - d0)>(%i)[%n]
    %small = memref.alloc(%m) : memref<?x64xf32>
    %large = memref.alloc(%n) : memref<?x1024xf32>
    %s = memref.subview %a[%i, 0] [%m, 64] [1, 1] : memref<?x64xf32> to memref<?x64xf32, strided<[64, 1], offset: ?>>
    linalg.fill ins(%c0 : f32) outs(%small : memref<?x64xf32>)
    linalg.fill ins(%c0 : f32) outs(%large : memref<?x1024xf32>)
    memref.copy %small, %s : memref<?x64xf32> to memref<?x64xf32, strided<[64, 1], offset: ?>>
  }
  scf.forall (%i) = (0) to (%n) step (16) {
    %m = affine.min affine_map<(d0)[s0] -> (16, s0 - d0)>(%i)[%n]
    %small = memref.alloc(%m) : memref<?x64xf32>
    %large = memref.alloc(%n) : memref<?x1024xf32>
    %s = memref.subview %b[%i, 0] [%m, 64] [1, 1] : memref<?x64xf32> to memref<?x64xf32, strided<[64, 1], offset: ?>>
    linalg.fill ins(%c0 : f32) outs(%small : memref<?x64xf32>)
    linalg.fill ins(%c0 : f32) outs(%large : memref<?x1024xf32>)
    memref.copy %small, %s : memref<?x64xf32> to memref<?x64xf32, strided<[64, 1], offset: ?>>
  }
  return
}

// -----

// A size that only a tile knows is bounded by one that is known in front of the loop.
// CHECK: module @kernels
// CHECK: func.func @kernel_0(%[[LENGTHS:.*]]: memref<?xindex>, %[[LONGEST:.*]]: index, %[[N:.*]]: index, %[[CTX:.*]]: !llvm.ptr, %[[BEGIN:.*]]: index, %[[END:.*]]: index, %[[WORKER:.*]]: i32)
// CHECK: %[[SIZE:.*]] = arith.muli %{{.*}}, %[[LONGEST]] : index
// CHECK: scf.for %{{.*}} = %[[BEGIN]] to %[[END]]
// CHECK-NOT: llvm.call
// CHECK: memref.view
func.func @bounded(%lengths: memref<?xindex>, %longest: index, %n: index) {
  %c0 = arith.constant 0.0 : f32
  scf.forall (%i) in (%n) {
    %length = memref.load %lengths[%i] : memref<?xindex>
    %m = affine.min affine_map<(d0, d1) -> (d0, d1)>(%length, %longest)
    %buffer = memref.alloc(%m) : memref<?x1024xf32>
    linalg.fill ins(%c0 : f32) outs(%buffer : memref<?x1024xf32>)
  }
  return
}

// -----

// Each launch has a number, the work that is noted in front of its loop, and a name from locations: first what sums. A note
// without a loop is dropped; a loop without a note is of unknown work.
// CHECK-DAG: #[[MATMUL:.*]] = loc("MatMul_0")
// CHECK-DAG: #[[ADD:.*]] = loc("Add_1")
// CHECK-DAG: #[[EXP:.*]] = loc("Exp_2")
// CHECK: module attributes {pare.launches = [{kernel = 0 : i64, locations = [#[[MATMUL]], #[[ADD]], #[[EXP]]], name = "matmul+add+exp"},
// CHECK-SAME: {kernel = 1 : i64, locations = [], name = "loop"}]}
// CHECK-LABEL: func.func @noted(
// CHECK-SAME: %{{.*}}: memref<64xf32>, %{{.*}}: memref<64x64xf32>, %[[FLOPS:.*]]: i64, %[[BYTES:.*]]: i64)
// CHECK-DAG: %[[FIRST:.*]] = llvm.mlir.constant(0 : i64) : i64
// CHECK-DAG: call @kernel_0(%{{.*}}, %[[FIRST]], %[[FLOPS]], %[[BYTES]], %{{.*}}) : (index, i64, i64, i64,
// CHECK-DAG: %[[SECOND:.*]] = llvm.mlir.constant(1 : i64) : i64
// CHECK-DAG: %[[UNKNOWN:.*]] = llvm.mlir.constant(-1 : i64) : i64
// CHECK-DAG: call @kernel_1(%{{.*}}, %[[SECOND]], %[[UNKNOWN]], %[[UNKNOWN]], %{{.*}}) : (index, i64, i64, i64,
// CHECK-NOT: llvm.pare.work
#v = affine_map<(d0, d1) -> (d1)>
#m = affine_map<(d0, d1) -> (d0, d1)>
#r = affine_map<(d0, d1) -> (d0)>
#e = affine_map<(d0) -> (d0)>
#fill = loc("pare.matmul"("MatMul_9"))
#product = loc("pare.matmul"("MatMul_0"))
#sum = loc("pare.add"("Add_1"))
#exp = loc("pare.exp"("Exp_2"))
func.func @noted(%x: memref<64xf32>, %a: memref<64x64xf32>, %flops: i64, %bytes: i64) {
  %zero = arith.constant 0.0 : f32
  llvm.call_intrinsic "llvm.pare.work"(%bytes, %flops) : (i64, i64) -> ()
  llvm.call_intrinsic "llvm.pare.work"(%flops, %bytes) : (i64, i64) -> ()
  scf.forall (%i) = (0) to (64) step (16) {
    %y = memref.alloc() : memref<16xf32>
    %s = memref.subview %a[%i, 0] [16, 64] [1, 1] : memref<64x64xf32> to memref<16x64xf32, strided<[64, 1], offset: ?>>
    %t = memref.subview %x[%i] [16] [1] : memref<64xf32> to memref<16xf32, strided<[1], offset: ?>>
    linalg.fill ins(%zero : f32) outs(%y : memref<16xf32>) loc(#fill)
    linalg.generic {indexing_maps = [#e, #e], iterator_types = ["parallel"]} ins(%t : memref<16xf32, strided<[1], offset: ?>>) outs(%y : memref<16xf32>) {
    ^bb0(%p: f32, %q: f32):
      %0 = arith.addf %p, %q : f32 loc(#sum)
      %1 = math.exp %0 : f32 loc(#exp)
      linalg.yield %1 : f32
    } loc(#exp)
    linalg.generic {indexing_maps = [#m, #v, #r], iterator_types = ["parallel", "reduction"]} ins(%s, %x : memref<16x64xf32, strided<[64, 1], offset: ?>>, memref<64xf32>) outs(%y : memref<16xf32>) {
    ^bb0(%p: f32, %q: f32, %r: f32):
      %0 = arith.mulf %p, %q : f32 loc(#product)
      %1 = arith.addf %0, %r : f32 loc(#product)
      linalg.yield %1 : f32
    } loc(#product)
    memref.copy %y, %t : memref<16xf32> to memref<16xf32, strided<[1], offset: ?>>
  }
  scf.forall (%i) in (64) {
    memref.store %zero, %x[%i] : memref<64xf32>
  }
  llvm.call_intrinsic "llvm.pare.work"(%flops, %flops) : (i64, i64) -> ()
  return
}
