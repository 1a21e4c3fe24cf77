// pare: compiles, runs and examines models.
#include "Compile.h"

#include <CLI/CLI.hpp>

namespace {
using namespace pare;

/// Adds the options that say how to compile.
void addCompileOptions(CLI::App &app, CompileOptions &options) {
  app.add_option("--target", options.target, "What to compile for")
      ->check(CLI::IsMember({"cpu"}))
      ->capture_default_str();
}

void addPhaseOption(CLI::App &app, const std::string &name, const std::string &text, std::function<void(Phase)> take) {
  std::vector<std::string> names;
  for (Phase phase : kPhases)
    names.emplace_back(getName(phase));
  app.add_option_function<std::string>(
         name, [take](const std::string &value) { take(*parsePhase(value)); }, text)
      ->check(CLI::IsMember(names))
      ->type_name("PHASE");
}
} // namespace

int main(int argc, char **argv) {
  CLI::App app("Compiles neural networks (ONNX) for inference, without redundant work.\n"
               "Exit status: 0 good; 1 the model or an input is at fault; 2 wrong usage.",
               "pare");
  app.set_version_flag("--version", "pare 0.1.0");
  app.require_subcommand(1);
  int status = 0;

  tool::CompileArguments compile;
  CLI::App *compileVerb = app.add_subcommand("compile", "Compile a model into one model.pare file");
  compileVerb->add_option("model", compile.model, "ONNX model, or IR as .mlir")->required();
  compileVerb->add_option("-o,--output", compile.output, "The file to write");
  addCompileOptions(*compileVerb, compile.options);
  addPhaseOption(*compileVerb, "--stop-after", "Print the IR after this phase instead",
                 [&](Phase phase) { compile.options.stopAfter = phase; });
  addPhaseOption(*compileVerb, "--start-from", "The model is IR after this phase",
                 [&](Phase phase) { compile.options.startFrom = phase; });
  compileVerb->callback([&] { status = tool::compileModel(compile); });

  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError &error) {
    return app.exit(error) ? 2 : 0;
  }
  return status;
}
