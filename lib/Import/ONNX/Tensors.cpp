// Types and constant tensors.
#include "Importer.h"

#include "llvm/Support/MathExtras.h"
#include "llvm/Support/Path.h"

using namespace mlir;

namespace pare::onnx_import {
Type Importer::getElementType(int32_t dataType) {
  auto integer = [&](unsigned width, bool isSigned) {
    return IntegerType::get(&context, width, isSigned ? IntegerType::Signed : IntegerType::Unsigned);
  };
  switch (dataType) {
  case onnx::TensorProto::FLOAT:
    return Float32Type::get(&context);
  case onnx::TensorProto::DOUBLE:
    return Float64Type::get(&context);
  case onnx::TensorProto::FLOAT16:
    return Float16Type::get(&context);
  case onnx::TensorProto::BFLOAT16:
    return BFloat16Type::get(&context);
  case onnx::TensorProto::BOOL:
    return IntegerType::get(&context, 1);
  case onnx::TensorProto::INT8:
    return integer(8, true);
  case onnx::TensorProto::INT16:
    return integer(16, true);
  case onnx::TensorProto::INT32:
    return integer(32, true);
  case onnx::TensorProto::INT64:
    return integer(64, true);
  case onnx::TensorProto::UINT8:
    return integer(8, false);
  case onnx::TensorProto::UINT16:
    return integer(16, false);
  case onnx::TensorProto::UINT32:
    return integer(32, false);
  case onnx::TensorProto::UINT64:
    return integer(64, false);
  default:
    return {};
  }
}

static std::string dataTypeName(int32_t type) {
  return onnx::TensorProto::DataType_IsValid(type) ? onnx::TensorProto::DataType_Name(onnx::TensorProto::DataType(type))
                                                   : "number " + std::to_string(type);
}

FailureOr<TensorType> Importer::getType(const onnx::TypeProto &proto, const Twine &what) {
  if (!proto.has_tensor_type()) {
    error(fileLocation, what + " is not a tensor: sequences, maps, optionals and sparse tensors are not supported");
    return failure();
  }
  const onnx::TypeProto::Tensor &tensor = proto.tensor_type();
  Type element = getElementType(tensor.elem_type());
  if (!element) {
    error(fileLocation, what + " has element type " + dataTypeName(tensor.elem_type()) + ", which is not supported");
    return failure();
  }
  if (!tensor.has_shape())
    return TensorType(UnrankedTensorType::get(element));
  SmallVector<int64_t> shape;
  int64_t elements = 8; // bytes, at most
  for (const onnx::TensorShapeProto::Dimension &dim : tensor.shape().dim()) {
    // Some exporters write -1 for a dimension that is not known.
    bool known = dim.has_dim_value() && dim.dim_value() >= 0;
    shape.push_back(known ? dim.dim_value() : ShapedType::kDynamic);
    if (known && dim.dim_value() != 0 && llvm::MulOverflow(elements, dim.dim_value(), elements)) {
      error(fileLocation, what + " is larger than the address space");
      return failure();
    }
  }
  if (shape.size() > 64) {
    error(fileLocation, what + " has more than 64 dimensions");
    return failure();
  }
  return TensorType(RankedTensorType::get(shape, element));
}

llvm::Expected<std::string> Importer::resolveExternalPath(StringRef location) const {
  namespace sys = llvm::sys::path;
  if (!isFile)
    return llvm::createStringError("a model in memory has no external data");
  if (location.empty() || sys::is_absolute(location) ||
      llvm::is_contained(llvm::make_range(sys::begin(location), sys::end(location)), ".."))
    return llvm::createStringError("external data location '" + location.str() +
                                   "' does not stay in the model's folder");
  SmallString<256> full(sys::parent_path(path));
  sys::append(full, location);
  return std::string(full);
}

// Elements of a TensorProto's typed fields as raw bytes, false when there are too few or too many.
static bool unpack(const onnx::TensorProto &tensor, int64_t count, unsigned width, std::vector<char> &out) {
  auto copy = [&](const auto &field, auto narrow) {
    if (field.size() != count)
      return false;
    out.resize(size_t(count) * width);
    for (int64_t i = 0; i < count; ++i) {
      auto value = decltype(narrow)(field.Get(int(i)));
      std::memcpy(out.data() + size_t(i) * width, &value, width);
    }
    return true;
  };
  switch (tensor.data_type()) {
  case onnx::TensorProto::FLOAT:
    return copy(tensor.float_data(), float());
  case onnx::TensorProto::DOUBLE:
    return copy(tensor.double_data(), double());
  case onnx::TensorProto::INT64:
    return copy(tensor.int64_data(), int64_t());
  case onnx::TensorProto::UINT64:
    return copy(tensor.uint64_data(), uint64_t());
  case onnx::TensorProto::UINT32:
    return copy(tensor.uint64_data(), uint32_t());
  case onnx::TensorProto::INT32:
    return copy(tensor.int32_data(), int32_t());
  case onnx::TensorProto::BOOL:
  case onnx::TensorProto::INT8:
  case onnx::TensorProto::UINT8:
    return copy(tensor.int32_data(), uint8_t());
  default: // 16-bit types, floats as their bits
    return copy(tensor.int32_data(), uint16_t());
  }
}

FailureOr<Value> Importer::importTensor(const onnx::TensorProto &tensor, Location location, std::string &reason,
                                        bool &malformed) {
  auto fail = [&](const Twine &text, bool isMalformed = true) -> FailureOr<Value> {
    reason = text.str();
    malformed = isMalformed;
    return failure();
  };
  Type element = getElementType(tensor.data_type());
  if (!element)
    return fail("a tensor of type " + dataTypeName(tensor.data_type()), tensor.data_type() == 0);
  unsigned width = elementBytes(element);
  SmallVector<int64_t> shape(tensor.dims().begin(), tensor.dims().end());
  int64_t size = width, count = 1;
  bool empty = llvm::is_contained(shape, 0);
  for (int64_t extent : shape)
    if (extent < 0 || (extent > 0 && llvm::MulOverflow(size, extent, size)))
      return fail("a tensor has a dimension of " + Twine(extent) + (extent < 0 ? "" : ", too large to address"));
  if (empty)
    size = 0;
  if (shape.size() > 64)
    return fail("a tensor has more than 64 dimensions");
  count = size / width;
  auto type = RankedTensorType::get(shape, element);

  if (tensor.has_segment() || tensor.data_location() == onnx::TensorProto::EXTERNAL) {
    uint64_t offset = 0, length = uint64_t(size);
    std::string file = path;
    StringRef contents = bytes;
    if (tensor.has_segment()) {
      offset = uint64_t(tensor.segment().begin());
      length = uint64_t(tensor.segment().end()) - offset;
    } else {
      StringRef name;
      bool numbers = true;
      for (const onnx::StringStringEntryProto &entry : tensor.external_data()) {
        StringRef key = entry.key(), value = entry.value();
        if (key == "location")
          name = value;
        else if (key == "offset")
          numbers &= !value.getAsInteger(10, offset);
        else if (key == "length")
          numbers &= !value.getAsInteger(10, length);
      }
      if (!numbers)
        return fail("its external data has an offset or length that is no number");
      llvm::Expected<std::string> resolved = resolveExternalPath(name);
      if (!resolved)
        return fail(llvm::toString(resolved.takeError()));
      file = *resolved;
      if (size == 0)
        return Value(ConstantOp::create(builder, location, cast<TypedAttr>(makeConstant(type, {}))));
      llvm::Expected<StringRef> mapped = context.getLoadedDialect<PareDialect>()->mapFile(file);
      if (!mapped)
        return fail("its external data cannot be read: " + llvm::toString(mapped.takeError()));
      contents = *mapped;
    }
    if (length != uint64_t(size))
      return fail("its data has " + Twine(length) + " bytes, but its shape and type need " + Twine(size));
    if (offset > contents.size() || length > contents.size() - offset)
      return fail("its data reaches beyond the end of '" + file + "'");
    StringRef data = contents.substr(offset, length);
    if (isFile && size > int64_t(64)) {
      if (ExternalAttr attr = ExternalAttr::getChecked([&] { return mlir::emitError(location); }, &context,
                                                       StringRef(file), offset, type))
        return Value(ConstantOp::create(builder, location, attr));
      return fail("its data cannot be mapped");
    }
    return Value(
        ConstantOp::create(builder, location, cast<TypedAttr>(makeConstant(type, {data.data(), data.size()}))));
  }

  std::vector<char> storage;
  ArrayRef<char> data;
  if (tensor.has_raw_data()) {
    data = {tensor.raw_data().data(), tensor.raw_data().size()};
    if (data.size() != size_t(size))
      return fail("its data has " + Twine(data.size()) + " bytes, but its shape and type need " + Twine(size));
  } else {
    if (!unpack(tensor, count, width, storage))
      return fail("the number of its elements does not fit its shape, which needs " + Twine(count));
    data = storage;
  }
  if (element.isInteger(1)) { // any byte that is not 0 means true
    std::vector<char> flags(data.begin(), data.end());
    for (char &flag : flags)
      flag = flag != 0;
    storage = std::move(flags);
    data = storage;
  }
  return Value(ConstantOp::create(builder, location, cast<TypedAttr>(makeConstant(type, data))));
}
} // namespace pare::onnx_import
