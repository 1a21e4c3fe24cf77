#include "Files.h"

#include "llvm/Support/FileSystem.h"
#include "llvm/Support/Path.h"
#include <algorithm>
#include <ctime>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>
#include <utility>
#include <vector>

namespace pare {
File &File::operator=(File &&other) noexcept {
  if (this != &other) {
    if (descriptor >= 0)
      close(descriptor);
    descriptor = other.release();
  }
  return *this;
}

File::~File() {
  if (descriptor >= 0)
    close(descriptor);
}

int File::release() { return std::exchange(descriptor, -1); }

std::string fileIdentity(const std::string &path) {
  struct stat info;
  if (stat(path.c_str(), &info) != 0)
    return "";
  std::string text;
  for (long long part : {(long long)info.st_size, (long long)info.st_mtim.tv_sec, (long long)info.st_mtim.tv_nsec,
                         (long long)info.st_ctim.tv_sec, (long long)info.st_ctim.tv_nsec, (long long)info.st_dev,
                         (long long)info.st_ino})
    text += std::to_string(part) + " ";
  return text;
}

namespace {
struct flock wholeRange(uint64_t range) {
  struct flock lock = {};
  lock.l_type = F_WRLCK;
  lock.l_whence = SEEK_SET;
  lock.l_start = static_cast<off_t>(range >> 2); // offsets are signed, and the end must not overflow
  lock.l_len = 1;
  return lock;
}
} // namespace

bool RangeLock::open(const std::string &path, uint64_t wanted) {
  range = wanted;
  file = File(::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600));
  return static_cast<bool>(file);
}

/// Also true when locks do not work here: the compiler then merely works twice.
bool RangeLock::tryLock() {
  struct flock lock = wholeRange(range);
  return fcntl(file.get(), F_OFD_SETLK, &lock) == 0 || (errno != EAGAIN && errno != EACCES);
}

void RangeLock::wait() {
  struct flock lock = wholeRange(range);
  while (fcntl(file.get(), F_OFD_SETLKW, &lock) != 0 && errno == EINTR)
    ;
}

File openKept(const std::string &path) {
  File file(open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!file)
    return file;
  while (flock(file.get(), LOCK_SH) != 0 && errno == EINTR)
    ;
  struct stat info;
  if (fstat(file.get(), &info) != 0 || info.st_nlink == 0)
    return File(); // removed while we waited
  return file;
}

void markUsed(const File &file) {
  // UTIME_NOW would be the time of the last tick of the kernel, the same for uses milliseconds apart.
  timespec now;
  clock_gettime(CLOCK_REALTIME, &now);
  const timespec times[] = {now, now};
  futimens(file.get(), times);
}

void removeOldFiles(const std::string &directory, const std::string &extension, uint64_t maxBytes) {
  struct Candidate {
    std::string path;
    uint64_t size;
    timespec used;
  };
  std::vector<Candidate> candidates;
  uint64_t total = 0;
  std::error_code error;
  for (llvm::sys::fs::directory_iterator entry(directory, error), end; entry != end && !error; entry.increment(error)) {
    llvm::StringRef path = entry->path();
    struct stat info;
    if (stat(entry->path().c_str(), &info) != 0 || !S_ISREG(info.st_mode))
      continue;
    if (path.ends_with(".tmp") && info.st_mtim.tv_sec + 3600 < time(nullptr))
      unlink(entry->path().c_str());
    if (!path.ends_with(extension))
      continue;
    candidates.push_back({entry->path(), static_cast<uint64_t>(info.st_size), info.st_mtim});
    total += candidates.back().size;
  }
  std::sort(candidates.begin(), candidates.end(), [](const Candidate &a, const Candidate &b) {
    return std::tie(a.used.tv_sec, a.used.tv_nsec) < std::tie(b.used.tv_sec, b.used.tv_nsec);
  });
  for (const Candidate &candidate : candidates) {
    if (total <= maxBytes)
      break;
    File file(open(candidate.path.c_str(), O_RDONLY | O_CLOEXEC));
    if (!file || flock(file.get(), LOCK_EX | LOCK_NB) != 0)
      continue;
    if (unlink(candidate.path.c_str()) == 0)
      total -= candidate.size;
  }
}
} // namespace pare
