// Passes that do not compute rows of padding, or rows that nothing reads.
#ifndef PARE_PADDING_PASSES
#define PARE_PADDING_PASSES

include "PassBase.td"

def RemovePadding : ExactPass<"pare-remove-padding", "::mlir::ModuleOp"> {
  let summary = "Compute only the rows of a batch that its mask keeps";
  let description = [{
    The mask that attention puts on its keys says which rows (b, s) of a batch are padding. A walk from the results back
    finds what needs rows of padding all the same: what remains is computed on packed rows, one after the other, in which
    attention stays within the segments of its sequences.

    ```mlir
    %h = pare.matmul %x, %w : (tensor<?x?x384xf32>, tensor<384x1536xf32>) -> tensor<?x?x1536xf32>
    // becomes
    %rows, %offsets = pare.rows_from_mask %keep
    %p = pare.rows_gather %x, %rows {batch_axis = 0 : i64, row_axis = 1 : i64}
    %h = pare.matmul %p, %w : (tensor<?x384xf32>, tensor<384x1536xf32>) -> tensor<?x1536xf32>
    ```
    Kept are the rows whose key is valid, rows that a pooling picks by index, and all rows of a sequence in which some
    query would have no key to attend to: there a softmax over masked scores spreads over padding, so that padding counts.
    No input needs a guard. Positions are those of the batch, so that left padding and holes are as good as right padding.

    Results in the form of the batch are 0 in rows of padding. The pass says which: the function names, as `pare.padding`, a
    private one that computes from its arguments which rows are valid and which are computed, and results (and the arguments whose padding nothing reads)
    carry their axes [batch, row] under that name. `pare verify` holds compiled code to it.

    A tensor that is 0 (or any other constant) in these rows
    whatever they hold, as after a multiplication with the mask, is handed to ops that mix rows as it was.

    Leaves alone, with a remark that names the op: what mixes rows that are not masked (a mean over all positions, a
    convolution over the sequence, quantisation by the range of the tensor), and all that computes its operands.
  }];
  let options = [Option<"packedOutputs", "packed-outputs", "bool", "false",
    "Results in the form of the batch keep their valid rows alone, and two more results, pare.rows [rows] and pare.offsets "
    "[B + 1], say which these are; an error where no result can">];
  let papers = ["Unpadded BERT (MLPerf v2.0)", "ByteTransformer", "Prepacking", "EnergonAI"];
}

def RemoveDeadRows : ExactPass<"pare-remove-dead-rows"> {
  let summary = "Compute only the rows that a selection reads";
  let description = [{
    A gather or slice along an axis moves in front of the op that computes what it picks from, where that op treats every
    index of the axis by itself and nothing else reads its result: through elementwise ops, normalisations, products and
    the queries of attention, up to a tensor that others read too.

    ```mlir
    %h = pare.matmul %x, %w : (tensor<?x?x768xf32>, tensor<768x50257xf32>) -> tensor<?x?x50257xf32>
    %y = pare.slice %h, %last, %end, %one {axes = array<i64: 1>}        // the last token
    // becomes
    %l = pare.slice %x, %last, %end, %one {axes = array<i64: 1>}
    %y = pare.matmul %l, %w : (tensor<?x1x768xf32>, tensor<768x50257xf32>) -> tensor<?x1x50257xf32>
    ```
    In attention over segments, rows that are picked in ascending order keep their segments.

    Leaves alone: what mixes rows, ops whose result is read elsewhere, and rows under a band unless they are the first or
    the last.
  }];
  let papers = ["T-PPO (filtered rows)"];
}

#endif
