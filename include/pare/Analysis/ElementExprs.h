// What one element of a tensor is, as an expression of its indices.
#ifndef PARE_ANALYSIS_ELEMENTEXPRS_H
#define PARE_ANALYSIS_ELEMENTEXPRS_H

#include "pare/Analysis/SymbolicDims.h"
#include <memory>
#include <tuple>

namespace pare {

/// Functions of elements. Booleans are 0 and 1.
enum class ElementFn {
  none,
  logicalNot,
  logicalAnd,
  logicalOr,
  eq,
  lt,
  le,
  add,
  sub,
  mul,
  div,
  neg,
  abs,
  select,
  toFloat
};

/// Nodes are unique: equal expressions have one address.
struct ElementExpr {
  enum class Kind {
    number,  ///< A floating-point or boolean constant.
    integer, ///< A polynomial of sizes and index variables.
    leaf,    ///< The element of `value` at `operands`, about which nothing more is known.
    apply    ///< `fn` of `operands`.
  };
  Kind kind = Kind::number;
  double number = 0;
  Polynomial integer;
  mlir::Value value;
  ElementFn fn = ElementFn::none;
  std::vector<const ElementExpr *> operands;

  bool isNumber(double expected) const { return kind == Kind::number && number == expected; }
  bool isApply(ElementFn expected) const { return kind == Kind::apply && fn == expected; }
};

/// Evaluates elements of tensors symbolically: whatever ops spell a mask (unsqueeze, expand, gathers by computed
/// indices, comparisons of ranges, tables of constants), its element at (b, h, q, k) becomes one expression of b, h, q,
/// k, of sizes, and of elements of tensors that are data. Two spellings of one mask give one expression.
///
/// Arithmetic on integers is taken to be exact: what wraps around is not followed. As with SymbolicDims, erase no op
/// that it was asked about and go on asking.
class ElementExprs {
public:
  using Expr = const ElementExpr *;
  explicit ElementExprs(SymbolicDims &dims) : dims(dims) {}

  /// A new index variable that runs over [0, size).
  Expr variable(Polynomial size);
  Expr number(double value);
  Expr integer(Polynomial value);
  Expr leaf(mlir::Value value, llvm::ArrayRef<Expr> indices);
  /// `fn` of the operands, simplified.
  Expr apply(ElementFn fn, llvm::ArrayRef<Expr> operands);

  /// Element of a tensor of known rank at `indices`, one per axis, each within its axis.
  Expr element(mlir::Value value, llvm::ArrayRef<Expr> indices);
  /// As `element`, but follows only ops that move elements: the leaf tells where the element came from.
  Expr origin(mlir::Value value, llvm::ArrayRef<Expr> indices);

  /// `expr` with `what` replaced by `by` wherever it occurs, simplified.
  Expr substitute(Expr expr, Expr what, Expr by);
  /// Whether `variable` occurs in `expr`, also in the indices of leaves.
  bool uses(Expr expr, Expr variable);
  /// Factors of a conjunction; `expr` itself when it is none.
  llvm::SmallVector<Expr> conjuncts(Expr expr);
  /// Whether `polynomial` is known not to be negative for all values of its variables and sizes.
  bool isNonNegative(const Polynomial &polynomial) const;
  void print(llvm::raw_ostream &os, Expr expr) const;

private:
  static constexpr unsigned kFirstVariable = 1u << 24; // above all symbols of SymbolicDims

  using Key = std::tuple<int, double, Polynomial, void *, int, std::vector<Expr>>;
  Expr intern(ElementExpr expr);
  Expr toBool(Expr expr);
  Expr compare(ElementFn fn, Expr a, Expr b);
  Expr arithmetic(ElementFn fn, Expr a, Expr b);
  Expr negate(Expr expr);
  /// Applies `fn` inside the branches of selects; null when no operand is one that it may go into.
  Expr distribute(ElementFn fn, llvm::ArrayRef<Expr> operands);

  std::optional<std::vector<Expr>> operandIndices(mlir::Value operand, mlir::Value result,
                                                  llvm::ArrayRef<Expr> indices);
  std::optional<std::vector<Expr>> delinearize(const Polynomial &position, llvm::ArrayRef<Polynomial> sizes);
  bool isInRange(const Polynomial &index, const Polynomial &size) const;
  /// A non-negative position from a gathered index; null when its sign is not known.
  Expr position(Expr index, const Polynomial &size);
  Expr table(mlir::Value value, llvm::ArrayRef<Expr> indices);
  Expr moved(mlir::Operation *op, mlir::Value value, llvm::ArrayRef<Expr> indices, bool movesOnly);
  Expr computed(mlir::Operation *op, mlir::Value value, llvm::ArrayRef<Expr> indices);
  Expr find(mlir::Value value, llvm::ArrayRef<Expr> indices, bool movesOnly);
  const std::vector<char> *bytesOf(mlir::Value constant);

  SymbolicDims &dims;
  std::vector<Polynomial> variableSizes;
  std::map<Key, std::unique_ptr<ElementExpr>> nodes;
  std::map<std::tuple<void *, bool, std::vector<Expr>>, Expr> known;
  std::map<void *, std::vector<char>> tables;
};

} // namespace pare

#endif
