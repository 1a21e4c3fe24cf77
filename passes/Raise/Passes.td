// Passes that recognise composites by what they compute.
#ifndef PARE_RAISE_PASSES
#define PARE_RAISE_PASSES

include "PassBase.td"

def RaiseNorms : ExactPass<"pare-raise-norms"> {
  let summary = "Recognise layer and RMS normalisation by what they compute";
  let description = [{
    What is computed from a tensor and the mean of its squares is written as a sum of products of powers: of x, of its mean
    E and the mean of squares Q over the last axes, and of other tensors. A variance in any spelling is Q - E^2, and

    ```
    x (Q - E^2 + e)^-0.5 s - E (Q - E^2 + e)^-0.5 s + b       // is layer_norm(x, s, b)
    x (Q + e)^-0.5 s                                          // is rms_norm(x, s)
    ```

    ```mlir
    %d = pare.sub %x, %mean
    %v = pare.reduce %d2 {axes = array<i64: 2>, kind = #pare.reduce_kind<mean>, keep_dims}      // %d2: %d to the power 2
    %r = pare.sqrt %ve                                                                          // %ve: %v + e
    %n = pare.div %d, %r
    %y = pare.mul %n, %s
    // becomes
    %y = pare.layer_norm %x, %s {axis = 2 : i64, epsilon = 1.0e-5 : f32}
    ```
    What is computed in f32 from a narrower x, and rounded back, becomes an op on the narrower x.

    Leaves alone: means over other than the last axes, another mean or factor in the variance (an unbiased one), epsilon
    added to the deviation, and a scale that differs between rows (it multiplies what is raised).
  }];
}

def RaiseActivations : ExactPass<"pare-raise-activations"> {
  let summary = "Recognise activations by the function that they are";
  let description = [{
    An elementwise function of one tensor is written as a sum of products of powers of x, and of erf, sigmoid, exp, log, ..
    of such sums; tanh(p) is 2 sigmoid(2 p) - 1. Two spellings of one function have one such form, up to the rounding of
    their constants to f32 (4 ULP), so that a GELU is found by its form: x / 2 + x erf(x / sqrt(2)) / 2, or
    x sigmoid(2 sqrt(2 / pi) (x + 0.044715 x^3)), which is the form by tanh. Likewise sigmoid, softplus that does not overflow,
    hard sigmoid, and ReLU.

    ```mlir
    %d = pare.div %x, %sqrt2
    %e = pare.erf %d
    %a = pare.add %e, %one
    %m = pare.mul %x, %a
    %y = pare.mul %m, %half
    // becomes
    %y = pare.gelu %x
    ```
    Leaves alone: other coefficients; log(1 + exp(x)) and exp(x) / (1 + exp(x)), which overflow where softplus and sigmoid
    do not; functions that no op has (x sigmoid(x)), whose sigmoid is recognised.
  }];
}

def RaiseSoftmax : ExactPass<"pare-raise-softmax"> {
  let summary = "Recognise softmax and its logarithm by what they compute";
  let description = [{
    exp(x - m) / sum(exp(x - m)) along one axis becomes `pare.softmax`, x - m - log(sum(exp(x - m))) in any order of its
    terms `pare.log_softmax`, and the power of that a softmax. m is the maximum along the axis.

    ```mlir
    %m = pare.reduce %x {axes = array<i64: 1>, kind = #pare.reduce_kind<max>, keep_dims}
    %e = pare.exp %shifted                                                                      // %x - %m
    %s = pare.reduce %e {axes = array<i64: 1>, kind = #pare.reduce_kind<sum>, keep_dims}
    %y = pare.div %e, %s
    // becomes
    %y = pare.softmax %x {axis = 1 : i64}
    ```
    Leaves alone: without the maximum, or with something else in its place, unless x is known to lie within +-64 (a tanh, a
    clip): the model overflows, or divides 0 by 0, where softmax does not (docs/Numerics.md).
  }];
}

def RaiseAttention : ExactPass<"pare-raise-attention"> {
  let summary = "Recognise attention by meaning, with its mask as predicates";
  let description = [{
    A softmax between two products over four axes becomes `pare.attention`. What is added to the scores, or chosen instead
    of them, is evaluated symbolically at (batch, head, query, key): a choice between 0 and at most -1e4 is a mask, and
    the mask is a conjunction of conditions on the key, conditions on the query, and bands (causal, window), whatever ops
    spell it. Other terms stay as biases. Scalar factors of q, k and the scores become the scale; heads of k and v that
    are copies are read where they come from. Sizes are taken to fit where products need that: a mask over all tokens has
    one entry for each past and new key, or broadcasts. Attention checks at run time what the products would have.

    ```mlir
    %s = pare.matmul %q, %kt
    %a = pare.add %s, %m              // %m: 0 where the key is valid, -inf elsewhere
    %p = pare.softmax %a {axis = 3 : i64}
    %y = pare.matmul %p, %v
    // becomes
    %y = pare.attention %q, %k, %v key_mask(%valid) {fill = 0xFF800000 : f32, mask_mode = #pare.mask_mode<add>, ...}
    ```
    Leaves alone: scores that pass through other functions (a tanh that caps them), and products over other ranks.
  }];
  let papers = ["SeNER (plus-shaped attention)"];
}

#endif
