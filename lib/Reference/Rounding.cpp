// Bounds on rounding per op (docs/Numerics.md), and what they add up to over a function.
#include "pare/Reference/Rounding.h"
#include "Attention.h"
#include "Recurrent.h"
#include "Resize.h"
#include "Shape.h"
#include "pare/Dialect/Pare.h"
#include "llvm/ADT/TypeSwitch.h"
#include "llvm/Support/raw_ostream.h"
#include <chrono>
#include <cmath>
#include <limits>

using namespace mlir;

namespace pare::reference {

namespace {
/// Half the distance between 1 and the next number of the type.
double roundoff(Type type) { return std::ldexp(1.0, -static_cast<int>(cast<FloatType>(type).getFPMantissaWidth())); }

/// The unit roundoff of the type that sums: f32 for the narrow ones.
double sumRoundoff(Type type) { return std::min(roundoff(type), 0x1p-24); }

double smallest(Type type) {
  return llvm::APFloat::getSmallest(cast<FloatType>(type).getFloatSemantics()).convertToDouble();
}

Tensor absolute(const Tensor &tensor) {
  std::vector<double> values = tensor.toDoubles();
  for (double &value : values)
    value = std::fabs(value);
  return Tensor::fromDoubles(tensor.getElementType(), tensor.getShape(), values);
}

/// Bounds of one op. Each case adds to `bound`; the rounding of the result to its own type is added for all.
class Bounds {
public:
  Bounds(Operation *op, ArrayRef<Tensor> operands, const Tensor &result, double productError)
      : op(op), operands(operands), result(result), values(result.toDoubles()), bound(values.size()),
        u(sumRoundoff(result.getElementType())), productError(productError) {}

  std::vector<double> run() {
    if (!addCase())
      return bound;
    double ulp = 2 * roundoff(result.getElementType()), least = smallest(result.getElementType());
    for (size_t i = 0; i < bound.size(); ++i)
      bound[i] += values[i] == 0 ? 0 : ulp * std::fabs(values[i]) + least;
    return bound;
  }

private:
  /// False when the op does not round.
  bool addCase() {
    return llvm::TypeSwitch<Operation *, bool>(op)
        // These choose, move or compare elements, or are exact in every type.
        .Case<ConstantOp, ReshapeOp, SqueezeOp, UnsqueezeOp, FlattenOp, TransposeOp, ExpandOp, ConcatOp, SplitOp,
              SliceOp, PadOp, TileOp, FullOp, GatherOp, GatherElementsOp, GatherNdOp, OneHotOp, TriluOp, WhereOp,
              ClipOp, MaxOp, MinOp, AbsOp, NegOp, SignOp, ReluOp, FloorOp, CeilOp, RoundOp, ModOp, FmodOp, MaxPoolOp,
              TopKOp, RowsFromMaskOp, RowsGatherOp, RowsScatterOp>([](Operation *) { return false; })
        // Their bodies were looked at op by op.
        .Case<IfOp, LoopOp>([](Operation *) { return false; })
        .Case<AddOp, SubOp, MulOp, DivOp, SqrtOp, CastOp, DequantizeOp, LeakyReluOp>([](Operation *) { return true; })
        .Case<MatmulOp>([&](MatmulOp) { return addOfAbsolutes(operands[0].getShape().back(), productError); })
        .Case<ConvOp, ConvTransposeOp>([&](Operation *) {
          ArrayRef<int64_t> weight = operands[1].getShape();
          return addOfAbsolutes(product(weight) / std::max<int64_t>(weight[0], 1), productError);
        })
        .Case<AveragePoolOp>([&](AveragePoolOp pool) { return addOfAbsolutes(product(pool.getKernel())); })
        .Case<CumSumOp>(
            [&](CumSumOp sum) { return addOfAbsolutes(operands[0].getShape()[static_cast<int64_t>(sum.getAxis())]); })
        .Case<ScatterNdOp, ScatterElementsOp>(
            [&](Operation *) { return addRelative(2 * u * static_cast<double>(operands[2].getNumElements())); })
        .Case<ReduceOp>([&](ReduceOp reduce) { return addReduce(reduce); })
        .Case<SoftmaxOp>([&](SoftmaxOp softmax) {
          double n = static_cast<double>(operands[0].getShape()[static_cast<int64_t>(softmax.getAxis())]);
          for (size_t i = 0; i < bound.size(); ++i)
            if (values[i] > 0)
              bound[i] += (n + 8 - std::log(values[i])) * u * values[i]; // -log(softmax) >= max - x
          return true;
        })
        .Case<AttentionOp, SegmentAttentionOp>([&](Operation *) {
          if (std::vector<double> own = attentionBound(op, operands, u, productError); own.size() == bound.size())
            bound = std::move(own);
          return true;
        })
        .Case<ResizeOp>([&](ResizeOp resize) {
          if (resize.getMode() == ResizeMode::nearest)
            return false;
          if (std::vector<double> own = resizeBound(resize, operands, u); own.size() == bound.size())
            bound = std::move(own);
          return true;
        })
        .Case<LstmOp, GruOp, RnnOp>([&](Operation *) {
          if (std::vector<double> own = recurrentBound(op, operands, result, u); own.size() == bound.size())
            bound = std::move(own);
          return true;
        })
        .Case<LogSoftmaxOp>([&](LogSoftmaxOp softmax) {
          double n = static_cast<double>(operands[0].getShape()[static_cast<int64_t>(softmax.getAxis())]);
          for (size_t i = 0; i < bound.size(); ++i)
            bound[i] += (n + 8 + std::fabs(values[i])) * u * std::max(1.0, std::fabs(values[i]));
          return true;
        })
        .Case<LayerNormOp>([&](LayerNormOp norm) {
          return addNorm(static_cast<int64_t>(norm.getAxis()), norm.getEpsilon().convertToFloat(), true);
        })
        .Case<RmsNormOp>([&](RmsNormOp norm) {
          return addNorm(static_cast<int64_t>(norm.getAxis()), norm.getEpsilon().convertToFloat(), false);
        })
        .Case<BatchNormOp>([&](BatchNormOp) { return addBatchNorm(); })
        // May be 0 in place of a subnormal number.
        .Case<SigmoidOp>([&](SigmoidOp) {
          double most = llvm::APFloat::getSmallestNormalized(llvm::APFloat::IEEEsingle()).convertToDouble();
          for (double &element : bound)
            element += most;
          return addRelative(8 * u);
        })
        // Functions within 4 ULP, and compositions that may cancel near 0.
        .Case<GeluOp, EluOp, SoftplusOp, HardSigmoidOp, RangeOp>([&](Operation *) {
          for (double &element : bound)
            element += 4 * u;
          return addRelative(8 * u);
        })
        .Default([&](Operation *) { return addRelative(8 * u); });
  }

  bool addRelative(double factor) {
    for (size_t i = 0; i < bound.size(); ++i)
      bound[i] += factor * std::fabs(values[i]);
    return true;
  }

  /// (n + 2) u and `more` times what the op gives on the absolute values of its operands.
  bool addOfAbsolutes(int64_t n, double more = 0) {
    Tensors absolutes;
    for (const Tensor &operand : operands)
      absolutes.push_back(operand.isFloat() ? absolute(operand) : operand);
    llvm::Expected<Tensors> sums = evaluateOp(op, absolutes);
    if (!sums) {
      llvm::consumeError(sums.takeError());
      return true;
    }
    std::vector<double> sum = sums->front().toDoubles();
    for (size_t i = 0; i < bound.size(); ++i)
      bound[i] += (static_cast<double>(n + 2) * u + more) * sum[i];
    return true;
  }

  bool addReduce(ReduceOp reduce) {
    if (reduce.getKind() == ReduceKind::max || reduce.getKind() == ReduceKind::min)
      return false;
    int64_t n = operands[0].getNumElements() / std::max<int64_t>(result.getNumElements(), 1);
    return reduce.getKind() == ReduceKind::prod ? addRelative(2 * u * static_cast<double>(n)) : addOfAbsolutes(n);
  }

  /// (n + 8) u (|scale| max|x| / deviation + |bias|).
  bool addNorm(int64_t axis, double epsilon, bool centred) {
    std::vector<double> x = operands[0].toDoubles();
    ArrayRef<int64_t> axes = operands[0].getShape().drop_front(axis);
    int64_t size = product(axes);
    auto scaleAt = broadcastOffsets(operands[1].getShape(), axes);
    auto biasAt = operands.size() > 2 ? broadcastOffsets(operands[2].getShape(), axes) : std::vector<int64_t>();
    for (size_t row = 0; size && row < x.size(); row += size) {
      double mean = 0, square = 0, most = 0;
      for (int64_t i = 0; i < size; ++i) {
        mean += x[row + i];
        most = std::max(most, std::fabs(x[row + i]));
      }
      mean = centred ? mean / static_cast<double>(size) : 0;
      for (int64_t i = 0; i < size; ++i)
        square += (x[row + i] - mean) * (x[row + i] - mean);
      double deviation = std::sqrt(square / static_cast<double>(size) + epsilon);
      for (int64_t i = 0; i < size; ++i) {
        double bias = biasAt.empty() ? 0 : std::fabs(operands[2].getDouble(biasAt[i]));
        bound[row + i] += static_cast<double>(size + 8) * u *
                          (std::fabs(operands[1].getDouble(scaleAt[i])) * most / deviation + bias);
      }
    }
    return true;
  }

  /// 8 u (|scale| (|x| + |mean|) / deviation + |bias|): the op itself on absolute values and a negative mean.
  bool addBatchNorm() {
    Tensors absolutes;
    for (const Tensor &operand : operands)
      absolutes.push_back(absolute(operand));
    std::vector<double> mean = absolutes[3].toDoubles();
    for (double &value : mean)
      value = -value;
    absolutes[3] = Tensor::fromDoubles(absolutes[3].getElementType(), absolutes[3].getShape(), mean);
    llvm::Expected<Tensors> sums = evaluateOp(op, absolutes);
    if (!sums) {
      llvm::consumeError(sums.takeError());
      return true;
    }
    std::vector<double> sum = sums->front().toDoubles();
    for (size_t i = 0; i < bound.size(); ++i)
      bound[i] += 8 * u * sum[i];
    return true;
  }

  Operation *op;
  ArrayRef<Tensor> operands;
  const Tensor &result;
  std::vector<double> values, bound;
  double u, productError;
};

/// Moves float results by half their bound to all of it, up or down.
class Mover {
public:
  Mover(uint64_t seed, double productError) : state(seed), productError(productError) {}

  void move(Operation *op, ArrayRef<Tensor> operands, MutableArrayRef<Tensor> results) {
    for (Tensor &result : results) {
      if (!result.isFloat())
        continue;
      std::vector<double> bound = roundingBound(op, operands, result, productError);
      for (size_t i = 0; i < bound.size(); ++i)
        if (double value = result.getDouble(static_cast<int64_t>(i)); bound[i] > 0 && std::isfinite(value))
          result.setDouble(static_cast<int64_t>(i), value + bound[i] * step());
    }
  }

private:
  double step() {
    uint64_t z = state += 0x9e3779b97f4a7c15;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
    z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
    z ^= z >> 31;
    double size = 0.5 + static_cast<double>(z >> 12) * 0x1p-53;
    return z & 1 ? size : -size;
  }

  uint64_t state;
  double productError;
};

double distance(double a, double b) {
  if (a == b || (std::isnan(a) && std::isnan(b)))
    return 0;
  double difference = std::fabs(a - b);
  return std::isnan(difference) ? std::numeric_limits<double>::infinity() : difference;
}
} // namespace

std::vector<double> roundingBound(Operation *op, ArrayRef<Tensor> operands, const Tensor &result, double productError) {
  if (!result.isFloat())
    return std::vector<double>(static_cast<size_t>(result.getNumElements()));
  return Bounds(op, operands, result, productError).run();
}

llvm::Expected<std::vector<Allowance>> measureAllowance(func::FuncOp function, ArrayRef<Tensor> inputs,
                                                        ArrayRef<Tensor> want, const AllowanceOptions &options) {
  constexpr double kMargin = 4;
  std::vector<Allowance> allowances(want.size());
  for (auto [allowance, tensor] : llvm::zip_equal(allowances, want))
    allowance.deviation.resize(static_cast<size_t>(tensor.getNumElements()));
  auto start = std::chrono::steady_clock::now();
  for (unsigned run = 0; run < options.runs; ++run) {
    std::chrono::duration<double> passed = std::chrono::steady_clock::now() - start;
    if (run > 0 && passed.count() > options.maxSeconds)
      break;
    Mover mover(options.seed * options.runs + run, options.productError);
    EvaluateOptions evaluate;
    evaluate.observe = [&](Operation *op, ArrayRef<Tensor> operands, MutableArrayRef<Tensor> results) {
      mover.move(op, operands, results);
    };
    llvm::Expected<Tensors> moved = evaluateFunction(function, inputs, evaluate);
    if (!moved)
      return moved.takeError();
    for (auto [allowance, tensor, other] : llvm::zip_equal(allowances, want, *moved)) {
      if (other.getShape() != tensor.getShape()) {
        allowance.shapeVaries = true;
        continue;
      }
      for (size_t i = 0; i < allowance.deviation.size(); ++i) {
        auto index = static_cast<int64_t>(i);
        double deviation = distance(other.getDouble(index), tensor.getDouble(index));
        if (std::isinf(deviation))
          continue; // no run vouches for a NaN or an infinity that the interpreter does not give
        allowance.deviation[i] = std::max(allowance.deviation[i], tensor.isFloat() ? kMargin * deviation : deviation);
      }
    }
  }
  return allowances;
}

Deviation measureDeviation(const Tensor &got, const Tensor &want, const Allowance &allowance) {
  Deviation result;
  if (allowance.shapeVaries && got.getElementType() == want.getElementType() && got.getRank() == want.getRank())
    return result;
  if (got.getElementType() != want.getElementType() || got.getShape() != want.getShape()) {
    llvm::raw_string_ostream(result.mismatch) << "got " << got.getType() << ", want " << want.getType();
    result.ok = false;
    return result;
  }
  for (int64_t i = 0, count = got.getNumElements(); i < count; ++i) {
    if (!got.isFloat() && got.getInt(i) == want.getInt(i))
      continue;
    double difference = distance(got.getDouble(i), want.getDouble(i)), allowed = allowance.deviation[i];
    if (!got.isFloat() && difference == 0)
      difference = 1; // 64-bit integers that doubles cannot tell apart
    if (difference == 0)
      continue;
    result.maxAbs = std::max(result.maxAbs, difference);
    result.maxShare =
        std::max(result.maxShare, allowed > 0 ? difference / allowed : std::numeric_limits<double>::infinity());
    if (difference > allowed) {
      result.ok = false;
      result.firstBad = result.firstBad < 0 ? i : result.firstBad;
      ++result.numBad;
    }
  }
  return result;
}

} // namespace pare::reference
