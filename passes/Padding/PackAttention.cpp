// Attention over segments of packed rows.
#include "Pack.h"

using namespace mlir;
using namespace pare;
using namespace pare::padding;

void Packer::emitAttention(AttentionOp op, const OpPlan &plan) {
  ImplicitLocOpBuilder builder(op.getLoc(), op);
  Value q = operand(builder, op.getQ(), plan[0]), k = operand(builder, op.getK(), plan[1]),
        v = operand(builder, op.getV(), plan[2]);
  SmallVector<Value> biases;
  for (auto [number, bias] : llvm::enumerate(op.getBias()))
    biases.push_back(operand(builder, bias, plan[3 + number]));
  Value mask;
  if (Value whole = op.getMask())
    mask = operand(builder, whole, plan[op.getMaskMutable()[0].getOperandNumber()]);
  // Places matter to what compares or looks them up. With ends aligned they are the same: there are as many keys as
  // queries.
  bool byPlace = mask || !biases.empty() || op.getBandLower() || op.getBandUpper();
  Value positions = byPlace ? rows.positions : Value(), queryMask;
  if (Value queries = op.getQueryMask()) {
    OperandPlan one;
    one.use = OperandPlan::Use::packed;
    one.view = {0, 1, 1};
    queryMask = operand(builder, queries, one);
  }
  auto segments = SegmentAttentionOp::create(
      builder, q, k, v, rows.offsets, rows.offsets, positions, positions, biases, rows.valid, queryMask, mask,
      op.getScaleAttr(), op.getFillAttr(), op.getMaskModeAttr(), op.getBandLowerAttr(), op.getBandUpperAttr(),
      op.getZeroMaskedRowsAttr(), op.getSoftcapAttr(), op.getScoreLevelsAttr(), op.getWeightLevelsAttr());
  finish(op, segments);
}
