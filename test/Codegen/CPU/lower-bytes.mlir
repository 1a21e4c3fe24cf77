// RUN: pare-opt %s --split-input-file --pare-lower-contractions | FileCheck %s

// Nothing to do: bytes of one signedness, which no routine multiplies.
// CHECK-LABEL: @alike
// CHECK-NOT: call @gemm
// CHECK: linalg.generic
#a = affine_map<(m, n, k) -> (m, k)>
#b = affine_map<(m, n, k) -> (k, n)>
#c = affine_map<(m, n, k) -> (m, n)>
func.func @alike(%a: memref<?x8xi8>, %b: memref<8x20xi8>, %c: memref<?x20xi32>) {
  linalg.generic {indexing_maps = [#a, #b, #c], iterator_types = ["parallel", "parallel", "reduction"]}
      ins(%a, %b : memref<?x8xi8>, memref<8x20xi8>) outs(%c : memref<?x20xi32>) {
  ^bb0(%x: i8, %y: i8, %z: i32):
    %0 = arith.extsi %x : i8 to i32
    %1 = arith.extsi %y : i8 to i32
    %2 = arith.muli %0, %1 : i32
    %3 = arith.addi %z, %2 : i32
    linalg.yield %3 : i32
  }
  return
}

// -----

// A weight is read from panels of four steps of the depth side by side, zeros behind the last; the requantisation moves
// into the routine, which writes bytes.
// CHECK: func.func private @gemm_bytes_rest_0({{.*}}) attributes {pare.repeats = array<i1>, pare.rest, pare.tail = @gemm_bytes_rest_0_tail}
// CHECK: func.func private @gemm_bytes_rest_0_tail(%{{.*}}: i32) -> i8
// CHECK: memref.global "private" @w_bytes : memref<3x20x48x4xi8> {pare.data = dense<1> : tensor<77x100xsi8>, pare.layout = {kind = "panels", quads, width = 48 : i64}}
// CHECK-LABEL: @weight
// CHECK: memref.get_global @w_bytes
// CHECK-NOT: linalg
// CHECK: call @gemm_bytes_rest_0
// CHECK-NOT: linalg
#a = affine_map<(m, n, k) -> (m, k)>
#b = affine_map<(m, n, k) -> (k, n)>
#c = affine_map<(m, n, k) -> (m, n)>
#i = affine_map<(m, n) -> (m, n)>
memref.global "private" @w : memref<77x100xi8> {pare.data = dense<1> : tensor<77x100xsi8>}
func.func @weight(%x: memref<?x77xi8>, %y: memref<?x100xi8>, %m: index) {
  %zero = arith.constant 0 : i32
  %scale = arith.constant 0.1 : f32
  %w = memref.get_global @w : memref<77x100xi8>
  scf.forall (%i, %j) = (0, 0) to (%m, 100) step (144, 48) {
    %rows = affine.min affine_map<(i)[m] -> (144, m - i)>(%i)[%m]
    %columns = affine.min affine_map<(j) -> (48, 100 - j)>(%j)
    %a = memref.subview %x[%i, 0] [%rows, 77] [1, 1] : memref<?x77xi8> to memref<?x77xi8, strided<[77, 1], offset: ?>>
    %b = memref.subview %w[0, %j] [77, %columns] [1, 1] : memref<77x100xi8> to memref<77x?xi8, strided<[100, 1], offset: ?>>
    %c = memref.subview %y[%i, %j] [%rows, %columns] [1, 1] : memref<?x100xi8> to memref<?x?xi8, strided<[100, 1], offset: ?>>
    %s = memref.alloc(%rows, %columns) : memref<?x?xi32>
    linalg.fill ins(%zero : i32) outs(%s : memref<?x?xi32>)
    linalg.generic {indexing_maps = [#a, #b, #c], iterator_types = ["parallel", "parallel", "reduction"]}
        ins(%a, %b : memref<?x77xi8, strided<[77, 1], offset: ?>>, memref<77x?xi8, strided<[100, 1], offset: ?>>) outs(%s : memref<?x?xi32>) {
    ^bb0(%p: i8, %q: i8, %z: i32):
      %0 = arith.extui %p : i8 to i32
      %1 = arith.extsi %q : i8 to i32
      %2 = arith.muli %0, %1 : i32
      %3 = arith.addi %z, %2 : i32
      linalg.yield %3 : i32
    }
    linalg.generic {indexing_maps = [#i, #i], iterator_types = ["parallel", "parallel"]} ins(%s : memref<?x?xi32>) outs(%c : memref<?x?xi8, strided<[100, 1], offset: ?>>) {
    ^bb0(%p: i32, %q: i8):
      %0 = arith.sitofp %p : i32 to f32
      %1 = arith.mulf %0, %scale : f32
      %2 = math.roundeven %1 : f32
      %3 = arith.fptosi %2 : f32 to i8
      linalg.yield %3 : i8
    }
  }
  return
}

// -----

// A right side that is computed is packed first; the left one is signed here. The rows of the left side have to be
// contiguous.
// CHECK: func.func private @gemm_bytes_signed({{.*}}) attributes {pare.left_signed}
// CHECK-LABEL: @computed
// CHECK: memref.alloc() {alignment = 64 : i64} : memref<8x32xi8>
// CHECK: arith.shli
// CHECK: call @gemm_bytes_signed
// CHECK-LABEL: @turned
// CHECK: linalg.generic
#a = affine_map<(m, n, k) -> (m, k)>
#t = affine_map<(m, n, k) -> (k, m)>
#b = affine_map<(m, n, k) -> (k, n)>
#c = affine_map<(m, n, k) -> (m, n)>
func.func @computed(%a: memref<?x8xi8>, %b: memref<8x20xi8>, %c: memref<?x20xi32>) {
  linalg.generic {indexing_maps = [#a, #b, #c], iterator_types = ["parallel", "parallel", "reduction"]}
      ins(%a, %b : memref<?x8xi8>, memref<8x20xi8>) outs(%c : memref<?x20xi32>) {
  ^bb0(%x: i8, %y: i8, %z: i32):
    %0 = arith.extsi %x : i8 to i32
    %1 = arith.extui %y : i8 to i32
    %2 = arith.muli %0, %1 : i32
    %3 = arith.addi %z, %2 : i32
    linalg.yield %3 : i32
  }
  return
}
func.func @turned(%a: memref<8x?xi8>, %b: memref<8x20xi8>, %c: memref<?x20xi32>) {
  linalg.generic {indexing_maps = [#t, #b, #c], iterator_types = ["parallel", "parallel", "reduction"]}
      ins(%a, %b : memref<8x?xi8>, memref<8x20xi8>) outs(%c : memref<?x20xi32>) {
  ^bb0(%x: i8, %y: i8, %z: i32):
    %0 = arith.extui %x : i8 to i32
    %1 = arith.extsi %y : i8 to i32
    %2 = arith.muli %0, %1 : i32
    %3 = arith.addi %z, %2 : i32
    linalg.yield %3 : i32
  }
  return
}
