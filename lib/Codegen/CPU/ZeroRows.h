// Rows of a padded image that are known to be zero: products with them need not be computed.
#ifndef PARE_CODEGEN_CPU_ZEROROWS_H
#define PARE_CODEGEN_CPU_ZEROROWS_H

#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include <optional>

namespace pare::cpu {
/// Notes on a contraction on tensors how many rows its operand 0 begins and ends with that are zero, along each axis
/// that windows move on. The note holds for the tiles of the op too: it speaks of the operand before it was sliced.
void noteZeroRows(mlir::linalg::LinalgOp op);

/// Which taps of the windows of a convolution on buffers meet other rows than those noted as zero, along one axis.
struct WindowTaps {
  unsigned window;             // the reduced loop over the taps
  std::optional<unsigned> row; // the parallel loop that moves the window; it stays in place without
  int64_t stride, dilation;
  int64_t begin, end;                               // the rows that are not zero
  llvm::SmallVector<mlir::OpFoldResult, 2> offsets; // add up to the row of the operand at which the tile begins
};
/// For each axis on which something was noted, if its place in the noted operand is known.
llvm::SmallVector<WindowTaps> windowTapsOf(mlir::linalg::LinalgOp op);
} // namespace pare::cpu

#endif
