// Convolutions and pools over tensors whose channels come last.
#ifndef PARE_CONVERSION_PARETOLINALG_CHANNELSLAST_H
#define PARE_CONVERSION_PARETOLINALG_CHANNELSLAST_H

#include "Emit.h"

namespace pare::lowering {
/// The tensor [N, spatial.., C] of which `x` is the transposition [N, C, spatial..]; null for other values.
mlir::Value channelsLastOf(mlir::Value x);
/// `result` [N, spatial.., C] as [N, C, spatial..].
mlir::Value toChannelsFirst(Emit &e, mlir::Value result);
/// The convolution, where x and the weight are such transpositions; null for others.
mlir::Value lowerConvLast(Emit &e, ConvOp op, ConvOp::Adaptor adaptor);
} // namespace pare::lowering

#endif
