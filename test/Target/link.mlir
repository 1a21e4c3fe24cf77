// What generated code may call: libc and libm, and clang's support library, which is linked in.
// REQUIRES: compiler
// RUN: split-file %s %t
// RUN: pare compile %t/good.mlir --start-from=codegen -o %t/good.pare
// RUN: %python %S/Inputs/run.py %t/good.pare x=f32: | FileCheck %s --check-prefix=GOOD
// RUN: llvm-readelf -d %t/good.pare | FileCheck %s --check-prefix=NEEDED
// RUN: llvm-readelf --dyn-syms %t/good.pare | FileCheck %s --check-prefix=SYMBOLS
// RUN: not pare compile %t/bad.mlir --start-from=codegen -o %t/bad.pare 2>&1 | FileCheck %s --check-prefix=BAD
// RUN: not ls %t/bad.pare

// GOOD: y: 1
// NEEDED: NEEDED{{.*}}libm.so.6
// NEEDED-NOT: NEEDED
// Nothing but the contract is visible, and no symbol has the version of some C library.
// SYMBOLS-NOT: @
// SYMBOLS: UND cosf
// SYMBOLS-NOT: UND
// SYMBOLS-NOT: truncsfhf
// SYMBOLS-NOT: helper
// BAD: error: {{.*}}bad.mlir: cannot link: {{.*}}undefined symbol: printf

//--- good.mlir
module attributes {
  pare.entries = [{name = "main", inputs = [{name = "x", type = tensor<f32>, dims = []}],
                   outputs = [{name = "y", type = tensor<f16>, dims = []}]}]
} {
  module @host attributes {pare.variant = "x86-64-v2"} {
    llvm.mlir.global external constant @pare_abi_version(1 : i32) : i32
    llvm.mlir.global external constant @pare_num_kernels(0 : i32) : i32
    llvm.mlir.global external constant @pare_num_slots(0 : i32) : i32
    llvm.func @cosf(f32) -> f32
    llvm.func @helper(%x: f32) -> f16 attributes {no_inline} {
      %narrow = llvm.fptrunc %x : f32 to f16
      llvm.return %narrow : f16
    }
    llvm.func @pare_entry_main(%ctx: !llvm.ptr, %inputs: !llvm.ptr, %dims: !llvm.ptr) -> i32 {
      %zero = llvm.mlir.constant(0 : i32) : i32
      %bytes = llvm.mlir.constant(2 : i64) : i64
      %output_at = llvm.getelementptr %ctx[48] : (!llvm.ptr) -> !llvm.ptr, i8
      %output = llvm.load %output_at : !llvm.ptr -> !llvm.ptr
      %y = llvm.call %output(%ctx, %zero, %dims, %zero, %bytes) : !llvm.ptr, (!llvm.ptr, i32, !llvm.ptr, i32, i64) -> !llvm.ptr
      %x_at = llvm.load %inputs : !llvm.ptr -> !llvm.ptr
      %x = llvm.load %x_at : !llvm.ptr -> f32
      %cos = llvm.call @cosf(%x) : (f32) -> f32
      %narrow = llvm.call @helper(%cos) : (f32) -> f16
      llvm.store %narrow, %y : f16, !llvm.ptr
      llvm.return %zero : i32
    }
  }
}

//--- bad.mlir
module attributes {
  pare.entries = [{name = "main", inputs = [], outputs = []}]
} {
  module @host attributes {pare.variant = "x86-64-v2"} {
    llvm.func @printf(!llvm.ptr) -> i32
    llvm.func @pare_entry_main(%ctx: !llvm.ptr, %inputs: !llvm.ptr, %dims: !llvm.ptr) -> i32 {
      %printed = llvm.call @printf(%ctx) : (!llvm.ptr) -> i32
      llvm.return %printed : i32
    }
  }
}
