// Reshapes that split an axis become casts of the descriptor.
#include "mlir/Dialect/Affine/IR/AffineOps.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Arith/Utils/Utils.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "pare/Codegen/CPU/Passes.h"

namespace pare::cpu {
#define GEN_PASS_DEF_LOWERRESHAPES
#include "pare/Codegen/CPU/Passes.h.inc"
} // namespace pare::cpu

using namespace mlir;

namespace {
struct LowerReshapes : pare::cpu::impl::LowerReshapesBase<LowerReshapes> {
  static void lower(memref::ExpandShapeOp op) {
    ImplicitLocOpBuilder builder(op.getLoc(), op);
    auto type = cast<MemRefType>(op.getType());
    auto metadata = memref::ExtractStridedMetadataOp::create(builder, op.getSrc());
    auto [fixed, offset] = type.getStridesAndOffset();
    // A single element has no axis that could be split: all axes of the result are 1.
    SmallVector<OpFoldResult> sizes = op.getMixedOutputShape();
    SmallVector<OpFoldResult> strides(type.getRank(), builder.getIndexAttr(1));
    for (auto [axis, group] : llvm::enumerate(op.getReassociationIndices())) {
      Value stride = metadata.getStrides()[axis];
      for (int64_t inner : llvm::reverse(group)) {
        strides[inner] = ShapedType::isDynamic(fixed[inner]) ? OpFoldResult(stride)
                                                             : OpFoldResult(builder.getIndexAttr(fixed[inner]));
        stride = builder.createOrFold<arith::MulIOp>(
            stride, getValueOrCreateConstantIndexOp(builder, op.getLoc(), sizes[inner]));
      }
    }
    OpFoldResult start =
        ShapedType::isDynamic(offset) ? OpFoldResult(metadata.getOffset()) : OpFoldResult(builder.getIndexAttr(offset));
    Value result = memref::ReinterpretCastOp::create(builder, type, metadata.getBaseBuffer(), start, sizes, strides);
    op.replaceAllUsesWith(result);
    op.erase();
  }

  void runOnOperation() override {
    SmallVector<memref::ExpandShapeOp> ops;
    getOperation().walk([&](memref::ExpandShapeOp op) { ops.push_back(op); });
    for (memref::ExpandShapeOp op : ops)
      lower(op);
  }
};
} // namespace
