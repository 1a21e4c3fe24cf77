// The part of clang's support library that generated code may call, as an archive in memory.
#ifndef PARE_LIB_TARGET_BUILTINS_H
#define PARE_LIB_TARGET_BUILTINS_H

#include "llvm/ADT/StringRef.h"

namespace pare {
llvm::StringRef builtinsArchive();
} // namespace pare

#endif
