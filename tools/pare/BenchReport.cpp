#include "BenchReport.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/Support/FormatVariadic.h"
#include "llvm/Support/JSON.h"
#include <algorithm>
#include <cmath>

using llvm::formatv;

namespace pare::tool {
namespace {
/// "1.234 ms", of seconds.
std::string timeText(double seconds) {
  if (seconds >= 10)
    return formatv("{0:f1} s", seconds);
  if (seconds >= 1)
    return formatv("{0:f3} s", seconds);
  if (seconds >= 1e-3)
    return formatv("{0:f3} ms", seconds * 1e3);
  return formatv("{0:f1} us", seconds * 1e6);
}

double leastOf(const std::vector<double> &values) { return *std::min_element(values.begin(), values.end()); }
double mostOf(const std::vector<double> &values) { return *std::max_element(values.begin(), values.end()); }

void writeOutput(const ContenderReport &peer, const OutputReport &output, llvm::raw_ostream &os) {
  os << "  " << (output.ok ? "" : "MISMATCH with ") << peer.name << ": " << output.name << ": ";
  if (!output.mismatch.empty())
    os << output.mismatch << "\n";
  else if (output.magnitude)
    os << formatv("largest error {0:e2}, {1:e2} of the largest element\n", output.maxError, output.relativeError());
  else
    os << formatv("{0} of {1} elements differ\n", output.differing, output.elements);
}
} // namespace

double medianOf(std::vector<double> values) {
  if (values.empty())
    return 0;
  std::sort(values.begin(), values.end());
  size_t middle = values.size() / 2;
  return values.size() % 2 ? values[middle] : (values[middle - 1] + values[middle]) / 2;
}

double OutputReport::relativeError() const {
  return maxError == 0 ? 0 : magnitude > 0 ? maxError / magnitude : HUGE_VAL;
}

std::vector<double> ContenderReport::times() const {
  std::vector<double> all;
  for (const std::vector<double> &round : rounds)
    llvm::append_range(all, round);
  return all;
}

std::vector<double> ContenderReport::roundMedians() const {
  std::vector<double> medians;
  medians.reserve(rounds.size());
  for (const std::vector<double> &round : rounds)
    medians.push_back(medianOf(round));
  return medians;
}

std::vector<double> BenchReport::ratios(size_t contender) const {
  std::vector<double> result, own = contenders.front().roundMedians(), theirs = contenders[contender].roundMedians();
  for (auto [mine, other] : llvm::zip(own, theirs))
    result.push_back(other / mine);
  return result;
}

bool BenchReport::ok() const {
  return llvm::all_of(contenders, [](const ContenderReport &contender) {
    return llvm::all_of(contender.outputs, [](const OutputReport &output) { return output.ok; });
  });
}

void writeText(const BenchReport &report, llvm::raw_ostream &os) {
  os << report.model << ": " << llvm::join(report.inputs, ", ") << "\n";
  size_t rounds = report.contenders.front().rounds.size();
  os << formatv("{0} on {1}, {2} thread{3}, {4} round{5}", report.variant, report.cpu, report.threads,
                report.threads == 1 ? "" : "s", rounds, rounds == 1 ? "" : "s");
  if (report.compile)
    os << ", compiled in " << timeText(*report.compile);
  os << "\n\n";
  constexpr const char *kLine = "{0,-22}{1,12}{2,12}{3,12}{4,12}{5,12}{6,8}";
  const bool peers = report.contenders.size() > 1;
  os << formatv(kLine, "", "load", "first call", "median", "least", "most", "calls");
  os << (peers ? "  of Pare's time\n" : "\n");
  for (auto [index, contender] : llvm::enumerate(report.contenders)) {
    std::vector<double> times = contender.times();
    os << formatv(kLine, contender.name + " " + contender.version, timeText(contender.load), timeText(contender.first),
                  timeText(medianOf(times)), timeText(leastOf(times)), timeText(mostOf(times)), times.size());
    if (index > 0) {
      std::vector<double> ratios = report.ratios(index);
      os << formatv("  {0:f2} ({1:f2} to {2:f2})", medianOf(ratios), leastOf(ratios), mostOf(ratios));
    }
    os << "\n";
  }
  if (peers)
    os << "\nanswers:\n";
  for (const ContenderReport &contender : report.contenders)
    for (const OutputReport &output : contender.outputs)
      writeOutput(contender, output, os);
  if (report.profile)
    writeText(*report.profile, os);
}

void writeJson(const BenchReport &report, llvm::raw_ostream &os) {
  llvm::json::OStream json(os, 2);
  // JSON has no infinity.
  auto number = [&](llvm::StringRef name, double value) {
    if (std::isfinite(value))
      json.attribute(name, value);
    else
      json.attribute(name, nullptr);
  };
  auto text = [&](llvm::StringRef name, const std::string &value) { json.attribute(name, llvm::json::fixUTF8(value)); };
  json.object([&] {
    text("model", report.model);
    text("entry", report.entry);
    text("variant", report.variant);
    text("cpu", report.cpu);
    json.attribute("threads", report.threads);
    json.attributeArray("inputs", [&] {
      for (const std::string &input : report.inputs)
        json.value(llvm::json::fixUTF8(input));
    });
    if (report.compile)
      number("compile_s", *report.compile);
    json.attributeArray("contenders", [&] {
      for (auto [index, contender] : llvm::enumerate(report.contenders))
        json.object([&, &contender = contender, index = index] {
          text("name", contender.name);
          text("version", contender.version);
          number("load_s", contender.load);
          number("first_s", contender.first);
          std::vector<double> times = contender.times();
          number("median_s", medianOf(times));
          number("least_s", leastOf(times));
          number("most_s", mostOf(times));
          json.attribute("calls", static_cast<int64_t>(times.size()));
          json.attributeArray("round_medians_s", [&] {
            for (double median : contender.roundMedians())
              json.value(median);
          });
          if (index == 0)
            return;
          number("ratio", medianOf(report.ratios(index)));
          json.attributeArray("outputs", [&] {
            for (const OutputReport &output : contender.outputs)
              json.object([&] {
                text("name", output.name);
                json.attribute("ok", output.ok);
                if (!output.mismatch.empty())
                  text("mismatch", output.mismatch);
                number("max_error", output.maxError);
                number("relative_error", output.relativeError());
                json.attribute("differing", output.differing);
                json.attribute("elements", output.elements);
              });
          });
        });
    });
    if (report.profile)
      writeJson(*report.profile, json);
  });
  os << "\n";
}
} // namespace pare::tool
