// What the handlers of domain com.microsoft share: the pieces that its composites are made of.
#ifndef PARE_IMPORT_ONNX_CONTRIB_H
#define PARE_IMPORT_ONNX_CONTRIB_H

#include "Importer.h"

namespace pare::onnx_import::contrib {
/// The handler of an op of the standard, for ops that begin as it does.
mlir::LogicalResult importAs(Node &node, llvm::StringRef opType);

mlir::Value compare(Node &node, mlir::Value a, mlir::Value b, CompareKind kind);
mlir::Value unsqueeze(Node &node, mlir::Value x, llvm::ArrayRef<int64_t> axes);
mlir::Value slice(Node &node, mlir::Value x, int64_t axis, mlir::Value start, mlir::Value end);
mlir::Value reduce(Node &node, mlir::Value x, int64_t axis, ReduceKind kind);
mlir::Value gelu(Node &node, mlir::Value x, GeluKind kind);
/// The pieces of `x` along its last axis.
llvm::SmallVector<mlir::Value> split(Node &node, mlir::Value x, llvm::ArrayRef<int64_t> sizes);
/// 0, 1, ... as si64; `limit` is rank-1 of one element.
mlir::Value range(Node &node, mlir::Value limit);
/// `x` in si64.
mlir::Value toInt(Node &node, mlir::Value x);
/// A rank-1 si64 constant of one element.
inline mlir::Value number(Node &node, int64_t value) { return node.shape({value}); }
/// The lowest finite value of the type.
double lowest(mlir::Type element);

/// [B, S, heads * D] as [B, heads, S, D].
mlir::Value splitHeads(Node &node, mlir::Value x, int64_t heads);
/// [B, N, S, D] as [B, S, N * D].
mlir::Value joinHeads(Node &node, mlir::Value x);
/// The size of the last axis, which the handler cannot do without.
std::optional<int64_t> needLast(Node &node, mlir::Value x, llvm::StringRef what);

/// The first 2 * `half` elements of each row of `x` turned by angles whose cosines and sines are the rows of `cos` and
/// `sin`, which broadcast against x.
mlir::Value rotate(Node &node, mlir::Value x, mlir::Value cos, mlir::Value sin, int64_t half, bool interleaved);

/// What `mask` says of keys, as i1 [B, 1, 1 or S, T]: it holds lengths [B], ends and starts [2 * B], or 1
/// for keys that count, [B, T] or [B, S, T]. Null without a mask, or when the node has failed.
mlir::Value readMask(Node &node, mlir::Value mask, mlir::Value batch, mlir::Value keys, bool mayBeStarts);
/// Which keys j each query i may see: j <= i + `past`, which may be null. i1 [S, T].
mlir::Value causal(Node &node, mlir::Value queries, mlir::Value keys, mlir::Value past);
/// 0 where `condition` holds, `fill` elsewhere: what is added to scores.
mlir::Value maskTerm(Node &node, mlir::Value condition, mlir::Type element, double fill);

/// softmax(scale * q k^T + terms) v joined to [B, S, N * D]. Terms are added in order, which rounding shows.
mlir::Value attend(Node &node, mlir::Value q, mlir::Value k, mlir::Value v, double scale,
                   llvm::ArrayRef<mlir::Value> terms);
} // namespace pare::onnx_import::contrib

#endif
