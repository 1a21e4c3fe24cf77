// Passes that choose in which numbers to compute.
#ifndef PARE_NUMERICS_PASSES
#define PARE_NUMERICS_PASSES

include "PassBase.td"

def MultiplyQuantized : ExactPass<"pare-multiply-quantized"> {
  let summary = "Multiply what was quantised to bytes as bytes";
  let description = [{
    A matrix product or convolution of (x - z) by (w - y), x and the constant w bytes, is one of bytes and a correction:
    sum (x - z)(w - y) = sum xw - z sum w - y sum x + K z y. CPUs multiply an unsigned by a signed byte, so that a signed x
    and an unsigned w move by 128, and their zero points with them. Sums of w are constants; those of x are computed where
    the zero points of w are not 0 after that. Padding becomes elements z. With scales, one of x, and one of w or of each of
    its columns, the dequantised product is the integer one times the product of scales: closer to the true sum than f32
    (docs/Numerics.md).

    ```mlir
    %a = pare.dequantize %x scale(%s) zero_point(%z)   // ui8
    %b = pare.dequantize %w scale(%t)                  // si8, constant
    %y = pare.matmul %a, %b
    // becomes
    %p = pare.matmul %x, %w : (tensor<?x768xui8>, tensor<768x3072xsi8>) -> tensor<?x3072xsi32>
    %c = pare.add %p, %correction                      // - z sum w, constant
    %f = pare.cast %c {to = f32}
    %y = pare.mul %f, %scales                          // s t, constant
    ```
    A convolution of integers in groups whose sums f32 holds exactly becomes one in f32, for which there is code.

    Leaves alone: products of two activations, scales in blocks or that are computed, zero points of x that differ by row,
    scales that are not finite or so large or small that products of them round otherwise, sums of floats that 32 bits may
    not hold, and convolutions of floats in groups or over three spatial axes.
  }];
}

#endif
