// RUN: pare-opt %s --pare-raise-activations --cse --split-input-file --remark-format=emitRemark --remarks-filter-missed=".*" --remarks-filter-passed=".*" 2>%t.remarks | FileCheck %s
// RUN: FileCheck %s --check-prefix=REMARK < %t.remarks
// RUN: sed '/^\/\/ -----/d' %s > %t.mlir && pare verify %t.mlir

// Nothing to do: functions that are one op, and x * sigmoid(x), which none is.
// CHECK-LABEL: func.func @nothing
// CHECK: pare.tanh
// CHECK: pare.erf
// CHECK: pare.sigmoid
// CHECK-NEXT: pare.mul
func.func @nothing(%x: tensor<?x4xf32>) -> (tensor<?x4xf32>, tensor<?x4xf32>, tensor<?x4xf32>) {
  %0 = pare.tanh %x : (tensor<?x4xf32>) -> tensor<?x4xf32>
  %1 = pare.erf %x : (tensor<?x4xf32>) -> tensor<?x4xf32>
  %2 = pare.sigmoid %x : (tensor<?x4xf32>) -> tensor<?x4xf32>
  %3 = pare.mul %x, %2 : (tensor<?x4xf32>, tensor<?x4xf32>) -> tensor<?x4xf32>
  return %0, %1, %3 : tensor<?x4xf32>, tensor<?x4xf32>, tensor<?x4xf32>
}

// -----

// GELU by erf: (x * (1 + erf(x / sqrt 2))) * 0.5; x * (0.5 + 0.5 erf(sqrt(1/2) x)); (0.5 x) * (1 - erf(-x / sqrt 2)).
// CHECK-LABEL: func.func @erf
// CHECK-SAME: %[[X:.*]]: tensor<?x4xf32>
// CHECK-NEXT: %[[Y:.*]] = pare.gelu %[[X]] : (tensor<?x4xf32>) -> tensor<?x4xf32>
// CHECK-NEXT: return %[[Y]], %[[Y]], %[[Y]]
// REMARK: [Passed] raise-activations | Category:raise | Remark="recognised GELU"
func.func @erf(%x: tensor<?x4xf32>) -> (tensor<?x4xf32>, tensor<?x4xf32>, tensor<?x4xf32>) {
  %half = pare.constant dense<0.5> : tensor<f32>
  %one = pare.constant dense<1.0> : tensor<f32>
  %root = pare.constant dense<1.41421354> : tensor<f32>
  %inverse = pare.constant dense<0.707106769> : tensor<1xf32>
  %d = pare.div %x, %root : (tensor<?x4xf32>, tensor<f32>) -> tensor<?x4xf32>
  %e = pare.erf %d : (tensor<?x4xf32>) -> tensor<?x4xf32>
  %a = pare.add %e, %one : (tensor<?x4xf32>, tensor<f32>) -> tensor<?x4xf32>
  %m = pare.mul %x, %a : (tensor<?x4xf32>, tensor<?x4xf32>) -> tensor<?x4xf32>
  %y = pare.mul %m, %half : (tensor<?x4xf32>, tensor<f32>) -> tensor<?x4xf32>
  %d1 = pare.mul %inverse, %x : (tensor<1xf32>, tensor<?x4xf32>) -> tensor<?x4xf32>
  %e1 = pare.erf %d1 : (tensor<?x4xf32>) -> tensor<?x4xf32>
  %h1 = pare.mul %half, %e1 : (tensor<f32>, tensor<?x4xf32>) -> tensor<?x4xf32>
  %a1 = pare.add %half, %h1 : (tensor<f32>, tensor<?x4xf32>) -> tensor<?x4xf32>
  %y1 = pare.mul %a1, %x : (tensor<?x4xf32>, tensor<?x4xf32>) -> tensor<?x4xf32>
  %n2 = pare.neg %d : (tensor<?x4xf32>) -> tensor<?x4xf32>
  %e2 = pare.erf %n2 : (tensor<?x4xf32>) -> tensor<?x4xf32>
  %a2 = pare.sub %one, %e2 : (tensor<f32>, tensor<?x4xf32>) -> tensor<?x4xf32>
  %h2 = pare.mul %x, %half : (tensor<?x4xf32>, tensor<f32>) -> tensor<?x4xf32>
  %y2 = pare.mul %h2, %a2 : (tensor<?x4xf32>, tensor<?x4xf32>) -> tensor<?x4xf32>
  return %y, %y1, %y2 : tensor<?x4xf32>, tensor<?x4xf32>, tensor<?x4xf32>
}

// -----

// GELU by tanh: with a power; x * (1 + 0.044715 x * x); as a sigmoid, by exp.
// CHECK-LABEL: func.func @tanh
// CHECK-SAME: %[[X:.*]]: tensor<?x4xf32>
// CHECK-NEXT: %[[Y:.*]] = pare.gelu %[[X]] {approximate = #pare.gelu_kind<tanh>}
// CHECK-NEXT: return %[[Y]], %[[Y]], %[[Y]]
// REMARK: Remark="recognised GELU by tanh"
func.func @tanh(%x: tensor<?x4xf32>) -> (tensor<?x4xf32>, tensor<?x4xf32>, tensor<?x4xf32>) {
  %half = pare.constant dense<0.5> : tensor<f32>
  %one = pare.constant dense<1.0> : tensor<f32>
  %three = pare.constant dense<3.0> : tensor<f32>
  %c = pare.constant dense<0.044715> : tensor<f32>
  %o = pare.constant dense<0.797884583> : tensor<f32>
  %o2 = pare.constant dense<-1.59576917> : tensor<f32>
  %p = pare.pow %x, %three : (tensor<?x4xf32>, tensor<f32>) -> tensor<?x4xf32>
  %cp = pare.mul %p, %c : (tensor<?x4xf32>, tensor<f32>) -> tensor<?x4xf32>
  %s = pare.add %x, %cp : (tensor<?x4xf32>, tensor<?x4xf32>) -> tensor<?x4xf32>
  %os = pare.mul %s, %o : (tensor<?x4xf32>, tensor<f32>) -> tensor<?x4xf32>
  %t = pare.tanh %os : (tensor<?x4xf32>) -> tensor<?x4xf32>
  %t1 = pare.add %t, %one : (tensor<?x4xf32>, tensor<f32>) -> tensor<?x4xf32>
  %h = pare.mul %x, %half : (tensor<?x4xf32>, tensor<f32>) -> tensor<?x4xf32>
  %y = pare.mul %h, %t1 : (tensor<?x4xf32>, tensor<?x4xf32>) -> tensor<?x4xf32>
  %xo = pare.mul %x, %o : (tensor<?x4xf32>, tensor<f32>) -> tensor<?x4xf32>
  %xc = pare.mul %x, %c : (tensor<?x4xf32>, tensor<f32>) -> tensor<?x4xf32>
  %xx = pare.mul %xc, %x : (tensor<?x4xf32>, tensor<?x4xf32>) -> tensor<?x4xf32>
  %a = pare.add %one, %xx : (tensor<f32>, tensor<?x4xf32>) -> tensor<?x4xf32>
  %q = pare.mul %xo, %a : (tensor<?x4xf32>, tensor<?x4xf32>) -> tensor<?x4xf32>
  %u = pare.tanh %q : (tensor<?x4xf32>) -> tensor<?x4xf32>
  %hu = pare.mul %h, %u : (tensor<?x4xf32>, tensor<?x4xf32>) -> tensor<?x4xf32>
  %y1 = pare.add %h, %hu : (tensor<?x4xf32>, tensor<?x4xf32>) -> tensor<?x4xf32>
  %n = pare.mul %s, %o2 : (tensor<?x4xf32>, tensor<f32>) -> tensor<?x4xf32>
  %e = pare.exp %n : (tensor<?x4xf32>) -> tensor<?x4xf32>
  %e1 = pare.add %e, %one : (tensor<?x4xf32>, tensor<f32>) -> tensor<?x4xf32>
  %y2 = pare.div %x, %e1 : (tensor<?x4xf32>, tensor<?x4xf32>) -> tensor<?x4xf32>
  return %y, %y1, %y2 : tensor<?x4xf32>, tensor<?x4xf32>, tensor<?x4xf32>
}

// -----

// In f16 between casts; what is read of its parts stays.
// CHECK-LABEL: func.func @narrow
// CHECK-SAME: %[[X:.*]]: tensor<?xf16>
// CHECK-DAG: %[[Y:.*]] = pare.gelu %[[X]] : (tensor<?xf16>) -> tensor<?xf16>
// CHECK-DAG: %[[F:.*]] = pare.cast %[[X]] {to = f32}
// CHECK: return %[[Y]], %{{.*}} : tensor<?xf16>, tensor<?xf32>
func.func @narrow(%x: tensor<?xf16>) -> (tensor<?xf16>, tensor<?xf32>) {
  %half = pare.constant dense<0.5> : tensor<f32>
  %one = pare.constant dense<1.0> : tensor<f32>
  %inverse = pare.constant dense<0.707106769> : tensor<f32>
  %f = pare.cast %x {to = f32} : (tensor<?xf16>) -> tensor<?xf32>
  %d = pare.mul %f, %inverse : (tensor<?xf32>, tensor<f32>) -> tensor<?xf32>
  %e = pare.erf %d : (tensor<?xf32>) -> tensor<?xf32>
  %a = pare.add %e, %one : (tensor<?xf32>, tensor<f32>) -> tensor<?xf32>
  %h = pare.mul %f, %half : (tensor<?xf32>, tensor<f32>) -> tensor<?xf32>
  %y = pare.mul %h, %a : (tensor<?xf32>, tensor<?xf32>) -> tensor<?xf32>
  %r = pare.cast %y {to = f16} : (tensor<?xf32>) -> tensor<?xf16>
  return %r, %e : tensor<?xf16>, tensor<?xf32>
}

// -----

// Sigmoids: 1 / (1 + exp(-x)), 1 / (exp(x) + 1), (1 + tanh(x / 2)) / 2.
// CHECK-LABEL: func.func @sigmoid
// CHECK-SAME: %[[X:.*]]: tensor<?x4xf32>
// CHECK: %[[Y:.*]] = pare.sigmoid %[[X]]
// CHECK: %[[M:.*]] = pare.mul %[[X]], %[[Y]]
// CHECK: %[[N:.*]] = pare.neg %[[X]]
// CHECK: %[[Z:.*]] = pare.sigmoid %[[N]]
// CHECK: return %[[M]], %[[Z]], %[[Y]]
func.func @sigmoid(%x: tensor<?x4xf32>) -> (tensor<?x4xf32>, tensor<?x4xf32>, tensor<?x4xf32>) {
  %half = pare.constant dense<0.5> : tensor<f32>
  %one = pare.constant dense<1.0> : tensor<f32>
  %n = pare.neg %x : (tensor<?x4xf32>) -> tensor<?x4xf32>
  %e = pare.exp %n : (tensor<?x4xf32>) -> tensor<?x4xf32>
  %a = pare.add %one, %e : (tensor<f32>, tensor<?x4xf32>) -> tensor<?x4xf32>
  %s = pare.div %one, %a : (tensor<f32>, tensor<?x4xf32>) -> tensor<?x4xf32>
  %y = pare.mul %x, %s : (tensor<?x4xf32>, tensor<?x4xf32>) -> tensor<?x4xf32>
  %e1 = pare.exp %x : (tensor<?x4xf32>) -> tensor<?x4xf32>
  %a1 = pare.add %e1, %one : (tensor<?x4xf32>, tensor<f32>) -> tensor<?x4xf32>
  %y1 = pare.div %one, %a1 : (tensor<f32>, tensor<?x4xf32>) -> tensor<?x4xf32>
  %h = pare.mul %x, %half : (tensor<?x4xf32>, tensor<f32>) -> tensor<?x4xf32>
  %t = pare.tanh %h : (tensor<?x4xf32>) -> tensor<?x4xf32>
  %t1 = pare.add %t, %one : (tensor<?x4xf32>, tensor<f32>) -> tensor<?x4xf32>
  %y2 = pare.mul %t1, %half : (tensor<?x4xf32>, tensor<f32>) -> tensor<?x4xf32>
  return %y, %y1, %y2 : tensor<?x4xf32>, tensor<?x4xf32>, tensor<?x4xf32>
}

// -----

// max(x, 0) + log(1 + exp(-|x|)); max(x, 0); clip(x + 3, 0, 6) / 6.
// CHECK-LABEL: func.func @others
// CHECK-SAME: %[[X:.*]]: tensor<?x4xf32>
// CHECK-DAG: %[[A:.*]] = pare.softplus %[[X]]
// CHECK-DAG: %[[B:.*]] = pare.relu %[[X]]
// CHECK-DAG: %[[C:.*]] = pare.hard_sigmoid %[[X]] {alpha = 0.166666672 : f32, beta = 5.000000e-01 : f32}
// CHECK: return %[[A]], %[[B]], %[[C]]
func.func @others(%x: tensor<?x4xf32>) -> (tensor<?x4xf32>, tensor<?x4xf32>, tensor<?x4xf32>) {
  %zero = pare.constant dense<0.0> : tensor<f32>
  %one = pare.constant dense<1.0> : tensor<f32>
  %three = pare.constant dense<3.0> : tensor<f32>
  %six = pare.constant dense<6.0> : tensor<f32>
  %r = pare.max %x, %zero : (tensor<?x4xf32>, tensor<f32>) -> tensor<?x4xf32>
  %a = pare.abs %x : (tensor<?x4xf32>) -> tensor<?x4xf32>
  %n = pare.neg %a : (tensor<?x4xf32>) -> tensor<?x4xf32>
  %e = pare.exp %n : (tensor<?x4xf32>) -> tensor<?x4xf32>
  %e1 = pare.add %e, %one : (tensor<?x4xf32>, tensor<f32>) -> tensor<?x4xf32>
  %l = pare.log %e1 : (tensor<?x4xf32>) -> tensor<?x4xf32>
  %y = pare.add %l, %r : (tensor<?x4xf32>, tensor<?x4xf32>) -> tensor<?x4xf32>
  %b = pare.add %x, %three : (tensor<?x4xf32>, tensor<f32>) -> tensor<?x4xf32>
  %c = pare.clip %b low(%zero : tensor<f32>) high(%six : tensor<f32>) : (tensor<?x4xf32>) -> tensor<?x4xf32>
  %h = pare.div %c, %six : (tensor<?x4xf32>, tensor<f32>) -> tensor<?x4xf32>
  return %y, %r, %h : tensor<?x4xf32>, tensor<?x4xf32>, tensor<?x4xf32>
}

// -----

// Near misses: another coefficient, the erf of another tensor, what overflows.
// CHECK-LABEL: func.func @near
// CHECK-NOT: pare.gelu
// CHECK-NOT: pare.softplus
// CHECK-NOT: pare.sigmoid
// REMARK: [Missed] raise-activations | Category:raise | Reason="a function of the form of GELU has other coefficients"
// REMARK: Reason="log(1 + exp(x)) overflows where softplus does not"
// REMARK: Reason="exp(x) / (1 + exp(x)) overflows where a sigmoid does not"
func.func @near(%x: tensor<4xf32>, %z: tensor<4xf32>) -> (tensor<4xf32>, tensor<4xf32>, tensor<4xf32>, tensor<4xf32>) {
  %half = pare.constant dense<0.5> : tensor<f32>
  %one = pare.constant dense<1.0> : tensor<f32>
  %inverse = pare.constant dense<0.7071> : tensor<f32>
  %exact = pare.constant dense<0.707106769> : tensor<f32>
  %d = pare.mul %x, %inverse : (tensor<4xf32>, tensor<f32>) -> tensor<4xf32>
  %e = pare.erf %d : (tensor<4xf32>) -> tensor<4xf32>
  %a = pare.add %e, %one : (tensor<4xf32>, tensor<f32>) -> tensor<4xf32>
  %h = pare.mul %x, %half : (tensor<4xf32>, tensor<f32>) -> tensor<4xf32>
  %y = pare.mul %h, %a : (tensor<4xf32>, tensor<4xf32>) -> tensor<4xf32>
  %d1 = pare.mul %z, %exact : (tensor<4xf32>, tensor<f32>) -> tensor<4xf32>
  %e1 = pare.erf %d1 : (tensor<4xf32>) -> tensor<4xf32>
  %a1 = pare.add %e1, %one : (tensor<4xf32>, tensor<f32>) -> tensor<4xf32>
  %y1 = pare.mul %h, %a1 : (tensor<4xf32>, tensor<4xf32>) -> tensor<4xf32>
  %p = pare.exp %x : (tensor<4xf32>) -> tensor<4xf32>
  %p1 = pare.add %p, %one : (tensor<4xf32>, tensor<f32>) -> tensor<4xf32>
  %y2 = pare.log %p1 : (tensor<4xf32>) -> tensor<4xf32>
  %q = pare.exp %z : (tensor<4xf32>) -> tensor<4xf32>
  %q1 = pare.add %q, %one : (tensor<4xf32>, tensor<f32>) -> tensor<4xf32>
  %y3 = pare.div %q, %q1 : (tensor<4xf32>, tensor<4xf32>) -> tensor<4xf32>
  return %y, %y1, %y2, %y3 : tensor<4xf32>, tensor<4xf32>, tensor<4xf32>, tensor<4xf32>
}
