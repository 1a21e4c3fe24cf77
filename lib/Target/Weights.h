// The weights section of an artefact.
#ifndef PARE_LIB_TARGET_WEIGHTS_H
#define PARE_LIB_TARGET_WEIGHTS_H

#include "mlir/IR/BuiltinOps.h"
#include "llvm/ADT/STLFunctionalExtras.h"
#include <vector>

namespace pare {
/// How a matrix KxN is stored: as ceil(N / width) panels of K rows by `width` columns, the last padded with zeros.
struct Panels {
  int64_t width = 0;       ///< 0: the tensor is stored as it is
  bool transposed = false; ///< the tensor holds NxK
  bool pairs = false;      ///< f32 is rounded to bfloat16, and rows 2k and 2k + 1 lie side by side in each column
  bool quads = false;      ///< of bytes: rows 4k to 4k + 3 lie side by side in each column, zeros behind the last
  llvm::SmallVector<int64_t> shape; ///< in which the tensor is read; empty for its own
};

struct Weight {
  mlir::TypedAttr data;
  uint64_t offset = 0;
  Panels panels;

  /// Bytes in the artefact.
  uint64_t storedBytes() const;
};

/// The weights that `module` lists (kWeightsAttr), checked.
llvm::FailureOr<std::vector<Weight>> readWeights(mlir::ModuleOp module);

/// False when the receiver cannot take more.
using ByteSink = llvm::function_ref<bool(llvm::ArrayRef<char>)>;

enum class StreamResult { Done, SinkFailed, SourceFailed };
/// Pushes all weights, with zeros between them, into `sink`. `error` says which file is at fault when the source
/// failed.
StreamResult streamWeights(llvm::ArrayRef<Weight> weights, ByteSink sink, std::string &error);
} // namespace pare

#endif
