// The operators of the ONNX standard: which exist, and the bodies of those that are functions.
#ifndef PARE_IMPORT_ONNX_SCHEMAS_H
#define PARE_IMPORT_ONNX_SCHEMAS_H

#include "Proto.h"
#include <optional>
#include <string>
#include <vector>

namespace pare::onnx_import {
/// Whether the standard has `opType` in `domain` at opset `version`.
bool isStandardOp(const std::string &domain, const std::string &opType, int64_t version);

/// Whether the standard defines it by a body of other operators.
bool hasStandardBody(const std::string &domain, const std::string &opType, int64_t version);

/// The standard's body for `node`, whose attributes must be literal; defaults that the schema gives are added to it.
/// `inputTypes` has one entry per input, without a value where the type is not known. std::nullopt when there is none;
/// `reason` is set when that is because the standard does not allow such a node.
std::optional<onnx::FunctionProto> getStandardBody(onnx::NodeProto &node, int64_t version,
                                                   const std::vector<onnx::TypeProto> &inputTypes, std::string &reason);
} // namespace pare::onnx_import

#endif
