// Evaluates ops whose operands are constants.
#include "Passes.h"
#include "Utils.h"
#include "pare/Reference/Reference.h"

namespace pare {
#define GEN_PASS_DEF_FOLDCONSTANTS
#include "passes/Simplify/Passes.h.inc"
} // namespace pare

using namespace mlir;
using namespace pare;

namespace {
constexpr double kAlwaysAllowed = 4096, kMost = 16 << 20;
/// Operations per byte of the result from which reading it back is cheaper than computing it, and as many as the
/// interpreter does in seconds.
constexpr double kDense = 16, kMostOperations = 1e9;

double bytesOf(TypeRange types) {
  double bytes = 0;
  for (Type type : types) {
    auto known = dyn_cast<RankedTensorType>(type);
    if (!known || !known.hasStaticShape())
      return kMost + 1;
    double own = elementBytes(known.getElementType());
    for (int64_t size : known.getShape())
      own *= static_cast<double>(size);
    bytes += own;
  }
  return bytes;
}

/// Whether the constants that `op` would become are worth keeping.
bool isWorthFolding(Operation *op) {
  if (isa<ConstantOp>(op) || op->getNumRegions() != 0 || op->getNumResults() == 0 || !isPure(op) ||
      !isa<PareDialect>(op->getDialect()) || !reference::canEvaluate(op))
    return false;
  if (!llvm::all_of(op->getOperands(), [](Value operand) { return operand.getDefiningOp<ConstantOp>(); }))
    return false;
  double bytes = bytesOf(op->getResultTypes());
  if (bytes > kMost)
    return false;
  double operations = 0;
  if (auto cost = dyn_cast<CostOpInterface>(op))
    operations = cost.getFlops(
        [](Value value, int64_t axis) { return cast<RankedTensorType>(value.getType()).getDimSize(axis); });
  return operations <= kMostOperations &&
         (bytes <= std::max(kAlwaysAllowed, bytesOf(op->getOperandTypes())) || operations >= kDense * bytes);
}

/// Of bytes of which there is more than one: a weight.
bool isDequantizedWeight(Operation *op) {
  auto dequantize = dyn_cast<DequantizeOp>(op);
  return dequantize && elementBytes(getElementTypeOrSelf(dequantize.getX().getType())) == 1 &&
         bytesOf(dequantize.getX().getType()) > 1;
}

struct FoldConstants : public pare::impl::FoldConstantsBase<FoldConstants> {
  using FoldConstantsBase::FoldConstantsBase;

  void runOnOperation() override {
    SmallVector<Operation *> dead;
    getOperation().walk([&](Operation *op) {
      if (!isWorthFolding(op) || (keepQuantized && isDequantizedWeight(op)))
        return;
      reference::Tensors operands;
      for (Value operand : op->getOperands())
        operands.push_back(reference::Tensor::fromConstant(operand.getDefiningOp<ConstantOp>().getValue()));
      reference::EvaluateOptions options;
      options.maxResultBytes = static_cast<int64_t>(kMost);
      llvm::Expected<reference::Tensors> results = reference::evaluateOp(op, operands, options);
      if (!results) {
        // An error of the model is reported when it runs, if it ever gets there.
        llvm::consumeError(results.takeError());
        return;
      }
      OpBuilder builder(op);
      for (auto [value, tensor] : llvm::zip_equal(op->getResults(), *results))
        value.replaceAllUsesWith(ConstantOp::create(builder, op->getLoc(), cast<TypedAttr>(tensor.toConstant())));
      dead.push_back(op);
    });
    for (Operation *op : llvm::reverse(dead))
      op->erase();
    syncResultTypes(getOperation());
  }
};
} // namespace
