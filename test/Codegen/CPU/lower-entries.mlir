// RUN: pare-opt %s --split-input-file --pare-outline-kernels --pare-lower-entries | FileCheck %s

// Two buffers whose lifetimes do not meet, one that is an output, one weight, an input given back.
// CHECK: module attributes {pare.entries = [{inputs = [{dims = ["n"], name = "x", type = tensor<?xsi32>}]
// CHECK-SAME: name = "main"
// CHECK-SAME: pare.weights = [{data = dense<{{.*}}> : tensor<4xf32>, offset = 0 : i64}, {data = dense<{{.*}}> : tensor<8xf32>, offset = 64 : i64}]
// CHECK: module @host attributes {pare.variant = "x86-64-v2"}
// CHECK: func.func @pare_entry_main(%[[CTX:.*]]: !llvm.ptr, %[[IN:.*]]: !llvm.ptr, %[[DIMS:.*]]: !llvm.ptr) -> i32
// CHECK: llvm.mlir.global external constant @pare_abi_version(1 : i32)
// CHECK: @pare_num_slots(2 : i32)
// CHECK: @pare_slots
module {
  memref.global "private" @w0 : memref<4xf32> {pare.data = dense<[1.0, 2.0, 3.0, 4.0]> : tensor<4xf32>}
  memref.global "private" @w1 : memref<8xf32> {pare.data = dense<0.5> : tensor<8xf32>}
  func.func @main(%x: memref<?xi32> {pare.name = "x", pare.dims = ["n"], pare.type = tensor<?xsi32>}) -> (memref<?xi32>, memref<4xf32>, memref<4xf32>) {
    %w0 = memref.get_global @w0 : memref<4xf32>
    %w1 = memref.get_global @w1 : memref<8xf32>
    %part = memref.subview %w1[0] [4] [1] : memref<8xf32> to memref<4xf32, strided<[1]>>
    %a = memref.alloc() : memref<4xf32>
    memref.copy %w0, %a : memref<4xf32> to memref<4xf32>
    %b = memref.alloc() : memref<4xf32>
    memref.copy %a, %b : memref<4xf32> to memref<4xf32>
    %c = memref.alloc() : memref<4xf32>
    memref.copy %b, %c : memref<4xf32> to memref<4xf32>
    memref.copy %part, %c : memref<4xf32, strided<[1]>> to memref<4xf32>
    return %x, %c, %w0 : memref<?xi32>, memref<4xf32>, memref<4xf32>
  }
}

// -----

// An output of another shape than what is computed: that is written in the output's memory, and nothing is copied. The
// sizes of the second are known only behind its buffer: that one is.
// CHECK: func.func @pare_entry_main
// CHECK: linalg.fill
// CHECK-NOT: memref.copy
// CHECK: linalg.fill
// CHECK: memref.copy
// CHECK-NOT: memref.copy
// CHECK: @pare_num_slots
module {
  func.func @main(%x: memref<?x?xf32> {pare.name = "x", pare.dims = ["a", "b"], pare.type = tensor<?x?xf32>}) -> (memref<?x?x4xf32>, memref<?x?x4xf32>) {
    %c0 = arith.constant 0 : index
    %c1 = arith.constant 1 : index
    %zero = arith.constant 0.0 : f32
    %a = memref.dim %x, %c0 : memref<?x?xf32>
    %b = memref.dim %x, %c1 : memref<?x?xf32>
    %rows = arith.muli %a, %b : index
    %first = memref.alloc(%rows) : memref<?x4xf32>
    linalg.fill ins(%zero : f32) outs(%first : memref<?x4xf32>)
    %whole = memref.expand_shape %first [[0, 1], [2]] output_shape [%a, %b, 4] : memref<?x4xf32> into memref<?x?x4xf32>
    %second = memref.alloc(%rows) : memref<?x4xf32>
    linalg.fill ins(%zero : f32) outs(%second : memref<?x4xf32>)
    %late = arith.muli %a, %c1 : index
    %other = memref.expand_shape %second [[0, 1], [2]] output_shape [%late, %b, 4] : memref<?x4xf32> into memref<?x?x4xf32>
    return %whole, %other : memref<?x?x4xf32>, memref<?x?x4xf32>
  }
}
