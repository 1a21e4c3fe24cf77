// How operands of different sizes meet.
#include "Emit.h"

using namespace mlir;
using namespace pare;
using namespace pare::lowering;

Broadcast lowering::planBroadcast(Emit &e, ValueRange originals, ValueRange operands) {
  int64_t rank = 0;
  for (Value operand : operands)
    rank = std::max(rank, rankOf(operand));
  Broadcast plan;
  SmallVector<SmallVector<AffineExpr>> exprs(operands.size());
  for (Value operand : operands)
    plan.unknown.emplace_back(rankOf(operand), false);
  for (int64_t axis = 0; axis < rank; ++axis) {
    // Operands that may be larger than 1 here, one of each known size.
    SmallVector<std::pair<size_t, int64_t>> distinct;
    SmallVector<std::pair<size_t, size_t>> classes; // operand, its place in `distinct`
    for (size_t number = 0; number < operands.size(); ++number) {
      Value operand = operands[number];
      int64_t own = axis - (rank - rankOf(operand));
      if (own < 0)
        continue;
      int64_t known = cast<RankedTensorType>(operand.getType()).getDimSize(own);
      if (known == 1) {
        exprs[number].push_back(e.getAffineConstantExpr(0));
        continue;
      }
      auto *same = llvm::find_if(distinct, [&](std::pair<size_t, int64_t> other) {
        int64_t size = cast<RankedTensorType>(operands[other.first].getType()).getDimSize(other.second);
        if (!ShapedType::isDynamic(size) && !ShapedType::isDynamic(known))
          return size == known;
        return e.state.equal(originals[other.first], other.second, originals[number], own);
      });
      classes.emplace_back(number, same - distinct.begin());
      if (same == distinct.end())
        distinct.emplace_back(number, own);
      exprs[number].push_back(e.getAffineDimExpr(axis));
    }
    if (distinct.empty()) {
      // Nothing repeats: read as any other axis, so that what is computed element by element is known as such.
      for (auto [operand, read] : llvm::zip_equal(operands, exprs))
        if (axis >= rank - rankOf(operand))
          read.back() = e.getAffineDimExpr(axis);
      plan.sizes.push_back(e.getIndexAttr(1));
      continue;
    }
    Sizes sizes;
    OpFoldResult result;
    for (auto [number, own] : distinct) {
      sizes.push_back(e.size(operands[number], own));
      if (constantOf(sizes.back()))
        result = sizes.back();
    }
    if (!result) {
      Value size = e.index(sizes[0]);
      for (OpFoldResult other : ArrayRef<OpFoldResult>(sizes).drop_front())
        size = e.select(e.eq(size, e.index(1)), e.index(other), size);
      result = getAsOpFoldResult(size);
    }
    plan.sizes.push_back(result);
    if (distinct.size() == 1)
      continue;
    for (OpFoldResult size : sizes) {
      if (size == result && constantOf(size))
        continue;
      Value value = e.index(size);
      e.check(e.either(e.eq(value, e.index(1)), e.eq(value, e.index(result))), "operands cannot be broadcast");
    }
    for (auto [number, place] : classes)
      if (!constantOf(sizes[place]))
        plan.unknown[number][axis - (rank - rankOf(operands[number]))] = true;
  }
  for (auto [number, operand] : llvm::enumerate(operands)) {
    plan.maps.push_back(AffineMap::get(rank, 0, exprs[number], e.getContext()));
    if (!llvm::is_contained(plan.unknown[number], true))
      plan.unknown[number].clear();
  }
  return plan;
}

/// Shape arithmetic: one scalar computation for each element.
static Value emitElements(Emit &e, ValueRange operands, RankedTensorType type, Emit::BodyFn body) {
  Values results;
  for (int64_t linear = 0; linear < type.getNumElements(); ++linear) {
    SmallVector<int64_t> position(type.getRank());
    int64_t rest = linear;
    for (int64_t axis = type.getRank() - 1; axis >= 0; --axis) {
      position[axis] = rest % type.getDimSize(axis);
      rest /= type.getDimSize(axis);
    }
    Values args;
    for (Value operand : operands) {
      auto own = cast<RankedTensorType>(operand.getType());
      Values indices;
      for (int64_t axis = 0; axis < own.getRank(); ++axis)
        indices.push_back(e.index(own.getDimSize(axis) == 1 ? 0 : position[axis + type.getRank() - own.getRank()]));
      args.push_back(e.extract(operand, indices));
    }
    results.push_back(body(e, args));
  }
  return e.fromElements(RankedTensorType::get(type.getShape(), signless(type.getElementType())), results);
}

Value lowering::emitBroadcast(Emit &e, ValueRange originals, ValueRange operands, Type resultType, Emit::BodyFn body) {
  auto small = [](Type type) { return isSmall(type); };
  if (small(resultType) && llvm::all_of(operands.getTypes(), small))
    return emitElements(e, operands, cast<RankedTensorType>(resultType), body);
  Broadcast plan = planBroadcast(e, originals, operands);
  Values inputs;
  SmallVector<AffineMap> maps;
  for (auto [operand, map, unknown] : llvm::zip_equal(operands, plan.maps, plan.unknown)) {
    if (!unknown.empty())
      continue;
    inputs.push_back(operand);
    maps.push_back(map);
  }
  // Whether each axis repeats is the same for all elements: decided outside.
  SmallVector<Values> repeats(operands.size());
  for (auto [number, operand] : llvm::enumerate(operands))
    for (auto [axis, unknown] : llvm::enumerate(plan.unknown[number]))
      repeats[number].push_back(unknown ? e.eq(e.index(e.size(operand, axis)), e.index(1)) : Value());
  Sizes sizes = e.refine(plan.sizes, resultType);
  int64_t rank = sizes.size();
  Type element = signless(getElementTypeOrSelf(resultType));
  return e.parallel(sizes, element, inputs, maps, [&](Emit &inner, ValueRange read) {
    Values args;
    size_t next = 0;
    for (auto [number, operand] : llvm::enumerate(operands)) {
      if (plan.unknown[number].empty()) {
        args.push_back(read[next++]);
        continue;
      }
      Values indices;
      for (auto [axis, expr] : llvm::enumerate(plan.maps[number].getResults())) {
        if (isa<AffineConstantExpr>(expr)) {
          indices.push_back(inner.index(0));
          continue;
        }
        Value index = linalg::IndexOp::create(inner, axis + rank - rankOf(operand));
        if (plan.unknown[number][axis])
          index = inner.select(repeats[number][axis], inner.index(0), index);
        indices.push_back(index);
      }
      args.push_back(tensor::ExtractOp::create(inner, operand, indices));
    }
    return body(inner, args);
  });
}
