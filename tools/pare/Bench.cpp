// Times of a model beside those of other runtimes, in turns, so that what the machine does besides hits all alike.
#include "Bench.h"

#include "Artefact.h"
#include "BenchAnswers.h"
#include "EntryInputs.h"
#include "Peer.h"
#include "Progress.h"
#include "WorkFolder.h"
#include "mlir/Support/FileUtilities.h"
#include "pare/Compiler.h"
#include "llvm/ADT/StringRef.h"
#include "llvm/Support/ToolOutputFile.h"
#include "llvm/TargetParser/Host.h"
#include <chrono>
#include <cstdio>

namespace pare::tool {
namespace {
/// Of each contender in a round: long enough that a core's clock and caches settle, short enough that rounds see the
/// same machine.
constexpr double kTurn = 0.1;

using Clock = std::chrono::steady_clock;

double secondsSince(Clock::time_point start) { return std::chrono::duration<double>(Clock::now() - start).count(); }

class Bench {
public:
  explicit Bench(const BenchArguments &arguments) : arguments(arguments) {}

  bool run() {
    report.model = arguments.model;
    if (!compile() || !load() || !makeInputs() || !startPeers() || !warmUp() || !measure() || !compareAnswers() ||
        !profile())
      return false;
    progress.reset();
    if (arguments.json != "-")
      writeText(report, llvm::outs());
    llvm::outs().flush();
    return writeFile(arguments.json, [&](llvm::raw_ostream &os) { writeJson(report, os); }) &&
           writeFile(arguments.trace, [&](llvm::raw_ostream &os) { writeTrace(session.get(), os); }) && report.ok();
  }

private:
  bool fail(const std::string &reason, const std::string &file = "") {
    return fail(
        std::vector<Diagnostic>{{Diagnostic::Severity::Error, file.empty() ? arguments.model : file, "", "", reason}});
  }
  bool fail(std::vector<Diagnostic> diagnostics) {
    progress.reset();
    fputs(CompileResult{false, std::move(diagnostics)}.text().c_str(), stderr);
    return false;
  }
  bool fail(llvm::Error error) { return fail(llvm::toString(std::move(error))); }
  /// Whether the call succeeded; otherwise after saying why.
  bool check(pare_rt_status *status) {
    if (!status)
      return true;
    std::string reason = pare_rt_status_message(status);
    pare_rt_status_free(status);
    return fail(reason);
  }

  CompileOptions withProgress() {
    CompileOptions options = arguments.options;
    options.onPhase = progress->phases();
    return options;
  }

  bool compile() {
    path = arguments.model;
    if (llvm::StringRef(path).ends_with(".pare"))
      return true;
    CacheOptions cache = arguments.cache;
    cache.onWait = [&] { progress->set("waiting for another process that compiles this model"); };
    auto start = Clock::now();
    CompileResult result = compileCached(arguments.model, withProgress(), cache, artefact);
    if (!result.ok)
      return fail(std::move(result.diagnostics));
    fputs(result.text().c_str(), stderr);
    if (!artefact.wasHit())
      report.compile = secondsSince(start);
    path = artefact.path();
    return true;
  }

  bool load() {
    pare_rt_load_options options = {};
    options.struct_size = sizeof options;
    options.variant = arguments.variant.empty() ? nullptr : arguments.variant.c_str();
    options.threads = arguments.threads;
    auto start = Clock::now();
    pare_rt_module *loaded = nullptr;
    if (!check(pare_rt_module_load(path.c_str(), &options, &loaded)))
      return false;
    module.reset(loaded);
    pare_rt_session *created = nullptr;
    const char *entry = arguments.entry.empty() ? nullptr : arguments.entry.c_str();
    if (!check(pare_rt_session_create(loaded, entry, &created)))
      return false;
    session.reset(created);
    ContenderReport pare;
    pare.name = "Pare";
    pare.load = secondsSince(start);
    report.contenders.push_back(pare);
    report.entry = pare_rt_session_entry(created)->name;
    report.variant = pare_rt_module_variant(loaded);
    report.threads = pare_rt_module_threads(loaded);
    report.cpu = llvm::sys::getHostCPUName().str();
    return true;
  }

  bool makeInputs() {
    llvm::Expected<std::unique_ptr<EntryInputs>> made =
        EntryInputs::create(*pare_rt_session_entry(session.get()), arguments);
    if (!made)
      return fail(made.takeError());
    inputs = std::move(*made);
    report.inputs = inputs->describe();
    for (const reference::Tensor &tensor : inputs->getTensors())
      given.push_back(toRuntime(tensor));
    outputs.resize(pare_rt_session_entry(session.get())->output_count);
    progress->set("running: Pare");
    return call(report.contenders.front().first);
  }

  bool startPeers() {
    if (arguments.against.empty())
      return true;
    answers.emplace(arguments.model, withProgress());
    if (!answers->load(report.entry, given))
      return fail(answers->takeDiagnostics());
    PeerOptions options;
    options.python = arguments.python;
    options.model = arguments.model;
    options.inputs = folder.file("in.npz");
    options.folder = folder.file("");
    options.threads = report.threads;
    options.precision = arguments.openvinoPrecision;
    if (llvm::Error error = inputs->write(options.inputs))
      return fail(std::move(error));
    for (const std::string &package : arguments.against) {
      options.package = package;
      progress->set("loading: " + package);
      llvm::Expected<std::unique_ptr<Peer>> peer = Peer::start(options);
      if (!peer)
        return fail(peer.takeError());
      ContenderReport contender;
      contender.name = (*peer)->getName();
      contender.version = (*peer)->getVersion();
      contender.load = (*peer)->getLoadTime();
      contender.first = (*peer)->getFirstTime();
      report.contenders.push_back(contender);
      peers.push_back(std::move(*peer));
    }
    return true;
  }

  bool warmUp() {
    const uint32_t calls = arguments.warmup > 0 ? arguments.warmup - 1 : 0;
    double ignored;
    for (uint32_t i = 0; i < calls; ++i)
      if (!call(ignored))
        return false;
    for (std::unique_ptr<Peer> &peer : peers)
      if (llvm::Error error = peer->warmUp(calls))
        return fail(std::move(error));
    return true;
  }

  bool measure() {
    auto start = Clock::now();
    auto isLast = [&](uint32_t round) {
      return arguments.seconds ? secondsSince(start) >= *arguments.seconds : round >= arguments.repeat;
    };
    for (uint32_t round = 0; round == 0 || !isLast(round); ++round) {
      progress->set("round " + std::to_string(round + 1) +
                    (arguments.seconds ? "" : " of " + std::to_string(arguments.repeat)));
      std::vector<double> times;
      if (!takeTurn(times))
        return false;
      report.contenders.front().rounds.push_back(std::move(times));
      for (auto [index, peer] : llvm::enumerate(peers)) {
        llvm::Expected<std::vector<double>> theirs = peer->run(kTurn);
        if (!theirs)
          return fail(theirs.takeError());
        report.contenders[index + 1].rounds.push_back(std::move(*theirs));
      }
    }
    return true;
  }

  /// The same as a peer does.
  bool takeTurn(std::vector<double> &times) {
    double time = 0;
    if (!call(time))
      return false;
    auto start = Clock::now();
    do {
      if (!call(time))
        return false;
      times.push_back(time);
    } while (secondsSince(start) + time < kTurn);
    return true;
  }

  bool call(double &seconds) {
    for (pare_rt_tensor &output : outputs)
      output = {};
    auto start = Clock::now();
    pare_rt_status *status = pare_rt_session_run(session.get(), given.data(), static_cast<uint32_t>(given.size()),
                                                 outputs.data(), static_cast<uint32_t>(outputs.size()));
    seconds = secondsSince(start);
    return check(status);
  }

  bool compareAnswers() {
    if (peers.empty())
      return true;
    if (llvm::Error error = answers->take(outputs))
      return fail(std::move(error));
    for (auto [index, peer] : llvm::enumerate(peers)) {
      progress->set("comparing answers: " + peer->getName());
      llvm::Expected<std::vector<npz::NamedArray>> theirs = peer->takeOutputs();
      if (!theirs)
        return fail(theirs.takeError());
      report.contenders[index + 1].outputs = answers->compare(*theirs, arguments.tolerance);
    }
    return true;
  }

  /// Apart from what is timed.
  bool profile() {
    if (!arguments.profile && arguments.trace.empty())
      return true;
    progress->set("recording a profile");
    constexpr double kSeconds = 0.5;
    constexpr int kMostCalls = 50;
    constexpr uint64_t kRoom = 1 << 18; // events
    if (!check(pare_rt_session_profile_start(session.get(), kRoom)))
      return false;
    auto start = Clock::now();
    double time = 0;
    auto hasRoom = [&] { return pare_rt_session_profile_count(session.get(), nullptr) < kRoom / 2; };
    for (int calls = 0; calls == 0 || (calls < kMostCalls && secondsSince(start) < kSeconds && hasRoom()); ++calls)
      if (!call(time))
        return false;
    if (!check(pare_rt_session_profile_stop(session.get())))
      return false;
    uint64_t dropped = 0;
    pare_rt_session_profile_count(session.get(), &dropped);
    if (dropped)
      return fail("a profile has room for " + std::to_string(kRoom) + " kernels, these calls run " +
                  std::to_string(kRoom + dropped) + ": measure without --profile and --trace");
    if (!arguments.profile)
      return true;
    report.profile = makeProfile(session.get(), report.threads);
    progress->set("measuring the machine's peak");
    report.profile->peak = measurePeak(report.threads);
    return true;
  }

  bool writeFile(const std::string &path, llvm::function_ref<void(llvm::raw_ostream &)> write) {
    if (path.empty())
      return true;
    std::string error;
    std::unique_ptr<llvm::ToolOutputFile> file = mlir::openOutputFile(path, &error);
    if (!file)
      return fail(error, path);
    write(file->os());
    file->os().flush();
    if (file->os().has_error()) {
      error = file->os().error().message();
      file->os().clear_error();
      return fail("cannot write: " + error, path);
    }
    file->keep();
    return true;
  }

  const BenchArguments &arguments;
  std::unique_ptr<Progress> progress = std::make_unique<Progress>();
  WorkFolder folder;
  CachedArtefact artefact;
  std::string path;
  std::unique_ptr<pare_rt_module, ReleaseHandle> module;
  std::unique_ptr<pare_rt_session, ReleaseHandle> session;
  std::unique_ptr<EntryInputs> inputs;
  std::vector<pare_rt_tensor> given, outputs;
  std::optional<Answers> answers;
  std::vector<std::unique_ptr<Peer>> peers;
  BenchReport report;
};
} // namespace

int benchModel(const BenchArguments &arguments) { return Bench(arguments).run() ? 0 : 1; }
} // namespace pare::tool
