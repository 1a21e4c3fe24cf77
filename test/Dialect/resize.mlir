// RUN: pare-opt %s | pare-opt | FileCheck %s

// What is known of the sizes is in the types, axis by axis.
// CHECK-LABEL: func.func @inferred
// CHECK: pare.resize %{{.*}} scales(%{{.*}} : tensor<2xf32>) {axes = array<i64: 2, 3>, coordinates = #pare.resize_coordinates<asymmetric>, mode = #pare.resize_mode<nearest>, rounding = #pare.resize_rounding<floor>} : (tensor<?x3x5x?xf32>) -> tensor<?x3x10x?xf32>
// CHECK: pare.resize %{{.*}} sizes(%{{.*}} : tensor<2xsi64>) {{.*}} -> tensor<?x3x4x9xf32>
// CHECK: pare.resize %{{.*}} sizes(%{{.*}} : tensor<2xsi64>) {{.*}}policy = #pare.resize_policy<not_larger>{{.*}} -> tensor<2x3xf32>
// CHECK: pare.resize %{{.*}} scales(%{{.*}} : tensor<1xf32>) roi(%{{.*}} : tensor<2xf32>) {{.*}}extrapolation_value = 1.000000e+01 : f32{{.*}} -> tensor<7x6xf32>
// CHECK: pare.resize %{{.*}} scales(%{{.*}} : tensor<?xf32>) {antialias, {{.*}}cubic_coeff_a = -5.000000e-01 : f32, exclude_outside{{.*}} -> tensor<?x6xf32>
func.func @inferred(%x: tensor<?x3x5x?xf32>, %y: tensor<4x6xf32>, %unknown: tensor<?xf32>) {
  %two = pare.constant dense<2.0> : tensor<2xf32>
  %sizes = pare.constant dense<[4, 9]> : tensor<2xsi64>
  %box = pare.constant dense<[2, 9]> : tensor<2xsi64>
  %more = pare.constant dense<1.875> : tensor<1xf32>
  %roi = pare.constant dense<[0.25, 0.75]> : tensor<2xf32>
  %a = pare.resize %x scales(%two : tensor<2xf32>) {axes = array<i64: 2, 3>, mode = #pare.resize_mode<nearest>, coordinates = #pare.resize_coordinates<asymmetric>, rounding = #pare.resize_rounding<floor>} : (tensor<?x3x5x?xf32>) -> tensor<?x3x10x?xf32>
  %b = pare.resize %x sizes(%sizes : tensor<2xsi64>) {axes = array<i64: 2, 3>, mode = #pare.resize_mode<linear>, coordinates = #pare.resize_coordinates<half_pixel>} : (tensor<?x3x5x?xf32>) -> tensor<?x3x4x9xf32>
  %c = pare.resize %y sizes(%box : tensor<2xsi64>) {axes = array<i64: 0, 1>, mode = #pare.resize_mode<linear>, coordinates = #pare.resize_coordinates<half_pixel>, policy = #pare.resize_policy<not_larger>} : (tensor<4x6xf32>) -> tensor<2x3xf32>
  %d = pare.resize %y scales(%more : tensor<1xf32>) roi(%roi : tensor<2xf32>) {axes = array<i64: 0>, mode = #pare.resize_mode<linear>, coordinates = #pare.resize_coordinates<tf_crop_and_resize>, extrapolation_value = 10.0 : f32} : (tensor<4x6xf32>) -> tensor<7x6xf32>
  %e = pare.resize %y scales(%unknown : tensor<?xf32>) {axes = array<i64: 0>, mode = #pare.resize_mode<cubic>, coordinates = #pare.resize_coordinates<half_pixel>, cubic_coeff_a = -0.5 : f32, exclude_outside, antialias} : (tensor<4x6xf32>) -> tensor<?x6xf32>
  return
}
