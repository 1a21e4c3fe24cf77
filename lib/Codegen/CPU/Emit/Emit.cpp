// Translates the modules of the CPU variants to LLVM IR, optimises them and emits objects.
#include "pare/Codegen/CPU/Emit.h"
#include "BitSelects.h"
#include "mlir/IR/Threading.h"
#include "mlir/Target/LLVMIR/Dialect/Builtin/BuiltinToLLVMIRTranslation.h"
#include "mlir/Target/LLVMIR/Dialect/LLVMIR/LLVMToLLVMIRTranslation.h"
#include "mlir/Target/LLVMIR/Export.h"
#include "llvm/ADT/StringSwitch.h"
#include "llvm/Analysis/TargetTransformInfo.h"
#include "llvm/IR/LegacyPassManager.h"
#include "llvm/IR/Module.h"
#include "llvm/MC/TargetRegistry.h"
#include "llvm/Passes/PassBuilder.h"
#include "llvm/Support/TargetSelect.h"
#include "llvm/Target/TargetMachine.h"
#include "llvm/Target/TargetOptions.h"
#include "llvm/Transforms/IPO/Internalize.h"

using namespace mlir;

namespace pare::cpu {
namespace {
constexpr llvm::StringLiteral kVariantAttr = "pare.variant";
constexpr llvm::StringLiteral kTriple = "x86_64-unknown-linux-gnu";

/// Whether the runtime looks this symbol up (abi.h).
bool isExported(const llvm::GlobalValue &value) {
  llvm::StringRef name = value.getName();
  return name.starts_with("pare_entry_") || name.starts_with("pare_kernels_") || name == "pare_slots" ||
         name == "pare_abi_version" || name == "pare_num_kernels" || name == "pare_num_slots";
}

void initializeTarget() {
  static std::once_flag once;
  std::call_once(once, [] {
    LLVMInitializeX86TargetInfo();
    LLVMInitializeX86Target();
    LLVMInitializeX86TargetMC();
    LLVMInitializeX86AsmPrinter();
    LLVMInitializeX86AsmParser();
  });
}

bool isWide(llvm::StringRef variant) { return variant.starts_with("x86-64-v4"); }

std::unique_ptr<llvm::TargetMachine> makeTargetMachine(llvm::StringRef variant, unsigned level) {
  std::string error;
  llvm::Triple triple(kTriple);
  const llvm::Target *target = llvm::TargetRegistry::lookupTarget(triple, error);
  if (!target)
    llvm::report_fatal_error(llvm::StringRef("this LLVM has no x86-64 target: " + error));
  llvm::TargetOptions options;
  options.AllowFPOpFusion = llvm::FPOpFusion::Standard; // only what the IR marks
  // LLVM tunes this level for CPUs that clock down under wide vectors; that is history for dense loops.
  llvm::StringRef features = llvm::StringSwitch<llvm::StringRef>(variant)
                                 .Case("x86-64-v4", "-prefer-256-bit")
                                 .Case("x86-64-v4-vnni", "-prefer-256-bit,+avx512vnni")
                                 .Case("x86-64-v4-bf16", "-prefer-256-bit,+avx512vnni,+avx512bf16")
                                 .Case("x86-64-v4-amx", "-prefer-256-bit,+avx512vnni,+avx512bf16,+amx-tile,+amx-bf16")
                                 .Default("");
  if (isWide(variant))
    variant = "x86-64-v4";
  auto codegenLevel = llvm::CodeGenOpt::getLevel(static_cast<int>(level));
  return std::unique_ptr<llvm::TargetMachine>(target->createTargetMachine(
      triple, variant, features, options, llvm::Reloc::PIC_, llvm::CodeModel::Small, *codegenLevel));
}

void optimize(llvm::Module &module, llvm::TargetMachine &machine, unsigned level) {
  llvm::PipelineTuningOptions tuning;
  // Kernels are loops: what the loop vectoriser leaves has nothing for SLP, which takes an eighth of the time.
  tuning.LoopVectorization = level >= 2;
  tuning.SLPVectorization = false;
  // The vectoriser interleaves; unrolling what it made takes a quarter of the time and gains nothing.
  tuning.LoopUnrolling = false;
  llvm::PassBuilder builder(&machine, tuning);
  llvm::LoopAnalysisManager loops;
  llvm::FunctionAnalysisManager functions;
  llvm::CGSCCAnalysisManager sccs;
  llvm::ModuleAnalysisManager modules;
  builder.registerModuleAnalyses(modules);
  builder.registerCGSCCAnalyses(sccs);
  builder.registerFunctionAnalyses(functions);
  builder.registerLoopAnalyses(loops);
  builder.crossRegisterProxies(loops, functions, sccs, modules);
  const llvm::OptimizationLevel levels[] = {llvm::OptimizationLevel::O0, llvm::OptimizationLevel::O1,
                                            llvm::OptimizationLevel::O2, llvm::OptimizationLevel::O3};
  builder.buildPerModuleDefaultPipeline(levels[level]).run(module, modules);
}

LogicalResult emitObject(ModuleOp module, unsigned level, Object &object) {
  StringRef variant = module->getAttrOfType<StringAttr>(kVariantAttr).getValue();
  if (!llvm::StringSwitch<bool>(variant)
           .Cases({"x86-64-v2", "x86-64-v3", "x86-64-v4", "x86-64-v4-vnni", "x86-64-v4-bf16", "x86-64-v4-amx"}, true)
           .Default(false))
    return module.emitError() << "unknown CPU variant '" << variant
                              << "': expected x86-64-v2, x86-64-v3, x86-64-v4, x86-64-v4-vnni, x86-64-v4-bf16 or "
                                 "x86-64-v4-amx";
  object.name = module.getSymName().value_or(variant).str();

  llvm::LLVMContext context;
  std::unique_ptr<llvm::Module> code = translateModuleToLLVMIR(module, context, object.name);
  if (!code)
    return module.emitError() << "cannot translate the code of variant " << variant << " to LLVM IR";
  std::unique_ptr<llvm::TargetMachine> machine = makeTargetMachine(variant, level);
  code->setTargetTriple(llvm::Triple(kTriple));
  code->setDataLayout(machine->createDataLayout());
  code->setPICLevel(llvm::PICLevel::BigPIC);
  for (llvm::Function &function : *code) {
    function.setDoesNotThrow();
    if (isWide(variant))
      function.addFnAttr("prefer-vector-width", "512");
  }
  llvm::internalizeModule(*code, isExported);
  optimize(*code, *machine, level);
  if (isWide(variant))
    for (llvm::Function &function : *code)
      sinkSelectsIntoBitSelects(function);

  llvm::raw_svector_ostream stream(object.bytes);
  llvm::legacy::PassManager passes;
  passes.add(llvm::createTargetTransformInfoWrapperPass(machine->getTargetIRAnalysis()));
  if (machine->addPassesToEmitFile(passes, stream, nullptr, llvm::CodeGenFileType::ObjectFile))
    llvm::report_fatal_error("this LLVM cannot emit x86-64 objects");
  passes.run(*code);
  return success();
}
} // namespace

FailureOr<std::vector<Object>> emitObjects(ModuleOp module, const EmitOptions &options) {
  initializeTarget();
  DialectRegistry registry;
  registerBuiltinDialectTranslation(registry);
  registerLLVMDialectTranslation(registry);
  module.getContext()->appendDialectRegistry(registry);

  std::vector<ModuleOp> parts;
  for (auto part : module.getOps<ModuleOp>())
    if (part->getAttrOfType<StringAttr>(kVariantAttr))
      parts.push_back(part);
  std::vector<Object> objects(parts.size());
  // The last variants take longest: they go first, so that no thread is left with one of them at the end.
  LogicalResult result = failableParallelForEachN(module.getContext(), 0, parts.size(), [&](size_t index) {
    size_t part = parts.size() - 1 - index;
    return emitObject(parts[part], std::min(options.level, 3u), objects[part]);
  });
  if (failed(result))
    return failure();
  return objects;
}
} // namespace pare::cpu
