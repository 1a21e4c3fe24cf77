// Links objects into the code section of an artefact.
#ifndef PARE_TARGET_LINK_H
#define PARE_TARGET_LINK_H

#include "llvm/ADT/ArrayRef.h"
#include "llvm/Support/Error.h"
#include "llvm/Support/MemoryBuffer.h"

namespace pare {
struct LinkInput {
  /// Stands for the object in messages.
  llvm::StringRef name;
  /// A relocatable x86-64 ELF object.
  llvm::StringRef bytes;
};

/// Links `objects` with lld, in this process, into a shared object that needs nothing but libc and libm. What compilers
/// take from their support library (conversions of half precision, 128-bit division) is linked in. One link runs at a
/// time; others wait. The same objects always give the same bytes.
///
/// Fails with lld's messages when the objects do not fit together or need a function that neither the objects nor libc
/// and libm have, and when no temporary file can be written.
llvm::Expected<std::unique_ptr<llvm::MemoryBuffer>> linkSharedObject(llvm::ArrayRef<LinkInput> objects);
} // namespace pare

#endif
