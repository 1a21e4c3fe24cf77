#include "Sizes.h"

#include "pare/Dialect/Shapes.h"
#include "pare/Reference/Random.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringExtras.h"
#include <random>

using namespace mlir;

namespace pare::tool {
namespace {
constexpr const char *kUnnamed = "?";

/// Calls `visit` with the name of each open dimension, kUnnamed where there is none.
void forEachOpenDim(func::FuncOp function, llvm::function_ref<void(StringRef)> visit) {
  for (auto [index, type] : llvm::enumerate(function.getArgumentTypes())) {
    auto ranked = dyn_cast<RankedTensorType>(type);
    if (!ranked)
      continue;
    auto names = function.getArgAttrOfType<ArrayAttr>(index, kDimsAttr);
    for (int64_t axis = 0; axis < ranked.getRank(); ++axis) {
      if (!ranked.isDynamicDim(axis))
        continue;
      auto name = names && axis < static_cast<int64_t>(names.size()) ? dyn_cast<StringAttr>(names[axis]) : StringAttr();
      visit(name && !name.empty() ? name.getValue() : kUnnamed);
    }
  }
}

class Chooser {
public:
  Chooser(func::FuncOp function, uint64_t seed) : random(seed + 1) {
    forEachOpenDim(function, [&](StringRef name) {
      if (!llvm::is_contained(names, name))
        names.push_back(name.str());
    });
  }

  /// Sizes of `fixed`, and random ones from 2 to 9 for the rest.
  Sizes choose(const llvm::StringMap<int64_t> &fixed) {
    Sizes sizes;
    for (const std::string &name : names) {
      auto found = fixed.find(name);
      int64_t size = found != fixed.end() ? found->second : 2 + static_cast<int64_t>(random() % 8);
      if (name == kUnnamed)
        sizes.others = size;
      else
        sizes.dims[name] = size;
      sizes.text += (sizes.text.empty() ? "" : ", ") + name + "=" + std::to_string(size);
    }
    return sizes;
  }

  std::vector<std::string> names;

private:
  std::mt19937_64 random; // its values are the same everywhere
};
} // namespace

std::optional<std::pair<std::string, int64_t>> parseSize(StringRef text) {
  auto [name, value] = text.rsplit('=');
  int64_t size = 0;
  if (name.empty() || value.empty() || value.getAsInteger(10, size) || size < 0)
    return std::nullopt;
  return std::make_pair(name.str(), size);
}

std::string checkSizes(ModuleOp module, ArrayRef<std::string> wanted) {
  std::vector<std::string> names;
  for (auto function : module.getOps<func::FuncOp>())
    if (!function.isPrivate())
      llvm::append_range(names, openDims(function));
  for (const std::string &text : wanted) {
    auto size = parseSize(text);
    if (!size && text != "0" && text != "1" && text != "random")
      return "size '" + text + "': expected 0, 1, random or NAME=SIZE";
    if (size && !llvm::is_contained(names, size->first))
      return "size '" + text + "': the model has no open dimension of that name; it has: " +
             (names.empty() ? "none" : llvm::join(names, ", "));
  }
  return "";
}

std::vector<std::string> openDims(func::FuncOp function) { return Chooser(function, 0).names; }

std::vector<Sizes> chooseSizes(func::FuncOp function, ArrayRef<std::string> wanted, uint64_t seed) {
  Chooser chooser(function, seed);
  llvm::StringMap<int64_t> given;
  for (const std::string &text : wanted)
    if (auto size = parseSize(text))
      given[size->first] = size->second;
  if (!given.empty() || chooser.names.empty())
    return {chooser.choose(given)};

  std::vector<Sizes> choices;
  for (const std::string &text : wanted) {
    int64_t size = 0;
    if (StringRef(text).getAsInteger(10, size)) {
      choices.push_back(chooser.choose({}));
      continue;
    }
    llvm::StringMap<int64_t> all;
    for (const std::string &name : chooser.names)
      all[name] = size;
    choices.push_back(chooser.choose(all));
    if (chooser.names.size() > 1)
      for (const std::string &name : chooser.names)
        choices.push_back(chooser.choose({{name, size}}));
  }
  return choices;
}

llvm::Expected<reference::Tensors> drawInputs(func::FuncOp function, const Sizes &sizes, uint64_t seed,
                                              int64_t maxInt) {
  reference::RandomOptions random;
  random.seed = seed;
  random.maxInt = maxInt;
  random.dims = sizes.dims;
  random.defaultSize = sizes.others;
  return reference::makeRandomInputs(function, random);
}
} // namespace pare::tool
