// What is known of small integer tensors: constants and the shape arithmetic that exporters write.
#include "Infer.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/Support/MathExtras.h"
#include <cstring>

using namespace mlir;
using namespace pare;
using namespace pare::infer;

namespace {
using Entry = std::optional<int64_t>;
using Entries = SmallVector<Entry>;

/// Deep chains give up rather than overflow the stack.
constexpr int kMaxDepth = 64;

int64_t readInt(const char *bytes, unsigned width, bool isUnsigned) {
  uint64_t raw = 0;
  std::memcpy(&raw, bytes, width); // both sides are little-endian
  return isUnsigned ? static_cast<int64_t>(raw) : llvm::SignExtend64(raw, width * 8);
}

struct Reader {
  explicit Reader(int64_t limit) : limit(limit) {}

  /// Remembers: a value that is used twice at every level is reached over exponentially many paths.
  std::optional<Entries> read(Value value, int depth) {
    if (auto known = memory.find(value); known != memory.end())
      return known->second;
    std::optional<Entries> entries = compute(value, depth);
    memory[value] = entries;
    return entries;
  }

private:
  std::optional<Entries> compute(Value value, int depth);
  std::optional<Entries> readOp(Operation *op, unsigned result, int depth);
  std::optional<Entries> combine(Operation *op, int depth, llvm::function_ref<Entry(ArrayRef<Entry>)> function);
  std::optional<Entries> slice(SliceOp op, int depth);

  int64_t limit;
  DenseMap<Value, std::optional<Entries>> memory;
};

std::optional<Entries> Reader::compute(Value value, int depth) {
  auto type = ranked(value);
  if (!type || !isa<IntegerType>(type.getElementType()))
    return std::nullopt;
  int64_t count = product(type.getShape());
  if (!isDyn(count) && count > limit)
    return std::nullopt;
  std::optional<Entries> entries;
  if (auto constant = getConstantInts(value, limit))
    entries = llvm::map_to_vector(*constant, [](int64_t element) { return Entry(element); });
  else if (auto result = dyn_cast<OpResult>(value); result && depth < kMaxDepth)
    entries = readOp(result.getOwner(), result.getResultNumber(), depth + 1);
  if (entries && static_cast<int64_t>(entries->size()) > limit)
    return std::nullopt;
  if (isDyn(count))
    return entries;
  // A disagreement is for the verifier to report.
  if (!entries || static_cast<int64_t>(entries->size()) != count)
    return Entries(count);
  return entries;
}

/// Applies `function` to the elements of all operands, which have one common shape or are single elements.
std::optional<Entries> Reader::combine(Operation *op, int depth, llvm::function_ref<Entry(ArrayRef<Entry>)> function) {
  SmallVector<Entries> operands;
  RankedTensorType shape;
  size_t count = 1;
  for (Value operand : op->getOperands()) {
    std::optional<Entries> entries = read(operand, depth);
    if (!entries)
      return std::nullopt;
    auto type = ranked(operand);
    if (entries->size() != 1) {
      // Two shapes of equal count broadcast to a larger one, except in one dimension.
      if (count != 1 && (count != entries->size() ||
                         (type.getShape() != shape.getShape() && (type.getRank() != 1 || shape.getRank() != 1))))
        return std::nullopt;
      shape = type;
      count = entries->size();
    }
    operands.push_back(std::move(*entries));
  }
  Entries result;
  for (size_t i = 0; i < count; ++i) {
    SmallVector<Entry> arguments;
    for (const Entries &operand : operands)
      arguments.push_back(operand[operand.size() == 1 ? 0 : i]);
    result.push_back(function(arguments));
  }
  return result;
}

std::optional<Entries> Reader::slice(SliceOp op, int depth) {
  auto starts = getConstantInts(op.getStarts(), 1), ends = getConstantInts(op.getEnds(), 1),
       steps = getConstantInts(op.getSteps(), 1);
  auto type = ranked(op.getX());
  if (!type || type.getRank() != 1 || op.getAxes().size() != 1 || !starts || !ends || !steps)
    return std::nullopt;
  if (starts->size() != 1 || ends->size() != 1 || steps->size() != 1 || steps->front() == 0)
    return std::nullopt;
  std::optional<Entries> entries = read(op.getX(), depth);
  if (!entries)
    return std::nullopt;
  int64_t size = entries->size(), step = steps->front();
  auto position = [&](int64_t at, int64_t low, int64_t high) {
    at = at < 0 ? std::max<int64_t>(at, -size - 1) + size : at;
    return std::max(low, std::min(at, high));
  };
  Entries result;
  int64_t low = step > 0 ? 0 : -1, high = step > 0 ? size : size - 1;
  step = std::clamp<int64_t>(step, -size - 1, size + 1);
  int64_t end = position(ends->front(), low, high);
  for (int64_t at = position(starts->front(), std::min<int64_t>(0, high), high); step > 0 ? at < end : at > end;
       at += step)
    result.push_back((*entries)[at]);
  return result;
}

Entry add(Entry a, Entry b) {
  int64_t sum;
  return a && b && !llvm::AddOverflow(*a, *b, sum) ? Entry(sum) : std::nullopt;
}
Entry subtract(Entry a, Entry b) {
  int64_t difference;
  return a && b && !llvm::SubOverflow(*a, *b, difference) ? Entry(difference) : std::nullopt;
}
Entry times(Entry a, Entry b) {
  if ((a && *a == 0) || (b && *b == 0)) // exact for integers, whatever the other factor is
    return 0;
  int64_t product;
  return a && b && !llvm::MulOverflow(*a, *b, product) ? Entry(product) : std::nullopt;
}
Entry divide(Entry a, Entry b) {
  bool defined = a && b && *b != 0 && !(*a == std::numeric_limits<int64_t>::min() && *b == -1);
  return defined ? Entry(*a / *b) : std::nullopt;
}
/// Remainder with the sign of the divisor.
Entry modulo(Entry a, Entry b) {
  if (!a || !b || *b == 0)
    return std::nullopt;
  if (*b == -1)
    return 0;
  int64_t rest = *a % *b;
  return rest != 0 && (rest < 0) != (*b < 0) ? rest + *b : rest;
}
Entry compare(CompareKind kind, Entry a, Entry b) {
  if (!a || !b)
    return std::nullopt;
  switch (kind) {
  case CompareKind::eq:
    return *a == *b;
  case CompareKind::lt:
    return *a < *b;
  case CompareKind::le:
    return *a <= *b;
  case CompareKind::gt:
    return *a > *b;
  case CompareKind::ge:
    return *a >= *b;
  }
  return std::nullopt;
}

/// `value` as an element of `type`, if it fits.
Entry convert(Entry value, Type type) {
  auto integer = dyn_cast<IntegerType>(type);
  if (!value || !integer)
    return std::nullopt;
  if (integer.getWidth() == 1)
    return *value != 0;
  if (integer.getWidth() == 64)
    return integer.isUnsigned() && *value < 0 ? std::nullopt : value;
  bool fits =
      integer.isUnsigned() ? llvm::isUIntN(integer.getWidth(), *value) : llvm::isIntN(integer.getWidth(), *value);
  return fits ? value : std::nullopt;
}

std::optional<Entries> Reader::readOp(Operation *op, unsigned result, int depth) {
  // Arithmetic on narrow types wraps; what does not fit is unknown.
  auto arithmetic = [&](Entry (*function)(Entry, Entry)) {
    Type type = element(op->getResult(0));
    return combine(op, depth, [&](ArrayRef<Entry> in) { return convert(function(in[0], in[1]), type); });
  };
  if (isa<SqueezeOp, UnsqueezeOp, ReshapeOp, FlattenOp>(op))
    return read(op->getOperand(0), depth);
  if (isa<AddOp>(op))
    return arithmetic(add);
  if (isa<SubOp>(op))
    return arithmetic(subtract);
  if (isa<MulOp>(op))
    return arithmetic(times);
  if (isa<DivOp>(op))
    return arithmetic(divide);
  if (isa<ModOp>(op))
    return arithmetic(modulo);
  if (isa<MaxOp>(op))
    return arithmetic([](Entry a, Entry b) { return a && b ? Entry(std::max(*a, *b)) : std::nullopt; });
  if (isa<MinOp>(op))
    return arithmetic([](Entry a, Entry b) { return a && b ? Entry(std::min(*a, *b)) : std::nullopt; });
  if (auto cast = dyn_cast<CastOp>(op)) {
    return combine(op, depth, [&](ArrayRef<Entry> in) { return convert(in[0], cast.getTo()); });
  }
  if (auto comparison = dyn_cast<CompareOp>(op))
    return combine(op, depth, [&](ArrayRef<Entry> in) { return compare(comparison.getKind(), in[0], in[1]); });
  if (isa<NotOp>(op))
    return combine(op, depth, [](ArrayRef<Entry> in) { return in[0] ? Entry(*in[0] == 0) : std::nullopt; });
  if (isa<WhereOp>(op))
    return combine(op, depth, [](ArrayRef<Entry> in) -> Entry {
      if (in[0])
        return *in[0] ? in[1] : in[2];
      return in[1] == in[2] ? in[1] : std::nullopt;
    });
  if (auto shape = dyn_cast<ShapeOfOp>(op)) {
    auto type = ranked(shape.getX());
    if (!type)
      return std::nullopt;
    return llvm::map_to_vector(type.getShape(), [](int64_t size) { return isDyn(size) ? Entry() : Entry(size); });
  }
  if (auto full = dyn_cast<FullOp>(op)) {
    auto type = ranked(full.getResult());
    SmallVector<char> storage;
    ArrayRef<char> bytes = getConstantBytes(full.getValue(), storage);
    unsigned width = elementBytes(type.getElementType());
    if (!type.hasStaticShape() || type.getNumElements() > limit || bytes.size() < width)
      return std::nullopt;
    return Entries(type.getNumElements(),
                   Entry(readInt(bytes.data(), width, !cast<IntegerType>(type.getElementType()).isSigned())));
  }
  if (auto expand = dyn_cast<ExpandOp>(op)) {
    std::optional<Entries> entries = read(expand.getX(), depth);
    auto type = ranked(expand.getResult());
    if (!entries || entries->size() != 1 || !type || !type.hasStaticShape() || type.getNumElements() > limit)
      return std::nullopt;
    return Entries(type.getNumElements(), entries->front());
  }
  if (auto gather = dyn_cast<GatherOp>(op)) {
    std::optional<Entries> entries = read(gather.getData(), depth);
    auto indices = getConstantInts(gather.getIndices(), limit);
    if (!entries || !indices || ranked(gather.getData()).getRank() != 1)
      return std::nullopt;
    Entries picked;
    int64_t size = entries->size();
    for (int64_t index : *indices) {
      index += index < 0 ? size : 0;
      picked.push_back(index >= 0 && index < size ? (*entries)[index] : std::nullopt);
    }
    return picked;
  }
  if (auto sliced = dyn_cast<SliceOp>(op))
    return slice(sliced, depth);
  if (auto concat = dyn_cast<ConcatOp>(op)) {
    Entries joined;
    for (Value input : concat.getInputs()) {
      std::optional<Entries> entries = read(input, depth);
      if (!entries || ranked(input).getRank() != 1)
        return std::nullopt;
      joined.append(*entries);
    }
    return joined;
  }
  if (auto split = dyn_cast<SplitOp>(op)) {
    std::optional<Entries> entries = read(split.getX(), depth);
    if (!entries || ranked(split.getX()).getRank() != 1)
      return std::nullopt;
    size_t begin = 0;
    for (unsigned i = 0; i <= result; ++i) {
      auto piece = ranked(split.getResult(i));
      if (!piece || piece.getRank() != 1 || piece.isDynamicDim(0) || begin + piece.getDimSize(0) > entries->size())
        return std::nullopt;
      if (i == result)
        return Entries(ArrayRef<Entry>(*entries).slice(begin, piece.getDimSize(0)));
      begin += piece.getDimSize(0);
    }
  }
  if (auto range = dyn_cast<RangeOp>(op)) {
    auto start = getConstantInts(range.getStart(), 1), delta = getConstantInts(range.getDelta(), 1);
    auto type = ranked(range.getResult());
    if (!start || !delta || !type || !type.hasStaticShape() || type.getNumElements() > limit)
      return std::nullopt;
    Entries entries;
    for (int64_t i = 0; i < type.getNumElements(); ++i)
      entries.push_back(convert(add(start->front(), times(i, delta->front())), type.getElementType()));
    return entries;
  }
  if (auto reduce = dyn_cast<ReduceOp>(op)) {
    std::optional<Entries> entries = read(reduce.getX(), depth);
    auto type = ranked(reduce.getX());
    bool sum = reduce.getKind() == ReduceKind::sum;
    if (!entries || type.getRank() != 1 || reduce.getAxes().size() != 1 ||
        (!sum && reduce.getKind() != ReduceKind::prod))
      return std::nullopt;
    Entry total = sum ? 0 : 1;
    for (Entry entry : *entries)
      total = sum ? add(total, entry) : times(total, entry);
    return Entries{convert(total, type.getElementType())};
  }
  return std::nullopt;
}
} // namespace

std::optional<SmallVector<int64_t>> pare::getConstantInts(Value value, int64_t limit) {
  auto constant = value.getDefiningOp<ConstantOp>();
  if (!constant)
    return std::nullopt;
  auto type = dyn_cast<RankedTensorType>(constant.getValue().getType());
  if (!type || !type.hasStaticShape() || type.getNumElements() > limit)
    return std::nullopt;
  auto integer = dyn_cast<IntegerType>(type.getElementType());
  if (!integer || integer.getWidth() > 64)
    return std::nullopt;
  SmallVector<char> storage;
  ArrayRef<char> bytes = getConstantBytes(constant.getValue(), storage);
  unsigned width = elementBytes(integer);
  if (bytes.size() != static_cast<size_t>(type.getNumElements()) * width)
    return std::nullopt;
  SmallVector<int64_t> values;
  for (size_t at = 0; at < bytes.size(); at += width)
    values.push_back(readInt(bytes.data() + at, width, !integer.isSigned()));
  return values;
}

std::optional<SmallVector<std::optional<int64_t>>> pare::getPartialInts(Value value, int64_t limit) {
  return Reader(limit).read(value, 0);
}
