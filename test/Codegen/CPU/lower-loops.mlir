// RUN: pare-opt %s --split-input-file --pare-lower-loops | FileCheck %s

// Nothing to do.
// CHECK-LABEL: @none
// CHECK-NEXT: return
func.func @none() { return }

// -----

// Sums along the last axis stay in a register.
// CHECK-LABEL: @inner
// CHECK: scf.for
// CHECK: %[[INIT:.*]] = memref.load
// CHECK: %[[SUM:.*]] = scf.for {{.*}} iter_args(%{{.*}} = %[[INIT]])
// CHECK: arith.addf
// CHECK: memref.store %[[SUM]]
func.func @inner(%x: memref<?x?xf32>, %s: memref<?xf32>) {
  linalg.generic {indexing_maps = [affine_map<(i, j) -> (i, j)>, affine_map<(i, j) -> (i)>], iterator_types = ["parallel", "reduction"]}
      ins(%x : memref<?x?xf32>) outs(%s : memref<?xf32>) {
  ^bb0(%a: f32, %b: f32):
    %0 = arith.addf %a, %b : f32
    linalg.yield %0 : f32
  }
  return
}

// -----

// Sums along an outer axis advance together, row by row.
// CHECK-LABEL: @outer
// CHECK-NOT: iter_args
// CHECK: memref.store
func.func @outer(%x: memref<?x?xf32>, %s: memref<?xf32>) {
  linalg.generic {indexing_maps = [affine_map<(i, j) -> (i, j)>, affine_map<(i, j) -> (j)>], iterator_types = ["reduction", "parallel"]}
      ins(%x : memref<?x?xf32>) outs(%s : memref<?xf32>) {
  ^bb0(%a: f32, %b: f32):
    %0 = arith.addf %a, %b : f32
    linalg.yield %0 : f32
  }
  return
}

// -----

// CHECK-LABEL: @copy
// CHECK-COUNT-2: scf.for
// CHECK: memref.load
// CHECK: memref.store
func.func @copy(%x: memref<?x4xf32>, %y: memref<?x4xf32, strided<[?, 2]>>) {
  memref.copy %x, %y : memref<?x4xf32> to memref<?x4xf32, strided<[?, 2]>>
  return
}

// -----

// A window: the pixels of a line advance together.
// CHECK-LABEL: @window
// CHECK-NOT: iter_args
// CHECK-COUNT-4: scf.for
// CHECK: memref.store
func.func @window(%x: memref<?x34xf32>, %w: memref<3x3xf32>, %y: memref<?x32xf32>) {
  linalg.generic {indexing_maps = [affine_map<(y, x, i, j) -> (y + i, x + j)>, affine_map<(y, x, i, j) -> (i, j)>, affine_map<(y, x, i, j) -> (y, x)>],
                  iterator_types = ["parallel", "parallel", "reduction", "reduction"]}
      ins(%x, %w : memref<?x34xf32>, memref<3x3xf32>) outs(%y : memref<?x32xf32>) {
  ^bb0(%a: f32, %b: f32, %c: f32):
    %0 = arith.maximumf %a, %c : f32
    linalg.yield %0 : f32
  }
  return
}

// -----

// What an input holds for all of the innermost loop is read once, in front of it.
// CHECK-LABEL: @repeated
// CHECK: scf.for %[[I:.*]] =
// CHECK-NEXT: memref.load %{{.*}}[%[[I]]] : memref<?xindex>
// CHECK: scf.for %[[J:.*]] =
// CHECK: memref.load %{{.*}}[%{{.*}}, %[[J]]] : memref<?x?xf32>
// CHECK: memref.store
func.func @repeated(%index: memref<?xindex>, %table: memref<?x?xf32>, %out: memref<?x?xf32>) {
  linalg.generic {indexing_maps = [affine_map<(i, j) -> (i)>, affine_map<(i, j) -> (i, j)>], iterator_types = ["parallel", "parallel"]} ins(%index : memref<?xindex>) outs(%out : memref<?x?xf32>) {
  ^bb0(%at: index, %o: f32):
    %j = linalg.index 1 : index
    %x = memref.load %table[%at, %j] : memref<?x?xf32>
    linalg.yield %x : f32
  }
  return
}
