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

std::optional<Grouping> pare::cpu::groupingOf(linalg::LinalgOp op) {
  if (op.getNumDpsInputs() != 2)
    return std::nullopt;
  AffineMap map = op.getMatchingIndexingMap(op.getDpsInputOperand(0));
  auto sum = dyn_cast_if_present<AffineBinaryOpExpr>(map.getNumResults() ? map.getResults().back() : AffineExpr());
  if (!sum || sum.getKind() != AffineExprKind::Add)
    return std::nullopt;
  for (auto [first, second] : {std::pair(sum.getLHS(), sum.getRHS()), std::pair(sum.getRHS(), sum.getLHS())}) {
    auto channel = dyn_cast<AffineDimExpr>(second);
    int64_t inputs = 1;
    if (auto product = dyn_cast<AffineBinaryOpExpr>(first); product && product.getKind() == AffineExprKind::Mul)
      if (auto factor = dyn_cast<AffineConstantExpr>(product.getRHS())) {
        inputs = factor.getValue();
        first = product.getLHS();
      }
    auto quotient = dyn_cast<AffineBinaryOpExpr>(first);
    if (!channel || !quotient || quotient.getKind() != AffineExprKind::FloorDiv)
      continue;
    auto columns = dyn_cast<AffineDimExpr>(quotient.getLHS());
    auto outputs = dyn_cast<AffineConstantExpr>(quotient.getRHS());
    if (columns && outputs)
      return Grouping{columns.getPosition(), channel.getPosition(), inputs, outputs.getValue()};
  }
  return std::nullopt;
}

AffineMap pare::cpu::readingMap(linalg::LinalgOp op, OpOperand &operand) {
  AffineMap map = op.getMatchingIndexingMap(&operand);
  auto grouping = operand.getOperandNumber() == 0 ? groupingOf(op) : std::nullopt;
  if (!grouping)
    return map;
  SmallVector<AffineExpr> exprs(map.getResults());
  exprs.back() = getAffineDimExpr(grouping->channel, op.getContext());
  return AffineMap::get(map.getNumDims(), 0, exprs, op.getContext());
}

std::optional<SmallVector<int64_t>> pare::cpu::linearStrides(linalg::LinalgOp op, OpOperand &operand) {
  auto type = cast<MemRefType>(operand.get().getType());
  SmallVector<int64_t> axes;
  int64_t offset;
  if (failed(type.getStridesAndOffset(axes, offset)))
    return std::nullopt;
  unsigned loops = op.getNumLoops();
  SmallVector<int64_t> strides(loops, 0);
  for (auto [axis, expr] : llvm::enumerate(readingMap(op, operand).getResults())) {
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

namespace {
enum class FactorKind { plain, bf16, unsignedByte, signedByte };

/// A factor of a product: an argument of the body, or that in bfloat16, or a byte in 32 bits.
struct Factor {
  Value argument;
  FactorKind kind = FactorKind::plain;
  int64_t numOps = 0; // that round or widen

  bool isByte() const { return kind == FactorKind::unsignedByte || kind == FactorKind::signedByte; }
};

Factor factorOf(Value value) {
  Factor factor{value};
  if (auto byte = value.getDefiningOp<arith::ExtUIOp>(); byte && byte.getIn().getType().isInteger(8))
    return {byte.getIn(), FactorKind::unsignedByte, 1};
  if (auto byte = value.getDefiningOp<arith::ExtSIOp>(); byte && byte.getIn().getType().isInteger(8))
    return {byte.getIn(), FactorKind::signedByte, 1};
  auto wide = value.getDefiningOp<arith::ExtFOp>();
  if (!wide || !wide.getIn().getType().isBF16())
    return factor;
  factor = {wide.getIn(), FactorKind::bf16, 1};
  if (auto rounded = wide.getIn().getDefiningOp<arith::TruncFOp>())
    factor = {rounded.getIn(), FactorKind::bf16, 2};
  return factor;
}

/// The two factors in the order of the operands; nothing where the op is no sum of products.
std::optional<std::array<Factor, 2>> factorsOf(linalg::LinalgOp op) {
  if (op.getNumDpsInputs() != 2 || op.getNumDpsInits() != 1 || op.getNumReductionLoops() == 0)
    return std::nullopt;
  Block *body = op.getBlock();
  Operation *sum = body->getTerminator()->getOperand(0).getDefiningOp();
  Value accumulator = op.getMatchingBlockArgument(op.getDpsInitOperand(0));
  bool inBytes = isa_and_present<arith::AddIOp>(sum) && accumulator.getType().isInteger(32);
  if ((!inBytes && !isa_and_present<arith::AddFOp>(sum)) || !llvm::is_contained(sum->getOperands(), accumulator))
    return std::nullopt;
  Operation *product = sum->getOperand(sum->getOperand(0) == accumulator ? 1 : 0).getDefiningOp();
  if (!isa_and_present<arith::MulFOp, arith::MulIOp>(product))
    return std::nullopt;
  std::array<Factor, 2> factors{factorOf(product->getOperand(0)), factorOf(product->getOperand(1))};
  constexpr int64_t kOwnOps = 3; // the product, the sum and the terminator
  bool alike =
      inBytes ? factors[0].isByte() && factors[1].isByte() : factors[0].kind == factors[1].kind && !factors[0].isByte();
  if (!alike || static_cast<int64_t>(body->getOperations().size()) != kOwnOps + factors[0].numOps + factors[1].numOps)
    return std::nullopt;
  Value a = op.getMatchingBlockArgument(op.getDpsInputOperand(0)),
        b = op.getMatchingBlockArgument(op.getDpsInputOperand(1));
  if (factors[0].argument == b)
    std::swap(factors[0], factors[1]);
  if (factors[0].argument != a || factors[1].argument != b)
    return std::nullopt;
  return factors;
}
} // namespace

bool pare::cpu::isProductSum(linalg::LinalgOp op) { return factorsOf(op).has_value(); }

bool pare::cpu::isNarrowProduct(linalg::LinalgOp op) {
  auto factors = factorsOf(op);
  return factors && factors->front().kind == FactorKind::bf16;
}

std::optional<std::array<bool, 2>> pare::cpu::signsOfBytes(linalg::LinalgOp op) {
  auto factors = factorsOf(op);
  if (!factors || !factors->front().isByte())
    return std::nullopt;
  return std::array<bool, 2>{(*factors)[0].kind == FactorKind::signedByte,
                             (*factors)[1].kind == FactorKind::signedByte};
}
