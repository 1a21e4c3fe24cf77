// The reference interpreter: slow, obvious code that says what each op means. Oracle of every pass and constant folder.
//
// Floats of every type are computed and summed in double and rounded once, to nearest even, at the result of each op,
// so that the oracle is more exact than compiled code (docs/Numerics.md bounds the difference). Integers wrap around in
// the width of their type. What the input makes impossible (an index out of range, shapes that do not broadcast) is an
// error with a location, never a crash.
#ifndef PARE_REFERENCE_REFERENCE_H
#define PARE_REFERENCE_REFERENCE_H

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/IR/Attributes.h"
#include "mlir/IR/BuiltinTypes.h"
#include "mlir/IR/Location.h"
#include "llvm/Support/Error.h"
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace pare::reference {

/// Elements, row-major; i1 takes one byte per element. Copies share the elements until one of them writes.
class Tensor {
public:
  Tensor() = default;
  /// Zeros.
  Tensor(mlir::Type elementType, llvm::ArrayRef<int64_t> shape);
  /// A copy of `bytes`, which must have the size that the shape asks for.
  static Tensor copy(mlir::Type elementType, llvm::ArrayRef<int64_t> shape, llvm::ArrayRef<char> bytes);
  /// `bytes` must outlive the tensor and its copies, and need no alignment.
  static Tensor borrow(mlir::Type elementType, llvm::ArrayRef<int64_t> shape, llvm::ArrayRef<char> bytes);
  /// A dense, dense_resource or external attribute. Borrows its bytes where it stores them as a tensor does.
  static Tensor fromConstant(mlir::TypedAttr value);
  mlir::Attribute toConstant() const;

  static Tensor fromDoubles(mlir::Type elementType, llvm::ArrayRef<int64_t> shape, llvm::ArrayRef<double> values);
  static Tensor fromInts(mlir::Type elementType, llvm::ArrayRef<int64_t> shape, llvm::ArrayRef<int64_t> values);
  /// All elements. Integers as getInt gives them, floats truncated.
  std::vector<double> toDoubles() const;
  std::vector<int64_t> toInts() const;

  mlir::Type getElementType() const { return elementType; }
  llvm::ArrayRef<int64_t> getShape() const { return shape; }
  int64_t getRank() const { return static_cast<int64_t>(shape.size()); }
  int64_t getNumElements() const;
  mlir::RankedTensorType getType() const;
  bool isFloat() const { return llvm::isa<mlir::FloatType>(elementType); }

  /// The same elements (shared) in another shape with the same number of elements.
  Tensor reshaped(llvm::ArrayRef<int64_t> newShape) const;

  llvm::ArrayRef<char> getBytes() const { return bytes; }
  /// Takes a copy of its own first where the elements are shared or borrowed.
  llvm::MutableArrayRef<char> getMutableBytes();

  /// One element of any type as a number. ui64 above the range of int64_t is reinterpreted by getInt.
  double getDouble(int64_t index) const;
  int64_t getInt(int64_t index) const;
  /// Rounds to nearest even (floats) or wraps around (integers); i1 stores `value != 0`. setDouble on an integer type
  /// truncates toward zero and saturates, NaN giving 0.
  void setDouble(int64_t index, double value);
  void setInt(int64_t index, int64_t value);

private:
  mlir::Type elementType;
  llvm::SmallVector<int64_t> shape;
  std::shared_ptr<std::vector<char>> storage; // null while borrowed
  llvm::ArrayRef<char> bytes;
};

/// Why something could not be evaluated, and where.
class EvaluationError : public llvm::ErrorInfo<EvaluationError> {
public:
  static char ID;
  EvaluationError(mlir::Location location, std::string text) : location(location), text(std::move(text)) {}
  mlir::Location getLocation() const { return location; }
  llvm::StringRef getText() const { return text; }
  void log(llvm::raw_ostream &os) const override;
  std::error_code convertToErrorCode() const override { return llvm::inconvertibleErrorCode(); }

private:
  mlir::Location location;
  std::string text;
};

/// Emits the diagnostics of `error` (each at its location); failure when there was one. Nothing is emitted for an error
/// that the caller consumes instead (llvm::consumeError), as folders do.
mlir::LogicalResult report(llvm::Error error);

struct EvaluateOptions {
  /// A single result of more bytes is an error. Folders set what they are willing to keep.
  int64_t maxResultBytes = int64_t(1) << 36;
  /// A loop of more iterations is an error.
  int64_t maxIterations = int64_t(1) << 32;
  /// Called after each op, also of regions, with its operands and its results, which it may change. May be empty.
  std::function<void(mlir::Operation *, llvm::ArrayRef<Tensor>, llvm::MutableArrayRef<Tensor>)> observe;
};

using Tensors = llvm::SmallVector<Tensor>;

/// Whether evaluateOp knows ops of this kind.
bool canEvaluate(mlir::Operation *op);

/// The results of one op. Reads its attributes, result element types and regions; regions must not use values from
/// outside. The shapes of the results are checked against the result types of `op`.
llvm::Expected<Tensors> evaluateOp(mlir::Operation *op, llvm::ArrayRef<Tensor> operands,
                                   const EvaluateOptions &options = {});

/// The results of an entry point. Checks the inputs against the argument types and the names of dimensions
/// (`pare.dims`), then evaluates op by op, dropping values after their last use.
llvm::Expected<Tensors> evaluateFunction(mlir::func::FuncOp function, llvm::ArrayRef<Tensor> inputs,
                                         const EvaluateOptions &options = {});

} // namespace pare::reference

#endif
