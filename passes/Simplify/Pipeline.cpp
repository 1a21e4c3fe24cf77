// The family's passes in order.
#include "Passes.h"
#include "mlir/Pass/PassManager.h"
#include "mlir/Pass/PassRegistry.h"
#include "mlir/Transforms/Passes.h"

using namespace mlir;

void pare::buildSimplifyPipeline(OpPassManager &manager, bool keepQuantized) {
  FoldConstantsOptions folding;
  folding.keepQuantized = keepQuantized;
  // Twice: constants make shapes static, and static shapes make more constants.
  for (int round = 0; round < 2; ++round) {
    OpPassManager &functions = manager.nest<func::FuncOp>();
    functions.addPass(createRefineTypes());
    functions.addPass(createSimplifyShapes());
    functions.addPass(createCanonicalize());
    functions.addPass(createFoldConstants(folding));
    functions.addPass(createCSEPass());
  }
}

void pare::registerSimplifyPasses() {
  registerSimplifyEachPasses();
  PassPipelineRegistration<>("pare-simplify", "Fold constants, infer shapes, remove exporter noise",
                             [](OpPassManager &manager) { buildSimplifyPipeline(manager); });
}
