/* api.h: how a host program loads and runs model.pare files. C11, standalone, versioned.
 *
 *   pare_rt_module *module = NULL;
 *   pare_rt_session *session = NULL;
 *   pare_rt_status *status = pare_rt_module_load("model.pare", NULL, &module);
 *   if (!status) status = pare_rt_session_create(module, NULL, &session);
 *   if (!status) status = pare_rt_session_run(session, inputs, input_count, outputs, output_count);
 *   if (status) { fprintf(stderr, "%s\n", pare_rt_status_message(status)); pare_rt_status_free(status); }
 *   pare_rt_session_release(session);
 *   pare_rt_module_release(module);
 *
 * Functions that can fail return NULL for success, or a status that the caller frees. No C++ exception leaves this API.
 * A module may be used by any number of threads and sessions at once; a session by one thread at a time (a second
 * thread gets an error). Functions that take a handle accept only a valid one; release and free also accept NULL. */
#ifndef PARE_RT_API_H
#define PARE_RT_API_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#if defined(__GNUC__)
#define PARE_RT_API __attribute__((visibility("default")))
#else
#define PARE_RT_API
#endif

/* Grows when functions are added; a change that breaks programs would come under new names. */
#define PARE_RT_API_VERSION 2u
#define PARE_RT_MAX_RANK 16u
#define PARE_RT_MAX_THREADS 256u

/* PARE_RT_API_VERSION of the library that is linked. */
PARE_RT_API uint32_t pare_rt_api_version(void);

/* ---- Errors ---- */

typedef enum pare_rt_code {
  PARE_RT_OK = 0,
  PARE_RT_INVALID_ARGUMENT = 1, /* what the caller passed does not fit the module, e.g. a wrong shape */
  PARE_RT_IO = 2,               /* the file cannot be opened or read */
  PARE_RT_BAD_MODULE = 3,       /* the file is not a model.pare, is damaged, or contradicts itself */
  PARE_RT_UNSUPPORTED = 4,      /* a sound file that this runtime version or this CPU cannot run */
  PARE_RT_OUT_OF_MEMORY = 5,
  PARE_RT_RUN_FAILED = 6 /* the model refused its input during a run, e.g. an index out of range */
} pare_rt_code;

typedef struct pare_rt_status pare_rt_status;

/* PARE_RT_OK for NULL. */
PARE_RT_API pare_rt_code pare_rt_status_code(const pare_rt_status *status);
/* One sentence that names the file, entry or tensor, what was expected and what was given. Valid until the status is
 * freed;
 * "" for NULL. */
PARE_RT_API const char *pare_rt_status_message(const pare_rt_status *status);
PARE_RT_API void pare_rt_status_free(pare_rt_status *status);

/* ---- Types of elements ---- */

enum {
  PARE_RT_F32 = 0,
  PARE_RT_F64 = 1,
  PARE_RT_F16 = 2,  /* IEEE binary16 */
  PARE_RT_BF16 = 3, /* the upper half of an f32 */
  PARE_RT_I8 = 4,
  PARE_RT_I16 = 5,
  PARE_RT_I32 = 6,
  PARE_RT_I64 = 7,
  PARE_RT_U8 = 8,
  PARE_RT_U16 = 9,
  PARE_RT_U32 = 10,
  PARE_RT_U64 = 11,
  PARE_RT_BOOL = 12 /* one byte, 0 or 1 */
};
/* One of the above; a number, so that a wrong one is an error and not undefined. */
typedef int32_t pare_rt_dtype;

/* Bytes per element; 0 for any other value. */
PARE_RT_API uint32_t pare_rt_dtype_size(pare_rt_dtype dtype);
/* "f32", "bool", ...; "unknown" for any other value. */
PARE_RT_API const char *pare_rt_dtype_name(pare_rt_dtype dtype);

/* ---- Modules ---- */

typedef struct pare_rt_module pare_rt_module;

typedef struct pare_rt_load_options {
  /* sizeof(pare_rt_load_options): lets the struct grow. All else may be zero, which asks for the defaults. */
  uint32_t struct_size;
  /* Non-zero: do not read all of the code and weights to compare their checksums. For files that were checked before;
   * what is left are the structure, the manifest and the sizes. */
  uint32_t skip_checksums;
  /* CPU variant to run, e.g. "x86-64-v3" or "v3"; NULL: the best one in the file that this CPU supports. */
  const char *variant;
  /* Threads a run may use, the caller's included, at most PARE_RT_MAX_THREADS. 0: the environment variable PARE_THREADS
   * if set, else the number of CPUs that this process may run on. All modules share one pool of threads. */
  uint32_t threads;
} pare_rt_load_options;

/* Maps and checks the file, then loads its code. options may be NULL. The file must not be modified in place while the
 * module lives (replacing it by renaming another over it is fine). Checksums find damage, not malice: a module is a
 * program, load only those you would run. */
PARE_RT_API pare_rt_status *pare_rt_module_load(const char *path, const pare_rt_load_options *options,
                                                pare_rt_module **module);
/* Modules count their references: load gives one, every session holds one. */
PARE_RT_API void pare_rt_module_retain(pare_rt_module *module);
PARE_RT_API void pare_rt_module_release(pare_rt_module *module);

typedef enum pare_rt_dim_kind {
  PARE_RT_DIM_STATIC = 0,   /* always `size` */
  PARE_RT_DIM_SYMBOLIC = 1, /* varies; inputs whose dimensions share a `symbol` must agree within a run */
  PARE_RT_DIM_UNKNOWN = 2   /* varies freely */
} pare_rt_dim_kind;

typedef struct pare_rt_dim {
  pare_rt_dim_kind kind;
  int64_t size;       /* -1 unless static */
  const char *symbol; /* NULL unless symbolic */
} pare_rt_dim;

typedef struct pare_rt_value_info {
  const char *name;
  pare_rt_dtype dtype;
  uint32_t rank; /* at most PARE_RT_MAX_RANK */
  const pare_rt_dim *dims;
} pare_rt_value_info;

typedef struct pare_rt_entry_info {
  const char *name;
  uint32_t input_count;
  uint32_t output_count;
  const pare_rt_value_info *inputs;
  const pare_rt_value_info *outputs;
} pare_rt_entry_info;

/* What these return is valid as long as the module. */
PARE_RT_API uint32_t pare_rt_module_entry_count(const pare_rt_module *module);
/* NULL when index is out of range. */
PARE_RT_API const pare_rt_entry_info *pare_rt_module_entry(const pare_rt_module *module, uint32_t index);
/* NULL when there is no such entry. */
PARE_RT_API const pare_rt_entry_info *pare_rt_module_find_entry(const pare_rt_module *module, const char *name);
/* The manifest as it stands in the file, zero terminated; its length in *size unless size is NULL. */
PARE_RT_API const char *pare_rt_module_manifest(const pare_rt_module *module, size_t *size);
/* The CPU variant in use, e.g. "x86-64-v3". */
PARE_RT_API const char *pare_rt_module_variant(const pare_rt_module *module);
PARE_RT_API uint32_t pare_rt_module_threads(const pare_rt_module *module);
PARE_RT_API uint64_t pare_rt_module_weights_size(const pare_rt_module *module);

/* Index of the input or output of that name, -1 if there is none. */
PARE_RT_API int32_t pare_rt_entry_find_input(const pare_rt_entry_info *entry, const char *name);
PARE_RT_API int32_t pare_rt_entry_find_output(const pare_rt_entry_info *entry, const char *name);

/* ---- Sessions ---- */

typedef struct pare_rt_session pare_rt_session;

/* A dense row-major tensor in host memory. */
typedef struct pare_rt_tensor {
  void *data;
  /* Bytes at data. */
  uint64_t size;
  pare_rt_dtype dtype;
  uint32_t rank;
  int64_t dims[PARE_RT_MAX_RANK];
} pare_rt_tensor;

/* entry: a name, or NULL for the only entry or the one named "main". */
PARE_RT_API pare_rt_status *pare_rt_session_create(pare_rt_module *module, const char *entry,
                                                   pare_rt_session **session);
PARE_RT_API void pare_rt_session_release(pare_rt_session *session);
PARE_RT_API const pare_rt_entry_info *pare_rt_session_entry(const pare_rt_session *session);

/* Runs the entry once. Both arrays are in the order of the entry's inputs and outputs and must have exactly as many
 * elements.
 *
 * Inputs: data, size, dtype, rank and dims are read; data is not modified, must be aligned to the element size and hold
 * at least the elements that dims say (NULL is fine for none).
 *
 * Outputs: with data == NULL the session provides the memory, which stays valid until its next run, reset or release,
 * or for good once taken (pare_rt_session_take_output). Otherwise data has `size` bytes, dtype must be the output's,
 * and the result is written there: without a copy when data is aligned to 64 bytes, else with one. It must overlap no
 * input and no other output. In both cases the run fills in dtype, rank and dims, and when data was NULL also data and
 * size. After an error the structs are as they were and the content of the caller's buffers is unspecified; the session
 * can be used again. */
PARE_RT_API pare_rt_status *pare_rt_session_run(pare_rt_session *session, const pare_rt_tensor *inputs,
                                                uint32_t input_count, pare_rt_tensor *outputs, uint32_t output_count);

/* Makes the caller the owner of the memory that the session provided for that output in the last run; give it back with
 * pare_rt_free. The session must be idle. */
PARE_RT_API pare_rt_status *pare_rt_session_take_output(pare_rt_session *session, uint32_t index, void **data);
PARE_RT_API void pare_rt_free(void *data);

/* Returns the session to how it was created: frees its buffers and forgets its memory plans and state. */
PARE_RT_API pare_rt_status *pare_rt_session_reset(pare_rt_session *session);

typedef struct pare_rt_memory_stats {
  /* Arena bytes that the plan of the last run's shapes needs, and the least that any plan could need (the largest sum
   * of bytes live at once). */
  uint64_t planned_bytes;
  uint64_t lower_bound_bytes;
  /* Bytes held by the session: arena of intermediate buffers, loop-carried buffers, scratch of all workers, outputs. */
  uint64_t arena_bytes;
  uint64_t dynamic_bytes;
  uint64_t scratch_bytes;
  uint64_t output_bytes;
  /* Buffers allocated by the last run; 0 in the steady state. */
  uint64_t allocations;
  /* Memory plans cached, one per set of input shapes. */
  uint64_t plans;
} pare_rt_memory_stats;

PARE_RT_API void pare_rt_session_memory(const pare_rt_session *session, pare_rt_memory_stats *stats);

/* ---- Profiles (since version 2) ----
 *
 * A session that is asked to records each call of its entry and each kernel that the host program launches: when, on
 * which threads, and how much work it is. That takes some hundred nanoseconds per kernel and some tens per piece that a
 * thread takes; a session that is not asked checks one pointer per kernel. */

/* What one thread did for a kernel. Times are in nanoseconds since the profile was started, here and below. */
typedef struct pare_rt_profile_worker {
  /* Of its first piece and its last; 0 when it had none. */
  uint64_t start_ns;
  uint64_t end_ns;
  /* Spent in the kernel. */
  uint64_t busy_ns;
  int64_t tiles;
} pare_rt_profile_worker;

typedef struct pare_rt_profile_event {
  /* What the kernel computes, its main op first: "matmul+add+gelu"; "" when the file does not say. Of a call: the
   * entry. Valid as long as the module, like the names of nodes. */
  const char *name;
  /* The nodes of the ONNX model that it comes from. */
  const char *const *nodes;
  uint32_t node_count;
  /* Position in the kernel table, and of the launch in the manifest; -1 for a call, or when it is not known. Launches
   * at different places may run one kernel. */
  int32_t kernel;
  int32_t launch;
  /* The call that this event is or belongs to, counted from the start of the profile. */
  uint64_t call;
  uint64_t start_ns;
  uint64_t end_ns;
  /* Units of work that the threads share; 0 of a call. */
  int64_t tiles;
  /* Arithmetic on floats, a multiply-add being two, and bytes of the tensors that are read and written, each once, for
   * the sizes of this call; -1 when they depend on data or are not known. */
  int64_t flops;
  int64_t bytes;
  /* One per thread of the module, the caller's first; none of a call. Valid until the profile is started again, or the
   * session is reset or released. */
  const pare_rt_profile_worker *workers;
  uint32_t worker_count;
} pare_rt_profile_event;

/* Starts to record, from nothing. Memory for max_events (0: 65536) is taken now; later events are counted only. The
 * session must be idle, here and below. */
PARE_RT_API pare_rt_status *pare_rt_session_profile_start(pare_rt_session *session, uint64_t max_events);
/* Stops to record; events stay readable. An error when the profile was never started. */
PARE_RT_API pare_rt_status *pare_rt_session_profile_stop(pare_rt_session *session);
/* Events so far, in the order of their start; those for which there was no room in *dropped unless it is NULL. 0
 * without a profile. */
PARE_RT_API uint64_t pare_rt_session_profile_count(const pare_rt_session *session, uint64_t *dropped);
PARE_RT_API pare_rt_status *pare_rt_session_profile_event(const pare_rt_session *session, uint64_t index,
                                                          pare_rt_profile_event *event);

#ifdef __cplusplus
}
#endif
#endif
