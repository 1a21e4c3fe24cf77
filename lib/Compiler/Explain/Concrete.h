// A function for inputs of given sizes: every type is static, and what depends on elements is evaluated where it can
// be.
#ifndef PARE_LIB_COMPILER_EXPLAIN_CONCRETE_H
#define PARE_LIB_COMPILER_EXPLAIN_CONCRETE_H

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/IR/IRMapping.h"
#include "pare/Reference/Reference.h"
#include <set>

namespace pare::explain {

struct ConcreteInput {
  llvm::SmallVector<int64_t> shape;
  /// Absent: nothing that the function does may depend on it without an assumption.
  std::optional<reference::Tensor> elements;
};

class ConcreteFunction {
public:
  /// Null when the sizes do not fit the function; `error` then says where and why.
  static std::unique_ptr<ConcreteFunction> make(mlir::func::FuncOp function, llvm::ArrayRef<ConcreteInput> inputs,
                                                std::string &error);
  ~ConcreteFunction();

  /// The ops in order, with the number of times that each runs. Their types are static; of branches and loops there are
  /// the ops inside.
  void forEachOp(llvm::function_ref<void(mlir::Operation *, double)> visit);
  /// What stands for a value of the function outside of regions; null when nothing does.
  mlir::Value lookup(mlir::Value value) const { return mapping.lookupOrNull(value); }
  /// Elements of a value of this function where inputs tell them, at little cost; null otherwise.
  const reference::Tensor *elements(mlir::Value value);
  /// Sizes that elements decide which nobody knows, and what was taken instead.
  const std::set<std::string> &getAssumptions() const { return assumptions; }
  void assume(mlir::Location location, const llvm::Twine &text);

private:
  ConcreteFunction() = default;
  bool addBlock(mlir::Block &source, mlir::IRMapping &map, double weight);
  bool addOp(mlir::Operation &op, mlir::IRMapping &map, double weight);
  bool addBranch(mlir::Operation *op, mlir::IRMapping &map, double weight);
  bool addLoop(mlir::Operation *op, mlir::IRMapping &map, double weight);
  bool inferTypes(mlir::Operation *op);
  bool isStatic(mlir::Operation *op) const;
  void makeOperandsConstant(mlir::Operation *op);
  bool evaluate(mlir::Operation *op);
  void assumeSizes(mlir::Operation *op);
  bool fail(mlir::Operation *op, const llvm::Twine &text);
  mlir::Value unknownValue(mlir::Type type, mlir::Location location) { return block.addArgument(type, location); }

  mlir::Block block;
  mlir::IRMapping mapping;
  llvm::DenseMap<mlir::Operation *, double> weights;
  llvm::DenseMap<mlir::Value, std::unique_ptr<reference::Tensor>> known;
  std::set<std::string> assumptions;
  std::string error;
};

} // namespace pare::explain

#endif
