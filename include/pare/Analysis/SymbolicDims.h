// Sizes of axes as expressions of the dimensions that the entry point names.
#ifndef PARE_ANALYSIS_SYMBOLICDIMS_H
#define PARE_ANALYSIS_SYMBOLICDIMS_H

#include "mlir/IR/AffineExpr.h"
#include "mlir/IR/Operation.h"
#include "mlir/IR/Value.h"
#include "pare/Analysis/Polynomial.h"
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace pare {

/// Answers whether two axes have the same size, for dynamic sizes too. Dimensions of an entry point with one name are
/// one symbol; a size that follows from others by sums and products is a polynomial of their symbols; any other size is
/// a symbol of its own, shared by all that compute it in the same way from the same sizes.
///
/// Results are remembered per value: erase no op that it was asked about and go on asking (new ops are fine).
class SymbolicDims {
public:
  /// `root` is a function, or a module with several. With `trustProducts`, sizes over which a product sums are taken to
  /// be equal, as they are in every run that does not end with an error there: whoever uses that must not remove the
  /// check of the product, or has to check the same.
  explicit SymbolicDims(mlir::Operation *root, bool trustProducts = false);

  /// Size of an axis of a tensor of known rank: a constant, or an expression of symbols. Equal sizes have equal
  /// expressions; products of symbols make them semi-affine.
  mlir::AffineExpr dim(mlir::Value value, int64_t axis);
  /// As `dim`; symbols are numbered as in `dim`.
  const Polynomial &sizeOf(mlir::Value value, int64_t axis);
  /// Whether `a` is the smaller one of `b` and a positive constant: a table of which the first `b` entries are read.
  /// Where such a size has to broadcast with `b`, it is equal to it.
  bool isCutTo(const Polynomial &a, const Polynomial &b) const;
  /// Whether both sizes are equal in every run. False when that is not known.
  bool equal(mlir::Value a, int64_t axisOfA, mlir::Value b, int64_t axisOfB);
  /// Whether both have one shape in every run.
  bool sameShape(mlir::Value a, mlir::Value b);
  /// The number of elements of a tensor of known rank.
  mlir::AffineExpr numElements(mlir::Value value);
  /// Row-major elements of an integer tensor of at most 64 elements; std::nullopt when it is not one.
  std::optional<llvm::SmallVector<mlir::AffineExpr>> elements(mlir::Value value);
  /// As `elements`.
  std::optional<llvm::SmallVector<Polynomial>> elementPolynomials(mlir::Value value);
  /// Whether element `index` of an integer tensor equals the size of an axis in every run.
  bool elementIsDim(mlir::Value tensor, int64_t index, mlir::Value value, int64_t axis);
  /// Name of the dimension in the model that symbol `position` stands for; empty for derived ones.
  llvm::StringRef getName(unsigned position) const;

private:
  using Elements = std::vector<Polynomial>;
  struct Symbol {
    std::string name;
    bool isSize = true; // never negative
    std::string tag;    // what computes it, if known
    Elements operands;
  };

  Polynomial fresh(std::string name = "", bool isSize = true);
  /// The symbol of what `tag` computes from `operands`.
  Polynomial derived(llvm::StringRef tag, const Elements &operands, bool isSize = true);
  /// `known`, or else the symbol of what `tag` computes.
  Polynomial orDerived(std::optional<Polynomial> known, llvm::StringRef tag, const Elements &operands,
                       bool isSize = true);
  bool isSize(const Polynomial &polynomial) const;
  Polynomial broadcast(const Polynomial &a, const Polynomial &b);
  /// The symbol of what other sizes broadcast to, where `polynomial` is one.
  const Symbol *asBroadcast(const Polynomial &polynomial) const;
  /// Asks for all sizes in order of execution, so that no later query has to walk a deep graph on the stack.
  void computeAll(mlir::Operation *root);
  /// Learns from products what sizes broadcast to; whether there was something new.
  bool learnFromProducts(mlir::Operation *root);
  mlir::AffineExpr toExpr(const Polynomial &polynomial) const;

  const Polynomial &size(mlir::Value value, int64_t axis);
  Polynomial product(mlir::Value value);
  Polynomial computeArgument(mlir::BlockArgument argument, int64_t axis);
  Polynomial computeResult(mlir::OpResult result, int64_t axis);
  std::optional<Polynomial> computeMoved(mlir::OpResult result, int64_t axis);
  Polynomial computeReshape(mlir::OpResult result, int64_t axis);
  std::optional<Polynomial> computeWindow(mlir::OpResult result, int64_t axis);
  const std::optional<Elements> &values(mlir::Value value);
  std::optional<Elements> computeValues(mlir::Operation *op);
  /// Element `index` of a shape operand where it can stand for a size.
  std::optional<Polynomial> sizeElement(mlir::Value tensor, int64_t index);

  mlir::MLIRContext *context;
  std::vector<Symbol> symbols;
  std::map<std::pair<void *, std::string>, Polynomial> named;
  std::map<std::pair<std::string, Elements>, Polynomial> known;
  // Node-based: references stay valid while more are added.
  std::map<std::pair<void *, int64_t>, Polynomial> sizes;
  std::map<void *, std::optional<Elements>> contents;
};

} // namespace pare

#endif
