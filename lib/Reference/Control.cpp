// Control flow.
#include "Case.h"
#include <limits>

using namespace mlir;

namespace pare::reference {

static llvm::Error ifOp(IfOp op, Call &call) {
  const Tensor &condition = call[op.getCondition()];
  if (llvm::Error error = call.checkScalar(condition, "the condition"))
    return error;
  auto yielded = call.runRegion(condition.getInt(0) ? op.getThenRegion() : op.getElseRegion(), {});
  if (!yielded)
    return yielded.takeError();
  call.results = std::move(*yielded);
  return llvm::Error::success();
}

// Slices of one scanned value along a new first axis. Sizes that nothing tells, because nothing ran, are 0.
static llvm::Expected<Tensor> stack(Call &call, ArrayRef<Tensor> slices, Type type) {
  Index shape{static_cast<int64_t>(slices.size())};
  if (!slices.empty())
    llvm::append_range(shape, slices.front().getShape());
  else if (auto ranked = dyn_cast<RankedTensorType>(type))
    for (int64_t size : ranked.getShape().drop_front())
      shape.push_back(ShapedType::isDynamic(size) ? 0 : size);
  if (llvm::Error error = call.checkSize(getElementTypeOrSelf(type), shape))
    return error;
  Tensor result(getElementTypeOrSelf(type), shape);
  char *to = result.getMutableBytes().data();
  for (const Tensor &slice : slices) {
    if (slice.getShape() != slices.front().getShape())
      return call.error("scanned values of shapes " + toString(slices.front().getShape()) + " and " +
                        toString(slice.getShape()));
    to = std::copy(slice.getBytes().begin(), slice.getBytes().end(), to);
  }
  return result;
}

static llvm::Error loop(LoopOp op, Call &call) {
  MLIRContext *context = op.getContext();
  Tensor going = Tensor::fromInts(IntegerType::get(context, 1), {}, {1});
  int64_t trips = std::numeric_limits<int64_t>::max();
  if (op.getTripCount()) {
    const Tensor &count = call[op.getTripCount()];
    if (llvm::Error error = call.checkScalar(count, "trip_count"))
      return error;
    trips = count.getInt(0);
  }
  if (op.getCondition()) {
    const Tensor &condition = call[op.getCondition()];
    if (llvm::Error error = call.checkScalar(condition, "the condition"))
      return error;
    going.setInt(0, condition.getInt(0));
  }
  size_t numCarried = op.getInit().size();
  size_t numScanned = op->getNumResults() - std::min<size_t>(op->getNumResults(), numCarried);
  Tensors carried(call.operands.take_back(numCarried));
  std::vector<std::vector<Tensor>> scanned(numScanned);
  for (int64_t i = 0; i < trips && going.getInt(0); ++i) {
    if (i >= call.options.maxIterations)
      return call.error("more than " + Twine(call.options.maxIterations) + " iterations");
    Tensors arguments{Tensor::fromInts(IntegerType::get(context, 64, IntegerType::Signed), {}, {i}), going};
    llvm::append_range(arguments, carried);
    auto yielded = call.runRegion(op.getBody(), arguments);
    if (!yielded)
      return yielded.takeError();
    if (yielded->size() != 1 + numCarried + numScanned)
      return call.error("the body yields " + Twine(yielded->size()) + " values");
    if (llvm::Error error = call.checkScalar(yielded->front(), "the condition"))
      return error;
    going = yielded->front().reshaped({});
    for (size_t value = 0; value < numCarried; ++value)
      carried[value] = (*yielded)[1 + value];
    for (size_t value = 0; value < numScanned; ++value)
      scanned[value].push_back((*yielded)[1 + numCarried + value]);
  }
  call.results = std::move(carried);
  for (auto [value, slices] : llvm::enumerate(scanned)) {
    auto stacked = stack(call, slices, op->getResult(numCarried + value).getType());
    if (!stacked)
      return stacked.takeError();
    call.results.push_back(std::move(*stacked));
  }
  return llvm::Error::success();
}

void registerControl(Registry &registry) {
  registry.add<IfOp>(ifOp);
  registry.add<LoopOp>(loop);
}

} // namespace pare::reference
