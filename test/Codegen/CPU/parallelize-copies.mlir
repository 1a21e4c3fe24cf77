// RUN: pare-opt %s --pass-pipeline='builtin.module(func.func(pare-parallelize-copies))' --split-input-file | FileCheck %s

// As much of the inner axes as fits a tile; the work is noted.
// CHECK-LABEL: @cache
// CHECK-SAME: %[[X:[a-z0-9]+]]: memref<?x8x?x64xf32>, %[[Y:[a-z0-9]+]]: memref<?x8x?x64xf32, strided<[?, ?, 64, 1]>>
// CHECK: %[[FLOPS:.*]] = arith.constant 0 : i64
// CHECK: llvm.call_intrinsic "llvm.pare.work"(%[[FLOPS]], %{{.*}})
// CHECK-NEXT: scf.forall (%[[A:.*]], %[[B:.*]], %[[C:.*]], %[[D:.*]]) = (0, 0, 0, 0) to (%{{.*}}, 8, %[[N:.*]], 64) step (1, 1, 256, 64) {
// CHECK: %[[SIZE:.*]] = affine.min #{{.*}}(%[[C]])[%[[N]]]
// CHECK: %[[FROM:.*]] = memref.subview %[[X]][%[[A]], %[[B]], %[[C]], %[[D]]]
// CHECK: %[[TO:.*]] = memref.subview %[[Y]][%[[A]], %[[B]], %[[C]], %[[D]]]
// CHECK: memref.copy %[[FROM]], %[[TO]]
func.func @cache(%x: memref<?x8x?x64xf32>, %y: memref<?x8x?x64xf32, strided<[?, ?, 64, 1]>>) {
  memref.copy %x, %y : memref<?x8x?x64xf32> to memref<?x8x?x64xf32, strided<[?, ?, 64, 1]>>
  return
}

// -----

// The note of a loop stays with it.
// CHECK-LABEL: @note
// CHECK-SAME: %[[OTHER:[a-z0-9]+]]: i64
// CHECK: llvm.call_intrinsic "llvm.pare.work"
// CHECK-NEXT: scf.forall (%{{.*}}, %{{.*}}) = (0, 0) to (200, 100) step (163, 100)
// CHECK: memref.copy
// CHECK: llvm.call_intrinsic "llvm.pare.work"(%[[OTHER]], %[[OTHER]])
// CHECK-NEXT: scf.forall (%{{.*}}) in (4)
func.func @note(%w: i64, %x: memref<200x100xf32>, %y: memref<200x100xf32>, %z: memref<4xf32>, %f: f32) {
  llvm.call_intrinsic "llvm.pare.work"(%w, %w) : (i64, i64) -> ()
  memref.copy %x, %y : memref<200x100xf32> to memref<200x100xf32>
  scf.forall (%i) in (4) {
    memref.store %f, %z[%i] : memref<4xf32>
  }
  return
}

// -----

// Not: what is small, a scalar, itself, or copied again and again.
// CHECK-LABEL: @others
// CHECK-NOT: scf.forall
func.func @others(%x: memref<64x64xf32>, %y: memref<64x64xf32>, %a: memref<f32>, %b: memref<f32>, %c: memref<?xf32>, %d: memref<?xf32>) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c9 = arith.constant 9 : index
  memref.copy %x, %y : memref<64x64xf32> to memref<64x64xf32>
  memref.copy %a, %b : memref<f32> to memref<f32>
  memref.copy %c, %c : memref<?xf32> to memref<?xf32>
  scf.for %i = %c0 to %c9 step %c1 {
    memref.copy %c, %d : memref<?xf32> to memref<?xf32>
  }
  return
}
