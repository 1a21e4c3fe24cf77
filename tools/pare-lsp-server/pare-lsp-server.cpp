// Language server for .mlir files with the pare dialect.
#include "mlir/InitAllDialects.h"
#include "mlir/Tools/mlir-lsp-server/MlirLspServerMain.h"
#include "pare/Dialect/Pare.h"

int main(int argc, char **argv) {
  mlir::DialectRegistry registry;
  mlir::registerAllDialects(registry);
  registry.insert<pare::PareDialect>();
  return mlir::failed(mlir::MlirLspServerMain(argc, argv, registry));
}
