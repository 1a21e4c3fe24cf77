#include "PaddingCheck.h"
#include "pare/Dialect/Shapes.h"
#include "pare/Interfaces/Interfaces.h"

using namespace mlir;
using namespace pare;
using namespace pare::tool;
using reference::Tensor;

llvm::Expected<std::optional<PaddingCheck>> PaddingCheck::create(ModuleOp module, StringRef entry,
                                                                 ArrayRef<Tensor> inputs) {
  auto function = module.lookupSymbol<func::FuncOp>(entry);
  auto name = function ? function->getAttrOfType<StringAttr>(kPaddingAttr) : StringAttr();
  auto rows = name ? module.lookupSymbol<func::FuncOp>(name) : func::FuncOp();
  if (!rows)
    return std::nullopt;
  llvm::Expected<reference::Tensors> masks = reference::evaluateFunction(rows, inputs);
  if (!masks)
    return masks.takeError();
  return PaddingCheck(function, std::move(*masks));
}

void PaddingCheck::forEachOutside(const Tensor &rows, ArrayRef<int64_t> axes, const Tensor &tensor,
                                  llvm::function_ref<void(int64_t)> visit) {
  ArrayRef<int64_t> shape = tensor.getShape();
  SmallVector<int64_t> strides(shape.size(), 1);
  for (int64_t axis = static_cast<int64_t>(shape.size()) - 2; axis >= 0; --axis)
    strides[axis] = strides[axis + 1] * shape[axis + 1];
  for (int64_t position = 0, count = tensor.getNumElements(); position < count; ++position) {
    int64_t batch = position / strides[axes[0]] % shape[axes[0]], row = position / strides[axes[1]] % shape[axes[1]];
    if (rows.getInt(batch * rows.getShape()[1] + row) == 0)
      visit(position);
  }
}

void PaddingCheck::clear(unsigned number, Tensor &want, reference::Allowance &allowance) const {
  if (auto axes = function.getResultAttrOfType<DenseI64ArrayAttr>(number, kPaddingAttr))
    forEachOutside(valid, axes.asArrayRef(), want, [&](int64_t position) {
      want.setDouble(position, 0);
      if (position < static_cast<int64_t>(allowance.deviation.size()))
        allowance.deviation[position] = 0;
    });
}

llvm::Expected<reference::Tensors> PaddingCheck::unpack(reference::Tensors got) const {
  auto isPacked = [&](unsigned number) { return function.getResultAttr(number, kPackedAttr) != nullptr; };
  if (llvm::none_of(llvm::seq<unsigned>(0, got.size()), isPacked))
    return got;
  auto wrong = [](const Twine &text) { return llvm::createStringError(llvm::inconvertibleErrorCode(), text); };
  int64_t batch = valid.getShape()[0], length = valid.getShape()[1];
  std::vector<int64_t> rows, offsets{0};
  for (int64_t row = 0; row < batch * length; ++row) {
    if (valid.getInt(row) != 0)
      rows.push_back(row);
    if ((row + 1) % length == 0)
      offsets.push_back(static_cast<int64_t>(rows.size()));
  }
  offsets.resize(batch + 1); // of sequences without rows
  if (got[got.size() - 2].toInts() != rows || got.back().toInts() != offsets)
    return wrong("its rows are not those that the mask keeps");
  got.resize(got.size() - 2);
  for (auto [number, tensor] : llvm::enumerate(got)) {
    if (!isPacked(number))
      continue;
    ArrayRef<int64_t> axes = function.getResultAttrOfType<DenseI64ArrayAttr>(number, kPaddingAttr).asArrayRef();
    SmallVector<int64_t> shape(tensor.getShape());
    int64_t place = axes[1] - (axes[0] < axes[1]);
    if (shape[place] != static_cast<int64_t>(rows.size()))
      return wrong("result " + Twine(number) + " has " + Twine(shape[place]) + " packed rows instead of " +
                   Twine(rows.size()));
    shape.insert(shape.begin() + axes[0], batch);
    shape[axes[1]] = length;
    Tensor whole(tensor.getElementType(), shape);
    SmallVector<int64_t> strides(shape.size(), 1), packedStrides(shape.size() - 1, 1);
    for (int64_t axis = static_cast<int64_t>(shape.size()) - 2; axis >= 0; --axis)
      strides[axis] = strides[axis + 1] * shape[axis + 1];
    for (int64_t axis = static_cast<int64_t>(shape.size()) - 3; axis >= 0; --axis)
      packedStrides[axis] = packedStrides[axis + 1] * tensor.getShape()[axis + 1];
    for (int64_t position = 0, count = tensor.getNumElements(); position < count; ++position) {
      int64_t target = 0;
      for (int64_t axis = 0; axis < tensor.getRank(); ++axis) {
        int64_t index = position / packedStrides[axis] % tensor.getShape()[axis];
        if (axis == place)
          target += rows[index] / length * strides[axes[0]] + rows[index] % length * strides[axes[1]];
        else
          target += index * strides[axis + (axis >= axes[0])];
      }
      if (tensor.isFloat())
        whole.setDouble(target, tensor.getDouble(position));
      else
        whole.setInt(target, tensor.getInt(position));
    }
    tensor = std::move(whole);
  }
  return got;
}

std::optional<reference::Tensors> PaddingCheck::disturb(ArrayRef<Tensor> inputs, uint64_t seed, int64_t maxInt) const {
  reference::Tensors changed(inputs.begin(), inputs.end());
  bool any = false;
  for (unsigned number = 0; number < changed.size(); ++number) {
    Tensor &tensor = changed[number];
    auto axes = function.getArgAttrOfType<DenseI64ArrayAttr>(number, kPaddingAttr);
    if (!axes)
      continue;
    Tensor other =
        reference::makeRandom(tensor.getElementType(), tensor.getShape(), seed + 7919 * (number + 1), maxInt);
    forEachOutside(computed, axes.asArrayRef(), tensor, [&](int64_t position) {
      any = true;
      if (tensor.isFloat())
        tensor.setDouble(position, other.getDouble(position));
      else
        tensor.setInt(position, other.getInt(position));
    });
  }
  return any ? std::optional(changed) : std::nullopt;
}

int64_t PaddingCheck::firstDifference(unsigned number, const Tensor &a, const Tensor &b) const {
  if (a.getShape() != b.getShape() || a.getElementType() != b.getElementType())
    return 0;
  std::vector<bool> padding(a.getNumElements());
  if (auto axes = function.getResultAttrOfType<DenseI64ArrayAttr>(number, kPaddingAttr))
    forEachOutside(valid, axes.asArrayRef(), a, [&](int64_t position) { padding[position] = true; });
  unsigned size = elementBytes(a.getElementType());
  for (int64_t position = 0; position < a.getNumElements(); ++position)
    if (!padding[position] && a.getBytes().slice(position * size, size) != b.getBytes().slice(position * size, size))
      return position;
  return -1;
}
