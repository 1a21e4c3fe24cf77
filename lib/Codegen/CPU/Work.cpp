// The note is a call of an intrinsic that does not exist: it has operands that later passes simplify, an effect that
// keeps it in its place, and is gone before anything is translated.
#include "Work.h"
#include "Linear.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Arith/Utils/Utils.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"

using namespace mlir;
using namespace pare::cpu;

namespace {
constexpr StringLiteral kNote = "llvm.pare.work";

LLVM::CallIntrinsicOp asNote(Operation *op) {
  auto call = dyn_cast<LLVM::CallIntrinsicOp>(op);
  return call && call.getIntrin() == kNote ? call : LLVM::CallIntrinsicOp();
}

/// FLOPs of one iteration; std::nullopt when control flow in the body decides.
std::optional<int64_t> flopsOfBody(linalg::LinalgOp op) {
  int64_t flops = signsOfBytes(op) ? 2 : 0;
  for (Operation &inner : op.getBlock()->without_terminator()) {
    if (inner.getNumRegions())
      return std::nullopt;
    if (inner.getNumResults() != 1 || !isa<FloatType>(inner.getResult(0).getType()))
      continue;
    if (isa<math::FmaOp>(inner))
      flops += 2;
    else if (isa<math::MathDialect>(inner.getDialect()) ||
             isa<arith::AddFOp, arith::SubFOp, arith::MulFOp, arith::DivFOp, arith::RemFOp, arith::NegFOp,
                 arith::MaximumFOp, arith::MinimumFOp, arith::MaxNumFOp, arith::MinNumFOp>(inner))
      ++flops;
  }
  return flops;
}

bool readsSingleElements(linalg::LinalgOp op) {
  return llvm::any_of(op.getBlock()->without_terminator(),
                      [](Operation &inner) { return isa<tensor::ExtractOp>(inner) || inner.getNumRegions(); });
}

class Counter {
public:
  Counter(RewriterBase &rewriter, const Group &group) : rewriter(rewriter), group(group), loc(group.root->getLoc()) {}

  Work count() { return {flops(), bytes()}; }

private:
  Value index(int64_t value) { return arith::ConstantIndexOp::create(rewriter, loc, value); }
  Value asI64(Value value) { return rewriter.createOrFold<arith::IndexCastOp>(loc, rewriter.getI64Type(), value); }
  Value unknown() { return arith::ConstantIntOp::create(rewriter, loc, -1, 64); }

  /// Size of an axis, from values that no op of a group makes.
  Value size(Value tensor, int64_t axis) {
    for (;;) {
      auto type = cast<RankedTensorType>(tensor.getType());
      if (!type.isDynamicDim(axis))
        return index(type.getDimSize(axis));
      Operation *op = tensor.getDefiningOp();
      unsigned number = op ? cast<OpResult>(tensor).getResultNumber() : 0;
      if (auto linalgOp = dyn_cast_if_present<linalg::LinalgOp>(op))
        tensor = linalgOp.getDpsInitOperand(number)->get();
      else if (auto loop = dyn_cast_if_present<scf::ForallOp>(op))
        tensor = loop.getOutputs()[number];
      else if (auto empty = dyn_cast_if_present<tensor::EmptyOp>(op))
        return empty.getDynamicSizes()[type.getDynamicDimIndex(axis)];
      else
        return rewriter.createOrFold<tensor::DimOp>(loc, tensor, axis);
    }
  }

  /// Iterations of an op; null when no operand tells the extent of a loop.
  Value iterations(linalg::LinalgOp op) {
    Value product = index(1);
    for (auto [loop, extent] : llvm::enumerate(op.getStaticLoopRanges())) {
      Value factor;
      if (!ShapedType::isDynamic(extent))
        factor = index(extent);
      for (OpOperand &operand : op->getOpOperands()) {
        if (factor)
          break;
        for (auto [axis, expr] : llvm::enumerate(op.getMatchingIndexingMap(&operand).getResults()))
          if (expr == rewriter.getAffineDimExpr(loop)) {
            factor = size(operand.get(), axis);
            break;
          }
      }
      if (!factor)
        return {};
      product = rewriter.createOrFold<arith::MulIOp>(loc, product, factor);
    }
    return product;
  }

  Value flops() {
    Value sum = index(0);
    for (auto &member : group.members) {
      auto op = cast<linalg::LinalgOp>(member.first);
      std::optional<int64_t> each = flopsOfBody(op);
      if (each == 0)
        continue;
      Value times = each ? iterations(op) : Value();
      if (!times)
        return unknown();
      sum = rewriter.createOrFold<arith::AddIOp>(loc, sum,
                                                 rewriter.createOrFold<arith::MulIOp>(loc, times, index(*each)));
    }
    return asI64(sum);
  }

  /// Null when the size in memory is not known.
  Value bytesOf(Value tensor) {
    auto type = cast<RankedTensorType>(tensor.getType());
    if (!type.getElementType().isIntOrFloat())
      return {};
    Value product = index(llvm::divideCeil(type.getElementTypeBitWidth(), 8));
    for (int64_t axis = 0; axis < type.getRank(); ++axis)
      product = rewriter.createOrFold<arith::MulIOp>(loc, product, size(tensor, axis));
    return product;
  }

  /// Whether the elements of an operand are read, and come from outside of the group.
  bool isRead(linalg::LinalgOp op, OpOperand &operand) {
    if (!isa<RankedTensorType>(operand.get().getType()))
      return false;
    Operation *producer = operand.get().getDefiningOp();
    if (producer && (group.members.contains(producer) || isa<tensor::EmptyOp>(producer)))
      return false;
    return op.payloadUsesValueFromOperand(&operand);
  }

  Value bytes() {
    llvm::SetVector<Value> moved;
    for (auto &member : group.members) {
      auto op = cast<linalg::LinalgOp>(member.first);
      // How much of a table is read depends on the indices.
      if (readsSingleElements(op))
        return unknown();
      for (OpOperand &operand : op->getOpOperands())
        if (isRead(op, operand))
          moved.insert(operand.get());
    }
    moved.insert(group.root->result_begin(), group.root->result_end());
    Value sum = index(0);
    for (Value tensor : moved) {
      Value size = bytesOf(tensor);
      if (!size)
        return unknown();
      sum = rewriter.createOrFold<arith::AddIOp>(loc, sum, size);
    }
    return asI64(sum);
  }

  RewriterBase &rewriter;
  const Group &group;
  Location loc;
};
} // namespace

void pare::cpu::noteWork(OpBuilder &builder, Location loc, const Work &work) {
  LLVM::CallIntrinsicOp::create(builder, loc, builder.getStringAttr(kNote), ValueRange{work.flops, work.bytes});
}

void pare::cpu::noteWork(RewriterBase &rewriter, const Group &group) {
  OpBuilder::InsertionGuard guard(rewriter);
  rewriter.setInsertionPoint(group.root);
  noteWork(rewriter, group.root->getLoc(), Counter(rewriter, group).count());
}

void pare::cpu::noteUnknownWork(RewriterBase &rewriter, scf::ForallOp loop) {
  OpBuilder::InsertionGuard guard(rewriter);
  rewriter.setInsertionPoint(loop);
  Value unknown = arith::ConstantIntOp::create(rewriter, loop.getLoc(), -1, 64);
  noteWork(rewriter, loop.getLoc(), {unknown, unknown});
}

static LLVM::CallIntrinsicOp noteOf(scf::ForallOp loop) {
  for (Operation *op = loop->getPrevNode(); op; op = op->getPrevNode()) {
    if (LLVM::CallIntrinsicOp call = asNote(op))
      return call;
    // Another loop or its call: a note in front of it is its own.
    if (isa<scf::SCFDialect>(op->getDialect()) || isa<func::CallOp>(op))
      break;
  }
  return {};
}

Operation *pare::cpu::beginOf(scf::ForallOp loop) {
  LLVM::CallIntrinsicOp note = noteOf(loop);
  return note ? note.getOperation() : loop.getOperation();
}

void pare::cpu::settleWork(Operation *root) {
  root->walk([](scf::ForallOp loop) {
    if (LLVM::CallIntrinsicOp note = noteOf(loop))
      note->moveBefore(loop);
  });
}

Work pare::cpu::takeWork(OpBuilder &builder, scf::ForallOp loop) {
  if (LLVM::CallIntrinsicOp note = noteOf(loop)) {
    Work work{note.getArgs()[0], note.getArgs()[1]};
    note.erase();
    return work;
  }
  Value unknown = LLVM::ConstantOp::create(builder, loop.getLoc(), builder.getI64IntegerAttr(-1));
  return {unknown, unknown};
}

void pare::cpu::dropWork(Operation *root) {
  root->walk([](Operation *op) {
    if (asNote(op))
      op->erase();
  });
}
