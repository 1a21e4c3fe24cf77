#include "BufferLifetimes.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Interfaces/ViewLikeInterface.h"

using namespace mlir;
using namespace pare::cpu;

static uint32_t number(Operation *op, uint32_t &steps, DenseMap<Operation *, std::pair<uint32_t, uint32_t>> &span) {
  uint32_t first = steps++;
  for (Region &region : op->getRegions())
    for (Block &block : region)
      for (Operation &inner : block)
        number(&inner, steps, span);
  uint32_t last = op->getNumRegions() ? steps++ : first;
  span[op] = {first, last};
  return last;
}

BufferLifetimes::BufferLifetimes(func::FuncOp function) { number(function, steps, span); }

/// Ops whose results reach the memory of an operand: views, and arithmetic on its address.
static bool forwards(Operation *op) {
  return isa<ViewLikeOpInterface, memref::ExtractStridedMetadataOp, memref::ExtractAlignedPointerAsIndexOp,
             LLVM::IntToPtrOp, LLVM::GEPOp>(op) ||
         isa<arith::ArithDialect>(op->getDialect());
}

Lifetime BufferLifetimes::of(memref::AllocOp alloc) const {
  Lifetime result;
  result.first = result.last = span.lookup(alloc).first;
  SmallVector<Value> work{alloc.getResult()};
  llvm::DenseSet<Value> seen;
  Block *home = alloc->getBlock();
  while (!work.empty()) {
    Value value = work.pop_back_val();
    if (!seen.insert(value).second)
      continue;
    for (Operation *user : value.getUsers()) {
      Operation *ancestor = home->findAncestorOpInBlock(*user);
      if (!ancestor) {
        result.escapes = true;
        continue;
      }
      result.last = std::max(result.last, span.lookup(ancestor).second);
      bool terminates = user->hasTrait<OpTrait::IsTerminator>() && !isa<func::ReturnOp>(user);
      // Into a loop or out of a region: the buffer has other names there.
      if (terminates || (user->getNumRegions() && isa<MemRefType>(value.getType())))
        result.escapes = true;
      if (forwards(user))
        work.append(user->result_begin(), user->result_end());
    }
  }
  return result;
}
