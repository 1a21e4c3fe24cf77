// The vocabulary of the lowerings.
#include "Emit.h"
#include "mlir/Dialect/ControlFlow/IR/ControlFlowOps.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Utils/StaticValueUtils.h"
#include "mlir/IR/Matchers.h"

using namespace mlir;
using namespace pare;
using namespace pare::lowering;

Type lowering::signless(Type type) {
  auto integer = dyn_cast<IntegerType>(type);
  return integer ? IntegerType::get(type.getContext(), integer.getWidth()) : type;
}

bool lowering::isUnsigned(Type type) { return type.isUnsignedInteger() || type.isInteger(1); }
Type lowering::elementOf(Value value) { return getElementTypeOrSelf(value.getType()); }
int64_t lowering::rankOf(Value value) { return cast<RankedTensorType>(value.getType()).getRank(); }

Type lowering::accumulatorOf(Type type) {
  return isa<Float16Type, BFloat16Type>(type) ? Type(Float32Type::get(type.getContext())) : type;
}

bool lowering::isSmall(Type type) {
  auto tensor = dyn_cast<RankedTensorType>(type);
  if (!tensor || !tensor.hasStaticShape())
    return false;
  return tensor.getNumElements() <= (isa<IntegerType>(tensor.getElementType()) ? 16 : 1);
}

AffineMap lowering::project(MLIRContext *context, int64_t rank, ArrayRef<int64_t> axes) {
  SmallVector<AffineExpr> results;
  for (int64_t axis : axes)
    results.push_back(getAffineDimExpr(axis, context));
  return AffineMap::get(rank, 0, results, context);
}

SmallVector<int64_t> lowering::axesWithout(int64_t rank, ArrayRef<int64_t> dropped) {
  SmallVector<int64_t> axes;
  for (int64_t axis = 0; axis < rank; ++axis)
    if (!llvm::is_contained(dropped, axis))
      axes.push_back(axis);
  return axes;
}

std::optional<int64_t> lowering::constantOf(Value value) {
  APInt constant;
  if (!value || !matchPattern(value, m_ConstantInt(&constant)))
    return std::nullopt;
  return constant.getBitWidth() == 1 ? constant.getZExtValue() : constant.getSExtValue();
}

std::optional<int64_t> lowering::constantOf(OpFoldResult value) { return getConstantIntValue(value); }

// Scalars.

Value Emit::index(int64_t value) { return arith::ConstantIndexOp::create(*this, value); }

Value Emit::index(OpFoldResult value) {
  if (auto constant = constantOf(value))
    return index(*constant);
  return cast<Value>(value);
}

Value Emit::integer(Type type, int64_t value) { return arith::ConstantOp::create(*this, getIntegerAttr(type, value)); }

Value Emit::number(Type type, double value) {
  if (isa<FloatType>(type))
    return arith::ConstantOp::create(*this, getFloatAttr(type, value));
  return integer(type, static_cast<int64_t>(value));
}

Value Emit::toIndex(Value value) {
  if (value.getType().isIndex())
    return value;
  // The casts of shape_of and of its reader cancel.
  if (auto cast = value.getDefiningOp<arith::IndexCastOp>(); cast && value.getType().isInteger(64))
    return cast.getIn();
  return createOrFold<arith::IndexCastOp>(getIndexType(), value);
}

Value Emit::fromIndex(Value value, Type type) { return createOrFold<arith::IndexCastOp>(type, value); }

Value Emit::toFloat(Value value, Type type) {
  Type from = value.getType();
  if (from == type)
    return value;
  if (from.getIntOrFloatBitWidth() < type.getIntOrFloatBitWidth())
    return arith::ExtFOp::create(*this, type, value);
  if (from.getIntOrFloatBitWidth() > type.getIntOrFloatBitWidth())
    return arith::TruncFOp::create(*this, type, value);
  return toFloat(toFloat(value, getF32Type()), type); // between f16 and bf16
}

// Sizes.

OpFoldResult Emit::size(Value tensor, int64_t axis) {
  auto type = cast<RankedTensorType>(tensor.getType());
  if (!type.isDynamicDim(axis))
    return getIndexAttr(type.getDimSize(axis));
  return createOrFold<tensor::DimOp>(tensor, axis);
}

Sizes Emit::sizes(Value tensor) {
  Sizes result;
  for (int64_t axis = 0; axis < rankOf(tensor); ++axis)
    result.push_back(size(tensor, axis));
  return result;
}

OpFoldResult Emit::product(ArrayRef<OpFoldResult> sizes) {
  Value result = index(1);
  for (OpFoldResult size : sizes)
    result = mul(result, index(size));
  return getAsOpFoldResult(result);
}

Sizes Emit::refine(ArrayRef<OpFoldResult> sizes, Type result) {
  Sizes refined;
  for (auto [size, known] : llvm::zip_equal(sizes, cast<RankedTensorType>(result).getShape())) {
    Value value = dyn_cast<Value>(size);
    if (!ShapedType::isDynamic(known))
      refined.push_back(getIndexAttr(known));
    else
      refined.push_back(value ? getAsOpFoldResult(value) : size);
  }
  return refined;
}

// Tensors.

Value Emit::extract(Value tensor, ValueRange indices) { return createOrFold<tensor::ExtractOp>(tensor, indices); }

Value Emit::extractScalar(Value tensor) { return extract(tensor, Values(rankOf(tensor), index(0))); }

Values Emit::elements(Value tensor) {
  auto type = cast<RankedTensorType>(tensor.getType());
  Values result;
  for (int64_t linear = 0; linear < type.getNumElements(); ++linear) {
    Values indices(type.getRank());
    int64_t rest = linear;
    for (int64_t axis = type.getRank() - 1; axis >= 0; --axis) {
      indices[axis] = index(rest % type.getDimSize(axis));
      rest /= type.getDimSize(axis);
    }
    result.push_back(extract(tensor, indices));
  }
  return result;
}

Values Emit::extractAll(Value tensor) {
  Values result;
  for (Value element : elements(tensor))
    result.push_back(toIndex(element));
  return result;
}

Value Emit::fromElements(Type tensorType, ValueRange elements) {
  return tensor::FromElementsOp::create(*this, tensorType, elements);
}

Value Emit::empty(ArrayRef<OpFoldResult> sizes, Type elementType) {
  return tensor::EmptyOp::create(*this, sizes, elementType);
}

Value Emit::filled(ArrayRef<OpFoldResult> sizes, Value scalar) {
  return linalg::FillOp::create(*this, scalar, empty(sizes, scalar.getType())).getResult(0);
}

Value Emit::castTo(Value tensor, Type type) {
  if (tensor.getType() == type)
    return tensor;
  return tensor::CastOp::create(*this, type, tensor);
}

static Value genericOp(Emit &e, Value out, ValueRange inputs, ArrayRef<AffineMap> maps, AffineMap outMap,
                       ArrayRef<utils::IteratorType> iterators, bool passAccumulator, Emit::BodyFn body) {
  SmallVector<AffineMap> allMaps(maps);
  if (maps.empty())
    allMaps.assign(inputs.size(), e.getMultiDimIdentityMap(iterators.size()));
  allMaps.push_back(outMap);
  auto op = linalg::GenericOp::create(e, out.getType(), inputs, out, allMaps, iterators,
                                      [&](OpBuilder &builder, Location loc, ValueRange args) {
                                        Emit inner(loc, builder, e.state);
                                        Value result = body(inner, passAccumulator ? args : args.drop_back());
                                        linalg::YieldOp::create(inner, result);
                                      });
  return op.getResult(0);
}

Value Emit::parallel(ArrayRef<OpFoldResult> sizes, Type elementType, ValueRange inputs, ArrayRef<AffineMap> maps,
                     BodyFn body) {
  SmallVector<utils::IteratorType> iterators(sizes.size(), utils::IteratorType::parallel);
  return genericOp(*this, empty(sizes, elementType), inputs, maps, getMultiDimIdentityMap(sizes.size()), iterators,
                   /*passAccumulator=*/false, body);
}

Value Emit::build(ArrayRef<OpFoldResult> sizes, Type elementType, BodyFn body) {
  return parallel(sizes, elementType, {}, {}, [&](Emit &inner, ValueRange) {
    Values indices;
    for (size_t axis = 0; axis < sizes.size(); ++axis)
      indices.push_back(linalg::IndexOp::create(inner, axis));
    return body(inner, indices);
  });
}

Value Emit::reduce(Value init, int64_t rank, ArrayRef<int64_t> reduced, ValueRange inputs, ArrayRef<AffineMap> maps,
                   BodyFn body) {
  SmallVector<utils::IteratorType> iterators(rank, utils::IteratorType::parallel);
  for (int64_t axis : reduced)
    iterators[axis] = utils::IteratorType::reduction;
  return genericOp(*this, init, inputs, maps, project(getContext(), rank, axesWithout(rank, reduced)), iterators,
                   /*passAccumulator=*/true, body);
}

Value Emit::convertFloat(Value tensor, Type elementType) {
  if (elementOf(tensor) == elementType)
    return tensor;
  return parallel(sizes(tensor), elementType, tensor, {},
                  [&](Emit &inner, ValueRange args) { return inner.toFloat(args[0], elementType); });
}

/// Upstream refuses an empty part at the very end of a tensor.
static bool isEmptyPart(ArrayRef<OpFoldResult> sizes) {
  return llvm::any_of(sizes, [](OpFoldResult size) { return constantOf(size) == 0; });
}

Value Emit::slice(Value tensor, ArrayRef<OpFoldResult> offsets, ArrayRef<OpFoldResult> sizes) {
  if (isEmptyPart(sizes))
    return empty(sizes, elementOf(tensor));
  Sizes ones(sizes.size(), getIndexAttr(1));
  return tensor::ExtractSliceOp::create(*this, tensor, offsets, sizes, ones);
}

Value Emit::insert(Value part, Value into, ArrayRef<OpFoldResult> offsets, ArrayRef<OpFoldResult> sizes) {
  if (isEmptyPart(sizes))
    return into;
  Sizes ones(sizes.size(), getIndexAttr(1));
  // Static sizes of the part and of the insertion must be spelled alike.
  SmallVector<int64_t> shape;
  for (OpFoldResult size : sizes)
    shape.push_back(constantOf(size).value_or(ShapedType::kDynamic));
  if (rankOf(part) == static_cast<int64_t>(sizes.size()))
    part = castTo(part, RankedTensorType::get(shape, elementOf(part)));
  return tensor::InsertSliceOp::create(*this, part, into, offsets, sizes, ones);
}

Value Emit::transpose(Value tensor, ArrayRef<int64_t> permutation) {
  Sizes from = sizes(tensor), to;
  for (int64_t axis : permutation)
    to.push_back(from[axis]);
  return linalg::TransposeOp::create(*this, tensor, empty(to, elementOf(tensor)), permutation)->getResult(0);
}

Value Emit::broadcast(Value tensor, ArrayRef<OpFoldResult> sizes, ArrayRef<bool> repeat) {
  auto type = cast<RankedTensorType>(tensor.getType());
  int64_t lead = sizes.size() - type.getRank();
  SmallVector<AffineExpr> exprs;
  for (int64_t axis = 0; axis < type.getRank(); ++axis) {
    bool one = type.getDimSize(axis) == 1 || (!repeat.empty() && repeat[axis]);
    exprs.push_back(one ? getAffineConstantExpr(0) : getAffineDimExpr(axis + lead));
  }
  AffineMap map = AffineMap::get(sizes.size(), 0, exprs, getContext());
  if (map.isIdentity())
    return tensor;
  return parallel(sizes, type.getElementType(), tensor, map, [](Emit &, ValueRange args) { return args[0]; });
}

Values Emit::loops(ArrayRef<OpFoldResult> sizes, ValueRange init,
                   function_ref<Values(Emit &, ValueRange, ValueRange)> body) {
  Values indices;
  std::function<Values(Emit &, size_t, ValueRange)> nest = [&](Emit &e, size_t axis, ValueRange carried) -> Values {
    if (axis == sizes.size())
      return body(e, indices, carried);
    auto loop = scf::ForOp::create(e, e.index(0), e.index(sizes[axis]), e.index(1), carried,
                                   [&](OpBuilder &builder, Location loc, Value iv, ValueRange args) {
                                     Emit inner(loc, builder, e.state);
                                     indices.push_back(iv);
                                     Values results = nest(inner, axis + 1, args);
                                     indices.pop_back();
                                     scf::YieldOp::create(inner, results);
                                   });
    return Values(loop.getResults());
  };
  return nest(*this, 0, init);
}

/// Name and kind of the node that a location stands for.
static std::string describe(Location location) {
  std::string name, kind;
  if (auto fused = dyn_cast<FusedLoc>(location)) {
    if (auto type = dyn_cast_or_null<StringAttr>(fused.getMetadata()))
      kind = type.str();
    for (Location part : fused.getLocations())
      if (auto named = dyn_cast<NameLoc>(part); named && name.empty())
        name = named.getName().str();
  } else if (auto named = dyn_cast<NameLoc>(location)) {
    if (isa<FusedLoc>(named.getChildLoc()) || named.getName().getValue().starts_with("pare."))
      return describe(named.getChildLoc());
    name = named.getName().str();
  }
  if (name.empty() && kind.empty())
    return "";
  return "node '" + name + "'" + (kind.empty() ? "" : " (" + kind + ")") + ": ";
}

void Emit::check(Value condition, const Twine &message) {
  if (constantOf(condition) == 1)
    return;
  cf::AssertOp::create(*this, condition, describe(getLoc()) + message.str());
}
