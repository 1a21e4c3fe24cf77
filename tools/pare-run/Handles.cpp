#include "Handles.h"

#include "base/Status.h"

#include <algorithm>
#include <cstdio>

namespace pare::run {

int Reporter::report(const std::string &message) const {
  fprintf(stderr, "%s: error: %s\n", program.c_str(), message.c_str());
  return 1;
}

bool Reporter::reported(pare_rt_status *status) const {
  if (!status)
    return false;
  report(pare_rt_status_message(status));
  pare_rt_status_free(status);
  return true;
}

void printTimes(std::vector<double> times) {
  std::sort(times.begin(), times.end());
  size_t middle = times.size() / 2;
  double median = times.size() % 2 ? times[middle] : (times[middle - 1] + times[middle]) / 2;
  printf("median %.3f ms (least %.3f, most %.3f, %zu runs)\n", median, times.front(), times.back(), times.size());
}

void printModule(const pare_rt_module *module) {
  printf("variant: %s\nthreads: %u\nweights: %s\n", pare_rt_module_variant(module), pare_rt_module_threads(module),
         rt::formatBytes(pare_rt_module_weights_size(module)).c_str());
}

void printEntry(const pare_rt_entry_info &entry) {
  printf("entry %s\n", entry.name);
  for (uint32_t i = 0; i < entry.input_count; ++i)
    printf("  input  %s: %s\n", entry.inputs[i].name, rt::formatShape(entry.inputs[i]).c_str());
  for (uint32_t i = 0; i < entry.output_count; ++i)
    printf("  output %s: %s\n", entry.outputs[i].name, rt::formatShape(entry.outputs[i]).c_str());
}

} // namespace pare::run
