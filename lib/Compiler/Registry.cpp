// A file of its own: upstream's registration is slow to compile.
#include "mlir/InitAllDialects.h"
#include "mlir/InitAllExtensions.h"
#include "pare/Compiler/Compilation.h"
#include "pare/Dialect/Pare.h"

void pare::registerDialects(mlir::DialectRegistry &registry) {
  mlir::registerAllDialects(registry);
  mlir::registerAllExtensions(registry);
  registry.insert<PareDialect>();
}
