/* A module with a mask, written by hand against abi.h: what a text encoder without its padding does, in integers.
 *
 * Per valid token i of a sequence: rows[i] = {sum of the ids up to i, id}; scores[h][i][j] = id[i] * 1000 + id[j] + h.
 * Per sequence: pooled[d] = sum of ids + bias[d]. Rows of padding are garbage. An id of 99 is an error; so is a mask
 * that is not ones and then zeros, and padding that is not zero, for the packer promises both. */
#include "pare-rt/abi.h"

#include <stddef.h>

#define EXPORT __attribute__((visibility("default"), used))

EXPORT const uint32_t pare_abi_version = PARE_ABI_VERSION;
EXPORT const uint32_t pare_num_kernels = 0;
EXPORT const uint32_t pare_num_slots = 0;

/* The valid tokens of a row of the mask; -1 when it is not ones and then zeros. */
#define COUNT_VALID(type)                                                                                              \
  {                                                                                                                    \
    const type *row = (const type *)mask + b * seq;                                                                    \
    while (valid < seq && row[valid] == 1)                                                                             \
      ++valid;                                                                                                         \
    for (int64_t i = valid; i < seq; ++i)                                                                              \
      if (row[i] != 0)                                                                                                 \
        return -1;                                                                                                     \
  }

static int64_t countValid(const void *mask, int kind, int64_t b, int64_t seq) {
  int64_t valid = 0;
  switch (kind) {
  case 'l':
    COUNT_VALID(int64_t) break;
  case 'i':
    COUNT_VALID(int32_t) break;
  case 'b':
    COUNT_VALID(uint8_t) break;
  case 'f':
    COUNT_VALID(float) break;
  case 'd':
    COUNT_VALID(double) break;
  }
  return valid;
}

/* Inputs: ids i64[batch, seq], mask [batch, seq], bias f32[batch, 3]. */
EXPORT int32_t pare_entry_encode(pare_context *ctx, const void *const *inputs, const int64_t *dims) {
  int64_t batch = dims[0], seq = dims[1];
  const int64_t *ids = inputs[0];
  const float *bias = inputs[2];
  int64_t rowsDims[] = {batch, seq, 2}, scoresDims[] = {batch, 2, seq, seq}, pooledDims[] = {batch, 3};
  float *rows = ctx->output(ctx, 0, rowsDims, 3, (uint64_t)(batch * seq * 2) * 4);
  int32_t *scores = ctx->output(ctx, 1, scoresDims, 4, (uint64_t)(batch * 2 * seq * seq) * 4);
  float *pooled = ctx->output(ctx, 2, pooledDims, 2, (uint64_t)(batch * 3) * 4);
  for (int64_t b = 0; b < batch; ++b) {
    int64_t valid = countValid(inputs[1], 'l', b, seq), sum = 0;
    const int64_t *id = ids + b * seq;
    for (int64_t i = 0; i < seq; ++i) {
      if (i < valid && id[i] == 99)
        ctx->fail(ctx, "id 99 is out of range");
      if (valid < 1 || (i >= valid && id[i] != 0))
        ctx->fail(ctx, "the padding is wrong");
      sum += id[i];
      rows[(b * seq + i) * 2] = i < valid ? (float)sum : -7;
      rows[(b * seq + i) * 2 + 1] = i < valid ? (float)id[i] : -7;
      for (int64_t j = 0; j < seq; ++j)
        for (int64_t h = 0; h < 2; ++h)
          scores[((b * 2 + h) * seq + i) * seq + j] = i < valid && j < valid ? (int32_t)(id[i] * 1000 + id[j] + h) : -7;
    }
    for (int64_t d = 0; d < 3; ++d)
      pooled[b * 3 + d] = (float)sum + bias[b * 3 + d];
  }
  return ctx->failed;
}

/* Inputs: vectors f32[batch, 2, seq, 2], mask [batch, seq]. Outputs: the same vectors, and the valid tokens of each
 * sequence, i64[batch]. */
static int32_t count(pare_context *ctx, const void *const *inputs, const int64_t *dims, int kind) {
  int64_t batch = dims[0], seq = dims[2], size = batch * seq * 4;
  const float *vectors = inputs[0];
  float *same = ctx->output(ctx, 0, dims, 4, (uint64_t)size * 4);
  for (int64_t i = 0; i < size; ++i)
    same[i] = vectors[i];
  int64_t *counts = ctx->output(ctx, 1, &batch, 1, (uint64_t)batch * 8);
  for (int64_t b = 0; b < batch; ++b)
    counts[b] = countValid(inputs[1], kind, b, seq);
  return 0;
}

#define COUNT_ENTRY(name, kind)                                                                                        \
  EXPORT int32_t pare_entry_##name(pare_context *ctx, const void *const *inputs, const int64_t *dims) {                \
    return count(ctx, inputs, dims, kind);                                                                             \
  }
COUNT_ENTRY(i64, 'l')
COUNT_ENTRY(i32, 'i')
COUNT_ENTRY(bool, 'b')
COUNT_ENTRY(f32, 'f')
COUNT_ENTRY(f64, 'd')

/* As its manifest does not say: one row too many. */
EXPORT int32_t pare_entry_wrong(pare_context *ctx, const void *const *inputs, const int64_t *dims) {
  int64_t shape[] = {dims[0], dims[1] + 1};
  int64_t *to = ctx->output(ctx, 0, shape, 2, (uint64_t)(shape[0] * shape[1]) * 8);
  for (int64_t i = 0; i < shape[0] * shape[1]; ++i)
    to[i] = 0;
  return 0;
}
