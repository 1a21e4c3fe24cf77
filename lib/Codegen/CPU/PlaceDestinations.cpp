// Computes what is inserted into a larger tensor in its place there.
#include "Work.h"
#include "mlir/Analysis/SliceAnalysis.h"
#include "mlir/Dialect/Bufferization/IR/Bufferization.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/Interfaces/SideEffectInterfaces.h"
#include "pare/Codegen/CPU/Passes.h"

namespace pare::cpu {
#define GEN_PASS_DEF_PLACEDESTINATIONS
#include "pare/Codegen/CPU/Passes.h.inc"
} // namespace pare::cpu

using namespace mlir;

namespace {
struct PlaceDestinations : pare::cpu::impl::PlaceDestinationsBase<PlaceDestinations> {
  /// The group whose result `insert` alone reads, if it starts from a tensor of its own.
  static scf::ForallOp groupOf(tensor::InsertSliceOp insert) {
    Value source = insert.getSource();
    while (auto cast = source.getDefiningOp<tensor::CastOp>()) {
      if (!cast->hasOneUse())
        return {};
      source = cast.getSource();
    }
    auto group = source.getDefiningOp<scf::ForallOp>();
    if (!group || !source.hasOneUse() || group->getBlock() != insert->getBlock())
      return {};
    Value init = group.getOutputs()[cast<OpResult>(source).getResultNumber()];
    return init.getDefiningOp<tensor::EmptyOp>() ? group : scf::ForallOp();
  }

  void runOnOperation() override {
    SmallVector<tensor::InsertSliceOp> inserts;
    getOperation().walk([&](tensor::InsertSliceOp op) { inserts.push_back(op); });
    for (tensor::InsertSliceOp insert : inserts)
      if (scf::ForallOp group = groupOf(insert))
        moveAbove(group, insert);
  }

  /// Moves what `insert` reads beside the group's result above the group; nothing where that depends on the group or on
  /// memory.
  static void moveAbove(scf::ForallOp group, tensor::InsertSliceOp insert) {
    BackwardSliceOptions options;
    options.inclusive = true;
    options.omitUsesFromAbove = false;
    options.filter = [&](Operation *op) { return op->getBlock() == group->getBlock() && !op->isBeforeInBlock(group); };
    SetVector<Operation *> slice;
    auto take = [&](ValueRange values) {
      return llvm::all_of(values, [&](Value value) { return succeeded(getBackwardSlice(value, &slice, options)); });
    };
    if (!take(insert->getOperands().drop_front()))
      return;
    if (slice.contains(group) || !llvm::all_of(slice, [](Operation *op) {
          return isa<bufferization::AllocTensorOp>(op) || isMemoryEffectFree(op);
        }))
      return;
    // Notes go with their groups.
    for (unsigned number = 0; number < slice.size(); ++number)
      if (auto loop = dyn_cast<scf::ForallOp>(slice[number]))
        if (Operation *note = pare::cpu::beginOf(loop); note != loop && take(note->getOperands()))
          slice.insert(note);
    SmallVector<Operation *> sorted = slice.takeVector();
    llvm::sort(sorted, [](Operation *a, Operation *b) { return a->isBeforeInBlock(b); });
    Operation *begin = pare::cpu::beginOf(group);
    for (Operation *op : sorted)
      if (!op->isBeforeInBlock(begin))
        op->moveBefore(begin);
  }
};
} // namespace
