#include "ZeroRows.h"
#include "Linear.h"
#include "mlir/Dialect/Bufferization/IR/Bufferization.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/Dialect/Utils/StaticValueUtils.h"

using namespace mlir;
using namespace pare::cpu;

/// Four numbers for each axis: it, zero rows before, behind, and all.
static constexpr llvm::StringLiteral kAttr = "pare.zero_rows";

namespace {
struct Ends {
  int64_t before = 0, after = 0;
};
} // namespace

static bool isZeroFill(Value value) {
  auto fill = value.getDefiningOp<linalg::FillOp>();
  return fill && matchPattern(fill.getInputs()[0], m_PosZeroFloat());
}

/// What an op that only converts each element, by rounding say, converts; null for other values.
static Value convertedBy(Value value) {
  if (auto cast = value.getDefiningOp<tensor::CastOp>())
    return cast.getSource();
  auto generic = value.getDefiningOp<linalg::GenericOp>();
  if (!generic || generic.getNumDpsInputs() != 1 || generic.getNumDpsInits() != 1 ||
      !llvm::all_of(generic.getIndexingMapsArray(), [](AffineMap map) { return map.isIdentity(); }))
    return Value();
  Operation *op = generic.getBody()->getTerminator()->getOperand(0).getDefiningOp();
  return isa_and_nonnull<arith::TruncFOp, arith::ExtFOp>(op) && op->getOperand(0) == generic.getBody()->getArgument(0)
             ? generic.getDpsInputs()[0]
             : Value();
}

/// The size of a tensor along an axis where that is made, through insertions into it.
static OpFoldResult sizeOf(Value value, int64_t axis) {
  while (auto insert = value.getDefiningOp<tensor::InsertSliceOp>())
    value = insert.getDest();
  auto type = cast<RankedTensorType>(value.getType());
  if (!type.isDynamicDim(axis))
    return Builder(type.getContext()).getIndexAttr(type.getDimSize(axis));
  if (auto alloc = value.getDefiningOp<bufferization::AllocTensorOp>())
    return alloc.getDynamicSizes()[type.getDynamicDimIndex(axis)];
  if (auto empty = value.getDefiningOp<tensor::EmptyOp>())
    return empty.getMixedSizes()[axis];
  return {};
}

/// How many rows of `value` along `axis` are zero at either end. Both count all rows where all are zero.
static Ends endsOf(Value value, int64_t axis) {
  auto type = cast<RankedTensorType>(value.getType());
  int64_t extent = type.getDimSize(axis);
  if (Value source = convertedBy(value))
    return endsOf(source, axis);
  if (auto transpose = value.getDefiningOp<linalg::TransposeOp>())
    return endsOf(transpose.getInput(), transpose.getPermutation()[axis]);
  if (isZeroFill(value))
    return {extent, extent};
  auto insert = value.getDefiningOp<tensor::InsertSliceOp>();
  if (!insert || insert.getSourceType().getRank() != type.getRank() || !insert.hasUnitStride())
    return {};
  SmallVector<OpFoldResult> offsets = insert.getMixedOffsets(), sizes = insert.getMixedSizes();
  std::optional<int64_t> from = getConstantIntValue(offsets[axis]), count = getConstantIntValue(sizes[axis]);
  if (!from || !count)
    return {};
  Ends ends = endsOf(insert.getDest(), axis);
  int64_t behind = extent - *from - *count;
  if (!isZeroFill(insert.getSource()))
    return {std::min(ends.before, *from), std::min(ends.after, behind)};
  // Whole rows of zeros add to those beside them.
  for (int64_t other = 0; other < type.getRank(); ++other)
    if (other != axis && (getConstantIntValue(offsets[other]) != 0 ||
                          !isEqualConstantIntOrValue(sizes[other], sizeOf(insert.getDest(), other))))
      return ends;
  return {ends.before >= *from ? std::max(ends.before, *from + *count) : ends.before,
          ends.after >= behind ? std::max(ends.after, behind + *count) : ends.after};
}

void pare::cpu::noteZeroRows(linalg::LinalgOp op) {
  Value image = op.getDpsInputOperand(0)->get();
  auto type = cast<RankedTensorType>(image.getType());
  SmallVector<int64_t> notes;
  for (auto [axis, expr] : llvm::enumerate(op.getMatchingIndexingMap(op.getDpsInputOperand(0)).getResults())) {
    if (isa<AffineDimExpr, AffineConstantExpr>(expr) || type.isDynamicDim(axis))
      continue;
    Ends ends = endsOf(image, axis);
    int64_t extent = type.getDimSize(axis);
    if (ends.before + ends.after > 0 && ends.before + ends.after <= extent)
      notes.append({static_cast<int64_t>(axis), ends.before, ends.after, extent});
  }
  if (!notes.empty())
    op->setAttr(kAttr, DenseI64ArrayAttr::get(op.getContext(), notes));
}

SmallVector<WindowTaps> pare::cpu::windowTapsOf(linalg::LinalgOp op) {
  SmallVector<WindowTaps> result;
  auto notes = op->getAttrOfType<DenseI64ArrayAttr>(kAttr);
  SmallVector<utils::IteratorType> kinds = op.getIteratorTypesArray();
  AffineMap map = op.getMatchingIndexingMap(op.getDpsInputOperand(0));
  for (int64_t note = 0; notes && note + 4 <= notes.size(); note += 4) {
    int64_t axis = notes[note], extent = notes[note + 3];
    auto form = linearForm(map.getResult(axis), op.getNumLoops());
    if (!form || form->back() != 0)
      continue;
    WindowTaps taps{0, {}, 0, 0, notes[note + 1], extent - notes[note + 2], {}};
    bool isWindow = true;
    for (unsigned loop = 0; loop < op.getNumLoops(); ++loop) {
      int64_t step = (*form)[loop];
      if (step == 0)
        continue;
      bool reduced = kinds[loop] == utils::IteratorType::reduction;
      isWindow &= step > 0 && (reduced ? taps.dilation : taps.stride) == 0;
      if (reduced) {
        taps.window = loop;
        taps.dilation = step;
      } else {
        taps.row = loop;
        taps.stride = step;
      }
    }
    if (!isWindow || taps.dilation == 0)
      continue;
    // Up to the buffer of all rows.
    Value image = op.getDpsInputs()[0];
    while (cast<MemRefType>(image.getType()).getDimSize(axis) != extent) {
      auto view = image.getDefiningOp<memref::SubViewOp>();
      if (!view || view.getSourceType().getRank() != view.getType().getRank() || !view.hasUnitStride())
        break;
      taps.offsets.push_back(view.getMixedOffsets()[axis]);
      image = view.getSource();
    }
    if (cast<MemRefType>(image.getType()).getDimSize(axis) == extent)
      result.push_back(taps);
  }
  return result;
}
