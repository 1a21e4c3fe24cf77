#include "Routines.h"
#include "Abi.h"
#include "TransposeTiles.h"
#include "mlir/IR/IRMapping.h"

using namespace mlir;
using namespace pare::cpu;

/// On the declaration of a routine: its tail, and which sides repeat along columns.
static constexpr llvm::StringLiteral kTailAttr = "pare.tail", kRepeatsAttr = "pare.repeats",
                                     kGroupingAttr = "pare.grouping"; // channels of a group that are read and written

/// The body of `around.tail` as a function of the sum and the sides.
static func::FuncOp makeTail(ModuleOp module, StringRef name, const Surroundings &around) {
  linalg::GenericOp tail = around.tail;
  Abi builder(tail.getLoc(), module.getContext());
  builder.setInsertionPointToStart(module.getBody());
  SmallVector<Type> types(1 + around.sides.size(), builder.getF32Type());
  auto function = func::FuncOp::create(builder, name, builder.getFunctionType(types, {builder.getF32Type()}));
  function.setPrivate();
  builder.setInsertionPointToStart(function.addEntryBlock());
  IRMapping mapping;
  mapping.map(tail.getMatchingBlockArgument(around.sum), function.getArgument(0));
  for (auto [side, argument] : llvm::zip_equal(around.sides, function.getArguments().drop_front()))
    mapping.map(tail.getMatchingBlockArgument(side), argument);
  // Constants may stand outside of the body.
  for (Operation &op : tail.getBody()->getOperations())
    for (Value operand : op.getOperands())
      if (operand.getParentBlock() != tail.getBody() && !mapping.contains(operand))
        mapping.map(operand, builder.clone(*operand.getDefiningOp())->getResult(0));
  for (Operation &op : tail.getBody()->without_terminator())
    builder.clone(op, mapping);
  func::ReturnOp::create(builder, mapping.lookup(tail.getBody()->getTerminator()->getOperand(0)));
  return function;
}

static StringRef nameOf(Products products) {
  switch (products) {
  case Products::f32:
    return kGemmName;
  case Products::bf16:
    return kNarrowGemmName;
  case Products::depthwise:
    return kDepthwiseName;
  case Products::grouped:
    return kGroupedName;
  }
  llvm_unreachable("products of no kind");
}

FlatSymbolRefAttr Routines::get(const Surroundings &around, ArrayRef<bool> repeats, Products products,
                                std::optional<Grouping> grouping) {
  std::string name = nameOf(products).str();
  int64_t inputs = grouping ? grouping->inputs : 0, outputs = grouping ? grouping->outputs : 0;
  if (grouping)
    name += "_" + std::to_string(inputs) + "x" + std::to_string(outputs);
  if (around.tail)
    name += "_" + std::to_string(made.size());
  func::FuncOp tail = around.tail ? makeTail(module, name + "_tail", around) : func::FuncOp();
  for (Routine &other : made) {
    if (ArrayRef<bool>(other.repeats) != repeats || !other.tail != !tail || other.products != products ||
        other.groupInputs != inputs || other.groupOutputs != outputs)
      continue;
    if (tail && !OperationEquivalence::isRegionEquivalentTo(&other.tail.getBody(), &tail.getBody(),
                                                            OperationEquivalence::IgnoreLocations))
      continue;
    if (tail)
      tail.erase();
    return FlatSymbolRefAttr::get(module.getContext(), other.name);
  }
  Routine &added = made.emplace_back();
  added.name = name;
  added.products = products;
  added.tail = tail;
  added.groupInputs = inputs;
  added.groupOutputs = outputs;
  added.repeats.assign(repeats.begin(), repeats.end());
  Abi builder(module.getLoc(), module.getContext());
  builder.setInsertionPointToStart(module.getBody());
  SmallVector<Type> types(gemm::NumFixed, builder.getI64Type());
  for (gemm::Arg pointer : {gemm::A, gemm::B, gemm::C, gemm::Start})
    types[pointer] = builder.ptr();
  for (size_t side = 0; side < repeats.size(); ++side)
    types.append({builder.ptr(), builder.getI64Type()});
  auto routine = func::FuncOp::create(builder, name, builder.getFunctionType(types, {}));
  routine.setPrivate();
  if (grouping)
    routine->setAttr(kGroupingAttr, builder.getDenseI64ArrayAttr({inputs, outputs}));
  if (tail) {
    routine->setAttr(kTailAttr, FlatSymbolRefAttr::get(tail));
    routine->setAttr(kRepeatsAttr, builder.getDenseBoolArrayAttr(repeats));
  }
  return FlatSymbolRefAttr::get(routine);
}

FlatSymbolRefAttr Routines::transpose() {
  Abi builder(module.getLoc(), module.getContext());
  if (!module.lookupSymbol(kTransposeName)) {
    builder.setInsertionPointToStart(module.getBody());
    func::FuncOp::create(builder, kTransposeName, transposeType(builder)).setPrivate();
  }
  return FlatSymbolRefAttr::get(module.getContext(), kTransposeName);
}

SmallVector<Routine> Routines::declaredIn(ModuleOp module) {
  SmallVector<Routine> result;
  for (func::FuncOp function : module.getOps<func::FuncOp>()) {
    if (!function.isDeclaration() || !isRoutineName(function.getName()) || function.getName() == kTransposeName)
      continue;
    Routine &routine = result.emplace_back();
    routine.name = function.getName().str();
    for (Products products : {Products::f32, Products::bf16, Products::depthwise, Products::grouped})
      if (function.getName().starts_with(nameOf(products)))
        routine.products = products;
    if (auto grouping = function->getAttrOfType<DenseI64ArrayAttr>(kGroupingAttr)) {
      routine.groupInputs = grouping[0];
      routine.groupOutputs = grouping[1];
    }
    if (auto tail = function->getAttrOfType<FlatSymbolRefAttr>(kTailAttr)) {
      routine.tail = module.lookupSymbol<func::FuncOp>(tail.getAttr());
      llvm::append_range(routine.repeats, function->getAttrOfType<DenseBoolArrayAttr>(kRepeatsAttr).asArrayRef());
    }
  }
  return result;
}
