// Random inputs and the comparison of results.
#include "pare/Reference/Random.h"
#include "Shape.h"
#include "pare/Dialect/Shapes.h"
#include "llvm/Support/raw_ostream.h"
#include <cmath>
#include <limits>

using namespace mlir;

namespace pare::reference {

namespace {
// SplitMix64, and the polar method for normal numbers: the distributions of <random> differ between libraries.
class Generator {
public:
  explicit Generator(uint64_t seed) : state(seed) {}

  uint64_t next() {
    uint64_t z = state += 0x9e3779b97f4a7c15;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
    z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
    return z ^ (z >> 31);
  }
  double uniform() { return static_cast<double>(next() >> 11) * 0x1p-53; }
  double normal() {
    while (true) {
      double u = 2 * uniform() - 1, v = 2 * uniform() - 1, s = u * u + v * v;
      if (s > 0 && s < 1)
        return u * std::sqrt(-2 * std::log(s) / s);
    }
  }

private:
  uint64_t state;
};
} // namespace

Tensor makeRandom(Type elementType, ArrayRef<int64_t> shape, uint64_t seed, int64_t maxInt) {
  Generator generator(seed);
  Tensor result(elementType, shape);
  uint64_t values = elementType.isInteger(1) ? 2 : static_cast<uint64_t>(std::max<int64_t>(maxInt, 0)) + 1;
  for (int64_t i = 0, count = result.getNumElements(); i < count; ++i) {
    if (result.isFloat())
      result.setDouble(i, generator.normal());
    else
      result.setInt(i, static_cast<int64_t>(generator.next() % values));
  }
  return result;
}

llvm::Expected<Tensors> makeRandomInputs(func::FuncOp function, const RandomOptions &options) {
  Tensors inputs;
  for (auto [index, type] : llvm::enumerate(function.getArgumentTypes())) {
    auto ranked = dyn_cast<RankedTensorType>(type);
    if (!ranked)
      return llvm::make_error<EvaluationError>(function.getLoc(),
                                               "input " + std::to_string(index) + " has no known number of dimensions");
    auto names = function.getArgAttrOfType<ArrayAttr>(index, kDimsAttr);
    Index shape(ranked.getShape());
    for (int64_t axis = 0; axis < ranked.getRank(); ++axis) {
      if (!ranked.isDynamicDim(axis))
        continue;
      shape[axis] = options.defaultSize;
      if (names && axis < static_cast<int64_t>(names.size()))
        if (auto name = dyn_cast<StringAttr>(names[axis]))
          if (auto size = options.dims.find(name.getValue()); size != options.dims.end())
            shape[axis] = size->second;
    }
    auto name = function.getArgAttrOfType<StringAttr>(index, kNameAttr);
    bool isMask = name && name.getValue().contains_insensitive("mask") && !isa<FloatType>(ranked.getElementType());
    uint64_t seed = options.seed * 1000003 + index; // apart for every input
    inputs.push_back(makeRandom(ranked.getElementType(), shape, seed, isMask ? 1 : options.maxInt));
  }
  return inputs;
}

Comparison compare(const Tensor &got, const Tensor &want, const Tolerance &tolerance) {
  Comparison result;
  if (got.getElementType() != want.getElementType() || got.getShape() != want.getShape()) {
    llvm::raw_string_ostream(result.mismatch) << "got " << got.getType() << ", want " << want.getType();
    result.ok = false;
    return result;
  }
  auto bad = [&](int64_t i) {
    result.ok = false;
    result.firstBad = result.firstBad < 0 ? i : result.firstBad;
    ++result.numBad;
  };
  for (int64_t i = 0, count = got.getNumElements(); i < count; ++i) {
    if (!got.isFloat() && got.getInt(i) == want.getInt(i))
      continue;
    double a = got.getDouble(i), b = want.getDouble(i);
    if (got.isFloat() && (a == b || (std::isnan(a) && std::isnan(b))))
      continue;
    double difference = std::fabs(a - b);
    if (std::isnan(difference)) // one of the two is NaN
      difference = std::numeric_limits<double>::infinity();
    result.maxAbs = std::max(result.maxAbs, difference);
    double relative = b != 0 && std::isfinite(b) ? difference / std::fabs(b) : std::numeric_limits<double>::infinity();
    result.maxRel = std::max(result.maxRel, relative);
    if (!got.isFloat() || !std::isfinite(difference) ||
        difference > tolerance.absolute + tolerance.relative * std::fabs(b))
      bad(i);
  }
  return result;
}

} // namespace pare::reference
