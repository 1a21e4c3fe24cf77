// Passes that take away what an exporter left behind.
#ifndef PARE_PASSES_SIMPLIFY_PASSES_H
#define PARE_PASSES_SIMPLIFY_PASSES_H

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Pass/Pass.h"
#include "pare/Dialect/Pare.h"

namespace pare {
#define GEN_PASS_DECL
#include "passes/Simplify/Passes.h.inc"

#define GEN_PASS_REGISTRATION
#include "passes/Simplify/Passes.h.inc"

/// All passes of the family in a useful order; for a pass manager of modules.
void buildSimplifyPipeline(mlir::OpPassManager &manager, bool keepQuantized = false);
/// Registers every pass of the family and the pipeline `pare-simplify`.
void registerSimplifyPasses();
} // namespace pare

#endif
