// The pass: the pare dialect to linalg.
#include "Emit.h"
#include "mlir/Dialect/Affine/IR/AffineOps.h"
#include "mlir/Dialect/Bufferization/IR/Bufferization.h"
#include "mlir/Dialect/ControlFlow/IR/ControlFlowOps.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/Func/Transforms/FuncConversions.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "pare/Analysis/SymbolicDims.h"
#include "pare/Conversion/Passes.h"

namespace pare {
#define GEN_PASS_DEF_CONVERTPARETOLINALG
#include "pare/Conversion/Passes.h.inc"
} // namespace pare

using namespace mlir;
using namespace pare;
using namespace pare::lowering;

/// Why an op has no lowering, or an empty text.
static std::string findObstacle(Operation *op) {
  for (auto [number, type] : llvm::enumerate(op->getOperandTypes()))
    if (!isa<RankedTensorType>(type))
      return "the rank of operand " + std::to_string(number) + " is not known";
  for (auto [number, type] : llvm::enumerate(op->getResultTypes()))
    if (!isa<RankedTensorType>(type))
      return "the rank of result " + std::to_string(number) + " is not known";
  for (Region &region : op->getRegions())
    for (Type type : region.getArgumentTypes())
      if (!isa<RankedTensorType>(type))
        return "the rank of an argument of the body is not known";
  // Ops whose number of loops depends on the length of an operand.
  auto lengthKnown = [](Value shape) { return cast<RankedTensorType>(shape.getType()).hasStaticShape(); };
  for (Value operand : op->getOperands()) {
    bool isShape = false;
    if (auto reshape = dyn_cast<ReshapeOp>(op))
      isShape = operand == reshape.getShape();
    else if (auto expand = dyn_cast<ExpandOp>(op))
      isShape = operand == expand.getShape();
    else if (auto full = dyn_cast<FullOp>(op))
      isShape = operand == full.getShape();
    else if (auto slice = dyn_cast<SliceOp>(op))
      isShape = operand != slice.getX();
    else if (auto pad = dyn_cast<PadOp>(op))
      isShape = operand == pad.getPads();
    else if (auto tile = dyn_cast<TileOp>(op))
      isShape = operand == tile.getRepeats();
    else if (auto resize = dyn_cast<ResizeOp>(op))
      isShape = operand != resize.getX();
    else if (auto gather = dyn_cast<RowsGatherOp>(op))
      isShape = operand == gather.getSizes();
    else if (auto scatter = dyn_cast<RowsScatterOp>(op))
      isShape = operand == scatter.getSizes();
    if (isShape && !lengthKnown(operand))
      return "the length of a shape operand is not known";
  }
  if (isa<LstmOp, GruOp, RnnOp>(op) && !lengthKnown(op->getOperand(1)))
    return "the shape of r is not known";
  if (auto gather = dyn_cast<GatherNdOp>(op))
    if (cast<RankedTensorType>(gather.getIndices().getType()).getShape().empty() ||
        ShapedType::isDynamic(cast<RankedTensorType>(gather.getIndices().getType()).getShape().back()))
      return "the length of the index tuples is not known";
  if (auto scatter = dyn_cast<ScatterNdOp>(op))
    if (cast<RankedTensorType>(scatter.getIndices().getType()).getShape().empty() ||
        ShapedType::isDynamic(cast<RankedTensorType>(scatter.getIndices().getType()).getShape().back()))
      return "the length of the index tuples is not known";
  return "";
}

static LogicalResult reportObstacles(ModuleOp module) {
  bool failed = false;
  module.walk([&](Operation *op) {
    if (!isa_and_present<PareDialect>(op->getDialect()))
      return;
    std::string reason = findObstacle(op);
    if (reason.empty())
      return;
    op->emitOpError("cannot be lowered: ") << reason;
    failed = true;
  });
  return success(!failed);
}

/// The signed types disappear from the signature; the manifest needs them.
static void recordTypes(func::FuncOp function) {
  for (auto [number, type] : llvm::enumerate(function.getArgumentTypes()))
    if (isa<TensorType>(type))
      function.setArgAttr(number, kTypeAttr, TypeAttr::get(type));
  for (auto [number, type] : llvm::enumerate(function.getResultTypes()))
    if (isa<TensorType>(type))
      function.setResultAttr(number, kTypeAttr, TypeAttr::get(type));
}

/// Locations name the ops of this dialect too from here on, for profiles: "pare.gelu"(...).
static void nameOps(ModuleOp module) {
  module.walk([](Operation *op) {
    if (isa_and_present<PareDialect>(op->getDialect()))
      op->setLoc(NameLoc::get(op->getName().getIdentifier(), op->getLoc()));
  });
}

static void addTypeConversions(TypeConverter &types) {
  types.addConversion([](Type type) { return type; });
  types.addConversion([](IntegerType type) { return signless(type); });
  types.addConversion([](RankedTensorType type) -> Type {
    return RankedTensorType::get(type.getShape(), signless(type.getElementType()), type.getEncoding());
  });
  auto bridge = [](OpBuilder &builder, Type type, ValueRange inputs, Location loc) -> Value {
    return UnrealizedConversionCastOp::create(builder, loc, type, inputs).getResult(0);
  };
  types.addSourceMaterialization(bridge);
  types.addTargetMaterialization(bridge);
}

/// Asks for every size while the module is whole: during the conversion, only what is remembered can be told.
static void rememberSizes(ModuleOp module, SymbolicDims &dims) {
  auto remember = [&](Value value) {
    if (auto type = dyn_cast<RankedTensorType>(value.getType()))
      for (int64_t axis = 0; axis < type.getRank(); ++axis)
        dims.dim(value, axis);
  };
  module.walk([&](Operation *op) {
    llvm::for_each(op->getResults(), remember);
    for (Region &region : op->getRegions())
      llvm::for_each(region.getArguments(), remember);
  });
}

namespace {
struct ConvertPareToLinalg : pare::impl::ConvertPareToLinalgBase<ConvertPareToLinalg> {
  void runOnOperation() override {
    ModuleOp module = getOperation();
    if (failed(reportObstacles(module)))
      return signalPassFailure();
    State state;
    SymbolicDims dims(module);
    rememberSizes(module, dims);
    state.equal = [&](Value a, int64_t i, Value b, int64_t j) { return dims.equal(a, i, b, j); };
    state.elementIsDim = [&](Value a, int64_t i, Value b, int64_t j) { return dims.elementIsDim(a, i, b, j); };
    collectWeights(module, state);
    module.walk(recordTypes);
    nameOps(module);

    MLIRContext *context = &getContext();
    TypeConverter types;
    addTypeConversions(types);
    RewritePatternSet set(context);
    Patterns patterns{set, types, state};
    addConstantPatterns(patterns);
    addElementwisePatterns(patterns);
    addTensorPatterns(patterns);
    addReshapePatterns(patterns);
    addIndexPatterns(patterns);
    addScatterPatterns(patterns);
    addSortPatterns(patterns);
    addContractionPatterns(patterns);
    addRecurrentPatterns(patterns);
    addReducePatterns(patterns);
    addWindowPatterns(patterns);
    addResizePatterns(patterns);
    addNormPatterns(patterns);
    addQuantPatterns(patterns);
    addAttentionPatterns(patterns);
    addRowsPatterns(patterns);
    addControlPatterns(patterns);
    populateFunctionOpInterfaceTypeConversionPattern<func::FuncOp>(set, types);
    populateReturnOpTypeConversionPattern(set, types);
    populateCallOpTypeConversionPattern(set, types);

    ConversionTarget target(*context);
    target.addIllegalDialect<PareDialect>();
    target.addDynamicallyLegalOp<func::FuncOp>(
        [&](func::FuncOp op) { return types.isSignatureLegal(op.getFunctionType()) && types.isLegal(&op.getBody()); });
    target.addDynamicallyLegalOp<func::ReturnOp, func::CallOp>([&](Operation *op) { return types.isLegal(op); });
    target.markUnknownOpDynamicallyLegal([](Operation *) { return true; });
    if (failed(applyPartialConversion(module, target, std::move(set))))
      return signalPassFailure();
    finishLoops(module);
  }
};
} // namespace
