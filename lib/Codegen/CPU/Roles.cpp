// What the register-tile routine does of a contraction.
#include "Roles.h"
#include "mlir/Interfaces/ValueBoundsOpInterface.h"

using namespace mlir;
using namespace pare::cpu;

bool pare::cpu::isRoutineCandidate(linalg::LinalgOp op) {
  if (!op.hasPureBufferSemantics() || !isProductSum(op))
    return false;
  if (auto areSigned = signsOfBytes(op))
    return (*areSigned)[0] != (*areSigned)[1];
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
          bounds.back() = static_cast<int64_t>(*bound);
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

  /// Whether an operand moves with a parallel loop other than the columns.
  bool variesByRows(const Strides &strides, unsigned columns) {
    for (unsigned loop = 0; loop < kinds.size(); ++loop)
      if (loop != columns && kinds[loop] == utils::IteratorType::parallel && strides[loop] != 0)
        return true;
    return false;
  }

  struct Side {
    OpOperand *operand;
    const Strides &strides;
    bool isBF16() const { return cast<MemRefType>(operand->get().getType()).getElementType().isBF16(); }
  };

  /// The other roles, when `loop` runs over the columns.
  std::optional<Roles> choose(unsigned loop, bool depthwise, Side leftSide, Side rightSide, const Strides &result,
                              ArrayRef<Strides> sides) {
    const Strides &left = leftSide.strides, &right = rightSide.strides;
    Roles roles;
    roles.columns = loop;
    roles.left = leftSide.operand;
    roles.right = rightSide.operand;
    auto areSigned = signsOfBytes(op);
    if (areSigned) {
      if (depthwise)
        return std::nullopt;
      roles.products = Products::bytes;
      roles.leftIsSigned = (*areSigned)[leftSide.operand->getOperandNumber()];
    } else if (isNarrowProduct(op)) {
      if (depthwise)
        return std::nullopt;
      roles.products = Products::bf16;
      if (leftSide.isBF16() && rightSide.isBF16())
        roles.pair = pairOf(left, right);
    } else if (auto grouping = groupingOf(op)) {
      if (depthwise || loop != grouping->columns || left[grouping->channel] != 1 || right[loop] != 1)
        return std::nullopt;
      roles.products = Products::grouped;
      roles.grouping = grouping;
    } else if (depthwise) {
      if (left[loop] != 1 || right[loop] != 1)
        return std::nullopt;
      roles.products = Products::depthwise;
    }
    roles.unitColumns = right[loop] == (roles.pair ? 2 : 1);
    SmallVector<const Strides *> moving{&left, &right, &result};
    for (const Strides &side : sides)
      moving.push_back(&side);
    std::optional<Roles::Merged> depth;
    for (unsigned other = 0; other < kinds.size(); ++other) {
      if (other == roles.pair)
        continue;
      if (kinds[other] == utils::IteratorType::reduction) {
        if (roles.grouping && other != roles.grouping->channel)
          continue;
        auto merged = merge(other, {&left, &right});
        // Four bytes of the left side go into one instruction.
        if (areSigned && left[other] != 1)
          continue;
        if (!depth || weight(merged) > weight(*depth))
          depth = merged;
      } else if (other != loop && right[other] == 0 && left[other] != 0) {
        // Loops with which the right side moves do not merge: their strides there are not 0. Of equal ones the inner.
        auto merged = merge(other, moving);
        if (!roles.rows || weight(merged) >= weight(*roles.rows))
          roles.rows = merged;
      }
    }
    if (!depth)
      return std::nullopt;
    roles.depth = *depth;
    if (roles.products == Products::bf16) {
      // Two elements of the left side go into one instruction.
      int64_t extent = extents[depth->loop];
      roles.copiesLeft = !leftSide.isBF16() || left[depth->loop] != (roles.pair ? 2 : 1) ||
                         (!roles.pair && (ShapedType::isDynamic(extent) || extent % 2 != 0));
      bool isWhole = true; // one loop is all of the depth
      for (unsigned other = 0; other < kinds.size(); ++other)
        isWhole &= kinds[other] == utils::IteratorType::parallel || depth->has(other);
      if (roles.copiesLeft && (roles.pair || !roles.rows || !isWhole))
        return std::nullopt;
    }
    if (roles.grouping)
      return roles.rows ? std::optional(roles) : std::nullopt;
    // Few rows of a short sum leave the registers empty: plain loops vectorise along the columns as well.
    constexpr int64_t kFew = 4;
    if ((!roles.rows || weight(*roles.rows) < kFew) && weight(*depth) < kFew)
      return std::nullopt;
    return roles;
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
  if (auto grouping = groupingOf(op); grouping && (isNarrowProduct(op) || !isGroupedProduct(*grouping)))
    return std::nullopt;
  for (bool depthwise : {false, true})
    for (auto [loop, kind] : llvm::enumerate(chooser.kinds)) {
      if (kind != utils::IteratorType::parallel || result[loop] != 1)
        continue;
      bool inFirst = (*first)[loop] != 0, inSecond = (*second)[loop] != 0;
      if (depthwise ? !inFirst || !inSecond : inFirst == inSecond)
        continue;
      // What is read again for every row is the right side.
      bool swap = depthwise ? chooser.variesByRows(*second, loop) && !chooser.variesByRows(*first, loop) : inFirst;
      OpOperand *left = op.getDpsInputOperand(swap ? 1 : 0), *right = op.getDpsInputOperand(swap ? 0 : 1);
      return chooser.choose(loop, depthwise, {left, swap ? *second : *first}, {right, swap ? *first : *second}, result,
                            sides);
    }
  return std::nullopt;
}
