// RUN: pare-opt %s --split-input-file --pare-lower-contractions | FileCheck %s

// Nothing to do: not f32.
// CHECK-LABEL: @integers
// CHECK: linalg.matmul
func.func @integers(%a: memref<4x8xi32>, %b: memref<8x4xi32>, %c: memref<4x4xi32>) {
  linalg.matmul ins(%a, %b : memref<4x8xi32>, memref<8x4xi32>) outs(%c : memref<4x4xi32>)
  return
}

// -----

// A right side with contiguous rows is copied when many rows read it.
// CHECK: func.func private @gemm_f32
// CHECK-LABEL: @rows
// CHECK: memref.alloc() {alignment = 64 : i64} : memref<8x336xf32>
// CHECK: %[[MANY:.*]] = arith.cmpi sge
// CHECK: scf.if %[[MANY]]
// CHECK: arith.select %[[MANY]]
// CHECK: call @gemm_f32
// CHECK-NOT: linalg
func.func @rows(%a: memref<?x8xf32>, %b: memref<8x333xf32>, %c: memref<?x333xf32>) {
  linalg.matmul ins(%a, %b : memref<?x8xf32>, memref<8x333xf32>) outs(%c : memref<?x333xf32>)
  return
}

// -----

// A transposed right side is always copied; batches are a loop.
// CHECK-LABEL: @transposed
// CHECK: memref.alloc
// CHECK: scf.for
// CHECK-NOT: scf.if
// CHECK: call @gemm_f32
func.func @transposed(%a: memref<3x?x8xf32>, %b: memref<3x5x8xf32>, %c: memref<3x?x5xf32>) {
  linalg.generic {indexing_maps = [affine_map<(b, m, n, k) -> (b, m, k)>, affine_map<(b, m, n, k) -> (b, n, k)>, affine_map<(b, m, n, k) -> (b, m, n)>],
                  iterator_types = ["parallel", "parallel", "parallel", "reduction"]}
      ins(%a, %b : memref<3x?x8xf32>, memref<3x5x8xf32>) outs(%c : memref<3x?x5xf32>) {
  ^bb0(%x: f32, %y: f32, %z: f32):
    %0 = arith.mulf %x, %y : f32
    %1 = arith.addf %z, %0 : f32
    linalg.yield %1 : f32
  }
  return
}

// -----

// A tile that its producer has just written lies close together already.
// CHECK-LABEL: @dense
// CHECK-NOT: memref.alloc
// CHECK: call @gemm_f32
func.func @dense(%a: memref<?x8xf32>, %b: memref<8x48xf32>, %c: memref<?x48xf32>) {
  linalg.matmul ins(%a, %b : memref<?x8xf32>, memref<8x48xf32>) outs(%c : memref<?x48xf32>)
  return
}

// -----

// A convolution: output channels by input channels by pixels of a line; the other loops call and add up. The weights have
// their place in the operands' order: the image is the right side.
// CHECK-LABEL: @convolution
// CHECK: memref.alloc() {alignment = 64 : i64} : memref<16x32xf32>
// CHECK-COUNT-4: scf.for
// CHECK: call @gemm_f32
// CHECK-NOT: linalg
func.func @convolution(%x: memref<1x16x34x34xf32>, %w: memref<24x16x3x3xf32>, %y: memref<1x24x32x32xf32>) {
  linalg.generic {indexing_maps = [affine_map<(n, o, y, x, c, i, j) -> (n, c, y + i, x + j)>, affine_map<(n, o, y, x, c, i, j) -> (o, c, i, j)>, affine_map<(n, o, y, x, c, i, j) -> (n, o, y, x)>],
                  iterator_types = ["parallel", "parallel", "parallel", "parallel", "reduction", "reduction", "reduction"]}
      ins(%x, %w : memref<1x16x34x34xf32>, memref<24x16x3x3xf32>) outs(%y : memref<1x24x32x32xf32>) {
  ^bb0(%a: f32, %b: f32, %c: f32):
    %0 = arith.mulf %a, %b : f32
    %1 = arith.addf %c, %0 : f32
    linalg.yield %1 : f32
  }
  return
}

// -----

// Depthwise: nothing for a register tile.
// CHECK-LABEL: @depthwise
// CHECK: linalg.generic
func.func @depthwise(%x: memref<1x16x34x34xf32>, %w: memref<16x3x3xf32>, %y: memref<1x16x32x32xf32>) {
  linalg.generic {indexing_maps = [affine_map<(n, c, y, x, i, j) -> (n, c, y + i, x + j)>, affine_map<(n, c, y, x, i, j) -> (c, i, j)>, affine_map<(n, c, y, x, i, j) -> (n, c, y, x)>],
                  iterator_types = ["parallel", "parallel", "parallel", "parallel", "reduction", "reduction"]}
      ins(%x, %w : memref<1x16x34x34xf32>, memref<16x3x3xf32>) outs(%y : memref<1x16x32x32xf32>) {
  ^bb0(%a: f32, %b: f32, %c: f32):
    %0 = arith.mulf %a, %b : f32
    %1 = arith.addf %c, %0 : f32
    linalg.yield %1 : f32
  }
  return
}

// -----

// Pixels of a tile whose lines follow each other are rows of one product: 2 x 56 of them.
// CHECK-LABEL: @merged
// CHECK: %[[ROWS:.*]] = arith.constant 112 : index
// CHECK-NOT: scf.for
// CHECK: %[[NUMBER:.*]] = arith.index_cast %[[ROWS]] : index to i64
// CHECK: call @gemm_f32({{.*}}, %[[NUMBER]])
func.func @merged(%x: memref<1x2x56x64xf32>, %w: memref<64x48xf32>, %y: memref<1x2x56x48xf32>) {
  linalg.generic {indexing_maps = [affine_map<(n, h, w, o, c) -> (n, h, w, c)>, affine_map<(n, h, w, o, c) -> (c, o)>, affine_map<(n, h, w, o, c) -> (n, h, w, o)>],
                  iterator_types = ["parallel", "parallel", "parallel", "parallel", "reduction"]}
      ins(%x, %w : memref<1x2x56x64xf32>, memref<64x48xf32>) outs(%y : memref<1x2x56x48xf32>) {
  ^bb0(%a: f32, %b: f32, %c: f32):
    %0 = arith.mulf %a, %b : f32
    %1 = arith.addf %c, %0 : f32
    linalg.yield %1 : f32
  }
  return
}

// -----

// Lines of the result that do not follow each other: a call for each.
// CHECK-LABEL: @apart
// CHECK: scf.for
// CHECK: call @gemm_f32
func.func @apart(%x: memref<1x2x56x64xf32>, %w: memref<64x48xf32>, %y: memref<1x2x56x48xf32, strided<[5568, 2784, 48, 1]>>) {
  linalg.generic {indexing_maps = [affine_map<(n, h, w, o, c) -> (n, h, w, c)>, affine_map<(n, h, w, o, c) -> (c, o)>, affine_map<(n, h, w, o, c) -> (n, h, w, o)>],
                  iterator_types = ["parallel", "parallel", "parallel", "parallel", "reduction"]}
      ins(%x, %w : memref<1x2x56x64xf32>, memref<64x48xf32>) outs(%y : memref<1x2x56x48xf32, strided<[5568, 2784, 48, 1]>>) {
  ^bb0(%a: f32, %b: f32, %c: f32):
    %0 = arith.mulf %a, %b : f32
    %1 = arith.addf %c, %0 : f32
    linalg.yield %1 : f32
  }
  return
}

// -----

// The sums start from the bias, and the residual and the activation come before a tile is written: no buffer holds sums.
// CHECK: func.func private @[[ROUTINE:gemm_f32_0]]({{.*}}) attributes {pare.repeats = array<i1: false>, pare.tail = @[[TAIL:.*]]}
// CHECK: func.func private @[[TAIL]](%[[SUM:.*]]: f32, %[[SIDE:.*]]: f32) -> f32
// CHECK: %[[ADDED:.*]] = arith.addf %[[SUM]], %[[SIDE]]
// CHECK: %[[KEPT:.*]] = arith.maximumf %[[ADDED]]
// CHECK: return %[[KEPT]]
// CHECK-LABEL: @surrounded
// CHECK-NOT: linalg
// CHECK: call @[[ROUTINE]]
func.func @surrounded(%x: memref<?x64xf32>, %w: memref<64x48xf32>, %bias: memref<48xf32>, %residual: memref<?x48xf32>, %y: memref<?x48xf32>, %m: index) {
  %zero = arith.constant 0.0 : f32
  %sums = memref.alloc(%m) : memref<?x48xf32>
  linalg.generic {indexing_maps = [affine_map<(i, j) -> (j)>, affine_map<(i, j) -> (i, j)>], iterator_types = ["parallel", "parallel"]}
      ins(%bias : memref<48xf32>) outs(%sums : memref<?x48xf32>) {
  ^bb0(%a: f32, %b: f32):
    linalg.yield %a : f32
  }
  linalg.matmul ins(%x, %w : memref<?x64xf32>, memref<64x48xf32>) outs(%sums : memref<?x48xf32>)
  linalg.generic {indexing_maps = [affine_map<(i, j) -> (i, j)>, affine_map<(i, j) -> (i, j)>, affine_map<(i, j) -> (i, j)>], iterator_types = ["parallel", "parallel"]}
      ins(%sums, %residual : memref<?x48xf32>, memref<?x48xf32>) outs(%y : memref<?x48xf32>) {
  ^bb0(%a: f32, %b: f32, %c: f32):
    %0 = arith.addf %a, %b : f32
    %1 = arith.maximumf %0, %zero : f32
    linalg.yield %1 : f32
  }
  return
}

// -----

// What comes after stays where it is: others read the sums, it writes where the product reads, it is no arithmetic of one
// element, the sum is not whole after one call.
// CHECK-LABEL: @read_again
// CHECK: call @gemm_f32(
// CHECK: linalg.generic
func.func @read_again(%x: memref<?x64xf32>, %w: memref<64x48xf32>, %y: memref<?x48xf32>, %m: index) -> memref<?x48xf32> {
  %zero = arith.constant 0.0 : f32
  %sums = memref.alloc(%m) : memref<?x48xf32>
  linalg.fill ins(%zero : f32) outs(%sums : memref<?x48xf32>)
  linalg.matmul ins(%x, %w : memref<?x64xf32>, memref<64x48xf32>) outs(%sums : memref<?x48xf32>)
  linalg.generic {indexing_maps = [affine_map<(i, j) -> (i, j)>, affine_map<(i, j) -> (i, j)>], iterator_types = ["parallel", "parallel"]}
      ins(%sums : memref<?x48xf32>) outs(%y : memref<?x48xf32>) {
  ^bb0(%a: f32, %c: f32):
    %0 = arith.maximumf %a, %zero : f32
    linalg.yield %0 : f32
  }
  return %sums : memref<?x48xf32>
}
// CHECK-LABEL: @over_the_input
// CHECK: call @gemm_f32(
// CHECK: linalg.generic
func.func @over_the_input(%x: memref<?x48xf32>, %w: memref<48x48xf32>, %m: index) {
  %zero = arith.constant 0.0 : f32
  %sums = memref.alloc(%m) : memref<?x48xf32>
  linalg.fill ins(%zero : f32) outs(%sums : memref<?x48xf32>)
  linalg.matmul ins(%x, %w : memref<?x48xf32>, memref<48x48xf32>) outs(%sums : memref<?x48xf32>)
  linalg.generic {indexing_maps = [affine_map<(i, j) -> (i, j)>, affine_map<(i, j) -> (i, j)>], iterator_types = ["parallel", "parallel"]}
      ins(%sums : memref<?x48xf32>) outs(%x : memref<?x48xf32>) {
  ^bb0(%a: f32, %c: f32):
    %0 = arith.maximumf %a, %zero : f32
    linalg.yield %0 : f32
  }
  return
}
// CHECK-LABEL: @by_index
// CHECK: call @gemm_f32(
// CHECK: linalg.generic
func.func @by_index(%x: memref<?x64xf32>, %w: memref<64x48xf32>, %y: memref<?x48xf32>, %m: index) {
  %zero = arith.constant 0.0 : f32
  %sums = memref.alloc(%m) : memref<?x48xf32>
  linalg.fill ins(%zero : f32) outs(%sums : memref<?x48xf32>)
  linalg.matmul ins(%x, %w : memref<?x64xf32>, memref<64x48xf32>) outs(%sums : memref<?x48xf32>)
  linalg.generic {indexing_maps = [affine_map<(i, j) -> (i, j)>, affine_map<(i, j) -> (i, j)>], iterator_types = ["parallel", "parallel"]}
      ins(%sums : memref<?x48xf32>) outs(%y : memref<?x48xf32>) {
  ^bb0(%a: f32, %c: f32):
    %i = linalg.index 0 : index
    %j = arith.index_cast %i : index to i32
    %k = arith.sitofp %j : i32 to f32
    %0 = arith.addf %a, %k : f32
    linalg.yield %0 : f32
  }
  return
}
// CHECK-LABEL: @deep
// CHECK: scf.for
// CHECK: call @gemm_f32(
// CHECK: linalg.generic
func.func @deep(%x: memref<?x4096xf32>, %w: memref<4096x48xf32>, %y: memref<?x48xf32>, %m: index) {
  %zero = arith.constant 0.0 : f32
  %sums = memref.alloc(%m) : memref<?x48xf32>
  linalg.fill ins(%zero : f32) outs(%sums : memref<?x48xf32>)
  linalg.matmul ins(%x, %w : memref<?x4096xf32>, memref<4096x48xf32>) outs(%sums : memref<?x48xf32>)
  linalg.generic {indexing_maps = [affine_map<(i, j) -> (i, j)>, affine_map<(i, j) -> (i, j)>], iterator_types = ["parallel", "parallel"]}
      ins(%sums : memref<?x48xf32>) outs(%y : memref<?x48xf32>) {
  ^bb0(%a: f32, %c: f32):
    %0 = arith.maximumf %a, %zero : f32
    linalg.yield %0 : f32
  }
  return
}

// -----

// Rows 0 and 8 of the image are padding: the taps that meet them are not run. The tile begins at row %r of 9.
// CHECK-LABEL: @padded
// CHECK-SAME: %[[ROW:[a-z0-9]+]]: index
// CHECK: scf.for %[[H:.*]] = %{{.*}} to %{{.*}} step %{{.*}} {
// CHECK: %[[AT:.*]] = arith.addi %{{.*}}, %{{.*}} : index
// CHECK: %[[TO_FIRST:.*]] = arith.subi %c1{{.*}}, %[[AT]] : index
// CHECK: arith.maxsi %[[TO_FIRST]]
// CHECK: %[[FIRST:.*]] = arith.minsi
// CHECK: %[[TO_END:.*]] = arith.subi %c8{{.*}}, %[[AT]] : index
// CHECK: arith.maxsi %[[TO_END]]
// CHECK: %[[END:.*]] = arith.minsi
// CHECK: %[[TAPS:.*]] = arith.subi %[[END]], %[[FIRST]] : index
// CHECK: %[[OUTER:.*]] = arith.index_cast %[[TAPS]] : index to i64
// CHECK: call @gemm_f32({{.*}}%[[OUTER]]
func.func @padded(%r: index, %image: memref<9x12x16xf32>, %w: memref<3x3x16x48xf32, strided<[2304, 768, 48, 1]>>, %c: memref<2x10x48xf32>) {
  %tile = memref.subview %image[%r, 0, 0] [4, 12, 16] [1, 1, 1] : memref<9x12x16xf32> to memref<4x12x16xf32, strided<[192, 16, 1], offset: ?>>
  linalg.generic {indexing_maps = [affine_map<(y, x, o, ky, kx, i) -> (y + ky, x + kx, i)>, affine_map<(y, x, o, ky, kx, i) -> (ky, kx, i, o)>, affine_map<(y, x, o, ky, kx, i) -> (y, x, o)>],
                  iterator_types = ["parallel", "parallel", "parallel", "reduction", "reduction", "reduction"]}
      ins(%tile, %w : memref<4x12x16xf32, strided<[192, 16, 1], offset: ?>>, memref<3x3x16x48xf32, strided<[2304, 768, 48, 1]>>) outs(%c : memref<2x10x48xf32>)
      attrs = {pare.zero_rows = array<i64: 0, 1, 1, 9>} {
  ^bb0(%a: f32, %b: f32, %z: f32):
    %0 = arith.mulf %a, %b : f32
    %1 = arith.addf %z, %0 : f32
    linalg.yield %1 : f32
  }
  return
}

// -----

// Groups of 4 channels: one call for a line of pixels and all taps, columns of all groups.
// CHECK-LABEL: @groups
// CHECK-NOT: linalg.generic
// CHECK: call @grouped_f32_4x4(
// CHECK-NOT: linalg.generic
func.func @groups(%x: memref<1x8x8x32xf32>, %w: memref<3x3x4x32xf32>, %y: memref<1x6x6x32xf32>) {
  linalg.generic {indexing_maps = [affine_map<(n, h, w, o, i, j, c) -> (n, h + i, w + j, (o floordiv 4) * 4 + c)>,
                                   affine_map<(n, h, w, o, i, j, c) -> (i, j, c, o)>,
                                   affine_map<(n, h, w, o, i, j, c) -> (n, h, w, o)>],
                  iterator_types = ["parallel", "parallel", "parallel", "parallel", "reduction", "reduction", "reduction"]}
      ins(%x, %w : memref<1x8x8x32xf32>, memref<3x3x4x32xf32>) outs(%y : memref<1x6x6x32xf32>) {
  ^bb0(%a: f32, %b: f32, %c: f32):
    %p = arith.mulf %a, %b : f32
    %s = arith.addf %c, %p : f32
    linalg.yield %s : f32
  }
  return
}

// -----

// Five input channels for four: a vector of the result would need more than one of the input.
// CHECK-LABEL: @uneven
// CHECK-NOT: call
// CHECK: linalg.generic
func.func @uneven(%x: memref<64x40xf32>, %w: memref<5x32xf32>, %y: memref<64x32xf32>) {
  linalg.generic {indexing_maps = [affine_map<(n, o, c) -> (n, (o floordiv 4) * 5 + c)>,
                                   affine_map<(n, o, c) -> (c, o)>, affine_map<(n, o, c) -> (n, o)>],
                  iterator_types = ["parallel", "parallel", "reduction"]}
      ins(%x, %w : memref<64x40xf32>, memref<5x32xf32>) outs(%y : memref<64x32xf32>) {
  ^bb0(%a: f32, %b: f32, %c: f32):
    %p = arith.mulf %a, %b : f32
    %s = arith.addf %c, %p : f32
    linalg.yield %s : f32
  }
  return
}
