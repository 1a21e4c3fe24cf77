// Many requests of different lengths, packed into calls.
#ifndef PARE_TOOLS_PARE_RUN_REQUESTS_H
#define PARE_TOOLS_PARE_RUN_REQUESTS_H

#include "Handles.h"
#include "Inputs.h"
#include "Run.h"

namespace pare::run {

/// Requests from .npz files, in the order of the files. A file holds either numbered ones, arrays "0/NAME", "1/NAME",
/// ... with no number left out, or one request, arrays "NAME".
rt::Status readRequests(const std::vector<std::string> &files, std::vector<Arrays> &requests);

/// What `run` does when options.requests are given. The exit status.
int runRequests(const Options &options, pare_rt_module *module, const Reporter &reporter);

} // namespace pare::run

#endif
