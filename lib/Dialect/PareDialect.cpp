// The dialect itself: what it registers and the files it maps.
#include "mlir/IR/DialectImplementation.h"
#include "mlir/IR/OpImplementation.h"
#include "pare/Dialect/Pare.h"
#include "llvm/ADT/TypeSwitch.h"

using namespace mlir;
using namespace pare;

#include "pare/Dialect/PareDialect.cpp.inc"

#include "pare/Dialect/PareEnums.cpp.inc"

#define GET_ATTRDEF_CLASSES
#include "pare/Dialect/PareAttrs.cpp.inc"

LogicalResult LevelsAttr::verify(llvm::function_ref<InFlightDiagnostic()> emitError, FloatAttr scale, int64_t zeroPoint,
                                 int64_t low, int64_t high) {
  if (!scale || !(scale.getValueAsDouble() > 0) || !scale.getValue().isFinite())
    return emitError() << "needs a scale that is positive and finite";
  if (low > zeroPoint || zeroPoint > high)
    return emitError() << "needs a zero point from " << low << " to " << high << ", got " << zeroPoint;
  return success();
}

void PareDialect::initialize() {
  addAttributes<
#define GET_ATTRDEF_LIST
#include "pare/Dialect/PareAttrs.cpp.inc"
      >();
  addOperations<
#define GET_OP_LIST
#include "pare/Dialect/PareOps.cpp.inc"
      >();
}

Operation *PareDialect::materializeConstant(OpBuilder &builder, Attribute value, Type type, Location loc) {
  auto typed = dyn_cast<TypedAttr>(value);
  if (!typed || !isa<TensorType>(type) || !areCompatible(typed.getType(), type))
    return nullptr;
  return ConstantOp::create(builder, loc, type, typed);
}

llvm::Expected<StringRef> PareDialect::mapFile(StringRef path) {
  std::lock_guard<std::mutex> lock(mutex);
  std::unique_ptr<llvm::MemoryBuffer> &buffer = files[path];
  if (!buffer) {
    auto file = llvm::MemoryBuffer::getFile(path, /*IsText=*/false, /*RequiresNullTerminator=*/false);
    if (!file) {
      files.erase(path);
      return llvm::createStringError(file.getError(), "cannot map file '%s': %s", path.str().c_str(),
                                     file.getError().message().c_str());
    }
    buffer = std::move(*file);
  }
  return buffer->getBuffer();
}
