// When the buffers of a host program are in use.
#ifndef PARE_CODEGEN_CPU_BUFFERLIFETIMES_H
#define PARE_CODEGEN_CPU_BUFFERLIFETIMES_H

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "llvm/ADT/DenseMap.h"

namespace pare::cpu {
struct Lifetime {
  /// Steps of the program, both ends inclusive.
  uint32_t first = 0, last = 0;
  /// A loop carries the buffer on: no interval holds.
  bool escapes = false;
};

/// Numbers the ops of a function in the order of execution. A buffer that is used in a loop lives until its end.
class BufferLifetimes {
public:
  explicit BufferLifetimes(mlir::func::FuncOp function);
  Lifetime of(mlir::memref::AllocOp alloc) const;
  uint32_t numSteps() const { return steps; }

private:
  uint32_t steps = 0;
  llvm::DenseMap<mlir::Operation *, std::pair<uint32_t, uint32_t>> span;
};
} // namespace pare::cpu

#endif
