// All ops of the dialect.
#ifndef PARE_OPS
#define PARE_OPS

include "pare/Dialect/ElementwiseOps.td"
include "pare/Dialect/TensorOps.td"
include "pare/Dialect/ContractionOps.td"
include "pare/Dialect/ResizeOps.td"
include "pare/Dialect/AttentionOps.td"
include "pare/Dialect/RowsOps.td"
include "pare/Dialect/RecurrentOps.td"
include "pare/Dialect/ControlOps.td"

#endif
