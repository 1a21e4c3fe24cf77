// Interpolation along axes.
#include "Infer.h"
#include "pare/Dialect/Resize.h"

using namespace mlir;
using namespace pare;
using namespace pare::infer;

LogicalResult ResizeOp::inferReturnTypes(MLIRContext *, Loc location, Adaptor adaptor, Types &inferred) {
  Type elementType = element(adaptor.getX());
  ArrayRef<int64_t> axes = adaptor.getAxes();
  auto count = static_cast<int64_t>(axes.size());
  auto checkCount = [&](Value value, int64_t wanted, StringRef what) -> LogicalResult {
    auto type = ranked(value);
    if (!type || (type.getRank() == 1 && (type.isDynamicDim(0) || type.getDimSize(0) == wanted)))
      return success();
    return inferenceError(location, what + " needs " + Twine(wanted) + " entries, one for each axis" +
                                        (wanted == count ? "" : " and each end"));
  };
  if ((adaptor.getScales() != nullptr) == (adaptor.getSizes() != nullptr))
    return inferenceError(location, "needs either scales or sizes");
  if (failed(checkCount(adaptor.getScales(), count, "scales")) ||
      failed(checkCount(adaptor.getSizes(), count, "sizes")) || failed(checkCount(adaptor.getRoi(), 2 * count, "roi")))
    return failure();
  auto type = ranked(adaptor.getX());
  if (!type)
    return pushUnranked(inferred, elementType);
  Sizes shape(type.getShape()), n;
  for (auto [i, axis] : llvm::enumerate(axes)) {
    if (failed(checkAxis(location, axis, type.getRank())))
      return failure();
    if (llvm::is_contained(axes.take_front(i), axis))
      return inferenceError(location, "axis " + Twine(axis) + " is named twice");
    n.push_back(shape[axis]);
    shape[axis] = kDyn;
  }
  if (axes.empty())
    return push(inferred, shape, elementType);
  std::string reason;
  auto scales = getConstantFloats(adaptor.getScales());
  PartialInts sizes = adaptor.getSizes() ? getPartialInts(adaptor.getSizes()) : std::nullopt;
  bool stretch = adaptor.getPolicy() == ResizePolicy::stretch;
  bool whole = stretch || llvm::none_of(n, isDyn);
  for (int64_t i = 0; i < count; ++i) {
    // Axes are independent but for the policies, which need all of them.
    size_t from = stretch ? i : 0, length = stretch ? 1 : count;
    ArrayRef<int64_t> own = ArrayRef(n).slice(from, length);
    FailureOr<SmallVector<ResizedAxis>> resized = failure();
    if (scales && !isDyn(n[i])) {
      resized = getResizedAxes(ResizePolicy::stretch, n[i], ArrayRef(*scales).slice(i, 1), {}, {}, reason);
    } else if (sizes && whole) {
      Sizes known;
      for (std::optional<int64_t> size : ArrayRef(*sizes).slice(from, length))
        known.push_back(size.value_or(kDyn));
      if (stretch && isDyn(n[i]) && !isDyn(known[0]) && known[0] >= 0) {
        shape[axes[i]] = known[0];
        continue;
      }
      if (llvm::any_of(known, isDyn))
        continue;
      resized = getResizedAxes(adaptor.getPolicy(), own, {}, known, {}, reason);
    } else {
      continue;
    }
    if (failed(resized))
      return inferenceError(location, reason);
    shape[axes[i]] = (*resized)[stretch || scales ? 0 : i].size;
  }
  return push(inferred, shape, elementType);
}

LogicalResult ResizeOp::verify() {
  if (getMode() != ResizeMode::nearest && !isa<FloatType>(element(getX())))
    return emitOpError("interpolates floats only: mode nearest takes other types");
  if (getMode() == ResizeMode::nearest && getAntialias())
    return emitOpError("takes no antialias in mode nearest");
  if ((getCoordinates() == ResizeCoordinates::tf_crop_and_resize) != (getRoi() != nullptr))
    return emitOpError("takes a roi with tf_crop_and_resize, and only then");
  if (getPolicy() != ResizePolicy::stretch && !getSizes())
    return emitOpError("takes a policy with sizes only");
  if (auto scales = getConstantFloats(getScales());
      scales && llvm::any_of(*scales, [](float scale) { return !(scale > 0); }))
    return emitOpError("needs positive scales");
  return success();
}

std::optional<int64_t> ResizeOp::mapAxis(unsigned operand, int64_t axis, unsigned) {
  return operand == 0 && !llvm::is_contained(getAxes(), axis) ? sameAxis(getX(), axis) : std::nullopt;
}

double ResizeOp::getFlops(DimFn dim) {
  if (getMode() == ResizeMode::nearest)
    return 0;
  double perAxis = 2.0 * static_cast<double>(2 * ResizeFilter::get(*this).radius());
  return perAxis * static_cast<double>(getAxes().size()) * numElements(getResult(), dim);
}
