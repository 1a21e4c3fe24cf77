// Compiles models. The whole interface that a C++ program needs:
//
//   #include "pare/Compiler.h"
//   int main() {
//     pare::CompileResult result = pare::compile("model.onnx", "model.pare");
//     std::cerr << result.text();
//     return result.ok ? 0 : 1;
//   }
//
// Running the artefact is the business of pare-rt/api.h. Nothing here throws; any number of threads may compile at
// once.
#ifndef PARE_COMPILER_H
#define PARE_COMPILER_H

#include "pare/Options.h"
#include <memory>

namespace pare {
struct Diagnostic {
  enum class Severity { Error, Warning, Remark };
  Severity severity = Severity::Error;
  /// The model, or the place in a file of IR as "file:line:column".
  std::string file;
  /// The ONNX node and its op type, both empty when it is about none in particular.
  std::string node, op;
  std::string reason;

  /// "model.onnx: node 'encoder/Add_3' (Add): reason"
  std::string text() const;
};

struct CompileResult {
  bool ok = false;
  /// At least one error unless ok.
  std::vector<Diagnostic> diagnostics;

  /// All diagnostics, "error: ..." or "warning: ..." and a line break each.
  std::string text() const;
};

/// Compiles the model at `model` into `output`, which appears only when it is complete ("-" is the standard output, for
/// IR alone). With options.stopAfter before `emit`, `output` is IR as text.
///
/// Fails when the model cannot be read or is malformed, has nodes that are not supported (all are listed), does not fit
/// the options, or the output cannot be written.
CompileResult compile(const std::string &model, const std::string &output, const CompileOptions &options = {});

/// An artefact in the cache. It stays in the cache as long as this object lives.
class CachedArtefact {
public:
  CachedArtefact();
  CachedArtefact(CachedArtefact &&) noexcept;
  CachedArtefact &operator=(CachedArtefact &&) noexcept;
  ~CachedArtefact();

  /// A complete model.pare whose checksums were verified.
  const std::string &path() const;
  /// Whether it was there already.
  bool wasHit() const;

  struct Entry;
  explicit CachedArtefact(std::unique_ptr<Entry> entry);

private:
  std::unique_ptr<Entry> entry;
};

/// The artefact of the model from the cache, compiled first when it is not there. The key is a hash of the model, the
/// identity of the files its weights lie in, the options and this compiler. Any number of processes may use one cache;
/// one of them compiles a model and the others wait. A damaged artefact is compiled again. options.stopAfter must be
/// `emit`.
///
/// Fails as compile() does, and when the directory cannot be created or written.
CompileResult compileCached(const std::string &model, const CompileOptions &options, const CacheOptions &cache,
                            CachedArtefact &artefact);
} // namespace pare

#endif
