// How far an answer may be from the interpreter's because of rounding alone.
#ifndef PARE_REFERENCE_ROUNDING_H
#define PARE_REFERENCE_ROUNDING_H

#include "pare/Reference/Random.h"

namespace pare::reference {

/// The relative error of a product of two f32 that are rounded to bfloat16 first.
inline constexpr double kBFloat16ProductError = 0x1.02p-8;

/// How far each element of `result`, a result of `op` on `operands`, may be from what the interpreter gives: the bounds
/// of docs/Numerics.md. Zeros where the answers must be equal. `productError` is the relative error of the products of
/// matmul and conv beside their rounding in f32.
std::vector<double> roundingBound(mlir::Operation *op, llvm::ArrayRef<Tensor> operands, const Tensor &result,
                                  double productError = 0);

/// How far the elements of one result of a function may be from the interpreter's.
struct Allowance {
  /// Per element, row-major.
  std::vector<double> deviation;
  /// Rounding decides the shape itself, so that nothing can be said.
  bool shapeVaries = false;
};

struct AllowanceOptions {
  uint64_t seed = 0;
  /// Evaluations of the function; no new one begins after `maxSeconds`.
  unsigned runs = 8;
  double maxSeconds = 30;
  /// As of roundingBound.
  double productError = 0;
};

/// Bounds add up over a function in ways that no formula gives, so they are measured: the function is evaluated several
/// times with every op's result moved by up to its bound, up or down at random, and four times the largest deviation
/// seen is allowed. An integer that these runs disagree on (a comparison of values that rounding cannot tell apart) may
/// be anything they gave. `want` are the function's results. Fails as evaluateFunction does.
llvm::Expected<std::vector<Allowance>> measureAllowance(mlir::func::FuncOp function, llvm::ArrayRef<Tensor> inputs,
                                                        llvm::ArrayRef<Tensor> want,
                                                        const AllowanceOptions &options = {});

struct Deviation {
  bool ok = true;
  /// Why shapes or element types alone already differ; empty otherwise.
  std::string mismatch;
  double maxAbs = 0;
  /// The largest deviation relative to what is allowed there.
  double maxShare = 0;
  /// Row-major index of the first element out of its allowance; -1 when there is none.
  int64_t firstBad = -1;
  int64_t numBad = 0;
};

/// NaN equals NaN, and an infinity only itself.
Deviation measureDeviation(const Tensor &got, const Tensor &want, const Allowance &allowance);

} // namespace pare::reference

#endif
