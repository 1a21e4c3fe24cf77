#include "state/PackLayout.h"

#include "base/DType.h"

#include <cstring>

namespace pare::rt {

namespace {

bool isNamed(const pare_rt_dim &dim, const std::string &name) {
  return dim.kind == PARE_RT_DIM_SYMBOLIC && name == dim.symbol;
}

std::string names(const pare_rt_value_info *values, uint32_t count) {
  std::string text;
  for (uint32_t i = 0; i < count; ++i)
    text += std::string(i ? ", " : "") + values[i].name + " " + formatShape(values[i]);
  return text;
}

/// The number 1 in a dtype; the low bytes of the answer.
uint64_t one(pare_rt_dtype dtype) {
  switch (dtype) {
  case PARE_RT_F32:
    return 0x3f800000;
  case PARE_RT_F64:
    return 0x3ff0000000000000;
  case PARE_RT_F16:
    return 0x3c00;
  case PARE_RT_BF16:
    return 0x3f80;
  default:
    return 1;
  }
}

Status findMask(const pare_rt_entry_info &entry, const char *name, uint32_t &mask) {
  int32_t found = name ? pare_rt_entry_find_input(&entry, name) : pare_rt_entry_find_input(&entry, "attention_mask");
  if (found < 0 && !name)
    found = pare_rt_entry_find_input(&entry, "input_mask");
  if (found < 0 && name)
    return makeError(PARE_RT_INVALID_ARGUMENT, "entry '%s' has no input '%s' to be the mask; it takes: %s", entry.name,
                     name, names(entry.inputs, entry.input_count).c_str());
  if (found < 0)
    return makeError(PARE_RT_INVALID_ARGUMENT,
                     "entry '%s' has no input 'attention_mask' or 'input_mask': say which input is the mask "
                     "(mask_input); it takes: %s",
                     entry.name, names(entry.inputs, entry.input_count).c_str());
  mask = uint32_t(found);
  return {};
}

} // namespace

Status PackedValue::make(const pare_rt_value_info &info, const char *kind, const std::string &batch,
                         const std::string &sequence, PackedValue &result) {
  const std::string what = std::string(kind) + " '" + info.name + "' is " + formatShape(info) + ": ";
  if (info.rank == 0 || !isNamed(info.dims[0], batch))
    return Status(PARE_RT_INVALID_ARGUMENT, what + "requests cannot be packed, expected '" + batch +
                                                "' as its first dimension (batch_dim says which one counts sequences)");
  result = {};
  result.value = &info;
  result.name = sequence;
  result.inner = pare_rt_dtype_size(info.dtype);
  for (uint32_t axis = 1; axis < info.rank; ++axis) {
    const pare_rt_dim &dim = info.dims[axis];
    if (isNamed(dim, sequence)) {
      result.lastToken = int32_t(result.dims.size());
      result.dims.push_back(-1);
    } else if (dim.kind == PARE_RT_DIM_STATIC) {
      result.dims.push_back(dim.size);
    } else {
      return Status(PARE_RT_INVALID_ARGUMENT, what + "requests cannot be packed, expected its dimension " +
                                                  std::to_string(axis) + " to be '" + sequence +
                                                  "' or of one size (sequence_dim says which one counts tokens)");
    }
  }
  for (size_t axis = size_t(result.lastToken + 1); axis < result.dims.size(); ++axis)
    if (__builtin_mul_overflow(result.inner, uint64_t(result.dims[axis]), &result.inner))
      return Status(PARE_RT_INVALID_ARGUMENT, what + "its size leaves 63 bits");
  return {};
}

void PackedValue::shape(int64_t length, pare_rt_tensor &tensor) const {
  tensor.dtype = value->dtype;
  tensor.rank = uint32_t(dims.size());
  for (size_t axis = 0; axis < dims.size(); ++axis)
    tensor.dims[axis] = dims[axis] < 0 ? length : dims[axis];
}

std::optional<uint64_t> PackedValue::bytes(int64_t length) const {
  pare_rt_tensor tensor;
  shape(length, tensor);
  return tensorBytes(tensor.dims, tensor.rank, tensor.dtype);
}

std::string PackedValue::text() const {
  std::vector<std::string> texts;
  texts.reserve(dims.size());
  for (int64_t dim : dims)
    texts.push_back(dim < 0 ? name : std::to_string(dim));
  return formatShape(texts, value->dtype);
}

template <bool In>
void PackedValue::copy(uint32_t axis, char *&request, int64_t length, char *&call, int64_t padded) const {
  if (lastToken < 0 || axis == uint32_t(lastToken)) {
    uint64_t bytes = inner * uint64_t(lastToken < 0 ? 1 : length);
    uint64_t padding = lastToken < 0 ? 0 : inner * uint64_t(padded - length);
    if (bytes)
      memcpy(In ? call : request, In ? request : call, bytes);
    if (In && padding)
      memset(call + bytes, 0, padding);
    request += bytes;
    call += bytes + padding;
    return;
  }
  for (int64_t i = 0, end = dims[axis] < 0 ? length : dims[axis]; i < end; ++i)
    copy<In>(axis + 1, request, length, call, padded);
  if (dims[axis] >= 0)
    return;
  uint64_t bytes = inner;
  for (uint32_t inside = axis + 1; inside <= uint32_t(lastToken); ++inside)
    bytes *= uint64_t(dims[inside] < 0 ? padded : dims[inside]);
  bytes *= uint64_t(padded - length);
  if (In && bytes)
    memset(call, 0, bytes);
  call += bytes;
}

void PackedValue::copyIn(const void *request, int64_t length, void *call, int64_t padded) const {
  char *from = static_cast<char *>(const_cast<void *>(request)), *to = static_cast<char *>(call);
  copy<true>(0, from, length, to, padded);
}

void PackedValue::copyOut(const void *call, int64_t padded, void *request, int64_t length) const {
  char *to = static_cast<char *>(request), *from = static_cast<char *>(const_cast<void *>(call));
  copy<false>(0, to, length, from, padded);
}

Status PackLayout::make(const pare_rt_entry_info &entry, const PackNames &names, PackLayout &result) {
  result = {};
  if (Status status = findMask(entry, names.mask, result.mask); status.failed())
    return status;
  const pare_rt_value_info &mask = entry.inputs[result.mask];
  for (uint32_t axis = 0; axis < 2; ++axis) {
    const char *given = axis ? names.sequence : names.batch;
    if (mask.rank != 2 || mask.dims[axis].kind != PARE_RT_DIM_SYMBOLIC || (given && !isNamed(mask.dims[axis], given)))
      return makeError(
          PARE_RT_INVALID_ARGUMENT,
          "the mask '%s' is %s: requests cannot be packed, expected [%s, %s], two open dimensions with names",
          mask.name, formatShape(mask).c_str(), names.batch ? names.batch : "batch",
          names.sequence ? names.sequence : "sequence");
    (axis ? result.sequence : result.batch) = mask.dims[axis].symbol;
  }
  if (result.batch == result.sequence)
    return makeError(PARE_RT_INVALID_ARGUMENT, "the mask '%s' is %s: both dimensions have one name", mask.name,
                     formatShape(mask).c_str());
  bool tokens = false;
  for (uint32_t i = 0; i < entry.input_count; ++i) {
    result.inputs.emplace_back();
    if (Status status =
            PackedValue::make(entry.inputs[i], "input", result.batch, result.sequence, result.inputs.back());
        status.failed())
      return status;
    tokens |= i != result.mask && result.inputs.back().perToken();
  }
  if (!tokens)
    return makeError(PARE_RT_INVALID_ARGUMENT, "no input but the mask '%s' has the dimension '%s'", mask.name,
                     result.sequence.c_str());
  for (uint32_t i = 0; i < entry.output_count; ++i) {
    result.outputs.emplace_back();
    if (Status status =
            PackedValue::make(entry.outputs[i], "output", result.batch, result.sequence, result.outputs.back());
        status.failed())
      return status;
  }
  return {};
}

Status PackLayout::checkInput(uint32_t index, const pare_rt_tensor &tensor, int64_t &length) const {
  const PackedValue &value = inputs[index];
  const pare_rt_value_info &info = value.info();
  auto bad = [&](const std::string &what) {
    return Status(PARE_RT_INVALID_ARGUMENT, std::string("input '") + info.name + "': " + what);
  };
  auto mismatch = [&] {
    if (tensor.rank > PARE_RT_MAX_RANK)
      return bad("rank " + std::to_string(tensor.rank) + " is above the limit of " + std::to_string(PARE_RT_MAX_RANK));
    return bad("expected " + value.text() + " for one request, got " +
               formatShape(tensor.dims, tensor.rank, tensor.dtype));
  };
  if (tensor.dtype != info.dtype || (tensor.rank != info.rank && tensor.rank + 1 != info.rank))
    return mismatch();
  const bool batched = tensor.rank == info.rank;
  if (batched && tensor.dims[0] != 1)
    return mismatch();
  for (uint32_t axis = 1; axis < info.rank; ++axis) {
    int64_t size = tensor.dims[axis - !batched];
    if (info.dims[axis].kind == PARE_RT_DIM_STATIC ? size != info.dims[axis].size : size < 0)
      return mismatch();
    if (info.dims[axis].kind == PARE_RT_DIM_STATIC)
      continue;
    if (size == 0)
      return bad("the request has no tokens, expected at least one");
    if (length >= 0 && size != length)
      return bad("expected a request of " + std::to_string(length) + " tokens, as its other inputs have, got " +
                 formatShape(tensor.dims, tensor.rank, tensor.dtype));
    length = size;
  }
  auto bytes = tensorBytes(tensor.dims, tensor.rank, tensor.dtype);
  if (!bytes)
    return bad("the size of shape " + formatShape(tensor.dims, tensor.rank, tensor.dtype) + " leaves 63 bits");
  if (*bytes > tensor.size)
    return bad("shape " + formatShape(tensor.dims, tensor.rank, tensor.dtype) + " takes " + std::to_string(*bytes) +
               " bytes, the buffer has " + std::to_string(tensor.size));
  if (*bytes && !tensor.data)
    return bad("data is NULL");
  return {};
}

Status PackLayout::check(const pare_rt_tensor *given, int64_t &length) const {
  length = -1;
  for (uint32_t i = 0; i < inputs.size(); ++i)
    if (i != mask)
      if (Status status = checkInput(i, given[i], length); status.failed())
        return status;
  const pare_rt_tensor &tensor = given[mask];
  if (!tensor.data)
    return {};
  if (Status status = checkInput(mask, tensor, length); status.failed())
    return status;
  const pare_rt_value_info &info = inputs[mask].info();
  const uint32_t size = pare_rt_dtype_size(info.dtype);
  const uint64_t wanted = one(info.dtype);
  for (int64_t i = 0; i < length; ++i)
    if (memcmp(static_cast<const char *>(tensor.data) + i * size, &wanted, size) != 0)
      return makeError(PARE_RT_INVALID_ARGUMENT,
                       "input '%s': element %lld is not 1: a request has no padding, leave it and the mask out",
                       info.name, (long long)i);
  return {};
}

void PackLayout::fillMask(void *row, int64_t length, int64_t padded) const {
  const pare_rt_dtype dtype = inputs[mask].info().dtype;
  const uint32_t size = pare_rt_dtype_size(dtype);
  const uint64_t value = one(dtype);
  char *to = static_cast<char *>(row);
  for (int64_t i = 0; i < length; ++i)
    memcpy(to + i * size, &value, size);
  memset(to + length * size, 0, uint64_t(padded - length) * size);
}

} // namespace pare::rt
