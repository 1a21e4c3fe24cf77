// Few queries of more keys: static ones through transpositions, narrow floats, masks that let few keys count or none.
// RUN: pare verify %s
// RUN: pare verify %s --sizes b=1,n=1,m=1100
// RUN: pare verify %s --sizes b=2,n=4,m=37
// RUN: pare verify %s --sizes b=2,n=5,m=37
func.func @main(%x: tensor<?x2x6x8xf32> {pare.name = "x", pare.dims = ["b", "", "", ""]},
                %y: tensor<?x?x3x8xf32> {pare.name = "y", pare.dims = ["b", "m", "", ""]},
                %h: tensor<?x6x?x8xf16> {pare.name = "h", pare.dims = ["b", "", "n", ""]},
                %g: tensor<?x6x?x8xf16> {pare.name = "g", pare.dims = ["b", "", "m", ""]},
                %d: tensor<?x6x?x8xf64> {pare.name = "d", pare.dims = ["b", "", "n", ""]},
                %e: tensor<?x1x?x5xf64> {pare.name = "e", pare.dims = ["b", "", "m", ""]},
                %f: tensor<?x1x?x8xf64> {pare.name = "f", pare.dims = ["b", "", "m", ""]},
                %r: tensor<?x6x?x8xf32> {pare.name = "r", pare.dims = ["b", "", "n", ""]},
                %bits: tensor<?x1x?x?xsi64> {pare.name = "bits", pare.dims = ["b", "", "n", "m"]},
                %own: tensor<?x6x?x?xsi64> {pare.name = "own", pare.dims = ["b", "", "n", "m"]},
                %km: tensor<?x?xsi64> {pare.name = "km", pare.dims = ["b", "m"]})
    -> (tensor<?x2x6x8xf32> {pare.name = "turned"}, tensor<?x6x?x8xf16> {pare.name = "half"}, tensor<?x6x?x5xf64> {pare.name = "double"},
        tensor<?x6x?x8xf32> {pare.name = "masked"}, tensor<?x6x?x8xf32> {pare.name = "zeroed"}) {
  %q = pare.transpose %x {permutation = array<i64: 0, 2, 1, 3>} : (tensor<?x2x6x8xf32>) -> tensor<?x6x2x8xf32>
  %k = pare.transpose %y {permutation = array<i64: 0, 2, 1, 3>} : (tensor<?x?x3x8xf32>) -> tensor<?x3x?x8xf32>
  %t = pare.attention %q, %k, %k {scale = 0.5 : f32, fill = 0xFF800000 : f32, mask_mode = #pare.mask_mode<select>, band_upper = 3 : i64, zero_masked_rows} : (tensor<?x6x2x8xf32>, tensor<?x3x?x8xf32>, tensor<?x3x?x8xf32>) -> tensor<?x6x2x8xf32>
  %turned = pare.transpose %t {permutation = array<i64: 0, 2, 1, 3>} : (tensor<?x6x2x8xf32>) -> tensor<?x2x6x8xf32>
  %half = pare.attention %h, %g, %g {scale = 0.353553385 : f32, fill = -1.0e4 : f32, mask_mode = #pare.mask_mode<select>} : (tensor<?x6x?x8xf16>, tensor<?x6x?x8xf16>, tensor<?x6x?x8xf16>) -> tensor<?x6x?x8xf16>
  %double = pare.attention %d, %f, %e {scale = 0.353553385 : f32, fill = -1.0e4 : f32, mask_mode = #pare.mask_mode<select>} : (tensor<?x6x?x8xf64>, tensor<?x1x?x8xf64>, tensor<?x1x?x5xf64>) -> tensor<?x6x?x5xf64>
  %mask = pare.cast %bits {to = i1} : (tensor<?x1x?x?xsi64>) -> tensor<?x1x?x?xi1>
  %each = pare.cast %own {to = i1} : (tensor<?x6x?x?xsi64>) -> tensor<?x6x?x?xi1>
  %valid = pare.cast %km {to = i1} : (tensor<?x?xsi64>) -> tensor<?x?xi1>
  %masked = pare.attention %r, %k, %k key_mask(%valid : tensor<?x?xi1>) mask(%mask : tensor<?x1x?x?xi1>) {scale = 0.5 : f32, fill = -3.40282347E+38 : f32, mask_mode = #pare.mask_mode<add>} : (tensor<?x6x?x8xf32>, tensor<?x3x?x8xf32>, tensor<?x3x?x8xf32>) -> tensor<?x6x?x8xf32>
  %zeroed = pare.attention %r, %k, %k mask(%each : tensor<?x6x?x?xi1>) {scale = 0.5 : f32, fill = 0xFF800000 : f32, mask_mode = #pare.mask_mode<select>, band_upper = 0 : i64, align_end, zero_masked_rows} : (tensor<?x6x?x8xf32>, tensor<?x3x?x8xf32>, tensor<?x3x?x8xf32>) -> tensor<?x6x?x8xf32>
  return %turned, %half, %double, %masked, %zeroed : tensor<?x2x6x8xf32>, tensor<?x6x?x8xf16>, tensor<?x6x?x5xf64>, tensor<?x6x?x8xf32>, tensor<?x6x?x8xf32>
}
