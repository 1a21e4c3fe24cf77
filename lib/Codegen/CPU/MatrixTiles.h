// Products in the matrix registers of AMX.
#ifndef PARE_CODEGEN_CPU_MATRIXTILES_H
#define PARE_CODEGEN_CPU_MATRIXTILES_H

#include "RegisterTiles.h"

namespace pare::cpu {
/// Defines a function in `module` that does what `band` does, the arguments of a routine for `vectors` vectors of 16
/// columns (1 to 3), with the products of pairs of bfloat16 in matrix registers: tiles of 32 rows, steps of 16 pairs.
/// What is left of the depth, the tail and few rows are those of `band`, which gets the sums of a tile as its start.
mlir::func::FuncOp defineMatrixBand(mlir::ModuleOp module, const Routine &routine, int64_t vectors,
                                    mlir::func::FuncOp band);
} // namespace pare::cpu

#endif
