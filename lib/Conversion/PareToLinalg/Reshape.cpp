// Ops that keep the row-major order of the elements.
#include "Emit.h"

using namespace mlir;
using namespace pare;
using namespace pare::lowering;

namespace {
/// Axes [from, fromEnd) of the old shape that hold as many elements as axes [to, toEnd) of the new one.
struct Group {
  int64_t from, fromEnd, to, toEnd;
};
} // namespace

/// The finest partition into groups that is known to be right without the one in the middle, which is right because the
/// whole is.
static SmallVector<Group> groupAxes(ArrayRef<OpFoldResult> from, ArrayRef<OpFoldResult> to,
                                    function_ref<bool(int64_t, int64_t)> same) {
  int64_t fromBegin = 0, toBegin = 0, fromEnd = from.size(), toEnd = to.size();
  auto equal = [&](int64_t i, int64_t j) {
    auto a = constantOf(from[i]), b = constantOf(to[j]);
    return (a && b) ? *a == *b : (from[i] == to[j] || (same && same(i, j)));
  };
  // One group at the left (step 1) or right (step -1) end whose static products agree.
  auto take = [&](int64_t step) -> std::optional<std::pair<int64_t, int64_t>> {
    auto at = [&](int64_t i, int64_t begin, int64_t end) { return step > 0 ? begin + i : end - 1 - i; };
    if (equal(at(0, fromBegin, fromEnd), at(0, toBegin, toEnd)))
      return std::pair(1, 1);
    int64_t i = 0, j = 0, a = 1, b = 1;
    do {
      bool first = i == 0 || (j != 0 && a < b);
      if (first ? fromBegin + i == fromEnd : toBegin + j == toEnd)
        return std::nullopt;
      auto size = first ? constantOf(from[at(i, fromBegin, fromEnd)]) : constantOf(to[at(j, toBegin, toEnd)]);
      if (!size || *size == 0)
        return std::nullopt;
      (first ? a : b) *= *size;
      ++(first ? i : j);
    } while (i == 0 || j == 0 || a != b);
    return std::pair(i, j);
  };
  SmallVector<Group> left, right;
  while (fromBegin < fromEnd && toBegin < toEnd) {
    auto group = take(1);
    if (!group)
      break;
    left.push_back({fromBegin, fromBegin + group->first, toBegin, toBegin + group->second});
    fromBegin += group->first;
    toBegin += group->second;
  }
  while (fromBegin < fromEnd && toBegin < toEnd) {
    auto group = take(-1);
    if (!group)
      break;
    right.push_back({fromEnd - group->first, fromEnd, toEnd - group->second, toEnd});
    fromEnd -= group->first;
    toEnd -= group->second;
  }
  if (fromBegin < fromEnd && toBegin < toEnd) {
    left.push_back({fromBegin, fromEnd, toBegin, toEnd});
  } else if (fromBegin < fromEnd || toBegin < toEnd) {
    // Left-over axes of size 1 join a neighbour.
    if (!left.empty()) {
      left.back().fromEnd = fromEnd;
      left.back().toEnd = toEnd;
    } else {
      right.back().from = fromBegin;
      right.back().to = toBegin;
    }
  }
  left.append(right.rbegin(), right.rend());
  return left;
}

Value Emit::reshape(Value tensor, ArrayRef<OpFoldResult> to, function_ref<bool(int64_t, int64_t)> same) {
  Type element = elementOf(tensor);
  SmallVector<int64_t> shape;
  for (OpFoldResult size : to)
    shape.push_back(constantOf(size).value_or(ShapedType::kDynamic));
  auto result = RankedTensorType::get(shape, element);
  Sizes from = sizes(tensor);
  // Also a size that was asked of this very tensor is equal.
  auto known = [&](int64_t i, int64_t j) {
    auto size = dyn_cast<Value>(to[j]);
    auto dim = size ? size.getDefiningOp<tensor::DimOp>() : tensor::DimOp();
    return (dim && dim.getSource() == tensor && dim.getConstantIndex() == i) || (same && same(i, j));
  };
  if (to.empty()) {
    tensor = castTo(tensor, RankedTensorType::get(SmallVector<int64_t>(from.size(), 1), element));
    if (from.empty())
      return tensor;
    return tensor::CollapseShapeOp::create(*this, result, tensor, ArrayRef<ReassociationIndices>{});
  }
  if (from.empty()) {
    auto ones = RankedTensorType::get(SmallVector<int64_t>(to.size(), 1), element);
    Value expanded = tensor::ExpandShapeOp::create(*this, ones, tensor, ArrayRef<ReassociationIndices>{},
                                                   Sizes(to.size(), getIndexAttr(1)));
    return castTo(expanded, result);
  }
  SmallVector<ReassociationIndices> collapse, expand;
  SmallVector<int64_t> middle;
  bool collapses = false, expands = false;
  for (const Group &group : groupAxes(from, to, known)) {
    auto range = [](int64_t begin, int64_t end) {
      ReassociationIndices indices;
      for (int64_t axis = begin; axis < end; ++axis)
        indices.push_back(axis);
      return indices;
    };
    collapse.push_back(range(group.from, group.fromEnd));
    expand.push_back(range(group.to, group.toEnd));
    collapses |= group.fromEnd - group.from > 1;
    expands |= group.toEnd - group.to > 1;
    int64_t size = 1;
    for (int64_t axis = group.to; axis < group.toEnd && !ShapedType::isDynamic(size); ++axis)
      size = ShapedType::isDynamic(shape[axis]) ? ShapedType::kDynamic : size * shape[axis];
    middle.push_back(size);
  }
  if (collapses)
    tensor = tensor::CollapseShapeOp::create(*this, tensor, collapse);
  tensor = castTo(tensor, RankedTensorType::get(middle, element));
  if (expands)
    tensor = tensor::ExpandShapeOp::create(*this, result, tensor, expand, to);
  return castTo(tensor, result);
}

Value Emit::collapse(Value tensor, int64_t from, int64_t to) {
  int64_t rank = rankOf(tensor);
  if (to - from <= 1) {
    if (to > from)
      return tensor;
    return unsqueeze(tensor, from); // no axes make one of size 1
  }
  SmallVector<ReassociationIndices> groups;
  for (int64_t axis = 0; axis < rank; ++axis) {
    if (axis > from && axis < to)
      groups.back().push_back(axis);
    else
      groups.push_back({axis});
  }
  return tensor::CollapseShapeOp::create(*this, tensor, groups);
}

Value Emit::unsqueeze(Value tensor, ArrayRef<int64_t> axes) {
  Sizes from = sizes(tensor), to;
  int64_t next = 0;
  SmallVector<int64_t> source;
  for (int64_t axis = 0, rank = from.size() + axes.size(); axis < rank; ++axis) {
    bool inserted = llvm::is_contained(axes, axis);
    to.push_back(inserted ? OpFoldResult(getIndexAttr(1)) : from[next]);
    source.push_back(inserted ? -1 : next++);
  }
  return reshape(tensor, to, [&](int64_t i, int64_t j) { return source[j] == i; });
}

Value Emit::squeeze(Value tensor, ArrayRef<int64_t> axes) {
  auto type = cast<RankedTensorType>(tensor.getType());
  SmallVector<int64_t> shape(type.getShape());
  for (int64_t axis : axes)
    shape[axis] = 1;
  tensor = castTo(tensor, RankedTensorType::get(shape, type.getElementType()));
  Sizes from = sizes(tensor), to;
  SmallVector<int64_t> kept = axesWithout(type.getRank(), axes);
  for (int64_t axis : kept)
    to.push_back(from[axis]);
  return reshape(tensor, to, [&](int64_t i, int64_t j) { return kept[j] == i; });
}

/// Shape arithmetic: the same elements with another type.
static Value reuseElements(Emit &e, Value x, Type type) {
  return e.fromElements(RankedTensorType::get(cast<RankedTensorType>(type).getShape(), elementOf(x)), e.elements(x));
}

static Value lowerReshape(Emit &e, ReshapeOp op, ReshapeOp::Adaptor adaptor) {
  Value data = adaptor.getData();
  auto type = cast<RankedTensorType>(op.getType());
  if (isSmall(data.getType()) && isSmall(type) &&
      cast<RankedTensorType>(data.getType()).getNumElements() == type.getNumElements())
    return reuseElements(e, data, type);
  Sizes from = e.sizes(data), to;
  Values entries = e.extractAll(adaptor.getShape());
  auto same = [&](int64_t i, int64_t j) { return e.state.equal(op.getData(), i, op.getResult(), j); };
  // Entries as sizes; -1 stands for the one that the others leave.
  Values isRest;
  Value others = e.index(1);
  for (auto [axis, entry] : llvm::enumerate(entries)) {
    Value size = entry;
    if (!op.getAllowZero() && axis < from.size())
      size = e.select(e.eq(entry, e.index(0)), e.index(from[axis]), entry);
    if (!type.isDynamicDim(axis) && constantOf(entry) != -1)
      size = e.index(type.getDimSize(axis));
    isRest.push_back(e.eq(entry, e.index(-1)));
    others = e.mul(others, e.select(isRest.back(), e.index(1), size));
    to.push_back(getAsOpFoldResult(size));
  }
  Value total = e.index(e.product(from)), count = e.index(1);
  Value rest;
  for (auto [axis, entry] : llvm::enumerate(entries)) {
    if (constantOf(isRest[axis]) != 0) {
      if (!rest)
        rest = e.div(total, e.max(others, e.index(1)));
      // Where an axis of the old shape has that size it is spelled as its dimension.
      Value size = e.select(isRest[axis], rest, e.index(to[axis]));
      for (auto [i, old] : llvm::enumerate(from))
        if (type.isDynamicDim(axis) && same(i, axis)) {
          size = e.index(old);
          break;
        }
      to[axis] = getAsOpFoldResult(size);
    }
    count = e.mul(count, e.index(to[axis]));
  }
  to = e.refine(to, type);
  // Dropping the pairs of equal axes leaves counts that are often both static.
  SmallVector<bool> used(to.size());
  int64_t fromStatic = 1, toStatic = 1, inferred = 0;
  bool proven = true;
  for (auto [i, old] : llvm::enumerate(from)) {
    if (auto constant = constantOf(old)) {
      fromStatic *= *constant;
      continue;
    }
    bool found = false;
    for (size_t j = 0; j < to.size() && !found; ++j)
      if (!used[j] && !constantOf(to[j]) && (to[j] == old || same(i, j)))
        found = used[j] = true;
    proven &= found;
  }
  for (size_t j = 0; j < to.size(); ++j) {
    if (auto constant = constantOf(to[j]))
      toStatic *= *constant;
    else if (!used[j])
      inferred += constantOf(isRest[j]) == 1 ? 1 : 2;
  }
  // A single inferred axis makes the counts agree wherever the rest divides: always, when the rest is matched.
  bool divides = toStatic != 0 && fromStatic % toStatic == 0;
  bool safe = inferred == 1 ? divides : (inferred == 0 && proven && fromStatic == toStatic);
  if (!safe)
    e.check(e.eq(total, count), "the requested shape does not hold as many elements as the input");
  return e.reshape(data, to, same);
}

static Value lowerSqueeze(Emit &e, SqueezeOp op, SqueezeOp::Adaptor adaptor) {
  if (isSmall(adaptor.getX().getType()) && isSmall(op.getType()))
    return reuseElements(e, adaptor.getX(), op.getType());
  for (int64_t axis : op.getAxes())
    e.check(e.eq(e.index(e.size(adaptor.getX(), axis)), e.index(1)),
            "axis " + Twine(axis) + " to be removed does not have size 1");
  return e.squeeze(adaptor.getX(), op.getAxes());
}

static Value lowerUnsqueeze(Emit &e, UnsqueezeOp op, UnsqueezeOp::Adaptor adaptor) {
  if (isSmall(adaptor.getX().getType()) && isSmall(op.getType()))
    return reuseElements(e, adaptor.getX(), op.getType());
  return e.unsqueeze(adaptor.getX(), op.getAxes());
}

static Value lowerFlatten(Emit &e, FlattenOp op, FlattenOp::Adaptor adaptor) {
  Value right = e.collapse(adaptor.getX(), op.getAxis(), rankOf(op.getX()));
  return e.collapse(right, 0, op.getAxis());
}

void lowering::addReshapePatterns(Patterns &patterns) {
  patterns.add<ReshapeOp>(lowerReshape);
  patterns.add<SqueezeOp>(lowerSqueeze);
  patterns.add<UnsqueezeOp>(lowerUnsqueeze);
  patterns.add<FlattenOp>(lowerFlatten);
}
