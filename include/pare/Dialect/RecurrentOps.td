// Recurrent layers: loops over time that carry one row of state per sequence.
#ifndef PARE_RECURRENT_OPS
#define PARE_RECURRENT_OPS

include "pare/Dialect/PareBase.td"

def Pare_Direction : Pare_Enum<"Direction", "order in which a layer goes over time", [
  I32EnumAttrCase<"forward", 0>, I32EnumAttrCase<"reverse", 1>, I32EnumAttrCase<"bidirectional", 2>]>;
def Pare_DirectionAttr : Pare_EnumAttr<Pare_Direction, "direction">;

def Pare_ActivationKind : Pare_Enum<"ActivationKind", "activation of a gate", [
  I32EnumAttrCase<"relu", 0>, I32EnumAttrCase<"tanh", 1>, I32EnumAttrCase<"sigmoid", 2>, I32EnumAttrCase<"affine", 3>,
  I32EnumAttrCase<"leaky_relu", 4>, I32EnumAttrCase<"thresholded_relu", 5>, I32EnumAttrCase<"scaled_tanh", 6>,
  I32EnumAttrCase<"hard_sigmoid", 7>, I32EnumAttrCase<"elu", 8>, I32EnumAttrCase<"softsign", 9>,
  I32EnumAttrCase<"softplus", 10>]>;

def Pare_ActivationAttr : Pare_Attr<"Activation", "activation"> {
  let summary = "An activation of a recurrent layer with its numbers";
  let description = [{
    | kind | of x | takes |
    | --- | --- | --- |
    | `relu` | max(x, 0) | |
    | `tanh` | tanh(x) | |
    | `sigmoid` | 1 / (1 + exp(-x)) | |
    | `affine` | alpha * x + beta | `alpha`, `beta` |
    | `leaky_relu` | x where x >= 0, alpha * x elsewhere | `alpha` |
    | `thresholded_relu` | x where x >= alpha, 0 elsewhere | `alpha` |
    | `scaled_tanh` | alpha * tanh(beta * x) | `alpha`, `beta` |
    | `hard_sigmoid` | min(max(alpha * x + beta, 0), 1) | `alpha`, `beta` |
    | `elu` | x where x >= 0, alpha * (exp(x) - 1) elsewhere | `alpha` |
    | `softsign` | x / (1 + abs(x)) | |
    | `softplus` | log(1 + exp(x)) | |

    `alpha` and `beta` are f32, and stand exactly where the kind takes them.

    Example: `#pare.activation<kind = hard_sigmoid, alpha = 2.000000e-01 : f32, beta = 5.000000e-01 : f32>`
  }];
  let parameters = (ins EnumParameter<Pare_ActivationKind>:$kind, OptionalParameter<"::mlir::FloatAttr">:$alpha,
    OptionalParameter<"::mlir::FloatAttr">:$beta);
  let assemblyFormat = "`<` struct(params) `>`";
  let genVerifyDecl = 1;
}
def Pare_ActivationArrayAttr : TypedArrayAttrBase<Pare_ActivationAttr, "activations">;

class Pare_RecurrentOp<string mnemonic, string what, int gates, int functions, dag extra, dag numbers, dag states>
    : Pare_Op<mnemonic, [AttrSizedOperandSegments]> {
  let summary = what;
  let arguments = !con(
    (ins Pare_FloatTensor:$x, Pare_FloatTensor:$r), extra,
    (ins Optional<Pare_IndexTensor>:$sequence_lens, Optional<Pare_FloatTensor>:$initial_h), states,
    (ins Pare_DirectionAttr:$direction, Pare_ActivationArrayAttr:$activations, OptionalAttr<F32Attr>:$clip), numbers);
  let hasVerifier = 1;
  let extraClassDeclaration = [{
    /// Blocks of hidden size in a row of x and of r, and activations of one direction.
    static constexpr int64_t kGates = }] # gates # [{, kActivations = }] # functions # [{;
    int64_t getNumDirections() { return getDirection() == Direction::bidirectional ? 2 : 1; }
    /// Whether direction `number` goes from the last step to the first.
    bool isReverse(int64_t number) { return number == 1 || getDirection() == Direction::reverse; }
    ActivationAttr getActivation(int64_t number, int64_t function) {
      return ::mlir::cast<ActivationAttr>(getActivations()[number * kActivations + function]);
    }
  }];
}

defvar recurrentConventions = [{

    T steps, B sequences, D directions (2 when `bidirectional`), H hidden units, G gates. `x` [T, B, D * G * H] is the input
    of every gate with its weights and biases applied, direction by direction; `r` [D, G * H, H] are the recurrent
    weights, block by block in the order of the gates. The state starts from `initial_h` [D, B, H], or 0. `activations`
    holds those of the first direction, then those of the second; each is computed of its argument limited to
    [-clip, clip] where `clip` stands (but h of an LSTM, of a cell as it is: so do ONNX Runtime and others).

    Sequence b has `sequence_lens`[b] steps, T without it. From there on its rows of y are 0 and its state stays as it is;
    a direction that is reverse begins at the last step that the sequence has.

    Results: y [T, D, B, H], the hidden state after each step, and y_h [D, B, H], the last one. f16 and bf16 are computed,
    summed and carried in f32.
}];

def Pare_LstmOp : Pare_RecurrentOp<"lstm", "Long short-term memory after its input projection", 4, 3,
    (ins Optional<Pare_FloatTensor>:$peepholes), (ins UnitAttr:$input_forget), (ins Optional<Pare_FloatTensor>:$initial_c)> {
  let description = [{
    As ONNX LSTM without the product by W. Gates stand in the order i, o, f, c, activations in the order f, g, h:

    ```
    i  = f(x_i + h R_i^T + P_i * c)
    f  = f(x_f + h R_f^T + P_f * c)      1 - i with input_forget
    c' = f * c + i * g(x_c + h R_c^T)
    o  = f(x_o + h R_o^T + P_o * c')
    h' = o * h(c')
    ```

    `peepholes` [D, 3 * H] holds P in the order i, o, f; without it they are 0. The cell starts from `initial_c` [D, B, H],
    or 0, and ends as y_c [D, B, H].
  }] # recurrentConventions # [{
    Example: `%y, %h, %c = pare.lstm %x, %r {direction = #pare.direction<forward>, activations = [#pare.activation<kind = sigmoid>, #pare.activation<kind = tanh>, #pare.activation<kind = tanh>]} : (tensor<?x?x1024xf32>, tensor<1x1024x256xf32>) -> (tensor<?x1x?x256xf32>, tensor<1x?x256xf32>, tensor<1x?x256xf32>)`
  }];
  let results = (outs Pare_FloatTensor:$y, Pare_FloatTensor:$y_h, Pare_FloatTensor:$y_c);
  let assemblyFormat = [{
    $x `,` $r (`peepholes` `(` $peepholes^ `:` type($peepholes) `)`)?
    (`sequence_lens` `(` $sequence_lens^ `:` type($sequence_lens) `)`)?
    (`initial_h` `(` $initial_h^ `:` type($initial_h) `)`)? (`initial_c` `(` $initial_c^ `:` type($initial_c) `)`)?
    attr-dict `:` `(` type($x) `,` type($r) `)` `->` `(` type(results) `)`
  }];
}

def Pare_GruOp : Pare_RecurrentOp<"gru", "Gated recurrent unit after its input projection", 3, 2,
    (ins Optional<Pare_FloatTensor>:$hidden_bias), (ins UnitAttr:$linear_before_reset), (ins)> {
  let description = [{
    As ONNX GRU without the product by W. Gates stand in the order z, r, h, activations in the order f, g:

    ```
    z  = f(x_z + h R_z^T)
    r  = f(x_r + h R_r^T)
    n  = g(x_h + (r * h) R_h^T)          g(x_h + r * (h R_h^T + hidden_bias)) with linear_before_reset
    h' = (1 - z) * n + z * h
    ```

    `hidden_bias` [D, H] belongs to `linear_before_reset`: elsewhere it is part of x.
  }] # recurrentConventions # [{
    Example: `%y, %h = pare.gru %x, %r {direction = #pare.direction<forward>, activations = [#pare.activation<kind = sigmoid>, #pare.activation<kind = tanh>], linear_before_reset} : (tensor<?x?x768xf32>, tensor<1x768x256xf32>) -> (tensor<?x1x?x256xf32>, tensor<1x?x256xf32>)`
  }];
  let results = (outs Pare_FloatTensor:$y, Pare_FloatTensor:$y_h);
  let assemblyFormat = [{
    $x `,` $r (`hidden_bias` `(` $hidden_bias^ `:` type($hidden_bias) `)`)?
    (`sequence_lens` `(` $sequence_lens^ `:` type($sequence_lens) `)`)?
    (`initial_h` `(` $initial_h^ `:` type($initial_h) `)`)?
    attr-dict `:` `(` type($x) `,` type($r) `)` `->` `(` type(results) `)`
  }];
}

def Pare_RnnOp : Pare_RecurrentOp<"rnn", "Simple recurrent layer after its input projection", 1, 1, (ins), (ins), (ins)> {
  let description = [{
    As ONNX RNN without the product by W: h' = f(x + h R^T).
  }] # recurrentConventions # [{
    Example: `%y, %h = pare.rnn %x, %r {direction = #pare.direction<reverse>, activations = [#pare.activation<kind = tanh>]} : (tensor<?x?x256xf32>, tensor<1x256x256xf32>) -> (tensor<?x1x?x256xf32>, tensor<1x?x256xf32>)`
  }];
  let results = (outs Pare_FloatTensor:$y, Pare_FloatTensor:$y_h);
  let assemblyFormat = [{
    $x `,` $r (`sequence_lens` `(` $sequence_lens^ `:` type($sequence_lens) `)`)?
    (`initial_h` `(` $initial_h^ `:` type($initial_h) `)`)?
    attr-dict `:` `(` type($x) `,` type($r) `)` `->` `(` type(results) `)`
  }];
}

#endif
