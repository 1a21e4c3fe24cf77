// Operands and result pass through transpositions, which are not done; static shapes.
// RUN: pare verify %s
// RUN: pare verify %s --sizes b=3
func.func @main(%x: tensor<?x40x4x8xf32> {pare.name = "x", pare.dims = ["b", "", "", ""]},
                %y: tensor<?x1x4x8xf32> {pare.name = "y", pare.dims = ["b", "", "", ""]})
    -> (tensor<?x40x4x8xf32> {pare.name = "self"}, tensor<?x1x4x8xf32> {pare.name = "one"}, tensor<?x4x40x8xf32> {pare.name = "turned"}) {
  %q = pare.transpose %x {permutation = array<i64: 0, 2, 1, 3>} : (tensor<?x40x4x8xf32>) -> tensor<?x4x40x8xf32>
  %o = pare.transpose %y {permutation = array<i64: 0, 2, 1, 3>} : (tensor<?x1x4x8xf32>) -> tensor<?x4x1x8xf32>
  %a = pare.attention %q, %q, %q {scale = 0.5 : f32, fill = 0xFF800000 : f32, mask_mode = #pare.mask_mode<select>, band_upper = 0 : i64} : (tensor<?x4x40x8xf32>, tensor<?x4x40x8xf32>, tensor<?x4x40x8xf32>) -> tensor<?x4x40x8xf32>
  %b = pare.attention %o, %q, %q {scale = 0.5 : f32, fill = 0.0 : f32, mask_mode = #pare.mask_mode<select>} : (tensor<?x4x1x8xf32>, tensor<?x4x40x8xf32>, tensor<?x4x40x8xf32>) -> tensor<?x4x1x8xf32>
  %c = pare.attention %q, %o, %o {scale = 0.5 : f32, fill = 0.0 : f32, mask_mode = #pare.mask_mode<select>} : (tensor<?x4x40x8xf32>, tensor<?x4x1x8xf32>, tensor<?x4x1x8xf32>) -> tensor<?x4x40x8xf32>
  %self = pare.transpose %a {permutation = array<i64: 0, 2, 1, 3>} : (tensor<?x4x40x8xf32>) -> tensor<?x40x4x8xf32>
  %one = pare.transpose %b {permutation = array<i64: 0, 2, 1, 3>} : (tensor<?x4x1x8xf32>) -> tensor<?x1x4x8xf32>
  return %self, %one, %c : tensor<?x40x4x8xf32>, tensor<?x1x4x8xf32>, tensor<?x4x40x8xf32>
}
