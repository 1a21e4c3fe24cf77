// Convolutions and pooling.
#include "Importer.h"

#include <numeric>

using namespace mlir;

namespace pare::onnx_import {
namespace {
struct Window {
  SmallVector<int64_t> kernel, strides, pads, dilations;
};

// What convolutions and pooling share. `kernel` is empty when the attribute kernel_shape must give it.
std::optional<Window> readWindow(Node &node, Value x, SmallVector<int64_t> kernel, bool isTransposed = false) {
  auto fail = [&](const Twine &reason) {
    (void)node.error(reason);
    return std::nullopt;
  };
  auto rank = node.needRank(x);
  if (!rank)
    return std::nullopt;
  if (*rank < 3)
    return fail("the input is of rank " + Twine(*rank) + ", expected at least 3");
  auto spatial = size_t(*rank - 2);
  Window window;
  window.kernel = kernel;
  if (auto given = node.getInts("kernel_shape"); given && kernel.empty())
    window.kernel = *given;
  window.strides = node.getInts("strides").value_or(SmallVector<int64_t>(spatial, 1));
  window.dilations = node.getInts("dilations").value_or(SmallVector<int64_t>(spatial, 1));
  window.pads = node.getInts("pads").value_or(SmallVector<int64_t>(spatial * 2, 0));
  if (node.failed())
    return std::nullopt;
  if (window.kernel.size() != spatial || window.strides.size() != spatial || window.dilations.size() != spatial ||
      window.pads.size() != spatial * 2)
    return fail("kernel_shape, strides, dilations or pads do not have one entry per spatial axis");
  constexpr int64_t limit = 1 << 30;
  auto bad = [&](ArrayRef<int64_t> values, int64_t least) {
    return llvm::any_of(values, [&](int64_t v) { return v < least || v > limit; });
  };
  if (bad(window.kernel, 1) || bad(window.strides, 1) || bad(window.dilations, 1) || bad(window.pads, 0))
    return fail("kernel_shape, strides, dilations or pads are out of range");

  std::string mode = node.getString("auto_pad", "NOTSET");
  if (mode == "VALID") {
    window.pads.assign(spatial * 2, 0);
  } else if (mode == "SAME_UPPER" || mode == "SAME_LOWER") {
    if (isTransposed)
      return window; // the caller computes them
    for (size_t i = 0; i < spatial; ++i) {
      int64_t size = Node::size(x, int64_t(i) + 2), reach = (window.kernel[i] - 1) * window.dilations[i] + 1;
      int64_t total = reach - 1;
      if (window.strides[i] != 1) {
        if (ShapedType::isDynamic(size)) {
          (void)node.unsupported("auto_pad " + mode + " with strides over a dynamic dimension");
          return std::nullopt;
        }
        int64_t windows = llvm::divideCeil(uint64_t(size), uint64_t(window.strides[i]));
        total = std::max((windows - 1) * window.strides[i] + reach - size, int64_t(0));
      }
      int64_t less = total / 2, more = total - less;
      window.pads[i] = mode == "SAME_UPPER" ? less : more;
      window.pads[i + spatial] = mode == "SAME_UPPER" ? more : less;
    }
  } else if (mode != "NOTSET") {
    return fail("unknown auto_pad '" + mode + "'");
  }
  return window;
}

// The kernel's spatial shape, from the weight.
std::optional<SmallVector<int64_t>> readKernel(Node &node, Value weight) {
  if (!weight)
    return std::nullopt;
  auto type = dyn_cast<RankedTensorType>(weight.getType());
  SmallVector<int64_t> kernel;
  if (type && type.getRank() >= 3)
    kernel.assign(type.getShape().begin() + 2, type.getShape().end());
  bool known = !kernel.empty() && llvm::none_of(kernel, ShapedType::isDynamic);
  if (auto given = node.getInts("kernel_shape")) {
    if (known && *given != kernel) {
      (void)node.error("kernel_shape differs from the shape of the weight");
      return std::nullopt;
    }
    return given;
  }
  if (!known) {
    if (!node.failed())
      (void)node.unsupported("a kernel of unknown shape");
    return std::nullopt;
  }
  return kernel;
}

LogicalResult importConv(Node &node) { return node.set(makeConv(node, node.in(0), node.in(1), node.in(2))); }

LogicalResult importConvTranspose(Node &node) {
  auto kernel = readKernel(node, node.in(1));
  auto window = kernel ? readWindow(node, node.in(0), *kernel, /*isTransposed=*/true) : std::nullopt;
  if (!window)
    return failure();
  size_t spatial = window->kernel.size();
  SmallVector<int64_t> extra = node.getInts("output_padding").value_or(SmallVector<int64_t>(spatial, 0));
  if (extra.size() != spatial)
    return node.error("output_padding does not have one entry per spatial axis");
  std::string mode = node.getString("auto_pad", "NOTSET");
  auto wanted = node.getInts("output_shape");
  if (wanted || mode == "SAME_UPPER" || mode == "SAME_LOWER") {
    if (wanted && wanted->size() != spatial)
      return node.error("output_shape does not have one entry per spatial axis");
    for (size_t i = 0; i < spatial; ++i) {
      int64_t size = Node::size(node.in(0), int64_t(i) + 2);
      int64_t reach = (window->kernel[i] - 1) * window->dilations[i] + 1;
      int64_t total = reach + extra[i] - window->strides[i]; // of an output of size * stride
      if (wanted) {
        if (ShapedType::isDynamic(size))
          return node.unsupported("output_shape with a dynamic input");
        total += size * window->strides[i] - (*wanted)[i];
      }
      if (total < 0) { // the output is larger than what the windows reach
        extra[i] -= total;
        total = 0;
      }
      int64_t less = total / 2, more = total - less;
      window->pads[i] = mode == "SAME_UPPER" ? less : more;
      window->pads[i + spatial] = mode == "SAME_UPPER" ? more : less;
    }
  }
  SmallVector<Value> operands = {node.in(0), node.in(1)};
  if (node.in(2))
    operands.push_back(node.in(2));
  return node.set(node.make<ConvTransposeOp>(
      operands, {node.ints("strides", window->strides), node.ints("pads", window->pads),
                 node.ints("dilations", window->dilations), node.ints("output_padding", extra),
                 node.i64("groups", node.getInt("group", 1))}));
}

SmallVector<NamedAttribute> poolAttributes(Node &node, const Window &window) {
  SmallVector<NamedAttribute> attributes = {node.ints("kernel", window.kernel), node.ints("strides", window.strides),
                                            node.ints("pads", window.pads), node.ints("dilations", window.dilations)};
  // auto_pad fixes the number of windows by itself.
  if (node.getInt("ceil_mode", 0) != 0)
    attributes.push_back(node.unit("ceil_mode"));
  return attributes;
}

LogicalResult importMaxPool(Node &node) {
  if (node.wants(1))
    return node.unsupported("the output Indices");
  auto window = readWindow(node, node.in(0), {});
  return window ? node.set(node.make<MaxPoolOp>(node.in(0), poolAttributes(node, *window))) : failure();
}

LogicalResult importAveragePool(Node &node) {
  auto window = readWindow(node, node.in(0), {});
  if (!window)
    return failure();
  SmallVector<NamedAttribute> attributes = poolAttributes(node, *window);
  if (node.getInt("count_include_pad", 0) != 0)
    attributes.push_back(node.unit("count_include_pad"));
  return node.set(node.make<AveragePoolOp>(node.in(0), attributes));
}

template <ReduceKind kind> LogicalResult importGlobalPool(Node &node) {
  auto rank = node.needRank(node.in(0));
  if (!rank)
    return failure();
  if (*rank < 3)
    return node.error("the input is of rank " + Twine(*rank) + ", expected at least 3");
  SmallVector<int64_t> axes(size_t(*rank - 2), 0);
  std::iota(axes.begin(), axes.end(), 2);
  return node.set(
      node.make<ReduceOp>(node.in(0), {node.ints("axes", axes), node.unit("keep_dims"),
                                       node.attr("kind", ReduceKindAttr::get(&node.importer.context, kind))}));
}
/// x / (bias + alpha * mean of x^2 over `size` neighbouring channels)^beta, where channels beyond the ends count as 0:
/// a padded average pool along the axis of channels.
LogicalResult importLRN(Node &node) {
  Value x = node.in(0);
  auto rank = node.needRank(x);
  if (!rank)
    return failure();
  if (*rank < 2)
    return node.error("the input is of rank " + Twine(*rank) + ", expected at least 2");
  int64_t size = node.getInt("size", 0), spatial = *rank - 1;
  if (size < 1)
    return node.error("size is " + Twine(size) + ", expected at least 1");
  SmallVector<int64_t> ones(size_t(spatial), 1), kernel = ones, pads(size_t(2 * spatial), 0);
  kernel[0] = size;
  pads[0] = (size - 1) / 2;
  pads[size_t(spatial)] = size - 1 - pads[0];
  Value squares = node.make<UnsqueezeOp>(node.make<MulOp>({x, x}), {node.ints("axes", {1})});
  Value mean = node.make<AveragePoolOp>(squares, {node.ints("kernel", kernel), node.ints("strides", ones),
                                                  node.ints("pads", pads), node.ints("dilations", ones),
                                                  node.unit("count_include_pad")});
  mean = node.make<SqueezeOp>(mean, {node.ints("axes", {1})});
  Type type = Node::element(x);
  Value scaled = node.make<MulOp>({mean, node.scalar(type, node.getFloat("alpha", 1e-4))});
  Value base = node.make<AddOp>({scaled, node.scalar(type, node.getFloat("bias", 1))});
  Value power = node.make<PowOp>({base, node.scalar(type, node.getFloat("beta", 0.75))});
  return node.set(node.make<DivOp>({x, power}));
}
} // namespace

Value makeConv(Node &node, Value x, Value weight, Value bias) {
  auto kernel = readKernel(node, weight);
  auto window = kernel ? readWindow(node, x, *kernel) : std::nullopt;
  if (!window)
    return Value();
  SmallVector<Value> operands = {x, weight};
  if (bias)
    operands.push_back(bias);
  return node.make<ConvOp>(operands,
                           {node.ints("strides", window->strides), node.ints("pads", window->pads),
                            node.ints("dilations", window->dilations), node.i64("groups", node.getInt("group", 1))});
}

void addWindowHandlers(Registry &r) {
  r.add("Conv", 2, 3, importConv);
  r.add("ConvTranspose", 2, 3, importConvTranspose);
  r.add("LRN", 1, 1, importLRN);
  r.add("MaxPool", 1, 1, importMaxPool);
  r.add("AveragePool", 1, 1, importAveragePool);
  r.add("GlobalAveragePool", 1, 1, importGlobalPool<ReduceKind::mean>);
  r.add("GlobalMaxPool", 1, 1, importGlobalPool<ReduceKind::max>);
}
} // namespace pare::onnx_import
