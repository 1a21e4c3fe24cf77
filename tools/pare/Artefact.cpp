#include "Artefact.h"

#include "mlir/IR/BuiltinTypes.h"
#include "llvm/ADT/TypeSwitch.h"

using namespace mlir;

namespace pare::tool {
llvm::Error takeStatus(pare_rt_status *status) {
  if (!status)
    return llvm::Error::success();
  llvm::Error error = llvm::createStringError(llvm::inconvertibleErrorCode(), pare_rt_status_message(status));
  pare_rt_status_free(status);
  return error;
}

pare_rt_dtype dtypeOf(Type type) {
  if (type.isF32())
    return PARE_RT_F32;
  if (type.isF64())
    return PARE_RT_F64;
  if (type.isF16())
    return PARE_RT_F16;
  if (type.isBF16())
    return PARE_RT_BF16;
  const bool isUnsigned = type.isUnsignedInteger();
  switch (type.getIntOrFloatBitWidth()) {
  case 1:
    return PARE_RT_BOOL;
  case 8:
    return isUnsigned ? PARE_RT_U8 : PARE_RT_I8;
  case 16:
    return isUnsigned ? PARE_RT_U16 : PARE_RT_I16;
  case 32:
    return isUnsigned ? PARE_RT_U32 : PARE_RT_I32;
  default:
    return isUnsigned ? PARE_RT_U64 : PARE_RT_I64;
  }
}

pare_rt_tensor toRuntime(const reference::Tensor &tensor) {
  pare_rt_tensor result = {};
  // The runtime does not write to inputs.
  result.data = const_cast<char *>(tensor.getBytes().data());
  result.size = tensor.getBytes().size();
  result.dtype = dtypeOf(tensor.getElementType());
  result.rank = static_cast<uint32_t>(tensor.getRank());
  std::copy(tensor.getShape().begin(), tensor.getShape().end(), result.dims);
  return result;
}

reference::Tensor fromRuntime(const pare_rt_tensor &tensor, Type elementType) {
  ArrayRef<int64_t> shape(tensor.dims, tensor.rank);
  int64_t bytes = pare_rt_dtype_size(tensor.dtype);
  for (int64_t size : shape)
    bytes *= size;
  return reference::Tensor::copy(elementType, shape,
                                 ArrayRef(static_cast<const char *>(tensor.data), static_cast<size_t>(bytes)));
}

llvm::Expected<Artefact> Artefact::load(const std::string &path, const std::string &variant, uint32_t threads) {
  pare_rt_load_options options = {};
  options.struct_size = sizeof options;
  options.variant = variant.empty() ? nullptr : variant.c_str();
  options.threads = threads;
  pare_rt_module *module = nullptr;
  if (llvm::Error error = takeStatus(pare_rt_module_load(path.c_str(), &options, &module)))
    return error;
  Artefact artefact;
  artefact.module.reset(module);
  artefact.variant = pare_rt_module_variant(module);
  return artefact;
}

llvm::Expected<reference::Tensors> Artefact::run(const std::string &entry, ArrayRef<reference::Tensor> inputs,
                                                 TypeRange types) {
  if (!session || sessionEntry != entry) {
    pare_rt_session *created = nullptr;
    if (llvm::Error error = takeStatus(pare_rt_session_create(module.get(), entry.c_str(), &created)))
      return error;
    session.reset(created);
    sessionEntry = entry;
  }
  std::vector<pare_rt_tensor> given, got(types.size());
  for (const reference::Tensor &input : inputs)
    given.push_back(toRuntime(input));
  if (llvm::Error error =
          takeStatus(pare_rt_session_run(session.get(), given.data(), static_cast<uint32_t>(given.size()), got.data(),
                                         static_cast<uint32_t>(got.size()))))
    return error;
  reference::Tensors results;
  for (auto [tensor, type] : llvm::zip_equal(got, types)) {
    Type elementType = cast<ShapedType>(type).getElementType();
    if (tensor.dtype != dtypeOf(elementType))
      return llvm::createStringError(llvm::inconvertibleErrorCode(), "output %zu has dtype %s", results.size(),
                                     pare_rt_dtype_name(tensor.dtype));
    results.push_back(fromRuntime(tensor, elementType));
  }
  return results;
}
} // namespace pare::tool
