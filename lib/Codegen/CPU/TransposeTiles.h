// The routine that transposes an operand of a product in registers.
#ifndef PARE_CODEGEN_CPU_TRANSPOSETILES_H
#define PARE_CODEGEN_CPU_TRANSPOSETILES_H

#include "Abi.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"

namespace pare::cpu {
/// Of the routine: the source and the elements between its rows, the target and those between its rows, the number of
/// columns and of rows of the source.
mlir::FunctionType transposeType(Abi &builder);

/// The columns of a square of vectors.
llvm::SmallVector<mlir::Value> transposeSquare(Abi &builder, llvm::SmallVector<mlir::Value> rows);

/// Defines @transpose_f32 in `module`, in func, scf, vector and LLVM ops:
///   target[k, n] = source[n, k] for k < columns, n < rows
/// by squares of `lanes` rows and columns.
void defineTranspose(mlir::ModuleOp module, int64_t lanes);
} // namespace pare::cpu

#endif
