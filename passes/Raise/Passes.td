// Passes that recognise composites by what they compute.
#ifndef PARE_RAISE_PASSES
#define PARE_RAISE_PASSES

include "PassBase.td"

def RaiseAttention : ExactPass<"pare-raise-attention"> {
  let summary = "Recognise attention by meaning, with its mask as predicates";
  let description = [{
    A softmax between two products over four axes becomes `pare.attention`. What is added to the scores, or chosen instead
    of them, is evaluated symbolically at (batch, head, query, key): a choice between 0 and at most -1e4 is a mask, and
    the mask is a conjunction of conditions on the key, conditions on the query, and bands (causal, window), whatever ops
    spell it. Other terms stay as biases. Scalar factors of q, k and the scores become the scale; heads of k and v that
    are copies are read where they come from.

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
