// A module after phase `codegen`, written by hand: what the code generator promises to Target, and nothing more.
// REQUIRES: compiler
// RUN: pare compile %s --start-from=codegen -o %t.pare
// RUN: pare-run %t.pare --inspect | FileCheck %s --check-prefix=INSPECT
// RUN: %python %S/Inputs/run.py %t.pare x=f32:3x4 > %t.txt
// RUN: FileCheck %s --check-prefix=VALUES < %t.txt

// INSPECT: entry main
// INSPECT-NEXT: input  x: f32[batch, 4]
// INSPECT-NEXT: output y: f32[batch, 4]
// INSPECT-NEXT: output panels: f32[24]
// VALUES: y: 1 3 5 7 5 7 9 11 9 11 13 15
// The matrix {0 1 2, 3 4 5}: panels of width 2, the second padded; then the same from its transpose.
// VALUES-NEXT: panels: 0 1 3 4 2 0 5 0 0 0 0 0 0 0 0 0 0 1 3 4 2 0 5 0
module attributes {
  pare.entries = [{
    name = "main",
    inputs = [{name = "x", type = tensor<?x4xf32>, dims = ["batch", ""]}],
    outputs = [{name = "y", type = tensor<?x4xf32>, dims = ["batch", ""]},
               {name = "panels", type = tensor<24xf32>, dims = [""]}]}],
  pare.weights = [
    {data = dense<[1.0, 2.0, 3.0, 4.0]> : tensor<4xf32>, offset = 0 : i64},
    {data = dense<[[0.0, 1.0, 2.0], [3.0, 4.0, 5.0]]> : tensor<2x3xf32>, offset = 64 : i64,
     layout = {kind = "panels", width = 2 : i64}},
    {data = dense<[[0.0, 3.0], [1.0, 4.0], [2.0, 5.0]]> : tensor<3x2xf32>, offset = 128 : i64,
     layout = {kind = "panels", transposed, width = 2 : i64}}]
} {
  module @host attributes {pare.variant = "x86-64-v2"} {
    llvm.mlir.global external constant @pare_abi_version(1 : i32) : i32
    llvm.mlir.global external constant @pare_num_kernels(1 : i32) : i32
    llvm.mlir.global external constant @pare_num_slots(0 : i32) : i32
    llvm.func @memcpy(!llvm.ptr, !llvm.ptr, i64) -> !llvm.ptr

    llvm.func @pare_entry_main(%ctx: !llvm.ptr, %inputs: !llvm.ptr, %dims: !llvm.ptr) -> i32 {
      %one = llvm.mlir.constant(1 : i64) : i64
      %four = llvm.mlir.constant(4 : i64) : i64
      %sixteen = llvm.mlir.constant(16 : i64) : i64
      // y, from one call of the kernel per row.
      %batch = llvm.load %dims : !llvm.ptr -> i64
      %bytes = llvm.mul %batch, %sixteen : i64
      %output_at = llvm.getelementptr %ctx[48] : (!llvm.ptr) -> !llvm.ptr, i8
      %output = llvm.load %output_at : !llvm.ptr -> !llvm.ptr
      %zero32 = llvm.mlir.constant(0 : i32) : i32
      %one32 = llvm.mlir.constant(1 : i32) : i32
      %two32 = llvm.mlir.constant(2 : i32) : i32
      %y = llvm.call %output(%ctx, %zero32, %dims, %two32, %bytes) : !llvm.ptr, (!llvm.ptr, i32, !llvm.ptr, i32, i64) -> !llvm.ptr
      %x = llvm.load %inputs : !llvm.ptr -> !llvm.ptr
      %args = llvm.alloca %four x i64 : (i64) -> !llvm.ptr
      %xi = llvm.ptrtoint %x : !llvm.ptr to i64
      llvm.store %xi, %args : i64, !llvm.ptr
      %arg1 = llvm.getelementptr %args[1] : (!llvm.ptr) -> !llvm.ptr, i64
      %yi = llvm.ptrtoint %y : !llvm.ptr to i64
      llvm.store %yi, %arg1 : i64, !llvm.ptr
      %kernels_at = llvm.getelementptr %ctx[16] : (!llvm.ptr) -> !llvm.ptr, i8
      %kernels = llvm.load %kernels_at : !llvm.ptr -> !llvm.ptr
      %kernel = llvm.load %kernels : !llvm.ptr -> !llvm.ptr
      %parallel_at = llvm.getelementptr %ctx[56] : (!llvm.ptr) -> !llvm.ptr, i8
      %parallel = llvm.load %parallel_at : !llvm.ptr -> !llvm.ptr
      llvm.call %parallel(%ctx, %kernel, %args, %batch) : !llvm.ptr, (!llvm.ptr, !llvm.ptr, !llvm.ptr, i64) -> ()
      // panels: the weights as they lie there.
      %count = llvm.mlir.constant(24 : i64) : i64
      llvm.store %count, %args : i64, !llvm.ptr
      %packed_bytes = llvm.mlir.constant(96 : i64) : i64
      %panels = llvm.call %output(%ctx, %one32, %args, %one32, %packed_bytes) : !llvm.ptr, (!llvm.ptr, i32, !llvm.ptr, i32, i64) -> !llvm.ptr
      %weights_at = llvm.getelementptr %ctx[8] : (!llvm.ptr) -> !llvm.ptr, i8
      %weights = llvm.load %weights_at : !llvm.ptr -> !llvm.ptr
      %packed = llvm.getelementptr %weights[64] : (!llvm.ptr) -> !llvm.ptr, i8
      llvm.call @memcpy(%panels, %packed, %packed_bytes) : (!llvm.ptr, !llvm.ptr, i64) -> !llvm.ptr
      llvm.return %zero32 : i32
    }
  }

  module @x86_64_v2 attributes {pare.variant = "x86-64-v2"} {
    llvm.mlir.global external constant @pare_kernels_x86_64_v2() : !llvm.array<1 x ptr> {
      %table = llvm.mlir.undef : !llvm.array<1 x ptr>
      %kernel = llvm.mlir.addressof @add : !llvm.ptr
      %filled = llvm.insertvalue %kernel, %table[0] : !llvm.array<1 x ptr>
      llvm.return %filled : !llvm.array<1 x ptr>
    }
    // Row `tile` of y is row `tile` of x plus the first weight.
    llvm.func @add(%ctx: !llvm.ptr, %args: !llvm.ptr, %begin: i64, %end: i64, %worker: i32) {
      %four = llvm.mlir.constant(4 : i64) : i64
      %one = llvm.mlir.constant(1 : i64) : i64
      %xi = llvm.load %args : !llvm.ptr -> i64
      %x = llvm.inttoptr %xi : i64 to !llvm.ptr
      %arg1 = llvm.getelementptr %args[1] : (!llvm.ptr) -> !llvm.ptr, i64
      %yi = llvm.load %arg1 : !llvm.ptr -> i64
      %y = llvm.inttoptr %yi : i64 to !llvm.ptr
      %weights_at = llvm.getelementptr %ctx[8] : (!llvm.ptr) -> !llvm.ptr, i8
      %weights = llvm.load %weights_at : !llvm.ptr -> !llvm.ptr
      %bias = llvm.load %weights {alignment = 4 : i64} : !llvm.ptr -> vector<4xf32>
      llvm.br ^loop(%begin : i64)
    ^loop(%tile: i64):
      %more = llvm.icmp "slt" %tile, %end : i64
      llvm.cond_br %more, ^body, ^done
    ^body:
      %first = llvm.mul %tile, %four : i64
      %from = llvm.getelementptr %x[%first] : (!llvm.ptr, i64) -> !llvm.ptr, f32
      %to = llvm.getelementptr %y[%first] : (!llvm.ptr, i64) -> !llvm.ptr, f32
      %row = llvm.load %from {alignment = 4 : i64} : !llvm.ptr -> vector<4xf32>
      %sum = llvm.fadd %row, %bias : vector<4xf32>
      llvm.store %sum, %to {alignment = 4 : i64} : vector<4xf32>, !llvm.ptr
      %next = llvm.add %tile, %one : i64
      llvm.br ^loop(%next : i64)
    ^done:
      llvm.return
    }
  }
}
