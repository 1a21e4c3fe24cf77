// RUN: pare-opt %s --pare-expand-math | FileCheck %s

// Nothing to do: libm has the others.
// CHECK-LABEL: @others
// CHECK: math.log
// CHECK: math.exp %{{.*}} : f64
func.func @others(%x: f32, %y: f64) -> (f32, f64) {
  %0 = math.log %x : f32
  %1 = math.exp %y : f64
  return %0, %1 : f32, f64
}

// CHECK-LABEL: @expanded
// CHECK-NOT: math.
// CHECK: return
func.func @expanded(%x: f32) -> (f32, f32, f32) {
  %0 = math.exp %x : f32
  %1 = math.erf %x : f32
  %2 = math.tanh %x : f32
  return %0, %1, %2 : f32, f32, f32
}

// What is not positive, and may be approximate: 2^n in one factor.
// CHECK-LABEL: @not_positive
// CHECK-NOT: math.exp
// CHECK-COUNT-1: arith.shli
// CHECK-NOT: arith.shli
// CHECK: return
func.func @not_positive(%x: f32) -> f32 {
  %zero = arith.constant 0.0 : f32
  %above = arith.cmpf ogt, %x, %zero : f32
  %low = arith.select %above, %zero, %x : f32
  %0 = math.exp %low fastmath<afn> : f32
  return %0 : f32
}

// CHECK-LABEL: @exact
// CHECK-COUNT-2: arith.shli
func.func @exact(%x: f32) -> f32 {
  %zero = arith.constant 0.0 : f32
  %above = arith.cmpf ogt, %x, %zero : f32
  %low = arith.select %above, %zero, %x : f32
  %0 = math.exp %low : f32
  return %0 : f32
}

// CHECK-LABEL: @narrow
// CHECK-NOT: arith.extf
// CHECK-NOT: arith.truncf
// CHECK: return
func.func @narrow(%h: f16, %b: bf16) -> (bf16, f16) {
  %0 = arith.extf %h : f16 to f32
  %1 = arith.extf %b : bf16 to f32
  %2 = arith.truncf %0 : f32 to bf16
  %3 = arith.truncf %1 : f32 to f16
  return %2, %3 : bf16, f16
}
