#include "Flags.h"

#include "pare-rt/api.h"

namespace pare::run {

void addFlags(CLI::App &app, Options &options) {
  CLI::Option *inputs =
      app.add_option(
             "--inputs", options.inputs,
             "An .npz file with one array per input, or name=file.npy for one input; may be repeated, later ones win")
          ->type_name("FILE.npz|NAME=FILE.npy");
  app.add_option("--outputs", options.outputs,
                 "Where to write the outputs, one array each (N/NAME of request N); without it they are described only")
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
  CLI::Option *memory = app.add_flag("--memory", options.memory, "Print the memory that the last run used");
  const char *packing = "Packing of requests";
  CLI::Option *requests =
      app.add_option(
             "--requests", options.requests,
             "Run requests of different lengths, in calls that are formed by their tokens: .npz files, each with "
             "arrays 0/INPUT, 1/INPUT, ... or of one request; without the batch dimension and the mask")
          ->type_name("FILE.npz")
          ->excludes(inputs)
          ->excludes(memory)
          ->group(packing);
  auto add = [&](CLI::Option *option) { return option->needs(requests)->group(packing); };
  add(app.add_option("--pack-tokens", options.packTokens, "Tokens of one call at most (default: 1024)"))
      ->check(CLI::PositiveNumber)
      ->type_name("N");
  add(app.add_option("--pack-requests", options.packRequests, "Requests of one call at most (default: any number)"))
      ->check(CLI::PositiveNumber)
      ->type_name("N");
  add(app.add_flag("--pack-check", options.packCheck,
                   "Also run each request alone, and print how far the results are from those of packed calls"));
  add(app.add_option("--mask-input", options.maskInput,
                     "The input that says which tokens are valid (default: attention_mask or input_mask)"))
      ->type_name("NAME");
  add(app.add_option("--batch-dim", options.batchDim, "The dimension that counts requests (default: the mask's first)"))
      ->type_name("NAME");
  add(app.add_option("--sequence-dim", options.sequenceDim,
                     "The dimension that counts tokens (default: the mask's second)"))
      ->type_name("NAME");
}

} // namespace pare::run
