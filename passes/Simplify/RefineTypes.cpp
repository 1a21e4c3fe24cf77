// Infers result types again and keeps what is more precise.
#include "Passes.h"
#include "Utils.h"

namespace pare {
#define GEN_PASS_DEF_REFINETYPES
#include "passes/Simplify/Passes.h.inc"
} // namespace pare

using namespace mlir;
using namespace pare;

namespace {
/// Types that the regions of `op` give its results; empty where they give none.
SmallVector<Type> regionTypes(Operation *op) {
  SmallVector<Type> types;
  if (auto choice = dyn_cast<IfOp>(op)) {
    auto yielded = choice.getThenRegion().front().getTerminator()->getOperandTypes();
    auto other = choice.getElseRegion().front().getTerminator()->getOperandTypes();
    for (auto [a, b] : llvm::zip_equal(yielded, other)) {
      // Only what both branches know is true of the result.
      auto left = dyn_cast<RankedTensorType>(a), right = dyn_cast<RankedTensorType>(b);
      if (!left || !right || left.getRank() != right.getRank()) {
        types.push_back(Type());
        continue;
      }
      SmallVector<int64_t> sizes(left.getShape());
      for (auto [size, second] : llvm::zip_equal(sizes, right.getShape()))
        size = size == second ? size : ShapedType::kDynamic;
      types.push_back(RankedTensorType::get(sizes, left.getElementType()));
    }
  } else if (auto loop = dyn_cast<LoopOp>(op)) {
    Block &body = loop.getBody().front();
    size_t carried = loop.getInit().size();
    for (size_t i = 0; i < carried; ++i)
      types.push_back(body.getArgument(i + 2).getType());
    for (Type yielded : TypeRange(body.getTerminator()->getOperandTypes()).drop_front(carried + 1)) {
      auto slice = dyn_cast<RankedTensorType>(yielded);
      SmallVector<int64_t> sizes = {ShapedType::kDynamic};
      if (slice)
        llvm::append_range(sizes, slice.getShape());
      types.push_back(slice ? Type(RankedTensorType::get(sizes, slice.getElementType())) : Type());
    }
  }
  return types;
}

struct RefineTypes : public pare::impl::RefineTypesBase<RefineTypes> {
  void runOnOperation() override {
    // Inner ops come before the op that holds them, and operands before their users.
    WalkResult result = getOperation().walk([](Operation *op) {
      SmallVector<Type> types = regionTypes(op);
      if (auto inferable = dyn_cast<InferTypeOpInterface>(op); inferable && isa<PareDialect>(op->getDialect()))
        if (failed(inferable.inferReturnTypes(op->getContext(), op->getLoc(), op->getOperands(),
                                              op->getRawDictionaryAttrs(), op->getPropertiesStorage(), op->getRegions(),
                                              types)))
          return WalkResult::interrupt();
      for (auto [value, type] : llvm::zip(op->getResults(), types)) {
        if (!type || refineTo(value, type))
          continue;
        op->emitError() << "result is declared " << value.getType() << " but is " << type;
        return WalkResult::interrupt();
      }
      return WalkResult::advance();
    });
    if (result.wasInterrupted())
      return signalPassFailure();
    syncResultTypes(getOperation());
  }
};
} // namespace
