// The order of code generation for CPUs.
#include "mlir/Conversion/Passes.h"
#include "mlir/Dialect/Affine/IR/AffineOps.h"
#include "mlir/Dialect/Affine/IR/ValueBoundsOpInterfaceImpl.h"
#include "mlir/Dialect/Arith/IR/ValueBoundsOpInterfaceImpl.h"
#include "mlir/Dialect/Arith/Transforms/BufferizableOpInterfaceImpl.h"
#include "mlir/Dialect/Arith/Transforms/Passes.h"
#include "mlir/Dialect/Bufferization/Transforms/FuncBufferizableOpInterfaceImpl.h"
#include "mlir/Dialect/Bufferization/Transforms/Passes.h"
#include "mlir/Dialect/ControlFlow/IR/ControlFlow.h"
#include "mlir/Dialect/ControlFlow/Transforms/BufferizableOpInterfaceImpl.h"
#include "mlir/Dialect/Func/Extensions/AllExtensions.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Linalg/Passes.h"
#include "mlir/Dialect/Linalg/Transforms/BufferizableOpInterfaceImpl.h"
#include "mlir/Dialect/Linalg/Transforms/SubsetInsertionOpInterfaceImpl.h"
#include "mlir/Dialect/Linalg/Transforms/TilingInterfaceImpl.h"
#include "mlir/Dialect/Math/Transforms/Passes.h"
#include "mlir/Dialect/MemRef/IR/ValueBoundsOpInterfaceImpl.h"
#include "mlir/Dialect/MemRef/Transforms/Passes.h"
#include "mlir/Dialect/SCF/IR/ValueBoundsOpInterfaceImpl.h"
#include "mlir/Dialect/SCF/Transforms/BufferizableOpInterfaceImpl.h"
#include "mlir/Dialect/SCF/Transforms/Passes.h"
#include "mlir/Dialect/Tensor/IR/TensorTilingInterfaceImpl.h"
#include "mlir/Dialect/Tensor/IR/ValueBoundsOpInterfaceImpl.h"
#include "mlir/Dialect/Tensor/Transforms/BufferizableOpInterfaceImpl.h"
#include "mlir/Dialect/Tensor/Transforms/SubsetInsertionOpInterfaceImpl.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "mlir/Pass/PassRegistry.h"
#include "mlir/Transforms/Passes.h"
#include "pare/Codegen/CPU/Passes.h"

using namespace mlir;
using namespace pare::cpu;

void pare::cpu::registerCPUDialects(DialectRegistry &registry) {
  registry
      .insert<affine::AffineDialect, arith::ArithDialect, bufferization::BufferizationDialect, cf::ControlFlowDialect,
              func::FuncDialect, linalg::LinalgDialect, LLVM::LLVMDialect, math::MathDialect, memref::MemRefDialect,
              scf::SCFDialect, tensor::TensorDialect, vector::VectorDialect>();
  affine::registerValueBoundsOpInterfaceExternalModels(registry);
  arith::registerBufferizableOpInterfaceExternalModels(registry);
  arith::registerValueBoundsOpInterfaceExternalModels(registry);
  bufferization::func_ext::registerBufferizableOpInterfaceExternalModels(registry);
  cf::registerBufferizableOpInterfaceExternalModels(registry);
  func::registerAllExtensions(registry);
  linalg::registerBufferizableOpInterfaceExternalModels(registry);
  linalg::registerSubsetOpInterfaceExternalModels(registry);
  linalg::registerTilingInterfaceExternalModels(registry);
  memref::registerValueBoundsOpInterfaceExternalModels(registry);
  scf::registerBufferizableOpInterfaceExternalModels(registry);
  scf::registerValueBoundsOpInterfaceExternalModels(registry);
  tensor::registerBufferizableOpInterfaceExternalModels(registry);
  tensor::registerSubsetOpInterfaceExternalModels(registry);
  tensor::registerTilingInterfaceExternalModels(registry);
  tensor::registerValueBoundsOpInterfaceExternalModels(registry);
}

static void clean(OpPassManager &pm) {
  pm.addPass(createCanonicalizerPass());
  pm.addPass(createCSEPass());
}

void pare::cpu::buildLoweringPipeline(OpPassManager &pm, bool narrow) {
  OpPassManager &functions = pm.nest<func::FuncOp>();
  functions.addPass(createReadTransposedWeights());
  if (narrow)
    functions.addPass(createNarrowProducts());
  // Before reshapes move.
  functions.addPass(createFlattenInserts());
  functions.addPass(createFuseElementwise());
  clean(functions);
  functions.addPass(createFormGroups());
  // Producers that two consumers of a group read were cloned for each: CSE makes them one again.
  clean(functions);
}

/// From buffers to LLVM, in every nested module.
static void buildToLLVM(OpPassManager &pm) {
  OpPassManager &nested = pm.nest<ModuleOp>();
  nested.addPass(createLowerLoops());
  nested.addPass(createForallToForLoopPass());
  // Narrow floats compute in f32: their instructions are not in every variant.
  arith::ArithEmulateUnsupportedFloatsOptions narrow;
  narrow.sourceTypeStrs = {"f16", "bf16"};
  narrow.targetTypeStr = "f32";
  nested.addPass(math::createMathExtendToSupportedTypes());
  nested.addPass(arith::createArithEmulateUnsupportedFloats(narrow));
  nested.addPass(createExpandMath());
  clean(nested);
  nested.addPass(createLoopInvariantCodeMotionPass());
  nested.addPass(createLowerReshapes());
  nested.addPass(memref::createExpandStridedMetadataPass());
  nested.addPass(createLowerAffinePass());
  nested.addPass(arith::createArithExpandOpsPass());
  clean(nested);
  nested.addPass(createSCFToControlFlowPass());
}

static void buildConversions(OpPassManager &pm) {
  OpPassManager &nested = pm.nest<ModuleOp>();
  nested.addNestedPass<func::FuncOp>(createConvertMathToLLVMPass());
  nested.addPass(createConvertMathToLibmPass());
  nested.addPass(createConvertVectorToLLVMPass());
  nested.addPass(createFinalizeMemRefToLLVMConversionPass());
  nested.addPass(createArithToLLVMConversionPass());
  nested.addPass(createConvertControlFlowToLLVMPass());
  nested.addPass(createConvertIndexToLLVMPass());
  nested.addPass(createUBToLLVMConversionPass());
  nested.addPass(createConvertFuncToLLVMPass());
  nested.addPass(createReconcileUnrealizedCastsPass());
  clean(nested);
}

void pare::cpu::buildCodegenPipeline(OpPassManager &pm, const CodegenOptions &options) {
  DefineTilesOptions tiles;
  LowerCallsOptions calls;
  for (const std::string &variant : options.variants) {
    tiles.variants.push_back(variant);
    calls.variants.push_back(variant);
  }
  pm.addPass(createInlinerPass());
  pm.addPass(createSymbolDCEPass());
  pm.addNestedPass<func::FuncOp>(createPlaceDestinations());
  pm.addNestedPass<func::FuncOp>(createReuseOperands());
  pm.addPass(bufferization::createEmptyTensorEliminationPass());
  clean(pm);
  pm.addPass(createBufferizeHost());
  clean(pm);
  pm.addPass(createPackWeights());
  // Before the kernels are cut out, so that the panels of a tile are among the buffers that are hoisted.
  pm.addPass(createLowerContractions());
  pm.addPass(createLowerTransposes());
  clean(pm);
  pm.addNestedPass<func::FuncOp>(createParallelizeCopies());
  pm.addPass(createOutlineKernels());
  pm.addPass(createDefineTiles(tiles));
  pm.addPass(createLowerEntries());
  buildToLLVM(pm);
  // An assert leaves its function, which structured control flow cannot.
  pm.nest<ModuleOp>().addPass(createLowerAsserts());
  buildConversions(pm);
  pm.addPass(createLowerCalls(calls));
}

void pare::cpu::registerCPUPasses() {
  registerCodegenCPUPasses();
  PassPipelineRegistration<>("pare-cpu-lower", "Fusion groups on tensors: ends phase `lower`",
                             [](OpPassManager &pm) { buildLoweringPipeline(pm); });
  PassPipelineRegistration<>("pare-cpu-codegen", "Phase `codegen`: from fusion groups to the LLVM dialect",
                             [](OpPassManager &pm) { buildCodegenPipeline(pm); });
}
