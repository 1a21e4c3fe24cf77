// What every pass that removes redundant work declares.
#ifndef PARE_PASS_BASE
#define PARE_PASS_BASE

include "mlir/Pass/PassBase.td"

/// The same function up to float rounding (docs/Numerics.md): proved, and tested against the Reference. `papers` names
/// the published systems whose redundancy it removes; docs/Passes.md lists them.
class ExactPass<string flag, string op = "::mlir::func::FuncOp"> : Pass<flag, op> {
  list<string> papers = [];
  let dependentDialects = ["::pare::PareDialect"];
}

#endif
