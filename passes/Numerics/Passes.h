// Passes that choose in which numbers to compute.
#ifndef PARE_PASSES_NUMERICS_PASSES_H
#define PARE_PASSES_NUMERICS_PASSES_H

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Pass/Pass.h"
#include "pare/Dialect/Pare.h"

namespace pare {
#define GEN_PASS_DECL
#include "passes/Numerics/Passes.h.inc"

#define GEN_PASS_REGISTRATION
#include "passes/Numerics/Passes.h.inc"
} // namespace pare

#endif
