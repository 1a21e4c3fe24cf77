// Checks of what callers ask for.
#ifndef PARE_LIB_COMPILER_VALIDATE_H
#define PARE_LIB_COMPILER_VALIDATE_H

#include "pare/Options.h"

namespace pare {
/// What is wrong with the options; "" when they are sound.
std::string validate(const CompileOptions &options);
} // namespace pare

#endif
