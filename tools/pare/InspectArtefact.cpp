// pare inspect model.pare.
#include "Artefact.h"
#include "EntryInputs.h"
#include "Errors.h"
#include "Inspect.h"
#include "Sizes.h"
#include "base/Status.h"
#include "pare-run/Handles.h"
#include "llvm/ADT/StringExtras.h"
#include <cstdio>

using namespace mlir;

namespace pare::tool {
namespace {
/// What a call on these inputs needs.
llvm::Expected<pare_rt_memory_stats> measureMemory(pare_rt_module *module, const pare_rt_entry_info &entry,
                                                   ArrayRef<reference::Tensor> inputs) {
  pare_rt_session *session = nullptr;
  if (llvm::Error error = takeStatus(pare_rt_session_create(module, entry.name, &session)))
    return error;
  std::unique_ptr<pare_rt_session, ReleaseHandle> owner(session);
  std::vector<pare_rt_tensor> given, got(entry.output_count);
  for (const reference::Tensor &input : inputs)
    given.push_back(toRuntime(input));
  if (llvm::Error error = takeStatus(pare_rt_session_run(session, given.data(), static_cast<uint32_t>(given.size()),
                                                         got.data(), static_cast<uint32_t>(got.size()))))
    return error;
  pare_rt_memory_stats stats;
  pare_rt_session_memory(session, &stats);
  return stats;
}

/// What stands behind "memory: ".
std::string planText(const pare_rt_memory_stats &stats) {
  if (!stats.lower_bound_bytes)
    return "no intermediate buffers";
  char ratio[32];
  snprintf(ratio, sizeof ratio, "%.3f",
           static_cast<double>(stats.planned_bytes) / static_cast<double>(stats.lower_bound_bytes));
  return "peak " + rt::formatBytes(stats.planned_bytes) + " planned, lower bound " +
         rt::formatBytes(stats.lower_bound_bytes) + " (most live at once), ratio " + ratio;
}

/// The line of an entry, `sizes` being those of the command line that it has dimensions of.
std::string memoryText(pare_rt_module *module, const pare_rt_entry_info &entry, func::FuncOp function,
                       const std::vector<std::string> &sizes) {
  if (std::vector<std::string> missing = missingSizes(function, sizes); !missing.empty())
    return "memory: depends on sizes: give --sizes " + llvm::join(missing, "=SIZE,") + "=SIZE";
  InputArguments arguments;
  arguments.sizes = sizes;
  llvm::Expected<std::unique_ptr<EntryInputs>> inputs = EntryInputs::create(entry, arguments);
  std::string start = "memory" + (sizes.empty() ? "" : " for " + llvm::join(sizes, ", ")) + ": ";
  if (!inputs)
    return start + "not known, no random inputs: " + textOf(inputs.takeError());
  llvm::Expected<pare_rt_memory_stats> stats = measureMemory(module, entry, (*inputs)->getTensors());
  // The model itself is fine: another index or size may be what it takes.
  if (!stats)
    return start +
           "not known, a call on random inputs failed (`pare run --memory` takes yours): " + textOf(stats.takeError());
  return start + planText(*stats);
}
} // namespace

int inspectArtefact(const InspectArguments &arguments) {
  const std::string program = "pare";
  const run::Reporter reporter(program);
  pare_rt_load_options options = {};
  options.struct_size = sizeof options;
  pare_rt_module *module = nullptr;
  if (reporter.reported(pare_rt_module_load(arguments.model.c_str(), &options, &module)))
    return 1;
  std::unique_ptr<pare_rt_module, ReleaseHandle> owner(module);
  MLIRContext context;
  context.loadDialect<func::FuncDialect>();
  OwningOpRef<ModuleOp> entries = ModuleOp::create(UnknownLoc::get(&context));
  std::vector<func::FuncOp> functions;
  functions.reserve(pare_rt_module_entry_count(module));
  for (uint32_t i = 0; i < pare_rt_module_entry_count(module); ++i)
    functions.push_back(declareEntry(*entries, *pare_rt_module_entry(module, i)));
  if (std::string error = checkNamedSizes(*entries, arguments.sizes); !error.empty())
    return reporter.report(arguments.model + ": " + error);
  run::printModule(module);
  for (auto [index, function] : llvm::enumerate(functions)) {
    const pare_rt_entry_info &entry = *pare_rt_module_entry(module, static_cast<uint32_t>(index));
    run::printEntry(entry);
    std::vector<std::string> sizes;
    for (const std::string &text : arguments.sizes)
      if (llvm::is_contained(openDims(function), parseSize(text)->first))
        sizes.push_back(text);
    printf("  %s\n", memoryText(module, entry, function, sizes).c_str());
  }
  return 0;
}
} // namespace pare::tool
