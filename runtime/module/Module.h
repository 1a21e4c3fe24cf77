// A loaded model.pare file: what pare_rt_module is.
#ifndef PARE_RUNTIME_MODULE_MODULE_H
#define PARE_RUNTIME_MODULE_MODULE_H

#include "module/Check.h"
#include "pare-rt/abi.h"

#include <atomic>
#include <memory>
#include <vector>

struct pare_rt_module {
protected:
  pare_rt_module() = default;
  ~pare_rt_module() = default;
};

namespace pare::rt {

using EntryFn = int32_t (*)(pare_context *, const void *const *inputs, const int64_t *dims);

/// A file that is open and mapped for reading.
class MappedFile {
public:
  MappedFile() = default;
  MappedFile(const MappedFile &) = delete;
  MappedFile &operator=(const MappedFile &) = delete;
  ~MappedFile();
  Status open(const std::string &path);

  int descriptor() const { return fd; }
  const uint8_t *data() const { return bytes; }
  uint64_t size() const { return length; }

private:
  int fd = -1;
  const uint8_t *bytes = nullptr;
  uint64_t length = 0;
};

class Module final : public pare_rt_module {
public:
  static Status load(const std::string &path, const pare_rt_load_options &options, std::unique_ptr<Module> &result);
  ~Module();

  void retain() { references.fetch_add(1, std::memory_order_relaxed); }
  void release() {
    if (references.fetch_sub(1, std::memory_order_acq_rel) == 1)
      delete this;
  }

  const Manifest &manifest() const { return checked.manifest; }
  const std::string &manifestText() const { return text; }
  const pare_rt_entry_info &info(uint32_t entry) const { return infos[entry]; }
  EntryFn function(uint32_t entry) const { return functions[entry]; }
  const uint8_t *weights() const { return file.data() + checked.footer.weights_offset; }
  uint64_t weightsSize() const { return checked.footer.weights_size; }
  const pare_kernel_fn *kernels() const { return table; }
  uint32_t numKernels() const { return kernelCount; }
  /// What the manifest tells of the launches of the code, as the C API shows it.
  struct LaunchInfo {
    const char *name;
    std::vector<const char *> nodes;
  };
  const std::vector<LaunchInfo> &launches() const { return launchInfos; }
  const pare_slot *slots() const { return slotTable; }
  uint32_t numSlots() const { return slotCount; }
  Variant variant() const { return chosen; }
  uint32_t threads() const { return threadCount; }

private:
  Module() = default;
  Status chooseVariant(const char *wanted);
  Status openCode();
  Status resolve();
  template <typename T> Status symbol(const std::string &name, uint64_t elements, const T *&result);
  void describe();

  std::atomic<uint32_t> references{1};
  // Open as long as the code is loaded.
  MappedFile file;
  CheckedFile checked;
  std::string text;
  void *handle = nullptr;
  Variant chosen = Variant::V2;
  uint32_t threadCount = 1;
  const pare_kernel_fn *table = nullptr;
  uint32_t kernelCount = 0;
  const pare_slot *slotTable = nullptr;
  uint32_t slotCount = 0;
  std::vector<EntryFn> functions;
  // What the C API shows of the manifest; strings are those of `checked`.
  std::vector<pare_rt_entry_info> infos;
  std::vector<pare_rt_value_info> valueInfos;
  std::vector<pare_rt_dim> dimInfos;
  std::vector<LaunchInfo> launchInfos;
};

} // namespace pare::rt

#endif
