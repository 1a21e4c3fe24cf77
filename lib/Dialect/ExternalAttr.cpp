// Elements that stay in the file they come from.
#include "pare/Dialect/Pare.h"

using namespace mlir;
using namespace pare;

namespace {
/// Bytes of the elements of `type`; std::nullopt when they are not known or beyond 63 bits.
std::optional<uint64_t> sizeInBytes(RankedTensorType type) {
  if (!type.getElementType().isIntOrFloat())
    return std::nullopt;
  int64_t bytes = elementBytes(type.getElementType());
  for (int64_t size : type.getShape())
    if (ShapedType::isDynamic(size) || llvm::MulOverflow(bytes, size, bytes))
      return std::nullopt;
  return bytes;
}
} // namespace

LogicalResult ExternalAttr::verify(llvm::function_ref<InFlightDiagnostic()> emitError, StringRef path, uint64_t offset,
                                   RankedTensorType type) {
  std::optional<uint64_t> bytes = sizeInBytes(type);
  if (!bytes)
    return emitError() << "needs a static type of integers or floats, got " << type;
  auto *dialect = type.getContext()->getOrLoadDialect<PareDialect>();
  llvm::Expected<StringRef> file = dialect->mapFile(path);
  if (!file)
    return emitError() << llvm::toString(file.takeError());
  if (offset > file->size() || file->size() - offset < *bytes)
    return emitError() << "file '" << path << "' has " << file->size() << " bytes, too few for " << *bytes
                       << " at offset " << offset;
  return success();
}

ArrayRef<char> ExternalAttr::getBytes() const {
  auto *dialect = getContext()->getOrLoadDialect<PareDialect>();
  llvm::Expected<StringRef> file = dialect->mapFile(getPath());
  if (!file) {
    llvm::consumeError(file.takeError());
    return {};
  }
  // Attributes built without their verifier may lie outside.
  uint64_t bytes = sizeInBytes(getType()).value_or(0);
  if (getOffset() > file->size() || file->size() - getOffset() < bytes)
    return {};
  return ArrayRef<char>(file->data() + getOffset(), bytes);
}
