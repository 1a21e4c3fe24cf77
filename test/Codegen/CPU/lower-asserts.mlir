// RUN: pare-opt %s --pare-lower-asserts | FileCheck %s

// CHECK: llvm.mlir.global internal constant @text_0("node 'n' (Add): no\00")

// Nothing to do.
// CHECK-LABEL: @none
// CHECK-NOT: cf.cond_br
func.func @none(%ctx: !llvm.ptr) -> i32 {
  %0 = arith.constant 0 : i32
  return %0 : i32
}

// CHECK-LABEL: @fails
// CHECK: cf.cond_br %{{.*}}, ^[[ON:.*]], ^[[STOP:.*]]
// CHECK: ^[[ON]]:
// CHECK: return
// CHECK: ^[[STOP]]:
// CHECK: llvm.call
// CHECK: return
func.func @fails(%ctx: !llvm.ptr, %ok: i1) -> i32 {
  cf.assert %ok, "node 'n' (Add): no"
  %0 = arith.constant 0 : i32
  return %0 : i32
}
