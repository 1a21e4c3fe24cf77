/* abi.h: the contract between generated code and the runtime. C11, standalone, versioned.
 *
 * A module is an ELF shared object that exports
 *   const uint32_t pare_abi_version;                       must equal PARE_ABI_VERSION
 *   const uint32_t pare_num_kernels;
 *   const pare_kernel_fn pare_kernels_x86_64_v2[];          one table per CPU variant in the file, all of
 *   const pare_kernel_fn pare_kernels_x86_64_v3[];          pare_num_kernels entries; v2 is always present
 *   const pare_kernel_fn pare_kernels_x86_64_v4[];
 *   const pare_kernel_fn pare_kernels_x86_64_v4_vnni[];     with AVX512_VNNI
 *   const pare_kernel_fn pare_kernels_x86_64_v4_bf16[];     with AVX512_VNNI and AVX512_BF16
 *   const pare_kernel_fn pare_kernels_x86_64_v4_amx[];      with AMX_BF16 as well
 *   const uint32_t pare_num_slots;
 *   const pare_slot pare_slots[];                           lifetimes of the intermediate buffers
 *   int32_t pare_entry_<name>(pare_context *, const void *const *inputs, const int64_t *dims);
 * and needs nothing but libc and libm. With no kernels (or no slots) the tables (pare_slots) may be absent.
 *
 * An entry gets one pointer per input, aligned to its element size at least, and the dimensions of all inputs one after
 * the other (the ranks are those of the manifest); both are valid during the call. The runtime has checked the dtypes,
 * static dimensions and equal symbols of the manifest. It returns 0, or non-zero after fail().
 *
 * Threads: the host program runs on the caller's thread and it alone may call alloc, alloc_dynamic, output and parallel
 * (parallel from inside a kernel works and runs its tiles on the calling thread). scratch and fail are for kernels on
 * any thread. The floating-point environment is the default one (round to nearest, no flushing of denormals). */
#ifndef PARE_RT_ABI_H
#define PARE_RT_ABI_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define PARE_ABI_VERSION 1u
/* Every buffer that the runtime hands out is aligned to this many bytes. */
#define PARE_BUFFER_ALIGNMENT 64u

typedef struct pare_context pare_context;

/* A fusion group over tiles [begin, end). `args` is the record the host program filled: pointers and 64-bit integers.
 * When the manifest lists launches, three integers stand in front of those that the host program passes to parallel():
 * args[-3] is the number of the launch in the manifest, args[-2] its FLOPs and args[-1] its bytes, -1 for what is not
 * known. The runtime reads them when it records a profile; kernels do not.
 * `worker` is in [0, number of threads) and unique among concurrent calls. */
typedef void (*pare_kernel_fn)(pare_context *ctx, const int64_t *args, int64_t begin, int64_t end, int32_t worker);

/* Lifetime of an intermediate buffer in steps of the host program, both ends inclusive. Two slots may share memory when
 * their lifetimes do not meet. */
typedef struct pare_slot {
  uint32_t first;
  uint32_t last;
} pare_slot;

/* What generated code sees of a running call. Field order is the ABI. */
struct pare_context {
  uint32_t abi_version;
  /* Non-zero once fail() was called; the host program returns it. */
  int32_t failed;
  /* Base of the mapped weights, page aligned. */
  const uint8_t *weights;
  /* The kernel table of the CPU variant in use. */
  const pare_kernel_fn *kernels;
  /* Memory of an intermediate buffer, not initialised. Asking again for the same slot in one call (a loop) ends the
   * earlier buffer: it may return the same memory. Never NULL: when memory runs out the runtime records the error and
   * leaves the generated code at once (longjmp), from the host program as from a kernel. */
  void *(*alloc)(pare_context *ctx, uint32_t slot, uint64_t bytes);
  /* Memory that lives until the end of the call, for buffers whose lifetime is not static (loop-carried values). */
  void *(*alloc_dynamic)(pare_context *ctx, uint64_t bytes);
  /* Per-worker temporary memory inside a kernel, valid until the kernel function returns. */
  void *(*scratch)(pare_context *ctx, int32_t worker, uint64_t bytes);
  /* Memory of output `index`, whose shape is now known: the caller's buffer or one that the runtime owns. `bytes` is
   * the product of dims and the element size. Called exactly once per output and call. Aligned to PARE_BUFFER_ALIGNMENT
   * even when the caller's buffer is not (the runtime then copies), and never overlaps an input. */
  void *(*output)(pare_context *ctx, uint32_t index, const int64_t *dims, uint32_t rank, uint64_t bytes);
  /* Runs `kernel` over tiles [0, tiles) on the threads of the pool, each tile exactly once, in calls over ranges of one
   * or more tiles; returns when all are done. tiles may be 0. When a kernel failed it does not return: the runtime
   * leaves the host program at once, as alloc does, so that no later kernel reads what was not computed. */
  void (*parallel)(pare_context *ctx, pare_kernel_fn kernel, const int64_t *args, int64_t tiles);
  /* Records an error (first one wins; message is copied) and sets `failed`. Callable from kernels on any thread. */
  void (*fail)(pare_context *ctx, const char *message);
};

#ifdef __cplusplus
}
#endif
#endif
