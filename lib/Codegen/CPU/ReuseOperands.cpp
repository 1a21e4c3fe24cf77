// Results take the place of an operand that nobody reads again: less memory, and stores that hit the cache.
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "pare/Codegen/CPU/Passes.h"

namespace pare::cpu {
#define GEN_PASS_DEF_REUSEOPERANDS
#include "pare/Codegen/CPU/Passes.h.inc"
} // namespace pare::cpu

using namespace mlir;

/// The empty tensor that a group writes one of its results into; null where that starts from anything else.
static tensor::EmptyOp emptyOf(scf::ForallOp group, unsigned number) {
  return group.getOutputs()[number].getDefiningOp<tensor::EmptyOp>();
}

/// The op in the block of `group` that `op` is or lies in.
static Operation *ancestorOf(Operation *op, scf::ForallOp group) {
  return group->getBlock()->findAncestorOpInBlock(*op);
}

/// Whether everything that reads `value`, or a view of it, ends before `group`, but for `group` itself.
static bool endsWith(Value value, scf::ForallOp group) {
  return llvm::all_of(value.getUsers(), [&](Operation *user) {
    Operation *place = ancestorOf(user, group);
    if (place == group)
      return true;
    if (!place || !place->isBeforeInBlock(group))
      return false;
    // A view, or what passes its operand on.
    bool computes = isa<scf::ForallOp, tensor::DimOp>(place) || isa<linalg::LinalgOp>(place);
    return computes || llvm::all_of(place->getResults(), [&](Value result) {
             return !isa<TensorType>(result.getType()) || endsWith(result, group);
           });
  });
}

namespace {
struct ReuseOperands : pare::cpu::impl::ReuseOperandsBase<ReuseOperands> {
  void runOnOperation() override {
    getOperation().walk([](scf::ForallOp group) {
      for (unsigned number = 0; number < group.getNumResults(); ++number)
        reuse(group, number);
    });
  }

  static void reuse(scf::ForallOp group, unsigned number) {
    tensor::EmptyOp empty = emptyOf(group, number);
    // What is inserted somewhere is better computed there.
    if (!empty || llvm::any_of(group.getResult(number).getUsers(),
                               [](Operation *user) { return isa<tensor::InsertSliceOp>(user); }))
      return;
    BlockArgument out = group.getRegionIterArgs()[number];
    tensor::ParallelInsertSliceOp written;
    for (Operation *op : group.getCombiningOps(out)) {
      auto insert = dyn_cast<tensor::ParallelInsertSliceOp>(op);
      if (!insert || written)
        return;
      written = insert;
    }
    if (!written)
      return;
    llvm::SetVector<Value> candidates;
    group.getBody()->walk([&](tensor::ExtractSliceOp slice) { candidates.insert(slice.getSource()); });
    for (Value candidate : candidates) {
      SmallVector<tensor::ExtractSliceOp> reads;
      if (!mayTakePlaceOf(candidate, group, empty) || !readsWhatIsWritten(candidate, group, written, reads))
        continue;
      group.getOutputsMutable()[number].assign(candidate);
      for (tensor::ExtractSliceOp read : reads)
        read.getSourceMutable().assign(out);
      return;
    }
  }

  /// Whether `value` is a tensor of the shape of `empty`, in memory of its own, that nobody reads behind `group`.
  static bool mayTakePlaceOf(Value value, scf::ForallOp group, tensor::EmptyOp empty) {
    auto producer = value.getDefiningOp<scf::ForallOp>();
    if (!producer || producer->getBlock() != group->getBlock() || value.getType() != empty.getType())
      return false;
    // Memory of its own: made empty, and perhaps written over since.
    tensor::EmptyOp own = emptyOf(producer, cast<OpResult>(value).getResultNumber());
    for (Value from = value; !own;) {
      auto group = from.getDefiningOp<scf::ForallOp>();
      if (!group)
        return false;
      unsigned number = cast<OpResult>(from).getResultNumber();
      own = emptyOf(group, number);
      from = group.getOutputs()[number];
    }
    return own.getDynamicSizes() == empty.getDynamicSizes() && endsWith(value, group) &&
           !llvm::is_contained(group.getOutputs(), value);
  }

  /// Whether each tile of `group` reads of `value` what it writes, in the same form, and nothing else.
  static bool readsWhatIsWritten(Value value, scf::ForallOp group, tensor::ParallelInsertSliceOp written,
                                 SmallVector<tensor::ExtractSliceOp> &reads) {
    for (Operation *user : value.getUsers()) {
      if (ancestorOf(user, group) != group)
        continue;
      if (isa<tensor::DimOp>(user))
        continue;
      auto read = dyn_cast<tensor::ExtractSliceOp>(user);
      if (!read || read->getParentOp() != group || read.getType() != written.getSourceType() ||
          read.getMixedOffsets() != written.getMixedOffsets() || read.getMixedSizes() != written.getMixedSizes() ||
          read.getMixedStrides() != written.getMixedStrides())
        return false;
      reads.push_back(read);
    }
    return !reads.empty();
  }
};
} // namespace
