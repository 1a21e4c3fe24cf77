// Entry points of the interpreter: one op, or a function op by op.
#include "Case.h"
#include "llvm/ADT/StringMap.h"
#include "llvm/Support/MathExtras.h"
#include "llvm/Support/raw_ostream.h"

using namespace mlir;

namespace pare::reference {

char EvaluationError::ID = 0;

void EvaluationError::log(llvm::raw_ostream &os) const { os << location << ": " << text; }

LogicalResult report(llvm::Error error) {
  if (!error)
    return success();
  llvm::handleAllErrors(
      std::move(error), [](const EvaluationError &failure) { emitError(failure.getLocation()) << failure.getText(); },
      [](const llvm::ErrorInfoBase &failure) { llvm::errs() << failure.message() << "\n"; });
  return failure();
}

static llvm::Error errorAt(Location location, const Twine &text) {
  return llvm::make_error<EvaluationError>(location, text.str());
}

const Tensor *Call::find(Value operand) const {
  for (auto [value, tensor] : llvm::zip_equal(op->getOperands(), operands))
    if (value == operand)
      return &tensor;
  return nullptr;
}

llvm::Error Call::error(const Twine &text) const {
  return errorAt(op->getLoc(), op->getName().getStringRef() + ": " + text);
}

llvm::Error Call::checkAxis(int64_t axis, int64_t rank) const {
  if (axis >= 0 && axis < rank)
    return llvm::Error::success();
  return error("axis " + Twine(axis) + " of a tensor of rank " + Twine(rank));
}

llvm::Error Call::checkSize(Type elementType, IndexRef shape) const {
  int64_t bytes = elementBytes(elementType);
  bool overflow = false, empty = false;
  for (int64_t size : shape) {
    if (size < 0)
      return error("a result of shape " + toString(shape));
    empty |= size == 0;
    overflow |= llvm::MulOverflow(bytes, size, bytes);
  }
  if (!empty && (overflow || bytes > options.maxResultBytes))
    return error("a result of shape " + toString(shape) + " takes more than " + Twine(options.maxResultBytes) +
                 " bytes");
  return llvm::Error::success();
}

llvm::Error Call::checkScalar(const Tensor &operand, StringRef name) const {
  if (operand.getNumElements() == 1)
    return llvm::Error::success();
  return error(name + " must hold one element and has shape " + toString(operand.getShape()));
}

int64_t lowestInt(Type type) {
  unsigned width = type.getIntOrFloatBitWidth();
  return type.isSignedInteger() ? llvm::minIntN(width) : 0;
}
int64_t highestInt(Type type) {
  unsigned width = type.getIntOrFloatBitWidth();
  return type.isSignedInteger() ? llvm::maxIntN(width) : static_cast<int64_t>(llvm::maxUIntN(width));
}

static const Registry &registry() {
  static const Registry all = [] {
    Registry cases;
    registerAttention(cases);
    registerContraction(cases);
    registerControl(cases);
    registerConvert(cases);
    registerElementwise(cases);
    registerIndex(cases);
    registerMovement(cases);
    registerNorm(cases);
    registerQuant(cases);
    registerRecurrent(cases);
    registerReduce(cases);
    registerResize(cases);
    registerRows(cases);
    registerWindow(cases);
    return cases;
  }();
  return all;
}

bool canEvaluate(Operation *op) { return registry().find(op) != nullptr; }

// Empty when a tensor can stand for a value of the type, otherwise what is wrong.
static std::string mismatch(const Tensor &tensor, Type type) {
  std::string text;
  llvm::raw_string_ostream os(text);
  auto ranked = dyn_cast<RankedTensorType>(type);
  bool good = tensor.getElementType() == getElementTypeOrSelf(type);
  if (good && ranked) {
    good = ranked.getRank() == tensor.getRank();
    for (int64_t axis = 0; good && axis < ranked.getRank(); ++axis)
      good = ranked.isDynamicDim(axis) || ranked.getDimSize(axis) == tensor.getShape()[axis];
  }
  if (!good)
    os << "expected " << type << ", got " << toString(tensor.getShape()) << " of " << tensor.getElementType();
  return text;
}

namespace {
// Values of the function (or region) that is being evaluated.
class Evaluator {
public:
  explicit Evaluator(const EvaluateOptions &options) : options(options) {}

  llvm::Expected<Tensors> runOp(Operation *op, ArrayRef<Tensor> operands);
  llvm::Expected<Tensors> runBlock(Block &block, ArrayRef<Tensor> arguments);

private:
  const EvaluateOptions &options;
  llvm::DenseMap<Value, Tensor> values;
};
} // namespace

llvm::Expected<Tensors> Evaluator::runOp(Operation *op, ArrayRef<Tensor> operands) {
  const Registry::Case *found = registry().find(op);
  if (!found)
    return errorAt(op->getLoc(), op->getName().getStringRef() + ": the reference interpreter does not know this op");
  if (operands.size() != op->getNumOperands())
    return errorAt(op->getLoc(),
                   "expected " + Twine(op->getNumOperands()) + " operands, got " + Twine(operands.size()));
  for (auto [index, tensor] : llvm::enumerate(operands))
    if (std::string text = mismatch(tensor, op->getOperand(index).getType()); !text.empty())
      return errorAt(op->getLoc(), op->getName().getStringRef() + ": operand " + Twine(index) + ": " + text);

  Call call(op, operands, options,
            [this](Region &region, ArrayRef<Tensor> arguments) { return runBlock(region.front(), arguments); });
  if (llvm::Error error = (*found)(call))
    return error;
  if (call.results.size() != op->getNumResults())
    return errorAt(op->getLoc(), op->getName().getStringRef() + ": " + Twine(call.results.size()) + " results");
  for (auto [index, tensor] : llvm::enumerate(call.results))
    if (std::string text = mismatch(tensor, op->getResult(index).getType()); !text.empty())
      return errorAt(op->getLoc(), op->getName().getStringRef() + ": result " + Twine(index) + ": " + text);
  if (options.observe)
    options.observe(op, operands, call.results);
  return std::move(call.results);
}

// For each op of the block, the values of the block that nothing after it uses.
static llvm::DenseMap<Operation *, SmallVector<Value>> lastUses(Block &block) {
  llvm::DenseMap<Operation *, SmallVector<Value>> dying;
  auto visit = [&](Value value, Operation *definition) {
    Operation *last = definition;
    for (Operation *user : value.getUsers()) {
      Operation *here = block.findAncestorOpInBlock(*user);
      if (!last || last->isBeforeInBlock(here))
        last = here;
    }
    if (last)
      dying[last].push_back(value);
  };
  for (BlockArgument argument : block.getArguments())
    visit(argument, nullptr);
  for (Operation &op : block)
    for (Value result : op.getResults())
      visit(result, &op);
  return dying;
}

llvm::Expected<Tensors> Evaluator::runBlock(Block &block, ArrayRef<Tensor> arguments) {
  Location location = block.getParentOp()->getLoc();
  if (arguments.size() != block.getNumArguments())
    return errorAt(location,
                   "expected " + Twine(block.getNumArguments()) + " arguments, got " + Twine(arguments.size()));
  for (auto [argument, tensor] : llvm::zip_equal(block.getArguments(), arguments)) {
    if (std::string text = mismatch(tensor, argument.getType()); !text.empty())
      return errorAt(location, "argument " + Twine(argument.getArgNumber()) + ": " + text);
    values[argument] = tensor;
  }
  auto dying = lastUses(block);
  for (Operation &op : block) {
    Tensors operands;
    for (Value operand : op.getOperands()) {
      auto found = values.find(operand);
      if (found == values.end())
        return errorAt(op.getLoc(), op.getName().getStringRef() + ": uses a value from outside what is evaluated");
      operands.push_back(found->second);
    }
    if (op.hasTrait<OpTrait::IsTerminator>())
      return operands;
    auto results = runOp(&op, operands);
    if (!results)
      return results.takeError();
    for (auto [value, tensor] : llvm::zip_equal(op.getResults(), *results))
      values[value] = std::move(tensor);
    for (Value value : dying.lookup(&op))
      values.erase(value);
  }
  return errorAt(location, "a block without a terminator");
}

llvm::Expected<Tensors> evaluateOp(Operation *op, ArrayRef<Tensor> operands, const EvaluateOptions &options) {
  return Evaluator(options).runOp(op, operands);
}

// Dimensions of one name must be equal.
static llvm::Error checkDims(func::FuncOp function, ArrayRef<Tensor> inputs) {
  llvm::StringMap<int64_t> sizes;
  for (auto [index, input] : llvm::enumerate(inputs)) {
    auto names = function.getArgAttrOfType<ArrayAttr>(index, kDimsAttr);
    if (!names || static_cast<int64_t>(names.size()) != input.getRank())
      continue;
    for (auto [axis, attribute] : llvm::enumerate(names)) {
      auto name = dyn_cast<StringAttr>(attribute);
      if (!name || name.getValue().empty())
        continue;
      int64_t size = input.getShape()[axis];
      auto [known, isNew] = sizes.try_emplace(name.getValue(), size);
      if (!isNew && known->second != size)
        return errorAt(function.getLoc(), "input " + Twine(index) + ": dimension " + Twine(axis) + " (" +
                                              name.getValue() + ") is " + Twine(size) + ", elsewhere " +
                                              Twine(known->second));
    }
  }
  return llvm::Error::success();
}

llvm::Expected<Tensors> evaluateFunction(func::FuncOp function, ArrayRef<Tensor> inputs,
                                         const EvaluateOptions &options) {
  if (function.isExternal() || !llvm::hasSingleElement(function.getBody()))
    return errorAt(function.getLoc(), "a function of " + Twine(function.getBody().getBlocks().size()) + " blocks");
  if (llvm::Error error = checkDims(function, inputs))
    return error;
  auto results = Evaluator(options).runBlock(function.front(), inputs);
  if (!results)
    return results.takeError();
  for (auto [index, tensor] : llvm::enumerate(*results))
    if (std::string text = mismatch(tensor, function.getResultTypes()[index]); !text.empty())
      return errorAt(function.getLoc(), "result " + Twine(index) + ": " + text);
  return results;
}

} // namespace pare::reference
