// Tensors put together again from where their elements come from.
#include "Utils.h"

using namespace mlir;
using namespace pare;
using Kind = ElementExpr::Kind;

/// The axes of which `index` is the row-major position, in order; std::nullopt when it is no such position over `size`.
static std::optional<SmallVector<int64_t>> decompose(const Polynomial &index, const Polynomial &size,
                                                     ArrayRef<IndexAxis> axes) {
  SmallVector<int64_t> found;
  Polynomial rest = index, stride = polynomial::constant(1);
  while (!rest.empty()) {
    bool advanced = false;
    for (auto [number, axis] : llvm::enumerate(axes)) {
      auto term = polynomial::multiply(stride, axis.variable->integer);
      auto without = term ? polynomial::add(rest, *term, -1) : std::nullopt;
      if (!without || without->size() >= rest.size())
        continue;
      rest = *without;
      found.insert(found.begin(), static_cast<int64_t>(number));
      auto next = polynomial::multiply(stride, axis.size);
      if (!next)
        return std::nullopt;
      stride = *next;
      advanced = true;
      break;
    }
    if (!advanced)
      return std::nullopt;
  }
  return stride == size ? std::optional(found) : std::nullopt;
}

Value pare::rebuild(ImplicitLocOpBuilder &builder, SymbolicDims &dims, ElementExprs::Expr source,
                    ArrayRef<IndexAxis> axes) {
  if (source->kind != Kind::leaf)
    return Value();
  SmallVector<int64_t> order;
  SmallVector<IndexAxis> sizes;
  bool splits = false;
  for (auto [axis, index] : llvm::enumerate(source->operands)) {
    if (index->kind != Kind::integer)
      return Value();
    auto parts = decompose(index->integer, dims.sizeOf(source->value, axis), axes);
    if (!parts)
      return Value();
    splits |= parts->size() != 1;
    for (int64_t part : *parts) {
      order.push_back(part);
      sizes.push_back(axes[part]);
      if (parts->size() == 1)
        sizes.back() = {axes[part].variable, axes[part].size, source->value, static_cast<int64_t>(axis)};
    }
  }
  // Each axis once, except those of size 1, which nothing reads.
  SmallVector<int64_t> permutation;
  for (int64_t axis = 0; axis < static_cast<int64_t>(axes.size()); ++axis) {
    if (llvm::count(order, axis) > 1)
      return Value();
    if (!llvm::is_contained(order, axis)) {
      if (polynomial::asConstant(axes[axis].size) != 1)
        return Value();
      order.push_back(axis);
      sizes.push_back(axes[axis]);
      splits = true;
    }
    permutation.push_back(llvm::find(order, axis) - order.begin());
  }
  Value value = source->value;
  if (splits)
    value = ReshapeOp::create(builder, value, emitShape(builder, sizes), /*allow_zero=*/true);
  // What the analysis knows of the sizes, the type says.
  auto refine = [&](ArrayRef<IndexAxis> of) {
    auto type = cast<RankedTensorType>(value.getType());
    SmallVector<int64_t> shape(type.getShape());
    for (auto [axis, size] : llvm::enumerate(of))
      if (auto known = polynomial::asConstant(size.size))
        shape[axis] = *known;
    if (value.getDefiningOp() && isa<PareDialect>(value.getDefiningOp()->getDialect()))
      value.setType(RankedTensorType::get(shape, type.getElementType()));
  };
  if (splits)
    refine(sizes);
  if (!llvm::equal(permutation, llvm::seq<int64_t>(0, permutation.size()))) {
    value = TransposeOp::create(builder, value, permutation);
    refine(axes);
  }
  return value;
}
