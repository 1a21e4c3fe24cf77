// Writes model.pare files.
#include "module/Writer.h"

#include "base/Memory.h"
#include "module/Check.h"

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fcntl.h>
#include <memory>
#include <random>
#include <sys/stat.h>
#include <unistd.h>
#define XXH_INLINE_ALL
#include <xxhash.h>

namespace pare::rt {

namespace {

/// A new file in the folder of `path` that replaces `path` on commit, else disappears.
class ReplacementFile {
public:
  explicit ReplacementFile(const std::string &path) : path(path), target(path) {}
  ~ReplacementFile() {
    if (fd >= 0)
      close(fd);
    if (!temporary.empty())
      unlink(temporary.c_str());
  }

  Status create() {
    struct stat old;
    if (stat(path.c_str(), &old) == 0) {
      // Renaming over a device or a pipe would remove it; over a symbolic link, the link instead of what it names.
      if (!S_ISREG(old.st_mode))
        return makeError(PARE_RT_IO, "cannot write '%s': not a regular file", path.c_str());
      if (char *resolved = realpath(path.c_str(), nullptr)) {
        target = resolved;
        free(resolved);
      }
    }
    std::random_device random;
    for (int attempt = 0; attempt < 16; ++attempt) {
      char suffix[32];
      snprintf(suffix, sizeof suffix, ".%08x.tmp", unsigned(random()));
      std::string name = target + suffix;
      fd = open(name.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
      if (fd >= 0) {
        temporary = std::move(name);
        return {};
      }
      if (errno != EEXIST)
        break;
    }
    return failure("create");
  }

  bool write(const void *data, size_t size) {
    const char *next = static_cast<const char *>(data);
    while (size && !error) {
      ssize_t written = ::write(fd, next, std::min(size, size_t(1) << 30));
      if (written < 0) {
        if (errno != EINTR)
          error = errno;
        continue;
      }
      next += written;
      size -= size_t(written);
      position += uint64_t(written);
    }
    return !error;
  }

  bool pad(uint64_t alignment) {
    static const char zeros[PARE_FORMAT_PAGE] = {};
    return write(zeros, alignUp(position, alignment) - position);
  }

  Status commit() {
    if (error) {
      errno = error;
      return failure("write");
    }
    int closed = close(fd);
    fd = -1;
    if (closed != 0)
      return failure("write");
    if (rename(temporary.c_str(), target.c_str()) != 0)
      return failure("write");
    temporary.clear();
    return {};
  }

  bool failed() const { return error != 0; }
  uint64_t size() const { return position; }

private:
  Status failure(const char *verb) const {
    return makeError(PARE_RT_IO, "cannot %s '%s': %s", verb, path.c_str(), strerror(errno));
  }

  const std::string &path;
  /// `path` with symbolic links resolved.
  std::string target;
  std::string temporary;
  int fd = -1;
  int error = 0;
  uint64_t position = 0;
};

} // namespace

Status writeArtefact(const std::string &path, const Artefact &artefact) {
  Manifest manifest;
  if (Status status = parseManifest(artefact.manifest, manifest); status.failed())
    return std::move(status).context("cannot write '" + path + "': ");
  ReplacementFile file(path);
  if (Status status = file.create(); status.failed())
    return status;

  file.write(artefact.code.data(), artefact.code.size());
  file.pad(PARE_FORMAT_PAGE);
  const uint64_t weightsOffset = file.size();
  std::unique_ptr<XXH3_state_t, decltype(&XXH3_freeState)> hash(XXH3_createState(), XXH3_freeState);
  XXH3_64bits_reset(hash.get());
  if (artefact.weights && !file.failed()) {
    bool complete = artefact.weights([&](const void *data, size_t size) {
      XXH3_64bits_update(hash.get(), data, size);
      return file.write(data, size);
    });
    if (!complete && !file.failed())
      return Status(PARE_RT_IO, "cannot write '" + path + "': the weights could not be read");
  }
  pare_footer footer;
  if (!layOut(artefact.code.size(), file.size() - weightsOffset, artefact.manifest.size(), footer))
    return Status(PARE_RT_IO, "cannot write '" + path + "': it would be too large");
  file.pad(PARE_FORMAT_ALIGN);
  file.write(artefact.manifest.data(), artefact.manifest.size());
  file.pad(PARE_FORMAT_ALIGN);
  footer.code_hash = hashBytes(artefact.code.data(), artefact.code.size());
  footer.weights_hash = XXH3_64bits_digest(hash.get());
  footer.manifest_hash = hashBytes(artefact.manifest.data(), artefact.manifest.size());
  footer.footer_hash = hashFooter(footer);
  file.write(&footer, sizeof footer);
  return file.commit();
}

} // namespace pare::rt
