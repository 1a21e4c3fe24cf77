// Elements of small integer tensors as polynomials of symbols.
#include "pare/Analysis/SymbolicDims.h"
#include "pare/Dialect/Pare.h"

using namespace mlir;
using namespace pare;
using namespace pare::polynomial;

namespace {
constexpr int64_t kMaxElements = 64;
} // namespace

std::optional<SmallVector<AffineExpr>> SymbolicDims::elements(Value value) {
  const std::optional<Elements> &entries = values(value);
  if (!entries)
    return std::nullopt;
  return llvm::map_to_vector(*entries, [&](const Polynomial &entry) { return toExpr(entry); });
}

std::optional<SmallVector<Polynomial>> SymbolicDims::elementPolynomials(Value value) {
  const std::optional<Elements> &entries = values(value);
  return entries ? std::optional(SmallVector<Polynomial>(entries->begin(), entries->end())) : std::nullopt;
}

bool SymbolicDims::elementIsDim(Value tensor, int64_t index, Value value, int64_t axis) {
  const std::optional<Elements> &entries = values(tensor);
  return entries && index < static_cast<int64_t>(entries->size()) && (*entries)[index] == size(value, axis);
}

const std::optional<SymbolicDims::Elements> &SymbolicDims::values(Value value) {
  void *key = value.getAsOpaquePointer();
  if (auto it = contents.find(key); it != contents.end())
    return it->second;
  auto type = dyn_cast<RankedTensorType>(value.getType());
  auto integer = type ? dyn_cast<IntegerType>(type.getElementType()) : IntegerType();
  bool small = integer && type.hasStaticShape() && type.getNumElements() <= kMaxElements;
  std::optional<Elements> computed;
  // What narrower types wrap around is not followed.
  bool wide = small && (integer.getWidth() == 64 || integer.getWidth() == 32 || integer.getWidth() == 1);
  if (wide) {
    if (auto entries = getPartialInts(value, kMaxElements);
        entries && static_cast<int64_t>(entries->size()) == type.getNumElements() &&
        llvm::all_of(*entries, [](auto entry) { return entry.has_value(); })) {
      computed.emplace();
      for (std::optional<int64_t> entry : *entries)
        computed->push_back(constant(*entry));
    } else if (auto split = value.getDefiningOp<SplitOp>()) {
      // Its types say where a piece begins.
      int64_t begin = 0, end = 0;
      for (Value piece : split.getResults().take_front(cast<OpResult>(value).getResultNumber() + 1)) {
        auto pieceType = dyn_cast<RankedTensorType>(piece.getType());
        begin = pieceType && pieceType.getRank() == 1 && !pieceType.isDynamicDim(0) ? end : kMaxElements;
        end = begin + (begin == kMaxElements ? 1 : pieceType.getDimSize(0));
      }
      const std::optional<Elements> &whole = values(split.getX());
      if (whole && end <= static_cast<int64_t>(whole->size()))
        computed.emplace(whole->begin() + begin, whole->begin() + end);
    } else if (Operation *op = value.getDefiningOp()) {
      computed = computeValues(op);
    }
    if (!computed || static_cast<int64_t>(computed->size()) != type.getNumElements()) {
      computed.emplace();
      for (int64_t i = 0; i < type.getNumElements(); ++i)
        computed->push_back(fresh("", /*isSize=*/false));
    }
  }
  return contents[key] = std::move(computed);
}

std::optional<SymbolicDims::Elements> SymbolicDims::computeValues(Operation *op) {
  // Operands of one common count, or single elements.
  auto zip = [&](llvm::function_ref<std::optional<Polynomial>(ArrayRef<Polynomial>)> function,
                 StringRef tag) -> std::optional<Elements> {
    size_t count = 1;
    for (Value operand : op->getOperands()) {
      const std::optional<Elements> &entries = values(operand);
      auto type = dyn_cast<RankedTensorType>(operand.getType());
      if (!entries || (entries->size() != 1 && ((count != 1 && count != entries->size()) || type.getRank() != 1)))
        return std::nullopt;
      count = std::max(count, entries->size());
    }
    Elements result;
    for (size_t i = 0; i < count; ++i) {
      Elements arguments;
      for (Value operand : op->getOperands()) {
        const Elements &entries = *values(operand);
        arguments.push_back(entries[entries.size() == 1 ? 0 : i]);
      }
      result.push_back(orDerived(function(arguments), tag, arguments, /*isSize=*/false));
    }
    return result;
  };
  using In = ArrayRef<Polynomial>;
  if (auto shape = dyn_cast<ShapeOfOp>(op)) {
    auto type = dyn_cast<RankedTensorType>(shape.getX().getType());
    if (!type)
      return std::nullopt;
    Elements result;
    for (int64_t axis = 0; axis < type.getRank(); ++axis)
      result.push_back(size(shape.getX(), axis));
    return result;
  }
  if (isa<SqueezeOp, UnsqueezeOp, ReshapeOp, FlattenOp>(op))
    return values(op->getOperand(0));
  if (auto cast = dyn_cast<CastOp>(op)) {
    auto from = dyn_cast<IntegerType>(getElementTypeOrSelf(cast.getX().getType()));
    auto to = dyn_cast<IntegerType>(cast.getTo());
    // Sizes fit 32 bits in practice only, so narrowing is not followed.
    return from && to && to.getWidth() >= from.getWidth() && to.isSigned() ? values(cast.getX()) : std::nullopt;
  }
  bool wide = getElementTypeOrSelf(op->getResult(0).getType()).isInteger(64);
  if (isa<AddOp>(op) && wide)
    return zip([&](In in) { return add(in[0], in[1]); }, "add");
  if (isa<SubOp>(op) && wide)
    return zip([&](In in) { return add(in[0], in[1], -1); }, "sub");
  if (isa<MulOp>(op) && wide)
    return zip([&](In in) { return multiply(in[0], in[1]); }, "mul");
  if (isa<DivOp>(op) && wide) {
    std::optional<Elements> result = zip([&](In in) { return divide(in[0], in[1]); }, "div-toward-zero");
    return result;
  }
  if (isa<MaxOp, MinOp>(op))
    return zip([&](In in) { return in[0] == in[1] ? std::optional<Polynomial>(in[0]) : std::nullopt; },
               isa<MaxOp>(op) ? "max" : "min");
  if (auto compare = dyn_cast<CompareOp>(op))
    return zip(
        [&](In in) -> std::optional<Polynomial> {
          if (compare.getKind() != CompareKind::eq)
            return std::nullopt;
          if (in[0] == in[1])
            return constant(1);
          // A size never equals a negative number.
          for (int i = 0; i < 2; ++i)
            if (auto number = asConstant(in[i]); number && *number < 0 && isSize(in[1 - i]))
              return constant(0);
          return std::nullopt;
        },
        ("compare" + Twine(static_cast<int>(compare.getKind()))).str());
  if (isa<WhereOp>(op))
    return zip(
        [&](In in) -> std::optional<Polynomial> {
          if (in[1] == in[2])
            return in[1];
          std::optional<int64_t> condition = asConstant(in[0]);
          return condition ? std::optional<Polynomial>(*condition ? in[1] : in[2]) : std::nullopt;
        },
        "where");
  if (auto concat = dyn_cast<ConcatOp>(op)) {
    Elements result;
    for (Value input : concat.getInputs()) {
      const std::optional<Elements> &entries = values(input);
      if (!entries || cast<RankedTensorType>(input.getType()).getRank() != 1)
        return std::nullopt;
      result.insert(result.end(), entries->begin(), entries->end());
    }
    return result;
  }
  if (auto gather = dyn_cast<GatherOp>(op)) {
    const std::optional<Elements> &data = values(gather.getData());
    auto indices = getConstantInts(gather.getIndices(), kMaxElements);
    if (!data || !indices || cast<RankedTensorType>(gather.getData().getType()).getRank() != 1)
      return std::nullopt;
    Elements result;
    int64_t size = data->size();
    for (int64_t index : *indices) {
      index += index < 0 ? size : 0;
      if (index < 0 || index >= size)
        return std::nullopt;
      result.push_back((*data)[index]);
    }
    return result;
  }
  if (auto slice = dyn_cast<SliceOp>(op)) {
    const std::optional<Elements> &data = values(slice.getX());
    auto starts = getConstantInts(slice.getStarts(), 1), steps = getConstantInts(slice.getSteps(), 1);
    auto type = dyn_cast<RankedTensorType>(op->getResult(0).getType());
    if (!data || !starts || !steps || starts->size() != 1 || steps->size() != 1 || steps->front() < 1 ||
        type.getRank() != 1 || !type.hasStaticShape() || slice.getAxes().size() != 1)
      return std::nullopt;
    // The type already knows how many there are.
    int64_t size = data->size(),
            at = starts->front() < 0 ? std::max<int64_t>(starts->front() + size, 0) : starts->front();
    Elements result;
    for (int64_t i = 0; i < type.getDimSize(0); ++i, at += steps->front()) {
      if (at < 0 || at >= size)
        return std::nullopt;
      result.push_back((*data)[at]);
    }
    return result;
  }
  if (auto expand = dyn_cast<ExpandOp>(op)) {
    const std::optional<Elements> &data = values(expand.getX());
    auto type = dyn_cast<RankedTensorType>(op->getResult(0).getType());
    if (!data || data->size() != 1 || !type || !type.hasStaticShape() || type.getNumElements() > kMaxElements)
      return std::nullopt;
    return Elements(type.getNumElements(), data->front());
  }
  if (auto reduce = dyn_cast<ReduceOp>(op)) {
    const std::optional<Elements> &data = values(reduce.getX());
    if (!data || !wide || reduce.getKind() != ReduceKind::prod || reduce.getAxes().size() != 1 ||
        cast<RankedTensorType>(reduce.getX().getType()).getRank() != 1)
      return std::nullopt;
    Polynomial total = constant(1);
    for (const Polynomial &factor : *data)
      total = orDerived(multiply(total, factor), "mul", {total, factor}, /*isSize=*/false);
    return Elements{total};
  }
  return std::nullopt;
}
