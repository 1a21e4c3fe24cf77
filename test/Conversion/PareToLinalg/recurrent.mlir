// RUN: pare-opt %s --split-input-file --convert-pare-to-linalg --canonicalize --cse | FileCheck %s
// RUN: pare-opt %s --split-input-file --convert-pare-to-linalg --pare-cpu-lower --pare-bufferize --canonicalize --cse | FileCheck %s --check-prefix=BUFFER

// A step is one parallel loop: all gates of 48 units are one contraction and one elementwise nest, which writes y and the
// states in place. Other tiles read a copy of the old hidden state.
// CHECK-LABEL: @lstm
// CHECK: %[[LOOP:.*]]:3 = scf.for %[[T:.*]] = %{{.*}} iter_args(%[[Y:.*]] = %{{.*}}, %[[H:.*]] = %{{.*}}, %[[C:.*]] = %{{.*}}) -> (tensor<?x1x?x100xf32>, tensor<?x100xf32>, tensor<?x100xf32>)
// CHECK: %[[OLD:.*]] = bufferization.alloc_tensor() copy(%[[H]])
// CHECK: scf.forall (%[[U:.*]], %[[B:.*]]) = (0, 0) to (100, %{{.*}}) step (48, 36) shared_outs(%{{.*}} = %[[Y]], %{{.*}} = %[[H]], %{{.*}} = %[[C]])
// CHECK: %[[LEFT:.*]] = tensor.extract_slice %[[OLD]][%[[B]], 0]
// CHECK: %[[RIGHT:.*]] = tensor.extract_slice %{{.*}}[0, 0, %[[U]], 0] [1, 4, %{{.*}}, 100]
// CHECK: linalg.generic {{.*}} ins(%[[LEFT]], %[[RIGHT]] :
// CHECK-COUNT-2: math.tanh
// CHECK-COUNT-3: tensor.parallel_insert_slice
// BUFFER-LABEL: @lstm
// BUFFER: scf.for
// BUFFER: memref.copy %{{.*}}, %{{.*}} : memref<?x100xf32> to memref<?x100xf32>
// BUFFER: scf.forall
// BUFFER-NOT: memref.copy {{.*}}x1x
// BUFFER: return
func.func @lstm(%x: tensor<?x?x400xf32>, %r: tensor<1x400x100xf32>) -> tensor<?x1x?x100xf32> {
  %y, %h, %c = pare.lstm %x, %r {direction = #pare.direction<forward>, activations = [#pare.activation<kind = sigmoid>, #pare.activation<kind = tanh>, #pare.activation<kind = tanh>]} : (tensor<?x?x400xf32>, tensor<1x400x100xf32>) -> (tensor<?x1x?x100xf32>, tensor<1x?x100xf32>, tensor<1x?x100xf32>)
  return %y : tensor<?x1x?x100xf32>
}

// -----

// Both directions write one y. The second begins at the last step, and lengths select.
// CHECK-LABEL: @both
// CHECK: cf.assert %{{.*}}, "a sequence has more steps than x, or a negative number"
// CHECK: %[[FIRST:.*]]:2 = scf.for
// CHECK: arith.cmpi slt
// CHECK: arith.select
// CHECK: scf.for %[[I:.*]] = %{{.*}} iter_args(%{{.*}} = %[[FIRST]]#0
// CHECK: arith.subi %{{.*}}, %[[I]]
func.func @both(%x: tensor<?x?x20xf32>, %r: tensor<2x10x10xf32>, %n: tensor<?xsi32>) -> tensor<?x2x?x10xf32> {
  %y, %h = pare.rnn %x, %r sequence_lens(%n : tensor<?xsi32>) {direction = #pare.direction<bidirectional>, activations = [#pare.activation<kind = tanh>, #pare.activation<kind = tanh>]} : (tensor<?x?x20xf32>, tensor<2x10x10xf32>) -> (tensor<?x2x?x10xf32>, tensor<2x?x10xf32>)
  return %y : tensor<?x2x?x10xf32>
}

// -----

// What nobody reads is not carried. A reset before the product takes two parallel loops and no copy.
// CHECK-LABEL: @gru
// CHECK: scf.for {{.*}} -> (tensor<?x100xf32>) {
// CHECK-NOT: alloc_tensor
// CHECK: scf.forall
// CHECK: scf.forall
// CHECK: scf.yield
func.func @gru(%x: tensor<?x?x300xf32>, %r: tensor<1x300x100xf32>) -> tensor<1x?x100xf32> {
  %y, %h = pare.gru %x, %r {direction = #pare.direction<forward>, activations = [#pare.activation<kind = sigmoid>, #pare.activation<kind = tanh>]} : (tensor<?x?x300xf32>, tensor<1x300x100xf32>) -> (tensor<?x1x?x100xf32>, tensor<1x?x100xf32>)
  return %h : tensor<1x?x100xf32>
}
