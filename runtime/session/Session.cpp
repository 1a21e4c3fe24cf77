// Sessions: checking of what the caller passes, and one run from its beginning to its end.
#include "session/Session.h"

#include "base/DType.h"

#include <cstring>
#include <map>
#include <xmmintrin.h>

namespace pare::rt {

/// Holds the session for one call of the API.
class Session::Busy {
public:
  explicit Busy(Session &session) : session(session), owned(!session.busy.exchange(true, std::memory_order_acquire)) {}
  ~Busy() {
    if (owned)
      session.busy.store(false, std::memory_order_release);
  }
  Status check() const {
    return owned ? Status()
                 : Status(PARE_RT_INVALID_ARGUMENT,
                          "the session is in use by another thread: give each thread its own session");
  }

private:
  Session &session;
  const bool owned;
};

Session::Session(Module &module, uint32_t entry)
    : module(module), entry(entry), slots(module.slots(), module.numSlots()), workers(new Worker[module.threads()]) {
  module.retain();
  context.abi = {
      PARE_ABI_VERSION, 0,           module.weights(), module.kernels(), allocSlot, allocDynamic, allocScratch,
      provideOutput,    runParallel, recordFailure};
  context.session = this;
}

Session::~Session() { module.release(); }

Status Session::create(Module &module, const char *name, std::unique_ptr<Session> &result) {
  const auto &entries = module.manifest().entries;
  uint32_t index = 0;
  const char *wanted = name ? name : entries.size() == 1 ? entries[0].name.c_str() : "main";
  while (index < entries.size() && entries[index].name != wanted)
    ++index;
  if (index == entries.size()) {
    std::string present;
    for (const Entry &entry : entries)
      present += (present.empty() ? "'" : ", '") + entry.name + "'";
    return makeError(PARE_RT_INVALID_ARGUMENT, "the module has no entry '%s': it has %s", wanted, present.c_str());
  }
  std::unique_ptr<Session> session(new Session(module, index));
  const Entry &entry = entries[index];
  std::map<std::string, uint32_t> seen;
  size_t dims = 0;
  for (uint32_t i = 0; i < entry.inputs.size(); ++i)
    for (uint32_t axis = 0; axis < entry.inputs[i].dims.size(); ++axis, ++dims) {
      const Dim &dim = entry.inputs[i].dims[axis];
      if (dim.kind != PARE_RT_DIM_SYMBOLIC)
        continue;
      uint32_t position = uint32_t(session->symbols.size());
      session->symbols.push_back({i, axis, seen.emplace(dim.symbol, position).first->second});
    }
  // Sized once: runs fill them without allocating.
  session->inputData.resize(entry.inputs.size());
  session->inputBytes.resize(entry.inputs.size());
  session->inputDims.reserve(dims);
  session->outputs.resize(entry.outputs.size());
  result = std::move(session);
  return {};
}

Status Session::checkInput(const pare_rt_value_info &value, const pare_rt_tensor &tensor) const {
  auto bad = [&](const std::string &what) {
    return Status(PARE_RT_INVALID_ARGUMENT, std::string("input '") + value.name + "': " + what);
  };
  if (tensor.rank > PARE_RT_MAX_RANK)
    return bad("rank " + std::to_string(tensor.rank) + " is above the limit of " + std::to_string(PARE_RT_MAX_RANK));
  auto mismatch = [&] {
    return bad("expected " + formatShape(value) + ", got " + formatShape(tensor.dims, tensor.rank, tensor.dtype));
  };
  if (tensor.dtype != value.dtype || tensor.rank != value.rank)
    return mismatch();
  for (uint32_t axis = 0; axis < value.rank; ++axis)
    if (tensor.dims[axis] < 0 ||
        (value.dims[axis].kind == PARE_RT_DIM_STATIC && tensor.dims[axis] != value.dims[axis].size))
      return mismatch();
  auto bytes = tensorBytes(tensor.dims, tensor.rank, tensor.dtype);
  if (!bytes)
    return bad("the size of shape " + formatShape(tensor.dims, tensor.rank, tensor.dtype) + " leaves 63 bits");
  if (*bytes > tensor.size)
    return bad("shape " + formatShape(tensor.dims, tensor.rank, tensor.dtype) + " takes " + std::to_string(*bytes) +
               " bytes, the buffer has " + std::to_string(tensor.size));
  if (*bytes && !tensor.data)
    return bad("data is NULL");
  if (reinterpret_cast<uintptr_t>(tensor.data) % pare_rt_dtype_size(tensor.dtype))
    return bad("data is not aligned to its element size");
  return {};
}

Status Session::checkInputs(const pare_rt_tensor *inputs, uint32_t count) {
  const pare_rt_entry_info &info = this->info();
  if (count != info.input_count || (count && !inputs))
    return makeError(PARE_RT_INVALID_ARGUMENT, "entry '%s' has %u inputs, %u were given", info.name, info.input_count,
                     inputs ? count : 0);
  inputDims.clear();
  for (uint32_t i = 0; i < count; ++i) {
    if (Status status = checkInput(info.inputs[i], inputs[i]); status.failed())
      return status;
    inputData[i] = inputs[i].data;
    inputBytes[i] = *tensorBytes(inputs[i].dims, inputs[i].rank, inputs[i].dtype);
    inputDims.insert(inputDims.end(), inputs[i].dims, inputs[i].dims + inputs[i].rank);
  }
  for (const Symbol &symbol : symbols) {
    const Symbol &first = symbols[symbol.first];
    int64_t given = inputs[symbol.input].dims[symbol.axis], expected = inputs[first.input].dims[first.axis];
    if (given != expected)
      return makeError(
          PARE_RT_INVALID_ARGUMENT,
          "input '%s': dimension %u ('%s') is %lld, but dimension %u of input '%s', of the same name, is %lld",
          info.inputs[symbol.input].name, symbol.axis, info.inputs[symbol.input].dims[symbol.axis].symbol,
          (long long)given, first.axis, info.inputs[first.input].name, (long long)expected);
  }
  return {};
}

static bool overlap(const void *a, uint64_t aBytes, const void *b, uint64_t bBytes) {
  auto first = reinterpret_cast<uintptr_t>(a), second = reinterpret_cast<uintptr_t>(b);
  return aBytes && bBytes && first < second + bBytes && second < first + aBytes;
}

Status Session::checkOutputs(const pare_rt_tensor *given, uint32_t count) const {
  const pare_rt_entry_info &info = this->info();
  if (count != info.output_count || (count && !given))
    return makeError(PARE_RT_INVALID_ARGUMENT, "entry '%s' has %u outputs, %u were given", info.name, info.output_count,
                     given ? count : 0);
  for (uint32_t i = 0; i < count; ++i) {
    if (!given[i].data)
      continue;
    if (given[i].dtype != info.outputs[i].dtype)
      return makeError(PARE_RT_INVALID_ARGUMENT, "output '%s': it has dtype %s, the buffer given is for %s",
                       info.outputs[i].name, pare_rt_dtype_name(info.outputs[i].dtype),
                       pare_rt_dtype_name(given[i].dtype));
    for (uint32_t j = 0; j < info.input_count; ++j)
      if (overlap(given[i].data, given[i].size, inputData[j], inputBytes[j]))
        return makeError(PARE_RT_INVALID_ARGUMENT, "output '%s': the buffer given overlaps input '%s'",
                         info.outputs[i].name, info.inputs[j].name);
    for (uint32_t j = 0; j < i; ++j)
      if (given[j].data && overlap(given[i].data, given[i].size, given[j].data, given[j].size))
        return makeError(PARE_RT_INVALID_ARGUMENT, "output '%s': the buffer given overlaps that of output '%s'",
                         info.outputs[i].name, info.outputs[j].name);
  }
  return {};
}

Status Session::run(const pare_rt_tensor *inputs, uint32_t inputCount, pare_rt_tensor *results, uint32_t outputCount) {
  Busy guard(*this);
  Status status = guard.check();
  if (!status.failed())
    status = checkInputs(inputs, inputCount);
  if (!status.failed())
    status = checkOutputs(results, outputCount);
  if (status.failed())
    return status;

  for (uint32_t i = 0; i < outputCount; ++i) {
    outputs[i].tensor = {};
    outputs[i].tensor.data = results[i].data;
    outputs[i].tensor.size = results[i].size;
    outputs[i].copyTo = nullptr;
    outputs[i].produced = false;
  }
  context.abi.failed = 0;
  failing.store(false, std::memory_order_relaxed);
  if (!slots.begin(inputDims))
    return makeError(PARE_RT_OUT_OF_MEMORY, "entry '%s': out of memory: its intermediate buffers take %s", info().name,
                     formatBytes(slots.plannedBytes()).c_str());

  // Generated code gets the default floating-point environment, and the caller its own back.
  const unsigned control = _mm_getcsr();
  _mm_setcsr(0x1f80);
  int32_t returned = recorder ? callRecorded() : callEntry();
  _mm_setcsr(control);

  // First what cannot fail, so that the session is ready for the next run whatever happens.
  slots.end(!returned && !__atomic_load_n(&context.abi.failed, __ATOMIC_ACQUIRE));
  dynamic.release({0, 0});
  for (uint32_t i = 0; i < module.threads(); ++i)
    workers[i].scratch.release({0, 0});
  measure();
  status = outcome(returned);
  if (status.failed()) {
    for (Output &output : outputs)
      output.produced = false;
    return status;
  }
  for (uint32_t i = 0; i < outputCount; ++i) {
    Output &output = outputs[i];
    if (output.copyTo) {
      uint64_t bytes = *tensorBytes(output.tensor.dims, output.tensor.rank, output.tensor.dtype);
      if (bytes)
        memcpy(output.copyTo, output.own.get(), bytes);
      output.tensor.data = output.copyTo;
    }
    results[i] = output.tensor;
  }
  return {};
}

Status Session::outcome(int32_t returned) const {
  const char *name = info().name;
  if (__atomic_load_n(&context.abi.failed, __ATOMIC_ACQUIRE))
    return makeError(failureCode, "entry '%s': %s", name, failureText);
  if (returned)
    return makeError(PARE_RT_RUN_FAILED, "entry '%s' failed with code %d and no message", name, returned);
  for (uint32_t i = 0; i < outputs.size(); ++i)
    if (!outputs[i].produced)
      return makeError(PARE_RT_BAD_MODULE, "entry '%s' did not produce output '%s': the module is at fault", name,
                       info().outputs[i].name);
  return {};
}

void Session::measure() {
  stats.planned_bytes = slots.plannedBytes();
  stats.lower_bound_bytes = slots.lowerBound();
  stats.arena_bytes = slots.arenaBytes();
  stats.plans = slots.numPlans();
  stats.dynamic_bytes = dynamic.capacity();
  stats.allocations = slots.takeAllocations() + dynamic.takeAllocations() + outputAllocations;
  outputAllocations = 0;
  stats.scratch_bytes = stats.output_bytes = 0;
  for (uint32_t i = 0; i < module.threads(); ++i) {
    stats.scratch_bytes += workers[i].scratch.capacity();
    stats.allocations += workers[i].scratch.takeAllocations();
  }
  for (const Output &output : outputs)
    stats.output_bytes += output.own.size();
}

Status Session::takeOutput(uint32_t index, void **data) {
  Busy guard(*this);
  if (Status status = guard.check(); status.failed())
    return status;
  if (index >= outputs.size())
    return makeError(PARE_RT_INVALID_ARGUMENT, "entry '%s' has %u outputs, output %u was asked for", info().name,
                     info().output_count, index);
  Output &output = outputs[index];
  if (!output.produced || output.copyTo || !output.own.get() || output.tensor.data != output.own.get())
    return makeError(PARE_RT_INVALID_ARGUMENT, "output '%s': the session holds no memory of a last run for it",
                     info().outputs[index].name);
  stats.output_bytes -= output.own.size();
  *data = output.own.take();
  return {};
}

Status Session::reset() {
  Busy guard(*this);
  if (Status status = guard.check(); status.failed())
    return status;
  slots.reset();
  dynamic.clear();
  for (uint32_t i = 0; i < module.threads(); ++i)
    workers[i].scratch.clear();
  for (Output &output : outputs) {
    output.produced = false;
    output.own.clear();
  }
  stats = {};
  recorder = nullptr;
  profile.reset();
  return {};
}

int32_t Session::callRecorded() {
  const uint64_t event = recorder->beginCall();
  int32_t returned = callEntry();
  recorder->end(event);
  return returned;
}

Status Session::startProfile(uint64_t maxEvents) {
  constexpr uint64_t usual = 65536, most = uint64_t(1) << 32;
  Busy guard(*this);
  if (Status status = guard.check(); status.failed())
    return status;
  if (maxEvents > most)
    return makeError(PARE_RT_INVALID_ARGUMENT, "a profile of %llu events is too large: it may have %llu",
                     (unsigned long long)maxEvents, (unsigned long long)most);
  recorder = nullptr;
  profile.reset();
  profile = std::make_unique<Profile>(module, info().name, maxEvents ? maxEvents : usual);
  recorder = profile.get();
  return {};
}

Status Session::stopProfile() {
  Busy guard(*this);
  if (Status status = guard.check(); status.failed())
    return status;
  if (!profile)
    return makeError(PARE_RT_INVALID_ARGUMENT, "entry '%s': no profile was started", info().name);
  recorder = nullptr;
  return {};
}

void Session::memory(pare_rt_memory_stats &result) const { result = stats; }

} // namespace pare::rt
