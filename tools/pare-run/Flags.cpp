#include "Flags.h"

#include "pare-rt/api.h"

namespace pare::run {

void addFlags(CLI::App &app, Options &options) {
  app.add_option(
         "--inputs", options.inputs,
         "An .npz file with one array per input, or name=file.npy for one input; may be repeated, later ones win")
      ->type_name("FILE.npz|NAME=FILE.npy");
  app.add_option("--outputs", options.outputs,
                 "Where to write the outputs, one array each; without it they are described only")
      ->type_name("FILE.npz");
  app.add_option("--entry", options.entry,
                 "The entry point; needed only when there are several and none is called main");
  app.add_option("--threads", options.threads, "Threads to use (default: PARE_THREADS, else every CPU)")
      ->check(CLI::Range(1u, PARE_RT_MAX_THREADS));
  app.add_option("--variant", options.variant,
                 "CPU variant to run, e.g. v3 (default: the best that this CPU supports)");
  app.add_option("--repeat", options.repeat, "Run once to warm up, then N times, and print the median time")
      ->check(CLI::Range(1u, 1000000u))
      ->type_name("N");
  app.add_flag("--memory", options.memory, "Print the memory that the last run used");
}

} // namespace pare::run
