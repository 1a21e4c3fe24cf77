// Convolutions over tensors whose channels come last: products along contiguous channels with panels of the weight.
#include "ChannelsLast.h"
#include "pare/Conversion/Passes.h"

using namespace mlir;
using namespace pare;
using namespace pare::lowering;

/// What `x` is a transposition of; null for other values.
static Value sourceOf(Value x, ArrayRef<int64_t> permutation) {
  if (auto cast = x.getDefiningOp<tensor::CastOp>())
    x = cast.getSource();
  auto transpose = x.getDefiningOp<linalg::TransposeOp>();
  return transpose && transpose.getPermutation() == permutation ? transpose.getInput() : Value();
}

static SmallVector<int64_t> channelsFirst(int64_t rank) {
  SmallVector<int64_t> permutation{0, rank - 1};
  for (int64_t axis = 1; axis < rank - 1; ++axis)
    permutation.push_back(axis);
  return permutation;
}

Value lowering::channelsLastOf(Value x) { return sourceOf(x, channelsFirst(rankOf(x))); }

Value lowering::toChannelsFirst(Emit &e, Value result) { return e.transpose(result, channelsFirst(rankOf(result))); }

Value lowering::lowerConvLast(Emit &e, ConvOp op, ConvOp::Adaptor adaptor) {
  int64_t rank = rankOf(adaptor.getX()), spatial = rank - 2;
  SmallVector<int64_t> weightOrder{rank - 1, rank - 2};
  for (int64_t axis = 0; axis < spatial; ++axis)
    weightOrder.push_back(axis);
  Value x = channelsLastOf(adaptor.getX()), weight = sourceOf(adaptor.getWeight(), weightOrder);
  Type xType = elementOf(op.getX()), weightType = elementOf(op.getWeight()), type = elementOf(op.getResult());
  if (!x || !weight || !(type.isF32() || type.isSignedInteger(32)))
    return Value();
  auto groups = static_cast<int64_t>(op.getGroups());
  auto kernel = cast<RankedTensorType>(weight.getType()).getShape(); // [kernel.., C / groups, O]
  int64_t channels = kernel[spatial] * groups, outputs = kernel[spatial + 1];
  bool depthwise = groups > 1 && channels == groups && outputs == groups;
  ArrayRef<int64_t> pads = op.getPads(), strides = op.getStrides(), dilations = op.getDilations();
  e.check(e.eq(e.index(e.size(x, rank - 1)), e.index(channels)), "the channels of input and weight differ");
  Values begin{e.index(0)}, end{e.index(0)};
  for (int64_t i = 0; i < spatial; ++i) {
    begin.push_back(e.index(pads[i]));
    end.push_back(e.index(pads[i + spatial]));
  }
  begin.push_back(e.index(0));
  end.push_back(e.index(0));
  x = emitPad(e, x, begin, end, e.number(elementOf(x), 0));
  Sizes sizes{e.size(x, 0)}, given = e.sizes(x);
  given.back() = e.getIndexAttr(channels);
  x = e.castTo(x, RankedTensorType::get(
                      llvm::map_to_vector(
                          given, [](OpFoldResult size) { return constantOf(size).value_or(ShapedType::kDynamic); }),
                      elementOf(x)));
  for (int64_t i = 0; i < spatial; ++i) {
    Value extent = e.index((kernel[i] - 1) * dilations[i] + 1);
    Value span = e.add(e.sub(e.index(given[i + 1]), extent), e.index(strides[i]));
    sizes.push_back(getAsOpFoldResult(e.div(e.max(span, e.index(0)), e.index(strides[i]))));
  }
  sizes.push_back(e.getIndexAttr(outputs));
  auto known = dyn_cast<RankedTensorType>(op.getType());
  for (int64_t axis = 0; known && axis < rank - 1; ++axis) {
    int64_t size = known.getDimSize(axis == 0 ? 0 : axis + 1);
    if (!ShapedType::isDynamic(size))
      sizes[axis] = e.getIndexAttr(size);
  }
  auto product = [&](Emit &inner, ValueRange args) {
    Value a = emitCast(inner, args[0], xType, type), b = emitCast(inner, args[1], weightType, type);
    return emitAdd(inner, args[2], emitMul(inner, a, b));
  };
  auto start = [&](ArrayRef<OpFoldResult> shape) {
    if (!adaptor.getBias())
      return e.filled(shape, e.number(signless(type), 0));
    int64_t last = shape.size() - 1;
    return e.parallel(shape, signless(type), adaptor.getBias(), project(e.getContext(), shape.size(), last),
                      [](Emit &, ValueRange args) { return args[0]; });
  };
  auto map = [&](int64_t loops, ArrayRef<AffineExpr> exprs) { return AffineMap::get(loops, 0, exprs, e.getContext()); };
  auto dim = [&](int64_t loop) { return e.getAffineDimExpr(loop); };
  // n, spatial.., o, then the kernel's axes that are longer than one and, but for depthwise ones, the channels.
  int64_t o = 1 + spatial, loops = o + 1;
  SmallVector<AffineExpr> xs{dim(0)}, ws;
  SmallVector<int64_t> reduced, units;
  auto reduceOver = [&] {
    reduced.push_back(loops);
    ws.push_back(dim(loops));
    return dim(loops++);
  };
  for (int64_t i = 0; i < spatial; ++i) {
    AffineExpr at = dim(1 + i) * strides[i];
    if (kernel[i] == 1)
      units.push_back(i);
    else
      at = at + reduceOver() * dilations[i];
    xs.push_back(at);
  }
  if (depthwise)
    units.push_back(spatial);
  AffineExpr group = dim(o).floorDiv(outputs / groups) * kernel[spatial];
  xs.push_back(depthwise ? dim(o) : groups > 1 ? group + reduceOver() : reduceOver());
  ws.push_back(dim(o));
  weight = e.squeeze(weight, units);
  Value result = e.reduce(start(sizes), loops, reduced, {x, weight}, {map(loops, xs), map(loops, ws)}, product);
  // The op multiplies no padding; where rows of it are known, code generation need not do so either.
  SmallVector<int64_t> zeroRows;
  for (int64_t i = 0; i < spatial; ++i) {
    int64_t before = std::max<int64_t>(pads[i], 0), behind = std::max<int64_t>(pads[i + spatial], 0);
    if (auto all = constantOf(given[i + 1]); all && before + behind > 0 && before + behind <= *all)
      zeroRows.append({i + 1, before, behind, *all});
  }
  if (!zeroRows.empty())
    result.getDefiningOp()->setAttr(kZeroRowsAttr, e.getDenseI64ArrayAttr(zeroRows));
  return toChannelsFirst(e, result);
}
