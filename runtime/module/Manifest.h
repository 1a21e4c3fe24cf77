// The manifest of a model.pare file: what the module offers, as JSON. See docs/Artefact.md for the fields.
#ifndef PARE_RUNTIME_MODULE_MANIFEST_H
#define PARE_RUNTIME_MODULE_MANIFEST_H

#include "base/Cpu.h"
#include "base/Status.h"

#include <string>
#include <string_view>
#include <vector>

namespace pare::rt {

struct Dim {
  pare_rt_dim_kind kind = PARE_RT_DIM_UNKNOWN;
  int64_t size = -1;
  std::string symbol;
};

struct Value {
  std::string name;
  pare_rt_dtype dtype = PARE_RT_F32;
  std::vector<Dim> dims;
};

struct Entry {
  /// A C identifier: the symbol is pare_entry_<name>.
  std::string name;
  std::vector<Value> inputs;
  std::vector<Value> outputs;
};

/// A place of a host program that runs a kernel.
struct Launch {
  uint32_t kernel = 0;
  /// "matmul+add+gelu".
  std::string name;
  /// Of the ONNX model.
  std::vector<std::string> nodes;
};

struct Manifest {
  std::string producer;
  std::vector<Variant> variants;
  std::vector<Entry> entries;
  /// Empty when the code tells nothing about them.
  std::vector<Launch> launches;
};

/// Reads and validates all of it; unknown members are ignored.
Status parseManifest(std::string_view json, Manifest &manifest);

} // namespace pare::rt

#endif
