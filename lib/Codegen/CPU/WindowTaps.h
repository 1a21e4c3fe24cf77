// Which products of a convolution with its padding need not be computed.
#ifndef PARE_CODEGEN_CPU_WINDOWTAPS_H
#define PARE_CODEGEN_CPU_WINDOWTAPS_H

#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include <optional>

namespace pare::cpu {
/// Which taps of the windows of a convolution on buffers meet other rows than those of its padding, along one axis.
struct WindowTaps {
  unsigned window;             // the reduced loop over the taps
  std::optional<unsigned> row; // the parallel loop that moves the window; it stays in place without
  int64_t stride, dilation;
  int64_t begin, end;                               // the rows that are not padding
  llvm::SmallVector<mlir::OpFoldResult, 2> offsets; // add up to the row of the operand at which the tile begins
};
/// For each axis that `pare.zero_rows` notes, if the place of the tile in the whole image is known. The note speaks of
/// operand 0 before it was sliced.
llvm::SmallVector<WindowTaps> windowTapsOf(mlir::linalg::LinalgOp op);
} // namespace pare::cpu

#endif
