// Messages of errors.
#ifndef PARE_TOOLS_PARE_ERRORS_H
#define PARE_TOOLS_PARE_ERRORS_H

#include "llvm/Support/Error.h"
#include <string>

namespace pare::tool {
/// The text of an error, with the node that it is about.
std::string textOf(llvm::Error error);
} // namespace pare::tool

#endif
