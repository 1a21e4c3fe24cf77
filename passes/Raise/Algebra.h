// What elementwise ops compute, in a normal form: sums of products of powers of atoms.
#ifndef PARE_PASSES_RAISE_ALGEBRA_H
#define PARE_PASSES_RAISE_ALGEBRA_H

#include "pare/Dialect/Pare.h"
#include "llvm/ADT/DenseMap.h"
#include "llvm/ADT/DenseSet.h"
#include <functional>
#include <map>
#include <optional>
#include <vector>

namespace pare::raise {

/// Atoms by number with their exponents, none of which is 0; empty for a constant.
using Product = std::map<unsigned, double>;
/// Products with their coefficients, none of which is 0. Equal functions met in exports have equal forms, up to the
/// rounding of their coefficients (`near`).
using Form = std::map<Product, double>;

enum class AtomKind {
  value,   ///< An element of a tensor.
  power,   ///< Its operand, as what is raised to the exponent.
  erf,     ///< Of its operand; odd, so that the first coefficient is positive.
  sigmoid, ///< Likewise: sigmoid(-p) is 1 - sigmoid(p), tanh(p) is 2 sigmoid(2 p) - 1.
  exp,
  log,
  abs,
  relu,  ///< max(operand, 0)
  unit,  ///< The operand clamped to [0, 1]; other bounds are a linear function of it.
  sum,   ///< Over the last axis that `axis` names, counted from the end: -1 is the last one.
  moment ///< The mean of x (`axis` 1) or of x^2 (2) over the axes of a normalisation.
};

struct Atom {
  AtomKind kind;
  mlir::Value value;
  Form operand;
  int64_t axis = 0;
};

/// Whether both are the same number, rounded to f32 in one way or another.
bool near(double a, double b);
bool near(const Form &a, const Form &b);
Form constantForm(double value);

/// The number that all elements of a constant of floats equal.
std::optional<double> splatOf(mlir::Value value);

/// Evaluates elementwise ops as functions of the elements of `x` and of other tensors. Operands broadcast from the
/// right, so that one product may hold atoms of several shapes. Only ops that depend on `x` are looked into.
class Algebra {
public:
  /// Means and sums that are followed: their form, given that of what is reduced.
  using ReduceFn = std::function<std::optional<Form>(Algebra &, ReduceOp, const Form &)>;

  /// `block` holds the ops to look into.
  Algebra(mlir::Value x, mlir::Block *block, ReduceFn reduce = {});

  /// The form of `value`: the value as an atom when nothing more is known. Types on the way are that of x, or f32 in
  /// which ops on narrower ones compute, so that no rounding that the form leaves out is coarser than those of x.
  const Form &formOf(mlir::Value value);
  /// Values in program order that depend on x and on `from`.
  llvm::SmallVector<mlir::Value> dependents(mlir::Value from);

  unsigned intern(Atom atom);
  const Atom &atom(unsigned number) const { return atoms[number]; }
  Form x() const { return single(0); }
  static Form single(unsigned atom, double exponent = 1) { return {{Product{{atom, exponent}}, 1.0}}; }
  static Form add(const Form &a, const Form &b, double factor = 1);
  static Form scale(const Form &a, double factor) { return add({}, a, factor); }
  /// std::nullopt when there would be more terms than composites have.
  static std::optional<Form> multiply(const Form &a, const Form &b);
  std::optional<Form> power(const Form &base, double exponent);
  Form apply(AtomKind kind, const Form &operand);

private:
  std::optional<Form> compute(mlir::Operation *op);
  std::optional<Form> clip(const Form &form, double low, double high);

  mlir::Value root;
  ReduceFn reduce;
  std::vector<Atom> atoms;
  llvm::SmallVector<mlir::Operation *> inside; // in program order
  llvm::DenseSet<mlir::Operation *> isInside;
  std::map<void *, Form> known;
};

/// Of `values`, in program order, those that `match` accepts and that are not only there for one other such: a
/// composite ends at the last op that still belongs to it, or where others read it.
llvm::SmallVector<mlir::Value> compositeRoots(llvm::ArrayRef<mlir::Value> values,
                                              llvm::function_ref<bool(mlir::Value)> match);

/// Replaces `root` by `by`, whose type takes over what that of `root` knows.
void replaceComposite(mlir::Value root, mlir::Value by);

/// Erases what nothing reads any more, and gives the function the types of what it returns.
void eraseDead(mlir::Operation *function);

} // namespace pare::raise

#endif
