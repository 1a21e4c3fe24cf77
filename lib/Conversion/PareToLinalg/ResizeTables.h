// Which elements, with which weights, make up each element of a resized axis.
#ifndef PARE_CONVERSION_PARETOLINALG_RESIZETABLES_H
#define PARE_CONVERSION_PARETOLINALG_RESIZETABLES_H

#include "Emit.h"
#include "pare/Dialect/Resize.h"

namespace pare::lowering {
/// One axis that is resized.
struct ResizeAxisTables {
  int64_t axis;
  mlir::OpFoldResult size, taps;
  mlir::Value index;   ///< i64 [taps, size]: within the operand
  mlir::Value weight;  ///< [taps, size]; null where all are 1
  mlir::Value outside; ///< i8 [size]: not 0 where the result is the extrapolation value; null where it never is
};

/// Those axes of `op` that change, in its order. Tables are constants where sizes and scales are, else they are
/// computed in front of the loops that read them. Weights are of type `wide`.
llvm::SmallVector<ResizeAxisTables> emitResizeTables(Emit &e, ResizeOp op, ResizeOp::Adaptor adaptor, mlir::Type wide);
} // namespace pare::lowering

#endif
