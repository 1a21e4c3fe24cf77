// What this machine offers: instruction-set levels and CPUs.
#ifndef PARE_RUNTIME_BASE_CPU_H
#define PARE_RUNTIME_BASE_CPU_H

#include "base/Status.h"

#include <optional>
#include <string_view>

namespace pare::rt {

/// The x86-64 microarchitecture levels that a file may hold code for, the last with AVX512_VNNI, that with AVX512_BF16
/// as well, and that with AMX-BF16. Each has all that those in front of it have.
enum class Variant : uint8_t { V2 = 0, V3 = 1, V4 = 2, V4Vnni = 3, V4Bf16 = 4, V4Amx = 5 };
constexpr unsigned numVariants = 6;

/// "x86-64-v3".
const char *variantName(Variant variant);
/// Suffix of the kernel table's symbol: "x86_64_v3".
const char *variantSymbol(Variant variant);
/// From "x86-64-v3" or "v3".
std::optional<Variant> parseVariant(std::string_view name);

/// Whether the CPU has the level's instructions and the operating system saves its registers. Linux saves those of AMX
/// for processes that ask: the first question about V4Amx does, for the whole process.
bool cpuSupports(Variant variant);

/// CPUs that this process may run on.
unsigned availableCpus();

/// Resolves a thread count: `requested`, or for 0 the environment variable PARE_THREADS, or the available CPUs.
Status resolveThreads(uint32_t requested, uint32_t &threads);

} // namespace pare::rt

#endif
