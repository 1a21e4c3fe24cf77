#include "Linear.h"
#include "mlir/Analysis/FlatLinearValueConstraints.h"
#include "mlir/Dialect/Arith/IR/Arith.h"

using namespace mlir;
using namespace pare::cpu;

std::optional<SmallVector<int64_t>> pare::cpu::linearForm(AffineExpr expr, unsigned numDims) {
  SmallVector<int64_t> form;
  // More columns than dimensions and the constant: a division or remainder.
  if (failed(getFlattenedAffineExpr(expr, numDims, /*numSymbols=*/0, &form)) || form.size() != numDims + 1)
    return std::nullopt;
  return form;
}

std::optional<SmallVector<int64_t>> pare::cpu::linearStrides(linalg::LinalgOp op, OpOperand &operand) {
  auto type = cast<MemRefType>(operand.get().getType());
  SmallVector<int64_t> axes;
  int64_t offset;
  if (failed(type.getStridesAndOffset(axes, offset)))
    return std::nullopt;
  unsigned loops = op.getNumLoops();
  SmallVector<int64_t> strides(loops, 0);
  for (auto [axis, expr] : llvm::enumerate(op.getMatchingIndexingMap(&operand).getResults())) {
    auto form = linearForm(expr, loops);
    if (!form)
      return std::nullopt;
    for (unsigned loop = 0; loop < loops; ++loop) {
      if ((*form)[loop] == 0)
        continue;
      bool unknown = ShapedType::isDynamic(axes[axis]) || strides[loop] == kUnknownStride;
      strides[loop] = unknown ? kUnknownStride : strides[loop] + (*form)[loop] * axes[axis];
    }
  }
  return strides;
}

bool pare::cpu::isProductSum(linalg::LinalgOp op) {
  if (op.getNumDpsInputs() != 2 || op.getNumDpsInits() != 1 || op.getNumReductionLoops() == 0)
    return false;
  Block *body = op.getBlock();
  auto sum = body->getTerminator()->getOperand(0).getDefiningOp<arith::AddFOp>();
  if (!sum || body->getOperations().size() != 3)
    return false;
  Value accumulator = op.getMatchingBlockArgument(op.getDpsInitOperand(0));
  Value other = sum.getLhs() == accumulator ? sum.getRhs() : sum.getLhs();
  auto product = other.getDefiningOp<arith::MulFOp>();
  if (!product || (sum.getLhs() != accumulator && sum.getRhs() != accumulator))
    return false;
  Value a = op.getMatchingBlockArgument(op.getDpsInputOperand(0)),
        b = op.getMatchingBlockArgument(op.getDpsInputOperand(1));
  return (product.getLhs() == a && product.getRhs() == b) || (product.getLhs() == b && product.getRhs() == a);
}
