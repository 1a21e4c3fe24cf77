// The JSON that describes an artefact.
#include "mlir/IR/BuiltinTypes.h"
#include "pare-rt/abi.h"
#include "pare-rt/format.h"
#include "pare/Target/Artefact.h"
#include "llvm/ADT/TypeSwitch.h"
#include "llvm/Support/JSON.h"

using namespace mlir;

namespace pare {
namespace {
/// "" when the runtime has no such type.
std::string dtypeName(Type type) {
  return llvm::TypeSwitch<Type, std::string>(type)
      .Case<Float32Type>([](auto) { return "f32"; })
      .Case<Float64Type>([](auto) { return "f64"; })
      .Case<Float16Type>([](auto) { return "f16"; })
      .Case<BFloat16Type>([](auto) { return "bf16"; })
      .Case<IntegerType>([](IntegerType integer) -> std::string {
        unsigned width = integer.getWidth();
        if (width == 1)
          return "bool";
        if (width != 8 && width != 16 && width != 32 && width != 64)
          return "";
        return (integer.isUnsigned() ? "u" : "i") + std::to_string(width);
      })
      .Default([](Type) { return ""; });
}

class Writer {
public:
  Writer(ModuleOp module, NodeNames nodesOf, llvm::json::OStream &json)
      : module(module), nodesOf(nodesOf), json(json) {}

  LogicalResult write(StringRef producer) {
    auto entries = module->getAttrOfType<ArrayAttr>(kEntriesAttr);
    if (!entries || entries.empty())
      return fail("needs at least one entry in " + kEntriesAttr);
    json.objectBegin();
    json.attribute("format", PARE_FORMAT_VERSION);
    json.attribute("abi", PARE_ABI_VERSION);
    json.attribute("producer", producer);
    json.attributeArray("variants", [&] { writeVariants(); });
    LogicalResult result = success();
    json.attributeArray("entries", [&] {
      for (Attribute entry : entries)
        if (succeeded(result))
          result = writeEntry(dyn_cast<DictionaryAttr>(entry));
    });
    if (auto launches = module->getAttrOfType<ArrayAttr>(kLaunchesAttr))
      json.attributeArray("launches", [&] {
        for (Attribute launch : launches)
          if (succeeded(result))
            result = writeLaunch(dyn_cast<DictionaryAttr>(launch));
      });
    json.attributeObject("report", [] {});
    json.objectEnd();
    return result;
  }

private:
  LogicalResult fail(const llvm::Twine &text) { return module.emitError() << text; }

  /// Each variant once, the lowest first.
  void writeVariants() {
    std::set<StringRef> variants;
    for (auto part : module.getOps<ModuleOp>())
      if (auto variant = part->getAttrOfType<StringAttr>(kVariantAttr))
        variants.insert(variant.getValue());
    for (StringRef variant : variants)
      json.value(variant);
  }

  LogicalResult writeName(DictionaryAttr value) {
    auto name = value ? value.getAs<StringAttr>("name") : StringAttr();
    if (!name)
      return fail(kEntriesAttr + ": a name is missing");
    if (!llvm::json::isUTF8(name.getValue()))
      return fail(kEntriesAttr + ": the name '" + llvm::json::fixUTF8(name.getValue()) + "' is not UTF-8");
    json.attribute("name", name.getValue());
    return success();
  }

  LogicalResult writeEntry(DictionaryAttr entry) {
    json.objectBegin();
    LogicalResult result = writeName(entry);
    for (StringRef list : {"inputs", "outputs"}) {
      if (failed(result))
        break;
      auto values = entry.getAs<ArrayAttr>(list);
      if (!values)
        result = fail(kEntriesAttr + ": " + list + " is missing");
      json.attributeArray(list, [&] {
        for (Attribute value : values ? values.getValue() : ArrayRef<Attribute>())
          if (succeeded(result))
            result = writeValue(dyn_cast<DictionaryAttr>(value));
      });
    }
    json.objectEnd();
    return result;
  }

  LogicalResult writeValue(DictionaryAttr value) {
    json.objectBegin();
    LogicalResult result = writeName(value);
    if (succeeded(result))
      result = writeType(value);
    json.objectEnd();
    return result;
  }

  LogicalResult writeType(DictionaryAttr value) {
    auto typeAttr = value.getAs<TypeAttr>("type");
    auto type = typeAttr ? dyn_cast<RankedTensorType>(typeAttr.getValue()) : RankedTensorType();
    std::string dtype = type ? dtypeName(type.getElementType()) : "";
    if (dtype.empty())
      return fail(kEntriesAttr + ": '" + value.getAs<StringAttr>("name").getValue() +
                  "' needs a ranked tensor type of numbers or booleans");
    auto dims = value.getAs<ArrayAttr>("dims");
    const bool named = dims && !dims.empty();
    if (named && static_cast<int64_t>(dims.size()) != type.getRank())
      return fail(kEntriesAttr + ": '" + value.getAs<StringAttr>("name").getValue() +
                  "' needs one dimension name (or \"\") per axis, or none at all");
    json.attribute("dtype", dtype);
    json.attributeArray("dims", [&] {
      for (auto [axis, size] : llvm::enumerate(type.getShape())) {
        auto name = named ? dyn_cast<StringAttr>(dims[axis]) : StringAttr();
        if (!ShapedType::isDynamic(size))
          json.value(size);
        else if (name && !name.empty())
          json.value(llvm::json::fixUTF8(name.getValue()));
        else
          json.value(nullptr);
      }
    });
    return success();
  }

  LogicalResult writeLaunch(DictionaryAttr launch) {
    auto kernel = launch ? launch.getAs<IntegerAttr>("kernel") : IntegerAttr();
    auto name = launch ? launch.getAs<StringAttr>("name") : StringAttr();
    if (!kernel || !name)
      return fail(kLaunchesAttr + ": a kernel or a name is missing");
    json.object([&] {
      json.attribute("kernel", kernel.getInt());
      json.attribute("name", llvm::json::fixUTF8(name.getValue()));
      json.attributeArray("nodes", [&] { writeNodes(launch.getAs<ArrayAttr>("locations")); });
    });
    return success();
  }

  /// Each once, in their order.
  void writeNodes(ArrayAttr locations) {
    std::set<std::string> seen;
    for (Attribute location : locations &&nodesOf ? locations.getValue() : ArrayRef<Attribute>())
      if (auto loc = dyn_cast<LocationAttr>(location))
        for (const std::string &node : nodesOf(Location(loc))) {
          std::string text = llvm::json::fixUTF8(StringRef(node).take_until([](char c) { return c == 0; }));
          if (seen.insert(text).second)
            json.value(text);
        }
  }

  ModuleOp module;
  NodeNames nodesOf;
  llvm::json::OStream &json;
};
} // namespace

FailureOr<std::string> makeManifest(ModuleOp module, StringRef producer, NodeNames nodesOf) {
  std::string text;
  llvm::raw_string_ostream stream(text);
  llvm::json::OStream json(stream);
  if (failed(Writer(module, nodesOf, json).write(producer)))
    return failure();
  return text;
}
} // namespace pare
