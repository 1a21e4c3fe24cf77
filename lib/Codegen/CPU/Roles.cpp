// What the register-tile routine does of a contraction.
#include "Roles.h"

using namespace mlir;
using namespace pare::cpu;

bool pare::cpu::isRoutineCandidate(linalg::LinalgOp op) {
  return op.hasPureBufferSemantics() && isProductSum(op) && llvm::all_of(op->getOperands(), [](Value operand) {
           return cast<MemRefType>(operand.getType()).getElementType().isF32();
         });
}

std::optional<Roles> pare::cpu::assignRoles(linalg::LinalgOp op) {
  SmallVector<utils::IteratorType> kinds = op.getIteratorTypesArray();
  SmallVector<int64_t> extents = op.getStaticLoopRanges();
  OpOperand *init = op.getDpsInitOperand(0);
  auto result = linearStrides(op, *init);
  auto first = linearStrides(op, *op.getDpsInputOperand(0)), second = linearStrides(op, *op.getDpsInputOperand(1));
  if (!result || !first || !second)
    return std::nullopt;
  // More iterations are better; an unknown number counts as many.
  auto weight = [&](unsigned loop) { return ShapedType::isDynamic(extents[loop]) ? int64_t(1) << 20 : extents[loop]; };
  for (unsigned loop = 0; loop < kinds.size(); ++loop) {
    bool inFirst = (*first)[loop] != 0, inSecond = (*second)[loop] != 0;
    if (kinds[loop] != utils::IteratorType::parallel || (*result)[loop] != 1 || inFirst == inSecond)
      continue;
    Roles roles;
    roles.columns = loop;
    roles.left = op.getDpsInputOperand(inFirst ? 1 : 0);
    roles.right = op.getDpsInputOperand(inFirst ? 0 : 1);
    auto &left = inFirst ? *second : *first, &right = inFirst ? *first : *second;
    roles.unitColumns = right[loop] == 1;
    std::optional<unsigned> depth;
    for (unsigned other = 0; other < kinds.size(); ++other) {
      if (kinds[other] == utils::IteratorType::reduction && (!depth || weight(other) > weight(*depth)))
        depth = other;
      if (kinds[other] == utils::IteratorType::parallel && other != loop && right[other] == 0 && left[other] != 0 &&
          (!roles.rows || weight(other) > weight(*roles.rows)))
        roles.rows = other;
    }
    if (!depth)
      return std::nullopt;
    roles.depth = *depth;
    // Few rows of a short sum leave the registers empty: plain loops vectorise along the columns as well.
    constexpr int64_t kFew = 4;
    if ((!roles.rows || weight(*roles.rows) < kFew) && weight(*depth) < kFew)
      return std::nullopt;
    return roles;
  }
  return std::nullopt;
}
