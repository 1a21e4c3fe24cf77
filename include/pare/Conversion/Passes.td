// Passes that leave the pare dialect.
#ifndef PARE_CONVERSION_PASSES
#define PARE_CONVERSION_PASSES

include "mlir/Pass/PassBase.td"

def ConvertPareToLinalg : Pass<"convert-pare-to-linalg", "::mlir::ModuleOp"> {
  let summary = "Lower the pare dialect to linalg, tensor and scf";
  let description = [{
    Replaces every pare op by linalg, tensor, arith, math, scf and cf ops on tensors of signless integers; whether an
    operation is signed was decided by the original types. Arguments and results of functions keep `pare.name` and
    `pare.dims` and get `pare.type`, their original type. Constants above 1024 bytes become external globals that carry
    their value as `pare.data`. What depends on the input and may be wrong (an index out of range, sizes that do not
    broadcast) is checked by `cf.assert` with a text that names the node.

    ```mlir
    %y = pare.add %x, %c : (tensor<?x4xsi32>, tensor<4xsi32>) -> tensor<?x4xsi32>
    // becomes
    %y = linalg.generic ... ins(%x, %c : tensor<?x4xi32>, tensor<4xi32>) outs(%e : tensor<?x4xi32>) { arith.addi }
    ```

    An op that cannot be lowered, because a tensor has no known rank, is an error at its location; all are reported.
  }];
  let dependentDialects = [
    "::mlir::affine::AffineDialect", "::mlir::arith::ArithDialect", "::mlir::bufferization::BufferizationDialect", "::mlir::cf::ControlFlowDialect",
    "::mlir::linalg::LinalgDialect", "::mlir::math::MathDialect", "::mlir::memref::MemRefDialect",
    "::mlir::scf::SCFDialect", "::mlir::tensor::TensorDialect"];
}

#endif
