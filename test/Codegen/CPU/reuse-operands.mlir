// RUN: pare-opt %s --pass-pipeline='builtin.module(func.func(pare-reuse-operands))' --split-input-file | FileCheck %s

// A chain of residuals: each takes the place of the one before.
// CHECK-LABEL: @chain
// CHECK: %[[E:.*]] = tensor.empty
// CHECK: %[[A:.*]] = scf.forall {{.*}} shared_outs(%{{.*}} = %[[E]])
// CHECK: %[[B:.*]] = scf.forall (%[[I:.*]]) = {{.*}} shared_outs(%[[O:.*]] = %[[A]])
// CHECK-NEXT: tensor.extract_slice %[[O]][%[[I]], 0] [2, 8] [1, 1]
// CHECK: scf.forall {{.*}} shared_outs(%[[P:.*]] = %[[B]])
// CHECK-NEXT: tensor.extract_slice %[[P]]
func.func @chain(%x: tensor<?x8xf32>, %n: index) -> tensor<?x8xf32> {
  %empty = tensor.empty(%n) : tensor<?x8xf32>
  %a = scf.forall (%i) = (0) to (%n) step (2) shared_outs(%o = %empty) -> (tensor<?x8xf32>) {
    %s = tensor.extract_slice %x[%i, 0] [2, 8] [1, 1] : tensor<?x8xf32> to tensor<2x8xf32>
    scf.forall.in_parallel { tensor.parallel_insert_slice %s into %o[%i, 0] [2, 8] [1, 1] : tensor<2x8xf32> into tensor<?x8xf32> }
  }
  %b = scf.forall (%i) = (0) to (%n) step (2) shared_outs(%o = %empty) -> (tensor<?x8xf32>) {
    %s = tensor.extract_slice %a[%i, 0] [2, 8] [1, 1] : tensor<?x8xf32> to tensor<2x8xf32>
    %r = math.absf %s : tensor<2x8xf32>
    scf.forall.in_parallel { tensor.parallel_insert_slice %r into %o[%i, 0] [2, 8] [1, 1] : tensor<2x8xf32> into tensor<?x8xf32> }
  }
  %c = scf.forall (%i) = (0) to (%n) step (2) shared_outs(%o = %empty) -> (tensor<?x8xf32>) {
    %s = tensor.extract_slice %b[%i, 0] [2, 8] [1, 1] : tensor<?x8xf32> to tensor<2x8xf32>
    %r = math.absf %s : tensor<2x8xf32>
    scf.forall.in_parallel { tensor.parallel_insert_slice %r into %o[%i, 0] [2, 8] [1, 1] : tensor<2x8xf32> into tensor<?x8xf32> }
  }
  return %c : tensor<?x8xf32>
}

// -----

// Not what is returned as well, what another tile may read, what was made elsewhere, what has another size, or what is
// inserted somewhere itself.
// CHECK-LABEL: @others
// CHECK: %[[E:.*]] = tensor.empty
// CHECK-COUNT-5: shared_outs(%{{.*}} = %[[E]])
// CHECK: tensor.insert_slice
func.func @others(%x: tensor<8x8xf32>, %y: tensor<16x8xf32>) -> (tensor<8x8xf32>, tensor<8x8xf32>, tensor<16x8xf32>) {
  %empty = tensor.empty() : tensor<8x8xf32>
  %given = scf.forall (%i) = (0) to (8) step (2) shared_outs(%o = %empty) -> (tensor<8x8xf32>) {
    %s = tensor.extract_slice %x[%i, 0] [2, 8] [1, 1] : tensor<8x8xf32> to tensor<2x8xf32>
    scf.forall.in_parallel { tensor.parallel_insert_slice %s into %o[%i, 0] [2, 8] [1, 1] : tensor<2x8xf32> into tensor<8x8xf32> }
  }
  %returned = scf.forall (%i) = (0) to (8) step (2) shared_outs(%o = %empty) -> (tensor<8x8xf32>) {
    %s = tensor.extract_slice %given[%i, 0] [2, 8] [1, 1] : tensor<8x8xf32> to tensor<2x8xf32>
    %t = tensor.extract_slice %given[0, 0] [2, 8] [1, 1] : tensor<8x8xf32> to tensor<2x8xf32>
    %r = arith.addf %s, %t : tensor<2x8xf32>
    scf.forall.in_parallel { tensor.parallel_insert_slice %r into %o[%i, 0] [2, 8] [1, 1] : tensor<2x8xf32> into tensor<8x8xf32> }
  }
  %after = scf.forall (%i) = (0) to (8) step (2) shared_outs(%o = %empty) -> (tensor<8x8xf32>) {
    %s = tensor.extract_slice %returned[%i, 0] [2, 8] [1, 1] : tensor<8x8xf32> to tensor<2x8xf32>
    scf.forall.in_parallel { tensor.parallel_insert_slice %s into %o[%i, 0] [2, 8] [1, 1] : tensor<2x8xf32> into tensor<8x8xf32> }
  }
  %larger = tensor.insert_slice %after into %y[0, 0] [8, 8] [1, 1] : tensor<8x8xf32> into tensor<16x8xf32>
  %part = scf.forall (%i) = (0) to (8) step (2) shared_outs(%o = %empty) -> (tensor<8x8xf32>) {
    %s = tensor.extract_slice %larger[%i, 0] [2, 8] [1, 1] : tensor<16x8xf32> to tensor<2x8xf32>
    scf.forall.in_parallel { tensor.parallel_insert_slice %s into %o[%i, 0] [2, 8] [1, 1] : tensor<2x8xf32> into tensor<8x8xf32> }
  }
  %inserted = scf.forall (%i) = (0) to (8) step (2) shared_outs(%o = %empty) -> (tensor<8x8xf32>) {
    %s = tensor.extract_slice %part[%i, 0] [2, 8] [1, 1] : tensor<8x8xf32> to tensor<2x8xf32>
    scf.forall.in_parallel { tensor.parallel_insert_slice %s into %o[%i, 0] [2, 8] [1, 1] : tensor<2x8xf32> into tensor<8x8xf32> }
  }
  %placed = tensor.insert_slice %inserted into %larger[8, 0] [8, 8] [1, 1] : tensor<8x8xf32> into tensor<16x8xf32>
  return %returned, %part, %placed : tensor<8x8xf32>, tensor<8x8xf32>, tensor<16x8xf32>
}
