// Attention, over whole batches and over packed rows.
#ifndef PARE_ATTENTION_OPS
#define PARE_ATTENTION_OPS

include "pare/Dialect/PareBase.td"

class Pare_AttentionLikeOp<string mnemonic, string what, dag extra> : Pare_Op<mnemonic, [AttrSizedOperandSegments]> {
  let summary = what;
  let arguments = !con(
    (ins Pare_FloatTensor:$q, Pare_FloatTensor:$k, Pare_FloatTensor:$v), extra,
    (ins F32Attr:$scale, F32Attr:$fill, Pare_MaskModeAttr:$mask_mode, OptionalAttr<I64Attr>:$band_lower,
      OptionalAttr<I64Attr>:$band_upper, UnitAttr:$zero_masked_rows, OptionalAttr<F32Attr>:$softcap,
      OptionalAttr<Pare_LevelsAttr>:$score_levels, OptionalAttr<Pare_LevelsAttr>:$weight_levels));
  let results = (outs Pare_FloatTensor:$result);
  let hasVerifier = 1;
}

def Pare_AttentionOp : Pare_AttentionLikeOp<"attention", "Scaled dot-product attention with masks", (ins
    Variadic<Pare_FloatTensor>:$bias, Optional<Pare_BoolTensor>:$key_mask, Optional<Pare_BoolTensor>:$query_mask,
    Optional<Pare_BoolTensor>:$mask, UnitAttr:$align_end)> {
  let description = [{
    softmax(scale * q k^T + bias, masked) v, over q [B, Hq, Sq, D], k [B, Hk, Sk, D] and v [B, Hk, Sk, Dv]; the result is
    [B, Hq, Sq, Dv]. Hk divides Hq: head h of q reads head h / (Hq / Hk) of k and v.

    The score of query i and key j is x = scale * sum_d q k, made softcap * tanh(x / softcap) where `softcap` stands and
    then rounded to `score_levels` where they stand, plus each `bias` in order (rank 4, each axis 1 or that of
    [B, Hq, Sq, Sk]). The pair is allowed if `key_mask` [B or 1, Sk] holds for j, `query_mask` [B or 1, Sq] holds for i,
    `mask` (shaped as a bias) holds for both, and band_lower <= j - i <= band_upper; what is absent allows everything.
    With `align_end`, i counts so that the last query stands at the last key: i + Sk - Sq. The score of a pair that is
    not allowed becomes `fill` in mode `select`; in mode `add`, `fill` is added to it.

    With `zero_masked_rows` a weight that is NaN, as all of a row of -inf are, becomes 0. Weights are rounded to
    `weight_levels` where they stand; a weight of 0 stays one. Without keys the result is 0.
    f16 and bf16 are computed and summed in f32.

    Example: `%y = pare.attention %q, %k, %v key_mask(%m : tensor<?x?xi1>) {scale = 0.125 : f32, fill = 0xFF800000 : f32, mask_mode = #pare.mask_mode<select>} : (tensor<?x12x?x64xf32>, tensor<?x12x?x64xf32>, tensor<?x12x?x64xf32>) -> tensor<?x12x?x64xf32>`
  }];
  let assemblyFormat = [{
    $q `,` $k `,` $v (`bias` `(` $bias^ `:` type($bias) `)`)? (`key_mask` `(` $key_mask^ `:` type($key_mask) `)`)?
    (`query_mask` `(` $query_mask^ `:` type($query_mask) `)`)? (`mask` `(` $mask^ `:` type($mask) `)`)?
    attr-dict `:` `(` type($q) `,` type($k) `,` type($v) `)` `->` type($result)
  }];
}

def Pare_SegmentAttentionOp : Pare_AttentionLikeOp<"segment_attention", "Attention within segments of packed rows", (ins
    Pare_ShapeTensor:$q_offsets, Pare_ShapeTensor:$k_offsets, Optional<Pare_ShapeTensor>:$q_positions,
    Optional<Pare_ShapeTensor>:$k_positions, Variadic<Pare_FloatTensor>:$bias, Optional<Pare_BoolTensor>:$key_mask,
    Optional<Pare_BoolTensor>:$query_mask, Optional<Pare_BoolTensor>:$mask)> {
  let description = [{
    As `pare.attention` over q [Hq, Tq, D], k [Hk, Tk, D] and v [Hk, Tk, Dv], whose rows are those of N segments one after
    the other: segment n holds rows [q_offsets[n], q_offsets[n + 1]) of q and those of `k_offsets` of k and v. Offsets are
    [N + 1], begin with 0, ascend and end with the number of rows. A query attends to the keys of its own segment; in a
    segment without keys the result is 0. The result is [Hq, Tq, Dv].

    `q_positions` [Tq] and `k_positions` [Tk] give the place of a row in the sequence that it was packed from; without
    them it is the place in the segment. The band compares them (key minus query), and a `bias` or `mask` of shape
    [N or 1, Hq or 1, Sq or 1, Sk or 1] is read at [segment, head, position of the query, position of the key]; an axis of
    size 1 is read at 0. `key_mask` [Tk] and `query_mask` [Tq] belong to rows.

    Example: `%y = pare.segment_attention %q, %k, %v offsets(%o, %o : tensor<?xsi64>, tensor<?xsi64>) {scale = 0.125 : f32, fill = 0xFF800000 : f32, mask_mode = #pare.mask_mode<select>} : (tensor<12x?x64xf32>, tensor<12x?x64xf32>, tensor<12x?x64xf32>) -> tensor<12x?x64xf32>`
  }];
  let assemblyFormat = [{
    $q `,` $k `,` $v `offsets` `(` $q_offsets `,` $k_offsets `:` type($q_offsets) `,` type($k_offsets) `)`
    (`q_positions` `(` $q_positions^ `:` type($q_positions) `)`)? (`k_positions` `(` $k_positions^ `:` type($k_positions) `)`)?
    (`bias` `(` $bias^ `:` type($bias) `)`)? (`key_mask` `(` $key_mask^ `:` type($key_mask) `)`)?
    (`query_mask` `(` $query_mask^ `:` type($query_mask) `)`)? (`mask` `(` $mask^ `:` type($mask) `)`)?
    attr-dict `:` `(` type($q) `,` type($k) `,` type($v) `)` `->` type($result)
  }];
}

#endif
