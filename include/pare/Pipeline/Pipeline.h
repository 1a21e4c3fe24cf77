// The passes of each phase.
#ifndef PARE_PIPELINE_PIPELINE_H
#define PARE_PIPELINE_PIPELINE_H

#include "mlir/Pass/PassManager.h"
#include "pare/Options.h"

namespace pare {
/// Adds the passes that lead from the phase before `phase` to it; for a pass manager of modules. `import` and `emit`
/// have none: they are a reader and a writer.
void buildPhase(mlir::OpPassManager &manager, Phase phase, const CompileOptions &options);

/// Registers the phases as pipelines: pare-phase-simplify, ... with the default options.
void registerPhases();
} // namespace pare

#endif
