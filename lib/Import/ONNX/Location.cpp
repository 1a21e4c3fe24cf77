#include "pare/Import/Location.h"

#include "mlir/IR/BuiltinAttributes.h"
#include "mlir/IR/MLIRContext.h"
#include "llvm/ADT/TypeSwitch.h"
#include "llvm/Support/raw_ostream.h"

using namespace mlir;

namespace pare {
Location makeNodeLocation(MLIRContext &context, const NodeOrigin &origin) {
  Location name = NameLoc::get(StringAttr::get(&context, origin.name));
  Location file = FileLineColLoc::get(&context, origin.file, 0, 0);
  return FusedLoc::get({name, file}, StringAttr::get(&context, origin.opType), &context);
}

std::optional<NodeOrigin> getNodeOrigin(Location location) {
  return TypeSwitch<LocationAttr, std::optional<NodeOrigin>>(location)
      .Case([](FusedLoc fused) -> std::optional<NodeOrigin> {
        if (auto opType = dyn_cast_or_null<StringAttr>(fused.getMetadata())) {
          NodeOrigin origin{"", opType.getValue(), ""};
          for (Location part : fused.getLocations()) {
            if (auto name = dyn_cast<NameLoc>(part))
              origin.name = name.getName().getValue();
            else if (auto file = dyn_cast<FileLineColLoc>(part))
              origin.file = file.getFilename().getValue();
          }
          return origin;
        }
        for (Location part : fused.getLocations())
          if (auto origin = getNodeOrigin(part))
            return origin;
        return std::nullopt;
      })
      .Case([](CallSiteLoc call) { return getNodeOrigin(call.getCallee()); })
      .Case([](NameLoc name) { return getNodeOrigin(name.getChildLoc()); })
      .Default([](LocationAttr) { return std::nullopt; });
}

std::string describe(Location location) {
  if (auto origin = getNodeOrigin(location))
    return ("node '" + origin->name + "' (" + origin->opType + ")").str();
  std::string text;
  llvm::raw_string_ostream(text) << location;
  return text;
}
} // namespace pare
