// What pare-run does: load, bind inputs by name, run, write outputs.
#include "Run.h"

#include "Handles.h"
#include "Inputs.h"
#include "Requests.h"

#include <chrono>
#include <cstdio>

namespace pare::run {

namespace {

void printMemory(const pare_rt_session *session) {
  pare_rt_memory_stats stats;
  pare_rt_session_memory(session, &stats);
  printf("intermediate buffers %s (lower bound %s), loop-carried %s, scratch %s, outputs %s, allocations in the last "
         "run %llu\n",
         rt::formatBytes(stats.planned_bytes).c_str(), rt::formatBytes(stats.lower_bound_bytes).c_str(),
         rt::formatBytes(stats.dynamic_bytes).c_str(), rt::formatBytes(stats.scratch_bytes).c_str(),
         rt::formatBytes(stats.output_bytes).c_str(), (unsigned long long)stats.allocations);
}

} // namespace

int run(const Options &options) {
  const Reporter reporter(options.program);
  pare_rt_load_options load = {};
  load.struct_size = sizeof load;
  load.skip_checksums = options.skipChecksums;
  load.variant = options.variant.empty() ? nullptr : options.variant.c_str();
  load.threads = options.threads;
  pare_rt_module *moduleHandle = nullptr;
  if (reporter.reported(pare_rt_module_load(options.model.c_str(), &load, &moduleHandle)))
    return 1;
  std::unique_ptr<pare_rt_module, Release> module(moduleHandle);
  if (options.inspect) {
    printModule(module.get());
    for (uint32_t i = 0; i < pare_rt_module_entry_count(module.get()); ++i)
      printEntry(*pare_rt_module_entry(module.get(), i));
    return 0;
  }
  if (!options.requests.empty())
    return runRequests(options, module.get(), reporter);

  pare_rt_session *sessionHandle = nullptr;
  if (reporter.reported(pare_rt_session_create(module.get(), options.entry.empty() ? nullptr : options.entry.c_str(),
                                               &sessionHandle)))
    return 1;
  std::unique_ptr<pare_rt_session, Release> session(sessionHandle);
  const pare_rt_entry_info &entry = *pare_rt_session_entry(session.get());

  Arrays arrays;
  std::vector<pare_rt_tensor> inputs, outputs(entry.output_count);
  rt::Status status = readInputs(options.inputs, arrays);
  if (!status.failed())
    status = bindInputs(entry, arrays, inputs);
  if (status.failed())
    return reporter.report(status.message());
  std::vector<double> times;
  for (uint32_t i = 0; i <= options.repeat; ++i) {
    for (pare_rt_tensor &output : outputs)
      output = {};
    auto start = std::chrono::steady_clock::now();
    if (reporter.reported(pare_rt_session_run(session.get(), inputs.data(), uint32_t(inputs.size()), outputs.data(),
                                              uint32_t(outputs.size()))))
      return 1;
    std::chrono::duration<double, std::milli> time = std::chrono::steady_clock::now() - start;
    // The first run plans memory and wakes the threads.
    if (i > 0)
      times.push_back(time.count());
  }
  if (options.repeat)
    printTimes(times);
  if (options.memory)
    printMemory(session.get());

  std::vector<npz::ArrayView> views;
  for (uint32_t i = 0; i < entry.output_count; ++i) {
    views.push_back({entry.outputs[i].name, outputs[i]});
    if (options.outputs.empty())
      printf("output %s: %s\n", entry.outputs[i].name,
             rt::formatShape(outputs[i].dims, outputs[i].rank, outputs[i].dtype).c_str());
  }
  if (options.outputs.empty())
    return 0;
  status = npz::writeNpz(options.outputs, views);
  return status.failed() ? reporter.report(status.message()) : 0;
}

} // namespace pare::run
