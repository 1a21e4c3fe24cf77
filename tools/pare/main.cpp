// pare: compiles, runs and examines models.
#include "Bench.h"
#include "Compile.h"
#include "Explain.h"
#include "Inspect.h"
#include "Run.h"
#include "Verify.h"
#include "pare-run/Flags.h"

namespace {
using namespace pare;

CLI::IsMember isVariant() {
  return CLI::IsMember(std::vector<std::string>{"x86-64-v2", "x86-64-v3", "x86-64-v4", "x86-64-v4-vnni",
                                                "x86-64-v4-bf16", "x86-64-v4-amx", "v2", "v3", "v4", "v4-vnni",
                                                "v4-bf16", "v4-amx"});
}

void addModel(CLI::App &verb, std::string &model, const std::string &text) {
  verb.add_option("model", model, text)->required()->type_name("FILE");
}

void addPhase(CLI::App &verb, const std::string &name, const std::string &text,
              const std::function<void(Phase)> &take) {
  std::vector<std::string> names;
  for (Phase phase : kPhases)
    names.emplace_back(getName(phase));
  verb.add_option_function<std::string>(
          name, [take](const std::string &value) { take(*parsePhase(value)); }, text)
      ->check(CLI::IsMember(names))
      ->type_name("PHASE");
}

/// "input_ids=8x128"; "?" leaves a dimension as the model declares it. Empty when it is right, else what is wrong.
std::string parseShape(const std::string &text, CompileOptions &options) {
  size_t equals = text.rfind('=');
  std::vector<int64_t> shape;
  for (const std::string &size :
       CLI::detail::split(text.substr(equals == std::string::npos ? text.size() : equals + 1), 'x')) {
    int64_t number = -1;
    if (size != "?" && !(CLI::detail::lexical_cast(size, number) && number >= 0))
      return "'" + text + "': expected NAME=SIZExSIZE..., e.g. input_ids=8x128 or image=?x3x224x224";
    shape.push_back(number);
  }
  options.inputShapes[text.substr(0, equals)] = shape;
  return "";
}

/// Flags that say how to compile.
void addCompileFlags(CLI::App &verb, CompileOptions &options) {
  verb.add_option("-O", options.level,
                  "0: only what lowering needs; 1: simplify; 2: all exact passes that remove redundant work")
      ->check(CLI::Range(0, 2))
      ->type_name("LEVEL")
      ->capture_default_str();
  verb.add_option("--target", options.target, "What to compile for")
      ->check(CLI::IsMember({"cpu"}))
      ->capture_default_str();
  verb.add_flag(
      "--cpu-bf16", options.cpuBf16,
      "Approximate: matrix products and convolutions multiply in bfloat16 and sum in f32; pare verify says how far "
      "answers move");
  verb.add_flag(
      "--packed-outputs", options.packedOutputs,
      "Outputs of which padding was removed hold their valid rows alone, one after the other; outputs pare.rows "
      "(b * S + s of each row) and pare.offsets (rows before each sequence) say which. Needs -O2");
  verb.add_option_function<std::vector<std::string>>(
          "--shape",
          [&options](const std::vector<std::string> &shapes) {
            for (const std::string &shape : shapes)
              if (std::string error = parseShape(shape, options); !error.empty())
                throw CLI::ValidationError("--shape", error);
          },
          "Shape of an input of an ONNX model in place of the one declared; may be repeated")
      ->allow_extra_args(false)
      ->type_name("NAME=SIZExSIZE");
  addPhase(verb, "--start-from", "The model is IR as --stop-after=PHASE printed it (default for .mlir: import)",
           [&options](Phase phase) { options.startFrom = phase; });
}

/// The CPU variants to compile for; the baseline is always among them.
void addVariants(CLI::App &verb, const std::string &name, CompileOptions &options) {
  verb.add_option_function<std::vector<std::string>>(
          name,
          [&options](const std::vector<std::string> &given) {
            options.variants = {"x86-64-v2"};
            for (const std::string &variant : {std::string("x86-64-v3"), std::string("x86-64-v4")})
              if (std::any_of(given.begin(), given.end(),
                              [&](const std::string &text) { return text == variant || "x86-64-" + text == variant; }))
                options.variants.push_back(variant);
          },
          "CPU variants to compile for, as v3 or x86-64-v3; x86-64-v2 is always among them (default: v2,v3,v4)")
      ->delimiter(',')
      ->check(isVariant())
      ->allow_extra_args(false)
      ->type_name("VARIANT,...");
}

void addCompile(CLI::App &app, int &status) {
  auto arguments = std::make_shared<tool::CompileArguments>();
  CLI::App *verb = app.add_subcommand("compile", "Compile a model into one model.pare file");
  addModel(*verb, arguments->model, "ONNX model, or IR as .mlir");
  verb->add_option("-o,--output", arguments->output,
                   "The file to write; - is the standard output, for IR (default: the model's name as .pare)")
      ->type_name("FILE");
  addCompileFlags(*verb, arguments->options);
  addVariants(*verb, "--variant", arguments->options);
  addPhase(*verb, "--stop-after", "Print the IR after this phase instead",
           [arguments](Phase phase) { arguments->options.stopAfter = phase; });
  verb->add_flag("--times", arguments->printTimes, "Print how long each phase took");
  std::string phases = "Phases, and what is true after each:\n";
  for (Phase phase : kPhases)
    phases += "  " + std::string(getName(phase)) + ": " + std::string(getSentence(phase)) + "\n";
  verb->footer(phases + "Examples:\n"
                        "  pare compile model.onnx -o model.pare\n"
                        "  pare compile model.onnx --shape input_ids=8x128 -o fixed.pare\n"
                        "  pare compile model.onnx --stop-after=simplify -o simple.mlir\n"
                        "  pare compile simple.mlir --start-from=simplify -o model.pare");
  verb->callback([arguments, &status] { status = tool::compileModel(*arguments); });
}

void addCache(CLI::App &verb, CacheOptions &cache) {
  cache.directory = tool::defaultCacheDirectory();
  verb.add_option("--cache", cache.directory,
                  "Folder of compiled models (default: $PARE_CACHE_DIR, $XDG_CACHE_HOME/pare or ~/.cache/pare)")
      ->type_name("FOLDER");
  verb.add_option("--cache-size", cache.maxBytes, "The least recently used go when all take more than this")
      ->transform(CLI::AsSizeValue(false))
      ->type_name("BYTES")
      ->default_str("4 GiB");
}

void addRun(CLI::App &app, int &status) {
  auto arguments = std::make_shared<tool::RunArguments>();
  arguments->run.program = "pare";
  CLI::App *verb = app.add_subcommand("run", "Run a model on inputs from NumPy files");
  addModel(*verb, arguments->run.model, "model.pare, or ONNX or .mlir, which is compiled through a cache");
  run::addFlags(*verb, arguments->run);
  addCompileFlags(*verb, arguments->options);
  addCache(*verb, arguments->cache);
  verb->footer("Examples:\n"
               "  pare run model.onnx --inputs in.npz --outputs out.npz\n"
               "  pare run model.pare --inputs x=x.npy --inputs y=y.npy --repeat 20");
  verb->callback([arguments, &status] { status = tool::runModel(*arguments); });
}

void addInspect(CLI::App &app, int &status) {
  auto arguments = std::make_shared<tool::InspectArguments>();
  CLI::App *verb = app.add_subcommand("inspect", "Print what a model takes and gives, and what it is made of");
  addModel(*verb, arguments->model, "model.pare, ONNX or .mlir");
  addCompileFlags(*verb, arguments->options);
  verb->add_option(
          "--sizes", arguments->sizes,
          "Sizes of named dimensions for which work is counted (default: 1), or the memory of a model.pare planned")
      ->delimiter(',')
      ->allow_extra_args(false)
      ->type_name("NAME=SIZE,...");
  verb->footer("The memory plan of a model.pare is that of a call on random inputs.\n"
               "Examples:\n"
               "  pare inspect model.onnx --sizes batch=8,sequence=128\n"
               "  pare inspect model.pare --sizes batch=8,sequence=128");
  verb->callback([arguments, &status] { status = tool::inspectModel(*arguments); });
}

/// "batch=16,seq=128,image=?x3x224x224": sizes of dimensions, and shapes of inputs. What is wrong, or empty.
std::string parseSizes(const std::string &text, explain::Options &options) {
  for (const std::string &part : CLI::detail::split(text, ',')) {
    size_t equals = part.rfind('=');
    int64_t size = 0;
    if (part.find_first_of("x?", equals == std::string::npos ? 0 : equals) != std::string::npos) {
      if (std::string error = parseShape(part, options.compile); !error.empty())
        return error;
    } else if (equals == 0 || equals == std::string::npos ||
               !CLI::detail::lexical_cast(part.substr(equals + 1), size)) {
      return "'" + part + "': expected NAME=SIZE of a dimension, e.g. batch=16, or NAME=SIZExSIZE... of an input";
    } else {
      options.sizes[part.substr(0, equals)] = size;
    }
  }
  return "";
}

void addExplain(CLI::App &app, int &status) {
  auto arguments = std::make_shared<tool::ExplainArguments>();
  CLI::App *verb = app.add_subcommand("explain", "Show what redundant work a model has, and what is left without it");
  addModel(*verb, arguments->model, "ONNX model, or .mlir with the pare dialect");
  explain::Options &options = arguments->options;
  verb->add_option_function<std::string>(
          "--shape,--sizes",
          [&options](const std::string &text) {
            if (std::string error = parseSizes(text, options); !error.empty())
              throw CLI::ValidationError("--shape", error);
          },
          "Sizes of named dimensions (default: 16 sequences of 128), or the shape of an input of an ONNX model")
      ->trigger_on_parse()
      ->type_name("NAME=SIZE,...");
  auto *lengths = verb->add_option_function<std::string>(
                          "--lengths",
                          [&options](const std::string &text) {
                            if (std::string error = tool::parseLengths(text, options); !error.empty())
                              throw CLI::ValidationError("--lengths", error);
                          },
                          "Valid tokens of each sequence, or uniform:MEAN of the longest (default: uniform:0.6)")
                      ->type_name("LENGTH,...|uniform:MEAN");
  verb->add_option("--seed", options.seed, "Of lengths that are drawn")->capture_default_str();
  verb->add_option("--inputs", arguments->inputs, "Inputs as of `pare run`; sizes and lengths follow from them")
      ->allow_extra_args(false)
      ->excludes(lengths)
      ->type_name("FILE.npz|NAME=FILE.npy");
  verb->add_option("--json", arguments->json, "Write the report as JSON; - is the standard output")->type_name("FILE");
  verb->add_option("--html", arguments->html, "Write the report as one HTML page; - is the standard output")
      ->type_name("FILE");
  verb->add_option("-O", options.compile.level, "As of `pare compile`: passes of which level to explain")
      ->check(CLI::Range(0, 2))
      ->type_name("LEVEL")
      ->capture_default_str();
  addPhase(*verb, "--start-from", "The model is IR as --stop-after=PHASE printed it (default for .mlir: import)",
           [&options](Phase phase) { options.compile.startFrom = phase; });
  verb->footer("Nothing is compiled or run: FLOPs and bytes are counted for the sizes and lengths given.\n"
               "Examples:\n"
               "  pare explain model.onnx --shape batch=32,seq=256 --lengths uniform:0.4\n"
               "  pare explain model.onnx --lengths 12,40,128 --html report.html\n"
               "  pare explain model.onnx --inputs in.npz --json report.json");
  verb->callback([arguments, &status] { status = tool::explainModel(*arguments); });
}

void addVerify(CLI::App &app, int &status) {
  auto arguments = std::make_shared<tool::VerifyArguments>();
  CLI::App *verb = app.add_subcommand("verify", "Compare a model's compiled code with the reference interpreter");
  addModel(*verb, arguments->model, "ONNX model, or .mlir with the pare dialect");
  verb->add_option("--sizes", arguments->sizes, "Sizes of open dimensions to try, or the size of some dimension")
      ->delimiter(',')
      ->allow_extra_args(false)
      ->type_name("0|1|random|NAME=SIZE,...")
      ->capture_default_str();
  verb->add_option("--inputs", arguments->inputs, "Inputs as of `pare run`, in place of random ones")
      ->type_name("FILE.npz|NAME=FILE.npy");
  verb->add_option("--seed", arguments->seed, "Of the random inputs and sizes")->capture_default_str();
  verb->add_option("--max-int", arguments->maxInt, "Integer inputs are drawn from 0 to this, masks from 0 and 1")
      ->check(CLI::NonNegativeNumber)
      ->capture_default_str();
  verb->add_option("--tolerance", arguments->tolerance,
                   "Largest absolute error allowed (default: what rounding explains, see docs/Numerics.md)")
      ->check(CLI::NonNegativeNumber);
  verb->add_option("--against", arguments->against, "The peer")
      ->check(CLI::IsMember({"reference", "onnxruntime"}))
      ->capture_default_str();
  verb->add_option("--python", arguments->python, "The Python that has onnxruntime and numpy")->capture_default_str();
  verb->add_option("--run-variant", arguments->variant, "CPU variant to run (default: all that this CPU supports)")
      ->check(isVariant());
  verb->add_option("--threads", arguments->threads, "Threads to use (default: PARE_THREADS, else every CPU)");
  addCompileFlags(*verb, arguments->options);
  addVariants(*verb, "--variant", arguments->options);
  verb->footer("A size that the model refuses in both counts as agreement.\n"
               "Examples:\n"
               "  pare verify model.onnx\n"
               "  pare verify model.onnx --sizes batch=3,sequence=7 --against onnxruntime");
  verb->callback([arguments, &status] {
    if (arguments->against == "onnxruntime" &&
        (arguments->options.startFrom || CLI::detail::to_lower(arguments->model).find(".mlir") != std::string::npos))
      throw CLI::ValidationError("--against", "ONNX Runtime runs ONNX models only");
    status = tool::verifyModel(*arguments);
  });
}
void addBench(CLI::App &app, int &status) {
  auto arguments = std::make_shared<tool::BenchArguments>();
  CLI::App *verb = app.add_subcommand("bench", "Time a model, also beside other runtimes");
  addModel(*verb, arguments->model, "model.pare, or ONNX or .mlir, which is compiled through a cache");
  auto *inputs = verb->add_option("--inputs", arguments->inputs, "Inputs as of `pare run`, in place of random ones")
                     ->allow_extra_args(false)
                     ->type_name("FILE.npz|NAME=FILE.npy");
  verb->add_option("--sizes", arguments->sizes, "Sizes of open dimensions, for random inputs")
      ->delimiter(',')
      ->allow_extra_args(false)
      ->excludes(inputs)
      ->type_name("NAME=SIZE,...");
  verb->add_option("--lengths", arguments->lengths,
                   "Valid tokens of each sequence, which random masks keep (default: all tokens)")
      ->delimiter(',')
      ->allow_extra_args(false)
      ->check(CLI::NonNegativeNumber)
      ->excludes(inputs)
      ->type_name("LENGTH,...");
  verb->add_option("--seed", arguments->seed, "Of the random inputs")->capture_default_str();
  verb->add_option("--max-int", arguments->maxInt, "Random integers are drawn from 0 to this")
      ->check(CLI::NonNegativeNumber)
      ->capture_default_str();
  verb->add_option("--entry", arguments->entry,
                   "The entry point; needed only when there are several and none is called main");
  verb->add_option("--threads", arguments->threads, "Threads to use, peers too (default: PARE_THREADS, else every CPU)")
      ->check(CLI::Range(1u, PARE_RT_MAX_THREADS));
  verb->add_option("--run-variant", arguments->variant, "CPU variant to run (default: the best that this CPU supports)")
      ->check(isVariant());
  auto *repeat =
      verb->add_option("--repeat", arguments->repeat, "Rounds; in each, all run in turn for a tenth of a second")
          ->check(CLI::Range(1u, 1000000u))
          ->capture_default_str();
  verb->add_option("--seconds", arguments->seconds, "As many rounds as fit in this time")
      ->check(CLI::PositiveNumber)
      ->excludes(repeat);
  verb->add_option("--warmup", arguments->warmup, "Calls of each before the first round")
      ->check(CLI::Range(1u, 1000000u))
      ->capture_default_str();
  verb->add_option("--against", arguments->against, "Peers to run on the same inputs, their answers compared")
      ->delimiter(',')
      ->allow_extra_args(false)
      ->check(CLI::IsMember({"onnxruntime", "openvino"}))
      ->type_name("PEER,...");
  verb->add_option("--python", arguments->python, "The Python that has the peers and numpy")->capture_default_str();
  verb->add_option("--openvino-precision", arguments->openvinoPrecision,
                   "default: OpenVINO may compute in a narrower type than f32")
      ->check(CLI::IsMember({"f32", "default"}))
      ->capture_default_str();
  verb->add_option("--tolerance", arguments->tolerance,
                   "Largest difference of a peer's answer, as a share of the largest element of the output")
      ->check(CLI::NonNegativeNumber)
      ->capture_default_str();
  verb->add_option("--json", arguments->json, "Write the report as JSON; - is the standard output")->type_name("FILE");
  verb->add_flag("--profile", arguments->profile,
                 "Also print how long each kind of kernel takes, and how far that is from what the machine can do");
  verb->add_option("--trace", arguments->trace, "Write a Chrome trace of some calls, for chrome://tracing or Perfetto")
      ->type_name("FILE");
  addCompileFlags(*verb, arguments->options);
  addVariants(*verb, "--variant", arguments->options);
  addCache(*verb, arguments->cache);
  verb->footer("Ratios are medians over the rounds of a peer's time over Pare's: above 1, Pare is faster.\n"
               "Examples:\n"
               "  pare bench model.onnx --sizes batch=8,sequence=128 --threads 1\n"
               "  pare bench model.onnx --inputs in.npz --against onnxruntime,openvino --json report.json");
  verb->callback([arguments, &status] {
    const std::string model = CLI::detail::to_lower(arguments->model);
    if (!arguments->against.empty() && (arguments->options.startFrom || model.find(".mlir") != std::string::npos ||
                                        model.find(".pare") != std::string::npos))
      throw CLI::ValidationError("--against", "peers run ONNX models only: give the .onnx file");
    status = tool::benchModel(*arguments);
  });
}
} // namespace

int main(int argc, char **argv) {
  CLI::App app("Compiles neural networks (ONNX) for inference, without redundant work.\n"
               "Exit status: 0 good; 1 the model or an input is at fault; 2 wrong usage.",
               "pare");
  app.set_version_flag("--version", "pare 0.1.0");
  app.require_subcommand(1);
  int status = 0;
  addCompile(app, status);
  addRun(app, status);
  addInspect(app, status);
  addExplain(app, status);
  addVerify(app, status);
  addBench(app, status);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError &error) {
    return app.exit(error) ? 2 : 0;
  }
  return status;
}
