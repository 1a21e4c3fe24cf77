// Files of the compile cache.
#ifndef PARE_LIB_COMPILER_FILES_H
#define PARE_LIB_COMPILER_FILES_H

#include <cstdint>
#include <optional>
#include <string>
#include <sys/types.h>

namespace pare {
/// A descriptor that closes itself; locks taken through it go with it.
class File {
public:
  File() = default;
  explicit File(int descriptor) : descriptor(descriptor) {}
  File(File &&other) noexcept : descriptor(other.release()) {}
  File &operator=(File &&other) noexcept;
  ~File();

  explicit operator bool() const { return descriptor >= 0; }
  int get() const { return descriptor; }
  int release();

private:
  int descriptor = -1;
};

/// What tells whether a file is still the one it was: size, times, place. Empty when there is no such file.
std::string fileIdentity(const std::string &path);

/// Keeps others out of one of 2^62 ranges of a lock file: threads and processes alike, without leaving anything behind.
/// Empty where the file system has no locks.
class RangeLock {
public:
  /// Calls `onWait` (may be empty) when another holds the range, and waits for it.
  template <typename Function> RangeLock(const std::string &path, uint64_t range, Function &&onWait) {
    if (open(path, range) && !tryLock()) {
      if (onWait)
        onWait();
      wait();
    }
  }

private:
  bool open(const std::string &path, uint64_t range);
  bool tryLock();
  void wait();

  File file;
  uint64_t range = 0;
};

/// The file, kept from removeOldFiles() for as long as it is open. Empty when there is none.
File openKept(const std::string &path);

/// Removes the files *`extension` of `directory` that were used longest ago and are not kept, until the rest have at
/// most `maxBytes`; and what interrupted writers left behind.
void removeOldFiles(const std::string &directory, const std::string &extension, uint64_t maxBytes);
/// Marks the file as used now.
void markUsed(const File &file);
} // namespace pare

#endif
