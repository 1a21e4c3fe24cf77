#include "state/PackPlan.h"

#include <algorithm>
#include <numeric>

namespace pare::rt {

uint32_t PackPlan::firstFit(uint64_t length) const {
  uint32_t node = 1;
  while (node < leaves)
    node = room[2 * node] >= length ? 2 * node : 2 * node + 1;
  return node - leaves;
}

void PackPlan::setRoom(uint32_t bin, uint64_t tokens) {
  uint32_t node = leaves + bin;
  room[node] = tokens;
  while (node /= 2)
    room[node] = std::max(room[2 * node], room[2 * node + 1]);
}

void PackPlan::make(const std::vector<int64_t> &lengths, const PackLimits &limits) {
  const auto count = uint32_t(lengths.size());
  for (leaves = 1; leaves < count;)
    leaves *= 2;
  // As many bins as requests, all empty: one that is first used is opened by that.
  room.assign(size_t(leaves) * 2, limits.tokens);
  open.assign(count, {0, 0, 0, 0});
  bins.resize(count);
  order.resize(count);
  std::iota(order.begin(), order.end(), 0u);
  std::sort(order.begin(), order.end(),
            [&](uint32_t a, uint32_t b) { return lengths[a] != lengths[b] ? lengths[a] > lengths[b] : a < b; });
  for (uint32_t request : order) {
    // What is longer than a bin fills one.
    uint64_t length = std::min(uint64_t(lengths[request]), limits.tokens);
    uint32_t bin = firstFit(length);
    bins[request] = bin;
    Call &call = open[bin];
    uint64_t members = ++call.end;
    call.longest = std::max(call.longest, lengths[request]);
    call.tokens += uint64_t(lengths[request]);
    // The first is the longest, so whether another one makes too many cells does not depend on which one.
    bool full = members >= limits.requests || members + 1 > limits.cells / uint64_t(call.longest);
    setRoom(bin, full ? 0 : room[leaves + bin] - length);
  }

  // Bins in the order of their first request, and their members in order of arrival: a counting sort.
  result.clear();
  rank.assign(count, 0);
  for (uint32_t request = 0; request < count; ++request) {
    Call &call = open[bins[request]];
    if (call.begin == 0) {
      result.push_back(call);
      call.begin = 1;
      rank[bins[request]] = uint32_t(result.size() - 1);
    }
  }
  uint32_t next = 0;
  for (Call &call : result) {
    call.begin = next;
    next += call.end;
    call.end = call.begin;
  }
  for (uint32_t request = 0; request < count; ++request)
    order[result[rank[bins[request]]].end++] = request;
}

} // namespace pare::rt
