#include "Inspect.h"

#include "Artefact.h"
#include "Sizes.h"
#include "base/Status.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "pare/Analysis/SymbolicDims.h"
#include "pare/Compiler/Compilation.h"
#include "pare/Dialect/Pare.h"
#include <cstdio>
#include <map>

using namespace mlir;

namespace pare::tool {
namespace {
std::string shapeText(Type type, ArrayAttr names) {
  auto ranked = dyn_cast<RankedTensorType>(type);
  if (!ranked)
    return "?";
  std::vector<std::string> dims;
  for (auto [axis, size] : llvm::enumerate(ranked.getShape())) {
    auto name = names && axis < names.size() ? dyn_cast<StringAttr>(names[axis]) : StringAttr();
    dims.push_back(!ShapedType::isDynamic(size) ? std::to_string(size)
                   : name && !name.empty()      ? name.getValue().str()
                                                : "?");
  }
  return rt::formatShape(dims, dtypeOf(ranked.getElementType()));
}

void printValue(const char *kind, DictionaryAttr attributes, Type type) {
  auto name = attributes ? attributes.getAs<StringAttr>(kNameAttr) : StringAttr();
  auto dims = attributes ? attributes.getAs<ArrayAttr>(kDimsAttr) : ArrayAttr();
  printf("  %s %s: %s\n", kind, name ? name.getValue().str().c_str() : "", shapeText(type, dims).c_str());
}

void printSignature(func::FuncOp function) {
  printf("entry %s\n", function.getName().str().c_str());
  for (auto [index, type] : llvm::enumerate(function.getArgumentTypes()))
    printValue("input ", function.getArgAttrDict(index), type);
  for (auto [index, type] : llvm::enumerate(function.getResultTypes()))
    printValue("output", function.getResultAttrDict(index), type);
}

/// "1.23 GFLOPs"; nothing for none.
std::string flopsText(double number) {
  const char *units[] = {"", "k", "M", "G", "T", "P"};
  size_t unit = 0;
  for (; number >= 1000 && unit + 1 < std::size(units); ++unit)
    number /= 1000;
  char text[32];
  snprintf(text, sizeof text, "%.3g %sFLOPs", number, units[unit]);
  return number ? text : "";
}

std::string unknownText(int64_t ops) {
  return ops ? " and " + std::to_string(ops) + " ops whose sizes follow from data" : "";
}

/// The ops of one kind.
struct Kind {
  int64_t ops = 0;
  double flops = 0;
  /// Ops with a size that follows from data, whose work is not in `flops`.
  int64_t unknown = 0;
};

using Kinds = std::map<std::string, Kind>;

/// Work of the ops of a function for given sizes.
class Counter {
public:
  Counter(func::FuncOp function, const Sizes &sizes) : dims(function), sizes(sizes) {
    function.walk([&](Operation *op) {
      if (!op->hasTrait<OpTrait::IsTerminator>() && op != function.getOperation() && !isa<ConstantOp>(op))
        count(op);
    });
  }

  Kinds kinds;

private:
  void count(Operation *op) {
    Kind &kind = kinds[op->getName().stripDialect().str()];
    ++kind.ops;
    auto cost = dyn_cast<CostOpInterface>(op);
    if (!cost)
      return;
    bool known = true;
    double flops = cost.getFlops([&](Value value, int64_t axis) { return size(value, axis, known); });
    if (known)
      kind.flops += flops;
    else
      ++kind.unknown;
  }

  int64_t size(Value value, int64_t axis, bool &known) {
    AffineExpr expr = dims.dim(value, axis);
    SmallVector<AffineExpr> replacements;
    expr.walk([&](AffineExpr part) {
      auto symbol = dyn_cast<AffineSymbolExpr>(part);
      if (!symbol)
        return;
      for (unsigned next = replacements.size(); next <= symbol.getPosition(); ++next)
        replacements.push_back(getAffineSymbolExpr(next, expr.getContext()));
      auto found = sizes.dims.find(dims.getName(symbol.getPosition()));
      if (found != sizes.dims.end())
        replacements[symbol.getPosition()] = getAffineConstantExpr(found->second, expr.getContext());
    });
    auto constant = dyn_cast<AffineConstantExpr>(expr.replaceSymbols(replacements));
    known &= static_cast<bool>(constant);
    return constant ? constant.getValue() : 0;
  }

  SymbolicDims dims;
  const Sizes &sizes;
};

void printWeights(func::FuncOp function) {
  llvm::DenseSet<Attribute> weights;
  uint64_t bytes = 0;
  function.walk([&](ConstantOp constant) {
    auto type = cast<ShapedType>(constant.getValue().getType());
    if (weights.insert(constant.getValue()).second)
      bytes += static_cast<uint64_t>(type.getNumElements()) * elementBytes(type.getElementType());
  });
  printf("constants: %s in %u tensors\n", rt::formatBytes(bytes).c_str(), weights.size());
}

void printWork(const Kinds &ops, const Kinds &work, const std::string &sizes) {
  std::vector<std::pair<std::string, Kind>> sorted(ops.begin(), ops.end());
  Kind total;
  for (auto &[name, kind] : sorted) {
    auto found = work.find(name);
    kind.flops = found == work.end() ? 0 : found->second.flops;
    kind.unknown = found == work.end() ? 0 : found->second.unknown;
    total.ops += kind.ops;
    total.flops += kind.flops;
    total.unknown += kind.unknown;
  }
  llvm::sort(sorted, [](const auto &a, const auto &b) {
    return std::make_tuple(-a.second.flops, -a.second.ops, a.first) <
           std::make_tuple(-b.second.flops, -b.second.ops, b.first);
  });
  printf("work%s: %s%s\n", sizes.empty() ? "" : (" for " + sizes).c_str(), flopsText(total.flops).c_str(),
         unknownText(total.unknown).c_str());
  printf("ops: %lld of %zu kinds\n", static_cast<long long>(total.ops), sorted.size());
  for (const auto &[name, kind] : sorted)
    printf("  %-16s %6lld  %s%s\n", name.c_str(), static_cast<long long>(kind.ops), flopsText(kind.flops).c_str(),
           unknownText(kind.unknown).c_str());
}

/// Sizes as asked for, 1 for the rest.
Sizes chooseWorkSizes(func::FuncOp function, ArrayRef<std::string> given) {
  std::vector<std::string> wanted;
  for (const std::string &name : openDims(function))
    wanted.push_back(name + "=1");
  wanted.insert(wanted.end(), given.begin(), given.end());
  return chooseSizes(function, wanted, 0).front();
}

/// The same model with those sizes fixed, so that all that follows from them is known. Null when it is IR, whose types
/// stay as they are, or does not take these sizes.
std::unique_ptr<Compilation> fixSizes(func::FuncOp function, const Sizes &sizes, const InspectArguments &arguments) {
  CompileOptions options = arguments.options;
  if (options.startFrom || StringRef(arguments.model).ends_with(".mlir"))
    return nullptr;
  for (auto [index, type] : llvm::enumerate(function.getArgumentTypes())) {
    auto ranked = dyn_cast<RankedTensorType>(type);
    auto name = function.getArgAttrOfType<StringAttr>(index, kNameAttr);
    auto dims = function.getArgAttrOfType<ArrayAttr>(index, kDimsAttr);
    if (!ranked || !name)
      return nullptr;
    std::vector<int64_t> shape = ranked.getShape();
    for (auto [axis, size] : llvm::enumerate(shape))
      if (ShapedType::isDynamic(size)) {
        auto dim = dims && axis < dims.size() ? dyn_cast<StringAttr>(dims[axis]) : StringAttr();
        auto found = dim ? sizes.dims.find(dim.getValue()) : sizes.dims.end();
        size = found == sizes.dims.end() ? sizes.others : found->second;
      }
    options.inputShapes[name.getValue().str()] = shape;
  }
  auto compilation = std::make_unique<Compilation>(options);
  if (!compilation->load(arguments.model) || !compilation->advance(Phase::Simplify))
    return nullptr;
  return compilation;
}

void inspectEntry(func::FuncOp function, const InspectArguments &arguments) {
  printSignature(function);
  printWeights(function);
  Sizes sizes = chooseWorkSizes(function, arguments.sizes);
  Kinds ops = Counter(function, sizes).kinds, work = ops;
  if (std::unique_ptr<Compilation> fixed = fixSizes(function, sizes, arguments))
    if (auto same = fixed->getModule().lookupSymbol<func::FuncOp>(function.getName()))
      work = Counter(same, sizes).kinds;
  printWork(ops, work, sizes.text);
}
} // namespace

int inspectModel(const InspectArguments &arguments) {
  if (StringRef(arguments.model).ends_with(".pare"))
    return inspectArtefact(arguments);
  Compilation compilation(arguments.options);
  bool good = compilation.load(arguments.model);
  if (good && compilation.getPhase() > Phase::Pare)
    good = compilation.fail("IR behind phase 'pare' has nothing to inspect");
  if (std::string error = good ? checkSizes(compilation.getModule(), arguments.sizes) : ""; !error.empty())
    good = compilation.fail(error);
  good = good && compilation.advance(Phase::Simplify);
  fputs(CompileResult{good, compilation.takeDiagnostics()}.text().c_str(), stderr);
  if (!good)
    return 1;
  for (auto function : compilation.getModule().getOps<func::FuncOp>())
    if (!function.isPrivate() && !function.isExternal())
      inspectEntry(function, arguments);
  return 0;
}
} // namespace pare::tool
