// Interpolation along axes.
#include "Resize.h"
#include "pare/Dialect/Resize.h"
#include <cmath>

using namespace mlir;

namespace pare::reference {

static FailureOr<SmallVector<ResizedAxis>> axesOf(ResizeOp op, Call &call, std::string &reason) {
  SmallVector<int64_t> n;
  for (int64_t axis : op.getAxes())
    n.push_back(call[op.getX()].getShape()[axis]);
  auto floats = [&](Value value) {
    SmallVector<float> result;
    if (value)
      for (double element : call[value].toDoubles())
        result.push_back(static_cast<float>(element));
    return result;
  };
  std::vector<int64_t> sizes;
  if (op.getSizes())
    sizes = call[op.getSizes()].toInts();
  SmallVector<float> scales = floats(op.getScales()), roi = floats(op.getRoi());
  if (std::max(scales.size(), sizes.size()) != n.size() || (!roi.empty() && roi.size() != 2 * n.size())) {
    reason = "scales, sizes or roi do not fit " + std::to_string(n.size()) + " axes";
    return failure();
  }
  return n.empty() ? SmallVector<ResizedAxis>() : getResizedAxes(op.getPolicy(), n, scales, sizes, roi, reason);
}

/// Elements of `shape` along `axis` as `table` has them; with `absolute`, sums of the absolute values of all products.
static std::vector<double> interpolate(ArrayRef<double> x, IndexRef shape, int64_t axis, const ResizeTable &table,
                                       int64_t size, double extrapolation, bool absolute) {
  AxisView from(shape, axis);
  std::vector<double> result(static_cast<size_t>(from.outer * size * from.inner));
  for (int64_t outer = 0; outer < from.outer; ++outer)
    for (int64_t i = 0; i < size; ++i)
      for (int64_t inner = 0; inner < from.inner; ++inner) {
        double sum = 0;
        for (int64_t tap = 0; tap < table.taps; ++tap) {
          auto entry = static_cast<size_t>(tap * size + i);
          double term = table.weight[entry] * x[static_cast<size_t>(from.offset(outer, table.index[entry], inner))];
          sum += absolute ? std::fabs(term) : term;
        }
        bool outside = table.outside[static_cast<size_t>(i)];
        result[static_cast<size_t>((outer * size + i) * from.inner + inner)] = outside ? extrapolation : sum;
      }
  return result;
}

static llvm::Error resize(ResizeOp op, Call &call) {
  const Tensor &x = call[op.getX()];
  for (int64_t axis : op.getAxes())
    if (llvm::Error error = call.checkAxis(axis, x.getRank()))
      return error;
  std::string reason;
  auto axes = axesOf(op, call, reason);
  if (failed(axes))
    return call.error(reason);
  ResizeFilter filter = ResizeFilter::get(op);
  Index shape(x.getShape());
  for (auto [axis, resized] : llvm::zip_equal(op.getAxes(), *axes))
    shape[axis] = resized.size;
  if (llvm::Error error = call.checkSize(call.elementType(), shape))
    return error;
  SmallVector<ResizeTable> tables;
  for (const ResizedAxis &resized : *axes)
    tables.push_back(makeResizeTable(filter, resized));
  double extrapolation = op.getExtrapolationValue().convertToFloat();
  if (filter.mode == ResizeMode::nearest) { // of any type
    Index strides = rowMajorStrides(x.getShape());
    Tensor result = pick(x, shape, [&](IndexRef index) {
      int64_t offset = dot(index, strides);
      for (auto [axis, table] : llvm::zip_equal(op.getAxes(), tables))
        offset += (table.index[static_cast<size_t>(index[axis])] - index[axis]) * strides[axis];
      return offset;
    });
    forEachIndex(shape, [&](IndexRef index, int64_t position) {
      for (auto [axis, table] : llvm::zip_equal(op.getAxes(), tables))
        if (table.outside[static_cast<size_t>(index[axis])])
          result.setDouble(position, extrapolation);
    });
    return call.give(std::move(result));
  }
  std::vector<double> values = x.toDoubles();
  Index now(x.getShape());
  for (auto [axis, resized, table] : llvm::zip_equal(op.getAxes(), *axes, tables)) {
    values = interpolate(values, now, axis, table, resized.size, extrapolation, /*absolute=*/false);
    now[axis] = resized.size;
  }
  return call.give(Tensor::fromDoubles(call.elementType(), shape, values));
}

/// The weights of an axis are rounded and their products summed: (taps + 4) u times the sum of absolute products, for
/// every axis.
std::vector<double> resizeBound(ResizeOp op, ArrayRef<Tensor> operands, double u) {
  EvaluateOptions options;
  Call call(op, operands, options, {});
  std::string reason;
  auto axes = axesOf(op, call, reason);
  if (failed(axes))
    return {};
  ResizeFilter filter = ResizeFilter::get(op);
  std::vector<double> values = operands[0].toDoubles();
  for (double &value : values)
    value = std::fabs(value);
  Index now(operands[0].getShape());
  double factor = 0, extrapolation = std::fabs(op.getExtrapolationValue().convertToFloat());
  for (auto [axis, resized] : llvm::zip_equal(op.getAxes(), *axes)) {
    ResizeTable table = makeResizeTable(filter, resized);
    values = interpolate(values, now, axis, table, resized.size, extrapolation, /*absolute=*/true);
    now[axis] = resized.size;
    factor += (static_cast<double>(table.taps) + 4) * u;
  }
  for (double &value : values)
    value *= factor;
  return values;
}

void registerResize(Registry &registry) { registry.add<ResizeOp>(resize); }

} // namespace pare::reference
