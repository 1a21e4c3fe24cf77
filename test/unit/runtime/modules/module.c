/* A module as the compiler would emit it, written by hand against abi.h. BROKEN selects a way of breaking the contract.
 */
#include "pare-rt/abi.h"

#include <stddef.h>

#define BROKEN_ABI 1
#define BROKEN_TABLE 2
#define BROKEN_SLOT 3
#define BROKEN_ENTRY 4
#define BROKEN_KERNEL 5
#ifndef BROKEN
#define BROKEN 0
#endif

#define EXPORT __attribute__((visibility("default"), used))

EXPORT const uint32_t pare_abi_version = BROKEN == BROKEN_ABI ? 77 : PARE_ABI_VERSION;
EXPORT const uint32_t pare_num_kernels = 7;
EXPORT const uint32_t pare_num_slots = 8;
EXPORT const pare_slot pare_slots[8] = {{0, 1}, {1, 2}, {2, 3}, {3, BROKEN == BROKEN_SLOT ? 0 : 4},
                                        {0, 4}, {5, 6}, {7, 7}, {5, 7}};

/* args: from, to, length of a tile. to[i] = from[i] + bias[i % 4], through scratch memory. */
static void addBias(pare_context *ctx, const int64_t *args, int64_t begin, int64_t end, int32_t worker) {
  const float *from = (const float *)args[0], *bias = (const float *)ctx->weights;
  float *to = (float *)args[1];
  int64_t length = args[2];
  for (int64_t tile = begin; tile < end; ++tile) {
    float *first = ctx->scratch(ctx, worker, length * sizeof(float));
    float *second = ctx->scratch(ctx, worker, length * sizeof(float));
    for (int64_t i = 0; i < length; ++i)
      first[i] = from[tile * length + i];
    for (int64_t i = 0; i < length; ++i)
      second[i] = first[i] + bias[i % 4];
    for (int64_t i = 0; i < length; ++i)
      to[tile * length + i] = second[i];
  }
}

/* args: a, b, to, length of a tile. */
static void add(pare_context *ctx, const int64_t *args, int64_t begin, int64_t end, int32_t worker) {
  const float *a = (const float *)args[0], *b = (const float *)args[1];
  float *to = (float *)args[2];
  for (int64_t i = begin * args[3]; i < end * args[3]; ++i)
    to[i] = a[i] + b[i];
}

/* args: the tile that fails. */
static void failAt(pare_context *ctx, const int64_t *args, int64_t begin, int64_t end, int32_t worker) {
  for (int64_t tile = begin; tile < end; ++tile)
    if (tile == args[0])
      ctx->fail(ctx, "index 9 is out of range for dimension 0 of size 8");
}

static void hugeScratch(pare_context *ctx, const int64_t *args, int64_t begin, int64_t end, int32_t worker) {
  ctx->scratch(ctx, worker, 64);
  ctx->scratch(ctx, worker, (uint64_t)1 << 60);
}

static void allocInKernel(pare_context *ctx, const int64_t *args, int64_t begin, int64_t end, int32_t worker) {
  ctx->alloc(ctx, 0, 64);
}

/* args: counters. */
static void countTiles(pare_context *ctx, const int64_t *args, int64_t begin, int64_t end, int32_t worker) {
  for (int64_t tile = begin; tile < end; ++tile)
    __atomic_fetch_add((int32_t *)args[0] + tile, 1, __ATOMIC_RELAXED);
}

/* args: counters, tiles of the inner run. Its scratch memory must survive that of the inner kernels. */
static void nested(pare_context *ctx, const int64_t *args, int64_t begin, int64_t end, int32_t worker) {
  int64_t *inner = ctx->scratch(ctx, worker, 3 * sizeof(int64_t));
  for (int64_t tile = begin; tile < end; ++tile) {
    inner[0] = args[0] + tile * args[1] * 4;
    ctx->parallel(ctx, countTiles, inner, args[1]);
  }
}

#if BROKEN == BROKEN_TABLE
EXPORT const pare_kernel_fn pare_kernels_x86_64_v2[2] = {addBias, add};
#else
EXPORT const pare_kernel_fn pare_kernels_x86_64_v2[7] = {
    addBias, add, failAt, hugeScratch, allocInKernel, countTiles, BROKEN == BROKEN_KERNEL ? NULL : nested};
EXPORT const pare_kernel_fn pare_kernels_x86_64_v3[7] = {addBias,       add,        failAt, hugeScratch,
                                                         allocInKernel, countTiles, nested};
#endif

/* sum = (x + bias) + y; x, y: batch x 4. */
EXPORT int32_t pare_entry_main(pare_context *ctx, const void *const *inputs, const int64_t *dims) {
  int64_t batch = dims[0], length = 4, count = batch * length;
  uint64_t bytes = (uint64_t)count * sizeof(float);
  float *biased = ctx->alloc(ctx, 0, bytes);
  int64_t first[] = {(int64_t)inputs[0], (int64_t)biased, length};
  ctx->parallel(ctx, ctx->kernels[0], first, batch);
  float *copy = ctx->alloc(ctx, 1, bytes);
  int64_t second[] = {(int64_t)biased, (int64_t)inputs[1], (int64_t)copy, length};
  ctx->parallel(ctx, ctx->kernels[1], second, batch);
  float *zero = ctx->alloc(ctx, 2, bytes);
  for (int64_t i = 0; i < count; ++i)
    zero[i] = 0;
  float *sum = ctx->output(ctx, 0, dims, 2, bytes);
  int64_t third[] = {(int64_t)copy, (int64_t)zero, (int64_t)sum, length};
  ctx->parallel(ctx, ctx->kernels[1], third, batch);
  return 0;
}

/* Positions of the elements that are not zero: sizes depend on data. */
EXPORT int32_t pare_entry_nonzero(pare_context *ctx, const void *const *inputs, const int64_t *dims) {
  const int64_t *x = inputs[0];
  int64_t count = 0;
  for (int64_t i = 0; i < dims[0]; ++i)
    count += x[i] != 0;
  int64_t *found = ctx->alloc(ctx, 5, (uint64_t)count * 8), next = 0;
  for (int64_t i = 0; i < dims[0]; ++i)
    if (x[i] != 0)
      found[next++] = i;
  int64_t *to = ctx->output(ctx, 0, &count, 1, (uint64_t)count * 8);
  for (int64_t i = 0; i < count; ++i)
    to[i] = found[i];
  return 0;
}

/* Sum over n rounds of a loop in which one slot grows and one value is carried. */
EXPORT int32_t pare_entry_loop(pare_context *ctx, const void *const *inputs, const int64_t *dims) {
  int64_t rounds = *(const int64_t *)inputs[0], *carried = ctx->alloc_dynamic(ctx, 8);
  *carried = 0;
  for (int64_t i = 1; i <= rounds; ++i) {
    int64_t *step = ctx->alloc(ctx, 6, (uint64_t)i * 64);
    for (int64_t j = 0; j < i * 8; ++j)
      step[j] = i;
    int64_t *next = ctx->alloc_dynamic(ctx, 8);
    *next = *carried + step[i * 8 - 1];
    carried = next;
  }
  *(int64_t *)ctx->output(ctx, 0, NULL, 0, 8) = *carried;
  return 0;
}

/* counts[i] of 0 <= i < 30 * 20 must all be 1. */
EXPORT int32_t pare_entry_nest(pare_context *ctx, const void *const *inputs, const int64_t *dims) {
  int64_t size = 600;
  int32_t *counts = ctx->output(ctx, 0, &size, 1, 2400);
  for (int64_t i = 0; i < size; ++i)
    counts[i] = 0;
  int64_t args[] = {(int64_t)counts, 20};
  ctx->parallel(ctx, ctx->kernels[6], args, 30);
  return 0;
}

/* Two launches whose records have numbers in front, and one of a kernel that launches another. */
EXPORT int32_t pare_entry_launches(pare_context *ctx, const void *const *inputs, const int64_t *dims) {
  int64_t size = 600;
  int32_t *counts = ctx->output(ctx, 0, &size, 1, 2400);
  for (int64_t i = 0; i < size; ++i)
    counts[i] = 0;
  int64_t first[] = {1, 1200, 2400, (int64_t)counts}, second[] = {0, -1, 77, (int64_t)(counts + 100)};
  ctx->parallel(ctx, ctx->kernels[5], first + 3, 100);
  ctx->parallel(ctx, ctx->kernels[5], second + 3, 500);
  int64_t none[] = {0, 0, 0, (int64_t)counts};
  ctx->parallel(ctx, ctx->kernels[5], none + 3, 0);
  int64_t third[] = {99, -5, -5, (int64_t)counts, 20};
  ctx->parallel(ctx, ctx->kernels[6], third + 3, 30);
  return 0;
}

/* Does wrong what its input says. */
EXPORT int32_t pare_entry_fault(pare_context *ctx, const void *const *inputs, const int64_t *dims) {
  int64_t two = 2, three = 3, tile[] = {37, 0};
  switch (*(const int32_t *)inputs[0]) {
  case 1: /* A kernel fails; nothing after it may run. */
    ctx->parallel(ctx, ctx->kernels[2], tile, 100);
    __builtin_trap();
  case 2:
    ctx->parallel(ctx, ctx->kernels[3], tile, 100);
    __builtin_trap();
  case 3:
    ctx->alloc(ctx, 0, (uint64_t)1 << 60);
    __builtin_trap();
  case 4:
    ctx->alloc(ctx, 8, 64);
    __builtin_trap();
  case 5:
    ctx->alloc_dynamic(ctx, (uint64_t)1 << 60);
    __builtin_trap();
  case 6:
    ctx->parallel(ctx, ctx->kernels[4], tile, 100);
    __builtin_trap();
  case 7:
    ctx->output(ctx, 0, &three, 1, 12);
    __builtin_trap();
  case 8:
    ctx->output(ctx, 0, &two, 1, 8);
    ctx->output(ctx, 0, &two, 1, 8);
    __builtin_trap();
  case 9:
    ctx->output(ctx, 1, &two, 1, 8);
    __builtin_trap();
  case 10:
    return 0;
  case 11:
    return 42;
  case 12:
    ctx->fail(ctx, "first");
    ctx->fail(ctx, "second");
    return 1;
  case 13:
    ctx->scratch(ctx, 100000, 64);
    __builtin_trap();
  case 14:
    ctx->output(ctx, 0, &two, 1, 4);
    __builtin_trap();
  }
  int32_t *result = ctx->output(ctx, 0, &two, 1, 8);
  result[0] = result[1] = 5;
  return 0;
}

#if BROKEN == BROKEN_ENTRY
#define pare_entry_control pare_entry_other
#endif
/* The floating-point control register that generated code sees. */
EXPORT int32_t pare_entry_control(pare_context *ctx, const void *const *inputs, const int64_t *dims) {
  *(uint32_t *)ctx->output(ctx, 0, NULL, 0, 4) = __builtin_ia32_stmxcsr();
  return 0;
}
