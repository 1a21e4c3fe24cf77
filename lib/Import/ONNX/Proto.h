// The protobuf classes, without the warnings of their headers.
#ifndef PARE_IMPORT_ONNX_PROTO_H
#define PARE_IMPORT_ONNX_PROTO_H

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wall"
#pragma GCC diagnostic ignored "-Wextra"
#include "onnx/onnx_pb.h"
#pragma GCC diagnostic pop

#endif
