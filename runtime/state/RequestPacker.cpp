#include "state/RequestPacker.h"

#include "base/DType.h"

#include <algorithm>
#include <cstring>
#include <new>

namespace pare::rt {

using Clock = std::chrono::steady_clock;

namespace {
/// Tickets kept for reuse hold at most this much memory.
constexpr uint64_t maxSpareBytes = uint64_t(64) << 20;

/// A copy: the packer keeps its own.
Status copyOf(const Status &status) { return status.failed() ? Status(status.code(), status.message()) : Status(); }
} // namespace

/// Takes the turn under the mutex and gives it back, with the lock held outside of `unlocked`.
class RequestPacker::Turn {
public:
  explicit Turn(RequestPacker &packer) : packer(packer), lock(packer.mutex) {
    packer.changed.wait(lock, [&] { return !packer.running; });
    packer.running = true;
  }
  /// For a thread that holds the lock and found that nobody has the turn.
  Turn(RequestPacker &packer, std::unique_lock<std::mutex> &&held) : packer(packer), lock(std::move(held)) {
    packer.running = true;
  }
  ~Turn() {
    if (!lock.owns_lock())
      lock.lock();
    packer.running = false;
    packer.publish();
    packer.changed.notify_all();
  }
  template <typename F> void unlocked(F &&function) {
    lock.unlock();
    function();
    lock.lock();
  }

private:
  RequestPacker &packer;
  std::unique_lock<std::mutex> lock;
};

Status RequestPacker::create(Module &module, const pare_packer_options &options, RequestPacker *&result) {
  std::unique_ptr<Session> session;
  if (Status status = Session::create(module, options.entry, session); status.failed())
    return status;
  struct Delete {
    void operator()(RequestPacker *packer) const { delete packer; }
  };
  std::unique_ptr<RequestPacker, Delete> packer(new RequestPacker(std::move(session)));
  if (Status status = PackLayout::make(packer->info(), {options.mask_input, options.batch_dim, options.sequence_dim},
                                       packer->layout);
      status.failed())
    return status;
  PackLimits &limits = packer->limits;
  limits.tokens = options.max_tokens ? options.max_tokens : 1024;
  limits.requests = options.max_requests ? options.max_requests : UINT64_MAX;
  limits.cells = options.max_cells                ? options.max_cells
                 : limits.tokens > UINT64_MAX / 8 ? UINT64_MAX
                                                  : limits.tokens * 8;
  // A year is for ever, and leaves the clock its bits.
  packer->maxDelay = std::chrono::microseconds(std::min<uint64_t>(options.max_delay_us, 31536000000000u));
  packer->callInputs.resize(packer->info().input_count);
  packer->callInputTensors.resize(packer->info().input_count);
  packer->callOutputs.resize(packer->info().output_count);
  result = packer.release();
  return {};
}

void RequestPacker::release() {
  if (references.fetch_sub(1, std::memory_order_acq_rel) == 1)
    delete this;
}

// ---- Calls ----

Status RequestPacker::runCall(const uint32_t *members, uint32_t count) {
  int64_t padded = 0;
  for (uint32_t i = 0; i < count; ++i)
    padded = std::max(padded, jobs[members[i]].length);
  for (size_t i = 0; i < layout.inputs.size(); ++i) {
    const PackedValue &value = layout.inputs[i];
    pare_rt_tensor part;
    value.shape(padded, part);
    pare_rt_tensor &tensor = callInputTensors[i];
    tensor.dtype = part.dtype;
    tensor.rank = part.rank + 1;
    tensor.dims[0] = count;
    std::copy(part.dims, part.dims + part.rank, tensor.dims + 1);
    auto bytes = tensorBytes(tensor.dims, tensor.rank, tensor.dtype);
    if (!bytes || !callInputs[i].reserve(*bytes, counted.allocations))
      return makeError(PARE_RT_OUT_OF_MEMORY, "input '%s': out of memory for %s", value.info().name,
                       formatShape(tensor.dims, tensor.rank, tensor.dtype).c_str());
    tensor.data = callInputs[i].get();
    tensor.size = *bytes;
    const uint64_t stride = *value.bytes(padded);
    for (uint32_t j = 0; j < count; ++j) {
      const Job &job = jobs[members[j]];
      char *to = callInputs[i].get() + j * stride;
      if (i == layout.mask)
        layout.fillMask(to, job.length, padded);
      else
        value.copyIn(job.inputs[i].data, job.length, to, padded);
    }
  }
  for (pare_rt_tensor &tensor : callOutputs)
    tensor = {};
  if (Status status = session->run(callInputTensors.data(), uint32_t(callInputTensors.size()), callOutputs.data(),
                                   uint32_t(callOutputs.size()));
      status.failed())
    return status;

  uint64_t tokens = 0;
  for (size_t i = 0; i < layout.outputs.size(); ++i) {
    const PackedValue &value = layout.outputs[i];
    const pare_rt_tensor &tensor = callOutputs[i];
    pare_rt_tensor part;
    value.shape(padded, part);
    if (tensor.rank != part.rank + 1 || tensor.dims[0] != count ||
        !std::equal(part.dims, part.dims + part.rank, tensor.dims + 1))
      return makeError(PARE_RT_BAD_MODULE,
                       "output '%s' of %u requests, the longest of %lld tokens: expected %s, got %s", value.info().name,
                       count, (long long)padded, formatShape(value.info()).c_str(),
                       formatShape(tensor.dims, tensor.rank, tensor.dtype).c_str());
    const uint64_t stride = *value.bytes(padded);
    for (uint32_t j = 0; j < count; ++j) {
      const Job &job = jobs[members[j]];
      value.copyOut(static_cast<const char *>(tensor.data) + j * stride, padded, job.outputs[i].data, job.length);
    }
  }
  for (uint32_t j = 0; j < count; ++j) {
    jobs[members[j]].done = true;
    tokens += uint64_t(jobs[members[j]].length);
  }
  ++counted.calls;
  counted.requests += count;
  counted.tokens += tokens;
  counted.cells += uint64_t(padded) * count;
  return {};
}

void RequestPacker::runSplitting(const uint32_t *members, uint32_t count) {
  Status status = runCall(members, count);
  if (!status.failed())
    return;
  ++counted.failed_calls;
  if (count == 1) {
    jobs[*members].status = std::move(status);
    jobs[*members].done = true;
    return;
  }
  runSplitting(members, count / 2);
  runSplitting(members + count / 2, count - count / 2);
}

void RequestPacker::runJobs() {
  lengths.clear();
  for (const Job &job : jobs)
    lengths.push_back(job.length);
  plan.make(lengths, limits);
  for (const PackPlan::Call &call : plan.calls())
    runSplitting(plan.members().data() + call.begin, call.end - call.begin);
}

void RequestPacker::publish() { published = counted; }

// ---- All at once ----

Status RequestPacker::checkOutputs(const pare_rt_tensor *outputs, int64_t length) const {
  for (size_t i = 0; i < layout.outputs.size(); ++i) {
    const PackedValue &value = layout.outputs[i];
    auto bytes = value.bytes(length);
    if (!bytes || *bytes > maxBufferBytes)
      return makeError(PARE_RT_OUT_OF_MEMORY, "output '%s': its size for %lld tokens leaves 47 bits", value.info().name,
                       (long long)length);
    if (!outputs[i].data)
      continue;
    if (outputs[i].dtype != value.info().dtype)
      return makeError(PARE_RT_INVALID_ARGUMENT, "output '%s': it has dtype %s, the buffer given is for %s",
                       value.info().name, pare_rt_dtype_name(value.info().dtype), pare_rt_dtype_name(outputs[i].dtype));
    if (outputs[i].size < *bytes)
      return makeError(PARE_RT_INVALID_ARGUMENT, "output '%s': %s of %lld tokens takes %llu bytes, the buffer has %llu",
                       value.info().name, value.text().c_str(), (long long)length, (unsigned long long)*bytes,
                       (unsigned long long)outputs[i].size);
  }
  return {};
}

Status RequestPacker::run(const pare_rt_tensor *inputs, uint32_t count, pare_rt_tensor *outputs) {
  Turn turn(*this);
  Status status;
  turn.unlocked([&] {
    const size_t numInputs = layout.inputs.size(), numOutputs = layout.outputs.size();
    auto where = [](uint32_t request) { return "request " + std::to_string(request) + ": "; };
    jobs.clear();
    uint64_t total = 0;
    for (uint32_t i = 0; i < count && !status.failed(); ++i) {
      Job job = {inputs + i * numInputs, nullptr, 0, false, {}};
      status = layout.check(job.inputs, job.length);
      if (!status.failed())
        status = checkOutputs(outputs + i * numOutputs, job.length);
      if (status.failed()) {
        status = std::move(status).context(where(i));
        return;
      }
      for (size_t j = 0; j < numOutputs; ++j)
        if (!outputs[i * numOutputs + j].data)
          total += bufferBytes(*layout.outputs[j].bytes(job.length));
      if (total > maxBufferBytes)
        break;
      jobs.push_back(std::move(job));
    }
    if (!results.reserve(total, counted.allocations)) {
      status = makeError(PARE_RT_OUT_OF_MEMORY, "out of memory: the results of %u requests take %s%s", count,
                         total > maxBufferBytes ? "more than " : "", formatBytes(total).c_str());
      return;
    }
    resultTensors.assign(outputs, outputs + count * numOutputs);
    uint64_t offset = 0;
    for (uint32_t i = 0; i < count; ++i) {
      jobs[i].outputs = resultTensors.data() + i * numOutputs;
      for (size_t j = 0; j < numOutputs; ++j) {
        pare_rt_tensor &tensor = resultTensors[i * numOutputs + j];
        layout.outputs[j].shape(jobs[i].length, tensor);
        if (tensor.data)
          continue;
        tensor.data = results.get() + offset;
        tensor.size = *layout.outputs[j].bytes(jobs[i].length);
        offset += bufferBytes(tensor.size);
      }
    }
    runJobs();
    for (uint32_t i = 0; i < count; ++i)
      if (jobs[i].status.failed()) {
        status = std::move(jobs[i].status).context(where(i));
        return;
      }
    std::copy(resultTensors.begin(), resultTensors.end(), outputs);
  });
  return status;
}

// ---- One by one ----

bool RequestPacker::place(const std::vector<PackedValue> &values, int64_t length, uint64_t &offset) {
  for (const PackedValue &value : values) {
    auto bytes = value.bytes(length);
    if (!bytes || *bytes > maxBufferBytes)
      return false;
    offset += bufferBytes(*bytes);
    if (offset > maxBufferBytes)
      return false;
  }
  return true;
}

std::unique_ptr<PackTicket> RequestPacker::newTicket() {
  {
    std::lock_guard<std::mutex> lock(mutex);
    if (!spare.empty()) {
      std::unique_ptr<PackTicket> ticket = std::move(spare.back());
      spare.pop_back();
      spareBytes -= ticket->inputMemory.size() + ticket->outputMemory.size();
      return ticket;
    }
  }
  std::unique_ptr<PackTicket> ticket(new PackTicket(*this));
  ticket->inputs.resize(layout.inputs.size());
  ticket->outputs.resize(layout.outputs.size());
  return ticket;
}

/// With the lock held.
void RequestPacker::recycle(std::unique_ptr<PackTicket> ticket) {
  uint64_t bytes = ticket->inputMemory.size() + ticket->outputMemory.size();
  if (spareBytes + bytes > maxSpareBytes)
    return;
  ticket->state = PackTicket::State::queued;
  ticket->abandoned = ticket->exhausted = false;
  ticket->status = {};
  try {
    spare.push_back(std::move(ticket));
    spareBytes += bytes;
  } catch (const std::bad_alloc &) {
    // Then it goes.
  }
}

Status RequestPacker::submit(const pare_rt_tensor *inputs, PackTicket *&result) {
  int64_t length = 0;
  if (Status status = layout.check(inputs, length); status.failed())
    return status;
  uint64_t inputBytes = 0, outputBytes = 0, allocations = 0;
  std::unique_ptr<PackTicket> ticket = newTicket();
  if (!place(layout.inputs, length, inputBytes) || !place(layout.outputs, length, outputBytes) ||
      !ticket->inputMemory.reserve(inputBytes, allocations) || !ticket->outputMemory.reserve(outputBytes, allocations))
    return makeError(PARE_RT_OUT_OF_MEMORY, "out of memory for a request of %lld tokens and its results",
                     (long long)length);
  ticket->length = length;
  char *to = ticket->inputMemory.get();
  for (size_t i = 0; i < layout.inputs.size(); ++i) {
    pare_rt_tensor &tensor = ticket->inputs[i];
    layout.inputs[i].shape(length, tensor);
    tensor.size = *layout.inputs[i].bytes(length);
    tensor.data = to;
    to += bufferBytes(tensor.size);
    // The packer writes the mask itself.
    if (i != layout.mask && tensor.size)
      memcpy(tensor.data, inputs[i].data, tensor.size);
  }
  to = ticket->outputMemory.get();
  for (size_t i = 0; i < layout.outputs.size(); ++i) {
    pare_rt_tensor &tensor = ticket->outputs[i];
    layout.outputs[i].shape(length, tensor);
    tensor.size = *layout.outputs[i].bytes(length);
    tensor.data = to;
    to += bufferBytes(tensor.size);
  }

  std::lock_guard<std::mutex> lock(mutex);
  ticket->deadline = Clock::now() + maxDelay;
  queue.push_back(ticket.get());
  result = ticket.release();
  queuedTokens += uint64_t(length);
  submitAllocations += allocations;
  references.fetch_add(1, std::memory_order_relaxed);
  // Threads that wait for it to fill up look again.
  if (due(result->deadline - maxDelay))
    changed.notify_all();
  return {};
}

bool RequestPacker::due(Clock::time_point now) const {
  return queuedTokens >= limits.tokens || queue.size() >= limits.requests ||
         (!queue.empty() && queue.front()->deadline <= now);
}

void RequestPacker::runQueue(Turn &turn) {
  jobs.clear();
  // All or nothing: when memory runs out here the queue is as it was.
  jobs.reserve(queue.size());
  taken.reserve(queue.size());
  taken.assign(queue.begin(), queue.end());
  for (PackTicket *ticket : taken) {
    jobs.push_back({ticket->inputs.data(), ticket->outputs.data(), ticket->length, false, {}});
    ticket->state = PackTicket::State::running;
  }
  queue.clear();
  queuedTokens = 0;
  turn.unlocked([&] {
    try {
      runJobs();
    } catch (const std::bad_alloc &) {
      // Those that are not done are told so below.
    }
  });
  for (size_t i = 0; i < taken.size(); ++i) {
    PackTicket *ticket = taken[i];
    ticket->status = std::move(jobs[i].status);
    ticket->exhausted = !jobs[i].done;
    ticket->state = PackTicket::State::done;
    if (ticket->abandoned)
      recycle(std::unique_ptr<PackTicket>(ticket));
  }
  taken.clear();
}

void RequestPacker::flush() {
  Turn turn(*this);
  if (!queue.empty())
    runQueue(turn);
}

bool RequestPacker::done(const PackTicket &ticket) const {
  std::lock_guard<std::mutex> lock(mutex);
  return ticket.state == PackTicket::State::done;
}

Status RequestPacker::wait(PackTicket &ticket, pare_rt_tensor *outputs) {
  std::unique_lock<std::mutex> lock(mutex);
  while (ticket.state != PackTicket::State::done) {
    // Whoever has the turn tells when it gives it back.
    if (running) {
      changed.wait(lock);
      continue;
    }
    // The ticket is in the queue.
    if (!due(Clock::now())) {
      changed.wait_until(lock, queue.front()->deadline);
      continue;
    }
    {
      Turn turn(*this, std::move(lock));
      runQueue(turn);
    }
    lock = std::unique_lock<std::mutex>(mutex);
  }
  if (ticket.exhausted)
    throw std::bad_alloc();
  if (ticket.status.failed())
    return copyOf(ticket.status);
  std::copy(ticket.outputs.begin(), ticket.outputs.end(), outputs);
  return {};
}

void RequestPacker::release(PackTicket &ticket) {
  {
    std::lock_guard<std::mutex> lock(mutex);
    if (ticket.state == PackTicket::State::running) {
      ticket.abandoned = true;
    } else {
      if (ticket.state == PackTicket::State::queued) {
        queue.erase(std::find(queue.begin(), queue.end(), &ticket));
        queuedTokens -= uint64_t(ticket.length);
      }
      recycle(std::unique_ptr<PackTicket>(&ticket));
    }
  }
  release();
}

void RequestPacker::stats(pare_pack_stats &result) const {
  std::lock_guard<std::mutex> lock(mutex);
  result = published;
  result.allocations += submitAllocations;
}

} // namespace pare::rt
