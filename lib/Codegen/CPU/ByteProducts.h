// Products of bytes in vectors, exact in 32 bits.
#ifndef PARE_CODEGEN_CPU_BYTEPRODUCTS_H
#define PARE_CODEGEN_CPU_BYTEPRODUCTS_H

#include "Abi.h"
#include "RegisterTiles.h"

namespace pare::cpu {
struct ByteFactors {
  RegisterTile tile;
  bool leftIsSigned; // the other one is not
};

/// Adds to each of `sums`, vectors of i32, the products of the four bytes in each lane of `left` and of one of `right`,
/// vectors of i32 as well. Without an instruction of its own as products of 16 bits: those that multiply bytes in pairs
/// saturate.
void addByteProducts(Abi &builder, const ByteFactors &factors, mlir::Value left, llvm::ArrayRef<mlir::Value> right,
                     llvm::MutableArrayRef<mlir::Value> sums);

/// The first `count` (1 to 3, as i64) bytes at an address as an i32, the others 0. Reads nothing behind them.
mlir::Value loadBytes(Abi &builder, mlir::Value address, mlir::Value count);
} // namespace pare::cpu

#endif
