// The rows that are kept, as ops.
#include "Pack.h"

using namespace mlir;
using namespace pare;
using namespace pare::padding;

Value padding::emitInts(ImplicitLocOpBuilder &builder, ArrayRef<int64_t> values) {
  return ConstantOp::create(builder, makeInts(builder.getContext(), values));
}

Value padding::emitEntry(ImplicitLocOpBuilder &builder, Value tensor, int64_t index) {
  return GatherOp::create(builder, tensor, emitInts(builder, index), 0);
}

namespace {
struct RowBuilder {
  ImplicitLocOpBuilder &builder;
  Value sizes, valid; // (B, S), [B, S]
  Type i1 = builder.getI1Type(), si32 = IntegerType::get(builder.getContext(), 32, IntegerType::Signed),
       si64 = IntegerType::get(builder.getContext(), 64, IntegerType::Signed);

  Value scalar(Value one) { return SqueezeOp::create(builder, one, ArrayRef<int64_t>{0}); }
  Value range(Value limit) {
    return RangeOp::create(builder, scalar(emitInts(builder, int64_t(0))), scalar(limit),
                           scalar(emitInts(builder, int64_t(1))));
  }
  /// Whether an element of each row of i1 [B, S] holds: [B, 1].
  Value any(Value flags) {
    Value numbers = CastOp::create(builder, flags, si32);
    Value top = ReduceOp::create(builder, numbers, ArrayRef<int64_t>{1}, ReduceKind::max, /*keep_dims=*/true);
    return CastOp::create(builder, top, i1);
  }
  Value compare(Value a, Value b, CompareKind kind) { return CompareOp::create(builder, a, b, kind); }
};
} // namespace

Value padding::emitPicked(ImplicitLocOpBuilder &builder, const Selection &selection, Value sizes) {
  auto scalar = [&](int64_t value) {
    return SqueezeOp::create(builder, emitInts(builder, value), ArrayRef<int64_t>{0}).getResult();
  };
  Value rows = emitEntry(builder, sizes, 1);
  if (!selection.index) {
    Value row = selection.position < 0 ? SubOp::create(builder, rows, emitInts(builder, int64_t(1))).getResult()
                                       : emitInts(builder, int64_t(0));
    return ExpandOp::create(builder, row, emitEntry(builder, sizes, 0));
  }
  Value picked = selection.index;
  if (selection.tupleEntry >= 0)
    picked = GatherOp::create(builder, picked, scalar(selection.tupleEntry), 1);
  else
    for (int64_t axis = rankOf(picked) - 1; axis > 0; --axis)
      picked = GatherOp::create(builder, picked, scalar(0), axis);
  Type si64 = IntegerType::get(builder.getContext(), 64, IntegerType::Signed);
  if (getElementTypeOrSelf(picked.getType()) != si64)
    picked = CastOp::create(builder, picked, si64);
  // Negative indices count from the end.
  Value negative = CompareOp::create(builder, picked, emitInts(builder, int64_t(0)), CompareKind::lt);
  return WhereOp::create(builder, negative, AddOp::create(builder, picked, rows), picked);
}

KeptRows padding::emitKeptRows(ImplicitLocOpBuilder &builder, Value keyMask, Value batchLike,
                               ArrayRef<Selection> selections, ArrayRef<Band> bands, ArrayRef<Value> keyBiases) {
  RowBuilder make{builder, Value(), keyMask};
  Value batch = emitEntry(builder, ShapeOfOp::create(builder, batchLike), 0);
  Value row = emitEntry(builder, ShapeOfOp::create(builder, keyMask), 1);
  make.sizes = ConcatOp::create(builder, ValueRange{batch, row}, 0);
  if (cast<RankedTensorType>(keyMask.getType()).getDimSize(0) == 1)
    make.valid = ExpandOp::create(builder, keyMask, make.sizes);

  // A sequence in which a query finds no key reads its padding.
  Value whole = NotOp::create(builder, make.any(make.valid)), keep = make.valid;
  Value columns = UnsqueezeOp::create(builder, make.range(row), ArrayRef<int64_t>{0});
  for (const Selection &selection : selections) {
    Value picked = UnsqueezeOp::create(builder, emitPicked(builder, selection, make.sizes), ArrayRef<int64_t>{1});
    keep = OrOp::create(builder, keep, make.compare(columns, picked, CompareKind::eq));
    for (const Band &band : bands) {
      Value distance = SubOp::create(builder, columns, picked), allowed = make.valid;
      if (band.lower)
        allowed =
            AndOp::create(builder, allowed, make.compare(distance, emitInts(builder, *band.lower), CompareKind::ge));
      if (band.upper)
        allowed =
            AndOp::create(builder, allowed, make.compare(distance, emitInts(builder, *band.upper), CompareKind::le));
      whole = OrOp::create(builder, whole, NotOp::create(builder, make.any(allowed)));
    }
  }
  for (Value bias : keyBiases) {
    Value flat = SqueezeOp::create(builder, bias, ArrayRef<int64_t>{1, 2});
    auto type = RankedTensorType::get({}, getElementTypeOrSelf(bias.getType()));
    Value limit = ConstantOp::create(builder, cast<TypedAttr>(DenseElementsAttr::get(
                                                  type, builder.getFloatAttr(type.getElementType(), kMasked / 2))));
    Value low = AndOp::create(builder, make.valid, make.compare(flat, limit, CompareKind::le));
    whole = OrOp::create(builder, whole, make.any(low));
  }
  return {make.sizes, make.valid, OrOp::create(builder, keep, whole)};
}

Rows padding::emitRows(ImplicitLocOpBuilder &builder, const KeptRows &kept, bool withPlaces) {
  Rows rows;
  auto packed = RowsFromMaskOp::create(builder, kept.keep);
  rows.indices = packed.getIndices();
  rows.offsets = packed.getOffsets();
  rows.sizes = kept.sizes;
  rows.valid = RowsGatherOp::create(builder, kept.valid, rows.indices, rows.sizes, 0, 1);
  rows.positions = ModOp::create(builder, rows.indices, emitEntry(builder, kept.sizes, 1));
  if (withPlaces) {
    Type si64 = getElementTypeOrSelf(rows.indices.getType());
    Value flat = FlattenOp::create(builder, CastOp::create(builder, kept.keep, si64), 0); // [1, B * S]
    Value counts = CumSumOp::create(builder, SqueezeOp::create(builder, flat, ArrayRef<int64_t>{0}), 0, false, false);
    rows.places = ReshapeOp::create(builder, SubOp::create(builder, counts, emitInts(builder, int64_t(1))), kept.sizes,
                                    /*allow_zero=*/true);
  }
  return rows;
}
