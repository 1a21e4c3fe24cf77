// Compiles a model and runs it once on zeros: embed model.onnx [size of each free dimension, default 2]
#include "pare-rt/api.h"
#include "pare/Compiler.h"
#include <cstdio>
#include <cstdlib>
#include <vector>

static bool failed(pare_rt_status *status) {
  if (!status)
    return false;
  std::fprintf(stderr, "error: %s\n", pare_rt_status_message(status));
  pare_rt_status_free(status);
  return true;
}

int main(int argc, char **argv) {
  if (argc < 2 || argc > 3) {
    std::fprintf(stderr, "usage: %s model.onnx [size of each free dimension]\n", argv[0]);
    return 2;
  }
  char *end = nullptr;
  const int64_t size = argc > 2 ? std::strtoll(argv[2], &end, 10) : 2;
  if (end && *end) {
    std::fprintf(stderr, "'%s' is not a size\n", argv[2]);
    return 2;
  }

  const std::string artefact = std::string(argv[1]) + ".pare";
  pare::CompileResult compiled = pare::compile(argv[1], artefact);
  std::fputs(compiled.text().c_str(), stderr);
  if (!compiled.ok)
    return 1;

  pare_rt_module *module = nullptr;
  pare_rt_session *session = nullptr;
  if (failed(pare_rt_module_load(artefact.c_str(), nullptr, &module)) ||
      failed(pare_rt_session_create(module, nullptr, &session)))
    return 1;

  const pare_rt_entry_info *entry = pare_rt_session_entry(session);
  std::vector<pare_rt_tensor> inputs(entry->input_count), outputs(entry->output_count);
  std::vector<std::vector<char>> memory(entry->input_count);
  for (uint32_t i = 0; i < entry->input_count; ++i) {
    const pare_rt_value_info &info = entry->inputs[i];
    pare_rt_tensor &tensor = inputs[i];
    tensor.dtype = info.dtype;
    tensor.rank = info.rank;
    tensor.size = pare_rt_dtype_size(info.dtype);
    for (uint32_t axis = 0; axis < info.rank; ++axis) {
      tensor.dims[axis] = info.dims[axis].kind == PARE_RT_DIM_STATIC ? info.dims[axis].size : size;
      tensor.size *= static_cast<uint64_t>(tensor.dims[axis]);
    }
    memory[i].resize(tensor.size);
    tensor.data = memory[i].data();
  }
  // Outputs without memory: the session provides it.
  bool bad = failed(pare_rt_session_run(session, inputs.data(), inputs.size(), outputs.data(), outputs.size()));
  for (uint32_t i = 0; i < entry->output_count && !bad; ++i) {
    std::printf("%s: %s", entry->outputs[i].name, pare_rt_dtype_name(outputs[i].dtype));
    for (uint32_t axis = 0; axis < outputs[i].rank; ++axis)
      std::printf("%s%lld", axis ? "x" : " ", static_cast<long long>(outputs[i].dims[axis]));
    std::printf("\n");
  }
  pare_rt_session_release(session);
  pare_rt_module_release(module);
  return bad ? 1 : 0;
}
