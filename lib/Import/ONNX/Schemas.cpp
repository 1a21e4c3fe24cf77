// The only file that calls into ONNX's library, which reports by exceptions: it is compiled with -fexceptions and lets
// none of them out.
#include "Schemas.h"

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wall"
#pragma GCC diagnostic ignored "-Wextra"
#include "onnx/defs/schema.h"
#pragma GCC diagnostic pop

namespace pare::onnx_import {
static const onnx::OpSchema *getSchema(const std::string &domain, const std::string &opType, int64_t version) {
  return onnx::OpSchemaRegistry::Schema(opType, int(version), domain);
}

bool isStandardOp(const std::string &domain, const std::string &opType, int64_t version) {
  try {
    return getSchema(domain, opType, version) != nullptr;
  } catch (...) {
    return false;
  }
}

bool hasStandardBody(const std::string &domain, const std::string &opType, int64_t version) {
  try {
    const onnx::OpSchema *schema = getSchema(domain, opType, version);
    return schema && (schema->HasFunction() || schema->HasContextDependentFunction());
  } catch (...) {
    return false;
  }
}

std::optional<onnx::FunctionProto> getStandardBody(onnx::NodeProto &node, int64_t version,
                                                   const std::vector<onnx::TypeProto> &inputTypes,
                                                   std::string &reason) {
  if (!hasStandardBody(node.domain(), node.op_type(), version))
    return std::nullopt;
  try {
    const onnx::OpSchema *schema = getSchema(node.domain(), node.op_type(), version);
    // Those who build the bodies rely on it. It refuses all that is deprecated, which old models may use.
    try {
      if (!schema->Deprecated())
        schema->Verify(node);
    } catch (const std::exception &exception) {
      reason = exception.what();
      return std::nullopt;
    }
    for (const auto &[name, attribute] : schema->attributes()) {
      bool given = false;
      for (const onnx::AttributeProto &present : node.attribute())
        given |= present.name() == name;
      if (!given && attribute.default_value.has_name()) {
        *node.add_attribute() = attribute.default_value;
        node.mutable_attribute(node.attribute_size() - 1)->set_name(name);
      }
    }
    if (schema->HasFunction())
      if (const onnx::FunctionProto *body = schema->GetFunction(int(version)))
        return *body;
    onnx::FunctionBodyBuildContextImpl context(node, inputTypes);
    onnx::FunctionProto body;
    // The bodies are versioned by the opset that they are written in; take the newest that the model may use.
    if (schema->HasContextDependentFunction() && schema->BuildContextDependentFunction(context, body, int(version)))
      return body;
  } catch (...) { // the body cannot be built for this node
  }
  return std::nullopt;
}
} // namespace pare::onnx_import
