// Buffers: aligned allocation, and a stack-like arena for scratch and loop-carried values.
#ifndef PARE_RUNTIME_BASE_MEMORY_H
#define PARE_RUNTIME_BASE_MEMORY_H

#include "pare-rt/abi.h"

#include <cstddef>
#include <cstdint>
#include <vector>

namespace pare::rt {

/// Larger requests fail without asking the system; no sum of a few of them overflows.
constexpr uint64_t maxBufferBytes = uint64_t(1) << 47;

inline uint64_t alignUp(uint64_t bytes, uint64_t alignment) { return (bytes + alignment - 1) & ~(alignment - 1); }

/// Bytes that a buffer of `bytes` takes in an arena: at least one unit, so that buffers have distinct addresses.
inline uint64_t bufferBytes(uint64_t bytes) {
  return bytes ? alignUp(bytes, PARE_BUFFER_ALIGNMENT) : PARE_BUFFER_ALIGNMENT;
}

/// Memory aligned to PARE_BUFFER_ALIGNMENT; large buffers ask for huge pages. Null when there is none.
void *allocateBuffer(uint64_t bytes) noexcept;
void freeBuffer(void *data) noexcept;

/// An owned buffer that grows and forgets its content when it does.
class Buffer {
public:
  Buffer() = default;
  Buffer(Buffer &&other) noexcept : data(other.data), capacity(other.capacity) { other.forget(); }
  Buffer &operator=(Buffer &&other) noexcept {
    if (this != &other) {
      clear();
      data = other.data;
      capacity = other.capacity;
      other.forget();
    }
    return *this;
  }
  ~Buffer() { clear(); }

  /// False, with the buffer empty, when memory runs out. Counts an allocation when it made one.
  bool reserve(uint64_t bytes, uint64_t &allocations) noexcept;
  void clear() noexcept {
    freeBuffer(data);
    forget();
  }
  /// Gives the memory away.
  void *take() noexcept {
    void *result = data;
    forget();
    return result;
  }
  char *get() const { return static_cast<char *>(data); }
  uint64_t size() const { return capacity; }

private:
  void forget() noexcept {
    data = nullptr;
    capacity = 0;
  }
  void *data = nullptr;
  uint64_t capacity = 0;
};

/// Allocates upwards, releases in stack order, never moves what it handed out. Once it ran through a pattern of use,
/// the same pattern allocates nothing.
class BumpArena {
public:
  struct Mark {
    uint32_t chunk;
    uint64_t used;
  };

  /// Null when memory runs out.
  void *allocate(uint64_t bytes) noexcept;
  Mark mark() const { return {current, used}; }
  /// Frees all that was allocated since the mark. Releasing everything merges the chunks into one.
  void release(Mark mark) noexcept;
  void clear() noexcept;
  uint64_t capacity() const;
  /// Allocations made since the last call.
  uint64_t takeAllocations() {
    uint64_t result = allocations;
    allocations = 0;
    return result;
  }

private:
  std::vector<Buffer> chunks;
  uint32_t current = 0;
  uint64_t used = 0;
  uint64_t allocations = 0;
};

} // namespace pare::rt

#endif
