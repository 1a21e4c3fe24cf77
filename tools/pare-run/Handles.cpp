#include "Handles.h"

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

} // namespace pare::run
