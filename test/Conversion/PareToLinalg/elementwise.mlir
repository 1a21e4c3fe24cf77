// RUN: pare-opt %s --convert-pare-to-linalg --split-input-file | FileCheck %s

// Nothing to do.
// CHECK-LABEL: func.func @nothing(
// CHECK-NEXT: return
func.func @nothing(%x: f32) -> f32 {
  return %x : f32
}

// -----

// The signature loses its signs and remembers them.
// CHECK-LABEL: func.func @signature(
// CHECK-SAME: tensor<?x4xi8> {pare.name = "x", pare.type = tensor<?x4xui8>}
// CHECK-SAME: tensor<?x4xi64> {pare.type = tensor<?x4xsi64>}
// CHECK: linalg.generic
// CHECK: arith.extui
func.func @signature(%x: tensor<?x4xui8> {pare.name = "x"}) -> tensor<?x4xsi64> {
  %y = pare.cast %x {to = si64} : (tensor<?x4xui8>) -> tensor<?x4xsi64>
  return %y : tensor<?x4xsi64>
}

// -----

// A static 1 broadcasts by its map; no check is needed.
// CHECK: #[[ROW:.*]] = affine_map<(d0, d1) -> (d0, 0)>
// CHECK-LABEL: func.func @one(
// CHECK-NOT: cf.assert
// CHECK: linalg.generic {indexing_maps = [#{{.*}}, #[[ROW]], #{{.*}}]
func.func @one(%a: tensor<?x4xf32> {pare.dims = ["n", ""]}, %b: tensor<?x1xf32> {pare.dims = ["n", ""]}) -> tensor<?x4xf32> {
  %y = pare.sub %a, %b : (tensor<?x4xf32>, tensor<?x1xf32>) -> tensor<?x4xf32>
  return %y : tensor<?x4xf32>
}

// -----

// Sizes of which nothing is known: checked, and read at 0 where they are 1.
// CHECK-LABEL: func.func @unknown(
// CHECK: cf.assert %{{.*}}, "node 'sum' (Add): operands cannot be broadcast"
// CHECK: linalg.generic
// CHECK: arith.select
// CHECK: tensor.extract
func.func @unknown(%a: tensor<?xf32>, %b: tensor<?xf32>) -> tensor<?xf32> {
  %y = pare.add %a, %b : (tensor<?xf32>, tensor<?xf32>) -> tensor<?xf32> loc(fused<"Add">["sum"])
  return %y : tensor<?xf32>
}

// -----

// Shape arithmetic becomes scalar arithmetic.
// CHECK-LABEL: func.func @shape(
// CHECK: tensor.dim
// CHECK-NOT: linalg
// CHECK: tensor.from_elements
func.func @shape(%x: tensor<?x8xf32>) -> tensor<2xsi64> {
  %s = pare.shape_of %x : (tensor<?x8xf32>) -> tensor<2xsi64>
  %c = pare.constant dense<2> : tensor<si64>
  %y = pare.mul %s, %c : (tensor<2xsi64>, tensor<si64>) -> tensor<2xsi64>
  return %y : tensor<2xsi64>
}

// -----

// NaN goes through; narrow floats are computed in f32.
// CHECK-LABEL: func.func @narrow(
// CHECK: arith.extf
// CHECK: math.exp %{{.*}} : f32
// CHECK: arith.truncf
// CHECK: arith.maximumf
func.func @narrow(%x: tensor<4xf16>) -> tensor<4xf16> {
  %y = pare.exp %x : (tensor<4xf16>) -> tensor<4xf16>
  %z = pare.relu %y : (tensor<4xf16>) -> tensor<4xf16>
  return %z : tensor<4xf16>
}

// -----

// One image: nothing repeats along its axis, so that the sums of a convolution and what follows are seen to match.
// CHECK: #[[BATCH:.*]] = affine_map<(d0, d1) -> (d0, d1)>
// CHECK-LABEL: func.func @batch(
// CHECK: linalg.generic {indexing_maps = [#[[BATCH]], #[[BATCH]], #[[BATCH]]]
func.func @batch(%a: tensor<1x4xf32>, %b: tensor<1x4xf32>) -> tensor<1x4xf32> {
  %y = pare.sub %a, %b : (tensor<1x4xf32>, tensor<1x4xf32>) -> tensor<1x4xf32>
  return %y : tensor<1x4xf32>
}
