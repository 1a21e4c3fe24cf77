// Which passes run in which phase, and why there.
#include "mlir/Pass/PassRegistry.h"
#include "mlir/Transforms/Passes.h"
#include "pare/Codegen/CPU/Passes.h"
#include "pare/Conversion/Passes.h"
#include "pare/Pipeline/Pipeline.h"
#include "passes/Layout/Passes.h"
#include "passes/Numerics/Passes.h"
#include "passes/Padding/Passes.h"
#include "passes/Raise/Passes.h"
#include "passes/Simplify/Passes.h"

using namespace mlir;

namespace pare {
namespace {
void buildSimplify(OpPassManager &manager, const CompileOptions &options) {
  if (options.level == 0)
    // Lowering needs to know ranks.
    manager.nest<func::FuncOp>().addPass(createRefineTypes());
  else
    // What a weight was quantised to serves --pare-multiply-quantized.
    buildSimplifyPipeline(manager, /*keepQuantized=*/options.level >= 2);
}

void buildRaise(OpPassManager &manager, const CompileOptions &options) {
  if (options.level == 0)
    return;
  OpPassManager &functions = manager.nest<func::FuncOp>();
  // An op in place of many is less for those that follow to look at.
  functions.addPass(createRaiseNorms());
  functions.addPass(createRaiseActivations());
  // Attention is found from its softmax.
  functions.addPass(createRaiseSoftmax());
  functions.addPass(createRaiseAttention());
  // Masks are spelled once per layer, and raising leaves moves behind.
  functions.addPass(createCSEPass());
  functions.addPass(createRefineTypes());
  functions.addPass(createSimplifyShapes());
  functions.addPass(createCanonicalize());
  functions.addPass(createCSEPass());
}

void buildPare(OpPassManager &manager, const CompileOptions &options) {
  if (options.level < 2)
    return;
  RemovePaddingOptions padding;
  padding.packedOutputs = options.packedOutputs;
  manager.addPass(createRemovePadding(padding));
  OpPassManager &functions = manager.nest<func::FuncOp>();
  functions.addPass(createCSEPass()); // equal selections are one
  // After the padding, so that a row that is picked by index is one of the packed rows.
  functions.addPass(createRemoveDeadRows());
  // Packing spells shapes anew for every op.
  functions.addPass(createRefineTypes());
  functions.addPass(createSimplifyShapes());
  functions.addPass(createCanonicalize());
  // Behind what knows products by the numbers that they multiply, in front of what loses weights in bytes.
  functions.addPass(createMultiplyQuantized());
  functions.addPass(createFoldConstants());
  functions.addPass(createCSEPass()); // an activation becomes unsigned once for all that read it
}

void buildLower(OpPassManager &manager, const CompileOptions &options) {
  // Functions that only describe others.
  manager.addPass(createSymbolDCEPass());
  if (options.level > 0)
    manager.nest<func::FuncOp>().addPass(createChannelsLast());
  manager.addPass(createConvertPareToLinalg());
  // The conversion leaves shape arithmetic once per op that needs it; fusion groups form on what is left of it.
  manager.addPass(createCanonicalizerPass());
  manager.addPass(createCSEPass());
  cpu::buildLoweringPipeline(manager, options.cpuBf16);
}

void buildCodegen(OpPassManager &manager, const CompileOptions &options) {
  cpu::CodegenOptions codegen;
  codegen.variants.assign(options.variants.begin(), options.variants.end());
  // Left out again where no products of bytes are found. It stands before the one that has its instructions as well.
  if (llvm::is_contained(options.variants, "x86-64-v4"))
    codegen.variants.push_back("x86-64-v4-vnni");
  if (options.cpuBf16 && llvm::is_contained(options.variants, "x86-64-v4"))
    codegen.variants.insert(codegen.variants.end(), {"x86-64-v4-bf16", "x86-64-v4-amx"});
  cpu::buildCodegenPipeline(manager, codegen);
}
} // namespace

void buildPhase(OpPassManager &manager, Phase phase, const CompileOptions &options) {
  switch (phase) {
  case Phase::Simplify:
    return buildSimplify(manager, options);
  case Phase::Lower:
    return buildLower(manager, options);
  case Phase::Codegen:
    return buildCodegen(manager, options);
  case Phase::Raise:
    return buildRaise(manager, options);
  case Phase::Pare:
    return buildPare(manager, options);
  case Phase::Import:
  case Phase::Emit:
    return;
  }
}

void registerPhases() {
  for (Phase phase : {Phase::Simplify, Phase::Raise, Phase::Pare, Phase::Lower, Phase::Codegen})
    PassPipelineRegistration<>("pare-phase-" + std::string(getName(phase)), getSentence(phase),
                               [phase](OpPassManager &manager) { buildPhase(manager, phase, {}); });
}
} // namespace pare
