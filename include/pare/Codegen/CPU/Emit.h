// From the LLVM dialect to object code.
#ifndef PARE_CODEGEN_CPU_EMIT_H
#define PARE_CODEGEN_CPU_EMIT_H

#include "mlir/IR/BuiltinOps.h"
#include "llvm/ADT/SmallVector.h"
#include <string>
#include <vector>

namespace pare::cpu {
struct EmitOptions {
  /// Effort of the LLVM optimiser, 0 to 3 as in clang's -O.
  unsigned level = 3;
};

/// A relocatable x86-64 ELF object in memory.
struct Object {
  std::string name;
  llvm::SmallVector<char, 0> bytes;
};

/// Compiles each module nested in `module` that carries `pare.variant` (a level such as "x86-64-v3") for that level,
/// in parallel on the threads of the context. What abi.h names stays visible, everything else becomes local to its
/// object. The IR alone says what is contracted to fused multiply-adds.
///
/// Fails, with an error at the nested module, when the variant is unknown or the module is not all LLVM dialect.
llvm::FailureOr<std::vector<Object>> emitObjects(mlir::ModuleOp module, const EmitOptions &options = {});
} // namespace pare::cpu

#endif
