// Contractions, windows and reductions: the ops that mix.
#ifndef PARE_CONTRACTION_OPS
#define PARE_CONTRACTION_OPS

include "pare/Dialect/PareBase.td"

class Pare_MixOp<string mnemonic, string what, list<Trait> traits = []> : Pare_Op<mnemonic, traits> {
  let summary = what;
  let assemblyFormat = "operands attr-dict `:` functional-type(operands, results)";
}

def Pare_MatmulOp : Pare_MixOp<"matmul", "Matrix product, batched and broadcasting as NumPy matmul"> {
  let description = [{
    Operands of rank 1 act as a row (left) or column (right), whose axis is then dropped. f16 and bf16 sum in f32. Integers
    of up to 32 bits sum in si32 and the result is si32 when the operands are 8-bit (ONNX MatMulInteger).

    Example: `%y = pare.matmul %a, %b : (tensor<?x?x384xf32>, tensor<384x64xf32>) -> tensor<?x?x64xf32>`
  }];
  let arguments = (ins Pare_NumberTensor:$lhs, Pare_NumberTensor:$rhs);
  let results = (outs Pare_NumberTensor:$result);
  let hasVerifier = 1;
}

def Pare_ConvOp : Pare_MixOp<"conv", "Convolution over any number of spatial axes"> {
  let description = [{
    x [N, C, spatial..], weight [O, C/groups, kernel..], bias [O]. `pads` holds [begin of every spatial axis, end of every
    spatial axis]. f16 and bf16 sum in f32.

    Example: `%y = pare.conv %x, %w, %b {strides = array<i64: 2, 2>, pads = array<i64: 1, 1, 1, 1>, dilations = array<i64: 1, 1>, groups = 1 : i64} : (tensor<?x3x224x224xf32>, tensor<64x3x3x3xf32>, tensor<64xf32>) -> tensor<?x64x112x112xf32>`
  }];
  let arguments = (ins Pare_NumberTensor:$x, Pare_NumberTensor:$weight, Optional<Pare_NumberTensor>:$bias,
    DenseI64ArrayAttr:$strides, DenseI64ArrayAttr:$pads, DenseI64ArrayAttr:$dilations, I64Attr:$groups);
  let results = (outs Pare_NumberTensor:$result);
  let hasVerifier = 1;
}

def Pare_ConvTransposeOp : Pare_MixOp<"conv_transpose", "Transposed convolution"> {
  let description = [{
    x [N, C, spatial..], weight [C, O/groups, kernel..], bias [O]. The size of a spatial axis is
    stride * (n - 1) + output_padding + dilation * (kernel - 1) + 1 - pads.

    Example: `%y = pare.conv_transpose %x, %w {strides = array<i64: 2>, pads = array<i64: 0, 0>, dilations = array<i64: 1>, output_padding = array<i64: 0>, groups = 1 : i64} : (tensor<?x8x10xf32>, tensor<8x4x3xf32>) -> tensor<?x4x21xf32>`
  }];
  let arguments = (ins Pare_FloatTensor:$x, Pare_FloatTensor:$weight, Optional<Pare_FloatTensor>:$bias,
    DenseI64ArrayAttr:$strides, DenseI64ArrayAttr:$pads, DenseI64ArrayAttr:$dilations, DenseI64ArrayAttr:$output_padding, I64Attr:$groups);
  let results = (outs Pare_FloatTensor:$result);
  let hasVerifier = 1;
}

class Pare_PoolOp<string mnemonic, string what, dag extra = (ins)> : Pare_MixOp<mnemonic, what> {
  let arguments = !con((ins Pare_NumberTensor:$x, DenseI64ArrayAttr:$kernel, DenseI64ArrayAttr:$strides, DenseI64ArrayAttr:$pads,
    DenseI64ArrayAttr:$dilations, UnitAttr:$ceil_mode), extra);
  let results = (outs Pare_NumberTensor:$result);
  let hasVerifier = 1;
}

def Pare_MaxPoolOp : Pare_PoolOp<"max_pool", "Largest element of a window"> {
  let description = [{
    Over x [N, C, spatial..]; padding is never chosen. `ceil_mode` rounds the number of windows up, but none starts in the
    end padding.

    Example: `%y = pare.max_pool %x {kernel = array<i64: 3, 3>, strides = array<i64: 2, 2>, pads = array<i64: 1, 1, 1, 1>, dilations = array<i64: 1, 1>} : (tensor<?x64x112x112xf32>) -> tensor<?x64x56x56xf32>`
  }];
}

def Pare_AveragePoolOp : Pare_PoolOp<"average_pool", "Mean of a window", (ins UnitAttr:$count_include_pad)> {
  let description = [{
    Over x [N, C, spatial..]; the divisor counts elements of x, or with `count_include_pad` also those of the declared
    padding (never those that `ceil_mode` adds beyond it).

    Example: `%y = pare.average_pool %x {kernel = array<i64: 2>, strides = array<i64: 2>, pads = array<i64: 0, 0>, dilations = array<i64: 1>} : (tensor<1x4x8xf32>) -> tensor<1x4x4xf32>`
  }];
}

def Pare_ReduceOp : Pare_MixOp<"reduce", "Reduction over axes"> {
  let description = [{
    Reduces `axes` (sorted, non-negative); they stay with size 1 with `keep_dims`. f16 and bf16 accumulate in f32. Of no
    elements, sum gives 0, prod 1, max and min the lowest and the highest value of the type, mean NaN. max and min of a NaN
    are NaN.

    Example: `%y = pare.reduce %x {axes = array<i64: 1>, kind = #pare.reduce_kind<mean>, keep_dims} : (tensor<?x384xf32>) -> tensor<?x1xf32>`
  }];
  let arguments = (ins Pare_Tensor:$x, DenseI64ArrayAttr:$axes, Pare_ReduceKindAttr:$kind, UnitAttr:$keep_dims);
  let results = (outs Pare_Tensor:$result);
  let hasVerifier = 1;
}

class Pare_ArgOp<string mnemonic, string what> : Pare_MixOp<mnemonic, what> {
  let description = what # [{ along `axis`, the first one or with `select_last` the last one among equals.

    Example: `%y = pare.}] # mnemonic # [{ %x {axis = 1 : i64} : (tensor<?x10xf32>) -> tensor<?xsi64>`}];
  let arguments = (ins Pare_NumberTensor:$x, I64Attr:$axis, UnitAttr:$keep_dims, UnitAttr:$select_last);
  let results = (outs Pare_ShapeTensor:$result);
}
def Pare_ArgMaxOp : Pare_ArgOp<"arg_max", "Index of the largest element">;
def Pare_ArgMinOp : Pare_ArgOp<"arg_min", "Index of the smallest element">;

def Pare_TopKOp : Pare_MixOp<"top_k", "The k largest or smallest elements"> {
  let description = [{
    Values and indices along `axis`, in order (largest first when `largest`); among equals the lower index comes first.
    `k` is a tensor of one element.

    Example: `%v, %i = pare.top_k %x, %k {axis = 1 : i64, largest = true} : (tensor<?x10xf32>, tensor<1xsi64>) -> (tensor<?x?xf32>, tensor<?x?xsi64>)`
  }];
  let arguments = (ins Pare_NumberTensor:$x, Pare_ShapeTensor:$k, I64Attr:$axis, BoolAttr:$largest);
  let results = (outs Pare_NumberTensor:$values, Pare_ShapeTensor:$indices);
}

class Pare_SoftmaxLikeOp<string mnemonic, string what> : Pare_MixOp<mnemonic, what> {
  let description = what # [{ along `axis`, computed after subtracting the maximum. f16 and bf16 sum in f32.

    Example: `%y = pare.}] # mnemonic # [{ %x {axis = 3 : i64} : (tensor<?x12x?x?xf32>) -> tensor<?x12x?x?xf32>`}];
  let arguments = (ins Pare_FloatTensor:$x, I64Attr:$axis);
  let results = (outs Pare_FloatTensor:$result);
}
def Pare_SoftmaxOp : Pare_SoftmaxLikeOp<"softmax", "exp(x) / sum(exp(x))">;
def Pare_LogSoftmaxOp : Pare_SoftmaxLikeOp<"log_softmax", "x - log(sum(exp(x)))">;

def Pare_LayerNormOp : Pare_MixOp<"layer_norm", "Layer normalisation"> {
  let description = [{
    (x - mean) / sqrt(var + epsilon) * scale + bias over axes [axis, rank), var being the biased variance; scale and bias
    broadcast to those axes. Statistics are f32 (f64 for f64).

    Example: `%y = pare.layer_norm %x, %s, %b {axis = 2 : i64, epsilon = 1.0e-05 : f32} : (tensor<?x?x384xf32>, tensor<384xf32>, tensor<384xf32>) -> tensor<?x?x384xf32>`
  }];
  let arguments = (ins Pare_FloatTensor:$x, Pare_FloatTensor:$scale, Optional<Pare_FloatTensor>:$bias, I64Attr:$axis, F32Attr:$epsilon);
  let results = (outs Pare_FloatTensor:$result);
}

def Pare_RmsNormOp : Pare_MixOp<"rms_norm", "Root mean square normalisation"> {
  let description = [{
    x / sqrt(mean(x^2) + epsilon) * scale over axes [axis, rank). Statistics are f32 (f64 for f64).

    Example: `%y = pare.rms_norm %x, %s {axis = 2 : i64, epsilon = 1.0e-05 : f32} : (tensor<?x?x384xf32>, tensor<384xf32>) -> tensor<?x?x384xf32>`
  }];
  let arguments = (ins Pare_FloatTensor:$x, Pare_FloatTensor:$scale, I64Attr:$axis, F32Attr:$epsilon);
  let results = (outs Pare_FloatTensor:$result);
}

def Pare_BatchNormOp : Pare_MixOp<"batch_norm", "Batch normalisation with given statistics"> {
  let description = [{
    (x - mean) / sqrt(variance + epsilon) * scale + bias per channel of x [N, C, ..]; the other operands are [C].

    Example: `%y = pare.batch_norm %x, %s, %b, %m, %v {epsilon = 1.0e-05 : f32} : (tensor<?x64x56x56xf32>, tensor<64xf32>, tensor<64xf32>, tensor<64xf32>, tensor<64xf32>) -> tensor<?x64x56x56xf32>`
  }];
  let arguments = (ins Pare_FloatTensor:$x, Pare_FloatTensor:$scale, Pare_FloatTensor:$bias, Pare_FloatTensor:$mean,
    Pare_FloatTensor:$variance, F32Attr:$epsilon);
  let results = (outs Pare_FloatTensor:$result);
}

def Pare_QuantizeOp : Pare_MixOp<"quantize", "Affine quantisation"> {
  let description = [{
    saturate(round_half_even(x / scale) + zero_point) in type `to`; `scale` and `zero_point` are scalars, or vectors along
    `axis`, or of the rank of x with blocks of `block_size` along `axis`.

    Example: `%y = pare.quantize %x scale(%s : tensor<f32>) {to = si8, axis = 1 : i64, block_size = 0 : i64} : (tensor<?x4xf32>) -> tensor<?x4xsi8>`
  }];
  let arguments = (ins Pare_FloatTensor:$x, Pare_FloatTensor:$scale, Optional<Pare_Tensor>:$zero_point, TypeAttr:$to, I64Attr:$axis, I64Attr:$block_size);
  let results = (outs Pare_Tensor:$result);
  let assemblyFormat = "$x `scale` `(` $scale `:` type($scale) `)` (`zero_point` `(` $zero_point^ `:` type($zero_point) `)`)? attr-dict `:` functional-type($x, results)";
  let hasVerifier = 1;
}

def Pare_DequantizeOp : Pare_MixOp<"dequantize", "Inverse of affine quantisation"> {
  let description = [{
    (x - zero_point) * scale in the type of `scale`; operands as for quantize.

    Example: `%y = pare.dequantize %x scale(%s : tensor<f32>) {axis = 1 : i64, block_size = 0 : i64} : (tensor<?x4xsi8>) -> tensor<?x4xf32>`
  }];
  let arguments = (ins Pare_IntegerTensor:$x, Pare_FloatTensor:$scale, Optional<Pare_IntegerTensor>:$zero_point, I64Attr:$axis, I64Attr:$block_size);
  let results = (outs Pare_FloatTensor:$result);
  let assemblyFormat = "$x `scale` `(` $scale `:` type($scale) `)` (`zero_point` `(` $zero_point^ `:` type($zero_point) `)`)? attr-dict `:` functional-type($x, results)";
  let hasVerifier = 1;
}

#endif
