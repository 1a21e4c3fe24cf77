// From linalg on tensors to LLVM for CPUs.
#ifndef PARE_CODEGEN_CPU_PASSES_H
#define PARE_CODEGEN_CPU_PASSES_H

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/IR/BuiltinOps.h"
#include "mlir/Pass/Pass.h"
#include "mlir/Pass/PassManager.h"

namespace pare::cpu {
struct CodegenOptions {
  /// CPU variants for which the artefact holds kernels; x86-64-v2 must be among them.
  llvm::SmallVector<std::string> variants = {"x86-64-v2", "x86-64-v3", "x86-64-v4"};
};

#define GEN_PASS_DECL
#include "pare/Codegen/CPU/Passes.h.inc"

#define GEN_PASS_REGISTRATION
#include "pare/Codegen/CPU/Passes.h.inc"

/// The dialects of phases `lower` and `codegen`, with the interfaces that tiling and bufferisation ask for.
void registerCPUDialects(mlir::DialectRegistry &registry);

/// The passes above and the pipelines `pare-cpu-lower` and `pare-cpu-codegen`.
void registerCPUPasses();

/// Ends phase `lower`, after --convert-pare-to-linalg: fuses and forms groups on tensors. `narrow`: multiplies in
/// bfloat16, which is approximate.
void buildLoweringPipeline(mlir::OpPassManager &pm, bool narrow = false);

/// Phase `codegen`: from the end of `lower` to the LLVM dialect. The module then holds the nested modules `@host` and
/// one of kernels for each variant, and the attributes `pare.entries` and `pare.weights`.
void buildCodegenPipeline(mlir::OpPassManager &pm, const CodegenOptions &options = {});
} // namespace pare::cpu

#endif
