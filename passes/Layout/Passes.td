// Passes that choose how tensors lie in memory.
#ifndef PARE_LAYOUT_PASSES
#define PARE_LAYOUT_PASSES

include "PassBase.td"

def ChannelsLast : ExactPass<"pare-channels-last"> {
  let summary = "Keep images between convolutions with their channels last";
  let description = [{
    The products of a convolution run along channels, which therefore should be neighbours in memory. Convolutions and pools
    read and write tensors [N, spatial.., C] through transpositions that their lowering does not do; what is computed
    element by element in between, reductions over space, interpolations, parts and concatenations work on that form as
    well, so that images are transposed where they enter and leave only. Weights become [kernel.., C, O] at compile time;
    a batch normalisation with constants becomes a factor and a summand for each channel.

    ```mlir
    %y = pare.conv %x, %w
    // becomes
    %l = pare.transpose %x {permutation = array<i64: 0, 2, 3, 1>}
    %c = pare.transpose %l {permutation = array<i64: 0, 3, 1, 2>}
    %k = pare.transpose %constant {permutation = array<i64: 3, 2, 0, 1>}
    %y = pare.conv %c, %k
    %m = pare.transpose %y {permutation = array<i64: 0, 2, 3, 1>}   // for users that take channels last
    ```
    A transposed convolution of stride s becomes s convolutions of stride 1 along each axis, one for each phase, which meet
    different taps of the kernel; what follows element by element is done to each of their results, which are then
    interleaved (`pare.concat` of an axis behind each spatial one, and a reshape).

    Runs last: other passes would remove what looks like a transposition and its inverse.

    Leaves alone: other types than f32 and unsigned by signed bytes, weights that are computed, groups of several channels
    that neither write whole vectors of 16 nor read as many channels as they write, 2, 4 or 8 (one for each channel is done),
    and transposed convolutions whose weight is not finite (convolutions multiply it by their padding), or whose result may
    be empty because padding takes more than an element of the image from it.
  }];
}

#endif
