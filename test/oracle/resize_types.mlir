// Narrow floats sum in f32; the nearest element may be of any type.
// RUN: pare verify %s
// RUN: pare verify %s --sizes n=157
func.func @main(%h: tensor<?x5xf16> {pare.name = "h", pare.dims = ["n", ""]}, %b: tensor<?x5xbf16> {pare.name = "b", pare.dims = ["n", ""]}, %d: tensor<?x5xf64> {pare.name = "d", pare.dims = ["n", ""]}, %i: tensor<?x5xsi8> {pare.name = "i", pare.dims = ["n", ""]}, %u: tensor<?x5xui8> {pare.name = "u", pare.dims = ["n", ""]}, %l: tensor<?x5xi1> {pare.name = "l", pare.dims = ["n", ""]})
    -> (tensor<?x8xf16> {pare.name = "h_crop", pare.dims = ["n", ""]},
        tensor<?x8xf16> {pare.name = "h_linear", pare.dims = ["n", ""]},
        tensor<?x1xf16> {pare.name = "h_cubic", pare.dims = ["n", ""]},
        tensor<?x8xbf16> {pare.name = "b_crop", pare.dims = ["n", ""]},
        tensor<?x8xbf16> {pare.name = "b_linear", pare.dims = ["n", ""]},
        tensor<?x1xbf16> {pare.name = "b_cubic", pare.dims = ["n", ""]},
        tensor<?x8xf64> {pare.name = "d_crop", pare.dims = ["n", ""]},
        tensor<?x8xf64> {pare.name = "d_linear", pare.dims = ["n", ""]},
        tensor<?x1xf64> {pare.name = "d_cubic", pare.dims = ["n", ""]},
        tensor<?x8xsi8> {pare.name = "i_crop", pare.dims = ["n", ""]},
        tensor<?x8xui8> {pare.name = "u_crop", pare.dims = ["n", ""]},
        tensor<?x8xi1> {pare.name = "l_crop", pare.dims = ["n", ""]}) {
  %s = pare.constant dense<1.6> : tensor<1xf32>
  %q = pare.constant dense<0.2> : tensor<1xf32>
  %r = pare.constant dense<[-0.2, 0.9]> : tensor<2xf32>
  %h_crop = pare.resize %h scales(%s : tensor<1xf32>) roi(%r : tensor<2xf32>) {axes = array<i64: 1>, mode = #pare.resize_mode<nearest>, coordinates = #pare.resize_coordinates<tf_crop_and_resize>, extrapolation_value = 3.0 : f32} : (tensor<?x5xf16>) -> tensor<?x8xf16>
  %h_linear = pare.resize %h scales(%s : tensor<1xf32>) {axes = array<i64: 1>, mode = #pare.resize_mode<linear>, coordinates = #pare.resize_coordinates<half_pixel>} : (tensor<?x5xf16>) -> tensor<?x8xf16>
  %h_cubic = pare.resize %h scales(%q : tensor<1xf32>) {axes = array<i64: 1>, mode = #pare.resize_mode<cubic>, coordinates = #pare.resize_coordinates<half_pixel>, antialias} : (tensor<?x5xf16>) -> tensor<?x1xf16>
  %b_crop = pare.resize %b scales(%s : tensor<1xf32>) roi(%r : tensor<2xf32>) {axes = array<i64: 1>, mode = #pare.resize_mode<nearest>, coordinates = #pare.resize_coordinates<tf_crop_and_resize>, extrapolation_value = 3.0 : f32} : (tensor<?x5xbf16>) -> tensor<?x8xbf16>
  %b_linear = pare.resize %b scales(%s : tensor<1xf32>) {axes = array<i64: 1>, mode = #pare.resize_mode<linear>, coordinates = #pare.resize_coordinates<half_pixel>} : (tensor<?x5xbf16>) -> tensor<?x8xbf16>
  %b_cubic = pare.resize %b scales(%q : tensor<1xf32>) {axes = array<i64: 1>, mode = #pare.resize_mode<cubic>, coordinates = #pare.resize_coordinates<half_pixel>, antialias} : (tensor<?x5xbf16>) -> tensor<?x1xbf16>
  %d_crop = pare.resize %d scales(%s : tensor<1xf32>) roi(%r : tensor<2xf32>) {axes = array<i64: 1>, mode = #pare.resize_mode<nearest>, coordinates = #pare.resize_coordinates<tf_crop_and_resize>, extrapolation_value = 3.0 : f32} : (tensor<?x5xf64>) -> tensor<?x8xf64>
  %d_linear = pare.resize %d scales(%s : tensor<1xf32>) {axes = array<i64: 1>, mode = #pare.resize_mode<linear>, coordinates = #pare.resize_coordinates<half_pixel>} : (tensor<?x5xf64>) -> tensor<?x8xf64>
  %d_cubic = pare.resize %d scales(%q : tensor<1xf32>) {axes = array<i64: 1>, mode = #pare.resize_mode<cubic>, coordinates = #pare.resize_coordinates<half_pixel>, antialias} : (tensor<?x5xf64>) -> tensor<?x1xf64>
  %i_crop = pare.resize %i scales(%s : tensor<1xf32>) roi(%r : tensor<2xf32>) {axes = array<i64: 1>, mode = #pare.resize_mode<nearest>, coordinates = #pare.resize_coordinates<tf_crop_and_resize>, extrapolation_value = 3.0 : f32} : (tensor<?x5xsi8>) -> tensor<?x8xsi8>
  %u_crop = pare.resize %u scales(%s : tensor<1xf32>) roi(%r : tensor<2xf32>) {axes = array<i64: 1>, mode = #pare.resize_mode<nearest>, coordinates = #pare.resize_coordinates<tf_crop_and_resize>, extrapolation_value = 3.0 : f32} : (tensor<?x5xui8>) -> tensor<?x8xui8>
  %l_crop = pare.resize %l scales(%s : tensor<1xf32>) roi(%r : tensor<2xf32>) {axes = array<i64: 1>, mode = #pare.resize_mode<nearest>, coordinates = #pare.resize_coordinates<tf_crop_and_resize>, extrapolation_value = 3.0 : f32} : (tensor<?x5xi1>) -> tensor<?x8xi1>
  return %h_crop, %h_linear, %h_cubic, %b_crop, %b_linear, %b_cubic, %d_crop, %d_linear, %d_cubic, %i_crop, %u_crop, %l_crop : tensor<?x8xf16>, tensor<?x8xf16>, tensor<?x1xf16>, tensor<?x8xbf16>, tensor<?x8xbf16>, tensor<?x1xbf16>, tensor<?x8xf64>, tensor<?x8xf64>, tensor<?x1xf64>, tensor<?x8xsi8>, tensor<?x8xui8>, tensor<?x8xi1>
}
