#include "Requests.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <cstring>

namespace pare::run {

namespace {

using Tensors = std::vector<pare_rt_tensor>;

/// The number in front of "12/name", which it cuts off; -1 when there is none.
int64_t takeNumber(std::string &name) {
  size_t slash = name.find('/');
  if (slash == std::string::npos || slash == 0 || slash > 9 || name.find_first_not_of("0123456789") != slash ||
      (name[0] == '0' && slash > 1))
    return -1;
  int64_t number = std::stoll(name.substr(0, slash));
  name.erase(0, slash + 1);
  return number;
}

pare_packer_options packerOptions(const Options &options) {
  auto text = [](const std::string &name) { return name.empty() ? nullptr : name.c_str(); };
  pare_packer_options result = {};
  result.struct_size = sizeof result;
  result.max_tokens = options.packTokens;
  result.max_requests = options.packRequests;
  result.entry = text(options.entry);
  result.mask_input = text(options.maskInput);
  result.batch_dim = text(options.batchDim);
  result.sequence_dim = text(options.sequenceDim);
  return result;
}

template <typename T> double largestDifference(const pare_rt_tensor &a, const pare_rt_tensor &b) {
  double largest = 0;
  for (uint64_t i = 0; i < a.size / sizeof(T); ++i) {
    double x = double(static_cast<const T *>(a.data)[i]), y = double(static_cast<const T *>(b.data)[i]);
    if (std::isnan(x) && std::isnan(y))
      continue;
    double difference = x == y ? 0 : std::abs(x - y);
    largest = difference <= largest ? largest : difference; // NaN stays
  }
  return largest;
}

/// Runs each request in a call of its own and prints how far its results are from those of packed calls.
bool check(const Options &options, pare_rt_module *module, const Tensors &inputs, uint32_t count, const Tensors &packed,
           const Reporter &reporter) {
  pare_packer_options single = packerOptions(options);
  single.max_requests = 1;
  pare_packer *handle = nullptr;
  if (reporter.reported(pare_packer_create(module, &single, &handle)))
    return false;
  std::unique_ptr<pare_packer, Release> packer(handle);
  const pare_rt_entry_info &entry = *pare_packer_entry(packer.get());
  Tensors alone(packed.size());
  if (reporter.reported(pare_packer_run(packer.get(), inputs.data(), count, alone.data())))
    return false;
  for (uint32_t j = 0; j < entry.output_count; ++j) {
    double largest = 0;
    uint64_t differ = 0;
    const pare_rt_dtype dtype = entry.outputs[j].dtype;
    for (uint32_t i = 0; i < count; ++i) {
      const pare_rt_tensor &a = packed[size_t(i) * entry.output_count + j],
                           &b = alone[size_t(i) * entry.output_count + j];
      double difference = dtype == PARE_RT_F32   ? largestDifference<float>(a, b)
                          : dtype == PARE_RT_F64 ? largestDifference<double>(a, b)
                                                 : 0;
      largest = difference <= largest ? largest : difference;
      differ += a.size && memcmp(a.data, b.data, a.size) != 0;
    }
    printf("output %s: %llu of %u requests differ from a call of their own", entry.outputs[j].name,
           (unsigned long long)differ, count);
    if (dtype == PARE_RT_F32 || dtype == PARE_RT_F64)
      printf(", by %.3g at most", largest);
    printf("\n");
  }
  return true;
}

} // namespace

rt::Status readRequests(const std::vector<std::string> &files, std::vector<Arrays> &requests) {
  for (const std::string &file : files) {
    std::vector<npz::NamedArray> members;
    if (rt::Status status = npz::readNpz(file, members); status.failed())
      return status;
    const size_t first = requests.size();
    std::string plain, numbered;
    for (npz::NamedArray &member : members) {
      std::string name = member.name;
      int64_t number = takeNumber(name);
      (number < 0 ? plain : numbered) = member.name;
      // A number that is too large leaves a gap, which is an error; it must not take memory.
      if (number >= int64_t(members.size()))
        return rt::Status(PARE_RT_INVALID_ARGUMENT, "'" + file + "': array '" + member.name + "' is of request " +
                                                        std::to_string(number) + ", but there are only " +
                                                        std::to_string(members.size()) +
                                                        " arrays: number requests from 0, without gaps");
      size_t index = first + size_t(std::max<int64_t>(number, 0));
      if (requests.size() <= index)
        requests.resize(index + 1);
      requests[index][name] = std::move(member.array);
    }
    if (!plain.empty() && !numbered.empty())
      return rt::Status(PARE_RT_INVALID_ARGUMENT,
                        "'" + file + "': array '" + plain + "' has no number of a request, but '" + numbered + "' has");
    for (size_t i = first; i < requests.size(); ++i)
      if (requests[i].empty())
        return rt::Status(PARE_RT_INVALID_ARGUMENT, "'" + file + "': no array of request " + std::to_string(i - first) +
                                                        " (named '" + std::to_string(i - first) + "/INPUT'), but '" +
                                                        numbered + "'");
  }
  return {};
}

int runRequests(const Options &options, pare_rt_module *module, const Reporter &reporter) {
  pare_packer_options packing = packerOptions(options);
  pare_packer *handle = nullptr;
  if (reporter.reported(pare_packer_create(module, &packing, &handle)))
    return 1;
  std::unique_ptr<pare_packer, Release> packer(handle);
  const pare_rt_entry_info &entry = *pare_packer_entry(packer.get());

  std::vector<Arrays> requests;
  rt::Status status = readRequests(options.requests, requests);
  Tensors inputs;
  for (size_t i = 0; i < requests.size() && !status.failed(); ++i)
    status = bindInputs(entry, requests[i], inputs, int64_t(pare_packer_mask_input(packer.get())))
                 .context("request " + std::to_string(i) + ": ");
  if (status.failed())
    return reporter.report(status.message());

  const auto count = uint32_t(requests.size());
  Tensors outputs;
  std::vector<double> times;
  pare_pack_stats stats = {};
  for (uint32_t i = 0; i <= options.repeat; ++i) {
    outputs.assign(size_t(count) * entry.output_count, {});
    auto start = std::chrono::steady_clock::now();
    if (reporter.reported(pare_packer_run(packer.get(), inputs.data(), count, outputs.data())))
      return 1;
    std::chrono::duration<double, std::milli> time = std::chrono::steady_clock::now() - start;
    if (i > 0)
      times.push_back(time.count());
    else
      pare_packer_stats(packer.get(), &stats);
  }
  uint64_t longest = 0;
  for (size_t i = 0; i < inputs.size(); ++i) {
    const pare_rt_value_info &mask = entry.inputs[pare_packer_mask_input(packer.get())],
                             &value = entry.inputs[i % entry.input_count];
    for (uint32_t axis = 1; axis < value.rank; ++axis)
      if (value.dims[axis].kind == PARE_RT_DIM_SYMBOLIC && !strcmp(value.dims[axis].symbol, mask.dims[1].symbol) &&
          inputs[i].data)
        longest = std::max(longest, uint64_t(inputs[i].dims[axis - (inputs[i].rank != value.rank)]));
  }
  printf(
      "%u requests in %llu calls, %llu tokens; padding would be %llu tokens in these calls, %llu in one batch of all\n",
      count, (unsigned long long)stats.calls, (unsigned long long)stats.tokens,
      (unsigned long long)(stats.cells - stats.tokens), (unsigned long long)(longest * count - stats.tokens));
  if (options.repeat)
    printTimes(times);
  if (options.packCheck && !check(options, module, inputs, count, outputs, reporter))
    return 1;
  if (options.outputs.empty())
    return 0;
  std::vector<npz::ArrayView> views;
  for (uint32_t i = 0; i < count; ++i)
    for (uint32_t j = 0; j < entry.output_count; ++j)
      views.push_back({std::to_string(i) + "/" + entry.outputs[j].name, outputs[size_t(i) * entry.output_count + j]});
  status = npz::writeNpz(options.outputs, views);
  return status.failed() ? reporter.report(status.message()) : 0;
}

} // namespace pare::run
