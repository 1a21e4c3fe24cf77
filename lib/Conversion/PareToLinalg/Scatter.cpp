// Ops that write by index: loops that carry the result.
#include "Emit.h"
#include "mlir/Dialect/SCF/IR/SCF.h"

using namespace mlir;
using namespace pare;
using namespace pare::lowering;

static Value combine(Emit &e, ScatterKind kind, Value old, Value update, Type type) {
  auto wide = [&](Value value) { return isa<FloatType>(type) ? e.toFloat(value, accumulatorOf(type)) : value; };
  auto narrow = [&](Value value) { return isa<FloatType>(type) ? e.toFloat(value, type) : value; };
  switch (kind) {
  case ScatterKind::none:
    return update;
  case ScatterKind::add:
    return narrow(emitAdd(e, wide(old), wide(update)));
  case ScatterKind::mul:
    return narrow(emitMul(e, wide(old), wide(update)));
  case ScatterKind::max:
    return emitMax(e, old, update, type);
  case ScatterKind::min:
    return emitMin(e, old, update, type);
  }
  llvm_unreachable("all kinds are handled");
}

/// `into` with the element at `at` combined with `update`.
static Values update(Emit &e, ScatterKind kind, Value update, Value into, ValueRange at, Type type) {
  if (kind != ScatterKind::none)
    update = combine(e, kind, tensor::ExtractOp::create(e, into, at), update, type);
  return {tensor::InsertOp::create(e, update, into, at)};
}

static Value lowerScatterElements(Emit &e, ScatterElementsOp op, ScatterElementsOp::Adaptor adaptor) {
  Value data = adaptor.getData(), indices = adaptor.getIndices(), updates = adaptor.getUpdates();
  int64_t axis = op.getAxis();
  Value n = e.index(e.size(data, axis));
  checkIndices(e, op.getIndices(), indices, n);
  for (int64_t other = 0; other < rankOf(data); ++other) {
    if (other != axis && !e.state.equal(op.getData(), other, op.getIndices(), other))
      e.check(e.le(e.index(e.size(indices, other)), e.index(e.size(data, other))),
              "the indices are larger than the data");
    if (!e.state.equal(op.getUpdates(), other, op.getIndices(), other))
      e.check(e.eq(e.index(e.size(indices, other)), e.index(e.size(updates, other))),
              "indices and updates differ in shape");
  }
  return e.loops(e.sizes(indices), data, [&](Emit &inner, ValueRange indexes, ValueRange carried) {
    Values at(indexes);
    at[axis] = position(inner, tensor::ExtractOp::create(inner, indices, indexes), n);
    Value value = tensor::ExtractOp::create(inner, updates, indexes);
    return update(inner, op.getKind(), value, carried[0], at, elementOf(op.getData()));
  })[0];
}

static Value lowerScatterNd(Emit &e, ScatterNdOp op, ScatterNdOp::Adaptor adaptor) {
  Value data = adaptor.getData(), indices = adaptor.getIndices(), updates = adaptor.getUpdates();
  int64_t lead = rankOf(indices) - 1, depth = cast<RankedTensorType>(indices.getType()).getShape().back();
  Sizes from = e.sizes(data), sizes = e.sizes(indices), columnSizes = sizes, expected;
  columnSizes.back() = e.getIndexAttr(1);
  for (int64_t i = 0; i < depth; ++i) {
    Sizes offsets(sizes.size(), e.getIndexAttr(0));
    offsets.back() = e.getIndexAttr(i);
    checkIndices(e, Value(), e.slice(indices, offsets, columnSizes), e.index(from[i]));
  }
  for (int64_t axis = 0; axis < rankOf(updates); ++axis) {
    bool fromIndices = axis < lead;
    int64_t other = fromIndices ? axis : axis - lead + depth;
    Value original = fromIndices ? Value(op.getIndices()) : Value(op.getData()), value = fromIndices ? indices : data;
    if (!e.state.equal(op.getUpdates(), axis, original, other))
      e.check(e.eq(e.index(e.size(updates, axis)), e.index(e.size(value, other))),
              "the shape of the updates does not fit");
  }
  return e.loops(e.sizes(updates), data, [&](Emit &inner, ValueRange indexes, ValueRange carried) {
    Values tuple(indexes.begin(), indexes.begin() + lead), at;
    tuple.push_back(Value());
    for (int64_t i = 0; i < depth; ++i) {
      tuple.back() = inner.index(i);
      at.push_back(position(inner, tensor::ExtractOp::create(inner, indices, tuple), inner.index(from[i])));
    }
    at.append(indexes.begin() + lead, indexes.end());
    Value value = tensor::ExtractOp::create(inner, updates, indexes);
    return update(inner, op.getKind(), value, carried[0], at, elementOf(op.getData()));
  })[0];
}

static Value lowerNonZero(Emit &e, NonZeroOp op, NonZeroOp::Adaptor adaptor) {
  Value x = adaptor.getX();
  Type type = elementOf(op.getX());
  Type flag = IntegerType::get(e.getContext(), 1);
  int64_t rank = rankOf(x);
  Sizes from = e.sizes(x);
  Value count = e.loops(from, e.index(0), [&](Emit &inner, ValueRange at, ValueRange carried) {
    Value set = emitCast(inner, tensor::ExtractOp::create(inner, x, at), type, flag);
    return Values{inner.add(carried[0], inner.select(set, inner.index(1), inner.index(0)))};
  })[0];
  Sizes sizes{e.getIndexAttr(rank), getAsOpFoldResult(count)};
  Values init{e.empty(e.refine(sizes, op.getType()), e.getI64Type()), e.index(0)};
  return e.loops(from, init, [&](Emit &inner, ValueRange at, ValueRange carried) {
    Value set = emitCast(inner, tensor::ExtractOp::create(inner, x, at), type, flag);
    auto branch = scf::IfOp::create(
        inner, set,
        [&](OpBuilder &builder, Location loc) {
          Emit then(loc, builder, inner.state);
          Value result = carried[0];
          for (int64_t axis = 0; axis < rank; ++axis)
            result = tensor::InsertOp::create(then, then.fromIndex(at[axis], then.getI64Type()), result,
                                              ValueRange{then.index(axis), carried[1]});
          scf::YieldOp::create(then, ValueRange{result, then.add(carried[1], then.index(1))});
        },
        [&](OpBuilder &builder, Location loc) { scf::YieldOp::create(builder, loc, carried); });
    return Values(branch.getResults());
  })[0];
}

void lowering::addScatterPatterns(Patterns &patterns) {
  patterns.add<ScatterElementsOp>(lowerScatterElements);
  patterns.add<ScatterNdOp>(lowerScatterNd);
  patterns.add<NonZeroOp>(lowerNonZero);
}
