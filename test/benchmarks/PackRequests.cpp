// pack_requests MODEL.pare [REQUESTS] [ROUNDS] [VOCABULARY]: sentences of random lengths, packed by tokens
// and in batches of 32 in order of arrival. The ways take turns, so that the machine's other work meets all of them
// alike.
//
// Lengths are those of WordNet's definitions in word pieces, as a log-normal distribution: median 12, a tenth above 23,
// 3 to 100. The model takes input_ids and attention_mask, i64[batch, sequence].
#include "pare-rt/packer.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <random>
#include <string>
#include <vector>

namespace {

void check(pare_rt_status *status) {
  if (!status)
    return;
  fprintf(stderr, "pack_requests: error: %s\n", pare_rt_status_message(status));
  exit(1);
}

pare_rt_tensor tensor(std::vector<int64_t> &data, std::vector<int64_t> dims) {
  pare_rt_tensor result = {};
  result.data = data.data();
  result.size = data.size() * 8;
  result.dtype = PARE_RT_I64;
  result.rank = uint32_t(dims.size());
  std::copy(dims.begin(), dims.end(), result.dims);
  return result;
}

using Requests = std::vector<std::vector<int64_t>>;

/// Batches of `size` in order of arrival, padded to the longest of each.
class Batches {
public:
  Batches(pare_rt_session *session, const Requests &requests, size_t size, bool masked) : session(session) {
    for (size_t first = 0; first < requests.size(); first += size) {
      size_t count = std::min(size, requests.size() - first), longest = 0;
      for (size_t i = 0; i < count; ++i)
        longest = std::max(longest, requests[first + i].size());
      Batch batch{std::vector<int64_t>(count * longest), std::vector<int64_t>(count * longest, !masked), count,
                  longest};
      for (size_t i = 0; i < count; ++i) {
        const std::vector<int64_t> &ids = requests[first + i];
        std::copy(ids.begin(), ids.end(), batch.ids.begin() + ptrdiff_t(i * longest));
        std::fill_n(batch.mask.begin() + ptrdiff_t(i * longest), ids.size(), 1);
      }
      batches.push_back(std::move(batch));
      cells += count * longest;
    }
  }

  void run() {
    for (Batch &batch : batches) {
      std::vector<int64_t> dims = {int64_t(batch.count), int64_t(batch.longest)};
      pare_rt_tensor inputs[] = {tensor(batch.ids, dims), tensor(batch.mask, dims)}, output = {};
      check(pare_rt_session_run(session, inputs, 2, &output, 1));
    }
  }

  size_t calls() const { return batches.size(); }
  size_t cells = 0;

private:
  struct Batch {
    std::vector<int64_t> ids, mask;
    size_t count, longest;
  };
  pare_rt_session *session;
  std::vector<Batch> batches;
};

double median(std::vector<double> values) {
  std::nth_element(values.begin(), values.begin() + ptrdiff_t(values.size() / 2), values.end());
  return values[values.size() / 2];
}

} // namespace

int main(int argc, char **argv) {
  if (argc < 2) {
    fprintf(stderr, "usage: pack_requests MODEL.pare [REQUESTS] [ROUNDS] [VOCABULARY]\n");
    return 2;
  }
  auto argument = [&](int index, int64_t otherwise) {
    return index < argc ? strtoll(argv[index], nullptr, 10) : otherwise;
  };
  const auto count = size_t(argument(2, 512)), rounds = size_t(argument(3, 5));
  std::mt19937_64 random(1);
  std::lognormal_distribution<double> length(std::log(12.0), 0.52);
  Requests requests(count);
  size_t tokens = 0, longest = 0;
  for (std::vector<int64_t> &ids : requests) {
    ids.resize(size_t(std::clamp(std::lround(length(random)), 3l, 100l)));
    for (int64_t &id : ids)
      id = int64_t(random() % uint64_t(argument(4, 30000)));
    tokens += ids.size();
    longest = std::max(longest, ids.size());
  }

  pare_rt_module *module = nullptr;
  pare_rt_session *session = nullptr;
  const uint64_t limits[] = {512, 128, 256, 1024, 2048, 4096};
  std::vector<pare_packer *> packers;
  check(pare_rt_module_load(argv[1], nullptr, &module));
  check(pare_rt_session_create(module, nullptr, &session));
  for (uint64_t limit : limits) {
    pare_packer_options options = {};
    options.struct_size = sizeof options;
    options.max_tokens = limit;
    packers.push_back(nullptr);
    check(pare_packer_create(module, &options, &packers.back()));
  }
  std::vector<pare_rt_tensor> inputs, outputs;
  for (std::vector<int64_t> &ids : requests) {
    inputs.push_back(tensor(ids, {int64_t(ids.size())}));
    inputs.push_back({}); // the mask
  }
  Batches masked(session, requests, 32, true), rectangles(session, requests, 32, false),
      alone(session, requests, 1, true);
  struct Way {
    std::string name;
    std::function<void()> run;
    std::vector<double> times;
  };
  std::vector<Way> ways;
  for (pare_packer *packer : packers)
    ways.push_back({"packed, " + std::to_string(limits[ways.size()]) + " tokens a call",
                    [&, packer] {
                      outputs.assign(count, {});
                      check(pare_packer_run(packer, inputs.data(), uint32_t(count), outputs.data()));
                    },
                    {}});
  ways.push_back({"batches of 32, mask of valid tokens", [&] { masked.run(); }, {}});
  ways.push_back({"batches of 32, all rows computed", [&] { rectangles.run(); }, {}});
  ways.push_back({"each request alone", [&] { alone.run(); }, {}});
  std::vector<pare_pack_stats> stats(packers.size());
  for (size_t round = 0; round <= rounds; ++round) {
    for (Way &way : ways) {
      auto start = std::chrono::steady_clock::now();
      way.run();
      std::chrono::duration<double, std::milli> time = std::chrono::steady_clock::now() - start;
      if (round)
        way.times.push_back(time.count());
    }
    // Of the first run; the others are the same.
    for (size_t i = 0; i < packers.size() && !round; ++i)
      pare_packer_stats(packers[i], &stats[i]);
  }
  printf("%zu requests, %zu tokens, longest %zu, %u threads, variant %s\n", count, tokens, longest,
         pare_rt_module_threads(module), pare_rt_module_variant(module));
  for (size_t i = 0; i < packers.size(); ++i)
    printf("%llu tokens a call: %llu calls, %llu cells\n", (unsigned long long)limits[i],
           (unsigned long long)stats[i].calls, (unsigned long long)stats[i].cells);
  printf("batches of 32: %zu calls, %zu cells, %.0f%% padding\n", masked.calls(), masked.cells,
         100 - 100.0 * double(tokens) / double(masked.cells));
  for (const Way &way : ways) {
    std::vector<double> ratios;
    for (size_t i = 0; i < rounds; ++i)
      ratios.push_back(way.times[i] / ways[0].times[i]);
    printf("%-36s median %8.4f ms a request, %5.2f of the first\n", way.name.c_str(), median(way.times) / double(count),
           median(ratios));
  }
  for (pare_packer *packer : packers)
    pare_packer_release(packer);
  pare_rt_session_release(session);
  pare_rt_module_release(module);
  return 0;
}
