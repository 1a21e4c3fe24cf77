// Interpolation along axes.
#ifndef PARE_RESIZE_OPS
#define PARE_RESIZE_OPS

include "pare/Dialect/PareBase.td"

def Pare_ResizeOp : Pare_Op<"resize", [AttrSizedOperandSegments]> {
  let summary = "Interpolates a tensor along some of its axes";
  let description = [{
    Resizes `axes` of x (distinct, in any order), one after the other, as ONNX Resize does. Either `scales` [axes] (positive)
    or `sizes` [axes] is there. An axis of n elements gets floor(n * scale) of them, or its entry of `sizes`, its scale then
    being size / n. With `policy` not_larger (not_smaller) the smallest (largest) of these scales becomes that of all axes,
    and an axis gets n * scale elements, rounded to the nearest with halves up. Let m be n * scale, or the entry of `sizes`
    in policy stretch.

    Element i of the result lies at place p of the operand, by `coordinates`:
    half_pixel: (i + 0.5) / scale - 0.5; pytorch_half_pixel: the same, but 0 where the axis gets one element;
    half_pixel_symmetric: the same plus n / 2 * (1 - (number of elements) / m); tf_half_pixel_for_nn: (i + 0.5) / scale;
    asymmetric: i / scale; align_corners: i * (n - 1) / (m - 1), or 0 where m is 1; tf_crop_and_resize, with start and end
    from `roi` [starts of axes, ends of axes]: start * (n - 1) + i * (end - start) * (n - 1) / (m - 1), or
    (start + end) / 2 * (n - 1) where m is 1, and what lies outside of [0, n - 1] becomes `extrapolation_value`.
    Scales and places are f32, so that an axis has at most 2^23 elements. An axis of scale 1 that keeps its size is left as
    it is, but for tf_crop_and_resize.

    Mode nearest takes the element at p rounded by `rounding`. Mode linear weighs its neighbours by max(0, 1 - d), d being
    their distance from p, and mode cubic by the convolution kernel with parameter `cubic_coeff_a` over the four nearest.
    With `antialias`, d is multiplied by the scale where that is less than 1, so that more neighbours count, and the weights
    are divided by their sum. Outside of the operand its outermost element is repeated; with `exclude_outside` the weights
    are 0 there instead and are divided by their sum (where that is not 0). Linear and cubic take floats; f16 and bf16 are
    summed in f32.

    Example: `%y = pare.resize %x scales(%s : tensor<2xf32>) {axes = array<i64: 2, 3>, mode = #pare.resize_mode<linear>, coordinates = #pare.resize_coordinates<half_pixel>} : (tensor<?x3x?x?xf32>) -> tensor<?x3x?x?xf32>`
  }];
  let arguments = (ins Pare_Tensor:$x, Optional<TensorOf<[F32]>>:$scales, Optional<Pare_ShapeTensor>:$sizes,
    Optional<TensorOf<[F32]>>:$roi, DenseI64ArrayAttr:$axes, Pare_ResizeModeAttr:$mode,
    Pare_ResizeCoordinatesAttr:$coordinates,
    DefaultValuedAttr<Pare_ResizeRoundingAttr, "::pare::ResizeRounding::round_prefer_floor">:$rounding,
    DefaultValuedAttr<Pare_ResizePolicyAttr, "::pare::ResizePolicy::stretch">:$policy,
    DefaultValuedAttr<F32Attr, "-0.75f">:$cubic_coeff_a, DefaultValuedAttr<F32Attr, "0.0f">:$extrapolation_value,
    UnitAttr:$exclude_outside, UnitAttr:$antialias);
  let results = (outs Pare_Tensor:$result);
  let assemblyFormat = [{
    $x (`scales` `(` $scales^ `:` type($scales) `)`)? (`sizes` `(` $sizes^ `:` type($sizes) `)`)?
    (`roi` `(` $roi^ `:` type($roi) `)`)? attr-dict `:` functional-type($x, results)
  }];
  let hasVerifier = 1;
}

#endif
