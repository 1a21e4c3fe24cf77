#include "PackBytes.h"
#include "mlir/Dialect/Affine/IR/AffineOps.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Arith/Utils/Utils.h"

using namespace mlir;
using namespace pare::cpu;

static constexpr int64_t kGroup = 4; // bytes of the depth that lie side by side

std::optional<BytePanels> pare::cpu::planBytePanels(linalg::LinalgOp op, const Roles &roles) {
  std::optional<WeightTile> tile = findWeight(roles.right->get());
  if (!tile)
    return std::nullopt;
  auto global = SymbolTable::lookupNearestSymbolFrom<memref::GlobalOp>(op, tile->weight.getNameAttr());
  int64_t rank = tile->offsets.size();
  if (!global || !global->hasAttr(kDataAttr) || global->hasAttr(kLayoutAttr) || rank < 2)
    return std::nullopt;
  SmallVector<int64_t> loops(rank, -1);
  for (auto [axis, expr] : llvm::zip_equal(tile->kept, op.getMatchingIndexingMap(roles.right).getResults())) {
    auto dim = dyn_cast<AffineDimExpr>(expr);
    if (!dim)
      return std::nullopt;
    loops[axis] = dim.getPosition();
  }
  BytePanels result;
  auto isColumns = [&](int64_t axis) { return loops[axis] == static_cast<int64_t>(roles.columns); };
  result.transposed = isColumns(rank - 2);
  result.columnAxis = result.transposed ? rank - 2 : rank - 1;
  if (!isColumns(result.columnAxis) || !isAligned(tile->offsets[result.columnAxis]) ||
      !isAtMostAPanel(tile->sizes[result.columnAxis]))
    return std::nullopt;
  // The axes that the routine runs as one long depth lie one behind the other, and are read whole.
  auto isDepth = [&](int64_t axis) {
    return loops[axis] >= 0 && roles.depth.has(static_cast<unsigned>(loops[axis])) &&
           getConstantIntValue(tile->offsets[axis]) == 0 && getConstantIntValue(tile->sizes[axis]) == tile->shape[axis];
  };
  int64_t depth = 1, found = 0, lead = result.transposed ? rank - 2 : rank - 1;
  if (result.transposed && isDepth(rank - 1)) {
    depth = tile->shape[rank - 1];
    ++found;
  }
  for (; !result.transposed && lead > 0 && isDepth(lead - 1); --lead, ++found)
    depth *= tile->shape[lead - 1];
  if (found != static_cast<int64_t>(1 + roles.depth.outer.size()))
    return std::nullopt;
  int64_t columns = tile->shape[result.columnAxis];
  SmallVector<int64_t> shape(ArrayRef(tile->shape).take_front(lead));
  result.read = shape;
  result.read.append({result.transposed ? columns : depth, result.transposed ? depth : columns});
  int64_t panels = llvm::divideCeil(columns, kPanelColumns), groups = llvm::divideCeil(depth, kGroup);
  shape.append({panels, groups, kPanelColumns, kGroup});
  result.panelBytes = groups * kPanelColumns * kGroup;
  result.strides.resize(lead);
  int64_t stride = panels * result.panelBytes;
  for (int64_t axis = lead - 1; axis >= 0; --axis) {
    result.strides[axis] = stride;
    stride *= tile->shape[axis];
  }
  for (int64_t axis = 0; axis < lead; ++axis) {
    result.axes.push_back(axis);
    result.loops.push_back(loops[axis]);
  }
  result.type = MemRefType::get(shape, IntegerType::get(op.getContext(), 8));
  result.tile = std::move(*tile);
  return result;
}

Value BytePacking::address(Abi &builder, BytePanels &panels) {
  WeightTile &tile = panels.tile;
  auto weight = module.lookupSymbol<memref::GlobalOp>(tile.weight.getName());
  Attribute key =
      builder.getArrayAttr({builder.getDenseI64ArrayAttr(panels.read), builder.getBoolAttr(panels.transposed)});
  memref::GlobalOp &global = made[{weight.getSymNameAttr(), key}];
  if (!global) {
    SmallVector<StringRef> flags{"quads"};
    if (panels.transposed)
      flags.push_back("transposed");
    global = definePanels(module, weight, panels.read, panels.transposed ? "_bytes_t" : "_bytes", panels.type, flags);
  }
  Value source;
  {
    // Beside the one that it replaces: kernels are given addresses.
    OpBuilder::InsertionGuard guard(builder);
    builder.setInsertionPoint(tile.weight);
    source = memref::GetGlobalOp::create(builder, panels.type, global.getSymName());
  }
  Location loc = builder.getLoc();
  AffineExpr offset = builder.getAffineDimExpr(0).floorDiv(kPanelColumns) * panels.panelBytes;
  SmallVector<OpFoldResult> operands{tile.offsets[panels.columnAxis]};
  for (auto [axis, stride] : llvm::zip_equal(panels.axes, panels.strides)) {
    offset = offset + builder.getAffineDimExpr(operands.size()) * stride;
    operands.push_back(tile.offsets[axis]);
  }
  OpFoldResult bytes = affine::makeComposedFoldedAffineApply(builder, loc, offset, operands);
  return builder.at(builder.address(source), builder.toI64(getValueOrCreateConstantIndexOp(builder, loc, bytes)));
}
