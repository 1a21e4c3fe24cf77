// Removes shape arithmetic and moves that change nothing.
#include "Passes.h"
#include "Utils.h"
#include "pare/Analysis/SymbolicDims.h"

namespace pare {
#define GEN_PASS_DEF_SIMPLIFYSHAPES
#include "passes/Simplify/Passes.h.inc"
} // namespace pare

using namespace mlir;
using namespace pare;

namespace {
bool allEqual(Value tensor, int64_t expected) {
  auto entries = getPartialInts(tensor);
  return entries && llvm::all_of(*entries, [&](auto entry) { return entry == expected; });
}

/// The operand that `op` returns as it is; null when it changes something.
Value unchanged(Operation *op, SymbolicDims &dims) {
  if (isa<ReshapeOp, ExpandOp>(op) && dims.sameShape(op->getOperand(0), op->getResult(0)))
    return op->getOperand(0);
  // Reshaped, and back again.
  if (isa<ReshapeOp, FlattenOp>(op))
    for (Operation *inner = op->getOperand(0).getDefiningOp();
         isa_and_nonnull<ReshapeOp, FlattenOp, SqueezeOp, UnsqueezeOp>(inner);
         inner = inner->getOperand(0).getDefiningOp())
      if (dims.sameShape(inner->getOperand(0), op->getResult(0)))
        return inner->getOperand(0);
  if (auto pad = dyn_cast<PadOp>(op))
    return allEqual(pad.getPads(), 0) ? pad.getX() : Value();
  if (auto tile = dyn_cast<TileOp>(op))
    return allEqual(tile.getRepeats(), 1) ? tile.getX() : Value();
  // As many consecutive elements as there are.
  if (auto slice = dyn_cast<SliceOp>(op))
    return allEqual(slice.getSteps(), 1) && dims.sameShape(slice.getX(), slice.getResult()) ? slice.getX() : Value();
  return Value();
}

/// The elements of an integer tensor that is no constant op although all of them are known; null otherwise.
Attribute knownElements(Value value, SymbolicDims &dims) {
  auto type = dyn_cast<RankedTensorType>(value.getType());
  if (!type || !type.hasStaticShape() || !isa<IntegerType>(type.getElementType()))
    return {};
  auto elements = dims.elements(value);
  if (!elements)
    return {};
  SmallVector<char> bytes;
  unsigned width = elementBytes(type.getElementType());
  for (AffineExpr element : *elements) {
    auto constant = dyn_cast<AffineConstantExpr>(element);
    if (!constant)
      return {};
    int64_t number = constant.getValue();
    const char *raw = reinterpret_cast<const char *>(&number); // little-endian, as constants are
    bytes.append(raw, raw + width);
  }
  return makeConstant(type, bytes);
}

/// The type of `value` with the sizes that are known; null when it says them already.
Type withKnownSizes(Value value, SymbolicDims &dims) {
  auto type = dyn_cast<RankedTensorType>(value.getType());
  if (!type || type.hasStaticShape())
    return {};
  SmallVector<int64_t> shape(type.getShape());
  for (auto [axis, size] : llvm::enumerate(shape))
    if (auto known = polynomial::asConstant(dims.sizeOf(value, axis)); known && *known >= 0)
      size = *known;
  return ArrayRef(shape) == type.getShape() ? Type() : Type(RankedTensorType::get(shape, type.getElementType()));
}

/// Axes of `value` that are constants or as long as an axis of an argument: what replaces the shape of a value that
/// nothing else reads. std::nullopt when there is another.
std::optional<SmallVector<std::pair<Value, int64_t>>> fromArguments(Value value, SymbolicDims &dims, Block &entry) {
  auto type = dyn_cast<RankedTensorType>(value.getType());
  Operation *op = value.getDefiningOp();
  if (!type || type.getRank() == 0 || !op || isa<ConstantOp>(op) || op->getBlock() != &entry ||
      !llvm::all_of(value.getUsers(), [](Operation *user) { return isa<ShapeOfOp>(user); }))
    return std::nullopt;
  SmallVector<std::pair<Value, int64_t>> sources;
  for (int64_t axis = 0; axis < type.getRank(); ++axis) {
    if (auto known = polynomial::asConstant(dims.sizeOf(value, axis))) {
      sources.push_back({Value(), *known});
      continue;
    }
    std::optional<std::pair<Value, int64_t>> found;
    for (BlockArgument argument : entry.getArguments())
      if (auto own = dyn_cast<RankedTensorType>(argument.getType()))
        for (int64_t other = 0; other < own.getRank() && !found; ++other)
          if (dims.equal(argument, other, value, axis))
            found = {argument, other};
    if (!found)
      return std::nullopt;
    sources.push_back(*found);
  }
  return sources;
}

Value emitShape(OpBuilder &builder, Location loc, ArrayRef<std::pair<Value, int64_t>> sources) {
  auto constant = [&](int64_t number) -> Value {
    return ConstantOp::create(builder, loc, makeInts(builder.getContext(), number));
  };
  SmallVector<Value> parts;
  for (auto [value, number] : sources)
    parts.push_back(
        value ? Value(GatherOp::create(builder, loc, ShapeOfOp::create(builder, loc, value), constant(number), 0))
              : constant(number));
  return ConcatOp::create(builder, loc, parts, 0);
}

struct SimplifyShapes : public pare::impl::SimplifyShapesBase<SimplifyShapes> {
  void runOnOperation() override {
    if (getOperation().isExternal())
      return;
    SymbolicDims dims(getOperation());
    Block &entry = getOperation().getBody().front();
    SmallVector<std::pair<ShapeOfOp, SmallVector<std::pair<Value, int64_t>>>> shapes;
    // Decided first, done afterwards: the analysis must not see ops go away.
    SmallVector<std::pair<Value, Value>> moves;
    SmallVector<std::pair<Value, Attribute>> constants;
    getOperation().walk([&](Operation *op) {
      if (!isa<PareDialect>(op->getDialect()) || isa<ConstantOp>(op) || op->getNumRegions() != 0)
        return;
      for (Value result : op->getResults())
        if (Attribute known = result.use_empty() ? Attribute() : knownElements(result, dims))
          constants.push_back({result, known});
      if (auto shape = dyn_cast<ShapeOfOp>(op); shape && op->getBlock() == &entry)
        if (auto sources = fromArguments(shape.getX(), dims, entry))
          shapes.push_back({shape, *sources});
      if (op->getNumResults() == 1)
        if (Value same = unchanged(op, dims))
          moves.push_back({op->getResult(0), same});
    });
    // Sizes that follow from others, and that inference from one op alone does not see.
    SmallVector<std::pair<Value, Type>> refined;
    getOperation().walk([&](Operation *op) {
      if (isa<PareDialect>(op->getDialect()) && op->getNumRegions() == 0)
        for (Value result : op->getResults())
          if (Type type = withKnownSizes(result, dims))
            refined.push_back({result, type});
    });
    for (auto [value, type] : refined)
      value.setType(type);
    for (auto [value, known] : constants) {
      OpBuilder builder(value.getDefiningOp());
      value.replaceAllUsesWith(ConstantOp::create(builder, value.getLoc(), cast<TypedAttr>(known)));
    }
    for (auto &[shape, sources] : shapes) {
      OpBuilder builder(shape);
      Value made = emitShape(builder, shape.getLoc(), sources);
      if (refineTo(made, shape.getType()))
        shape.getResult().replaceAllUsesWith(made);
    }
    llvm::DenseMap<Value, Value> replaced;
    for (auto [from, to] : moves) {
      // The operand may itself have been replaced.
      Value current = to;
      while (Value next = replaced.lookup(current))
        current = next;
      if (!refineTo(current, from.getType()))
        continue;
      from.replaceAllUsesWith(current);
      replaced[from] = current;
    }
    SmallVector<Operation *> all;
    getOperation().walk([&](Operation *op) { all.push_back(op); });
    for (Operation *op : llvm::reverse(all)) // users before what they use
      if (isa<PareDialect>(op->getDialect()) && isOpTriviallyDead(op))
        op->erase();
    syncResultTypes(getOperation());
  }
};
} // namespace
