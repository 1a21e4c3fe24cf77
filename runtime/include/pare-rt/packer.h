/* packer.h: runs requests of different lengths together, in calls that are formed by their tokens. C11, standalone,
 * versioned.
 *
 * A model compiled with padding removal computes only the rows that its mask keeps: a call costs by its valid tokens,
 * not by batch x longest. A packer takes requests of one sequence each, forms calls of at most max_tokens valid tokens
 * (first fit, longest first), builds the inputs and the mask of each call, runs it, and gives every request its own
 * rows of every output. Any model with a mask of [batch, sequence] is taken; one without padding removal gives the same
 * answers and pays for the padding.
 *
 *   pare_packer *packer = NULL;
 *   pare_rt_status *status = pare_packer_create(module, NULL, &packer);
 *   if (!status) status = pare_packer_run(packer, inputs, request_count, outputs);             all at once, or
 *   if (!status) status = pare_packer_submit(packer, inputs, &ticket);                         one by one, from any
 * thread if (!status) status = pare_pack_ticket_wait(ticket, outputs); pare_pack_ticket_release(ticket);
 *   pare_packer_release(packer);
 *
 * What it relies on: that sequences of a batch do not see each other, and that what the mask leaves out changes nothing
 * else. Any server that pads relies on the same. Padding stands on the right and is zero. Models that break it: a mean
 * over the rows without the mask, scales of quantization computed over the batch. `pare-run --requests --pack-check`
 * compares with each request alone.
 *
 * Errors and handles are those of api.h. A packer may be used by any number of threads at once; calls of its session
 * run one after another. There is no thread of its own: calls run in pare_packer_run, pare_packer_flush and
 * pare_pack_ticket_wait, on the thread that called. */
#ifndef PARE_RT_PACKER_H
#define PARE_RT_PACKER_H

#include "pare-rt/api.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Grows when functions are added; a change that breaks programs would come under new names. */
#define PARE_PACKER_API_VERSION 1u

/* PARE_PACKER_API_VERSION of the library that is linked. */
PARE_RT_API uint32_t pare_packer_api_version(void);

typedef struct pare_packer pare_packer;
typedef struct pare_pack_ticket pare_pack_ticket;

typedef struct pare_packer_options {
  /* sizeof(pare_packer_options): lets the struct grow. All else may be zero, which asks for the defaults. */
  uint32_t struct_size;
  /* Requests of one call at most; 0: any number. */
  uint32_t max_requests;
  /* Valid tokens of one call at most; 0: 1024. A longer request gets a call of its own. */
  uint64_t max_tokens;
  /* Requests x longest of one call at most, which bounds the memory of its padded inputs and outputs; 0: 8 x
   * max_tokens. A longer request gets a call of its own. */
  uint64_t max_cells;
  /* Microseconds that a submitted request may wait for others to share its call, while some thread waits for one; 0:
   * none, a wait runs at once what was submitted until then. */
  uint64_t max_delay_us;
  /* A name, or NULL for the only entry or the one named "main". */
  const char *entry;
  /* The input that says which tokens are valid, 0 or 1 in any dtype, of [batch, sequence]; NULL: "attention_mask" or
   * "input_mask". */
  const char *mask_input;
  /* Names of the dimensions that count sequences and tokens, as in the signature (`pare-run --inspect`); NULL: those
   * of the mask. */
  const char *batch_dim;
  const char *sequence_dim;
} pare_packer_options;

/* The packer has a session of its own and holds a reference to the module. options may be NULL.
 *
 * PARE_RT_INVALID_ARGUMENT when the signature does not fit: every input and output must begin with the batch dimension
 * and have none open but that and the sequence dimension, and some input other than the mask must have tokens. */
PARE_RT_API pare_rt_status *pare_packer_create(pare_rt_module *module, const pare_packer_options *options,
                                               pare_packer **packer);
/* Tickets that are still held keep what they need. */
PARE_RT_API void pare_packer_release(pare_packer *packer);
PARE_RT_API const pare_rt_entry_info *pare_packer_entry(const pare_packer *packer);
/* Index of the mask among the entry's inputs. */
PARE_RT_API uint32_t pare_packer_mask_input(const pare_packer *packer);

/* ---- Requests ----
 *
 * A request is one tensor per input of the entry, in their order, each without the batch dimension ([length] of
 * [batch, sequence]) or with a batch of 1; length is at least 1 and the same in all of them. The mask may have data ==
 * NULL; when given all of it must be 1: leave padding out of a request.
 *
 * Its results are one tensor per output, without the batch dimension, and of valid rows only: [length, 384] of [batch,
 * sequence, 384], [384] of [batch, 384]. */

/* Runs all requests; returns when all are done. `inputs` has request_count x input_count elements and `outputs`
 * request_count x output_count, request by request, in any order of lengths: results stand where their request stood.
 *
 * Outputs with data == NULL get memory of the packer, which is valid until the next pare_packer_run of any thread, or
 * release; otherwise data has `size` bytes, dtype must be the output's, and the rows are written there; it must overlap
 * no input and no other output. In both cases dtype, rank and dims are filled in, and when data was NULL also size.
 *
 * The error names the first request at fault, counting from 0. Wrong inputs are found before anything runs; after any
 * error the structs are as they were and the content of the caller's buffers is unspecified. */
PARE_RT_API pare_rt_status *pare_packer_run(pare_packer *packer, const pare_rt_tensor *inputs, uint32_t request_count,
                                            pare_rt_tensor *outputs);

/* Copies the request and puts it in the queue; runs nothing. The ticket is to be released. */
PARE_RT_API pare_rt_status *pare_packer_submit(pare_packer *packer, const pare_rt_tensor *inputs,
                                               pare_pack_ticket **ticket);
/* Runs all that was submitted before; returns when it is done. Errors of requests are their tickets'. */
PARE_RT_API pare_rt_status *pare_packer_flush(pare_packer *packer);

/* Non-zero when a wait would return at once. */
PARE_RT_API int32_t pare_pack_ticket_done(const pare_pack_ticket *ticket);
/* Returns when the request is done: another thread runs it, or this one does as soon as the queue holds max_tokens or
 * max_requests or its oldest request is max_delay_us old. Then all that is queued is run, calls with the oldest
 * requests first. `outputs` has output_count elements, all of which are filled in; data stays the ticket's and is valid
 * until its release. May be called again. The error is that of this request alone: when a call fails it is split and
 * run again until each request that is at fault stands alone. */
PARE_RT_API pare_rt_status *pare_pack_ticket_wait(pare_pack_ticket *ticket, pare_rt_tensor *outputs);
/* Also takes back a request that is not done. Not while a thread waits for this ticket. */
PARE_RT_API void pare_pack_ticket_release(pare_pack_ticket *ticket);

/* ---- What was done ---- */

typedef struct pare_pack_stats {
  /* Since the packer was created, of calls that succeeded. */
  uint64_t calls;
  uint64_t requests;
  /* Valid tokens, and requests x longest summed over the calls. */
  uint64_t tokens;
  uint64_t cells;
  /* Calls that failed. */
  uint64_t failed_calls;
  /* Buffers for inputs and results that the packer allocated since it was created: constant in the steady state. */
  uint64_t allocations;
} pare_pack_stats;

PARE_RT_API void pare_packer_stats(const pare_packer *packer, pare_pack_stats *stats);

#ifdef __cplusplus
}
#endif
#endif
