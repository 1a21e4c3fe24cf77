// What the passes of the family share.
#ifndef PARE_PASSES_SIMPLIFY_UTILS_H
#define PARE_PASSES_SIMPLIFY_UTILS_H

#include "mlir/Dialect/Func/IR/FuncOps.h"

namespace pare {
/// Gives the function the result types that it returns.
void syncResultTypes(mlir::func::FuncOp function);
/// Refines the type of `value` to what `type` knows too, if the value is the result of a pare op; whether it now knows
/// it.
bool refineTo(mlir::Value value, mlir::Type type);
} // namespace pare

#endif
