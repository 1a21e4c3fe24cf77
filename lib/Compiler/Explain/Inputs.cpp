#include "Inputs.h"

#include "pare/Dialect/Pare.h"
#include "pare/Dialect/Shapes.h"
#include "llvm/ADT/SetVector.h"
#include "llvm/ADT/StringExtras.h"
#include <cmath>
#include <random>

using namespace mlir;

namespace pare::explain {
using reference::Tensor;

namespace {
constexpr int64_t kDefaultBatch = 16, kDefaultLength = 128;

std::string dtypeName(Type type) {
  if (auto integer = dyn_cast<IntegerType>(type))
    return integer.getWidth() == 1 ? "bool" : (integer.isUnsigned() ? "u" : "i") + std::to_string(integer.getWidth());
  std::string text;
  llvm::raw_string_ostream(text) << type;
  return text;
}

std::string dtypeName(pare_rt_dtype dtype) {
  switch (dtype) {
  case PARE_RT_F32:
    return "f32";
  case PARE_RT_F64:
    return "f64";
  case PARE_RT_F16:
    return "f16";
  case PARE_RT_BF16:
    return "bf16";
  case PARE_RT_BOOL:
    return "bool";
  case PARE_RT_I8:
    return "i8";
  case PARE_RT_I16:
    return "i16";
  case PARE_RT_I32:
    return "i32";
  case PARE_RT_I64:
    return "i64";
  case PARE_RT_U8:
    return "u8";
  case PARE_RT_U16:
    return "u16";
  case PARE_RT_U32:
    return "u32";
  case PARE_RT_U64:
    return "u64";
  default:
    return "?";
  }
}

template <typename Range> std::string shapeText(const std::string &dtype, const Range &sizes) {
  std::string text;
  for (const auto &size : sizes)
    text += (text.empty() ? "" : ", ") + llvm::Twine(size).str();
  return dtype + "[" + text + "]";
}

/// What decides which keys attention looks at.
struct MaskSources {
  /// Arguments of the function by number.
  SmallVector<unsigned> arguments;
  /// Numbers that it compares with.
  SmallVector<int64_t> numbers;
  SmallVector<Value> keyMasks;
};

MaskSources findMaskSources(func::FuncOp function) {
  MaskSources sources;
  llvm::SetVector<Value> work;
  for (Operation &op : function.front()) {
    if (auto attention = dyn_cast<AttentionOp>(op)) {
      if (attention.getKeyMask()) {
        work.insert(attention.getKeyMask());
        sources.keyMasks.push_back(attention.getKeyMask());
      }
      if (attention.getMask())
        work.insert(attention.getMask());
    } else if (auto rows = dyn_cast<RowsFromMaskOp>(op)) {
      work.insert(rows.getMask());
      sources.keyMasks.push_back(rows.getMask());
    }
  }
  for (size_t at = 0; at < work.size(); ++at) {
    Value value = work[at];
    if (auto argument = dyn_cast<BlockArgument>(value)) {
      auto type = dyn_cast<RankedTensorType>(argument.getType());
      if (argument.getOwner() == &function.front() && type && type.getRank() == 2)
        sources.arguments.push_back(argument.getArgNumber());
      continue;
    }
    Operation *op = value.getDefiningOp();
    if (isa<ShapeOfOp>(op)) // reads sizes alone
      continue;
    if (isa<CompareOp>(op))
      for (Value operand : op->getOperands())
        if (auto number = getConstantInts(operand, 1); number && number->size() == 1)
          sources.numbers.push_back(number->front());
    work.insert(op->operand_begin(), op->operand_end());
  }
  llvm::sort(sources.arguments);
  return sources;
}

bool namesMask(StringRef name) { return name.contains_insensitive("mask"); }

class Chooser {
public:
  Chooser(func::FuncOp function, const Options &options, std::vector<ConcreteInput> &inputs, Report &report)
      : function(function), options(options), inputs(inputs), report(report), sources(findMaskSources(function)) {
    for (unsigned i = 0; i < function.getNumArguments(); ++i) {
      auto name = function.getArgAttrOfType<StringAttr>(i, kNameAttr);
      names.push_back(name ? name.getValue().str() : "input " + std::to_string(i));
    }
  }

  std::string choose() {
    for (unsigned i = 0; i < function.getNumArguments(); ++i)
      if (!isa<RankedTensorType>(function.getArgumentTypes()[i]))
        return "input '" + names[i] + "' has no declared rank; give its shape with --shape";
    maskArgument = findMaskArgument();
    std::string error = checkNames();
    if (error.empty())
      error = options.inputs.empty() ? makeInputs() : takeInputs();
    if (!error.empty())
      return error;
    describe();
    if (maskArgument && sources.keyMasks.empty())
      report.lengthsNote =
          "no attention was recognised that masks its keys by '" + report.maskInput + "': lengths make no difference";
    return "";
  }

private:
  RankedTensorType typeOf(unsigned argument) { return cast<RankedTensorType>(function.getArgumentTypes()[argument]); }

  /// Empty for a dimension without a name.
  std::string dimName(unsigned argument, int64_t axis) {
    auto dims = function.getArgAttrOfType<ArrayAttr>(argument, kDimsAttr);
    auto name = dims && axis < static_cast<int64_t>(dims.size()) ? dyn_cast<StringAttr>(dims[axis]) : StringAttr();
    return name ? name.getValue().str() : "";
  }

  std::optional<unsigned> findMaskArgument() {
    // One that is named so is likelier than tokens that are compared with something.
    for (unsigned argument : sources.arguments)
      if (namesMask(names[argument]))
        return argument;
    if (!sources.arguments.empty())
      return sources.arguments.front();
    for (unsigned i = 0; i < names.size(); ++i)
      if (namesMask(names[i]) && typeOf(i).getRank() == 2)
        return i;
    return std::nullopt;
  }

  std::string checkNames() {
    llvm::SetVector<StringRef> open;
    std::vector<std::string> all;
    for (unsigned i = 0; i < names.size(); ++i)
      for (int64_t axis = 0; axis < typeOf(i).getRank(); ++axis)
        if (std::string name = dimName(i, axis); typeOf(i).isDynamicDim(axis) && !name.empty())
          all.push_back(name);
    for (const std::string &name : all)
      open.insert(name);
    for (const auto &[name, size] : options.sizes) {
      if (!open.contains(name))
        return "size '" + name + "': the model has no open dimension of that name; it has: " +
               (open.empty() ? "none" : llvm::join(open.getArrayRef(), ", "));
      if (size < 1)
        return "size '" + name + "': expected 1 or more, got " + std::to_string(size);
    }
    for (const auto &[name, array] : options.inputs)
      if (!llvm::is_contained(names, name))
        return "'" + name + "' is not an input of the model, which takes: " + llvm::join(names, ", ");
    return "";
  }

  //===- Arrays of the user -------------------------------------------------------------------------------------===//

  std::string takeInputs() {
    std::map<std::string, int64_t> sizes(options.sizes);
    for (unsigned i = 0; i < names.size(); ++i) {
      RankedTensorType type = typeOf(i);
      auto found = options.inputs.find(names[i]);
      if (found == options.inputs.end())
        return "input '" + names[i] + "' is missing: expected " + declared(i);
      const pare_rt_tensor &array = found->second;
      ArrayRef<int64_t> shape(array.dims, array.rank);
      bool fits = dtypeName(array.dtype) == dtypeName(type.getElementType()) &&
                  static_cast<int64_t>(array.rank) == type.getRank();
      for (int64_t axis = 0; fits && axis < type.getRank(); ++axis) {
        fits = type.isDynamicDim(axis) || type.getDimSize(axis) == shape[axis];
        if (std::string name = dimName(i, axis); type.isDynamicDim(axis) && !name.empty())
          if (int64_t size = sizes.try_emplace(name, shape[axis]).first->second; size != shape[axis])
            return "input '" + names[i] + "': dimension '" + name + "' is " + std::to_string(shape[axis]) +
                   ", elsewhere " + std::to_string(size);
      }
      if (!fits)
        return "input '" + names[i] + "': expected " + declared(i) + ", got " +
               shapeText(dtypeName(array.dtype), shape);
      inputs.push_back({SmallVector<int64_t>(shape), Tensor::copy(type.getElementType(), shape,
                                                                  ArrayRef(static_cast<const char *>(array.data),
                                                                           static_cast<size_t>(array.size)))});
    }
    std::string error;
    std::unique_ptr<ConcreteFunction> concrete = ConcreteFunction::make(function, inputs, error);
    if (!concrete)
      return error;
    if (!maskArgument)
      return "";
    report.maskInput = names[*maskArgument];
    report.maxLength = inputs[*maskArgument].shape[1];
    report.lengthsOrigin = "what --inputs keep of each sequence";
    const Tensor *mask = nullptr;
    for (Value value : sources.keyMasks)
      if (Value here = concrete->lookup(value); !mask && here)
        mask = concrete->elements(here);
    if (!mask && namesMask(names[*maskArgument]))
      mask = &*inputs[*maskArgument].elements;
    if (mask && mask->getRank() == 2 && mask->getShape()[0] == inputs[*maskArgument].shape[0])
      for (int64_t b = 0; b < mask->getShape()[0]; ++b) {
        int64_t length = 0;
        for (int64_t s = 0; s < mask->getShape()[1]; ++s)
          length += mask->getDouble(b * mask->getShape()[1] + s) != 0;
        report.lengths.push_back(length);
      }
    return "";
  }

  //===- Inputs by size -----------------------------------------------------------------------------------------===//

  std::string makeInputs() {
    if (!options.lengths.empty() && !maskArgument)
      return "lengths were given, but no input of the model masks a sequence";
    // Without a mask, sizes alone matter: axis 0 for the batch, the rest for lengths.
    unsigned sequences = maskArgument.value_or(0);
    for (unsigned i = 0; !maskArgument && i < names.size(); ++i)
      if (typeOf(i).getRank() == 2 && isa<IntegerType>(typeOf(i).getElementType())) {
        sequences = i;
        break;
      }
    std::string batchName, lengthName;
    int64_t batch = options.lengths.empty() ? kDefaultBatch : static_cast<int64_t>(options.lengths.size());
    int64_t length = options.lengths.empty() ? kDefaultLength : 1;
    for (int64_t given : options.lengths)
      length = std::max(length, given);
    bool isDefault = options.lengths.empty();
    if (sequences < names.size()) {
      auto fix = [&](int64_t axis, std::string &name, int64_t &size) {
        if (axis >= typeOf(sequences).getRank())
          return false;
        if (!typeOf(sequences).isDynamicDim(axis)) {
          size = typeOf(sequences).getDimSize(axis);
          return true;
        }
        name = dimName(sequences, axis);
        auto found = options.sizes.find(name);
        if (found != options.sizes.end())
          size = found->second;
        return found != options.sizes.end();
      };
      fix(0, batchName, batch);
      isDefault &= !fix(1, lengthName, length);
    }
    if (!options.lengths.empty() && static_cast<int64_t>(options.lengths.size()) != batch)
      return "there are " + std::to_string(options.lengths.size()) + " lengths for " + std::to_string(batch) +
             " sequences" + (batchName.empty() ? "" : " (dimension '" + batchName + "')");
    for (int64_t given : options.lengths)
      if (given > length)
        return "length " + std::to_string(given) + " is more than the " + std::to_string(length) +
               " tokens of a sequence" + (lengthName.empty() ? "" : " (dimension '" + lengthName + "')");

    // A default that is too long for the model (its table of positions may end) is made shorter.
    std::string error;
    for (int64_t size = length;; size /= 2) {
      fillSizes(batchName, batch, lengthName, size);
      if (ConcreteFunction::make(function, inputs, error)) {
        length = size;
        break;
      }
      if (!isDefault || size <= 1)
        return error + (lengthName.empty() ? "" : "; try another --shape " + lengthName + "=...");
    }
    if (maskArgument)
      fillMask(length);
    return "";
  }

  void fillSizes(const std::string &batchName, int64_t batch, const std::string &lengthName, int64_t length) {
    inputs.clear();
    for (unsigned i = 0; i < names.size(); ++i) {
      inputs.emplace_back();
      for (int64_t axis = 0; axis < typeOf(i).getRank(); ++axis) {
        int64_t size = typeOf(i).getDimSize(axis);
        if (ShapedType::isDynamic(size)) {
          std::string name = dimName(i, axis);
          auto found = options.sizes.find(name);
          bool isBatch = name.empty() ? axis == 0 : name == batchName || (axis == 0 && name != lengthName);
          size = found != options.sizes.end() ? found->second : isBatch ? batch : length;
        }
        inputs.back().shape.push_back(size);
      }
    }
  }

  Tensor rows(unsigned argument, double valid, double padding) {
    ArrayRef<int64_t> shape = inputs[argument].shape;
    Tensor tensor(typeOf(argument).getElementType(), shape);
    for (int64_t b = 0; b < shape[0]; ++b)
      for (int64_t s = 0; s < shape[1]; ++s)
        tensor.setDouble(b * shape[1] + s,
                         b < static_cast<int64_t>(report.lengths.size()) && s < report.lengths[b] ? valid : padding);
    return tensor;
  }

  void fillMask(int64_t length) {
    int64_t batch = inputs[*maskArgument].shape[0];
    report.maskInput = names[*maskArgument];
    report.maxLength = length;
    report.lengths = options.lengths;
    report.lengthsOrigin = "--lengths";
    if (report.lengths.empty()) {
      report.lengths = drawLengths(batch, length, options.mean, options.seed);
      char text[96];
      snprintf(text, sizeof text, "uniform with mean %.4g of %lld, seed %llu", options.mean,
               static_cast<long long>(length), static_cast<unsigned long long>(options.seed));
      report.lengthsOrigin = text;
    }
    // Which elements mean padding is found by trying: the keys that the model then looks at must be those of the
    // lengths.
    std::vector<std::pair<double, double>> choices = {{1, 0}, {0, 1}};
    for (int64_t number : sources.numbers)
      choices.insert(choices.end(), {{static_cast<double>(number + 1), static_cast<double>(number)},
                                     {static_cast<double>(number), static_cast<double>(number + 1)}});
    bool found = sources.keyMasks.empty();
    for (auto [valid, padding] : choices) {
      inputs[*maskArgument].elements = rows(*maskArgument, valid, padding);
      origin[*maskArgument] = numberText(valid) + " in each valid place, " + numberText(padding) + " in padding";
      found = found || masksAsIntended();
      if (found)
        break;
    }
    if (!found) {
      inputs[*maskArgument].elements = rows(*maskArgument, 1, 0);
      origin[*maskArgument] = "1 in each valid place, 0 in padding";
      report.unknown.push_back("no elements of '" + report.maskInput +
                               "' were found that make the model mask what lies behind these lengths: give --inputs");
    }
    for (unsigned i = 0; i < names.size(); ++i)
      if (i != *maskArgument && namesMask(names[i]) && typeOf(i).getRank() == 2) {
        inputs[i].elements = rows(i, 1, 0);
        origin[i] = "1 in each valid place, 0 in padding";
      }
  }

  static std::string numberText(double number) { return std::to_string(static_cast<long long>(number)); }

  bool masksAsIntended() {
    std::string error;
    std::unique_ptr<ConcreteFunction> concrete = ConcreteFunction::make(function, inputs, error);
    if (!concrete)
      return false;
    for (Value value : sources.keyMasks) {
      Value here = concrete->lookup(value);
      const Tensor *mask = here ? concrete->elements(here) : nullptr;
      Tensor wanted = rows(*maskArgument, 1, 0);
      if (mask && mask->getShape() == wanted.getShape() && mask->toInts() == wanted.toInts())
        return true;
    }
    return false;
  }

  //===- The report ---------------------------------------------------------------------------------------------===//

  std::string declared(unsigned argument) {
    std::vector<std::string> dims;
    for (auto [axis, size] : llvm::enumerate(typeOf(argument).getShape())) {
      std::string name = dimName(argument, static_cast<int64_t>(axis));
      dims.push_back(!ShapedType::isDynamic(size) ? std::to_string(size) : name.empty() ? "?" : name);
    }
    return shapeText(dtypeName(typeOf(argument).getElementType()), dims);
  }

  void describe() {
    for (unsigned i = 0; i < names.size(); ++i) {
      auto found = origin.find(i);
      report.inputs.push_back({names[i], declared(i), shapeText(dtypeName(typeOf(i).getElementType()), inputs[i].shape),
                               !options.inputs.empty() ? "from --inputs"
                               : found != origin.end() ? found->second
                                                       : ""});
      for (auto [axis, size] : llvm::enumerate(inputs[i].shape)) {
        std::string name = dimName(i, static_cast<int64_t>(axis));
        if (!name.empty() && typeOf(i).isDynamicDim(axis) &&
            llvm::none_of(report.sizes, [&](const auto &pair) { return pair.first == name; }))
          report.sizes.emplace_back(name, size);
      }
    }
  }

  func::FuncOp function;
  const Options &options;
  std::vector<ConcreteInput> &inputs;
  Report &report;
  MaskSources sources;
  std::vector<std::string> names;
  std::optional<unsigned> maskArgument;
  std::map<unsigned, std::string> origin;
};
} // namespace

std::string chooseInputs(func::FuncOp function, const Options &options, std::vector<ConcreteInput> &inputs,
                         Report &report) {
  return Chooser(function, options, inputs, report).choose();
}

std::vector<int64_t> drawLengths(size_t count, int64_t maxLength, double mean, uint64_t seed) {
  std::mt19937_64 random(seed + 1); // its values are the same everywhere, unlike those of distributions
  auto share = [&] { return static_cast<double>(random() >> 11) * 0x1p-53; };
  auto most = static_cast<double>(maxLength);
  // The widest range with this mean.
  double high = std::min(most, 2 * mean * most), low = 2 * mean * most - high;
  // One length from each of as many equal ranges; those of two ranges as far from either end balance each other.
  std::vector<double> places(count, 0.5);
  for (size_t i = 0; i < count / 2; ++i) {
    places[i] = share();
    places[count - 1 - i] = 1 - places[i];
  }
  std::vector<int64_t> lengths;
  for (size_t i = 0; i < count; ++i) {
    double length = low + (high - low) * (static_cast<double>(i) + places[i]) / static_cast<double>(count);
    lengths.push_back(std::clamp<int64_t>(std::llround(length), 1, std::max<int64_t>(maxLength, 1)));
  }
  for (size_t i = count; i > 1; --i)
    std::swap(lengths[i - 1], lengths[random() % i]);
  return lengths;
}
} // namespace pare::explain
