// Compiled code against the interpreter (or ONNX Runtime), on sizes that are likely to break it.
#include "Verify.h"
#include "Artefact.h"
#include "Errors.h"
#include "OnnxRuntime.h"
#include "PaddingCheck.h"
#include "Progress.h"
#include "Sizes.h"
#include "WorkFolder.h"
#include "base/Cpu.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "pare-run/Inputs.h"
#include "pare/Compiler/Compilation.h"
#include "pare/Dialect/Shapes.h"
#include "pare/Reference/Rounding.h"
#include "pare/Target/Artefact.h"
#include <cstdio>
#include <set>

using namespace mlir;

namespace pare::tool {
namespace {
std::string nameOf(func::FuncOp function, unsigned result) {
  auto name = function.getResultAttrOfType<StringAttr>(result, kNameAttr);
  return name ? name.getValue().str() : "output " + std::to_string(result);
}

std::string shapeOf(const reference::Tensor &tensor) {
  pare_rt_tensor described = toRuntime(tensor);
  return rt::formatShape(described.dims, described.rank, described.dtype);
}

std::string elementOf(const reference::Tensor &tensor, int64_t index) {
  char text[32];
  if (tensor.isFloat())
    snprintf(text, sizeof text, "%.9g", tensor.getDouble(index));
  else
    snprintf(text, sizeof text, "%lld", static_cast<long long>(tensor.getInt(index)));
  return text;
}

/// "[0, 3, 5]" of a row-major position.
std::string indexOf(const reference::Tensor &tensor, int64_t position) {
  std::string text;
  for (int64_t size : llvm::reverse(tensor.getShape())) {
    text = std::to_string(position % size) + (text.empty() ? "" : ", ") + text;
    position /= size;
  }
  return "[" + text + "]";
}

class Verifier {
public:
  explicit Verifier(const VerifyArguments &arguments) : arguments(arguments), compilation(withProgress()) {}

  bool run() {
    if (!compile())
      return complain();
    for (auto function : before->getOps<func::FuncOp>())
      if (!function.isPrivate() && !function.isExternal() && !verifyEntry(function))
        return false;
    progress.reset();
    std::string variants;
    for (const Artefact &artefact : artefacts)
      variants += (variants.empty() ? "" : ", ") + artefact.getVariant();
    if (bad)
      printf("%d of %d runs DISAGREE with %s (%s)\n", bad, runs, peer(), variants.c_str());
    else if (skipped)
      printf("%d runs agree with %s (%s), %d could not be compared\n", runs - skipped, peer(), variants.c_str(),
             skipped);
    else
      printf("%d runs agree with %s (%s)\n", runs, peer(), variants.c_str());
    return bad == 0 && runs > skipped;
  }

private:
  const char *peer() const { return usesOnnxRuntime() ? "ONNX Runtime" : "the reference"; }
  bool usesOnnxRuntime() const { return arguments.against == "onnxruntime"; }

  CompileOptions withProgress() {
    CompileOptions options = arguments.options;
    options.onPhase = progress->phases();
    return options;
  }

  bool complain(const std::string &text = "") {
    progress.reset();
    CompileResult result{false, compilation.takeDiagnostics()};
    if (!text.empty())
      result.diagnostics.push_back({Diagnostic::Severity::Error, arguments.model, "", "", text});
    fputs(result.text().c_str(), stderr);
    return false;
  }

  bool compile() {
    if (!compilation.load(arguments.model))
      return false;
    if (compilation.getPhase() > Phase::Pare)
      return compilation.fail("the interpreter knows IR up to phase 'pare' only");
    if (std::string error = checkSizes(compilation.getModule(), arguments.sizes); !error.empty())
      return compilation.fail(error);
    before = compilation.getModule().clone();
    if (!compilation.advance(Phase::Pare))
      return false;
    after = compilation.getModule().clone();
    WorkFolder folder;
    const std::string path = folder.file("model.pare");
    if (!compilation.advance(Phase::Codegen) || !compilation.emit(path))
      return false;
    std::set<std::string> variants = {arguments.variant};
    if (arguments.variant.empty()) {
      variants.clear();
      for (auto part : compilation.getModule().getOps<ModuleOp>())
        if (auto name = part->getAttrOfType<StringAttr>(kVariantAttr))
          if (auto variant = rt::parseVariant(name.str()); variant && rt::cpuSupports(*variant))
            variants.insert(name.str());
    }
    for (const std::string &variant : variants) {
      llvm::Expected<Artefact> artefact = Artefact::load(path, variant, arguments.threads);
      if (!artefact)
        return compilation.fail(llvm::toString(artefact.takeError()));
      artefacts.push_back(std::move(*artefact));
    }
    return true;
  }

  bool verifyEntry(func::FuncOp function) {
    const std::string entry = function.getName().str();
    if (!arguments.inputs.empty()) {
      llvm::Expected<reference::Tensors> inputs = readInputs(function);
      if (!inputs)
        return complain(llvm::toString(inputs.takeError()));
      return verifyRun(function, entry, *inputs);
    }
    for (const Sizes &sizes : chooseSizes(function, arguments.sizes, arguments.seed)) {
      llvm::Expected<reference::Tensors> inputs = drawInputs(function, sizes, arguments.seed, arguments.maxInt);
      if (!inputs)
        return complain(textOf(inputs.takeError()));
      if (!verifyRun(function, entry + (sizes.text.empty() ? "" : ", " + sizes.text), *inputs))
        return false;
    }
    return true;
  }

  llvm::Expected<reference::Tensors> readInputs(func::FuncOp function) {
    const pare_rt_entry_info *info = artefacts.front().findEntry(function.getName().str());
    run::Arrays arrays;
    std::vector<pare_rt_tensor> tensors;
    rt::Status status = run::readInputs(arguments.inputs, arrays);
    if (!status.failed())
      status = run::bindInputs(*info, arrays, tensors);
    if (status.failed())
      return llvm::createStringError(llvm::inconvertibleErrorCode(), status.message());
    reference::Tensors inputs;
    for (auto [index, tensor] : llvm::enumerate(tensors)) {
      if (tensor.dtype != info->inputs[index].dtype)
        return llvm::createStringError(llvm::inconvertibleErrorCode(), "input '%s': expected %s, got %s",
                                       info->inputs[index].name, rt::formatShape(info->inputs[index]).c_str(),
                                       rt::formatShape(tensor.dims, tensor.rank, tensor.dtype).c_str());
      inputs.push_back(fromRuntime(tensor, getElementTypeOrSelf(function.getArgumentTypes()[index])));
    }
    return inputs;
  }

  /// False when nothing can be said, after saying why.
  bool verifyRun(func::FuncOp function, const std::string &title, ArrayRef<reference::Tensor> inputs) {
    ++runs;
    setProgress(title);
    printf("%s\n", title.c_str());
    llvm::Expected<reference::Tensors> want = evaluate(function, inputs);
    if (!want) {
      bool agree = verifyRefusal(function, inputs, textOf(want.takeError()));
      bad += !agree;
      return true;
    }
    llvm::Expected<std::vector<reference::Allowance>> allowances = allow(function, inputs, *want);
    if (!allowances)
      return complain(textOf(allowances.takeError()));
    llvm::Expected<std::optional<PaddingCheck>> padding = PaddingCheck::create(*after, function.getName(), inputs);
    if (!padding)
      return complain(textOf(padding.takeError()));
    bool agree = !*padding || verifyIndependence(function, **padding, inputs, *want);
    if (*padding)
      for (auto [index, tensor] : llvm::enumerate(*want))
        (*padding)->clear(index, tensor, (*allowances)[index]);
    std::vector<reference::Deviation> worst(want->size());
    for (Artefact &artefact : artefacts) {
      llvm::Expected<reference::Tensors> got = answer(artefact, function, *padding, inputs);
      if (!got) {
        printf("  MISMATCH on %s: it fails: %s\n", artefact.getVariant().c_str(),
               llvm::toString(got.takeError()).c_str());
        agree = false;
        continue;
      }
      for (auto [index, tensor] : llvm::enumerate(*got)) {
        reference::Deviation deviation = reference::measureDeviation(tensor, (*want)[index], (*allowances)[index]);
        worst[index].maxAbs = std::max(worst[index].maxAbs, deviation.maxAbs);
        worst[index].maxShare = std::max(worst[index].maxShare, deviation.maxShare);
        if (!deviation.ok)
          printMismatch(nameOf(function, index), artefact.getVariant(), tensor, (*want)[index], (*allowances)[index],
                        deviation);
        agree &= deviation.ok;
      }
    }
    for (auto [index, tensor] : llvm::enumerate(*want))
      printf("  %s %s: largest error %.3g, %.0f%% of what %s\n", nameOf(function, index).c_str(),
             shapeOf(tensor).c_str(), worst[index].maxAbs, 100 * worst[index].maxShare,
             arguments.tolerance ? "is allowed" : "rounding explains");
    bad += !agree;
    return true;
  }

  /// Whether no answer depends on what stands in rows of padding: neither the model's own, which proves the claim of
  /// the pass, nor that of compiled code.
  bool verifyIndependence(func::FuncOp function, const PaddingCheck &padding, ArrayRef<reference::Tensor> inputs,
                          ArrayRef<reference::Tensor> want) {
    std::optional<reference::Tensors> disturbed = padding.disturb(inputs, arguments.seed, arguments.maxInt);
    if (!disturbed)
      return true;
    bool agree = true;
    auto compare = [&](StringRef where, ArrayRef<reference::Tensor> first, llvm::Expected<reference::Tensors> second) {
      if (!second) {
        printf("  MISMATCH on %s: it fails with other padding: %s\n", where.str().c_str(),
               textOf(second.takeError()).c_str());
        agree = false;
        return;
      }
      for (auto [index, tensor] : llvm::enumerate(first)) {
        int64_t position = padding.firstDifference(index, tensor, (*second)[index]);
        if (position < 0)
          continue;
        printf("  MISMATCH on %s: %s depends on padding; the first element at %s: %s and, with other padding, %s\n",
               where.str().c_str(), nameOf(function, index).c_str(), indexOf(tensor, position).c_str(),
               elementOf(tensor, position).c_str(), elementOf((*second)[index], position).c_str());
        agree = false;
      }
    };
    compare(peer(), want, evaluate(function, *disturbed));
    for (Artefact &artefact : artefacts) {
      llvm::Expected<reference::Tensors> first = answer(artefact, function, padding, inputs);
      if (first)
        compare(artefact.getVariant(), *first, answer(artefact, function, padding, *disturbed));
      else
        llvm::consumeError(first.takeError()); // reported by the comparison of answers
    }
    if (agree)
      printf("  no answer depends on rows of padding\n");
    return agree;
  }

  /// What compiled code gives, in the form of the model.
  llvm::Expected<reference::Tensors> answer(Artefact &artefact, func::FuncOp function,
                                            const std::optional<PaddingCheck> &padding,
                                            ArrayRef<reference::Tensor> inputs) {
    // Passes may add results.
    auto compiled = after->lookupSymbol<func::FuncOp>(function.getName());
    llvm::Expected<reference::Tensors> got = artefact.run(function.getName().str(), inputs, compiled.getResultTypes());
    if (got && padding)
      return padding->unpack(std::move(*got));
    if (got)
      got->resize(function.getNumResults());
    return got;
  }

  llvm::Expected<reference::Tensors> evaluate(func::FuncOp function, ArrayRef<reference::Tensor> inputs) {
    if (usesOnnxRuntime())
      return runOnnxRuntime(arguments.python, arguments.model, function, inputs);
    return reference::evaluateFunction(function, inputs);
  }

  llvm::Expected<std::vector<reference::Allowance>> allow(func::FuncOp function, ArrayRef<reference::Tensor> inputs,
                                                          ArrayRef<reference::Tensor> want) {
    if (!arguments.tolerance) {
      reference::AllowanceOptions options;
      options.seed = arguments.seed;
      if (arguments.options.cpuBf16)
        options.productError = reference::kBFloat16ProductError;
      return reference::measureAllowance(function, inputs, want, options);
    }
    std::vector<reference::Allowance> allowances(want.size());
    for (auto [allowance, tensor] : llvm::zip_equal(allowances, want))
      allowance.deviation.assign(tensor.getNumElements(), tensor.isFloat() ? *arguments.tolerance : 0);
    return allowances;
  }

  /// Whether the artefact refuses what the other side refused, or has no element to give.
  bool verifyRefusal(func::FuncOp function, ArrayRef<reference::Tensor> inputs, const std::string &reason) {
    if (usesOnnxRuntime()) {
      printf("  ONNX Runtime refuses this, so there is nothing to compare: %s\n", reason.c_str());
      ++skipped;
      return true;
    }
    bool agree = true;
    std::string theirs;
    for (Artefact &artefact : artefacts) {
      llvm::Expected<reference::Tensors> got = answer(artefact, function, std::nullopt, inputs);
      if (!got) {
        theirs = llvm::toString(got.takeError());
      } else if (llvm::all_of(*got, [](const reference::Tensor &tensor) { return tensor.getNumElements() == 0; })) {
        // Simplified shape arithmetic may have lost a check that only empty tensors fail. Nothing in it can be wrong.
        theirs = "it gives empty outputs";
      } else {
        printf("  MISMATCH on %s: it gives an answer, the reference refuses: %s\n", artefact.getVariant().c_str(),
               reason.c_str());
        agree = false;
      }
    }
    if (agree)
      printf("  the reference refuses: %s\n  the artefact: %s\n", reason.c_str(), theirs.c_str());
    return agree;
  }

  void printMismatch(const std::string &name, const std::string &variant, const reference::Tensor &got,
                     const reference::Tensor &want, const reference::Allowance &allowance,
                     const reference::Deviation &deviation) {
    printf("  MISMATCH on %s: %s: ", variant.c_str(), name.c_str());
    if (!deviation.mismatch.empty())
      printf("%s\n", deviation.mismatch.c_str());
    else
      printf("%lld of %lld elements; the first at %s: got %s, want %s, allowed %.3g\n",
             static_cast<long long>(deviation.numBad), static_cast<long long>(want.getNumElements()),
             indexOf(want, deviation.firstBad).c_str(), elementOf(got, deviation.firstBad).c_str(),
             elementOf(want, deviation.firstBad).c_str(), allowance.deviation[deviation.firstBad]);
  }

  void setProgress(const std::string &title) {
    progress->set("verifying: " + title);
    fflush(stdout);
  }

  const VerifyArguments &arguments;
  std::unique_ptr<Progress> progress = std::make_unique<Progress>();
  Compilation compilation;
  /// What was loaded, untouched by any pass.
  OwningOpRef<ModuleOp> before;
  /// After the passes that remove work: it says which rows are padding.
  OwningOpRef<ModuleOp> after;
  std::vector<Artefact> artefacts;
  int runs = 0, bad = 0, skipped = 0;
};
} // namespace

int verifyModel(const VerifyArguments &arguments) { return Verifier(arguments).run() ? 0 : 1; }
} // namespace pare::tool
