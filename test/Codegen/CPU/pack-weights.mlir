// RUN: pare-opt %s --pare-pack-weights --split-input-file | FileCheck %s

// Tiles of 48 columns read panels; the panel is that of the tile's first column.
// CHECK: memref.global "private" @w_panels : memref<3x64x48xf32> {pare.data = dense<1.000000e+00> : tensor<64x100xf32>, pare.layout = {kind = "panels", width = 48 : i64}}
// CHECK-LABEL: func.func @plain
// CHECK: %[[W:.*]] = memref.get_global @w_panels
// CHECK: scf.forall (%{{.*}}, %[[J:.*]]) =
// CHECK: %[[P:.*]] = affine.apply {{.*}}(%[[J]])
// CHECK: memref.subview %[[W]][%[[P]], 0, 0] [1, 64, %{{.*}}] [1, 1, 1] : memref<3x64x48xf32> to memref<64x?xf32, strided<[48, 1], offset: ?>>
memref.global "private" @w : memref<64x100xf32> {pare.data = dense<1.0> : tensor<64x100xf32>}
func.func @plain(%x: memref<?x64xf32>, %y: memref<?x100xf32>, %m: index) {
  %w = memref.get_global @w : memref<64x100xf32>
  scf.forall (%i, %j) = (0, 0) to (%m, 100) step (144, 48) {
    %rows = affine.min affine_map<(i)[m] -> (144, m - i)>(%i)[%m]
    %columns = affine.min affine_map<(j) -> (48, 100 - j)>(%j)
    %a = memref.subview %x[%i, 0] [%rows, 64] [1, 1] : memref<?x64xf32> to memref<?x64xf32, strided<[64, 1], offset: ?>>
    %b = memref.subview %w[0, %j] [64, %columns] [1, 1] : memref<64x100xf32> to memref<64x?xf32, strided<[100, 1], offset: ?>>
    %c = memref.subview %y[%i, %j] [%rows, %columns] [1, 1] : memref<?x100xf32> to memref<?x?xf32, strided<[100, 1], offset: ?>>
    linalg.matmul ins(%a, %b : memref<?x64xf32, strided<[64, 1], offset: ?>>, memref<64x?xf32, strided<[100, 1], offset: ?>>) outs(%c : memref<?x?xf32, strided<[100, 1], offset: ?>>)
  }
  return
}

// -----

// A weight that is read transposed; others that read it as it is keep it.
// CHECK-DAG: memref.global "private" @w : memref<100x64xf32>
// CHECK-DAG: memref.global "private" @w_panels_t : memref<3x64x48xf32> {pare.data = {{.*}}, pare.layout = {kind = "panels", transposed, width = 48 : i64}}
// CHECK-LABEL: func.func @transposed
// CHECK: linalg.generic {indexing_maps = [#{{.*}}, #[[READ:.*]], #{{.*}}]
memref.global "private" @w : memref<100x64xf32> {pare.data = dense<1.0> : tensor<100x64xf32>}
func.func @transposed(%x: memref<?x64xf32>, %y: memref<?x100xf32>, %m: index) -> f32 {
  %c0 = arith.constant 0 : index
  %w = memref.get_global @w : memref<100x64xf32>
  scf.forall (%i, %j) = (0, 0) to (%m, 100) step (144, 48) {
    %rows = affine.min affine_map<(i)[m] -> (144, m - i)>(%i)[%m]
    %columns = affine.min affine_map<(j) -> (48, 100 - j)>(%j)
    %a = memref.subview %x[%i, 0] [%rows, 64] [1, 1] : memref<?x64xf32> to memref<?x64xf32, strided<[64, 1], offset: ?>>
    %b = memref.subview %w[%j, 0] [%columns, 64] [1, 1] : memref<100x64xf32> to memref<?x64xf32, strided<[64, 1], offset: ?>>
    %c = memref.subview %y[%i, %j] [%rows, %columns] [1, 1] : memref<?x100xf32> to memref<?x?xf32, strided<[100, 1], offset: ?>>
    linalg.generic {indexing_maps = [affine_map<(m, n, k) -> (m, k)>, affine_map<(m, n, k) -> (n, k)>, affine_map<(m, n, k) -> (m, n)>], iterator_types = ["parallel", "parallel", "reduction"]}
        ins(%a, %b : memref<?x64xf32, strided<[64, 1], offset: ?>>, memref<?x64xf32, strided<[64, 1], offset: ?>>) outs(%c : memref<?x?xf32, strided<[100, 1], offset: ?>>) {
    ^bb0(%p: f32, %q: f32, %s: f32):
      %t = arith.mulf %p, %q : f32
      %u = arith.addf %s, %t : f32
      linalg.yield %u : f32
    }
  }
  %first = memref.load %w[%c0, %c0] : memref<100x64xf32>
  return %first : f32
}

// -----

// Tiles that begin between panels, and tiles of a part of the depth.
// CHECK-LABEL: func.func @others
// CHECK-NOT: _panels
memref.global "private" @w : memref<64x100xf32> {pare.data = dense<1.0> : tensor<64x100xf32>}
func.func @others(%x: memref<16x64xf32>, %y: memref<16x100xf32>) {
  %w = memref.get_global @w : memref<64x100xf32>
  scf.forall (%j) = (0) to (100) step (20) {
    %b = memref.subview %w[0, %j] [64, 20] [1, 1] : memref<64x100xf32> to memref<64x20xf32, strided<[100, 1], offset: ?>>
    %c = memref.subview %y[0, %j] [16, 20] [1, 1] : memref<16x100xf32> to memref<16x20xf32, strided<[100, 1], offset: ?>>
    linalg.matmul ins(%x, %b : memref<16x64xf32>, memref<64x20xf32, strided<[100, 1], offset: ?>>) outs(%c : memref<16x20xf32, strided<[100, 1], offset: ?>>)
  }
  scf.forall (%j) = (0) to (96) step (48) {
    %a = memref.subview %x[0, 32] [16, 32] [1, 1] : memref<16x64xf32> to memref<16x32xf32, strided<[64, 1], offset: 32>>
    %b = memref.subview %w[32, %j] [32, 48] [1, 1] : memref<64x100xf32> to memref<32x48xf32, strided<[100, 1], offset: ?>>
    %c = memref.subview %y[0, %j] [16, 48] [1, 1] : memref<16x100xf32> to memref<16x48xf32, strided<[100, 1], offset: ?>>
    linalg.matmul ins(%a, %b : memref<16x32xf32, strided<[64, 1], offset: 32>>, memref<32x48xf32, strided<[100, 1], offset: ?>>) outs(%c : memref<16x48xf32, strided<[100, 1], offset: ?>>)
  }
  return
}

// -----

// The window and the channels of a convolution, all reduced, are the rows of a panel.
// CHECK: memref.global "private" @w_panels : memref<2x72x48xf32> {pare.data = dense<1.000000e+00> : tensor<3x3x8x64xf32>, pare.layout = {kind = "panels", shape = array<i64: 72, 64>, width = 48 : i64}}
// CHECK-LABEL: func.func @window
// CHECK: %[[PANEL:.*]] = memref.subview {{.*}} : memref<2x72x48xf32> to memref<72x?xf32
// CHECK: memref.expand_shape %[[PANEL]] {{\[\[}}0, 1, 2], [3]{{\]}} {{.*}} into memref<3x3x8x?xf32
memref.global "private" @w : memref<3x3x8x64xf32> {pare.data = dense<1.0> : tensor<3x3x8x64xf32>}
func.func @window(%x: memref<6x6x8xf32>, %y: memref<4x4x64xf32>) {
  %w = memref.get_global @w : memref<3x3x8x64xf32>
  scf.forall (%j) = (0) to (64) step (48) {
    %columns = affine.min affine_map<(j) -> (48, 64 - j)>(%j)
    %b = memref.subview %w[0, 0, 0, %j] [3, 3, 8, %columns] [1, 1, 1, 1] : memref<3x3x8x64xf32> to memref<3x3x8x?xf32, strided<[1536, 512, 64, 1], offset: ?>>
    %c = memref.subview %y[0, 0, %j] [4, 4, %columns] [1, 1, 1] : memref<4x4x64xf32> to memref<4x4x?xf32, strided<[256, 64, 1], offset: ?>>
    linalg.generic {indexing_maps = [affine_map<(h, w, o, p, q, c) -> (h + p, w + q, c)>, affine_map<(h, w, o, p, q, c) -> (p, q, c, o)>, affine_map<(h, w, o, p, q, c) -> (h, w, o)>],
                    iterator_types = ["parallel", "parallel", "parallel", "reduction", "reduction", "reduction"]}
        ins(%x, %b : memref<6x6x8xf32>, memref<3x3x8x?xf32, strided<[1536, 512, 64, 1], offset: ?>>) outs(%c : memref<4x4x?xf32, strided<[256, 64, 1], offset: ?>>) {
    ^bb0(%a: f32, %k: f32, %s: f32):
      %0 = arith.mulf %a, %k : f32
      %1 = arith.addf %s, %0 : f32
      linalg.yield %1 : f32
    }
  }
  return
}

// -----

// A product in bfloat16 reads pairs of rows, rounded ahead of time.
// CHECK: memref.global "private" @w_panels_bf16 : memref<3x32x48x2xbf16> {pare.data = dense<1.000000e+00> : tensor<64x100xf32>, pare.layout = {kind = "panels", pairs, width = 48 : i64}}
// CHECK-LABEL: func.func @pairs
// CHECK: memref.subview %{{.*}}[%{{.*}}, 0, 0, 0] [1, 32, %{{.*}}, 2] [1, 1, 1, 1] : memref<3x32x48x2xbf16> to memref<32x?x2xbf16, strided<[96, 2, 1], offset: ?>>
// CHECK: linalg.generic {indexing_maps = [#[[LEFT:.*]], #[[RIGHT:.*]], #[[SUM:.*]]], iterator_types = ["parallel", "parallel", "reduction", "reduction"]}
// CHECK-NEXT: ^bb0(%{{.*}}: bf16, %{{.*}}: bf16, %{{.*}}: f32)
// CHECK-NOT: arith.truncf
memref.global "private" @w : memref<64x100xf32> {pare.data = dense<1.0> : tensor<64x100xf32>}
func.func @pairs(%x: memref<?x64xbf16>, %y: memref<?x100xf32>, %m: index) {
  %w = memref.get_global @w : memref<64x100xf32>
  scf.forall (%i, %j) = (0, 0) to (%m, 100) step (144, 48) {
    %rows = affine.min affine_map<(i)[m] -> (144, m - i)>(%i)[%m]
    %columns = affine.min affine_map<(j) -> (48, 100 - j)>(%j)
    %a = memref.subview %x[%i, 0] [%rows, 64] [1, 1] : memref<?x64xbf16> to memref<?x64xbf16, strided<[64, 1], offset: ?>>
    %b = memref.subview %w[0, %j] [64, %columns] [1, 1] : memref<64x100xf32> to memref<64x?xf32, strided<[100, 1], offset: ?>>
    %c = memref.subview %y[%i, %j] [%rows, %columns] [1, 1] : memref<?x100xf32> to memref<?x?xf32, strided<[100, 1], offset: ?>>
    linalg.generic {indexing_maps = [affine_map<(m, n, k) -> (m, k)>, affine_map<(m, n, k) -> (k, n)>, affine_map<(m, n, k) -> (m, n)>], iterator_types = ["parallel", "parallel", "reduction"]}
        ins(%a, %b : memref<?x64xbf16, strided<[64, 1], offset: ?>>, memref<64x?xf32, strided<[100, 1], offset: ?>>) outs(%c : memref<?x?xf32, strided<[100, 1], offset: ?>>) {
    ^bb0(%p: bf16, %q: f32, %s: f32):
      %pw = arith.extf %p : bf16 to f32
      %qn = arith.truncf %q : f32 to bf16
      %qw = arith.extf %qn : bf16 to f32
      %t = arith.mulf %pw, %qw : f32
      %u = arith.addf %s, %t : f32
      linalg.yield %u : f32
    }
  }
  return
}
