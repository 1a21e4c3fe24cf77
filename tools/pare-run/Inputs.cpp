#include "Inputs.h"

namespace pare::run {

namespace {

bool endsWith(const std::string &text, const std::string &end) {
  return text.size() >= end.size() && text.compare(text.size() - end.size(), end.size(), end) == 0;
}

} // namespace

rt::Status readInputs(const std::vector<std::string> &files, Arrays &arrays) {
  for (const std::string &file : files) {
    rt::Status status;
    size_t equals = file.find('=');
    if (endsWith(file, ".npz")) {
      std::vector<npz::NamedArray> members;
      status = npz::readNpz(file, members);
      for (npz::NamedArray &member : members)
        arrays[member.name] = std::move(member.array);
    } else if (equals != std::string::npos && equals > 0) {
      status = npz::readNpy(file.substr(equals + 1), arrays[file.substr(0, equals)]);
    } else {
      status = rt::Status(PARE_RT_INVALID_ARGUMENT, "'" + file + "': expected a .npz file or NAME=FILE.npy");
    }
    if (status.failed())
      return status;
  }
  return {};
}

rt::Status bindInputs(const pare_rt_entry_info &entry, const Arrays &arrays, std::vector<pare_rt_tensor> &tensors,
                      int64_t optional) {
  for (uint32_t i = 0; i < entry.input_count; ++i) {
    auto found = arrays.find(entry.inputs[i].name);
    if (found == arrays.end() && i == optional) {
      tensors.push_back({});
      continue;
    }
    if (found == arrays.end()) {
      std::string given;
      for (const auto &[name, array] : arrays)
        given += (given.empty() ? "" : ", ") + name;
      return rt::Status(PARE_RT_INVALID_ARGUMENT,
                        std::string("input '") + entry.inputs[i].name + "' is missing: expected " +
                            rt::formatShape(entry.inputs[i]) +
                            (given.empty() ? "; no inputs were given (--inputs)" : "; given were: " + given));
    }
    tensors.push_back(found->second.tensor());
  }
  for (const auto &[name, array] : arrays)
    if (pare_rt_entry_find_input(&entry, name.c_str()) < 0) {
      std::string expected;
      for (uint32_t i = 0; i < entry.input_count; ++i)
        expected += std::string(i ? ", " : "") + entry.inputs[i].name;
      return rt::Status(PARE_RT_INVALID_ARGUMENT,
                        "'" + name + "' is not an input of entry '" + entry.name + "', which takes: " + expected);
    }
  return {};
}

} // namespace pare::run
