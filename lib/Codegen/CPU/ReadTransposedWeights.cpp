// Products read a transposed weight where it lies: packing turns it, and nothing is left to do at run time.
#include "Elementwise.h"
#include "Linear.h"
#include "mlir/Dialect/Linalg/Transforms/Transforms.h"
#include "pare/Codegen/CPU/Passes.h"

namespace pare::cpu {
#define GEN_PASS_DEF_READTRANSPOSEDWEIGHTS
#include "pare/Codegen/CPU/Passes.h.inc"
} // namespace pare::cpu

using namespace mlir;
using namespace pare::cpu;

namespace {
struct ReadTransposedWeights : pare::cpu::impl::ReadTransposedWeightsBase<ReadTransposedWeights> {
  void runOnOperation() override {
    SmallVector<linalg::LinalgOp> ops;
    getOperation().walk([&](linalg::LinalgOp op) {
      if (op.hasPureTensorSemantics() && isProductSum(op))
        ops.push_back(op);
    });
    for (linalg::LinalgOp op : ops)
      for (unsigned number : {0, 1})
        if (auto transpose = op.getDpsInputOperand(number)->get().getDefiningOp<linalg::TransposeOp>())
          if (isWeight(transpose.getInput()))
            op = read(op, number, transpose);
  }

  static linalg::LinalgOp read(linalg::LinalgOp op, unsigned number, linalg::TransposeOp transpose) {
    IRRewriter rewriter(op);
    auto generic = dyn_cast<linalg::GenericOp>(op.getOperation());
    if (!generic)
      generic = *linalg::generalizeNamedOp(rewriter, op); // a sum of products, which a generic op can say
    SmallVector<AffineMap> maps = generic.getIndexingMapsArray();
    SmallVector<AffineExpr> axes(maps[number].getNumResults());
    for (auto [axis, source] : llvm::enumerate(transpose.getPermutation()))
      axes[source] = maps[number].getResult(axis);
    maps[number] = AffineMap::get(maps[number].getNumDims(), 0, axes, rewriter.getContext());
    generic.setIndexingMapsAttr(rewriter.getAffineMapArrayAttr(maps));
    generic.getInputsMutable()[number].assign(transpose.getInput());
    if (transpose->use_empty())
      rewriter.eraseOp(transpose);
    return generic;
  }
};
} // namespace
