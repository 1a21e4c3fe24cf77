// What the case of an op sees: its operands as tensors, and where its results go.
#ifndef PARE_LIB_REFERENCE_CASE_H
#define PARE_LIB_REFERENCE_CASE_H

#include "Shape.h"
#include "pare/Dialect/Pare.h"
#include "pare/Reference/Reference.h"
#include "llvm/ADT/DenseMap.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/Twine.h"
#include <functional>

namespace pare::reference {

class Call {
public:
  using RunRegion = std::function<llvm::Expected<Tensors>(mlir::Region &, llvm::ArrayRef<Tensor>)>;
  Call(mlir::Operation *op, llvm::ArrayRef<Tensor> operands, const EvaluateOptions &options, RunRegion runRegion)
      : op(op), operands(operands), options(options), runRegion(std::move(runRegion)) {}

  mlir::Operation *op;
  llvm::ArrayRef<Tensor> operands;
  const EvaluateOptions &options;
  /// Evaluates a region of the op with these block arguments; gives what its terminator yields.
  RunRegion runRegion;
  Tensors results;

  /// The tensor of an operand, by its value; null for an absent one.
  const Tensor *find(mlir::Value operand) const;
  const Tensor &operator[](mlir::Value operand) const { return *find(operand); }

  mlir::Type elementType(unsigned result = 0) const { return mlir::getElementTypeOrSelf(op->getResult(result)); }

  llvm::Error give(Tensor result) {
    results.push_back(std::move(result));
    return llvm::Error::success();
  }
  llvm::Error error(const llvm::Twine &text) const;
  /// Errors unless `axis` lies in [0, rank), sizes are not negative and a result of them is not too large.
  llvm::Error checkAxis(int64_t axis, int64_t rank) const;
  llvm::Error checkSize(mlir::Type elementType, IndexRef shape) const;
  /// The single element of a scalar operand.
  llvm::Error checkScalar(const Tensor &operand, llvm::StringRef name) const;
};

/// The cases of all ops, keyed by op kind. Each file registers those of its theme.
class Registry {
public:
  using Case = std::function<llvm::Error(Call &)>;

  template <typename OpT, typename Fn> void add(Fn fn) {
    cases[mlir::TypeID::get<OpT>()] = [fn](Call &call) { return fn(mlir::cast<OpT>(call.op), call); };
  }
  const Case *find(mlir::Operation *op) const {
    auto found = cases.find(op->getName().getTypeID());
    return found == cases.end() ? nullptr : &found->second;
  }

private:
  llvm::DenseMap<mlir::TypeID, Case> cases;
};

void registerAttention(Registry &registry);
void registerContraction(Registry &registry);
void registerControl(Registry &registry);
void registerConvert(Registry &registry);
void registerElementwise(Registry &registry);
void registerIndex(Registry &registry);
void registerMovement(Registry &registry);
void registerNorm(Registry &registry);
void registerQuant(Registry &registry);
void registerRecurrent(Registry &registry);
void registerReduce(Registry &registry);
void registerResize(Registry &registry);
void registerRows(Registry &registry);
void registerWindow(Registry &registry);

/// Fills a tensor of `shape` with elements of `source`: `offset` maps an index tuple of the result to a position in it.
template <typename Fn> Tensor pick(const Tensor &source, IndexRef shape, Fn offset) {
  Tensor result(source.getElementType(), shape);
  unsigned size = pare::elementBytes(source.getElementType());
  char *to = result.getMutableBytes().data();
  forEachIndex(shape, [&](IndexRef index, int64_t position) {
    const char *from = source.getBytes().data() + offset(index) * size;
    std::copy(from, from + size, to + position * size);
  });
  return result;
}

/// max and min that give NaN when either operand is NaN.
inline double maxOf(double a, double b) { return a != a ? a : b != b ? b : a > b ? a : b; }
inline double minOf(double a, double b) { return a != a ? a : b != b ? b : a < b ? a : b; }
/// Whether a < b, both as Tensor::getInt gives them for elements of `type`.
inline bool lessInt(mlir::Type type, int64_t a, int64_t b) {
  return type.isUnsignedInteger() ? static_cast<uint64_t>(a) < static_cast<uint64_t>(b) : a < b;
}
/// Lowest and highest value of a type as Tensor::getInt gives it.
int64_t lowestInt(mlir::Type type);
int64_t highestInt(mlir::Type type);

} // namespace pare::reference

#endif
