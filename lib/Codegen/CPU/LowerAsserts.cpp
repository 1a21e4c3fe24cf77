// Asserts of a host program end the call with a message.
#include "Abi.h"
#include "mlir/Dialect/ControlFlow/IR/ControlFlowOps.h"
#include "pare/Codegen/CPU/Passes.h"

namespace pare::cpu {
#define GEN_PASS_DEF_LOWERASSERTS
#include "pare/Codegen/CPU/Passes.h.inc"
} // namespace pare::cpu

using namespace mlir;
using namespace pare::cpu;

namespace {
struct LowerAsserts : pare::cpu::impl::LowerAssertsBase<LowerAsserts> {
  LogicalResult lower(func::FuncOp function) {
    SmallVector<cf::AssertOp> asserts;
    function.walk([&](cf::AssertOp op) { asserts.push_back(op); });
    for (cf::AssertOp op : asserts) {
      if (op->getParentOp() != function)
        return op.emitOpError("is not at the level of a function");
      Block *block = op->getBlock(), *rest = block->splitBlock(op->getNextNode());
      Block *stop = new Block;
      function.getBody().push_back(stop);
      Abi builder(op.getLoc(), op);
      cf::CondBranchOp::create(builder, op.getArg(), rest, stop);
      builder.setInsertionPointToStart(stop);
      builder.fail(function.getArgument(0), builder.text(op.getMsg()));
      Value one = arith::ConstantOp::create(builder, builder.getI32IntegerAttr(1));
      func::ReturnOp::create(builder, one);
      op.erase();
    }
    return success();
  }

  /// The messages become globals of the module, so that functions take their turn.
  void runOnOperation() override {
    for (auto function : getOperation().getOps<func::FuncOp>())
      if (failed(lower(function)))
        return signalPassFailure();
  }
};
} // namespace
