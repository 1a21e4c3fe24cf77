#include "Profile.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/FormatVariadic.h"
#include <algorithm>
#include <map>

using llvm::formatv;

namespace pare::tool {
namespace {
std::vector<pare_rt_profile_event> eventsOf(const pare_rt_session *session) {
  std::vector<pare_rt_profile_event> events(pare_rt_session_profile_count(session, nullptr));
  for (auto [index, event] : llvm::enumerate(events))
    pare_rt_status_free(pare_rt_session_profile_event(session, index, &event)); // every index is one
  return events;
}

bool isCall(const pare_rt_profile_event &event) { return event.worker_count == 0; }

std::string nameOf(const pare_rt_profile_event &event) {
  return *event.name ? event.name : "kernel " + std::to_string(event.kernel);
}

double toSeconds(uint64_t nanoseconds) { return static_cast<double>(nanoseconds) * 1e-9; }

void add(KernelReport &report, const pare_rt_profile_event &event) {
  ++report.launches;
  report.seconds += toSeconds(event.end_ns - event.start_ns);
  for (uint32_t i = 0; i < event.worker_count; ++i)
    report.busy += toSeconds(event.workers[i].busy_ns);
  auto sum = [](std::optional<double> &total, int64_t number) {
    if (number < 0)
      total.reset();
    else if (total)
      *total += static_cast<double>(number);
  };
  sum(report.flops, event.flops);
  sum(report.bytes, event.bytes);
}

/// "12.3" of 10^9 per second and "45%" of the most; "-" where it is not known or there is nothing.
std::pair<std::string, std::string> rate(const std::optional<double> &work, double seconds, double peak) {
  if (!work || *work == 0 || seconds <= 0)
    return {"-", "-"};
  return {formatv("{0:f1}", *work / seconds * 1e-9), formatv("{0:f0}%", 100 * *work / seconds / peak)};
}

void writeKernel(const KernelReport &kernel, double calls, llvm::json::OStream &json) {
  json.attribute("name", llvm::json::fixUTF8(kernel.name));
  json.attribute("launches_per_call", static_cast<double>(kernel.launches) / calls);
  json.attribute("seconds_per_call", kernel.seconds / calls);
  json.attribute("busy_seconds_per_call", kernel.busy / calls);
  auto number = [&](llvm::StringRef key, const std::optional<double> &value) {
    if (value)
      json.attribute(key, *value / calls);
    else
      json.attribute(key, nullptr);
  };
  number("flops_per_call", kernel.flops);
  number("bytes_per_call", kernel.bytes);
}
} // namespace

double ProfileReport::hostSeconds() const {
  double rest = seconds;
  for (const KernelReport &kernel : kernels)
    rest -= kernel.seconds;
  return rest;
}

ProfileReport makeProfile(const pare_rt_session *session, uint32_t threads) {
  ProfileReport profile;
  profile.threads = threads;
  std::map<std::string, KernelReport> names;
  std::map<std::pair<int32_t, int32_t>, size_t> places;
  for (const pare_rt_profile_event &event : eventsOf(session)) {
    if (isCall(event)) {
      ++profile.calls;
      profile.seconds += toSeconds(event.end_ns - event.start_ns);
      continue;
    }
    const std::string name = nameOf(event);
    add(names.try_emplace(name, KernelReport{name, {}}).first->second, event);
    auto [place, isNew] = places.try_emplace({event.launch, event.kernel}, profile.launches.size());
    if (isNew)
      profile.launches.push_back({name, std::vector<std::string>(event.nodes, event.nodes + event.node_count)});
    add(profile.launches[place->second], event);
  }
  for (auto &[name, kernel] : names)
    profile.kernels.push_back(std::move(kernel));
  llvm::sort(profile.kernels, [](const KernelReport &a, const KernelReport &b) {
    return std::make_pair(b.seconds, a.name) < std::make_pair(a.seconds, b.name);
  });
  return profile;
}

void writeText(const ProfileReport &profile, llvm::raw_ostream &os) {
  const double calls = std::max<double>(1, static_cast<double>(profile.calls));
  os << formatv(
      "\nkernels of a call of {0:f3} ms, the mean of {1} that were recorded; the machine's peak: {2:f1} GFLOP/s, "
      "{3:f1} GB/s\n\n",
      1e3 * profile.seconds / calls, profile.calls, profile.peak.flops * 1e-9, profile.peak.bytes * 1e-9);
  size_t width = 12;
  for (const KernelReport &kernel : profile.kernels)
    width = std::max(width, std::min<size_t>(kernel.name.size(), 60));
  auto line = [&](llvm::StringRef name, llvm::ArrayRef<std::string> cells) {
    os << llvm::left_justify(name, static_cast<unsigned>(width));
    constexpr unsigned kWidths[] = {10, 12, 8, 7, 11, 9, 9, 9};
    for (auto [cell, width] : llvm::zip(cells, kWidths))
      os << llvm::right_justify(cell, width);
    os << "\n";
  };
  line("", {"launches", "time", "share", "busy", "GFLOP/s", "of peak", "GB/s", "of peak"});
  auto row = [&](const KernelReport &kernel, bool isHost) {
    auto [flops, ofFlops] = rate(kernel.flops, kernel.seconds, profile.peak.flops);
    auto [bytes, ofBytes] = rate(kernel.bytes, kernel.seconds, profile.peak.bytes);
    line(kernel.name, {isHost ? "-" : formatv("{0:f0}", static_cast<double>(kernel.launches) / calls).str(),
                       formatv("{0:f3} ms", 1e3 * kernel.seconds / calls),
                       formatv("{0:f1}%", 100 * kernel.seconds / profile.seconds),
                       isHost ? "-" : formatv("{0:f0}%", 100 * kernel.busy / kernel.seconds / profile.threads).str(),
                       flops, ofFlops, bytes, ofBytes});
  };
  for (const KernelReport &kernel : profile.kernels)
    row(kernel, false);
  KernelReport host;
  host.name = "host program";
  host.seconds = profile.hostSeconds();
  row(host, true);
}

void writeJson(const ProfileReport &profile, llvm::json::OStream &json) {
  const double calls = std::max<double>(1, static_cast<double>(profile.calls));
  json.attributeObject("profile", [&] {
    json.attribute("calls", profile.calls);
    json.attribute("seconds_per_call", profile.seconds / calls);
    json.attribute("host_seconds_per_call", profile.hostSeconds() / calls);
    json.attribute("peak_flops_per_s", profile.peak.flops);
    json.attribute("peak_bytes_per_s", profile.peak.bytes);
    json.attributeArray("kernels", [&] {
      for (const KernelReport &kernel : profile.kernels)
        json.object([&] { writeKernel(kernel, calls, json); });
    });
    json.attributeArray("launches", [&] {
      for (const KernelReport &launch : profile.launches)
        json.object([&] {
          writeKernel(launch, calls, json);
          json.attributeArray("nodes", [&] {
            for (const std::string &node : launch.nodes)
              json.value(llvm::json::fixUTF8(node));
          });
        });
    });
  });
}

void writeTrace(const pare_rt_session *session, llvm::raw_ostream &os) {
  llvm::json::OStream json(os);
  constexpr int64_t kProcess = 1;
  auto row = [&](int64_t thread, const std::string &name) {
    json.object([&] {
      json.attribute("name", "thread_name");
      json.attribute("ph", "M");
      json.attribute("pid", kProcess);
      json.attribute("tid", thread);
      json.attributeObject("args", [&] { json.attribute("name", name); });
    });
  };
  auto span = [&](llvm::StringRef name, llvm::StringRef category, int64_t thread, uint64_t start, uint64_t end,
                  llvm::function_ref<void()> arguments) {
    json.object([&] {
      json.attribute("name", llvm::json::fixUTF8(name));
      json.attribute("cat", category);
      json.attribute("ph", "X");
      json.attribute("pid", kProcess);
      json.attribute("tid", thread);
      // In microseconds, as the format wants it.
      json.attribute("ts", static_cast<double>(start) * 1e-3);
      json.attribute("dur", static_cast<double>(end - start) * 1e-3);
      json.attributeObject("args", arguments);
    });
  };
  std::vector<pare_rt_profile_event> events = eventsOf(session);
  uint32_t threads = 0;
  for (const pare_rt_profile_event &event : events)
    threads = std::max(threads, event.worker_count);
  json.object([&] {
    json.attribute("displayTimeUnit", "ms");
    json.attributeArray("traceEvents", [&] {
      row(0, "calls and kernels");
      for (uint32_t thread = 0; thread < threads; ++thread)
        row(thread + 1, "thread " + std::to_string(thread));
      for (const pare_rt_profile_event &event : events) {
        const std::string name = nameOf(event);
        span(name, isCall(event) ? "call" : "kernel", 0, event.start_ns, event.end_ns, [&] {
          json.attribute("call", static_cast<int64_t>(event.call));
          if (isCall(event))
            return;
          json.attribute("kernel", event.kernel);
          json.attribute("tiles", event.tiles);
          if (event.flops >= 0)
            json.attribute("flops", event.flops);
          if (event.bytes >= 0)
            json.attribute("bytes", event.bytes);
          if (event.node_count)
            json.attribute("nodes", llvm::json::fixUTF8(llvm::join(event.nodes, event.nodes + event.node_count, ", ")));
        });
        for (uint32_t i = 0; i < event.worker_count; ++i) {
          const pare_rt_profile_worker &worker = event.workers[i];
          if (worker.tiles)
            span(name, "thread", i + 1, worker.start_ns, worker.end_ns, [&] {
              json.attribute("tiles", worker.tiles);
              json.attribute("busy_us", static_cast<double>(worker.busy_ns) * 1e-3);
            });
        }
      }
    });
  });
  os << "\n";
}
} // namespace pare::tool
