// What this machine offers: instruction-set levels and CPUs.
#include "base/Cpu.h"

#include <algorithm>
#include <cpuid.h>
#include <cstdlib>
#include <sched.h>
#include <sys/syscall.h>
#include <thread>
#include <unistd.h>
#include <vector>

namespace pare::rt {

const char *variantName(Variant variant) {
  static const char *const names[numVariants] = {"x86-64-v2",      "x86-64-v3",      "x86-64-v4",
                                                 "x86-64-v4-vnni", "x86-64-v4-bf16", "x86-64-v4-amx"};
  return names[unsigned(variant)];
}

const char *variantSymbol(Variant variant) {
  static const char *const names[numVariants] = {"x86_64_v2",      "x86_64_v3",      "x86_64_v4",
                                                 "x86_64_v4_vnni", "x86_64_v4_bf16", "x86_64_v4_amx"};
  return names[unsigned(variant)];
}

std::optional<Variant> parseVariant(std::string_view name) {
  for (unsigned i = 0; i < numVariants; ++i) {
    std::string_view full = variantName(Variant(i));
    if (name == full || name == full.substr(std::string_view("x86-64-").size()))
      return Variant(i);
  }
  return std::nullopt;
}

namespace {

/// Levels as bits, by the psABI's lists of features.
unsigned detectLevels() {
  unsigned a, b, c, d;
  if (!__get_cpuid(1, &a, &b, &c, &d))
    return 0;
  const unsigned leaf1c = c;
  // SSE3, SSSE3, CMPXCHG16B, SSE4.1, SSE4.2, POPCNT.
  const unsigned v2 = 1u << 0 | 1u << 9 | 1u << 13 | 1u << 19 | 1u << 20 | 1u << 23;
  // FMA, MOVBE, OSXSAVE, AVX, F16C.
  const unsigned v3 = 1u << 12 | 1u << 22 | 1u << 27 | 1u << 28 | 1u << 29;
  unsigned ext = 0;
  if (__get_cpuid(0x80000001u, &a, &b, &c, &d))
    ext = c;
  // LAHF/SAHF in 64-bit mode.
  if ((leaf1c & v2) != v2 || !(ext & 1u))
    return 0;
  unsigned levels = 1u << unsigned(Variant::V2);
  if ((leaf1c & v3) != v3 || !(ext & 1u << 5 /* LZCNT */))
    return levels;
  unsigned leaf7b = 0, leaf7c = 0, leaf7d = 0;
  if (__get_cpuid_count(7, 0, &a, &b, &c, &d)) {
    leaf7b = b;
    leaf7c = c;
    leaf7d = d;
  }
  // BMI1, AVX2, BMI2.
  const unsigned v3b = 1u << 3 | 1u << 5 | 1u << 8;
  // AVX512F, DQ, CD, BW, VL.
  const unsigned v4b = 1u << 16 | 1u << 17 | 1u << 28 | 1u << 30 | 1u << 31;
  unsigned xcr0, high;
  __asm__("xgetbv" : "=a"(xcr0), "=d"(high) : "c"(0));
  // XMM and YMM state; for v4 also masks and ZMM.
  if ((leaf7b & v3b) != v3b || (xcr0 & 0x06u) != 0x06u)
    return levels;
  levels |= 1u << unsigned(Variant::V3);
  if ((leaf7b & v4b) != v4b || (xcr0 & 0xe6u) != 0xe6u)
    return levels;
  levels |= 1u << unsigned(Variant::V4);
  if (!(leaf7c & 1u << 11 /* AVX512_VNNI */))
    return levels;
  levels |= 1u << unsigned(Variant::V4Vnni);
  if (!__get_cpuid_count(7, 1, &a, &b, &c, &d) || !(a & 1u << 5 /* AVX512_BF16 */))
    return levels;
  levels |= 1u << unsigned(Variant::V4Bf16);
  // AMX-BF16, AMX-TILE; the state of the tiles and of their configuration.
  const unsigned amx = 1u << 22 | 1u << 24;
  if ((leaf7d & amx) == amx && (xcr0 & 0x60000u) == 0x60000u)
    levels |= 1u << unsigned(Variant::V4Amx);
  return levels;
}

/// Asks Linux to save the tiles of this process's threads.
bool requestTiles() {
  constexpr int requestPermission = 0x1023 /* ARCH_REQ_XCOMP_PERM */, tileData = 18 /* XFEATURE_XTILEDATA */;
  return syscall(SYS_arch_prctl, requestPermission, tileData) == 0;
}

} // namespace

bool cpuSupports(Variant variant) {
  static const unsigned levels = detectLevels();
  if (!(levels >> unsigned(variant) & 1u))
    return false;
  if (variant != Variant::V4Amx)
    return true;
  static const bool permitted = requestTiles();
  return permitted;
}

unsigned availableCpus() {
  // The kernel may know more CPUs than the fixed set holds; it then asks for a larger one.
  for (unsigned cpus = CPU_SETSIZE; cpus <= CPU_SETSIZE * 64u; cpus *= 2) {
    cpu_set_t *set = CPU_ALLOC(cpus);
    if (!set)
      break;
    size_t size = CPU_ALLOC_SIZE(cpus);
    int rc = sched_getaffinity(0, size, set);
    unsigned count = rc == 0 ? unsigned(CPU_COUNT_S(size, set)) : 0;
    CPU_FREE(set);
    if (count)
      return count;
  }
  return std::max(1u, std::thread::hardware_concurrency());
}

Status resolveThreads(uint32_t requested, uint32_t &threads) {
  if (requested > PARE_RT_MAX_THREADS)
    return makeError(PARE_RT_INVALID_ARGUMENT, "%u threads were asked for; at most %u are supported", requested,
                     PARE_RT_MAX_THREADS);
  threads = requested;
  if (requested)
    return {};
  const char *text = getenv("PARE_THREADS");
  if (text && *text) {
    char *end;
    unsigned long value = strtoul(text, &end, 10);
    if (*end || *text < '0' || *text > '9' || value < 1 || value > PARE_RT_MAX_THREADS)
      return makeError(PARE_RT_INVALID_ARGUMENT,
                       "the environment variable PARE_THREADS is '%s': expected a number from 1 to %u", text,
                       PARE_RT_MAX_THREADS);
    threads = uint32_t(value);
    return {};
  }
  threads = std::min<uint32_t>(availableCpus(), PARE_RT_MAX_THREADS);
  return {};
}

} // namespace pare::rt
