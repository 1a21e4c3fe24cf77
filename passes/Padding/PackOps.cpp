// The packed form of ops.
#include "Pack.h"

using namespace mlir;
using namespace pare;
using namespace pare::padding;
using Use = OperandPlan::Use;

Value Packer::packed(ImplicitLocOpBuilder &builder, Value value, const RowView &view, int64_t lead) {
  if (lead == 0 && planner.views.of(value) == view)
    if (Value known = done.lookup(value))
      return known;
  Value x = value;
  if (lead > 0)
    x = UnsqueezeOp::create(builder, x, llvm::to_vector(llvm::seq<int64_t>(0, lead)));
  if (view.merged())
    return RowsGatherOp::create(builder, x, rows.indices, Value(), -1, view.row);
  if (view.inner == 1)
    return RowsGatherOp::create(builder, x, rows.indices, rows.sizes, view.batch, view.row);
  // [B * n, ..] as [B, n, ..] first.
  SmallVector<Value> sizes;
  Value shapeOf = ShapeOfOp::create(builder, x);
  for (int64_t axis = 0; axis < rankOf(x); ++axis) {
    if (axis == view.batch) {
      sizes.push_back(emitEntry(builder, rows.sizes, 0));
      sizes.push_back(emitInts(builder, view.inner));
    } else {
      sizes.push_back(emitEntry(builder, shapeOf, axis));
    }
  }
  x = ReshapeOp::create(builder, x, ConcatOp::create(builder, sizes, 0), /*allow_zero=*/true);
  return RowsGatherOp::create(builder, x, rows.indices, rows.sizes, view.batch, view.row + (view.row > view.batch));
}

Value Packer::operand(ImplicitLocOpBuilder &builder, Value value, const OperandPlan &plan) {
  if (plan.use == Use::packed)
    return packed(builder, value, plan.view, plan.lead);
  if (plan.use == Use::whole)
    return isPacked(value) ? whole(value, 0) : value;
  if (plan.source) {
    bool same = llvm::equal(plan.permutation, llvm::seq<int64_t>(0, plan.permutation.size()));
    return same ? plan.source : Value(TransposeOp::create(builder, plan.source, ArrayRef<int64_t>(plan.permutation)));
  }
  return plan.dropped < 0 ? value : Value(SqueezeOp::create(builder, value, ArrayRef<int64_t>{plan.dropped}));
}

/// The shape of the packed form of `result`, whose other axes are constants or sizes of the batch.
Value Packer::packedShape(ImplicitLocOpBuilder &builder, Value result, const RowView &view) {
  SmallVector<Value> sizes;
  for (int64_t axis = 0; axis < rankOf(result); ++axis) {
    if (axis == view.row)
      sizes.push_back(ShapeOfOp::create(builder, rows.indices));
    else if (axis == view.batch && view.inner != 1)
      sizes.push_back(emitInts(builder, view.inner));
    else if (axis != view.batch) {
      const Polynomial &size = planner.dims.sizeOf(result, axis);
      auto known = polynomial::asConstant(size);
      sizes.push_back(known ? emitInts(builder, *known)
                            : emitEntry(builder, rows.sizes, size == planner.views.rowSize() ? 1 : 0));
    }
  }
  return sizes.size() == 1 ? sizes[0] : Value(ConcatOp::create(builder, sizes, 0));
}

/// Types of the results, from the operands and from what is known of the whole form.
void Packer::finish(Operation *op, Operation *packed) {
  SmallVector<Type> inferred;
  LogicalResult known = cast<InferTypeOpInterface>(packed).inferReturnTypes(
      packed->getContext(), packed->getLoc(), packed->getOperands(), packed->getRawDictionaryAttrs(),
      packed->getPropertiesStorage(), packed->getRegions(), inferred);
  (void)known; // a failure has been reported, and the verifier stops the pipeline
  for (auto [number, result] : llvm::enumerate(op->getResults())) {
    auto type = cast<RankedTensorType>(result.getType());
    RowView view = *planner.views.of(result);
    SmallVector<int64_t> shape;
    for (int64_t axis = 0; axis < type.getRank(); ++axis) {
      if (axis == view.row)
        shape.push_back(ShapedType::kDynamic);
      else if (axis != view.batch)
        shape.push_back(type.getDimSize(axis));
      else if (view.inner != 1)
        shape.push_back(view.inner);
    }
    TensorType wanted = RankedTensorType::get(shape, type.getElementType());
    if (number < inferred.size() && areCompatible(TypeRange(inferred[number]), TypeRange(wanted)))
      wanted = meet(cast<TensorType>(inferred[number]), wanted);
    packed->getResult(number).setType(wanted);
    done[result] = packed->getResult(number);
  }
}

void Packer::emit(Operation *op, const OpPlan &plan) {
  if (auto attention = dyn_cast<AttentionOp>(op))
    return emitAttention(attention, plan);
  ImplicitLocOpBuilder builder(op->getLoc(), op);
  RowView view = *planner.views.of(op->getResult(0));
  SmallVector<Value> operands;
  for (auto [value, one] : llvm::zip_equal(op->getOperands(), plan))
    operands.push_back(operand(builder, value, one));
  if (isa<ReshapeOp, FlattenOp>(op)) {
    auto reshape =
        ReshapeOp::create(builder, operands[0], packedShape(builder, op->getResult(0), view), /*allow_zero=*/true);
    return finish(op, reshape);
  }
  if (isa<ExpandOp>(op)) {
    auto expand = ExpandOp::create(builder, operands[0], packedShape(builder, op->getResult(0), view));
    return finish(op, expand);
  }
  Operation *packed = builder.clone(*op);
  packed->setOperands(operands);
  // Attributes that name axes: those of the first operand, except where the op puts axes into its result.
  std::optional<RowView> source = planner.views.of(op->getOperand(0));
  auto shiftList = [&](StringRef name, const RowView &of) {
    SmallVector<int64_t> axes;
    for (int64_t axis : cast<DenseI64ArrayAttr>(op->getAttr(name)).asArrayRef())
      axes.push_back(of.packed(axis));
    packed->setAttr(name, builder.getDenseI64ArrayAttr(axes));
  };
  auto shift = [&](const RowView &of) {
    int64_t axis = cast<IntegerAttr>(op->getAttr("axis")).getInt();
    packed->setAttr("axis", builder.getI64IntegerAttr(of.packed(axis)));
  };
  if (auto transpose = dyn_cast<TransposeOp>(op)) {
    SmallVector<int64_t> permutation;
    for (int64_t axis : transpose.getPermutation())
      if (!source->dropsBatch() || axis != source->batch)
        permutation.push_back(source->packed(axis));
    packed->setAttr("permutation", builder.getDenseI64ArrayAttr(permutation));
  } else if (isa<UnsqueezeOp>(op)) {
    shiftList("axes", view);
  } else if (isa<SqueezeOp, ReduceOp, SliceOp>(op)) {
    shiftList("axes", *source);
  } else if (auto gather = dyn_cast<GatherOp>(op)) {
    if (plan[1].use != Use::packed)
      shift(*source);
  } else if (isa<ConcatOp, GatherElementsOp>(op)) {
    shift(view);
  } else if (isa<QuantizeOp, DequantizeOp>(op)) {
    // Of a single parameter the axis does not matter, but it must lie within the rank.
    shift(*source);
    int64_t axis = cast<IntegerAttr>(packed->getAttr("axis")).getInt(), rank = rankOf(packed->getOperand(0));
    packed->setAttr("axis", builder.getI64IntegerAttr(std::min(axis, rank - 1)));
  } else if (op->hasAttr("axis")) {
    shift(*source);
  }
  finish(op, packed);
}

void Packer::emit(Operation *op, const Selection &selection) {
  ImplicitLocOpBuilder builder(op->getLoc(), op);
  Value x = done.lookup(selection.x);
  // (b, row) for each sequence b, then the packed place.
  auto scalar = [&](Value one) { return SqueezeOp::create(builder, one, ArrayRef<int64_t>{0}).getResult(); };
  Value sequences = RangeOp::create(builder, scalar(emitInts(builder, int64_t(0))),
                                    scalar(emitEntry(builder, rows.sizes, 0)), scalar(emitInts(builder, int64_t(1))));
  Value tuples[] = {UnsqueezeOp::create(builder, sequences, ArrayRef<int64_t>{1}),
                    UnsqueezeOp::create(builder, emitPicked(builder, selection, rows.sizes), ArrayRef<int64_t>{1})};
  Value places = GatherNdOp::create(builder, rows.places, ConcatOp::create(builder, tuples, 1), 0);
  RowView view = selection.view;
  Value picked = GatherOp::create(builder, x, places, view.packed(view.row));
  // The batch axis goes back to its place.
  int64_t rank = rankOf(picked), from = view.packed(view.row);
  SmallVector<int64_t> permutation;
  for (int64_t axis = 0; axis < rank; ++axis)
    if (axis != from)
      permutation.push_back(axis);
  int64_t target = view.row < view.batch ? view.batch - 1 : view.batch;
  permutation.insert(permutation.begin() + target, from);
  if (!llvm::equal(permutation, llvm::seq<int64_t>(0, rank)))
    picked = TransposeOp::create(builder, picked, permutation);
  if (selection.keepsAxis)
    picked = UnsqueezeOp::create(builder, picked, ArrayRef<int64_t>{view.row});
  op->getResult(0).replaceAllUsesWith(picked);
}

Value Packer::scatter(ImplicitLocOpBuilder &builder, Value value, Value packed, double fill) {
  RowView view = *planner.views.of(value);
  auto make = [&](int64_t batch, int64_t row) {
    return RowsScatterOp::create(builder, packed, rows.indices, rows.sizes, builder.getI64IntegerAttr(batch),
                                 builder.getI64IntegerAttr(row), builder.getF64FloatAttr(fill));
  };
  if (view.merged())
    return make(-1, view.row);
  if (view.inner == 1)
    return make(view.batch, view.row);
  // [n, .., T, ..] becomes [B, n, .., S, ..], and the first two are one axis.
  Value spread = make(view.batch, view.row + (view.row > view.batch));
  Value shapeOf = ShapeOfOp::create(builder, spread);
  SmallVector<Value> sizes;
  for (int64_t axis = 0; axis < rankOf(spread); ++axis) {
    if (axis == view.batch)
      sizes.push_back(MulOp::create(builder, emitEntry(builder, shapeOf, axis), emitEntry(builder, shapeOf, axis + 1)));
    else if (axis != view.batch + 1)
      sizes.push_back(emitEntry(builder, shapeOf, axis));
  }
  return ReshapeOp::create(builder, spread, ConcatOp::create(builder, sizes, 0), /*allow_zero=*/true);
}

Value Packer::whole(Value value, double fill) {
  Value &known = wholes[{value.getAsOpaquePointer(), fill}];
  if (!known) {
    Value packed = done.lookup(value);
    ImplicitLocOpBuilder builder(value.getLoc(), value.getContext());
    builder.setInsertionPointAfterValue(packed);
    known = scatter(builder, value, packed, fill);
  }
  return known;
}

Value Packer::output(Value value) {
  Value packed = done.lookup(value);
  ImplicitLocOpBuilder builder(value.getLoc(), value.getContext());
  builder.setInsertionPointAfterValue(packed);
  RowView view = *planner.views.of(value);
  // Rows that are kept although they are padding.
  SmallVector<int64_t> axes;
  for (int64_t axis = 0; axis < rankOf(packed); ++axis)
    if (axis != view.packed(view.row))
      axes.push_back(axis);
  Value valid = axes.empty() ? rows.valid : Value(UnsqueezeOp::create(builder, rows.valid, axes));
  auto type = RankedTensorType::get({}, getElementTypeOrSelf(value.getType()));
  Value zero = ConstantOp::create(builder, cast<TypedAttr>(builder.getZeroAttr(type)));
  if (!builder.getZeroAttr(type))
    return scatter(builder, value, packed, 0);
  return scatter(builder, value, WhereOp::create(builder, valid, packed, zero), 0);
}

Value Packer::validRows(Value value, Value places) {
  Value packed = done.lookup(value);
  ImplicitLocOpBuilder builder(value.getLoc(), value.getContext());
  builder.setInsertionPointAfterValue(packed);
  RowView view = *planner.views.of(value);
  return RowsGatherOp::create(builder, packed, places, Value(), -1, view.packed(view.row));
}

Value Packer::shape(ImplicitLocOpBuilder &builder, Value value) {
  RowView view = *planner.views.of(value);
  Value packed = done.lookup(value), own;
  SmallVector<Value> sizes;
  for (int64_t axis = 0; axis < rankOf(value); ++axis) {
    Value batch = emitEntry(builder, rows.sizes, 0), row = emitEntry(builder, rows.sizes, 1);
    if (axis == view.batch && view.merged())
      sizes.push_back(MulOp::create(builder, batch, row));
    else if (axis == view.batch)
      sizes.push_back(view.inner == 1 ? batch : Value(MulOp::create(builder, batch, emitInts(builder, view.inner))));
    else if (axis == view.row)
      sizes.push_back(row);
    else if (auto known = polynomial::asConstant(planner.dims.sizeOf(value, axis)))
      sizes.push_back(emitInts(builder, *known));
    else {
      if (!own)
        own = ShapeOfOp::create(builder, packed);
      sizes.push_back(emitEntry(builder, own, view.packed(axis)));
    }
  }
  return sizes.size() == 1 ? sizes[0] : Value(ConcatOp::create(builder, sizes, 0));
}
