// A bias that may or may not repeat: only the run tells.
// RUN: pare verify %s --sizes n=5,b=2,c=2,r=5
// RUN: pare verify %s --sizes n=5,b=2,c=1,r=1
// RUN: pare verify %s --sizes n=151,b=2,c=2,r=1
func.func @main(%q: tensor<?x4x?x8xf32> {pare.name = "q", pare.dims = ["b", "", "n", ""]},
                %k: tensor<?x2x?x8xf32> {pare.name = "k", pare.dims = ["b", "", "n", ""]},
                %v: tensor<?x2x?x6xf32> {pare.name = "v", pare.dims = ["b", "", "n", ""]},
                %bias: tensor<?x4x?x?xf32> {pare.name = "bias", pare.dims = ["c", "", "r", "n"]})
    -> (tensor<?x4x?x6xf32> {pare.name = "y"},
        tensor<?x4x?x6xf32> {pare.name = "causal"}) {
  %y = pare.attention %q, %k, %v bias(%bias : tensor<?x4x?x?xf32>) {scale = 0.353553385 : f32, fill = -3.40282347E+38 : f32, mask_mode = #pare.mask_mode<select>} : (tensor<?x4x?x8xf32>, tensor<?x2x?x8xf32>, tensor<?x2x?x6xf32>) -> tensor<?x4x?x6xf32>
  %causal = pare.attention %q, %k, %v bias(%bias : tensor<?x4x?x?xf32>) {scale = 0.353553385 : f32, fill = 0xFF800000 : f32, mask_mode = #pare.mask_mode<select>, band_upper = 0 : i64} : (tensor<?x4x?x8xf32>, tensor<?x2x?x8xf32>, tensor<?x2x?x6xf32>) -> tensor<?x4x?x6xf32>
  return %y, %causal : tensor<?x4x?x6xf32>, tensor<?x4x?x6xf32>
}
