// Narrow floats are computed in f32.
// RUN: pare verify %s
// RUN: pare verify %s --sizes b=2,n=157
func.func @main(%q_f16: tensor<?x2x?x8xf16> {pare.name = "q_f16", pare.dims = ["b", "", "n", ""]},
                %k_f16: tensor<?x2x?x8xf16> {pare.name = "k_f16", pare.dims = ["b", "", "n", ""]},
                %v_f16: tensor<?x2x?x8xf16> {pare.name = "v_f16", pare.dims = ["b", "", "n", ""]},
                %q_bf16: tensor<?x2x?x8xbf16> {pare.name = "q_bf16", pare.dims = ["b", "", "n", ""]},
                %k_bf16: tensor<?x2x?x8xbf16> {pare.name = "k_bf16", pare.dims = ["b", "", "n", ""]},
                %v_bf16: tensor<?x2x?x8xbf16> {pare.name = "v_bf16", pare.dims = ["b", "", "n", ""]},
                %q_f64: tensor<?x2x?x8xf64> {pare.name = "q_f64", pare.dims = ["b", "", "n", ""]},
                %k_f64: tensor<?x2x?x8xf64> {pare.name = "k_f64", pare.dims = ["b", "", "n", ""]},
                %v_f64: tensor<?x2x?x8xf64> {pare.name = "v_f64", pare.dims = ["b", "", "n", ""]})
    -> (tensor<?x2x?x8xf16> {pare.name = "y_f16"},
        tensor<?x2x?x8xbf16> {pare.name = "y_bf16"},
        tensor<?x2x?x8xf64> {pare.name = "y_f64"}) {
  %y_f16 = pare.attention %q_f16, %k_f16, %v_f16 {scale = 0.353553385 : f32, fill = -1.000000e+04 : f32, mask_mode = #pare.mask_mode<select>, band_lower = -4 : i64} : (tensor<?x2x?x8xf16>, tensor<?x2x?x8xf16>, tensor<?x2x?x8xf16>) -> tensor<?x2x?x8xf16>
  %y_bf16 = pare.attention %q_bf16, %k_bf16, %v_bf16 {scale = 0.353553385 : f32, fill = -1.000000e+04 : f32, mask_mode = #pare.mask_mode<select>, band_lower = -4 : i64} : (tensor<?x2x?x8xbf16>, tensor<?x2x?x8xbf16>, tensor<?x2x?x8xbf16>) -> tensor<?x2x?x8xbf16>
  %y_f64 = pare.attention %q_f64, %k_f64, %v_f64 {scale = 0.353553385 : f32, fill = -1.000000e+04 : f32, mask_mode = #pare.mask_mode<select>, band_lower = -4 : i64} : (tensor<?x2x?x8xf64>, tensor<?x2x?x8xf64>, tensor<?x2x?x8xf64>) -> tensor<?x2x?x8xf64>
  return %y_f16, %y_bf16, %y_f64 : tensor<?x2x?x8xf16>, tensor<?x2x?x8xbf16>, tensor<?x2x?x8xf64>
}
