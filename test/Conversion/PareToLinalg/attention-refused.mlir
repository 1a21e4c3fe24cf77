// Offsets and positions that do not fit, as most random ones do, are refused before anything is read by them.
// RUN: pare verify %s | FileCheck %s
// CHECK: segment_attention: offsets do not ascend from 0 to
// CHECK: the artefact: {{.*}}: offsets of segments do not ascend from 0 to the number of rows
func.func @main(%q: tensor<2x?x8xf32> {pare.name = "q", pare.dims = ["", "t", ""]},
                %bias: tensor<1x1x1x?xf32> {pare.name = "bias", pare.dims = ["", "", "", "s"]},
                %o: tensor<?xsi64> {pare.name = "o", pare.dims = ["n"]},
                %p: tensor<?xsi64> {pare.name = "p", pare.dims = ["t"]})
    -> (tensor<2x?x8xf32> {pare.name = "y"}) {
  %y = pare.segment_attention %q, %q, %q offsets(%o, %o : tensor<?xsi64>, tensor<?xsi64>) k_positions(%p : tensor<?xsi64>) bias(%bias : tensor<1x1x1x?xf32>) {scale = 1.0 : f32, fill = 0.0 : f32, mask_mode = #pare.mask_mode<select>} : (tensor<2x?x8xf32>, tensor<2x?x8xf32>, tensor<2x?x8xf32>) -> tensor<2x?x8xf32>
  return %y : tensor<2x?x8xf32>
}
