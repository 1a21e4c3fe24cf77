// Constants: small ones stand in the code, large ones become globals that the artefact fills.
#include "Emit.h"
#include "mlir/Dialect/Bufferization/IR/Bufferization.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/IR/SymbolTable.h"
#include "pare/Conversion/Passes.h"

using namespace mlir;
using namespace pare;
using namespace pare::lowering;

static constexpr int64_t kMaxInlineBytes = 1024;

static bool isInline(Attribute value) {
  auto type = cast<RankedTensorType>(cast<TypedAttr>(value).getType());
  if (auto dense = dyn_cast<DenseElementsAttr>(value); dense && dense.isSplat())
    return true;
  return type.getNumElements() * elementBytes(type.getElementType()) <= kMaxInlineBytes;
}

static DenseElementsAttr toSignless(DenseElementsAttr value) {
  Type element = value.getElementType();
  return signless(element) == element ? value : value.bitcast(signless(element));
}

static RankedTensorType signlessTensor(Type type) {
  auto tensor = cast<RankedTensorType>(type);
  return RankedTensorType::get(tensor.getShape(), signless(tensor.getElementType()));
}

void lowering::collectWeights(ModuleOp module, State &state) {
  SymbolTable symbols(module);
  int64_t number = 0;
  module.walk([&](ConstantOp op) {
    if (isInline(op.getValue()))
      return;
    FlatSymbolRefAttr &symbol = state.weights[op.getValue()];
    if (symbol)
      return;
    auto type = signlessTensor(op.getType());
    OpBuilder builder(module.getContext());
    auto global = memref::GlobalOp::create(
        builder, op.getLoc(), "weight_" + std::to_string(number++), builder.getStringAttr("private"),
        MemRefType::get(type.getShape(), type.getElementType()),
        /*initial_value=*/Attribute(), /*constant=*/false, /*alignment=*/IntegerAttr());
    global->setAttr(kDataAttr, op.getValue());
    symbols.insert(global, module.getBody()->begin());
    symbol = FlatSymbolRefAttr::get(global.getSymNameAttr());
  });
}

static Value lowerConstant(Emit &e, ConstantOp op, ConstantOp::Adaptor) {
  Attribute value = op.getValue();
  RankedTensorType type = signlessTensor(op.getType());
  if (isInline(value)) {
    auto dense = dyn_cast<DenseElementsAttr>(value);
    if (!dense) {
      SmallVector<char> storage;
      ArrayRef<char> bytes = getConstantBytes(value, storage);
      dense = cast<DenseElementsAttr>(makeConstant(cast<RankedTensorType>(op.getType()), bytes));
    }
    return arith::ConstantOp::create(e, toSignless(dense));
  }
  auto memref = MemRefType::get(type.getShape(), type.getElementType());
  Value global = memref::GetGlobalOp::create(e, memref, e.state.weights.lookup(value).getValue());
  return bufferization::ToTensorOp::create(e, type, global, /*restrict=*/true);
}

static Value lowerFull(Emit &e, FullOp op, FullOp::Adaptor adaptor) {
  Attribute value;
  if (auto dense = dyn_cast<DenseElementsAttr>(op.getValue())) {
    value = *toSignless(dense).value_begin<Attribute>();
  } else {
    SmallVector<char> storage;
    auto type = cast<RankedTensorType>(op.getValue().getType());
    auto dense2 = cast<DenseElementsAttr>(makeConstant(type, getConstantBytes(op.getValue(), storage)));
    value = *toSignless(dense2).value_begin<Attribute>();
  }
  Value scalar = arith::ConstantOp::create(e, cast<TypedAttr>(value));
  if (isSmall(op.getType())) {
    auto type = signlessTensor(op.getType());
    return e.fromElements(type, Values(type.getNumElements(), scalar));
  }
  Sizes sizes;
  for (Value size : e.extractAll(adaptor.getShape()))
    sizes.push_back(getAsOpFoldResult(size));
  return e.filled(e.refine(sizes, op.getType()), scalar);
}

void lowering::addConstantPatterns(Patterns &patterns) {
  patterns.add<ConstantOp>(lowerConstant);
  patterns.add<FullOp>(lowerFull);
}
