/* format.h: the footer of a model.pare file, shared by the writer and the loader. C11, standalone. See
 * docs/Artefact.md. */
#ifndef PARE_RT_FORMAT_H
#define PARE_RT_FORMAT_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define PARE_FORMAT_MAGIC "PAREMOD1"
#define PARE_FORMAT_VERSION 1u
/* The weights begin at the first multiple of this after the code. */
#define PARE_FORMAT_PAGE 4096u
/* The manifest and the footer begin at the first multiple of this after what precedes them. */
#define PARE_FORMAT_ALIGN 8u
#define PARE_FORMAT_FOOTER_SIZE 128u
#define PARE_FORMAT_MAX_MANIFEST (64u << 20)

/* The last 128 bytes of the file; all integers little endian. Every field but the checksums of the sections is implied
 * by the three section sizes, and the loader insists that they agree, so that no byte of the file belongs to nothing.
 */
typedef struct pare_footer {
  char magic[8];            /* PARE_FORMAT_MAGIC without the terminating zero */
  uint32_t format_version;  /* PARE_FORMAT_VERSION */
  uint32_t abi_version;     /* PARE_ABI_VERSION of abi.h */
  uint64_t file_size;       /* footer included */
  uint64_t code_size;       /* an ELF64 x86-64 shared object at offset 0 */
  uint64_t weights_offset;  /* code_size rounded up to PARE_FORMAT_PAGE */
  uint64_t weights_size;    /* may be 0 */
  uint64_t manifest_offset; /* end of the weights rounded up to PARE_FORMAT_ALIGN */
  uint64_t manifest_size;   /* UTF-8 JSON, not zero terminated */
  uint64_t code_hash;       /* XXH3-64 of the section, seed 0; likewise below */
  uint64_t weights_hash;
  uint64_t manifest_hash;
  uint8_t reserved[32]; /* zero */
  uint64_t footer_hash; /* XXH3-64 of the 120 bytes above */
} pare_footer;

#ifdef __cplusplus
static_assert(sizeof(pare_footer) == PARE_FORMAT_FOOTER_SIZE, "the footer has a fixed size");
}
#else
_Static_assert(sizeof(pare_footer) == PARE_FORMAT_FOOTER_SIZE, "the footer has a fixed size");
#endif
#endif
