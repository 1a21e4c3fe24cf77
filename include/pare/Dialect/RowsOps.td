// Live rows of batched tensors, packed one after the other.
#ifndef PARE_ROWS_OPS
#define PARE_ROWS_OPS

include "pare/Dialect/PareBase.td"

def Pare_RowsFromMaskOp : Pare_Op<"rows_from_mask"> {
  let summary = "Which rows of a batch a mask keeps";
  let description = [{
    Of `mask` [B, S]: `indices` [T] are the ascending flat indices b * S + s of the elements that hold, and `offsets`
    [B + 1] say how many of them lie before each b, so that rows [offsets[b], offsets[b + 1]) are those of b.

    Example: `%i, %o = pare.rows_from_mask %m : (tensor<?x?xi1>) -> (tensor<?xsi64>, tensor<?xsi64>)`
  }];
  let arguments = (ins Pare_BoolTensor:$mask);
  let results = (outs Pare_ShapeTensor:$indices, Pare_ShapeTensor:$offsets);
  let assemblyFormat = "operands attr-dict `:` functional-type(operands, results)";
}

def Pare_RowsGatherOp : Pare_Op<"rows_gather"> {
  let summary = "Packs rows of a batch";
  let description = [{
    Row indices[t] of `x` for each t. A row has a place on `batch_axis` and on `row_axis` of x, of sizes (B, S): index r
    means (r / S, r % S). The result lacks `batch_axis`, and T = size of `indices` stands where `row_axis` stood. With
    batch_axis = -1 the rows of x are packed already, and r is the place on `row_axis` itself.

    `sizes` holds (B, S); without it they are the sizes of x. With it, an axis of x of size 1 repeats for all rows.

    Example: `%y = pare.rows_gather %x, %i {batch_axis = 0 : i64, row_axis = 1 : i64} : (tensor<?x?x384xf32>, tensor<?xsi64>) -> tensor<?x384xf32>`
  }];
  let arguments = (ins Pare_Tensor:$x, Pare_ShapeTensor:$indices, Optional<Pare_ShapeTensor>:$sizes, I64Attr:$batch_axis,
    I64Attr:$row_axis);
  let results = (outs Pare_Tensor:$result);
  let assemblyFormat = "operands attr-dict `:` functional-type(operands, results)";
}

def Pare_RowsScatterOp : Pare_Op<"rows_scatter"> {
  let summary = "Puts packed rows back into a batch";
  let description = [{
    The inverse of `pare.rows_gather`: `batch_axis` and `row_axis` are axes of the result and have the sizes (B, S) that
    `sizes` holds; row t of `packed` stands at (r / S, r % S) where r = indices[t], which lies in [0, B * S). With
    batch_axis = -1 the result keeps its rows on one axis, of size B * S. Rows that `indices` does not name hold `fill`;
    of equal indices the last one counts.

    Example: `%y = pare.rows_scatter %p, %i, %s {batch_axis = 0 : i64, row_axis = 1 : i64, fill = 0.0 : f64} : (tensor<?x384xf32>, tensor<?xsi64>, tensor<2xsi64>) -> tensor<?x?x384xf32>`
  }];
  let arguments = (ins Pare_Tensor:$packed, Pare_ShapeTensor:$indices, Pare_ShapeTensor:$sizes, I64Attr:$batch_axis,
    I64Attr:$row_axis, F64Attr:$fill);
  let results = (outs Pare_Tensor:$result);
  let assemblyFormat = "operands attr-dict `:` functional-type(operands, results)";
  let hasVerifier = 1;
}

#endif
