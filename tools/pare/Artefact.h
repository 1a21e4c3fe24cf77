// A compiled model in this process, run on tensors of the interpreter.
#ifndef PARE_TOOLS_PARE_ARTEFACT_H
#define PARE_TOOLS_PARE_ARTEFACT_H

#include "pare-rt/api.h"
#include "pare/Reference/Reference.h"

namespace pare::tool {
struct ReleaseHandle {
  void operator()(pare_rt_module *module) const { pare_rt_module_release(module); }
  void operator()(pare_rt_session *session) const { pare_rt_session_release(session); }
};

/// An error with the status's message; frees the status.
llvm::Error takeStatus(pare_rt_status *status);

/// One CPU variant of a loaded artefact.
class Artefact {
public:
  /// Fails with the runtime's message.
  static llvm::Expected<Artefact> load(const std::string &path, const std::string &variant, uint32_t threads);

  /// Runs an entry. `types` are its results' tensor types in the interpreter's terms. Fails with the runtime's message.
  llvm::Expected<reference::Tensors> run(const std::string &entry, llvm::ArrayRef<reference::Tensor> inputs,
                                         mlir::TypeRange types);
  /// Null when there is no such entry.
  const pare_rt_entry_info *findEntry(const std::string &entry) const {
    return pare_rt_module_find_entry(module.get(), entry.c_str());
  }
  const std::string &getVariant() const { return variant; }

private:
  std::string variant;
  std::unique_ptr<pare_rt_module, ReleaseHandle> module;
  /// Of the entry that ran last: a session remembers plans, which is what repeated runs should use.
  std::string sessionEntry;
  std::unique_ptr<pare_rt_session, ReleaseHandle> session;
};

pare_rt_dtype dtypeOf(mlir::Type elementType);
/// The tensor as the runtime takes it; the bytes stay `tensor`'s.
pare_rt_tensor toRuntime(const reference::Tensor &tensor);
/// A copy of what the runtime gave, of an element type that fits its dtype.
reference::Tensor fromRuntime(const pare_rt_tensor &tensor, mlir::Type elementType);
} // namespace pare::tool

#endif
