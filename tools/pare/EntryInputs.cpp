#include "EntryInputs.h"

#include "Artefact.h"
#include "Errors.h"
#include "Sizes.h"
#include "base/Status.h"
#include "mlir/IR/Builders.h"
#include "npz/Npz.h"
#include "pare-run/Inputs.h"
#include "pare/Dialect/Shapes.h"
#include "llvm/ADT/StringExtras.h"

using namespace mlir;

namespace pare::tool {
namespace {
llvm::Error makeError(const llvm::Twine &text) { return llvm::createStringError(llvm::inconvertibleErrorCode(), text); }

Type typeOf(MLIRContext &context, pare_rt_dtype dtype) {
  Builder builder(&context);
  switch (dtype) {
  case PARE_RT_F32:
    return builder.getF32Type();
  case PARE_RT_F64:
    return builder.getF64Type();
  case PARE_RT_F16:
    return builder.getF16Type();
  case PARE_RT_BF16:
    return builder.getBF16Type();
  case PARE_RT_BOOL:
    return builder.getI1Type();
  default: {
    bool isUnsigned = dtype >= PARE_RT_U8 && dtype <= PARE_RT_U64;
    return IntegerType::get(&context, 8 * pare_rt_dtype_size(dtype),
                            isUnsigned ? IntegerType::Unsigned : IntegerType::Signed);
  }
  }
}
} // namespace

func::FuncOp declareEntry(ModuleOp module, const pare_rt_entry_info &entry) {
  MLIRContext &context = *module.getContext();
  OpBuilder builder = OpBuilder::atBlockEnd(module.getBody());
  SmallVector<Type> types;
  SmallVector<ArrayAttr> names;
  for (uint32_t i = 0; i < entry.input_count; ++i) {
    const pare_rt_value_info &value = entry.inputs[i];
    SmallVector<int64_t> shape;
    SmallVector<Attribute> dims;
    for (uint32_t axis = 0; axis < value.rank; ++axis) {
      const pare_rt_dim &dim = value.dims[axis];
      shape.push_back(dim.kind == PARE_RT_DIM_STATIC ? dim.size : ShapedType::kDynamic);
      dims.push_back(builder.getStringAttr(dim.symbol ? dim.symbol : ""));
    }
    types.push_back(RankedTensorType::get(shape, typeOf(context, value.dtype)));
    names.push_back(builder.getArrayAttr(dims));
  }
  auto function =
      func::FuncOp::create(builder, builder.getUnknownLoc(), entry.name, builder.getFunctionType(types, {}));
  for (uint32_t i = 0; i < entry.input_count; ++i) {
    function.setArgAttr(i, kNameAttr, builder.getStringAttr(entry.inputs[i].name));
    function.setArgAttr(i, kDimsAttr, names[i]);
  }
  return function;
}

std::vector<std::string> missingSizes(func::FuncOp function, ArrayRef<std::string> sizes) {
  std::vector<std::string> missing;
  for (const std::string &name : openDims(function))
    if (llvm::none_of(sizes, [&](const std::string &text) {
          auto size = parseSize(text);
          return size && size->first == name;
        }))
      missing.push_back(name);
  return missing;
}

std::string checkNamedSizes(ModuleOp module, ArrayRef<std::string> sizes) {
  for (const std::string &text : sizes)
    if (!parseSize(text))
      return "size '" + text + "': expected NAME=SIZE";
  return checkSizes(module, sizes);
}

EntryInputs::EntryInputs(const pare_rt_entry_info &entry) : entry(entry) {
  context.loadDialect<func::FuncDialect>();
  module = ModuleOp::create(UnknownLoc::get(&context));
  function = declareEntry(*module, entry);
}

llvm::Expected<std::unique_ptr<EntryInputs>> EntryInputs::create(const pare_rt_entry_info &entry,
                                                                 const InputArguments &arguments) {
  std::unique_ptr<EntryInputs> inputs(new EntryInputs(entry));
  llvm::Error error = arguments.inputs.empty() ? inputs->draw(arguments) : inputs->read(arguments.inputs);
  if (error)
    return error;
  return inputs;
}

llvm::Error EntryInputs::read(const std::vector<std::string> &files) {
  run::Arrays arrays;
  std::vector<pare_rt_tensor> bound;
  rt::Status status = run::readInputs(files, arrays);
  if (!status.failed())
    status = run::bindInputs(entry, arrays, bound);
  if (status.failed())
    return makeError(status.message());
  for (auto [index, tensor] : llvm::enumerate(bound)) {
    if (tensor.dtype != entry.inputs[index].dtype)
      return makeError("input '" + Twine(entry.inputs[index].name) + "': expected " +
                       rt::formatShape(entry.inputs[index]) + ", got " +
                       rt::formatShape(tensor.dims, tensor.rank, tensor.dtype));
    tensors.push_back(fromRuntime(tensor, typeOf(context, tensor.dtype)));
  }
  return llvm::Error::success();
}

llvm::Error EntryInputs::draw(const InputArguments &arguments) {
  if (std::string error = checkNamedSizes(*module, arguments.sizes); !error.empty())
    return makeError(error);
  if (std::vector<std::string> missing = missingSizes(function, arguments.sizes); !missing.empty())
    return makeError("no size was given for " + llvm::join(missing, ", ") + ": give --sizes " +
                     llvm::join(missing, "=SIZE,") + "=SIZE, or --inputs");
  llvm::Expected<reference::Tensors> drawn = drawInputs(
      function, chooseSizes(function, arguments.sizes, arguments.seed).front(), arguments.seed, arguments.maxInt);
  if (!drawn)
    return makeError(textOf(drawn.takeError()));
  tensors = std::move(*drawn);
  return fillMasks(arguments.lengths);
}

/// Without lengths nothing is padding: holes at random would measure something else.
llvm::Error EntryInputs::fillMasks(ArrayRef<int64_t> lengths) {
  bool any = false;
  for (auto [index, tensor] : llvm::enumerate(tensors)) {
    if (tensor.isFloat() || !StringRef(entry.inputs[index].name).contains_insensitive("mask"))
      continue;
    const bool perToken = tensor.getRank() == 2 && !lengths.empty();
    if (perToken && tensor.getShape()[0] != static_cast<int64_t>(lengths.size()))
      return makeError(Twine(lengths.size()) + " lengths were given, but input '" + entry.inputs[index].name +
                       "' has " + Twine(tensor.getShape()[0]) + " sequences");
    any |= perToken;
    for (int64_t i = 0, count = tensor.getNumElements(); i < count; ++i) {
      int64_t width = perToken ? tensor.getShape()[1] : 1;
      tensor.setInt(i, !perToken || i % width < lengths[i / width]);
    }
    if (perToken)
      for (int64_t length : lengths)
        if (length > tensor.getShape()[1])
          return makeError("length " + Twine(length) + " is more than the " + Twine(tensor.getShape()[1]) +
                           " tokens of input '" + entry.inputs[index].name + "'");
  }
  if (!any && !lengths.empty())
    return makeError("lengths were given, but no input of integers of [batch, sequence] has 'mask' in its name");
  return llvm::Error::success();
}

std::vector<std::string> EntryInputs::describe() const {
  std::vector<std::string> texts;
  for (auto [index, tensor] : llvm::enumerate(tensors)) {
    pare_rt_tensor described = toRuntime(tensor);
    texts.push_back(std::string(entry.inputs[index].name) + ": " +
                    rt::formatShape(described.dims, described.rank, described.dtype));
  }
  return texts;
}

llvm::Error EntryInputs::write(const std::string &path) const {
  std::vector<npz::ArrayView> views;
  for (auto [index, tensor] : llvm::enumerate(tensors))
    views.push_back({entry.inputs[index].name, toRuntime(tensor)});
  rt::Status status = npz::writeNpz(path, views);
  return status.failed() ? makeError(status.message()) : llvm::Error::success();
}
} // namespace pare::tool
