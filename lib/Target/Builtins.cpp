// Embeds the archive that CMakeLists.txt makes.
#include "Builtins.h"

__asm__(".pushsection .rodata, \"a\", @progbits\n"
        ".hidden pare_builtins_begin\n"
        ".globl pare_builtins_begin\n"
        "pare_builtins_begin:\n"
        ".incbin \"" PARE_BUILTINS "\"\n"
        ".hidden pare_builtins_end\n"
        ".globl pare_builtins_end\n"
        "pare_builtins_end:\n"
        ".popsection\n");

extern "C" {
__attribute__((visibility("hidden"))) extern const char pare_builtins_begin[];
__attribute__((visibility("hidden"))) extern const char pare_builtins_end[];
}

llvm::StringRef pare::builtinsArchive() {
  return {pare_builtins_begin, static_cast<size_t>(pare_builtins_end - pare_builtins_begin)};
}
