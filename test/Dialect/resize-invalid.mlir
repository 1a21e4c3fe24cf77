// RUN: pare-opt %s -split-input-file -verify-diagnostics

func.func @both(%x: tensor<4x6xf32>) {
  %s = pare.constant dense<2.0> : tensor<1xf32>
  %n = pare.constant dense<8> : tensor<1xsi64>
  // expected-error@+2 {{needs either scales or sizes}}
  // expected-error@+1 {{failed to infer returned types}}
  %y = pare.resize %x scales(%s : tensor<1xf32>) sizes(%n : tensor<1xsi64>) {axes = array<i64: 0>, mode = #pare.resize_mode<linear>, coordinates = #pare.resize_coordinates<half_pixel>} : (tensor<4x6xf32>) -> tensor<8x6xf32>
  return
}

// -----

func.func @count(%x: tensor<4x6xf32>) {
  %s = pare.constant dense<2.0> : tensor<1xf32>
  // expected-error@+2 {{scales needs 2 entries, one for each axis}}
  // expected-error@+1 {{failed to infer returned types}}
  %y = pare.resize %x scales(%s : tensor<1xf32>) {axes = array<i64: 0, 1>, mode = #pare.resize_mode<linear>, coordinates = #pare.resize_coordinates<half_pixel>} : (tensor<4x6xf32>) -> tensor<8x12xf32>
  return
}

// -----

func.func @ends(%x: tensor<4x6xf32>) {
  %s = pare.constant dense<2.0> : tensor<1xf32>
  // expected-error@+2 {{roi needs 2 entries, one for each axis and each end}}
  // expected-error@+1 {{failed to infer returned types}}
  %y = pare.resize %x scales(%s : tensor<1xf32>) roi(%s : tensor<1xf32>) {axes = array<i64: 0>, mode = #pare.resize_mode<linear>, coordinates = #pare.resize_coordinates<tf_crop_and_resize>} : (tensor<4x6xf32>) -> tensor<8x6xf32>
  return
}

// -----

func.func @axis(%x: tensor<4x6xf32>) {
  %s = pare.constant dense<2.0> : tensor<1xf32>
  // expected-error@+2 {{axis 2 is out of range for rank 2}}
  // expected-error@+1 {{failed to infer returned types}}
  %y = pare.resize %x scales(%s : tensor<1xf32>) {axes = array<i64: 2>, mode = #pare.resize_mode<linear>, coordinates = #pare.resize_coordinates<half_pixel>} : (tensor<4x6xf32>) -> tensor<8x6xf32>
  return
}

// -----

func.func @twice(%x: tensor<4x6xf32>) {
  %s = pare.constant dense<2.0> : tensor<2xf32>
  // expected-error@+2 {{axis 1 is named twice}}
  // expected-error@+1 {{failed to infer returned types}}
  %y = pare.resize %x scales(%s : tensor<2xf32>) {axes = array<i64: 1, 1>, mode = #pare.resize_mode<linear>, coordinates = #pare.resize_coordinates<half_pixel>} : (tensor<4x6xf32>) -> tensor<4x12xf32>
  return
}

// -----

func.func @empty(%x: tensor<0x6xf32>) {
  %s = pare.constant dense<3> : tensor<1xsi64>
  // expected-error@+2 {{an axis without elements cannot get 3}}
  // expected-error@+1 {{failed to infer returned types}}
  %y = pare.resize %x sizes(%s : tensor<1xsi64>) {axes = array<i64: 0>, mode = #pare.resize_mode<linear>, coordinates = #pare.resize_coordinates<half_pixel>} : (tensor<0x6xf32>) -> tensor<3x6xf32>
  return
}

// -----

func.func @negative(%x: tensor<4x6xf32>) {
  %s = pare.constant dense<-3> : tensor<1xsi64>
  // expected-error@+2 {{size -3 is negative}}
  // expected-error@+1 {{failed to infer returned types}}
  %y = pare.resize %x sizes(%s : tensor<1xsi64>) {axes = array<i64: 0>, mode = #pare.resize_mode<linear>, coordinates = #pare.resize_coordinates<half_pixel>} : (tensor<4x6xf32>) -> tensor<?x6xf32>
  return
}

// -----

func.func @long(%x: tensor<4x6xf32>) {
  %s = pare.constant dense<8388609> : tensor<1xsi64>
  // expected-error@+2 {{an axis has more than 2^23 elements}}
  // expected-error@+1 {{failed to infer returned types}}
  %y = pare.resize %x sizes(%s : tensor<1xsi64>) {axes = array<i64: 0>, mode = #pare.resize_mode<linear>, coordinates = #pare.resize_coordinates<half_pixel>} : (tensor<4x6xf32>) -> tensor<?x6xf32>
  return
}

// -----

func.func @scale(%x: tensor<?x6xf32>) {
  %s = pare.constant dense<0.0> : tensor<1xf32>
  // expected-error@+1 {{needs positive scales}}
  %y = pare.resize %x scales(%s : tensor<1xf32>) {axes = array<i64: 0>, mode = #pare.resize_mode<linear>, coordinates = #pare.resize_coordinates<half_pixel>} : (tensor<?x6xf32>) -> tensor<?x6xf32>
  return
}

// -----

func.func @type(%x: tensor<4x6xsi32>) {
  %s = pare.constant dense<2.0> : tensor<1xf32>
  // expected-error@+1 {{interpolates floats only: mode nearest takes other types}}
  %y = pare.resize %x scales(%s : tensor<1xf32>) {axes = array<i64: 0>, mode = #pare.resize_mode<linear>, coordinates = #pare.resize_coordinates<half_pixel>} : (tensor<4x6xsi32>) -> tensor<8x6xsi32>
  return
}

// -----

func.func @antialias(%x: tensor<4x6xf32>) {
  %s = pare.constant dense<2.0> : tensor<1xf32>
  // expected-error@+1 {{takes no antialias in mode nearest}}
  %y = pare.resize %x scales(%s : tensor<1xf32>) {antialias, axes = array<i64: 0>, mode = #pare.resize_mode<nearest>, coordinates = #pare.resize_coordinates<half_pixel>} : (tensor<4x6xf32>) -> tensor<8x6xf32>
  return
}

// -----

func.func @roi(%x: tensor<4x6xf32>) {
  %s = pare.constant dense<2.0> : tensor<1xf32>
  // expected-error@+1 {{takes a roi with tf_crop_and_resize, and only then}}
  %y = pare.resize %x scales(%s : tensor<1xf32>) {axes = array<i64: 0>, mode = #pare.resize_mode<linear>, coordinates = #pare.resize_coordinates<tf_crop_and_resize>} : (tensor<4x6xf32>) -> tensor<8x6xf32>
  return
}

// -----

func.func @policy(%x: tensor<4x6xf32>) {
  %s = pare.constant dense<2.0> : tensor<1xf32>
  // expected-error@+1 {{takes a policy with sizes only}}
  %y = pare.resize %x scales(%s : tensor<1xf32>) {axes = array<i64: 0>, mode = #pare.resize_mode<linear>, coordinates = #pare.resize_coordinates<half_pixel>, policy = #pare.resize_policy<not_larger>} : (tensor<4x6xf32>) -> tensor<8x6xf32>
  return
}
