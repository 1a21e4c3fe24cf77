// Large copies of buffers become parallel loops.
#include "Work.h"
#include "mlir/Dialect/Affine/IR/AffineOps.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Arith/Utils/Utils.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "pare/Codegen/CPU/Passes.h"

namespace pare::cpu {
#define GEN_PASS_DEF_PARALLELIZECOPIES
#include "pare/Codegen/CPU/Passes.h.inc"
} // namespace pare::cpu

using namespace mlir;
using namespace pare::cpu;

/// Elements of a tile, and steps of an axis of unknown size in one.
static constexpr int64_t kTileElements = 16384, kTileSteps = 256;

/// Whether another loop over tiles is worth its call: not for what is known to be less than one of them.
static bool isLarge(memref::CopyOp op) {
  auto type = cast<MemRefType>(op.getSource().getType());
  if (type.getRank() == 0 || op.getSource() == op.getTarget() || op->getParentOfType<LoopLikeOpInterface>())
    return false;
  return !type.hasStaticShape() || type.getNumElements() > kTileElements;
}

/// The copy by tiles: as much of the inner axes as fits.
static void parallelize(memref::CopyOp op) {
  OpBuilder builder(op);
  Location loc = op.getLoc();
  auto type = cast<MemRefType>(op.getSource().getType());
  SmallVector<OpFoldResult> sizes = memref::getMixedSizes(builder, loc, op.getSource());
  SmallVector<int64_t> tiles(type.getRank(), 1);
  int64_t room = kTileElements;
  for (int64_t axis = type.getRank() - 1; axis >= 0 && room > 1; --axis) {
    int64_t most = type.isDynamicDim(axis) ? kTileSteps : std::max<int64_t>(type.getDimSize(axis), 1);
    tiles[axis] = std::min(room, most);
    room /= tiles[axis];
  }
  auto index = [&](int64_t value) -> Value { return arith::ConstantIndexOp::create(builder, loc, value); };
  Value bytes = index(2 * llvm::divideCeil(type.getElementTypeBitWidth(), 8)); // read and written
  for (OpFoldResult size : sizes)
    bytes = builder.createOrFold<arith::MulIOp>(loc, bytes, getValueOrCreateConstantIndexOp(builder, loc, size));
  auto asI64 = [&](Value value) { return builder.createOrFold<arith::IndexCastOp>(loc, builder.getI64Type(), value); };
  noteWork(builder, loc, {asI64(index(0)), asI64(bytes)});

  SmallVector<OpFoldResult> origin(sizes.size(), builder.getIndexAttr(0)), ones(sizes.size(), builder.getIndexAttr(1));
  SmallVector<OpFoldResult> steps = getAsIndexOpFoldResult(builder.getContext(), tiles);
  auto loop = scf::ForallOp::create(builder, loc, origin, sizes, steps, ValueRange(), std::nullopt);
  builder.setInsertionPoint(loop.getTerminator());
  SmallVector<OpFoldResult> extents;
  for (auto [iv, size, tile] : llvm::zip_equal(loop.getInductionVars(), sizes, tiles)) {
    AffineExpr begin = builder.getAffineDimExpr(0), end = builder.getAffineDimExpr(1);
    AffineMap map = AffineMap::get(2, 0, {end - begin, builder.getAffineConstantExpr(tile)}, builder.getContext());
    extents.push_back(affine::makeComposedFoldedAffineMin(builder, loc, map, {iv, size}));
  }
  SmallVector<OpFoldResult> offsets = getAsOpFoldResult(loop.getInductionVars());
  Value from = memref::SubViewOp::create(builder, loc, op.getSource(), offsets, extents, ones);
  Value to = memref::SubViewOp::create(builder, loc, op.getTarget(), offsets, extents, ones);
  memref::CopyOp::create(builder, loc, from, to);
  op.erase();
}

namespace {
struct ParallelizeCopies : pare::cpu::impl::ParallelizeCopiesBase<ParallelizeCopies> {
  void runOnOperation() override {
    SmallVector<memref::CopyOp> copies;
    getOperation().walk([&](memref::CopyOp op) {
      if (isLarge(op))
        copies.push_back(op);
    });
    if (copies.empty())
      return;
    settleWork(getOperation());
    llvm::for_each(copies, parallelize);
  }
};
} // namespace
