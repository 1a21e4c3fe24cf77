// Ops that make, move and index elements.
#ifndef PARE_TENSOR_OPS
#define PARE_TENSOR_OPS

include "pare/Dialect/PareBase.td"

class Pare_TensorOp<string mnemonic, string what, list<Trait> traits = []> : Pare_Op<mnemonic, traits> {
  let summary = what;
  let assemblyFormat = "operands attr-dict `:` functional-type(operands, results)";
  let hasVerifier = 0;
}

def Pare_ConstantOp : Pare_TensorOp<"constant", "A tensor known at compile time", [ConstantLike]> {
  let description = [{
    `value` is `dense<...>`, `dense_resource<...>` or `#pare.external<...>`.

    Example: `%c = pare.constant dense<1> : tensor<2xsi64>`
  }];
  let arguments = (ins TypedAttrInterface:$value);
  let results = (outs Pare_Tensor:$result);
  let assemblyFormat = "attr-dict $value";
  let hasFolder = 1;
  let hasVerifier = 1;
}

def Pare_ReshapeOp : Pare_TensorOp<"reshape", "The same elements in another shape"> {
  let description = [{
    The row-major elements of `data` in shape `shape`. One entry of -1 is inferred; an entry 0 copies the dimension of the
    same position, or means 0 with `allow_zero`.

    Example: `%y = pare.reshape %x, %s : (tensor<?x6xf32>, tensor<3xsi64>) -> tensor<?x2x3xf32>`
  }];
  let arguments = (ins Pare_Tensor:$data, Pare_ShapeTensor:$shape, UnitAttr:$allow_zero);
  let results = (outs Pare_Tensor:$result);
  let hasVerifier = 1;
}

def Pare_SqueezeOp : Pare_TensorOp<"squeeze", "Removes axes of size 1"> {
  let description = [{
    Removes `axes` (sorted, non-negative), each of which must have size 1.

    Example: `%y = pare.squeeze %x {axes = array<i64: 1>} : (tensor<?x1xf32>) -> tensor<?xf32>`
  }];
  let arguments = (ins Pare_Tensor:$x, DenseI64ArrayAttr:$axes);
  let results = (outs Pare_Tensor:$result);
}

def Pare_UnsqueezeOp : Pare_TensorOp<"unsqueeze", "Inserts axes of size 1"> {
  let description = [{
    Inserts axes of size 1 so that they stand at `axes` (sorted, non-negative) of the result.

    Example: `%y = pare.unsqueeze %x {axes = array<i64: 1>} : (tensor<?xf32>) -> tensor<?x1xf32>`
  }];
  let arguments = (ins Pare_Tensor:$x, DenseI64ArrayAttr:$axes);
  let results = (outs Pare_Tensor:$result);
}

def Pare_FlattenOp : Pare_TensorOp<"flatten", "Reshape to two dimensions at an axis"> {
  let description = [{
    [d0*..*d(axis-1), d(axis)*..*d(n-1)]; `axis` lies in [0, rank].

    Example: `%y = pare.flatten %x {axis = 1 : i64} : (tensor<?x2x3xf32>) -> tensor<?x6xf32>`
  }];
  let arguments = (ins Pare_Tensor:$x, I64Attr:$axis);
  let results = (outs Pare_Tensor:$result);
}

def Pare_TransposeOp : Pare_TensorOp<"transpose", "Permutes axes"> {
  let description = [{
    Axis i of the result is axis permutation[i] of `x`.

    Example: `%y = pare.transpose %x {permutation = array<i64: 1, 0>} : (tensor<?x4xf32>) -> tensor<4x?xf32>`
  }];
  let arguments = (ins Pare_Tensor:$x, DenseI64ArrayAttr:$permutation);
  let results = (outs Pare_Tensor:$result);
}

def Pare_ExpandOp : Pare_TensorOp<"expand", "Broadcasts to a shape"> {
  let description = [{
    Broadcasts `x` and `shape` against each other (an axis of `shape` that is 1 keeps the axis of `x`), as ONNX Expand.

    Example: `%y = pare.expand %x, %s : (tensor<?x1xf32>, tensor<2xsi64>) -> tensor<?x?xf32>`
  }];
  let arguments = (ins Pare_Tensor:$x, Pare_ShapeTensor:$shape);
  let results = (outs Pare_Tensor:$result);
}

def Pare_ConcatOp : Pare_TensorOp<"concat", "Joins tensors along an axis"> {
  let description = [{
    Example: `%y = pare.concat %a, %b {axis = 0 : i64} : (tensor<2xf32>, tensor<?xf32>) -> tensor<?xf32>`
  }];
  let arguments = (ins Variadic<Pare_Tensor>:$inputs, I64Attr:$axis);
  let results = (outs Pare_Tensor:$result);
  let hasVerifier = 1;
}

def Pare_SplitOp : Pare_TensorOp<"split", "Cuts a tensor along an axis"> {
  let description = [{
    Cuts `x` along `axis` into as many pieces as there are results. With `sizes` (one entry per result) the pieces have
    those sizes; otherwise each has ceil(n / pieces) and the last the rest.

    Example: `%a, %b = pare.split %x {axis = 1 : i64, pieces = 2 : i64} : (tensor<?x6xf32>) -> (tensor<?x3xf32>, tensor<?x3xf32>)`
  }];
  let arguments = (ins Pare_Tensor:$x, Optional<Pare_ShapeTensor>:$sizes, I64Attr:$axis, I64Attr:$pieces);
  let results = (outs Variadic<Pare_Tensor>:$results);
  let hasVerifier = 1;
}

def Pare_SliceOp : Pare_TensorOp<"slice", "A strided part"> {
  let description = [{
    Elements starts[i], starts[i] + steps[i], ... before ends[i] along axes[i], with the clamping of ONNX Slice (negative
    values count from the end; steps may be negative, not 0). `axes` is non-negative and free of duplicates; `starts`,
    `ends` and `steps` have one entry per axis.

    Example: `%y = pare.slice %x, %b, %e, %s {axes = array<i64: 1>} : (tensor<?x8xf32>, tensor<1xsi64>, tensor<1xsi64>, tensor<1xsi64>) -> tensor<?x?xf32>`
  }];
  let arguments = (ins Pare_Tensor:$x, Pare_ShapeTensor:$starts, Pare_ShapeTensor:$ends, Pare_ShapeTensor:$steps, DenseI64ArrayAttr:$axes);
  let results = (outs Pare_Tensor:$result);
  let hasVerifier = 1;
}

def Pare_PadOp : Pare_TensorOp<"pad", "Adds elements around a tensor"> {
  let description = [{
    `pads` holds [begin of every axis, end of every axis]; negative entries crop. `value` (a scalar) fills in mode constant.

    Example: `%y = pare.pad %x, %p, %v {mode = #pare.pad_mode<constant>} : (tensor<2xf32>, tensor<2xsi64>, tensor<f32>) -> tensor<?xf32>`
  }];
  let arguments = (ins Pare_Tensor:$x, Pare_ShapeTensor:$pads, Optional<Pare_Tensor>:$value, Pare_PadModeAttr:$mode);
  let results = (outs Pare_Tensor:$result);
  let hasVerifier = 1;
}

def Pare_TileOp : Pare_TensorOp<"tile", "Repeats a tensor along its axes"> {
  let description = [{
    Example: `%y = pare.tile %x, %r : (tensor<2x3xf32>, tensor<2xsi64>) -> tensor<?x?xf32>`
  }];
  let arguments = (ins Pare_Tensor:$x, Pare_ShapeTensor:$repeats);
  let results = (outs Pare_Tensor:$result);
}

def Pare_ShapeOfOp : Pare_TensorOp<"shape_of", "The shape of a tensor as a tensor"> {
  let description = [{
    Example: `%s = pare.shape_of %x : (tensor<?x4xf32>) -> tensor<2xsi64>`
  }];
  let arguments = (ins Pare_Tensor:$x);
  let results = (outs Pare_ShapeTensor:$result);
}

def Pare_FullOp : Pare_TensorOp<"full", "A tensor of one value"> {
  let description = [{
    A tensor of shape `shape` whose elements all equal the single element of `value`.

    Example: `%y = pare.full %s {value = dense<0.0> : tensor<1xf32>} : (tensor<2xsi64>) -> tensor<?x?xf32>`
  }];
  let arguments = (ins Pare_ShapeTensor:$shape, ElementsAttr:$value);
  let results = (outs Pare_Tensor:$result);
  let hasVerifier = 1;
}

def Pare_RangeOp : Pare_TensorOp<"range", "An arithmetic sequence"> {
  let description = [{
    start, start + delta, ... of max(ceil((limit - start) / delta), 0) elements; operands are scalars.

    Example: `%y = pare.range %a, %b, %d : (tensor<si64>, tensor<si64>, tensor<si64>) -> tensor<?xsi64>`
  }];
  let arguments = (ins Pare_NumberTensor:$start, Pare_NumberTensor:$limit, Pare_NumberTensor:$delta);
  let results = (outs Pare_NumberTensor:$result);
}

def Pare_GatherOp : Pare_TensorOp<"gather", "Picks slices along an axis"> {
  let description = [{
    result[o.., i.., p..] = data[o.., indices[i..], p..]; negative indices count from the end, others out of range are an
    error of the input.

    Example: `%y = pare.gather %d, %i {axis = 0 : i64} : (tensor<1000x64xf32>, tensor<?x?xsi64>) -> tensor<?x?x64xf32>`
  }];
  let arguments = (ins Pare_Tensor:$data, Pare_IndexTensor:$indices, I64Attr:$axis);
  let results = (outs Pare_Tensor:$result);
}

def Pare_GatherElementsOp : Pare_TensorOp<"gather_elements", "Picks elements along an axis"> {
  let description = [{
    result[.., i, ..] = data[.., indices[.., i, ..], ..] along `axis`.

    Example: `%y = pare.gather_elements %d, %i {axis = 1 : i64} : (tensor<3x4xf32>, tensor<3x2xsi64>) -> tensor<3x2xf32>`
  }];
  let arguments = (ins Pare_Tensor:$data, Pare_IndexTensor:$indices, I64Attr:$axis);
  let results = (outs Pare_Tensor:$result);
}

def Pare_GatherNdOp : Pare_TensorOp<"gather_nd", "Picks slices by index tuples"> {
  let description = [{
    The last axis of `indices` holds tuples that index `data` after its first `batch_dims` axes.

    Example: `%y = pare.gather_nd %d, %i {batch_dims = 0 : i64} : (tensor<3x4xf32>, tensor<?x2xsi64>) -> tensor<?xf32>`
  }];
  let arguments = (ins Pare_Tensor:$data, Pare_ShapeTensor:$indices, I64Attr:$batch_dims);
  let results = (outs Pare_Tensor:$result);
}

def Pare_ScatterNdOp : Pare_TensorOp<"scatter_nd", "Writes slices by index tuples"> {
  let description = [{
    `data` with data[indices[i]] combined with updates[i] by `kind`.

    Example: `%y = pare.scatter_nd %d, %i, %u {kind = #pare.scatter_kind<none>} : (tensor<8xf32>, tensor<4x1xsi64>, tensor<4xf32>) -> tensor<8xf32>`
  }];
  let arguments = (ins Pare_Tensor:$data, Pare_ShapeTensor:$indices, Pare_Tensor:$updates, Pare_ScatterKindAttr:$kind);
  let results = (outs Pare_Tensor:$result);
}

def Pare_ScatterElementsOp : Pare_TensorOp<"scatter_elements", "Writes elements along an axis"> {
  let description = [{
    `data` with data[.., indices[.., i, ..], ..] combined with updates[.., i, ..] by `kind` along `axis`.

    Example: `%y = pare.scatter_elements %d, %i, %u {axis = 0 : i64, kind = #pare.scatter_kind<add>} : (tensor<8xf32>, tensor<4xsi64>, tensor<4xf32>) -> tensor<8xf32>`
  }];
  let arguments = (ins Pare_Tensor:$data, Pare_IndexTensor:$indices, Pare_Tensor:$updates, I64Attr:$axis, Pare_ScatterKindAttr:$kind);
  let results = (outs Pare_Tensor:$result);
}

def Pare_NonZeroOp : Pare_TensorOp<"non_zero", "Indices of the elements that are not zero"> {
  let description = [{
    A tensor [rank, n] of row-major ordered index tuples, as ONNX NonZero.

    Example: `%y = pare.non_zero %x : (tensor<?x?xi1>) -> tensor<2x?xsi64>`
  }];
  let arguments = (ins Pare_Tensor:$x);
  let results = (outs Pare_ShapeTensor:$result);
}

def Pare_OneHotOp : Pare_TensorOp<"one_hot", "One-hot encoding"> {
  let description = [{
    values[1] where the position along `axis` (of the result) equals the index, values[0] elsewhere. Negative indices count
    from depth; others out of range give values[0] throughout.

    Example: `%y = pare.one_hot %i, %depth, %v {axis = 1 : i64} : (tensor<3xsi64>, tensor<si64>, tensor<2xf32>) -> tensor<3x?xf32>`
  }];
  let arguments = (ins Pare_IndexTensor:$indices, Pare_ShapeTensor:$depth, Pare_Tensor:$values, I64Attr:$axis);
  let results = (outs Pare_Tensor:$result);
}

def Pare_TriluOp : Pare_TensorOp<"trilu", "Upper or lower triangle"> {
  let description = [{
    Of the last two axes keeps column >= row + k (`upper`) or column <= row + k, zeros elsewhere.

    Example: `%y = pare.trilu %x, %k {upper = true} : (tensor<?x?xf32>, tensor<si64>) -> tensor<?x?xf32>`
  }];
  let arguments = (ins Pare_Tensor:$x, Optional<Pare_ShapeTensor>:$k, BoolAttr:$upper);
  let results = (outs Pare_Tensor:$result);
}

def Pare_CumSumOp : Pare_TensorOp<"cum_sum", "Running sum along an axis"> {
  let description = [{
    Example: `%y = pare.cum_sum %x {axis = 1 : i64} : (tensor<?x?xsi64>) -> tensor<?x?xsi64>`
  }];
  let arguments = (ins Pare_NumberTensor:$x, I64Attr:$axis, UnitAttr:$exclusive, UnitAttr:$reverse);
  let results = (outs Pare_NumberTensor:$result);
}

#endif
