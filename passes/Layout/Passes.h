// Passes that choose how tensors lie in memory.
#ifndef PARE_PASSES_LAYOUT_PASSES_H
#define PARE_PASSES_LAYOUT_PASSES_H

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Pass/Pass.h"
#include "pare/Dialect/Pare.h"

namespace pare {
#define GEN_PASS_DECL
#include "passes/Layout/Passes.h.inc"

#define GEN_PASS_REGISTRATION
#include "passes/Layout/Passes.h.inc"
} // namespace pare

#endif
