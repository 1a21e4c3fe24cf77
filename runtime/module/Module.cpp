// Loading of model.pare files.
#include "module/Module.h"

#include <cerrno>
#include <cstring>
#include <dlfcn.h>
#include <fcntl.h>
#include <link.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

namespace pare::rt {

MappedFile::~MappedFile() {
  if (bytes)
    munmap(const_cast<uint8_t *>(bytes), length);
  if (fd >= 0)
    close(fd);
}

Status MappedFile::open(const std::string &path) {
  auto failure = [&](const char *what) { return Status(PARE_RT_IO, std::string(what) + ": " + strerror(errno)); };
  // Not blocking: a pipe without a writer must be an error, not a wait.
  fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  if (fd < 0)
    return failure("cannot open");
  struct stat info;
  if (fstat(fd, &info) != 0)
    return failure("cannot read");
  if (!S_ISREG(info.st_mode))
    return Status(PARE_RT_IO, "not a regular file");
  if (info.st_size == 0)
    return Status(PARE_RT_BAD_MODULE, "not a model.pare file: it is empty");
  void *mapped = mmap(nullptr, size_t(info.st_size), PROT_READ, MAP_PRIVATE, fd, 0);
  if (mapped == MAP_FAILED)
    return failure("cannot map");
  bytes = static_cast<const uint8_t *>(mapped);
  length = uint64_t(info.st_size);
  return {};
}

Module::~Module() {
  if (handle)
    dlclose(handle);
}

Status Module::load(const std::string &path, const pare_rt_load_options &options, std::unique_ptr<Module> &result) {
  std::unique_ptr<Module> module(new Module());
  Status status = resolveThreads(options.threads, module->threadCount);
  if (status.failed())
    return status;
  status = module->file.open(path);
  if (!status.failed())
    status = checkFile(module->file.data(), module->file.size(), options.skip_checksums != 0, module->checked);
  if (!status.failed())
    status = module->chooseVariant(options.variant);
  if (!status.failed())
    status = module->openCode();
  if (!status.failed())
    status = module->resolve();
  if (status.failed())
    return std::move(status).context("'" + path + "': ");
  const pare_footer &footer = module->checked.footer;
  module->text.assign(reinterpret_cast<const char *>(module->file.data()) + footer.manifest_offset,
                      footer.manifest_size);
  module->describe();
  result = std::move(module);
  return {};
}

Status Module::chooseVariant(const char *wanted) {
  std::string present;
  for (Variant variant : manifest().variants)
    present += (present.empty() ? "" : ", ") + std::string(variantName(variant));
  if (wanted) {
    auto variant = parseVariant(wanted);
    if (!variant)
      return makeError(PARE_RT_INVALID_ARGUMENT, "unknown CPU variant '%s': expected one of %s", wanted,
                       present.c_str());
    bool found = false;
    for (Variant other : manifest().variants)
      found |= other == *variant;
    if (!found)
      return makeError(PARE_RT_INVALID_ARGUMENT, "no code for CPU variant %s in the file: it has %s",
                       variantName(*variant), present.c_str());
    if (!cpuSupports(*variant))
      return makeError(PARE_RT_UNSUPPORTED, "this CPU does not support variant %s", variantName(*variant));
    chosen = *variant;
    return {};
  }
  bool found = false;
  for (Variant variant : manifest().variants)
    if (cpuSupports(variant) && (!found || variant > chosen)) {
      chosen = variant;
      found = true;
    }
  if (!found)
    return makeError(PARE_RT_UNSUPPORTED, "this CPU supports none of the variants in the file (%s)", present.c_str());
  return {};
}

/// A path to an open file that no earlier call returned. The dynamic loader takes a name it has seen for the object it
/// has loaded, whatever the file is by now, and descriptors are numbered again and again: so a counter is spelt in
/// slashes.
static std::string uniquePath(int descriptor) {
  static std::atomic<uint32_t> counter{0};
  std::string path = "/proc/self/";
  for (uint32_t number = counter.fetch_add(1), bit = 0; bit < 32; ++bit)
    path += number >> bit & 1 ? "./" : "//";
  return path + "fd/" + std::to_string(descriptor);
}

Status Module::openCode() {
  handle = dlopen(uniquePath(file.descriptor()).c_str(), RTLD_NOW | RTLD_LOCAL);
  if (!handle) {
    const char *error = dlerror();
    return makeError(PARE_RT_BAD_MODULE, "its code cannot be loaded: %s", error ? error : "unknown error");
  }
  return {};
}

template <typename T> Status Module::symbol(const std::string &name, uint64_t elements, const T *&result) {
  void *address = dlsym(handle, name.c_str());
  if (!address)
    return makeError(PARE_RT_BAD_MODULE, "its code lacks the symbol %s", name.c_str());
  Dl_info info;
  const ElfW(Sym) *entry = nullptr;
  if (dladdr1(address, &info, reinterpret_cast<void **>(const_cast<ElfW(Sym) **>(&entry)), RTLD_DL_SYMENT) && entry &&
      entry->st_size && entry->st_size < elements * sizeof(T))
    return makeError(PARE_RT_BAD_MODULE, "symbol %s of its code has %llu bytes: expected %llu", name.c_str(),
                     (unsigned long long)entry->st_size, (unsigned long long)(elements * sizeof(T)));
  if (reinterpret_cast<uintptr_t>(address) % alignof(T))
    return makeError(PARE_RT_BAD_MODULE, "symbol %s of its code is not aligned", name.c_str());
  result = static_cast<const T *>(address);
  return {};
}

Status Module::resolve() {
  const uint32_t *number = nullptr;
  if (Status status = symbol("pare_abi_version", 1, number); status.failed())
    return status;
  if (*number != PARE_ABI_VERSION)
    return makeError(PARE_RT_UNSUPPORTED, "its code has runtime ABI %u; this runtime has ABI %u", *number,
                     PARE_ABI_VERSION);
  if (Status status = symbol("pare_num_kernels", 1, number); status.failed())
    return status;
  const uint32_t numKernels = kernelCount = *number;
  for (const Launch &launch : manifest().launches)
    if (launch.kernel >= numKernels)
      return makeError(PARE_RT_BAD_MODULE, "its manifest has a launch of kernel %u, its code has %u kernels",
                       launch.kernel, numKernels);
  if (Status status = symbol("pare_num_slots", 1, number); status.failed())
    return status;
  slotCount = *number;
  if (slotCount) {
    if (Status status = symbol("pare_slots", slotCount, slotTable); status.failed())
      return status;
  }
  for (uint32_t i = 0; i < slotCount; ++i)
    if (slotTable[i].first > slotTable[i].last)
      return makeError(PARE_RT_BAD_MODULE, "slot %u of its code ends before it begins", i);
  for (Variant variant : manifest().variants) {
    const pare_kernel_fn *kernels = nullptr;
    const std::string name = std::string("pare_kernels_") + variantSymbol(variant);
    if (numKernels) {
      if (Status status = symbol(name, numKernels, kernels); status.failed())
        return status;
    }
    for (uint32_t i = 0; i < numKernels; ++i)
      if (!kernels[i])
        return makeError(PARE_RT_BAD_MODULE, "kernel %u of %s is missing", i, name.c_str());
    if (variant == chosen)
      table = kernels;
  }
  for (const Entry &entry : manifest().entries) {
    const std::string name = "pare_entry_" + entry.name;
    void *address = dlsym(handle, name.c_str());
    if (!address)
      return makeError(PARE_RT_BAD_MODULE, "its code lacks the symbol %s", name.c_str());
    functions.push_back(reinterpret_cast<EntryFn>(address));
  }
  return {};
}

void Module::describe() {
  size_t values = 0, dims = 0;
  for (const Entry &entry : manifest().entries)
    for (const auto *list : {&entry.inputs, &entry.outputs})
      for (const Value &value : *list) {
        ++values;
        dims += value.dims.size();
      }
  // Reserved in full: the infos point into these.
  valueInfos.reserve(values);
  dimInfos.reserve(dims);
  auto add = [&](const std::vector<Value> &list) {
    const pare_rt_value_info *first = valueInfos.data() + valueInfos.size();
    for (const Value &value : list) {
      valueInfos.push_back(
          {value.name.c_str(), value.dtype, uint32_t(value.dims.size()), dimInfos.data() + dimInfos.size()});
      for (const Dim &dim : value.dims)
        dimInfos.push_back({dim.kind, dim.size, dim.kind == PARE_RT_DIM_SYMBOLIC ? dim.symbol.c_str() : nullptr});
    }
    return first;
  };
  for (const Entry &entry : manifest().entries) {
    const pare_rt_value_info *inputs = add(entry.inputs);
    const pare_rt_value_info *outputs = add(entry.outputs);
    infos.push_back(
        {entry.name.c_str(), uint32_t(entry.inputs.size()), uint32_t(entry.outputs.size()), inputs, outputs});
  }
  for (const Launch &launch : manifest().launches) {
    launchInfos.push_back({launch.name.c_str(), {}});
    for (const std::string &node : launch.nodes)
      launchInfos.back().nodes.push_back(node.c_str());
  }
}

} // namespace pare::rt
