// Passes that do not compute rows of padding, or rows that nothing reads.
#ifndef PARE_PASSES_PADDING_PASSES_H
#define PARE_PASSES_PADDING_PASSES_H

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Pass/Pass.h"
#include "pare/Dialect/Pare.h"

namespace pare {
#define GEN_PASS_DECL
#include "passes/Padding/Passes.h.inc"

#define GEN_PASS_REGISTRATION
#include "passes/Padding/Passes.h.inc"
} // namespace pare

#endif
