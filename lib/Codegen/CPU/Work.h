// How much work a fusion group is, from its formation to the call of its kernel.
#ifndef PARE_CODEGEN_CPU_WORK_H
#define PARE_CODEGEN_CPU_WORK_H

#include "Group.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/IR/PatternMatch.h"

namespace pare::cpu {
/// FLOPs and bytes, as i64; -1 for what is not known.
struct Work {
  mlir::Value flops, bytes;
};

/// Notes the work of a group in front of its root, before that is tiled: FLOPs are the arithmetic on floats in the
/// bodies of the ops times their iterations, a multiply-add being two and a transcendental function one; bytes are
/// those of the tensors that come from outside, and of the results. Both are computed from sizes at run time, so that
/// they hold for any shape.
void noteWork(mlir::RewriterBase &rewriter, const Group &group);
/// Notes the work of a parallel loop that is built next.
void noteWork(mlir::OpBuilder &builder, mlir::Location loc, const Work &work);
/// Notes that the work of a parallel loop, which is a tile's already, is not known.
void noteUnknownWork(mlir::RewriterBase &rewriter, mlir::scf::ForallOp loop);
/// Where a parallel loop begins: its note, or the loop itself when nothing is noted.
mlir::Operation *beginOf(mlir::scf::ForallOp loop);
/// Moves all notes to their loops, so that other loops may be built in front of those.
void settleWork(mlir::Operation *root);
/// What was noted for a loop, whose note goes; unknown when there is none.
Work takeWork(mlir::OpBuilder &builder, mlir::scf::ForallOp loop);
/// Drops the notes that nobody took.
void dropWork(mlir::Operation *root);
} // namespace pare::cpu

#endif
