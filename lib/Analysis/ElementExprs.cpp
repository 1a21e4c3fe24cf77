// Elements of tensors through the ops that compute them.
#include "pare/Analysis/ElementExprs.h"
#include "pare/Dialect/Pare.h"
#include "pare/Dialect/Shapes.h"

using namespace mlir;
using namespace pare;
using Kind = ElementExpr::Kind;
using Expr = ElementExprs::Expr;

static int64_t rankOf(Value value) {
  auto type = dyn_cast<RankedTensorType>(value.getType());
  return type ? type.getRank() : -1;
}

static Type elementOf(Value value) { return getElementTypeOrSelf(value.getType()); }

Expr ElementExprs::element(Value value, ArrayRef<Expr> indices) { return find(value, indices, false); }
Expr ElementExprs::origin(Value value, ArrayRef<Expr> indices) { return find(value, indices, true); }

Expr ElementExprs::find(Value value, ArrayRef<Expr> indices, bool movesOnly) {
  auto key = std::make_tuple(value.getAsOpaquePointer(), movesOnly, std::vector<Expr>(indices));
  if (auto it = known.find(key); it != known.end())
    return it->second;
  Expr result = nullptr;
  if (Operation *op = value.getDefiningOp()) {
    result = moved(op, value, indices, movesOnly);
    if (!result && !movesOnly)
      result = computed(op, value, indices);
  }
  if (!result)
    result = leaf(value, indices);
  return known[key] = result;
}

bool ElementExprs::isInRange(const Polynomial &index, const Polynomial &size) const {
  auto last = polynomial::add(size, polynomial::constant(1), -1);
  auto room = last ? polynomial::add(*last, index, -1) : std::nullopt;
  return room && isNonNegative(index) && isNonNegative(*room);
}

/// Indices of an operand that broadcasts to the result; std::nullopt when it is not known which axes do.
std::optional<std::vector<Expr>> ElementExprs::operandIndices(Value operand, Value result, ArrayRef<Expr> indices) {
  int64_t own = rankOf(operand), rank = indices.size();
  if (own < 0 || own > rank)
    return std::nullopt;
  std::vector<Expr> found;
  for (int64_t axis = 0; axis < own; ++axis) {
    const Polynomial &size = dims.sizeOf(operand, axis);
    int64_t at = axis + rank - own;
    if (polynomial::asConstant(size) == 1)
      found.push_back(integer({}));
    else if (size == dims.sizeOf(result, at) || dims.isCutTo(size, dims.sizeOf(result, at)))
      found.push_back(indices[at]);
    else
      return std::nullopt;
  }
  return found;
}

/// Indices into axes of `sizes` of the row-major `position`.
std::optional<std::vector<Expr>> ElementExprs::delinearize(const Polynomial &position, ArrayRef<Polynomial> sizes) {
  std::vector<Expr> found(sizes.size());
  Polynomial rest = position;
  for (size_t axis = 0; axis < sizes.size(); ++axis) {
    std::optional<Polynomial> stride = polynomial::constant(1);
    for (const Polynomial &size : sizes.drop_front(axis + 1))
      stride = stride ? polynomial::multiply(*stride, size) : std::nullopt;
    if (!stride)
      return std::nullopt;
    Polynomial index;
    if (polynomial::asConstant(sizes[axis]) == 1) {
      // Its index is 0.
    } else if (polynomial::asConstant(*stride) == 1) {
      index = std::exchange(rest, Polynomial());
    } else {
      std::tie(index, rest) = polynomial::split(rest, *stride);
    }
    if (!isInRange(index, sizes[axis]))
      return std::nullopt;
    found[axis] = integer(index);
  }
  return rest.empty() ? std::optional(found) : std::nullopt;
}

Expr ElementExprs::position(Expr index, const Polynomial &size) {
  if (index->kind != Kind::integer)
    return nullptr;
  if (isNonNegative(index->integer))
    return index;
  auto opposite = polynomial::add(polynomial::constant(-1), index->integer, -1);
  auto wrapped = polynomial::add(index->integer, size);
  return opposite && wrapped && isNonNegative(*opposite) ? integer(*wrapped) : nullptr;
}

Expr ElementExprs::moved(Operation *op, Value value, ArrayRef<Expr> indices, bool movesOnly) {
  auto follow = [&](Value source, ArrayRef<Expr> at) { return find(source, at, movesOnly); };
  if (isa<ReshapeOp, FlattenOp>(op)) {
    Value source = op->getOperand(0);
    if (rankOf(source) < 0)
      return nullptr;
    std::optional<Polynomial> position = Polynomial();
    for (auto [axis, index] : llvm::enumerate(indices)) {
      if (index->kind != Kind::integer || !position)
        return nullptr;
      auto scaled = polynomial::multiply(*position, dims.sizeOf(value, axis));
      position = scaled ? polynomial::add(*scaled, index->integer) : std::nullopt;
    }
    SmallVector<Polynomial> sizes;
    for (int64_t axis = 0; axis < rankOf(source); ++axis)
      sizes.push_back(dims.sizeOf(source, axis));
    auto at = position ? delinearize(*position, sizes) : std::nullopt;
    return at ? follow(source, *at) : nullptr;
  }
  if (auto squeeze = dyn_cast<SqueezeOp>(op)) {
    if (rankOf(squeeze.getX()) < 0)
      return nullptr;
    SmallVector<Expr> at;
    size_t next = 0;
    for (int64_t axis = 0; axis < rankOf(squeeze.getX()); ++axis)
      at.push_back(llvm::is_contained(squeeze.getAxes(), axis) ? integer({}) : indices[next++]);
    return follow(squeeze.getX(), at);
  }
  if (auto unsqueeze = dyn_cast<UnsqueezeOp>(op)) {
    SmallVector<Expr> at;
    for (int64_t axis = 0; axis < static_cast<int64_t>(indices.size()); ++axis)
      if (!llvm::is_contained(unsqueeze.getAxes(), axis))
        at.push_back(indices[axis]);
    return follow(unsqueeze.getX(), at);
  }
  if (auto transpose = dyn_cast<TransposeOp>(op)) {
    SmallVector<Expr> at(indices.size());
    for (auto [axis, from] : llvm::enumerate(transpose.getPermutation()))
      at[from] = indices[axis];
    return follow(transpose.getX(), at);
  }
  if (auto expand = dyn_cast<ExpandOp>(op)) {
    auto at = operandIndices(expand.getX(), value, indices);
    return at ? follow(expand.getX(), *at) : nullptr;
  }
  if (auto tile = dyn_cast<TileOp>(op)) {
    if (rankOf(tile.getX()) != static_cast<int64_t>(indices.size()))
      return nullptr;
    SmallVector<Expr> at;
    for (auto [axis, index] : llvm::enumerate(indices)) {
      const Polynomial &size = dims.sizeOf(tile.getX(), axis);
      if (index->kind != Kind::integer)
        return nullptr;
      // The index modulo the size that repeats.
      Polynomial rest = index->integer;
      if (size != dims.sizeOf(value, axis)) {
        if (size.size() != 1)
          return nullptr;
        rest = polynomial::split(rest, size).second;
        if (!isInRange(rest, size))
          return nullptr;
      }
      at.push_back(integer(rest));
    }
    return follow(tile.getX(), at);
  }
  if (auto slice = dyn_cast<SliceOp>(op)) {
    auto starts = dims.elementPolynomials(slice.getStarts()), steps = dims.elementPolynomials(slice.getSteps());
    if (!starts || !steps || rankOf(slice.getX()) < 0)
      return nullptr;
    SmallVector<Expr> at(indices.begin(), indices.end());
    for (auto [i, axis] : llvm::enumerate(slice.getAxes())) {
      auto step = polynomial::asConstant((*steps)[i]);
      // A negative start counts from the end, if the axis is long enough: clamping is not followed.
      if (!step || *step < 1 || !isNonNegative((*starts)[i]) || at[axis]->kind != Kind::integer)
        return nullptr;
      auto scaled = polynomial::multiply(at[axis]->integer, (*steps)[i]);
      auto moved = scaled ? polynomial::add(*scaled, (*starts)[i]) : std::nullopt;
      if (!moved)
        return nullptr;
      at[axis] = integer(*moved);
    }
    return follow(slice.getX(), at);
  }
  if (auto gather = dyn_cast<GatherOp>(op)) {
    int64_t axis = gather.getAxis(), count = rankOf(gather.getIndices());
    if (count < 0 || rankOf(gather.getData()) < 0)
      return nullptr;
    Expr index = element(gather.getIndices(), indices.slice(axis, count));
    Expr at = position(index, dims.sizeOf(gather.getData(), axis));
    if (!at)
      return nullptr;
    SmallVector<Expr> all(indices.take_front(axis));
    all.push_back(at);
    all.append(indices.begin() + axis + count, indices.end());
    return follow(gather.getData(), all);
  }
  if (auto gather = dyn_cast<GatherNdOp>(op)) {
    int64_t batch = gather.getBatchDims(), rank = rankOf(gather.getIndices());
    if (rank < 1 || rankOf(gather.getData()) < 0)
      return nullptr;
    auto depth = polynomial::asConstant(dims.sizeOf(gather.getIndices(), rank - 1));
    if (!depth)
      return nullptr;
    SmallVector<Expr> all(indices.take_front(batch));
    for (int64_t i = 0; i < *depth; ++i) {
      SmallVector<Expr> tuple(indices.take_front(rank - 1));
      tuple.push_back(integer(polynomial::constant(i)));
      Expr at = position(element(gather.getIndices(), tuple), dims.sizeOf(gather.getData(), batch + i));
      if (!at)
        return nullptr;
      all.push_back(at);
    }
    all.append(indices.begin() + (rank - 1), indices.end());
    return follow(gather.getData(), all);
  }
  if (auto concat = dyn_cast<ConcatOp>(op)) {
    int64_t axis = concat.getAxis();
    if (indices[axis]->kind != Kind::integer)
      return nullptr;
    Polynomial index = indices[axis]->integer;
    for (Value input : concat.getInputs()) {
      if (rankOf(input) < 0)
        return nullptr;
      const Polynomial &size = dims.sizeOf(input, axis);
      if (isInRange(index, size)) {
        SmallVector<Expr> at(indices.begin(), indices.end());
        at[axis] = integer(index);
        return follow(input, at);
      }
      auto rest = polynomial::add(index, size, -1);
      if (!rest || !isNonNegative(*rest))
        return nullptr;
      index = *rest;
    }
    return nullptr;
  }
  return nullptr;
}

const std::vector<char> *ElementExprs::bytesOf(Value constant) {
  auto [it, inserted] = tables.try_emplace(constant.getAsOpaquePointer());
  if (inserted) {
    SmallVector<char> storage;
    ArrayRef<char> bytes = getConstantBytes(constant.getDefiningOp<ConstantOp>().getValue(), storage);
    it->second.assign(bytes.begin(), bytes.end());
  }
  return &it->second;
}

namespace {
/// Elements of a constant as numbers.
struct Table {
  Type type;
  const std::vector<char> &bytes;

  double operator[](int64_t i) const {
    const char *at = bytes.data() + i * elementBytes(type);
    auto read = [&](auto sample) {
      std::memcpy(&sample, at, sizeof(sample));
      return static_cast<double>(sample);
    };
    if (type.isF32())
      return read(float());
    if (type.isF64())
      return read(double());
    if (auto narrow = dyn_cast<FloatType>(type)) {
      uint16_t raw;
      std::memcpy(&raw, at, sizeof(raw));
      return APFloat(narrow.getFloatSemantics(), APInt(16, raw)).convertToDouble();
    }
    switch (elementBytes(type)) {
    case 1:
      return type.isUnsignedInteger() ? read(uint8_t()) : read(int8_t());
    case 2:
      return type.isUnsignedInteger() ? read(uint16_t()) : read(int16_t());
    case 4:
      return type.isUnsignedInteger() ? read(uint32_t()) : read(int32_t());
    default:
      return read(int64_t());
    }
  }
};
} // namespace

/// An element of a constant: a number, an index that grows linearly, or a choice of two numbers by the distance of two
/// indices (triangles and bands).
Expr ElementExprs::table(Value value, ArrayRef<Expr> indices) {
  auto type = cast<RankedTensorType>(value.getType());
  constexpr int64_t kMaxTable = int64_t(1) << 24;
  int64_t rank = type.getRank(), count = type.getNumElements();
  Type element = type.getElementType();
  if (count == 0 || count > kMaxTable)
    return nullptr;
  bool isInt = isa<IntegerType>(element) && !element.isInteger(1);
  auto give = [&](double x) { return isInt ? integer(polynomial::constant(static_cast<int64_t>(x))) : number(x); };
  Table at{element, *bytesOf(value)};
  // Where constant indices point, and the axes that vary.
  int64_t base = 0;
  SmallVector<int64_t> strides(rank, 1), axes;
  for (int64_t axis = rank - 2; axis >= 0; --axis)
    strides[axis] = strides[axis + 1] * type.getDimSize(axis + 1);
  for (int64_t axis = 0; axis < rank; ++axis) {
    if (indices[axis]->kind != Kind::integer)
      return nullptr;
    if (auto fixed = polynomial::asConstant(indices[axis]->integer)) {
      if (*fixed < 0 || *fixed >= type.getDimSize(axis))
        return nullptr;
      base += *fixed * strides[axis];
    } else {
      axes.push_back(axis);
    }
  }
  auto each = [&](llvm::function_ref<bool(ArrayRef<int64_t>, double)> test) {
    SmallVector<int64_t> place(axes.size(), 0);
    while (true) {
      int64_t offset = base;
      for (auto [i, axis] : llvm::enumerate(axes))
        offset += place[i] * strides[axis];
      if (!test(place, at[offset]))
        return false;
      int64_t i = axes.size() - 1;
      for (; i >= 0 && ++place[i] == type.getDimSize(axes[i]); --i)
        place[i] = 0;
      if (i < 0)
        return true;
    }
  };
  double first = at[base];
  if (each([&](ArrayRef<int64_t>, double x) { return x == first; }))
    return give(first);
  if (isInt) {
    SmallVector<int64_t> slopes;
    for (int64_t axis : axes)
      slopes.push_back(type.getDimSize(axis) > 1 ? static_cast<int64_t>(at[base + strides[axis]] - first) : 0);
    bool linear = each([&](ArrayRef<int64_t> place, double x) {
      double sum = first;
      for (auto [index, slope] : llvm::zip_equal(place, slopes))
        sum += static_cast<double>(index * slope);
      return sum == x;
    });
    if (linear) {
      std::optional<Polynomial> sum = polynomial::constant(static_cast<int64_t>(first));
      for (auto [axis, slope] : llvm::zip_equal(axes, slopes)) {
        auto term = polynomial::multiply(indices[axis]->integer, polynomial::constant(slope));
        sum = sum && term ? polynomial::add(*sum, *term) : std::nullopt;
      }
      if (sum)
        return integer(*sum);
    }
  }
  if (axes.size() != 2)
    return nullptr;
  // `inside` where lower <= j - i <= upper, `outside` elsewhere. The corner at the main diagonal is inside.
  double inside = first, outside = first;
  int64_t rows = type.getDimSize(axes[0]), columns = type.getDimSize(axes[1]), lower = columns, upper = -rows;
  bool two = each([&](ArrayRef<int64_t> place, double x) {
    if (x == inside) {
      lower = std::min(lower, place[1] - place[0]);
      upper = std::max(upper, place[1] - place[0]);
      return true;
    }
    if (outside == inside)
      outside = x;
    return x == outside;
  });
  if (!two || !each([&](ArrayRef<int64_t> place, double x) {
        int64_t distance = place[1] - place[0];
        return (x == inside) == (lower <= distance && distance <= upper);
      }))
    return nullptr;
  auto distance = polynomial::add(indices[axes[1]]->integer, indices[axes[0]]->integer, -1);
  if (!distance)
    return nullptr;
  Expr condition = number(1);
  if (lower > 1 - rows)
    condition = apply(ElementFn::logicalAnd,
                      {condition, compare(ElementFn::le, integer(polynomial::constant(lower)), integer(*distance))});
  if (upper < columns - 1)
    condition = apply(ElementFn::logicalAnd,
                      {condition, compare(ElementFn::le, integer(*distance), integer(polynomial::constant(upper)))});
  if (element.isInteger(1))
    return inside != 0 ? condition : negate(condition);
  return apply(ElementFn::select, {condition, give(inside), give(outside)});
}

Expr ElementExprs::computed(Operation *op, Value value, ArrayRef<Expr> indices) {
  if (isa<ConstantOp>(op))
    return table(value, indices);
  // Small integer tensors that shapes decide.
  if (auto type = dyn_cast<RankedTensorType>(value.getType());
      type && type.hasStaticShape() && isa<IntegerType>(type.getElementType()) && !type.getElementType().isInteger(1))
    if (auto entries = dims.elementPolynomials(value)) {
      int64_t position = 0;
      bool fixed = true;
      for (auto [axis, index] : llvm::enumerate(indices)) {
        auto at = index->kind == Kind::integer ? polynomial::asConstant(index->integer) : std::nullopt;
        fixed &= at.has_value();
        position = position * type.getDimSize(axis) + at.value_or(0);
      }
      // What is known by no more than its own symbol is better followed through its op.
      if (fixed && position < static_cast<int64_t>(entries->size()) && isa<ShapeOfOp>(op))
        return integer((*entries)[position]);
    }
  if (auto full = dyn_cast<FullOp>(op)) {
    auto attribute = dyn_cast<DenseElementsAttr>(full.getValue());
    if (!attribute)
      return nullptr;
    if (auto values = attribute.tryGetValues<APFloat>(); succeeded(values)) {
      APFloat number = *(*values).begin();
      bool lost;
      number.convert(APFloat::IEEEdouble(), APFloat::rmNearestTiesToEven, &lost);
      return this->number(number.convertToDouble());
    }
    if (auto values = attribute.tryGetValues<APInt>(); succeeded(values)) {
      APInt number = *(*values).begin();
      return elementOf(value).isInteger(1)
                 ? this->number(!number.isZero())
                 : integer(polynomial::constant(elementOf(value).isUnsignedInteger() ? number.getZExtValue()
                                                                                     : number.getSExtValue()));
    }
    return nullptr;
  }
  if (auto range = dyn_cast<RangeOp>(op)) {
    Expr start =
        element(range.getStart(), SmallVector<Expr>(std::max<int64_t>(rankOf(range.getStart()), 0), integer({})));
    Expr delta =
        element(range.getDelta(), SmallVector<Expr>(std::max<int64_t>(rankOf(range.getDelta()), 0), integer({})));
    if (!isa<IntegerType>(elementOf(value)) || start->kind != Kind::integer || delta->kind != Kind::integer)
      return nullptr;
    return apply(ElementFn::add, {start, apply(ElementFn::mul, {indices[0], delta})});
  }
  if (auto trilu = dyn_cast<TriluOp>(op)) {
    Expr k = integer({});
    if (trilu.getK())
      k = element(trilu.getK(), SmallVector<Expr>(std::max<int64_t>(rankOf(trilu.getK()), 0), integer({})));
    size_t rank = indices.size();
    // column - row against k
    Expr distance = apply(ElementFn::sub, {indices[rank - 1], indices[rank - 2]});
    if (k->kind != Kind::integer || distance->kind != Kind::integer)
      return nullptr;
    Expr keep = trilu.getUpper() ? compare(ElementFn::le, k, distance) : compare(ElementFn::le, distance, k);
    Expr x = element(trilu.getX(), indices);
    Type type = elementOf(value);
    if (type.isInteger(1))
      return apply(ElementFn::logicalAnd, {keep, x});
    return apply(ElementFn::select, {keep, x, isa<FloatType>(type) ? number(0) : integer({})});
  }
  if (!isa<AddOp, SubOp, MulOp, DivOp, NegOp, AbsOp, NotOp, AndOp, OrOp, XorOp, CompareOp, WhereOp, CastOp>(op))
    return nullptr;
  SmallVector<Expr> in;
  for (Value operand : op->getOperands()) {
    auto at = operandIndices(operand, value, indices);
    if (!at)
      return nullptr;
    in.push_back(element(operand, *at));
  }
  if (auto cast = dyn_cast<CastOp>(op)) {
    Type from = elementOf(cast.getX()), to = cast.getTo();
    if (from == to)
      return in[0];
    if (to.isInteger(1))
      return toBool(in[0]);
    if (from.isInteger(1))
      return isa<FloatType>(to) ? apply(ElementFn::select, {in[0], number(1), number(0)})
                                : apply(ElementFn::select, {in[0], integer(polynomial::constant(1)), integer({})});
    if (isa<FloatType>(to)) {
      if (isa<IntegerType>(from))
        return apply(ElementFn::toFloat, {in[0]});
      // Rounding matters to numbers that the narrower type does not hold; those of masks it does.
      bool lost = false;
      std::function<bool(Expr)> exact = [&](Expr expr) {
        if (expr->kind == Kind::number) {
          APFloat number(expr->number);
          number.convert(cast_or_null<FloatType>(to).getFloatSemantics(), APFloat::rmNearestTiesToEven, &lost);
          return !lost;
        }
        return expr->isApply(ElementFn::select) && exact(expr->operands[1]) && exact(expr->operands[2]);
      };
      return exact(in[0]) ? in[0] : nullptr;
    }
    // Integers that narrow may wrap around.
    unsigned width = cast_or_null<IntegerType>(to).getWidth();
    bool widens =
        isa<IntegerType>(from) && (width > from.getIntOrFloatBitWidth() || width == 64) && to.isSignedInteger();
    bool small = in[0]->kind == Kind::integer && polynomial::asConstant(in[0]->integer) &&
                 std::abs(*polynomial::asConstant(in[0]->integer)) < 128;
    return widens || small ? in[0] : nullptr;
  }
  if (auto compare = dyn_cast<CompareOp>(op)) {
    if (elementOf(compare.getLhs()).isInteger(1) && compare.getKind() == CompareKind::eq) {
      // Of booleans: both or neither.
      if (in[1]->kind == Kind::number)
        std::swap(in[0], in[1]);
      if (in[0]->kind == Kind::number)
        return in[0]->number != 0 ? in[1] : negate(in[1]);
    }
    switch (compare.getKind()) {
    case CompareKind::eq:
      return apply(ElementFn::eq, in);
    case CompareKind::lt:
      return apply(ElementFn::lt, in);
    case CompareKind::le:
      return apply(ElementFn::le, in);
    case CompareKind::gt:
      return apply(ElementFn::lt, {in[1], in[0]});
    case CompareKind::ge:
      return apply(ElementFn::le, {in[1], in[0]});
    }
  }
  if (isa<XorOp>(op)) {
    for (int i : {0, 1})
      if (in[i]->kind == Kind::number)
        return in[i]->number != 0 ? negate(in[1 - i]) : in[1 - i];
    return nullptr;
  }
  if (isa<WhereOp>(op) && elementOf(value).isInteger(1)) {
    Expr no = negate(in[0]);
    return apply(ElementFn::logicalOr,
                 {apply(ElementFn::logicalAnd, {in[0], in[1]}), apply(ElementFn::logicalAnd, {no, in[2]})});
  }
  ElementFn fn = isa<AddOp>(op)   ? ElementFn::add
                 : isa<SubOp>(op) ? ElementFn::sub
                 : isa<MulOp>(op) ? ElementFn::mul
                 : isa<DivOp>(op) ? ElementFn::div
                 : isa<NegOp>(op) ? ElementFn::neg
                 : isa<AbsOp>(op) ? ElementFn::abs
                 : isa<NotOp>(op) ? ElementFn::logicalNot
                 : isa<AndOp>(op) ? ElementFn::logicalAnd
                 : isa<OrOp>(op)  ? ElementFn::logicalOr
                                  : ElementFn::select;
  return apply(fn, in);
}
