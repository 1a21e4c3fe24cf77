// The process gets commands as lines and answers each with one line of JSON:
//   (nothing)       {"version", "load", "first"} once it is ready
//   warm CALLS      {}
//   run SECONDS     {"times": [...]}
//   outputs FILE    {}, after writing an .npz file
// or {"error"} or {"missing"}, a package. It ends when the channel closes.
#include "Peer.h"

#include "llvm/ADT/ScopeExit.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/Program.h"
#include <cstring>
#include <fcntl.h>
#include <spawn.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;

namespace pare::tool {
namespace {
constexpr const char *kScript = R"(
import json, os, sys, time
channel = os.fdopen(os.dup(1), "w")
os.dup2(2, 1)  # what libraries print is no answer

def say(**fields):
    channel.write(json.dumps(fields) + "\n")
    channel.flush()

def onnxruntime_call(model, values, threads, precision):
    import onnxruntime
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 3
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_ENABLE_ALL
    options.execution_mode = onnxruntime.ExecutionMode.ORT_SEQUENTIAL
    options.intra_op_num_threads, options.inter_op_num_threads = threads, 1
    start = time.perf_counter()
    session = onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])
    load = time.perf_counter() - start
    binding = session.io_binding()
    known = {given.name for given in session.get_inputs()}
    kept = {name: onnxruntime.OrtValue.ortvalue_from_numpy(value) for name, value in values.items() if name in known}
    for name, value in kept.items():
        binding.bind_ortvalue_input(name, value)
    names = [output.name for output in session.get_outputs()]
    for name in names:
        binding.bind_output(name)
    call = lambda: (session.run_with_iobinding(binding), kept)
    return onnxruntime.__version__, load, call, lambda: dict(zip(names, binding.copy_outputs_to_cpu()))

def openvino_call(model, values, threads, precision):
    import openvino
    config = {"PERFORMANCE_HINT": "LATENCY", "NUM_STREAMS": 1, "INFERENCE_NUM_THREADS": threads}
    if precision == "f32":
        config["INFERENCE_PRECISION_HINT"] = "f32"
    start = time.perf_counter()
    compiled = openvino.Core().compile_model(model, "CPU", config)
    request = compiled.create_infer_request()
    load = time.perf_counter() - start
    for port in compiled.inputs:
        for name in port.get_names():
            if name in values:
                request.set_tensor(port, openvino.Tensor(values[name], shared_memory=True))
    def outputs():
        return {name: request.get_tensor(port).data for port in compiled.outputs for name in port.get_names()}
    return openvino.__version__.split("-")[0], load, lambda: request.infer(share_outputs=True), outputs

def rest():
    """Returns when the threads of pools no longer spin."""
    for _ in range(100):
        used = time.process_time()
        time.sleep(0.01)
        if time.process_time() - used < 0.002:
            return

def main(package, model, inputs, threads, precision):
    import numpy
    with numpy.load(inputs) as archive:
        values = {name: numpy.ascontiguousarray(archive[name]).reshape(archive[name].shape) for name in archive.files}
    make = {"onnxruntime": onnxruntime_call, "openvino": openvino_call}[package]
    version, load, call, outputs = make(model, values, int(threads), precision)
    def timed():
        start = time.perf_counter()
        call()
        return time.perf_counter() - start
    first = timed()
    rest()
    say(version=version, load=load, first=first)
    for line in sys.stdin:
        command, _, argument = line.strip().partition(" ")
        if command == "warm":
            for _ in range(int(argument)):
                call()
            rest()
            say()
        elif command == "run":
            call()
            times, end = [timed()], time.perf_counter() + float(argument)
            while time.perf_counter() + times[-1] < end:
                times.append(timed())
            rest()
            say(times=times)
        elif command == "outputs":
            numpy.savez(argument, **outputs())
            say()

try:
    main(*sys.argv[1:])
except ModuleNotFoundError as error:
    say(missing=error.name)
except Exception as error:
    say(error=str(error))
)";

} // namespace

llvm::Error Peer::makeError(const llvm::Twine &reason) const {
  return llvm::createStringError(llvm::inconvertibleErrorCode(), getName() + ": " + reason);
}

std::string Peer::getName() const { return options.package == "openvino" ? "OpenVINO" : "ONNX Runtime"; }

llvm::Error Peer::spawn() {
  auto cannotRun = [&](const std::string &reason) {
    return makeError("cannot run '" + options.python + "': " + reason + "; name a Python that has " + options.package +
                     " with --python");
  };
  llvm::ErrorOr<std::string> program = llvm::sys::findProgramByName(options.python);
  if (!program)
    return cannotRun(program.getError().message());
  int ends[2];
  if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends))
    return makeError("cannot open a channel to its process: " + llvm::Twine(strerror(errno)));
  channel = ends[0];
  llvm::scope_exit close([&] { ::close(ends[1]); });
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  llvm::scope_exit destroy([&] { posix_spawn_file_actions_destroy(&actions); });
  posix_spawn_file_actions_adddup2(&actions, ends[1], 0);
  posix_spawn_file_actions_adddup2(&actions, ends[1], 1);
  posix_spawn_file_actions_addopen(&actions, 2, said().c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0600);
  std::vector<std::string> arguments = {
      *program,         "-c", kScript, options.package, options.model, options.inputs, std::to_string(options.threads),
      options.precision};
  std::vector<char *> pointers;
  pointers.reserve(arguments.size() + 1);
  for (std::string &argument : arguments)
    pointers.push_back(argument.data());
  pointers.push_back(nullptr);
  if (int error = posix_spawn(&process, program->c_str(), &actions, nullptr, pointers.data(), environ)) {
    process = -1;
    return cannotRun(strerror(error));
  }
  return llvm::Error::success();
}

llvm::Expected<std::unique_ptr<Peer>> Peer::start(const PeerOptions &options) {
  std::unique_ptr<Peer> peer(new Peer(options));
  if (llvm::Error error = peer->spawn())
    return error;
  llvm::Expected<llvm::json::Object> ready = peer->receive();
  if (!ready)
    return ready.takeError();
  peer->version = ready->getString("version").value_or("").str();
  peer->load = ready->getNumber("load").value_or(0);
  peer->first = ready->getNumber("first").value_or(0);
  return peer;
}

Peer::~Peer() {
  // It ends when it can read no more command.
  if (channel >= 0)
    close(channel);
  if (process > 0)
    waitpid(process, nullptr, 0);
}

llvm::Expected<llvm::json::Object> Peer::receive() {
  size_t end;
  while ((end = buffer.find('\n')) == std::string::npos) {
    char bytes[4096];
    ssize_t count = recv(channel, bytes, sizeof bytes, 0);
    if (count < 0 && errno == EINTR)
      continue;
    if (count <= 0) {
      auto text = llvm::MemoryBuffer::getFile(said());
      llvm::StringRef last = text ? (*text)->getBuffer().trim() : "";
      return makeError("its process ended" + (last.empty() ? "" : ": " + last));
    }
    buffer.append(bytes, static_cast<size_t>(count));
  }
  llvm::Expected<llvm::json::Value> value = llvm::json::parse(llvm::StringRef(buffer).take_front(end));
  buffer.erase(0, end + 1);
  if (!value)
    return value.takeError();
  llvm::json::Object *answer = value->getAsObject();
  if (!answer)
    return makeError("its process gave no object");
  if (auto package = answer->getString("missing"))
    return makeError("'" + options.python + "' has no package '" + *package + "': install it with '" + options.python +
                     " -m pip install " + options.package + " numpy" + "', or name a Python that has it with --python");
  if (auto error = answer->getString("error"))
    return makeError(*error);
  return std::move(*answer);
}

llvm::Expected<llvm::json::Object> Peer::ask(const std::string &command) {
  std::string line = command + "\n";
  for (llvm::StringRef rest = line; !rest.empty();) {
    ssize_t count = send(channel, rest.data(), rest.size(), MSG_NOSIGNAL);
    if (count < 0 && errno == EINTR)
      continue;
    if (count < 0)
      break; // why is what receive() finds
    rest = rest.drop_front(static_cast<size_t>(count));
  }
  return receive();
}

llvm::Error Peer::warmUp(uint32_t calls) { return ask("warm " + std::to_string(calls)).takeError(); }

llvm::Expected<std::vector<double>> Peer::run(double seconds) {
  llvm::Expected<llvm::json::Object> answer = ask("run " + std::to_string(seconds));
  if (!answer)
    return answer.takeError();
  std::vector<double> times;
  if (const llvm::json::Array *list = answer->getArray("times"))
    for (const llvm::json::Value &time : *list)
      times.push_back(time.getAsNumber().value_or(0));
  if (times.empty())
    return makeError("its process gave no times");
  return times;
}

llvm::Expected<std::vector<npz::NamedArray>> Peer::takeOutputs() {
  const std::string file = options.folder + "/" + options.package + ".npz";
  if (llvm::Error error = ask("outputs " + file).takeError())
    return error;
  std::vector<npz::NamedArray> arrays;
  if (rt::Status status = npz::readNpz(file, arrays); status.failed())
    return makeError(status.message());
  return arrays;
}
} // namespace pare::tool
