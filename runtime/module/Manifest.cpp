// Parsing and validation of the manifest.
#include "module/Manifest.h"

#include "base/DType.h"
#include "pare-rt/abi.h"
#include "pare-rt/format.h"

#include <nlohmann/json.hpp>
#include <set>

namespace pare::rt {

namespace {

using Json = nlohmann::json;

constexpr size_t maxEntries = 1024;
constexpr size_t maxValues = 65536;
constexpr size_t maxName = 4096;
constexpr size_t maxLaunches = 1 << 20;

Status bad(const std::string &where, const std::string &what) {
  return Status(PARE_RT_BAD_MODULE, "manifest: " + where + ": " + what);
}

const Json *member(const Json &object, const char *key) {
  auto found = object.find(key);
  return found == object.end() ? nullptr : &*found;
}

Status readName(const Json &object, const std::string &where, std::string &name) {
  const Json *value = member(object, "name");
  if (!value || !value->is_string())
    return bad(where, "'name' is missing or not a string");
  name = value->get<std::string>();
  if (name.empty() || name.size() > maxName || name.find('\0') != std::string::npos)
    return bad(where, "'name' is empty, longer than 4096 bytes, or contains a zero byte");
  return {};
}

Status readDim(const Json &json, const std::string &where, Dim &dim) {
  if (json.is_null())
    return {};
  if (json.is_number_integer()) {
    // An unsigned value beyond 63 bits would come back negative.
    if (json.is_number_unsigned() && json.get<uint64_t>() > uint64_t(INT64_MAX))
      return bad(where, "a dimension is too large");
    dim.kind = PARE_RT_DIM_STATIC;
    dim.size = json.get<int64_t>();
    return dim.size < 0 ? bad(where, "a dimension is negative") : Status();
  }
  if (!json.is_string())
    return bad(where, "a dimension is neither a number, a symbol nor null");
  dim.kind = PARE_RT_DIM_SYMBOLIC;
  dim.symbol = json.get<std::string>();
  if (dim.symbol.empty() || dim.symbol.size() > maxName || dim.symbol.find('\0') != std::string::npos)
    return bad(where, "a dimension's symbol is empty, longer than 4096 bytes, or contains a zero byte");
  return {};
}

Status readValue(const Json &json, const std::string &where, Value &value) {
  if (!json.is_object())
    return bad(where, "not an object");
  if (Status status = readName(json, where, value.name); status.failed())
    return status;
  const std::string here = where + " '" + value.name + "'";
  const Json *dtype = member(json, "dtype");
  if (!dtype || !dtype->is_string())
    return bad(here, "'dtype' is missing or not a string");
  auto parsed = parseDType(dtype->get_ref<const std::string &>());
  if (!parsed)
    return bad(here, "unknown dtype '" + dtype->get<std::string>() + "'");
  value.dtype = *parsed;
  const Json *dims = member(json, "dims");
  if (!dims || !dims->is_array())
    return bad(here, "'dims' is missing or not an array");
  if (dims->size() > PARE_RT_MAX_RANK)
    return bad(here,
               "rank " + std::to_string(dims->size()) + " is above the limit of " + std::to_string(PARE_RT_MAX_RANK));
  std::vector<int64_t> fixed;
  for (const Json &element : *dims) {
    Dim dim;
    if (Status status = readDim(element, here, dim); status.failed())
      return status;
    if (dim.kind == PARE_RT_DIM_STATIC)
      fixed.push_back(dim.size);
    value.dims.push_back(std::move(dim));
  }
  if (!tensorBytes(fixed.data(), uint32_t(fixed.size()), value.dtype))
    return bad(here, "the size of the tensor leaves 63 bits");
  return {};
}

Status readValues(const Json &entry, const char *key, const std::string &where, std::vector<Value> &values) {
  const Json *array = member(entry, key);
  if (!array || !array->is_array())
    return bad(where, std::string("'") + key + "' is missing or not an array");
  if (array->size() > maxValues)
    return bad(where, std::string("'") + key + "' has too many elements");
  std::set<std::string> names;
  const std::string what = where + ": " + (key[0] == 'i' ? "input" : "output");
  for (const Json &element : *array) {
    Value value;
    if (Status status = readValue(element, what, value); status.failed())
      return status;
    if (!names.insert(value.name).second)
      return bad(what + " '" + value.name + "'", "the name occurs twice");
    values.push_back(std::move(value));
  }
  return {};
}

Status readLaunch(const Json &json, const std::string &where, Launch &launch) {
  if (!json.is_object())
    return bad(where, "not an object");
  const Json *kernel = member(json, "kernel");
  if (!kernel || !kernel->is_number_unsigned() || kernel->get<uint64_t>() > UINT32_MAX)
    return bad(where, "'kernel' is missing or not the number of a kernel");
  launch.kernel = kernel->get<uint32_t>();
  if (Status status = readName(json, where, launch.name); status.failed())
    return status;
  const Json *nodes = member(json, "nodes");
  if (!nodes || !nodes->is_array())
    return bad(where, "'nodes' is missing or not an array");
  for (const Json &node : *nodes) {
    if (!node.is_string() || node.get_ref<const std::string &>().find('\0') != std::string::npos)
      return bad(where, "a node is not a string, or contains a zero byte");
    launch.nodes.push_back(node.get<std::string>());
  }
  return {};
}

bool isIdentifier(const std::string &name) {
  for (char c : name)
    if (!(c == '_' || (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z')))
      return false;
  return name.size() <= 256;
}

Status readNumber(const Json &root, const char *key, uint32_t expected) {
  const Json *value = member(root, key);
  if (!value || !value->is_number_integer())
    return bad("top level", std::string("'") + key + "' is missing or not a whole number");
  if (*value != expected)
    return Status(PARE_RT_UNSUPPORTED, std::string("manifest: '") + key + "' is " + value->dump() +
                                           "; this runtime reads " + std::to_string(expected));
  return {};
}

Status readRoot(const Json &root, Manifest &manifest) {
  if (!root.is_object())
    return bad("top level", "not an object");
  if (Status status = readNumber(root, "format", PARE_FORMAT_VERSION); status.failed())
    return status;
  if (Status status = readNumber(root, "abi", PARE_ABI_VERSION); status.failed())
    return status;
  const Json *producer = member(root, "producer");
  if (!producer || !producer->is_string())
    return bad("top level", "'producer' is missing or not a string");
  manifest.producer = producer->get<std::string>();

  const Json *variants = member(root, "variants");
  if (!variants || !variants->is_array() || variants->empty() || variants->size() > numVariants)
    return bad("top level", "'variants' is missing, not an array, empty, or too long");
  for (const Json &element : *variants) {
    auto variant = element.is_string() ? parseVariant(element.get_ref<const std::string &>()) : std::nullopt;
    if (!variant || element.get_ref<const std::string &>() != variantName(*variant))
      return bad("variants", "unknown CPU variant " + element.dump(-1, ' ', true, Json::error_handler_t::replace));
    for (Variant other : manifest.variants)
      if (other == *variant)
        return bad("variants", std::string(variantName(other)) + " occurs twice");
    manifest.variants.push_back(*variant);
  }

  const Json *entries = member(root, "entries");
  if (!entries || !entries->is_array() || entries->empty() || entries->size() > maxEntries)
    return bad("top level", "'entries' is missing, not an array, empty, or too long");
  std::set<std::string> names;
  for (const Json &element : *entries) {
    Entry entry;
    if (!element.is_object())
      return bad("entries", "not an object");
    if (Status status = readName(element, "entries", entry.name); status.failed())
      return status;
    const std::string where = "entry '" + entry.name + "'";
    if (!isIdentifier(entry.name))
      return bad(where, "the name is not a C identifier of at most 256 characters");
    if (!names.insert(entry.name).second)
      return bad(where, "the name occurs twice");
    if (Status status = readValues(element, "inputs", where, entry.inputs); status.failed())
      return status;
    if (Status status = readValues(element, "outputs", where, entry.outputs); status.failed())
      return status;
    manifest.entries.push_back(std::move(entry));
  }
  if (const Json *launches = member(root, "launches")) {
    if (!launches->is_array() || launches->size() > maxLaunches)
      return bad("top level", "'launches' is not an array, or too long");
    for (const Json &element : *launches) {
      Launch launch;
      const std::string where = "launch " + std::to_string(manifest.launches.size());
      if (Status status = readLaunch(element, where, launch); status.failed())
        return status;
      manifest.launches.push_back(std::move(launch));
    }
  }
  if (const Json *report = member(root, "report"); report && !report->is_object())
    return bad("report", "not an object");
  return {};
}

} // namespace

Status parseManifest(std::string_view json, Manifest &manifest) {
  manifest = {};
  if (json.size() > PARE_FORMAT_MAX_MANIFEST)
    return bad("top level", "larger than " + formatBytes(PARE_FORMAT_MAX_MANIFEST));
  try {
    return readRoot(Json::parse(json.begin(), json.end()), manifest);
  } catch (const Json::exception &error) {
    return Status(PARE_RT_BAD_MODULE, std::string("manifest: ") + error.what());
  }
}

} // namespace pare::rt
