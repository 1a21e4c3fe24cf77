// Buffers: aligned allocation and the bump arena.
#include "base/Memory.h"

#include <algorithm>
#include <cstdlib>
#include <new>
#include <sys/mman.h>

namespace pare::rt {

void *allocateBuffer(uint64_t bytes) noexcept {
  constexpr uint64_t hugePage = uint64_t(2) << 20;
  if (bytes > maxBufferBytes)
    return nullptr;
  bool huge = bytes >= 2 * hugePage;
  uint64_t alignment = huge ? hugePage : PARE_BUFFER_ALIGNMENT;
  bytes = alignUp(std::max<uint64_t>(bytes, 1), huge ? 4096 : PARE_BUFFER_ALIGNMENT);
  void *data = nullptr;
  if (posix_memalign(&data, alignment, bytes))
    return nullptr;
  if (huge)
    (void)madvise(data, bytes, MADV_HUGEPAGE);
  return data;
}

void freeBuffer(void *data) noexcept { free(data); }

bool Buffer::reserve(uint64_t bytes, uint64_t &allocations) noexcept {
  if (bytes <= capacity && data)
    return true;
  clear();
  data = allocateBuffer(bytes);
  if (!data)
    return false;
  capacity = bytes;
  ++allocations;
  return true;
}

void *BumpArena::allocate(uint64_t bytes) noexcept {
  if (bytes > maxBufferBytes)
    return nullptr;
  bytes = bufferBytes(bytes);
  while (current < chunks.size()) {
    if (bytes <= chunks[current].size() - used) {
      void *result = chunks[current].get() + used;
      used += bytes;
      return result;
    }
    // A later chunk is empty: nothing lies above the top of the stack.
    if (current + 1 == chunks.size())
      break;
    ++current;
    used = 0;
  }
  Buffer chunk;
  uint64_t least = chunks.empty() ? 4096 : std::min(chunks.back().size() * 2, uint64_t(64) << 20);
  if (!chunk.reserve(std::max(bytes, least), allocations) && !chunk.reserve(bytes, allocations))
    return nullptr;
  void *result = chunk.get();
  try {
    chunks.push_back(std::move(chunk));
  } catch (const std::bad_alloc &) {
    return nullptr;
  }
  current = uint32_t(chunks.size() - 1);
  used = bytes;
  return result;
}

void BumpArena::release(Mark mark) noexcept {
  current = mark.chunk;
  used = mark.used;
  if (current == 0 && used == 0 && chunks.size() > 1) {
    uint64_t total = capacity();
    chunks.resize(1);
    // Without memory for the merged chunk the next use starts over with what it can get.
    if (!chunks[0].reserve(total, allocations))
      chunks.clear();
  }
}

void BumpArena::clear() noexcept {
  chunks.clear();
  current = 0;
  used = 0;
}

uint64_t BumpArena::capacity() const {
  uint64_t total = 0;
  for (const Buffer &chunk : chunks)
    total += chunk.size();
  return total;
}

} // namespace pare::rt
