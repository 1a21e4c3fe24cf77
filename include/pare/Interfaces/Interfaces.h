// Interfaces that passes use instead of switching over op kinds.
#ifndef PARE_INTERFACES_INTERFACES_H
#define PARE_INTERFACES_INTERFACES_H

#include "mlir/IR/OpDefinition.h"
#include "llvm/ADT/STLFunctionalExtras.h"

namespace pare {
using DimFn = llvm::function_ref<int64_t(mlir::Value, int64_t)>;

/// Number of elements of a ranked tensor value under `dim`; 0 for values of unknown rank.
double numElements(mlir::Value value, DimFn dim);
/// Bytes of all tensor operands and results of `op`, each counted once.
double defaultBytes(mlir::Operation *op, DimFn dim);
/// Bytes of one element as stored: i1 takes a whole byte.
unsigned elementBytes(mlir::Type elementType);
} // namespace pare

#include "pare/Interfaces/Interfaces.h.inc"

#endif
