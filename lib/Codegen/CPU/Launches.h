// What a profile says about the call of a kernel.
#ifndef PARE_CODEGEN_CPU_LAUNCHES_H
#define PARE_CODEGEN_CPU_LAUNCHES_H

#include "mlir/Dialect/SCF/IR/SCF.h"

namespace pare::cpu {
/// On the outer module: an array of {kernel, name, locations}, one for each call of a kernel. See
/// pare/Target/Artefact.h.
inline constexpr llvm::StringLiteral kLaunchesAttr = "pare.launches";

/// The launch of a kernel that is outlined from `loop`. The name is made of the ops of the pare dialect that locations
/// name ("pare.matmul"): first what sums, then the others in their order.
mlir::DictionaryAttr describeLaunch(mlir::scf::ForallOp loop, int64_t kernel);
} // namespace pare::cpu

#endif
