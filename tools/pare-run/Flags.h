// The flags of a run, which pare-run and `pare run` share.
#ifndef PARE_TOOLS_PARE_RUN_FLAGS_H
#define PARE_TOOLS_PARE_RUN_FLAGS_H

#include "Run.h"

#include <CLI/CLI.hpp>

namespace pare::run {

/// All but the model.
void addFlags(CLI::App &app, Options &options);

} // namespace pare::run

#endif
