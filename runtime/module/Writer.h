// Writes model.pare files. For the compiler's Target and for tests; needs no LLVM.
#ifndef PARE_RUNTIME_MODULE_WRITER_H
#define PARE_RUNTIME_MODULE_WRITER_H

#include "base/Status.h"

#include <functional>
#include <string>
#include <string_view>

namespace pare::rt {

/// Takes the weights piece by piece, in order. Returns false when the file cannot be written; the source should then
/// stop and return false too (the error is that of the file).
using WeightsSink = std::function<bool(const void *data, size_t size)>;
/// Pushes all of the weights into the sink. Returns false to give up; nothing is left on disk then.
using WeightsSource = std::function<bool(const WeightsSink &sink)>;

struct Artefact {
  /// An ELF64 x86-64 shared object that keeps to abi.h.
  std::string_view code;
  /// Empty: no weights. Their total size need not be known before; they are never held in memory.
  WeightsSource weights;
  /// Checked by the rules of the loader before anything is written.
  std::string_view manifest;
};

/// Writes the file under a temporary name in the same folder and renames it over `path`, so that whoever opens `path`
/// finds the old file or the complete new one.
Status writeArtefact(const std::string &path, const Artefact &artefact);

} // namespace pare::rt

#endif
