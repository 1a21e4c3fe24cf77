// pare-run: runs a model.pare file on inputs from NumPy files.
#include "Flags.h"

int main(int argc, char **argv) {
  CLI::App app("Runs a compiled model (model.pare) on inputs from NumPy files.\n"
               "Exit status: 0 good; 1 the model or an input is at fault; 2 wrong usage.",
               "pare-run");
  app.set_version_flag("--version", "pare-run 0.1.0");
  pare::run::Options options;
  app.add_option("model", options.model, "The model.pare file")->required();
  pare::run::addFlags(app, options);
  app.add_flag("--inspect", options.inspect, "Print what the model takes and gives, and stop");
  app.add_flag("--skip-checksums", options.skipChecksums, "Do not read the whole file to verify its checksums");
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError &error) {
    return app.exit(error) ? 2 : 0;
  }
  return pare::run::run(options);
}
