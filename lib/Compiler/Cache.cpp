// compileCached(): artefacts by the hash of what they were made from.
#include "Files.h"
#include "Validate.h"
#include "mlir/IR/Verifier.h"
#include "module/Check.h"
#include "pare/Compiler/Compilation.h"
#include "pare/Dialect/Pare.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/TargetSelect.h"
#include <link.h>
#include <set>
#define XXH_INLINE_ALL
#include <xxhash.h>

using namespace mlir;

namespace pare {
struct CachedArtefact::Entry {
  std::string path;
  bool hit = false;
  File file;
};

CachedArtefact::CachedArtefact() = default;
CachedArtefact::CachedArtefact(CachedArtefact &&) noexcept = default;
CachedArtefact &CachedArtefact::operator=(CachedArtefact &&) noexcept = default;
CachedArtefact::~CachedArtefact() = default;
CachedArtefact::CachedArtefact(std::unique_ptr<Entry> entry) : entry(std::move(entry)) {}
const std::string &CachedArtefact::path() const { return entry->path; }
bool CachedArtefact::wasHit() const { return entry->hit; }

namespace {
/// The identity of the program or library that holds `function`.
std::string identityOfObject(const void *function) {
  struct Search {
    uintptr_t address;
    std::string identity;
  } search{reinterpret_cast<uintptr_t>(function), ""};
  dl_iterate_phdr(
      [](dl_phdr_info *object, size_t, void *data) {
        auto &search = *static_cast<Search *>(data);
        for (unsigned i = 0; i < object->dlpi_phnum; ++i) {
          const ElfW(Phdr) &segment = object->dlpi_phdr[i];
          if (segment.p_type != PT_LOAD || search.address - object->dlpi_addr - segment.p_vaddr >= segment.p_memsz)
            continue;
          search.identity = fileIdentity(object->dlpi_name[0] ? object->dlpi_name : "/proc/self/exe");
          return 1;
        }
        return 0;
      },
      &search);
  return search.identity;
}

/// Changes with every build of this compiler, of MLIR and of LLVM.
std::string compilerIdentity() {
  return identityOfObject(reinterpret_cast<const void *>(&identityOfObject)) +
         identityOfObject(reinterpret_cast<const void *>(&mlir::verify)) +
         identityOfObject(reinterpret_cast<const void *>(&LLVMInitializeX86Target));
}

std::string describeOptions(const CompileOptions &options) {
  std::string text = std::to_string(options.level) + " " + options.target;
  for (const std::string &variant : options.variants)
    text += " " + variant;
  if (options.startFrom)
    text += " from " + std::string(getName(*options.startFrom));
  if (options.cpuBf16)
    text += " cpu-bf16";
  if (options.packedOutputs)
    text += " packed";
  for (const auto &[name, shape] : options.inputShapes) {
    text += "\n" + std::to_string(name.size()) + name;
    for (int64_t size : shape)
      text += " " + std::to_string(size);
  }
  return text + "\n";
}

/// One look into the cache.
class Lookup {
public:
  Lookup(const std::string &model, const CompileOptions &options, const CacheOptions &cache)
      : model(model), options(options), cache(cache), compilation(options) {}

  bool run(CachedArtefact &artefact) {
    if (std::error_code error = llvm::sys::fs::create_directories(cache.directory, true, llvm::sys::fs::owner_all))
      return compilation.fail("cannot create the cache folder '" + cache.directory + "': " + error.message());
    if (!makeKey())
      return false;
    auto entry = std::make_unique<CachedArtefact::Entry>();
    entry->path = cache.directory + "/" + llvm::toHex(llvm::ArrayRef(key.digest), /*LowerCase=*/true) + ".pare";
    RangeLock lock(cache.directory + "/lock", XXH128_hashFromCanonical(&key).high64, cache.onWait);
    entry->file = openSound(entry->path);
    entry->hit = static_cast<bool>(entry->file);
    if (!entry->hit && !build(*entry))
      return false;
    markUsed(entry->file);
    removeOldFiles(cache.directory, ".pare", cache.maxBytes);
    artefact = CachedArtefact(std::move(entry));
    return true;
  }

  std::vector<Diagnostic> takeDiagnostics() {
    return scoutDiagnostics.empty() ? compilation.takeDiagnostics() : std::move(scoutDiagnostics);
  }

private:
  bool makeKey() {
    identities[model] = fileIdentity(model);
    auto bytes = llvm::MemoryBuffer::getFile(model, /*IsText=*/false, /*RequiresNullTerminator=*/false);
    if (!bytes)
      return compilation.fail("cannot open it: " + bytes.getError().message());
    // Weights in other files are named by their `location` in ONNX, and by an attribute in IR.
    llvm::StringRef text = (*bytes)->getBuffer();
    if ((text.contains("location") || text.contains("external")) && !findWeightFiles())
      return false;

    std::string context = "cache 1\n" + describeOptions(options) + compilerIdentity();
    for (const auto &[path, identity] : identities)
      if (path != model)
        context += "\n" + path + " " + identity;
    XXH3_state_t *state = XXH3_createState();
    XXH3_128bits_reset(state);
    XXH3_128bits_update(state, context.data(), context.size());
    XXH3_128bits_update(state, text.data(), text.size());
    XXH128_hash_t hash = XXH3_128bits_digest(state);
    XXH3_freeState(state);
    XXH128_canonicalFromHash(&key, hash);
    return true;
  }

  /// Reads the model once to learn the names; what is compiled is read again, after their identity was taken.
  bool findWeightFiles() {
    CompileOptions quiet = options;
    quiet.onPhase = {};
    Compilation scout(quiet);
    if (!scout.load(model)) {
      scoutDiagnostics = scout.takeDiagnostics();
      return false;
    }
    std::set<std::string> paths;
    scout.getModule()->walk([&](Operation *op) {
      op->getAttrDictionary().walk([&](ExternalAttr external) { paths.insert(external.getPath().str()); });
    });
    for (const std::string &path : paths)
      identities.try_emplace(path, fileIdentity(path));
    return true;
  }

  /// The artefact when it is there and every checksum is right.
  File openSound(const std::string &path) {
    File file = openKept(path);
    if (!file)
      return file;
    auto bytes = llvm::MemoryBuffer::getFile(path, /*IsText=*/false, /*RequiresNullTerminator=*/false);
    rt::CheckedFile checked;
    if (!bytes || rt::checkFile(reinterpret_cast<const uint8_t *>((*bytes)->getBufferStart()),
                                (*bytes)->getBufferSize(), /*skipChecksums=*/false, checked)
                      .failed())
      return File();
    return file;
  }

  bool build(CachedArtefact::Entry &entry) {
    if (!compilation.load(model) || !compilation.advance(Phase::Codegen) || !compilation.emit(entry.path))
      return false;
    for (const auto &[path, identity] : identities)
      if (fileIdentity(path) != identity) {
        (void)llvm::sys::fs::remove(entry.path);
        return compilation.fail("'" + path + "' changed while it was compiled; run this again");
      }
    entry.file = openKept(entry.path);
    return entry.file || compilation.fail("cannot open '" + entry.path + "' in the cache, where it was just written");
  }

  const std::string &model;
  const CompileOptions &options;
  const CacheOptions &cache;
  Compilation compilation;
  std::vector<Diagnostic> scoutDiagnostics;
  /// Of the model and of the files its weights lie in, as they were before any of them was compiled.
  std::map<std::string, std::string> identities;
  XXH128_canonical_t key;
};
} // namespace

CompileResult compileCached(const std::string &model, const CompileOptions &options, const CacheOptions &cache,
                            CachedArtefact &artefact) {
  CompileResult result;
  std::string error = validate(options);
  if (error.empty() && options.stopAfter != Phase::Emit)
    error = "only artefacts are cached, no IR";
  if (error.empty() && cache.directory.empty())
    error = "the cache needs a folder";
  if (!error.empty()) {
    result.diagnostics.push_back({Diagnostic::Severity::Error, model, "", "", error});
    return result;
  }
  Lookup lookup(model, options, cache);
  result.ok = lookup.run(artefact);
  result.diagnostics = lookup.takeDiagnostics();
  return result;
}
} // namespace pare
