// Runs passes over IR in text form.
#include "mlir/InitAllDialects.h"
#include "mlir/InitAllExtensions.h"
#include "mlir/InitAllPasses.h"
#include "mlir/Tools/mlir-opt/MlirOptMain.h"
#include "pare/Codegen/CPU/Passes.h"
#include "pare/Conversion/Passes.h"
#include "pare/Dialect/Pare.h"
#include "pare/Pipeline/Pipeline.h"
#include "passes/Layout/Passes.h"
#include "passes/Numerics/Passes.h"
#include "passes/Padding/Passes.h"
#include "passes/Raise/Passes.h"
#include "passes/Simplify/Passes.h"

int main(int argc, char **argv) {
  mlir::DialectRegistry registry;
  mlir::registerAllDialects(registry);
  mlir::registerAllExtensions(registry);
  registry.insert<pare::PareDialect>();
  mlir::registerAllPasses();
  pare::registerSimplifyPasses();
  pare::registerRaiseEachPasses();
  pare::registerPaddingEachPasses();
  pare::registerLayoutEachPasses();
  pare::registerNumericsEachPasses();
  pare::registerConversionPasses();
  pare::cpu::registerCPUPasses();
  pare::registerPhases();
  return mlir::asMainReturnCode(mlir::MlirOptMain(argc, argv, "Pare's optimizer driver\n", registry));
}
