// pare-run: runs a model.pare file on inputs from NumPy files.
#include "Run.h"

#include "pare-rt/api.h"

#include <CLI/CLI.hpp>

int main(int argc, char **argv) {
  CLI::App app("Runs a compiled model (model.pare) on inputs from NumPy files.\n"
               "Exit status: 0 good; 1 the model or an input is at fault; 2 wrong usage.",
               "pare-run");
  app.set_version_flag("--version", "pare-run 0.1.0");
  pare::run::Options options;
  app.add_option("model", options.model, "The model.pare file")->required();
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
  app.add_flag("--inspect", options.inspect, "Print what the model takes and gives, and stop");
  app.add_flag("--memory", options.memory, "Print the memory that the last run used");
  app.add_flag("--skip-checksums", options.skipChecksums, "Do not read the whole file to verify its checksums");
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError &error) {
    return app.exit(error) ? 2 : 0;
  }
  return pare::run::run(options);
}
