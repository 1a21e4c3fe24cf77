// The register-tile routine of matrix products.
#ifndef PARE_CODEGEN_CPU_REGISTERTILES_H
#define PARE_CODEGEN_CPU_REGISTERTILES_H

#include "mlir/IR/BuiltinOps.h"

namespace pare::cpu {
/// Shape of the accumulators that stay in registers.
struct RegisterTile {
  int64_t rows, vectors, lanes;
};
/// 9 x 48 f32 with 32 registers of 512 bits, 6 x 16 with 16 of 256, 4 x 8 with 16 of 128.
RegisterTile registerTileOf(llvm::StringRef variant);

/// Defines in `module`, in func, scf and LLVM ops,
///   gemm_f32(a, aRowStride, aDepthStride, b, bDepthStride, c, cRowStride, rows, columns, depth): c += a * b
/// for f32 and strides in elements; columns of b and c are contiguous. Rows are split evenly over tiles of at most
/// `tile.rows`, each height by code of its own; columns beyond whole vectors are masked.
void defineGemm(mlir::ModuleOp module, RegisterTile tile);
} // namespace pare::cpu

#endif
