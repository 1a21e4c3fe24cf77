// Runs lld in this process, on temporary files.
#include "pare/Target/Link.h"
#include "Builtins.h"
#include "lld/Common/Driver.h"
#include "llvm/BinaryFormat/ELF.h"
#include "llvm/InterfaceStub/ELFObjHandler.h"
#include "llvm/InterfaceStub/IFSStub.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/Path.h"
#include <mutex>

LLD_HAS_DRIVER(elf)

namespace pare {
namespace {
/// What generated code may take from the C library. Anything else is a mistake of ours, found at link time.
constexpr const char *kLibc[] = {"memcpy", "memmove", "memset", "memcmp", "bcmp"};
/// Each also with the suffix f.
constexpr const char *kLibm[] = {"acos",   "acosh",     "asin",  "asinh",     "atan", "atan2",  "atanh",     "cbrt",
                                 "ceil",   "copysign",  "cos",   "cosh",      "erf",  "erfc",   "exp",       "exp10",
                                 "exp2",   "expm1",     "fabs",  "floor",     "fma",  "fmax",   "fmin",      "fmod",
                                 "frexp",  "hypot",     "ldexp", "lgamma",    "log",  "log10",  "log1p",     "log2",
                                 "modf",   "nearbyint", "pow",   "remainder", "rint", "round",  "roundeven", "sin",
                                 "sincos", "sinh",      "sqrt",  "tan",       "tanh", "tgamma", "trunc"};

llvm::Error makeError(const llvm::Twine &text) {
  return llvm::createStringError(llvm::inconvertibleErrorCode(), "cannot link: " + text);
}

/// A folder for the files of one link; it goes with its content.
class WorkFolder {
public:
  ~WorkFolder() {
    if (!path.empty())
      (void)llvm::sys::fs::remove_directories(path);
  }

  llvm::Error create() {
    std::error_code error = llvm::sys::fs::createUniqueDirectory("pare-link", path);
    return error ? makeError("cannot create a temporary folder: " + error.message()) : llvm::Error::success();
  }

  std::string file(const llvm::Twine &name) const { return (path + "/" + name).str(); }

  llvm::Error write(llvm::StringRef file, llvm::StringRef bytes) const {
    std::error_code error;
    llvm::raw_fd_ostream stream(file, error);
    if (!error) {
      stream << bytes;
      stream.close();
      error = stream.error();
    }
    stream.clear_error();
    return error ? makeError("cannot write '" + file + "': " + error.message()) : llvm::Error::success();
  }

private:
  llvm::SmallString<128> path;
};

/// A shared library that has these symbols and no code, so that nothing of the machine that compiles gets into the
/// artefact, not even the versions of its C library's symbols.
llvm::Error writeStub(llvm::StringRef file, llvm::StringRef soname, const std::vector<std::string> &symbols) {
  llvm::ifs::IFSStub stub;
  stub.SoName = soname.str();
  stub.Target.Arch = llvm::ELF::EM_X86_64;
  stub.Target.BitWidth = llvm::ifs::IFSBitWidthType::IFS64;
  stub.Target.Endianness = llvm::ifs::IFSEndiannessType::Little;
  for (const std::string &symbol : symbols) {
    stub.Symbols.emplace_back(symbol);
    stub.Symbols.back().Type = llvm::ifs::IFSSymbolType::Func;
  }
  if (llvm::Error error = llvm::ifs::writeBinaryStub(file, stub))
    return makeError("cannot write '" + file + "': " + llvm::toString(std::move(error)));
  return llvm::Error::success();
}

llvm::Error writeStubs(llvm::StringRef libc, llvm::StringRef libm) {
  if (llvm::Error error = writeStub(libc, "libc.so.6", {std::begin(kLibc), std::end(kLibc)}))
    return error;
  std::vector<std::string> symbols;
  for (const char *name : kLibm) {
    symbols.emplace_back(name);
    symbols.push_back(symbols.back() + "f");
  }
  return writeStub(libm, "libm.so.6", symbols);
}
} // namespace

llvm::Expected<std::unique_ptr<llvm::MemoryBuffer>> linkSharedObject(llvm::ArrayRef<LinkInput> objects) {
  WorkFolder folder;
  if (llvm::Error error = folder.create())
    return error;
  const std::string code = folder.file("code.so"), builtins = folder.file("builtins.a");
  const std::string libc = folder.file("libc.so"), libm = folder.file("libm.so");
  std::vector<std::string> arguments = {"ld.lld",
                                        "-shared",
                                        "-o",
                                        code,
                                        "--threads=1",
                                        "-O2",
                                        "--gc-sections",
                                        "-Bsymbolic",
                                        "--hash-style=gnu",
                                        "--build-id=none",
                                        "-z",
                                        "noexecstack",
                                        "-z",
                                        "relro",
                                        "-z",
                                        "now",
                                        "-z",
                                        "defs",
                                        "--no-allow-shlib-undefined"};
  for (auto [index, object] : llvm::enumerate(objects)) {
    arguments.push_back(folder.file(llvm::Twine(index) + "-" + object.name + ".o"));
    if (llvm::Error error = folder.write(arguments.back(), object.bytes))
      return error;
  }
  if (llvm::Error error = folder.write(builtins, builtinsArchive()))
    return error;
  if (llvm::Error error = writeStubs(libc, libm))
    return error;
  arguments.insert(arguments.end(), {builtins, "--as-needed", libm, libc});

  std::string messages;
  llvm::raw_string_ostream stream(messages);
  std::vector<const char *> pointers;
  pointers.reserve(arguments.size());
  for (const std::string &argument : arguments)
    pointers.push_back(argument.c_str());
  {
    static std::mutex mutex; // lld has global state
    std::lock_guard<std::mutex> lock(mutex);
    lld::Result result = lld::lldMain(pointers, stream, stream, {{lld::Gnu, &lld::elf::link}});
    if (result.retCode != 0)
      return makeError(llvm::StringRef(messages).trim());
  }
  auto buffer = llvm::MemoryBuffer::getFile(code, /*IsText=*/false, /*RequiresNullTerminator=*/false,
                                            /*IsVolatile=*/true);
  if (!buffer)
    return makeError("cannot read '" + code + "': " + buffer.getError().message());
  return std::move(*buffer);
}
} // namespace pare
