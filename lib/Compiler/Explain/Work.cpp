#include "Work.h"

#include "Concrete.h"
#include "pare/Dialect/Pare.h"
#include "pare/Import/Location.h"

using namespace mlir;

namespace pare::explain {
namespace {
int64_t sizeOf(Value value, int64_t axis) { return cast<ShapedType>(value.getType()).getDimSize(axis); }

double bytesOfValue(Value value) {
  auto type = dyn_cast<RankedTensorType>(value.getType());
  return type ? static_cast<double>(type.getNumElements()) * elementBytes(type.getElementType()) : 0;
}

/// Pairs of a query and a key of one segment; std::nullopt when offsets are not known.
std::optional<double> countPairs(SegmentAttentionOp op, ConcreteFunction &function) {
  const reference::Tensor *q = function.elements(op.getQOffsets()), *k = function.elements(op.getKOffsets());
  if (!q || !k || q->getNumElements() != k->getNumElements())
    return std::nullopt;
  double pairs = 0;
  for (int64_t i = 0; i + 1 < q->getNumElements(); ++i)
    pairs +=
        static_cast<double>(q->getInt(i + 1) - q->getInt(i)) * static_cast<double>(k->getInt(i + 1) - k->getInt(i));
  return pairs;
}

double flopsOf(CostOpInterface op, ConcreteFunction &function) {
  double flops = op.getFlops(sizeOf);
  auto segments = dyn_cast<SegmentAttentionOp>(op.getOperation());
  if (!segments)
    return flops;
  // The interface takes all segments for equally long.
  std::optional<double> pairs = countPairs(segments, function);
  if (!pairs) {
    function.assume(op->getLoc(), "segment_attention: lengths of segments follow from data: counted as equal");
    return flops;
  }
  double all = static_cast<double>(sizeOf(segments.getQ(), 1)) * static_cast<double>(sizeOf(segments.getK(), 1));
  double segmentCount = std::max<double>(static_cast<double>(sizeOf(segments.getQOffsets(), 0)) - 1, 1);
  return all == 0 ? 0 : flops * *pairs / (all / segmentCount);
}

double bytesOf(CostOpInterface op) {
  // These name the same elements, or read no element at all.
  if (isa<ReshapeOp, SqueezeOp, UnsqueezeOp, FlattenOp, ShapeOfOp, ConstantOp>(op))
    return 0;
  double results = 0;
  for (Value result : op->getResults())
    results += bytesOfValue(result);
  // These read only what they pick of the first operand.
  if (isa<GatherOp, GatherElementsOp, GatherNdOp, SliceOp, SplitOp, ExpandOp, RowsGatherOp>(op)) {
    double others = 0;
    for (Value operand : op->getOperands().drop_front())
      others += bytesOfValue(operand);
    return (isa<ExpandOp>(op) ? std::min(results, bytesOfValue(op->getOperand(0))) : results) + results + others;
  }
  return op.getBytes(sizeOf);
}
} // namespace

Work &Work::operator+=(const Work &other) {
  ops += other.ops;
  flops += other.flops;
  bytes += other.bytes;
  return *this;
}

Work workOf(Operation *op, ConcreteFunction &function) {
  Work work;
  auto cost = dyn_cast<CostOpInterface>(op);
  if (!cost || isa<ConstantOp>(op))
    return work;
  work.ops = 1;
  work.flops = flopsOf(cost, function);
  work.bytes = bytesOf(cost);
  return work;
}

StringRef kindOf(Operation *op) {
  if (isa<MatmulOp>(op))
    return "matmul";
  if (isa<AttentionOp, SegmentAttentionOp>(op))
    return "attention";
  if (isa<ConvOp, ConvTransposeOp>(op))
    return "convolution";
  if (isa<SoftmaxOp, LogSoftmaxOp, LayerNormOp, RmsNormOp, BatchNormOp>(op))
    return "normalisation";
  if (isa<RowsFromMaskOp, RowsGatherOp, RowsScatterOp>(op))
    return "packing of rows";
  if (isa<ReduceOp, ArgMaxOp, ArgMinOp, TopKOp, CumSumOp, MaxPoolOp, AveragePoolOp>(op))
    return "reduction";
  if (op->hasTrait<Broadcasts>() || isa<QuantizeOp, DequantizeOp>(op))
    return "elementwise";
  return "data movement";
}

std::pair<std::string, std::string> nodeOf(Location location) {
  if (auto origin = getNodeOrigin(location))
    return {origin->name.str(), origin->opType.str()};
  std::string place;
  location->walk([&](Location part) {
    auto file = dyn_cast<FileLineColLoc>(part);
    if (!file)
      return WalkResult::advance();
    place = "line " + std::to_string(file.getLine()) + ":" + std::to_string(file.getColumn());
    return WalkResult::interrupt();
  });
  return {place.empty() ? "?" : place, ""};
}

std::string placeOf(Location location) { return getNodeOrigin(location) ? describe(location) : nodeOf(location).first; }
} // namespace pare::explain
