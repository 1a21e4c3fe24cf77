// RUN: pare-opt %s --pare-cpu-codegen | FileCheck %s

// The whole of phase `codegen`: a host program, and kernels with their table for each variant.
// CHECK: module attributes {pare.entries = [{{.*}}name = "main"{{.*}}pare.launches = [{kernel = 0 : i64,
// CHECK: module @x86_64_v2
// CHECK: llvm.func internal @run_kernel_0
// CHECK: llvm.func internal @gemm_f32
// CHECK: llvm.mlir.global external constant @pare_kernels_x86_64_v2
// CHECK: module @x86_64_v3
// CHECK: vector<8xf32>
// CHECK: llvm.mlir.global external constant @pare_kernels_x86_64_v3
// CHECK: module @x86_64_v4
// CHECK: vector<16xf32>
// CHECK: llvm.mlir.global external constant @pare_kernels_x86_64_v4
// CHECK: module @host
// CHECK: llvm.func @pare_entry_main(%[[CTX:.*]]: !llvm.ptr, %{{.*}}: !llvm.ptr, %{{.*}}: !llvm.ptr) -> i32
// In front of the arguments: the number of the launch, its FLOPs and its bytes, which nobody has noted here.
// CHECK: %[[RECORD:.*]] = llvm.alloca
// CHECK-DAG: %[[UNKNOWN:.*]] = llvm.mlir.constant(-1 : i64)
// CHECK-DAG: %[[NUMBER:.*]] = llvm.mlir.constant(0 : i64)
// CHECK: %[[AT:.*]] = llvm.getelementptr %[[RECORD]][0]
// CHECK-NEXT: llvm.store %[[NUMBER]], %[[AT]]
// CHECK-NEXT: %[[AT:.*]] = llvm.getelementptr %[[RECORD]][8]
// CHECK-NEXT: llvm.store %[[UNKNOWN]], %[[AT]]
// CHECK-NEXT: %[[AT:.*]] = llvm.getelementptr %[[RECORD]][16]
// CHECK-NEXT: llvm.store %[[UNKNOWN]], %[[AT]]
// CHECK: llvm.getelementptr %[[RECORD]][24]
// CHECK: %[[ARGS:.*]] = llvm.getelementptr %[[RECORD]][24]
// CHECK: llvm.call %{{.*}}(%[[CTX]], %{{.*}}, %[[ARGS]], %{{.*}}) : !llvm.ptr, (!llvm.ptr, !llvm.ptr, !llvm.ptr, i64) -> ()
// CHECK: llvm.mlir.global external constant @pare_num_kernels(1 : i32)
// CHECK-NOT: module @tiles
// CHECK-NOT: unrealized_conversion_cast
func.func @main(%a: tensor<?x8xf32> {pare.name = "a"}, %b: tensor<8x16xf32> {pare.name = "b"}) -> (tensor<?x16xf32> {pare.name = "c"}) {
  %c0 = arith.constant 0 : index
  %zero = arith.constant 0.0 : f32
  %m = tensor.dim %a, %c0 : tensor<?x8xf32>
  %e = tensor.empty(%m) : tensor<?x16xf32>
  %r = scf.forall (%i) = (0) to (%m) step (144) shared_outs(%o = %e) -> tensor<?x16xf32> {
    %n = affine.min affine_map<(d0)[s0] -> (144, s0 - d0)>(%i)[%m]
    %at = tensor.extract_slice %a[%i, 0] [%n, 8] [1, 1] : tensor<?x8xf32> to tensor<?x8xf32>
    %ot = tensor.extract_slice %o[%i, 0] [%n, 16] [1, 1] : tensor<?x16xf32> to tensor<?x16xf32>
    %f = linalg.fill ins(%zero : f32) outs(%ot : tensor<?x16xf32>) -> tensor<?x16xf32>
    %p = linalg.matmul ins(%at, %b : tensor<?x8xf32>, tensor<8x16xf32>) outs(%f : tensor<?x16xf32>) -> tensor<?x16xf32>
    scf.forall.in_parallel {
      tensor.parallel_insert_slice %p into %o[%i, 0] [%n, 16] [1, 1] : tensor<?x16xf32> into tensor<?x16xf32>
    }
  }
  return %r : tensor<?x16xf32>
}
