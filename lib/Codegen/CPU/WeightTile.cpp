#include "WeightTile.h"
#include "Abi.h"
#include "Roles.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Interfaces/ValueBoundsOpInterface.h"

using namespace mlir;
using namespace pare::cpu;

std::optional<WeightTile> pare::cpu::findWeight(Value operand) {
  WeightTile tile;
  Builder builder(operand.getContext());
  auto findGlobal = [&](Value value) {
    tile.shape = llvm::to_vector(cast<MemRefType>(value.getType()).getShape());
    while (true) {
      if (auto collapse = value.getDefiningOp<memref::CollapseShapeOp>())
        value = collapse.getSrc();
      else if (auto expand = value.getDefiningOp<memref::ExpandShapeOp>())
        value = expand.getSrc();
      else
        break;
    }
    tile.weight = value.getDefiningOp<memref::GetGlobalOp>();
  };
  if (auto view = operand.getDefiningOp<memref::SubViewOp>()) {
    findGlobal(view.getSource());
    if (!tile.weight || !view.hasUnitStride())
      return std::nullopt;
    tile.offsets = view.getMixedOffsets();
    tile.sizes = view.getMixedSizes();
    llvm::SmallBitVector dropped = view.getDroppedDims();
    for (int64_t axis = 0; axis < view.getSourceType().getRank(); ++axis)
      if (!dropped[axis])
        tile.kept.push_back(axis);
    return tile;
  }
  findGlobal(operand);
  if (!tile.weight)
    return std::nullopt;
  for (auto [axis, size] : llvm::enumerate(tile.shape)) {
    tile.offsets.push_back(builder.getIndexAttr(0));
    tile.sizes.push_back(builder.getIndexAttr(size));
    tile.kept.push_back(axis);
  }
  return tile;
}

bool pare::cpu::isAligned(OpFoldResult offset) {
  if (auto known = getConstantIntValue(offset))
    return *known % kPanelColumns == 0;
  auto argument = dyn_cast<BlockArgument>(cast<Value>(offset));
  auto loop = argument ? dyn_cast<scf::ForallOp>(argument.getOwner()->getParentOp()) : scf::ForallOp();
  if (!loop || argument.getArgNumber() >= loop.getMixedStep().size())
    return false;
  auto divides = [](OpFoldResult value) {
    auto known = getConstantIntValue(value);
    return known && *known % kPanelColumns == 0;
  };
  return divides(loop.getMixedLowerBound()[argument.getArgNumber()]) &&
         divides(loop.getMixedStep()[argument.getArgNumber()]);
}

bool pare::cpu::isAtMostAPanel(OpFoldResult size) {
  if (auto known = getConstantIntValue(size))
    return *known <= kPanelColumns;
  auto bound = ValueBoundsConstraintSet::computeConstantBound(presburger::BoundType::UB, cast<Value>(size),
                                                              /*stopCondition=*/nullptr, /*closedUB=*/true);
  return succeeded(bound) && *bound <= kPanelColumns;
}

memref::GlobalOp pare::cpu::definePanels(ModuleOp module, memref::GlobalOp weight, ArrayRef<int64_t> read,
                                         StringRef suffix, MemRefType type, ArrayRef<StringRef> flags) {
  OpBuilder builder(weight);
  std::string base = (weight.getSymName() + suffix).str(), name = base;
  for (int64_t number = 1; SymbolTable::lookupSymbolIn(module, name); ++number)
    name = base + "_" + std::to_string(number); // of another shape
  auto panels = memref::GlobalOp::create(builder, weight.getLoc(), name, weight.getSymVisibilityAttr(), type,
                                         Attribute(), /*constant=*/false, /*alignment=*/IntegerAttr());
  NamedAttrList layout;
  layout.set("kind", builder.getStringAttr("panels"));
  layout.set("width", builder.getI64IntegerAttr(kPanelColumns));
  for (StringRef flag : flags)
    layout.set(flag, builder.getUnitAttr());
  if (read != weight.getType().getShape())
    layout.set("shape", builder.getDenseI64ArrayAttr(read));
  panels->setAttr(kDataAttr, weight->getAttr(kDataAttr));
  panels->setAttr(kLayoutAttr, layout.getDictionary(builder.getContext()));
  return panels;
}
