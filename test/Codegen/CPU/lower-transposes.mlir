// RUN: pare-opt %s --pare-lower-transposes --split-input-file | FileCheck %s

// Nothing to do: another type, three colours, and rows that stay rows.
// CHECK-LABEL: @nothing
// CHECK-NOT: call
// CHECK-COUNT-3: linalg.transpose
// CHECK-NOT: call
func.func @nothing(%a: memref<8x8xf64>, %b: memref<8x8xf64>, %c: memref<64x3xf32>, %d: memref<3x64xf32>,
                   %e: memref<8x9x16xf32>, %f: memref<9x8x16xf32>) {
  linalg.transpose ins(%a : memref<8x8xf64>) outs(%b : memref<8x8xf64>) permutation = [1, 0]
  linalg.transpose ins(%c : memref<64x3xf32>) outs(%d : memref<3x64xf32>) permutation = [1, 0]
  linalg.transpose ins(%e : memref<8x9x16xf32>) outs(%f : memref<9x8x16xf32>) permutation = [1, 0, 2]
  return
}

// -----

// An image: its lines are one row of 56 x 56 pixels. The loop over images is around the call.
// CHECK-LABEL: @image
// CHECK-DAG: %[[CHANNELS:.*]] = arith.constant 64 : index
// CHECK-DAG: %[[PIXELS:.*]] = arith.constant 3136 : index
// CHECK: scf.for
// CHECK-NOT: scf.for
// CHECK: call @transpose_f32(
func.func @image(%x: memref<2x64x56x56xf32>, %y: memref<2x56x56x64xf32>) {
  linalg.transpose ins(%x : memref<2x64x56x56xf32>) outs(%y : memref<2x56x56x64xf32>) permutation = [0, 2, 3, 1]
  return
}

// -----

// Two axes within a permutation, of sizes that are not known, spelled as a generic op.
// CHECK-LABEL: @inner
// CHECK-COUNT-2: scf.for
// CHECK: call @transpose_f32(
func.func @inner(%x: memref<?x?x?x?xf32>, %y: memref<?x?x?x?xf32>) {
  linalg.generic {indexing_maps = [affine_map<(a, b, c, d) -> (b, a, d, c)>, affine_map<(a, b, c, d) -> (a, b, c, d)>],
                  iterator_types = ["parallel", "parallel", "parallel", "parallel"]}
      ins(%x : memref<?x?x?x?xf32>) outs(%y : memref<?x?x?x?xf32>) {
  ^bb0(%in: f32, %out: f32):
    linalg.yield %in : f32
  }
  return
}
