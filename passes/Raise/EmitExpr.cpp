// Boolean element expressions as elementwise ops.
#include "Utils.h"

using namespace mlir;
using namespace pare;
using Kind = ElementExpr::Kind;

Value pare::emitInts(ImplicitLocOpBuilder &builder, ArrayRef<int64_t> values) {
  return ConstantOp::create(builder, makeInts(builder.getContext(), values));
}

Value pare::emitScalar(ImplicitLocOpBuilder &builder, Type elementType, double value) {
  auto type = RankedTensorType::get({}, elementType);
  DenseElementsAttr attribute;
  if (auto number = dyn_cast<FloatType>(elementType)) {
    APFloat exact(value);
    bool lost;
    exact.convert(number.getFloatSemantics(), APFloat::rmNearestTiesToEven, &lost);
    attribute = DenseElementsAttr::get(type, exact);
  } else {
    unsigned width = elementType.getIntOrFloatBitWidth();
    attribute = DenseElementsAttr::get(
        type, APInt(width, static_cast<int64_t>(value), /*isSigned=*/true, /*implicitTrunc=*/true));
  }
  return ConstantOp::create(builder, cast<TypedAttr>(attribute));
}

Value pare::emitShape(ImplicitLocOpBuilder &builder, ArrayRef<IndexAxis> axes) {
  SmallVector<Value> parts;
  SmallVector<int64_t> pending;
  auto flush = [&] {
    if (!pending.empty())
      parts.push_back(emitInts(builder, std::exchange(pending, {})));
  };
  for (const IndexAxis &axis : axes) {
    if (auto known = polynomial::asConstant(axis.size)) {
      pending.push_back(*known);
      continue;
    }
    flush();
    Value shape = ShapeOfOp::create(builder, axis.like);
    parts.push_back(GatherOp::create(builder, shape, emitInts(builder, axis.axisOfLike), 0));
  }
  flush();
  return parts.size() == 1 ? parts[0] : Value(ConcatOp::create(builder, parts, 0));
}

namespace {
struct Emitter {
  ImplicitLocOpBuilder &builder;
  SymbolicDims &dims;
  ArrayRef<IndexAxis> axes;
  DenseMap<ElementExprs::Expr, Value> done;

  /// `value`, whose axes are those of `axes` in `present`, with an axis of size 1 for each other one.
  Value spread(Value value, ArrayRef<int64_t> present) {
    SmallVector<int64_t> missing;
    for (int64_t axis = 0; axis < static_cast<int64_t>(axes.size()); ++axis)
      if (!llvm::is_contained(present, axis))
        missing.push_back(axis);
    return missing.empty() ? value : Value(UnsqueezeOp::create(builder, value, missing));
  }

  Value leaf(ElementExprs::Expr expr) {
    SmallVector<int64_t> present, dropped;
    auto type = cast<RankedTensorType>(expr->value.getType());
    for (size_t axis = 0; axis < expr->operands.size(); ++axis) {
      ElementExprs::Expr index = expr->operands[axis];
      const auto *found = llvm::find_if(axes, [&](const IndexAxis &own) { return own.variable == index; });
      if (found != axes.end())
        present.push_back(found - axes.begin());
      else if (index->kind == Kind::integer && index->integer.empty() && type.getDimSize(axis) == 1)
        dropped.push_back(axis);
      else
        return Value();
    }
    // In the order of the axes, each once.
    for (size_t i = 1; i < present.size(); ++i)
      if (present[i - 1] >= present[i])
        return Value();
    Value value = expr->value;
    // Of a table of positions, what the indices reach.
    for (size_t axis = 0; axis < expr->operands.size(); ++axis) {
      const auto *found = llvm::find_if(axes, [&](auto &own) { return own.variable == expr->operands[axis]; });
      if (found != axes.end() && dims.sizeOf(expr->value, static_cast<int64_t>(axis)) != found->size)
        value = SliceOp::create(builder, value, emitInts(builder, int64_t(0)), emitShape(builder, *found),
                                emitInts(builder, int64_t(1)), ArrayRef<int64_t>{static_cast<int64_t>(axis)});
    }
    if (!dropped.empty())
      value = SqueezeOp::create(builder, value, dropped);
    return spread(value, present);
  }

  Value integer(const Polynomial &polynomial, Type type) {
    if (auto known = polynomial::asConstant(polynomial))
      return emitScalar(builder, type, static_cast<double>(*known));
    // Index variables and sizes, each of them once, and a constant.
    Type si64 = IntegerType::get(builder.getContext(), 64, IntegerType::Signed);
    Polynomial rest = polynomial;
    Value sum;
    auto take = [&](const Polynomial &part, llvm::function_ref<Value()> emitPart) {
      for (int64_t sign : {1, -1}) {
        auto less = part.size() == 1 ? polynomial::add(rest, part, -sign) : std::nullopt;
        if (!less || less->size() >= rest.size())
          continue;
        rest = *less;
        Value value = emitPart();
        if (sum)
          sum = sign > 0 ? Value(AddOp::create(builder, sum, value)) : Value(SubOp::create(builder, sum, value));
        else
          sum = sign > 0 ? value : Value(NegOp::create(builder, value));
        return;
      }
    };
    for (int64_t place = 0; place < static_cast<int64_t>(axes.size()); ++place) {
      auto &axis = axes[place];
      auto length = [&] {
        return SqueezeOp::create(builder, emitShape(builder, axis), ArrayRef<int64_t>{0}).getResult();
      };
      take(axis.variable->integer, [&] {
        Value range = RangeOp::create(builder, emitScalar(builder, si64, 0), length(), emitScalar(builder, si64, 1));
        return spread(range, {place});
      });
      if (!polynomial::asConstant(axis.size))
        take(axis.size, length);
    }
    auto shift = polynomial::asConstant(rest);
    if (!shift || !sum)
      return Value();
    if (*shift)
      sum = AddOp::create(builder, sum, emitScalar(builder, si64, static_cast<double>(*shift)));
    return type == si64 ? sum : Value(CastOp::create(builder, sum, type));
  }

  /// The element type that `expr` has by itself; null for constants.
  Type typeOf(ElementExprs::Expr expr) {
    if (expr->kind == Kind::leaf)
      return getElementTypeOrSelf(expr->value.getType());
    if (expr->kind != Kind::apply)
      return Type();
    switch (expr->fn) {
    case ElementFn::logicalNot:
    case ElementFn::logicalAnd:
    case ElementFn::logicalOr:
    case ElementFn::eq:
    case ElementFn::lt:
    case ElementFn::le:
      return builder.getI1Type();
    case ElementFn::toFloat:
      return builder.getF32Type();
    default:
      for (ElementExprs::Expr operand : ArrayRef(expr->operands).drop_front(expr->fn == ElementFn::select))
        if (Type type = typeOf(operand))
          return type;
      return Type();
    }
  }

  Value emit(ElementExprs::Expr expr, Type type) {
    if (expr->kind == Kind::number)
      return emitScalar(builder, type, expr->number);
    if (expr->kind == Kind::integer)
      return integer(expr->integer, type);
    Value &known = done[expr];
    if (known)
      return known;
    Value result = expr->kind == Kind::leaf ? leaf(expr) : apply(expr);
    return done[expr] = result;
  }

  Value apply(ElementExprs::Expr expr) {
    Type si64 = IntegerType::get(builder.getContext(), 64, IntegerType::Signed), common;
    ArrayRef<ElementExprs::Expr> operands = expr->operands;
    if (expr->fn == ElementFn::select)
      operands = operands.drop_front();
    for (ElementExprs::Expr operand : operands)
      if (!common)
        common = typeOf(operand);
    if (!common)
      common = llvm::any_of(operands, [](auto operand) { return operand->kind == Kind::number; })
                   ? Type(builder.getF32Type())
                   : si64;
    SmallVector<Value> in;
    if (expr->fn == ElementFn::select)
      in.push_back(emit(expr->operands[0], builder.getI1Type()));
    for (ElementExprs::Expr operand : operands)
      in.push_back(emit(operand, common));
    for (Value value : in)
      if (!value)
        return Value();
    for (Value value : ArrayRef(in).drop_front(expr->fn == ElementFn::select))
      if (getElementTypeOrSelf(value.getType()) != common)
        return Value();
    auto compare = [&](CompareKind kind) { return Value(CompareOp::create(builder, in[0], in[1], kind)); };
    switch (expr->fn) {
    case ElementFn::logicalNot: {
      // Not equal to 0 is a cast.
      ElementExprs::Expr inner = expr->operands[0];
      if (inner->isApply(ElementFn::eq))
        for (int i : {0, 1}) {
          ElementExprs::Expr zero = inner->operands[i], other = inner->operands[1 - i];
          bool isZero = zero->isNumber(0) || (zero->kind == Kind::integer && zero->integer.empty());
          if (isZero && done.lookup(other))
            return CastOp::create(builder, done.lookup(other), builder.getI1Type());
        }
      return NotOp::create(builder, in[0]);
    }
    case ElementFn::logicalAnd:
    case ElementFn::logicalOr: {
      Value all = in[0];
      for (Value value : ArrayRef(in).drop_front())
        all = expr->fn == ElementFn::logicalAnd ? Value(AndOp::create(builder, all, value))
                                                : Value(OrOp::create(builder, all, value));
      return all;
    }
    case ElementFn::eq:
      return compare(CompareKind::eq);
    case ElementFn::lt:
      return compare(CompareKind::lt);
    case ElementFn::le:
      return compare(CompareKind::le);
    case ElementFn::add:
      return AddOp::create(builder, in[0], in[1]);
    case ElementFn::sub:
      return SubOp::create(builder, in[0], in[1]);
    case ElementFn::mul:
      return MulOp::create(builder, in[0], in[1]);
    case ElementFn::div:
      return DivOp::create(builder, in[0], in[1]);
    case ElementFn::neg:
      return NegOp::create(builder, in[0]);
    case ElementFn::abs:
      return AbsOp::create(builder, in[0]);
    case ElementFn::select:
      return WhereOp::create(builder, in[0], in[1], in[2]);
    case ElementFn::toFloat:
      return CastOp::create(builder, in[0], builder.getF32Type());
    case ElementFn::none:
      break;
    }
    return Value();
  }
};
} // namespace

Value pare::emitExpr(ImplicitLocOpBuilder &builder, SymbolicDims &dims, ElementExprs::Expr expr,
                     ArrayRef<IndexAxis> axes) {
  Emitter emitter{builder, dims, axes, DenseMap<ElementExprs::Expr, Value>()};
  Value value = emitter.emit(expr, builder.getI1Type());
  if (!value || !getElementTypeOrSelf(value.getType()).isInteger(1))
    return Value();
  // A scalar, or what lacks leading axes, gets them.
  int64_t rank = cast<RankedTensorType>(value.getType()).getRank(), wanted = axes.size();
  if (rank == wanted)
    return value;
  return UnsqueezeOp::create(builder, value, llvm::to_vector(llvm::seq<int64_t>(0, wanted - rank)));
}
