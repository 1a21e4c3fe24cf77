// Recording of kernels. Each event belongs to the host program's thread, each worker's part of it to that worker; the
// pool orders one after the other.
#include "session/Profile.h"

#include <algorithm>

namespace pare::rt {

Profile::Profile(const Module &module, const char *entry, uint64_t maxEvents)
    : module(module), entry(entry), threads(module.threads()), maxEvents(maxEvents) {
  events.reserve(maxEvents);
  workers.reserve(maxEvents * threads);
}

uint64_t Profile::begin(const Event &event) {
  if (events.size() == maxEvents) {
    ++numDropped;
    return none;
  }
  events.push_back(event);
  workers.resize(workers.size() + threads);
  // Last, so that what stands above is not in it.
  events.back().start = events.back().end = now();
  return events.size() - 1;
}

uint64_t Profile::beginCall() {
  Event event = {calls++, 0, 0, -1, 0, -1, -1, nullptr};
  return begin(event);
}

uint64_t Profile::beginLaunch(pare_kernel_fn kernel, const int64_t *args, int64_t tiles) {
  Event event = {calls - 1, 0, 0, -1, tiles, -1, -1, kernel};
  // What stands in front of the record; see abi.h.
  if (!module.launches().empty()) {
    event.launch = args[-3];
    event.flops = args[-2];
    event.bytes = args[-1];
  }
  return begin(event);
}

void Profile::end(uint64_t event) {
  if (event != none)
    events[event].end = now();
}

Profile::Piece::Piece(Profile &profile, uint64_t event, int32_t worker, int64_t tiles)
    : profile(profile), worker(profile.workerOf(event, uint32_t(worker))), start(profile.now()) {
  if (!this->worker.tiles)
    this->worker.start_ns = start;
  this->worker.tiles += tiles;
}

void Profile::Piece::end() {
  worker.end_ns = profile.now();
  worker.busy_ns += worker.end_ns - start;
}

void Profile::read(uint64_t index, pare_rt_profile_event &result) const {
  const Event &event = events[index];
  result = {};
  result.name = event.kernel ? "" : entry;
  result.kernel = result.launch = -1;
  for (uint32_t i = 0; event.kernel && i < module.numKernels(); ++i)
    if (module.kernels()[i] == event.kernel) {
      result.kernel = int32_t(i);
      break;
    }
  if (event.launch >= 0 && uint64_t(event.launch) < module.launches().size()) {
    const Module::LaunchInfo &launch = module.launches()[size_t(event.launch)];
    result.launch = int32_t(event.launch);
    result.name = launch.name;
    result.nodes = launch.nodes.data();
    result.node_count = uint32_t(launch.nodes.size());
  }
  result.call = event.call;
  result.start_ns = event.start;
  result.end_ns = event.end;
  result.tiles = event.tiles;
  result.flops = std::max<int64_t>(event.flops, -1);
  result.bytes = std::max<int64_t>(event.bytes, -1);
  if (event.kernel) {
    result.workers = workers.data() + index * threads;
    result.worker_count = threads;
  }
}

} // namespace pare::rt
