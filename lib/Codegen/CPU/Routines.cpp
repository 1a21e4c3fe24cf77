#include "Routines.h"
#include "Abi.h"
#include "TransposeTiles.h"
#include "mlir/IR/IRMapping.h"

using namespace mlir;
using namespace pare::cpu;

/// On the declaration of a routine: its tail, and which sides repeat along columns; the channels of a group that are
/// read and written; of bytes, whether the left ones are signed, and whether the depth may end within a group of four.
static constexpr llvm::StringLiteral kTailAttr = "pare.tail", kRepeatsAttr = "pare.repeats",
                                     kGroupingAttr = "pare.grouping", kSignedAttr = "pare.left_signed",
                                     kRestAttr = "pare.rest";

/// The body of `around.tail` as a function of the sum and the sides.
static func::FuncOp makeTail(ModuleOp module, StringRef name, const Surroundings &around) {
  linalg::GenericOp tail = around.tail;
  Abi builder(tail.getLoc(), module.getContext());
  builder.setInsertionPointToStart(module.getBody());
  SmallVector<Type> types{tail.getMatchingBlockArgument(around.sum).getType()};
  for (OpOperand *side : around.sides)
    types.push_back(tail.getMatchingBlockArgument(side).getType());
  Type result = tail.getBody()->getTerminator()->getOperand(0).getType();
  auto function = func::FuncOp::create(builder, name, builder.getFunctionType(types, {result}));
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
  case Products::bytes:
    return kByteGemmName;
  }
  llvm_unreachable("products of no kind");
}

FlatSymbolRefAttr Routines::get(const Surroundings &around, ArrayRef<bool> repeats, const Routine &wanted) {
  std::string name = nameOf(wanted.products).str();
  if (wanted.groupOutputs)
    name += "_" + std::to_string(wanted.groupInputs) + "x" + std::to_string(wanted.groupOutputs);
  if (wanted.leftIsSigned)
    name += "_signed";
  if (wanted.hasRest)
    name += "_rest";
  if (around.tail)
    name += "_" + std::to_string(made.size());
  func::FuncOp tail = around.tail ? makeTail(module, name + "_tail", around) : func::FuncOp();
  for (Routine &other : made) {
    if (ArrayRef<bool>(other.repeats) != repeats || !other.tail != !tail || other.products != wanted.products ||
        other.leftIsSigned != wanted.leftIsSigned || other.hasRest != wanted.hasRest ||
        other.groupInputs != wanted.groupInputs || other.groupOutputs != wanted.groupOutputs)
      continue;
    if (tail && !OperationEquivalence::isRegionEquivalentTo(&other.tail.getBody(), &tail.getBody(),
                                                            OperationEquivalence::IgnoreLocations))
      continue;
    if (tail)
      tail.erase();
    return FlatSymbolRefAttr::get(module.getContext(), other.name);
  }
  Routine &added = made.emplace_back(wanted);
  added.name = name;
  added.tail = tail;
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
  if (wanted.leftIsSigned)
    routine->setAttr(kSignedAttr, builder.getUnitAttr());
  if (wanted.hasRest)
    routine->setAttr(kRestAttr, builder.getUnitAttr());
  if (wanted.groupOutputs)
    routine->setAttr(kGroupingAttr, builder.getDenseI64ArrayAttr({wanted.groupInputs, wanted.groupOutputs}));
  if (tail) {
    routine->setAttr(kTailAttr, FlatSymbolRefAttr::get(tail));
    routine->setAttr(kRepeatsAttr, builder.getDenseBoolArrayAttr(repeats));
  }
  return FlatSymbolRefAttr::get(routine);
}

FlatSymbolRefAttr Routines::getMove(StringRef name) {
  Abi builder(module.getLoc(), module.getContext());
  if (!module.lookupSymbol(name)) {
    builder.setInsertionPointToStart(module.getBody());
    func::FuncOp::create(builder, name, transposeType(builder)).setPrivate();
  }
  return FlatSymbolRefAttr::get(module.getContext(), name);
}

FlatSymbolRefAttr Routines::transpose() { return getMove(kTransposeName); }
FlatSymbolRefAttr Routines::narrow(Narrowing narrowing, bool fromNarrow) {
  return getMove(narrowingName(narrowing, fromNarrow));
}

SmallVector<Routine> Routines::declaredIn(ModuleOp module) {
  SmallVector<Routine> result;
  for (func::FuncOp function : module.getOps<func::FuncOp>()) {
    if (!function.isDeclaration() || !isProductName(function.getName()))
      continue;
    Routine &routine = result.emplace_back();
    routine.name = function.getName().str();
    for (Products products : {Products::f32, Products::bf16, Products::depthwise, Products::grouped, Products::bytes})
      if (function.getName().starts_with(nameOf(products)))
        routine.products = products;
    routine.leftIsSigned = function->hasAttr(kSignedAttr);
    routine.hasRest = function->hasAttr(kRestAttr);
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
