// Biases and masks of every shape.
// RUN: pare verify %s
// RUN: pare verify %s --sizes b=3,n=157,m=67
// RUN: pare verify %s --sizes b=3,n=1,m=67
// RUN: pare verify %s --sizes b=1,n=3,m=530
func.func @main(%q: tensor<?x4x?x8xf32> {pare.name = "q", pare.dims = ["b", "", "n", ""]},
                %k: tensor<?x2x?x8xf32> {pare.name = "k", pare.dims = ["b", "", "m", ""]},
                %v: tensor<?x2x?x6xf32> {pare.name = "v", pare.dims = ["b", "", "m", ""]},
                %full: tensor<?x4x?x?xf32> {pare.name = "full", pare.dims = ["b", "", "n", "m"]},
                %heads: tensor<1x4x1x?xf32> {pare.name = "heads", pare.dims = ["", "", "", "m"]},
                %rows: tensor<?x1x?x1xf32> {pare.name = "rows", pare.dims = ["b", "", "n", ""]},
                %bits: tensor<?x1x?x?xsi64> {pare.name = "bits", pare.dims = ["b", "", "n", "m"]})
    -> (tensor<?x4x?x6xf32> {pare.name = "one"},
        tensor<?x4x?x6xf32> {pare.name = "two"},
        tensor<?x4x?x6xf32> {pare.name = "masked"},
        tensor<?x4x?x6xf32> {pare.name = "zeroed"},
        tensor<?x4x?x6xf32> {pare.name = "added"}) {
  %mask = pare.cast %bits {to = i1} : (tensor<?x1x?x?xsi64>) -> tensor<?x1x?x?xi1>
  %one = pare.attention %q, %k, %v bias(%full : tensor<?x4x?x?xf32>) {scale = 0.353553385 : f32, fill = -3.40282347E+38 : f32, mask_mode = #pare.mask_mode<select>} : (tensor<?x4x?x8xf32>, tensor<?x2x?x8xf32>, tensor<?x2x?x6xf32>) -> tensor<?x4x?x6xf32>
  %two = pare.attention %q, %k, %v bias(%heads, %rows : tensor<1x4x1x?xf32>, tensor<?x1x?x1xf32>) {scale = 0.353553385 : f32, fill = -3.40282347E+38 : f32, mask_mode = #pare.mask_mode<select>} : (tensor<?x4x?x8xf32>, tensor<?x2x?x8xf32>, tensor<?x2x?x6xf32>) -> tensor<?x4x?x6xf32>
  %masked = pare.attention %q, %k, %v bias(%full : tensor<?x4x?x?xf32>) mask(%mask : tensor<?x1x?x?xi1>) {scale = 0.353553385 : f32, fill = -3.40282347E+38 : f32, mask_mode = #pare.mask_mode<select>} : (tensor<?x4x?x8xf32>, tensor<?x2x?x8xf32>, tensor<?x2x?x6xf32>) -> tensor<?x4x?x6xf32>
  %zeroed = pare.attention %q, %k, %v mask(%mask : tensor<?x1x?x?xi1>) {scale = 0.353553385 : f32, fill = 0xFF800000 : f32, mask_mode = #pare.mask_mode<select>, zero_masked_rows} : (tensor<?x4x?x8xf32>, tensor<?x2x?x8xf32>, tensor<?x2x?x6xf32>) -> tensor<?x4x?x6xf32>
  %added = pare.attention %q, %k, %v mask(%mask : tensor<?x1x?x?xi1>) {scale = 0.353553385 : f32, fill = -3.000000e+00 : f32, mask_mode = #pare.mask_mode<add>} : (tensor<?x4x?x8xf32>, tensor<?x2x?x8xf32>, tensor<?x2x?x6xf32>) -> tensor<?x4x?x6xf32>
  return %one, %two, %masked, %zeroed, %added : tensor<?x4x?x6xf32>, tensor<?x4x?x6xf32>, tensor<?x4x?x6xf32>, tensor<?x4x?x6xf32>, tensor<?x4x?x6xf32>
}
