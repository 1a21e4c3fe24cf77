// Another runtime in a process of its own, which runs when it is told to.
#ifndef PARE_TOOLS_PARE_PEER_H
#define PARE_TOOLS_PARE_PEER_H

#include "npz/Npz.h"
#include "llvm/Support/Error.h"
#include "llvm/Support/JSON.h"
#include <memory>
#include <sys/types.h>

namespace pare::tool {
struct PeerOptions {
  /// The Python that has the peer's package and numpy.
  std::string python;
  /// "onnxruntime" or "openvino".
  std::string package;
  /// An ONNX file, and an .npz file with its inputs.
  std::string model, inputs;
  /// A folder for what the process says and gives.
  std::string folder;
  uint32_t threads = 1;
  /// "f32" or "default", of OpenVINO.
  std::string precision = "f32";
};

/// Errors are what the process said, or that a package is missing and how to install it.
class Peer {
public:
  /// Loads the model and runs it once.
  static llvm::Expected<std::unique_ptr<Peer>> start(const PeerOptions &options);
  ~Peer();
  Peer(const Peer &) = delete;
  Peer &operator=(const Peer &) = delete;

  /// "ONNX Runtime" or "OpenVINO".
  std::string getName() const;
  const std::string &getVersion() const { return version; }
  /// Seconds from the file to being ready, and of the first call.
  double getLoadTime() const { return load; }
  double getFirstTime() const { return first; }

  /// Runs without taking times.
  llvm::Error warmUp(uint32_t calls);
  /// Runs once, then for `seconds` and once at least: seconds of each call but the first. When it returns, the threads
  /// of the process have come to rest.
  llvm::Expected<std::vector<double>> run(double seconds);
  /// Of the last call.
  llvm::Expected<std::vector<npz::NamedArray>> takeOutputs();

private:
  explicit Peer(const PeerOptions &options) : options(options) {}
  llvm::Error spawn();
  /// Sends a command and waits for the answer.
  llvm::Expected<llvm::json::Object> ask(const std::string &command);
  llvm::Expected<llvm::json::Object> receive();
  llvm::Error makeError(const llvm::Twine &reason) const;
  std::string said() const { return options.folder + "/" + options.package + ".txt"; }

  PeerOptions options;
  std::string version;
  double load = 0, first = 0;
  pid_t process = -1;
  int channel = -1;
  /// What was received after the last line.
  std::string buffer;
};
} // namespace pare::tool

#endif
