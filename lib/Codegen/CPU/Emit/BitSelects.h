#ifndef PARE_CODEGEN_CPU_EMIT_BITSELECTS_H
#define PARE_CODEGEN_CPU_EMIT_BITSELECTS_H

#include "llvm/IR/Function.h"

namespace pare::cpu {
/// Rewrites what LLVM 22 selects wrongly for AVX-512: a bit select, `x & m | y & ~m` with a constant m, that a vector
/// `select` merges with x or y. Becomes a bit select of merged operands, which is the same value:
///
///   select(c, x & m | y & ~m, x)  ->  x & m | select(c, y, x) & ~m
///
/// To be run on optimised code: the optimiser makes such selects, and instruction selection leaves the rewritten ones.
void sinkSelectsIntoBitSelects(llvm::Function &function);
} // namespace pare::cpu

#endif
