// RUN: pare-opt %s --split-input-file --pare-outline-kernels | FileCheck %s

// Nothing to do.
// CHECK-LABEL: @none
// CHECK-NOT: call @kernel
func.func @none(%m: memref<?xf32>) { return }

// -----

// Two loops with the same body share a kernel; small buffers go on the stack, large ones into scratch memory, in front of
// the loop over tiles.
// CHECK: func.func private @kernel_0(index, index, memref<?x64xf32>)
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
