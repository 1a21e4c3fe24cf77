// Checks a model.pare file in memory before any of it is used.
#ifndef PARE_RUNTIME_MODULE_CHECK_H
#define PARE_RUNTIME_MODULE_CHECK_H

#include "module/Manifest.h"
#include "pare-rt/format.h"

namespace pare::rt {

struct CheckedFile {
  pare_footer footer;
  Manifest manifest;
};

/// Checks every byte of the file: footer, padding, checksums, the ELF header and segments, the manifest. With
/// skipChecksums the code and the weights are not read through. Loads nothing and runs nothing of the file.
Status checkFile(const uint8_t *data, uint64_t size, bool skipChecksums, CheckedFile &file);

/// Fills in everything that follows from the three section sizes. False when the file would be too large for 62 bits.
bool layOut(uint64_t codeSize, uint64_t weightsSize, uint64_t manifestSize, pare_footer &footer);

/// XXH3-64.
uint64_t hashBytes(const void *data, uint64_t size);
/// What footer_hash must be.
uint64_t hashFooter(const pare_footer &footer);

} // namespace pare::rt

#endif
