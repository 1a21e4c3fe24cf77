// What the register-tile routine does of a contraction.
#include "Roles.h"
#include "mlir/Interfaces/ValueBoundsOpInterface.h"

using namespace mlir;
using namespace pare::cpu;

bool pare::cpu::isRoutineCandidate(linalg::LinalgOp op) {
  if (!op.hasPureBufferSemantics() || !isProductSum(op))
    return false;
  bool narrow = isNarrowProduct(op);
  auto elementOf = [](Value operand) { return cast<MemRefType>(operand.getType()).getElementType(); };
  return elementOf(op.getDpsInits()[0]).isF32() && llvm::all_of(op.getDpsInputs(), [&](Value operand) {
           return elementOf(operand).isF32() || (narrow && elementOf(operand).isBF16());
         });
}

namespace {
/// How long each loop of an op may be; nothing where that is not known.
SmallVector<std::optional<int64_t>> boundsOf(linalg::LinalgOp op) {
  SmallVector<std::optional<int64_t>> bounds;
  AffineMap shapes = op.getShapesToLoopsMap();
  for (auto [loop, extent] : llvm::enumerate(op.getStaticLoopRanges())) {
    bounds.emplace_back();
    if (!ShapedType::isDynamic(extent)) {
      bounds.back() = extent;
      continue;
    }
    // Tiles at the end are smaller than the others.
    auto dim = dyn_cast_if_present<AffineDimExpr>(shapes ? shapes.getResult(loop) : AffineExpr());
    int64_t position = dim ? dim.getPosition() : 0;
    for (Value operand : dim ? ValueRange(op->getOperands()) : ValueRange()) {
      int64_t rank = cast<ShapedType>(operand.getType()).getRank();
      if (position < rank) {
        auto bound = ValueBoundsConstraintSet::computeConstantBound(presburger::BoundType::UB, {operand, position},
                                                                    /*stopCondition=*/nullptr, /*closedUB=*/true);
        if (succeeded(bound))
          bounds.back() = *bound;
        break;
      }
      position -= rank;
    }
  }
  return bounds;
}

struct Chooser {
  linalg::LinalgOp op;
  SmallVector<utils::IteratorType> kinds = op.getIteratorTypesArray();
  SmallVector<int64_t> extents = op.getStaticLoopRanges();
  SmallVector<std::optional<int64_t>> bounds = boundsOf(op);

  /// More iterations are better; an unknown number counts as many.
  int64_t weight(const Roles::Merged &merged) {
    constexpr int64_t kMany = int64_t(1) << 20;
    int64_t product = 1;
    for (unsigned loop : llvm::concat<const unsigned>(ArrayRef(merged.loop), merged.outer))
      product = std::min(kMany, product * std::clamp<int64_t>(bounds[loop].value_or(kMany), 1, kMany));
    return product;
  }

  /// The loop over the two elements of pairs.
  std::optional<unsigned> pairOf(const Strides &left, const Strides &right) {
    for (unsigned loop = 0; loop < kinds.size(); ++loop)
      if (kinds[loop] == utils::IteratorType::reduction && extents[loop] == 2 && left[loop] == 1 && right[loop] == 1)
        return loop;
    return std::nullopt;
  }

  /// `loop` with those that go on where it ends.
  Roles::Merged merge(unsigned loop, ArrayRef<const Strides *> operands) {
    Roles::Merged result{loop, {}};
    int64_t length = extents[loop];
    for (bool found = true; found && !ShapedType::isDynamic(length);) {
      found = false;
      for (unsigned other = 0; other < kinds.size() && !found; ++other) {
        if (other == loop || kinds[other] != kinds[loop] || llvm::is_contained(result.outer, other))
          continue;
        found = llvm::all_of(operands, [&](const Strides *strides) {
          int64_t step = (*strides)[loop], far = (*strides)[other];
          return step != kUnknownStride && far != kUnknownStride && far == step * length;
        });
        if (found) {
          result.outer.push_back(other);
          length = ShapedType::isDynamic(extents[other]) ? ShapedType::kDynamic : length * extents[other];
        }
      }
    }
    return result;
  }
};
} // namespace

std::optional<Roles> pare::cpu::assignRoles(linalg::LinalgOp op) {
  auto result = linearStrides(op, *op.getDpsInitOperand(0));
  return result ? assignRoles(op, *result, {}) : std::nullopt;
}

std::optional<Roles> pare::cpu::assignRoles(linalg::LinalgOp op, const Strides &result, ArrayRef<Strides> sides) {
  auto first = linearStrides(op, *op.getDpsInputOperand(0)), second = linearStrides(op, *op.getDpsInputOperand(1));
  if (!first || !second)
    return std::nullopt;
  Chooser chooser{op};
  auto &kinds = chooser.kinds;
  for (unsigned loop = 0; loop < kinds.size(); ++loop) {
    bool inFirst = (*first)[loop] != 0, inSecond = (*second)[loop] != 0;
    if (kinds[loop] != utils::IteratorType::parallel || result[loop] != 1 || inFirst == inSecond)
      continue;
    Roles roles;
    roles.columns = loop;
    roles.left = op.getDpsInputOperand(inFirst ? 1 : 0);
    roles.right = op.getDpsInputOperand(inFirst ? 0 : 1);
    auto &left = inFirst ? *second : *first, &right = inFirst ? *first : *second;
    auto isBF16 = [](OpOperand *operand) {
      return cast<MemRefType>(operand->get().getType()).getElementType().isBF16();
    };
    roles.narrow = isNarrowProduct(op);
    if (roles.narrow && isBF16(roles.right)) {
      roles.pair = chooser.pairOf(left, right);
      if (!roles.pair)
        return std::nullopt;
    }
    if (roles.narrow && !isBF16(roles.left))
      return std::nullopt;
    roles.unitColumns = right[loop] == (roles.pair ? 2 : 1);
    SmallVector<const Strides *> moving{&left, &right, &result};
    for (const Strides &side : sides)
      moving.push_back(&side);
    std::optional<Roles::Merged> depth;
    for (unsigned other = 0; other < kinds.size(); ++other) {
      if (other == roles.pair)
        continue;
      if (kinds[other] == utils::IteratorType::reduction) {
        auto merged = chooser.merge(other, {&left, &right});
        if (!depth || chooser.weight(merged) > chooser.weight(*depth))
          depth = merged;
      } else if (other != loop && right[other] == 0 && left[other] != 0) {
        // Loops with which the right side moves do not merge: their strides there are not 0.
        auto merged = chooser.merge(other, moving);
        if (!roles.rows || chooser.weight(merged) > chooser.weight(*roles.rows))
          roles.rows = merged;
      }
    }
    if (!depth)
      return std::nullopt;
    roles.depth = *depth;
    // Two elements of the left side go into one instruction.
    if (roles.narrow && (left[depth->loop] != (roles.pair ? 2 : 1) ||
                         (!roles.pair && (ShapedType::isDynamic(chooser.extents[depth->loop]) ||
                                          chooser.extents[depth->loop] % 2 != 0))))
      return std::nullopt;
    // Few rows of a short sum leave the registers empty: plain loops vectorise along the columns as well.
    constexpr int64_t kFew = 4;
    if ((!roles.rows || chooser.weight(*roles.rows) < kFew) && chooser.weight(*depth) < kFew)
      return std::nullopt;
    return roles;
  }
  return std::nullopt;
}
