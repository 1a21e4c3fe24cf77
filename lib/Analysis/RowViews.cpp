// Views of rows through ops.
#include "pare/Analysis/RowViews.h"
#include "pare/Dialect/Pare.h"

using namespace mlir;
using namespace pare;

static int64_t rankOf(Value value) {
  auto type = dyn_cast<RankedTensorType>(value.getType());
  return type ? type.getRank() : -1;
}

RowViews::RowViews(SymbolicDims &dims, Polynomial batchSize, Polynomial rowSize)
    : dims(dims), batch(std::move(batchSize)), row(std::move(rowSize)) {}

Polynomial RowViews::batchAxisSize(const RowView &view) const {
  auto size =
      view.merged() ? polynomial::multiply(batch, row) : polynomial::multiply(batch, polynomial::constant(view.inner));
  return size.value_or(Polynomial());
}

bool RowViews::fits(Value value, const RowView &view) {
  int64_t rank = rankOf(value);
  return view.batch >= 0 && view.row >= 0 && view.batch < rank && view.row < rank &&
         dims.sizeOf(value, view.batch) == batchAxisSize(view) &&
         (view.merged() || dims.sizeOf(value, view.row) == row);
}

/// Through a reshape: axes of both shapes fall into groups of equal products; the rows must keep groups of their own.
std::optional<RowView> RowViews::reshaped(Value from, Value to, const RowView &view) {
  int64_t rankFrom = rankOf(from), rankTo = rankOf(to);
  if (rankFrom < 0 || rankTo < 0)
    return std::nullopt;
  auto isOne = [&](Value value, int64_t axis) { return polynomial::asConstant(dims.sizeOf(value, axis)) == 1; };
  RowView result{-1, -1, 1};
  int64_t i = 0, j = 0;
  while (i < rankFrom || j < rankTo) {
    // Axes of size 1 belong to nobody.
    if (i < rankFrom && isOne(from, i) && !view.isToken(i)) {
      ++i;
      continue;
    }
    if (j < rankTo && isOne(to, j)) {
      ++j;
      continue;
    }
    if (i >= rankFrom || j >= rankTo)
      return std::nullopt;
    SmallVector<int64_t> a{i}, c{j};
    Polynomial left = dims.sizeOf(from, i++), right = dims.sizeOf(to, j++);
    while (left != right) {
      // The side whose product the other one contains grows; constants decide by size.
      bool growRight = polynomial::divide(left, right).has_value();
      if (growRight ? j >= rankTo : i >= rankFrom)
        return std::nullopt;
      if (!growRight && !polynomial::divide(right, left))
        return std::nullopt;
      auto product = growRight ? polynomial::multiply(right, dims.sizeOf(to, j))
                               : polynomial::multiply(left, dims.sizeOf(from, i));
      if (!product)
        return std::nullopt;
      if (growRight) {
        c.push_back(j++);
        right = *product;
      } else {
        a.push_back(i++);
        left = *product;
      }
    }
    llvm::erase_if(a, [&](int64_t axis) { return isOne(from, axis) && !view.isToken(axis); });
    llvm::erase_if(c, [&](int64_t axis) { return isOne(to, axis); });
    bool hasBatch = llvm::is_contained(a, view.batch), hasRow = llvm::is_contained(a, view.row);
    if (!hasBatch && !hasRow)
      continue;
    if (hasBatch && hasRow) {
      // [B, S] and [B * S]
      bool fromMerged = view.merged() && a.size() == 1,
           fromPair = !view.merged() && view.inner == 1 && a.size() == 2 && a[0] == view.batch && a[1] == view.row;
      if (!fromMerged && !fromPair)
        return std::nullopt;
      if (c.size() == 1)
        result = {c[0], c[0], 1};
      else if (c.size() == 2 && dims.sizeOf(to, c[0]) == batch && dims.sizeOf(to, c[1]) == row)
        result = {c[0], c[1], 1};
      else
        return std::nullopt;
      continue;
    }
    if (hasRow) {
      if (a.size() != 1 || c.size() != 1)
        return std::nullopt;
      result.row = c[0];
      continue;
    }
    // [B * n, m] becomes [B * n * m] or the other way round, B being first.
    if (a[0] != view.batch)
      return std::nullopt;
    int64_t total = view.inner;
    for (int64_t axis : ArrayRef(a).drop_front()) {
      auto size = polynomial::asConstant(dims.sizeOf(from, axis));
      if (!size)
        return std::nullopt;
      total *= *size;
    }
    int64_t rest = 1;
    for (int64_t axis : ArrayRef(c).drop_front()) {
      auto size = polynomial::asConstant(dims.sizeOf(to, axis));
      if (!size)
        return std::nullopt;
      rest *= *size;
    }
    if (rest == 0 || total % rest != 0)
      return std::nullopt;
    result.batch = c[0];
    result.inner = total / rest;
  }
  if (result.batch < 0 || result.row < 0 || !fits(to, result))
    return std::nullopt;
  return result;
}

std::optional<RowView> RowViews::through(OpOperand &operand, const RowView &view, unsigned result) {
  Operation *op = operand.getOwner();
  Value value = op->getResult(result);
  if (isa<ReshapeOp, FlattenOp>(op))
    return operand.getOperandNumber() == 0 ? reshaped(operand.get(), value, view) : std::nullopt;
  RowView mapped = view;
  if (auto attention = dyn_cast<AttentionOp>(op)) {
    if (operand.get() != attention.getQ() || operand.getOperandNumber() != 0 || !(view == RowView{0, 2, 1}))
      return std::nullopt;
  } else {
    auto rowWise = dyn_cast<RowWiseOpInterface>(op);
    if (!rowWise)
      return std::nullopt;
    auto batchAxis = rowWise.mapAxis(operand.getOperandNumber(), view.batch, result),
         rowAxis = rowWise.mapAxis(operand.getOperandNumber(), view.row, result);
    if (!batchAxis || !rowAxis)
      return std::nullopt;
    mapped.batch = *batchAxis;
    mapped.row = *rowAxis;
  }
  return fits(value, mapped) ? std::optional(mapped) : std::nullopt;
}

bool RowViews::sameRows(Value a, Value b) {
  if (!spacesKnown) {
    spacesKnown = true;
    Block *block = a.getParentBlock();
    for (Operation &op : *block)
      for (OpOperand &operand : op.getOpOperands()) {
        std::optional<RowView> view = of(operand.get());
        for (OpResult result : op.getResults())
          if (view && through(operand, *view, result.getResultNumber()) == of(result))
            spaces.unionSets(operand.get().getAsOpaquePointer(), result.getAsOpaquePointer());
      }
  }
  return a == b || spaces.isEquivalent(a.getAsOpaquePointer(), b.getAsOpaquePointer());
}

std::optional<RowView> RowViews::of(Value value) {
  void *key = value.getAsOpaquePointer();
  if (auto it = known.find(key); it != known.end())
    return it->second;
  // Producers first, in order, so that no query walks a deep graph on the stack.
  if (Operation *op = value.getDefiningOp())
    for (Operation &earlier : op->getBlock()->getOperations()) {
      for (Value result : earlier.getResults())
        if (!known.count(result.getAsOpaquePointer()))
          known[result.getAsOpaquePointer()] = compute(result);
      if (&earlier == op)
        break;
    }
  else
    known[key] = compute(value);
  return known[key];
}

std::optional<RowView> RowViews::compute(Value value) {
  int64_t rank = rankOf(value);
  if (rank < 1)
    return std::nullopt;
  if (Operation *op = value.getDefiningOp()) {
    if (isa<ConstantOp>(op) || op->getNumRegions() != 0)
      return std::nullopt;
    for (OpOperand &operand : op->getOpOperands()) {
      auto it = known.find(operand.get().getAsOpaquePointer());
      std::optional<RowView> own = it != known.end()               ? it->second
                                   : operand.get().getDefiningOp() ? std::nullopt
                                                                   : of(operand.get());
      if (!own)
        continue;
      if (auto view = through(operand, *own, cast<OpResult>(value).getResultNumber()))
        return view;
    }
  }
  // Sizes that one axis alone has.
  SmallVector<int64_t> batches, rows, both;
  auto product = polynomial::multiply(batch, row);
  for (int64_t axis = 0; axis < rank; ++axis) {
    const Polynomial &size = dims.sizeOf(value, axis);
    if (size == batch)
      batches.push_back(axis);
    else if (size == row)
      rows.push_back(axis);
    else if (product && size == *product)
      both.push_back(axis);
  }
  if (batches.size() == 1 && rows.size() == 1 && both.empty())
    return RowView{batches[0], rows[0], 1};
  if (batches.empty() && rows.empty() && both.size() == 1)
    return RowView{both[0], both[0], 1};
  return std::nullopt;
}
