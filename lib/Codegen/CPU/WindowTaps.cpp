#include "WindowTaps.h"
#include "Linear.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"

using namespace mlir;
using namespace pare::cpu;

/// From the conversion to linalg: for each axis it, zero rows in front, zero rows behind, and all.
static constexpr llvm::StringLiteral kAttr = "pare.zero_rows";

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
