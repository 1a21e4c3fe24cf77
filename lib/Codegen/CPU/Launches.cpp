#include "Launches.h"
#include "Abi.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "llvm/ADT/SetVector.h"

using namespace mlir;
using namespace pare::cpu;

namespace {
constexpr StringLiteral kPrefix = "pare.";

/// The part of a location that names an op of the pare dialect; null when there is none.
NameLoc findOp(LocationAttr location) {
  NameLoc found;
  location.walk([&](Location part) {
    auto name = dyn_cast<NameLoc>(part);
    if (!name || !name.getName().getValue().starts_with(kPrefix))
      return WalkResult::advance();
    found = name;
    return WalkResult::interrupt();
  });
  return found;
}

struct Finder {
  /// What sums, everything else, and what only fills: with the zero of a sum, perhaps of another op.
  llvm::SetVector<NameLoc> sums, rest, fills;

  void add(llvm::SetVector<NameLoc> &set, Location location) {
    if (NameLoc name = findOp(location))
      set.insert(name);
  }

  /// A routine: first what it sums, then what it does to the sums.
  void addRoutine(LocationAttr location) {
    bool isFirst = true;
    location.walk([&](Location part) {
      auto name = dyn_cast<NameLoc>(part);
      if (!name || !name.getName().getValue().starts_with(kPrefix))
        return WalkResult::advance();
      (isFirst ? sums : rest).insert(name);
      isFirst = false;
      return WalkResult::skip();
    });
  }

  void visit(Operation *op) {
    if (auto call = dyn_cast<func::CallOp>(op)) {
      if (isProductName(call.getCallee()))
        addRoutine(op->getLoc());
      else
        add(rest, op->getLoc());
    } else if (isa<linalg::FillOp>(op)) {
      add(fills, op->getLoc());
    } else if (auto linalgOp = dyn_cast<linalg::LinalgOp>(op)) {
      bool reduces = linalgOp.getNumReductionLoops() > 0;
      // An op that others were fused into has the location of the last one.
      for (Operation &inner : linalgOp.getBlock()->without_terminator())
        if (!inner.hasTrait<OpTrait::ConstantLike>())
          add(reduces ? sums : rest, inner.getLoc());
      add(reduces ? sums : rest, op->getLoc());
    }
  }
};
} // namespace

DictionaryAttr pare::cpu::describeLaunch(scf::ForallOp loop, int64_t kernel) {
  Finder finder;
  loop->walk<WalkOrder::PreOrder>([&](Operation *op) { finder.visit(op); });
  llvm::SetVector<NameLoc> ops = finder.sums;
  ops.insert(finder.rest.begin(), finder.rest.end());
  if (ops.empty())
    ops = finder.fills;
  if (ops.empty())
    finder.add(ops, loop.getLoc());
  constexpr size_t kMost = 6; // names stand in a table
  std::string text;
  SmallVector<Attribute> locations;
  for (auto [number, op] : llvm::enumerate(ops)) {
    if (number < kMost)
      text += (number ? "+" : "") + op.getName().getValue().drop_front(kPrefix.size()).str();
    locations.push_back(op.getChildLoc());
  }
  if (ops.size() > kMost)
    text += "+" + std::to_string(ops.size() - kMost) + " more";
  Builder builder(loop.getContext());
  return builder.getDictionaryAttr({builder.getNamedAttr("kernel", builder.getI64IntegerAttr(kernel)),
                                    builder.getNamedAttr("name", builder.getStringAttr(ops.empty() ? "loop" : text)),
                                    builder.getNamedAttr("locations", builder.getArrayAttr(locations))});
}
