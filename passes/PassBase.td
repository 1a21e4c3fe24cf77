// What every pass that removes redundant work declares.
#ifndef PARE_PASS_BASE
#define PARE_PASS_BASE

include "mlir/Pass/PassBase.td"

/// The same function up to float rounding (docs/Numerics.md): proved, and tested against the Reference. `papers` are rows
/// of the table of papers in docs/Passes.md.
class ExactPass<string flag, string op = "::mlir::func::FuncOp"> : Pass<flag, op> {
  list<int> papers = [];
  let dependentDialects = ["::pare::PareDialect"];
}

#endif
