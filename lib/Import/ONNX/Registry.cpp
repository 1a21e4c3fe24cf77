#include "Importer.h"

namespace pare::onnx_import {
const Registry &Registry::get() {
  static const Registry registry = [] {
    Registry r;
    addElementwiseHandlers(r);
    addTensorHandlers(r);
    addShapeHandlers(r);
    addIndexHandlers(r);
    addContractionHandlers(r);
    addRecurrentHandlers(r);
    addReduceHandlers(r);
    addWindowHandlers(r);
    addResizeHandlers(r);
    addNormHandlers(r);
    addQuantHandlers(r);
    addControlHandlers(r);
    addContribAttentionHandlers(r);
    addContribGroupQueryHandlers(r);
    addContribNormHandlers(r);
    addContribFusedHandlers(r);
    return r;
  }();
  return registry;
}

const Registry::Entry *Registry::find(llvm::StringRef domain, llvm::StringRef opType) const {
  std::string qualified = domain.empty() ? opType.str() : (domain + "::" + opType).str();
  auto it = entries.find(qualified);
  return it == entries.end() ? nullptr : &it->second;
}
} // namespace pare::onnx_import
