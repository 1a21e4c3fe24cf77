// What every lowering builds with.
#ifndef PARE_CONVERSION_PARETOLINALG_EMIT_H
#define PARE_CONVERSION_PARETOLINALG_EMIT_H

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/Builders.h"
#include "mlir/Transforms/DialectConversion.h"
#include "pare/Dialect/Pare.h"
#include <functional>

namespace pare::lowering {
using Sizes = llvm::SmallVector<mlir::OpFoldResult>;
using Values = llvm::SmallVector<mlir::Value>;

/// Facts about the whole module that lowerings share.
struct State {
  /// Global of each large constant.
  llvm::DenseMap<mlir::Attribute, mlir::FlatSymbolRefAttr> weights;
  /// Whether two axes of values of the original module are known to have one size.
  std::function<bool(mlir::Value, int64_t, mlir::Value, int64_t)> equal;
  /// Whether an element of an integer tensor is known to be the size of an axis.
  std::function<bool(mlir::Value, int64_t, mlir::Value, int64_t)> elementIsDim;
};

/// A builder at one location with the vocabulary of the lowerings. Integer arithmetic folds as it is built.
struct Emit : mlir::ImplicitLocOpBuilder {
  using BodyFn = llvm::function_ref<mlir::Value(Emit &, mlir::ValueRange)>;

  Emit(mlir::Location loc, const mlir::OpBuilder &builder, const State &state)
      : ImplicitLocOpBuilder(loc, builder), state(state) {}

  const State &state;

  // Scalars.
  mlir::Value index(int64_t value);
  mlir::Value index(mlir::OpFoldResult value);
  /// A constant of a numeric type; `value` must be representable, or is rounded for floats.
  mlir::Value number(mlir::Type type, double value);
  mlir::Value integer(mlir::Type type, int64_t value);
  mlir::Value boolean(bool value) { return integer(getI1Type(), value); }
  mlir::Value add(mlir::Value a, mlir::Value b) { return createOrFold<mlir::arith::AddIOp>(a, b); }
  mlir::Value sub(mlir::Value a, mlir::Value b) { return createOrFold<mlir::arith::SubIOp>(a, b); }
  mlir::Value mul(mlir::Value a, mlir::Value b) { return createOrFold<mlir::arith::MulIOp>(a, b); }
  mlir::Value div(mlir::Value a, mlir::Value b) { return createOrFold<mlir::arith::DivSIOp>(a, b); }
  mlir::Value ceilDiv(mlir::Value a, int64_t b) { return b == 1 ? a : div(add(a, index(b - 1)), index(b)); }
  mlir::Value rem(mlir::Value a, mlir::Value b) { return createOrFold<mlir::arith::RemSIOp>(a, b); }
  mlir::Value max(mlir::Value a, mlir::Value b) { return createOrFold<mlir::arith::MaxSIOp>(a, b); }
  mlir::Value min(mlir::Value a, mlir::Value b) { return createOrFold<mlir::arith::MinSIOp>(a, b); }
  mlir::Value both(mlir::Value a, mlir::Value b) { return createOrFold<mlir::arith::AndIOp>(a, b); }
  mlir::Value either(mlir::Value a, mlir::Value b) { return createOrFold<mlir::arith::OrIOp>(a, b); }
  mlir::Value compare(mlir::arith::CmpIPredicate kind, mlir::Value a, mlir::Value b) {
    return createOrFold<mlir::arith::CmpIOp>(kind, a, b);
  }
  mlir::Value eq(mlir::Value a, mlir::Value b) { return compare(mlir::arith::CmpIPredicate::eq, a, b); }
  mlir::Value lt(mlir::Value a, mlir::Value b) { return compare(mlir::arith::CmpIPredicate::slt, a, b); }
  mlir::Value le(mlir::Value a, mlir::Value b) { return compare(mlir::arith::CmpIPredicate::sle, a, b); }
  mlir::Value select(mlir::Value c, mlir::Value a, mlir::Value b) {
    return createOrFold<mlir::arith::SelectOp>(c, a, b);
  }
  /// A signless integer (or index) as index.
  mlir::Value toIndex(mlir::Value value);
  mlir::Value fromIndex(mlir::Value value, mlir::Type type);
  /// A condition as i8, and back.
  mlir::Value toByte(mlir::Value flag) { return createOrFold<mlir::arith::ExtUIOp>(getI8Type(), flag); }
  mlir::Value fromByte(mlir::Value byte) {
    return compare(mlir::arith::CmpIPredicate::ne, byte, integer(getI8Type(), 0));
  }
  /// A float as another float type.
  mlir::Value toFloat(mlir::Value value, mlir::Type type);

  // Sizes.
  mlir::OpFoldResult size(mlir::Value tensor, int64_t axis);
  Sizes sizes(mlir::Value tensor);
  mlir::OpFoldResult product(llvm::ArrayRef<mlir::OpFoldResult> sizes);
  /// `sizes` with what the type of a result knows statically.
  Sizes refine(llvm::ArrayRef<mlir::OpFoldResult> sizes, mlir::Type result);

  // Tensors.
  mlir::Value extract(mlir::Value tensor, mlir::ValueRange indices);
  /// The only element of a tensor.
  mlir::Value extractScalar(mlir::Value tensor);
  /// Elements of a one-dimensional tensor of integers of static size, as index.
  Values extractAll(mlir::Value tensor);
  /// Elements of a tensor of static shape, row-major.
  Values elements(mlir::Value tensor);
  mlir::Value fromElements(mlir::Type tensorType, mlir::ValueRange elements);
  mlir::Value empty(llvm::ArrayRef<mlir::OpFoldResult> sizes, mlir::Type elementType);
  mlir::Value filled(llvm::ArrayRef<mlir::OpFoldResult> sizes, mlir::Value scalar);
  mlir::Value castTo(mlir::Value tensor, mlir::Type type);
  /// The linalg.generic without reductions whose result has `sizes`. Without a map an operand is read by identity.
  mlir::Value parallel(llvm::ArrayRef<mlir::OpFoldResult> sizes, mlir::Type elementType, mlir::ValueRange inputs,
                       llvm::ArrayRef<mlir::AffineMap> maps, BodyFn body);
  /// As `parallel`; `body` gets the index of the element.
  mlir::Value build(llvm::ArrayRef<mlir::OpFoldResult> sizes, mlir::Type elementType, BodyFn body);
  /// A linalg.generic over `rank` axes of which those in `reduced` are folded into `init`; the last argument of `body`
  /// is the accumulator.
  mlir::Value reduce(mlir::Value init, int64_t rank, llvm::ArrayRef<int64_t> reduced, mlir::ValueRange inputs,
                     llvm::ArrayRef<mlir::AffineMap> maps, BodyFn body);
  /// Elements as another float type.
  mlir::Value convertFloat(mlir::Value tensor, mlir::Type elementType);
  /// Part of a tensor with unit strides.
  mlir::Value slice(mlir::Value tensor, llvm::ArrayRef<mlir::OpFoldResult> offsets,
                    llvm::ArrayRef<mlir::OpFoldResult> sizes);
  mlir::Value insert(mlir::Value part, mlir::Value into, llvm::ArrayRef<mlir::OpFoldResult> offsets,
                     llvm::ArrayRef<mlir::OpFoldResult> sizes);
  mlir::Value transpose(mlir::Value tensor, llvm::ArrayRef<int64_t> permutation);
  /// Reads every axis of `sizes` from `tensor`, repeating those of its axes that are statically 1 or that `repeat`
  /// names.
  mlir::Value broadcast(mlir::Value tensor, llvm::ArrayRef<mlir::OpFoldResult> sizes, llvm::ArrayRef<bool> repeat);
  /// The row-major elements in another shape, of as many elements (the caller has checked it). `same(i, j)` tells that
  /// axis i of the old and axis j of the new shape are known to be equal.
  mlir::Value reshape(mlir::Value tensor, llvm::ArrayRef<mlir::OpFoldResult> sizes,
                      llvm::function_ref<bool(int64_t, int64_t)> same = nullptr);
  /// Axes [from, to) as one.
  mlir::Value collapse(mlir::Value tensor, int64_t from, int64_t to);
  mlir::Value unsqueeze(mlir::Value tensor, llvm::ArrayRef<int64_t> axes);
  /// Removes axes, which the caller has checked to be 1.
  mlir::Value squeeze(mlir::Value tensor, llvm::ArrayRef<int64_t> axes);

  /// Nested loops over [0, sizes) that carry tensors.
  Values loops(llvm::ArrayRef<mlir::OpFoldResult> sizes, mlir::ValueRange init,
               llvm::function_ref<Values(Emit &, mlir::ValueRange indices, mlir::ValueRange carried)> body);

  /// Stops execution with a text that names the node unless `condition` holds. Nothing for a constant true.
  void check(mlir::Value condition, const llvm::Twine &message);
};

/// The projection of (d0..dn-1) to `axes`.
mlir::AffineMap project(mlir::MLIRContext *context, int64_t rank, llvm::ArrayRef<int64_t> axes);
/// All axes but `dropped`.
llvm::SmallVector<int64_t> axesWithout(int64_t rank, llvm::ArrayRef<int64_t> dropped);
/// The constant that a value is, if any.
std::optional<int64_t> constantOf(mlir::Value value);
std::optional<int64_t> constantOf(mlir::OpFoldResult value);
/// i8 of si8 and ui8; other types unchanged.
mlir::Type signless(mlir::Type type);
bool isUnsigned(mlir::Type type);
mlir::Type elementOf(mlir::Value value);
int64_t rankOf(mlir::Value value);
/// The type that sums and statistics of `type` are kept in: f32 for f16 and bf16.
mlir::Type accumulatorOf(mlir::Type type);
/// Whether a value is so small that its elements are handled one by one: shape arithmetic.
bool isSmall(mlir::Type type);

/// How operands that broadcast against each other are read in a loop nest over the result.
struct Broadcast {
  Sizes sizes;
  llvm::SmallVector<mlir::AffineMap> maps;
  /// Axes of each operand whose size may be 1 or the result's: read by extract. Empty where the map serves.
  llvm::SmallVector<llvm::SmallVector<bool>> unknown;
};
/// `originals` are the operands before conversion, of which sizes are known to be equal.
Broadcast planBroadcast(Emit &e, mlir::ValueRange originals, mlir::ValueRange operands);
/// The elementwise computation `body` over operands that broadcast.
mlir::Value emitBroadcast(Emit &e, mlir::ValueRange originals, mlir::ValueRange operands, mlir::Type resultType,
                          Emit::BodyFn body);

/// The scalar computation of an elementwise op on signless scalars.
mlir::Value emitScalar(Emit &e, mlir::Operation *op, mlir::ValueRange args);
/// Conversion of a scalar between types that still have their sign.
mlir::Value emitCast(Emit &e, mlir::Value value, mlir::Type from, mlir::Type to);
/// Of a float that is no narrower than f32.
mlir::Value emitSigmoid(Emit &e, mlir::Value x);
/// max(x, 0) + log(1 + exp(-|x|)), which does not overflow.
mlir::Value emitSoftplus(Emit &e, mlir::Value x);
/// max or min of scalars of the original type.
mlir::Value emitMax(Emit &e, mlir::Value a, mlir::Value b, mlir::Type type);
mlir::Value emitMin(Emit &e, mlir::Value a, mlir::Value b, mlir::Type type);
mlir::Value emitAdd(Emit &e, mlir::Value a, mlir::Value b);
mlir::Value emitMul(Emit &e, mlir::Value a, mlir::Value b);
/// The lowest (or highest) value of the original type.
mlir::Value emitExtreme(Emit &e, mlir::Type type, bool lowest);
/// a + b, in any order within a sum.
mlir::Value emitSum(Emit &e, mlir::Value a, mlir::Value b);

/// The position in [0, n) that a possibly negative index means. Out of range it is clamped, so that no read is wild.
mlir::Value position(Emit &e, mlir::Value index, mlir::Value n);
/// Checks that all of `indices` lie in [-n, n). `original`, which may be null, is the tensor before conversion.
void checkIndices(Emit &e, mlir::Value original, mlir::Value indices, mlir::Value n);

/// Pads with a scalar: `begin` and `end` may be negative.
mlir::Value emitPad(Emit &e, mlir::Value x, mlir::ValueRange begin, mlir::ValueRange end, mlir::Value value);

/// Lowers one op by a function from its converted operands to its new result or results.
template <typename Op, typename Fn> struct Lower : mlir::OpConversionPattern<Op> {
  Lower(const mlir::TypeConverter &types, mlir::MLIRContext *context, const State &state, Fn fn)
      : mlir::OpConversionPattern<Op>(types, context), state(state), fn(fn) {}

  llvm::LogicalResult matchAndRewrite(Op op, typename Op::Adaptor adaptor,
                                      mlir::ConversionPatternRewriter &rewriter) const override {
    Emit e(op.getLoc(), rewriter, state);
    Values results;
    if constexpr (std::is_convertible_v<decltype(fn(e, op, adaptor)), mlir::Value>)
      results.push_back(fn(e, op, adaptor));
    else
      results = fn(e, op, adaptor);
    for (auto [value, type] : llvm::zip_equal(results, op->getResultTypes()))
      value = e.castTo(value, this->getTypeConverter()->convertType(type));
    rewriter.replaceOp(op, results);
    return mlir::success();
  }

  const State &state;
  Fn fn;
};

struct Patterns {
  mlir::RewritePatternSet &set;
  const mlir::TypeConverter &types;
  const State &state;

  template <typename Op, typename Fn> void add(Fn fn) { set.add<Lower<Op, Fn>>(types, set.getContext(), state, fn); }
};

void addAttentionPatterns(Patterns &patterns);
void addRowsPatterns(Patterns &patterns);
void addConstantPatterns(Patterns &patterns);
void addElementwisePatterns(Patterns &patterns);
void addTensorPatterns(Patterns &patterns);
void addReshapePatterns(Patterns &patterns);
void addIndexPatterns(Patterns &patterns);
void addScatterPatterns(Patterns &patterns);
void addSortPatterns(Patterns &patterns);
void addContractionPatterns(Patterns &patterns);
void addRecurrentPatterns(Patterns &patterns);
void addReducePatterns(Patterns &patterns);
void addWindowPatterns(Patterns &patterns);
void addResizePatterns(Patterns &patterns);
void addNormPatterns(Patterns &patterns);
void addQuantPatterns(Patterns &patterns);
void addControlPatterns(Patterns &patterns);

/// Removes what the lowering of loops leaves for its own use.
void finishLoops(mlir::ModuleOp module);

/// Makes a global of every constant that is too large to stand in the code.
void collectWeights(mlir::ModuleOp module, State &state);
} // namespace pare::lowering

#endif
