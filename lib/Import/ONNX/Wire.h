// The protobuf wire format of an ONNX model, read in place.
#ifndef PARE_IMPORT_ONNX_WIRE_H
#define PARE_IMPORT_ONNX_WIRE_H

#include "llvm/ADT/StringRef.h"
#include "llvm/Support/Error.h"
#include <string>

namespace pare::onnx_import {
/// Raw data up to this many bytes stays in the stripped copy.
inline constexpr size_t kInlineBytes = 1024;

/// A copy of the serialized ModelProto `bytes` without the raw_data of large tensors: there TensorProto.segment holds
/// the place [begin, end) of the data in `bytes` instead (ONNX defines that field, but nothing ever used it; what the
/// file has there is dropped). Protobuf itself would copy the data and cannot read beyond 2 GB.
llvm::Expected<std::string> stripModel(llvm::StringRef bytes);
} // namespace pare::onnx_import

#endif
