// Runs the phases, listens to what passes say, and counts what is there before and after.
#include "pare/Compiler/Explain.h"

#include "Inputs.h"
#include "Work.h"
#include "mlir/IR/Remarks.h"
#include "mlir/Pass/PassInstrumentation.h"
#include "pare/Compiler/Compilation.h"
#include "pare/Dialect/Pare.h"
#include "llvm/ADT/MapVector.h"
#include "llvm/ADT/StringExtras.h"
#include <set>

using namespace mlir;

namespace pare::explain {
namespace {
/// One run of one pass.
struct PassRun {
  std::string name, summary;
  OwningOpRef<ModuleOp> before;
  std::vector<Finding> findings;
};

struct Listener {
  /// Passes also of simplification, which tidy up after others.
  std::set<std::string> tidying;
  bool simplifying = true;
  std::vector<PassRun> runs;
};

std::string nameOf(Pass *pass) {
  StringRef name = pass->getArgument();
  name.consume_front("pare-");
  return name.str();
}

class Watch : public PassInstrumentation {
public:
  explicit Watch(Listener &listener) : listener(listener) {}

  void runBeforePass(Pass *pass, Operation *op) override {
    if (!pass->getArgument().starts_with("pare-"))
      return;
    std::string name = nameOf(pass);
    if (listener.simplifying) {
      listener.tidying.insert(name);
      return;
    }
    if (listener.tidying.count(name))
      return;
    auto module = isa<ModuleOp>(op) ? cast<ModuleOp>(op) : op->getParentOfType<ModuleOp>();
    listener.runs.push_back({name, pass->getDescription().str(), module.clone(), {}});
  }

private:
  Listener &listener;
};

class Collector : public remark::detail::MLIRRemarkStreamerBase {
public:
  explicit Collector(Listener *listener) : listener(listener) {}

  void streamOptimizationRemark(const remark::detail::Remark &remark) override {
    auto type = remark.getRemarkType();
    if (type == llvm::remarks::Type::Analysis || listener->runs.empty())
      return;
    Finding finding;
    finding.applied = type == llvm::remarks::Type::Passed;
    std::tie(finding.node, finding.op) = nodeOf(remark.getLocation());
    std::string reason;
    for (const remark::detail::Remark::Arg &arg : remark.getArgs()) {
      if (arg.key == "Remark")
        finding.text += arg.val;
      else if (arg.key == "Reason")
        reason += (reason.empty() ? "" : "; ") + arg.val;
      else if (arg.key == "Proof")
        finding.proof = arg.val;
      else if (arg.key == "Suggestion")
        finding.suggestion += (finding.suggestion.empty() ? "" : "; ") + arg.val;
      else
        finding.metrics.emplace_back(arg.key, arg.val);
    }
    finding.text += (finding.text.empty() || reason.empty() ? "" : ": ") + reason;
    listener->runs.back().findings.push_back(std::move(finding));
  }

private:
  Listener *listener;
};

func::FuncOp findEntry(ModuleOp module, StringRef name = "") {
  for (auto function : module.getOps<func::FuncOp>())
    if (!function.isPrivate() && !function.isExternal() && (name.empty() || function.getName() == name))
      return function;
  return nullptr;
}

/// "/encoder/layer.2" of "/encoder/layer.2/attention/self/MatMul"; "encoder" of what is outside of numbered layers.
std::string layerOf(StringRef node) {
  SmallVector<StringRef> parts;
  node.split(parts, '/', -1, /*KeepEmpty=*/false);
  if (parts.size() < 2)
    return "";
  parts.pop_back();
  for (size_t i = 0; i < parts.size(); ++i) {
    StringRef name = parts[i].rtrim("0123456789");
    if (name.size() < parts[i].size() && (name.ends_with(".") || name.ends_with("_")))
      return llvm::join(ArrayRef(parts).take_front(i + 1), "/");
  }
  return llvm::join(ArrayRef(parts).take_front(2), "/");
}

/// Of what is shared by several attentions (their mask), the first one is the owner.
template <typename Users>
Operation *firstOf(const Users &users, const llvm::DenseMap<Operation *, std::string> &targets) {
  Operation *first = nullptr;
  for (Operation *user : users)
    if (targets.contains(user) && (!first || user->isBeforeInBlock(first)))
      first = user;
  return first;
}

class Explainer {
public:
  Explainer(const std::string &model, const Options &options, Report &report)
      : options(options), report(report), compilation(options.compile) {
    report.model = model;
  }
  ~Explainer() { listener.runs.clear(); } // they belong to the context

  CompileResult run() {
    bool good = compile() && count();
    return {good, compilation.takeDiagnostics()};
  }

private:
  bool compile() {
    MLIRContext &context = compilation.getContext();
    context.disableMultithreading(); // passes run one after the other, and their remarks belong to them
    remark::RemarkCategories categories;
    categories.passed = categories.missed = categories.failed = ".*";
    if (failed(remark::enableOptimizationRemarks(context, std::make_unique<Collector>(&listener),
                                                 std::make_unique<remark::RemarkEmittingPolicyAll>(), categories)))
      return compilation.fail("remarks cannot be enabled; this is a defect of Pare");
    compilation.onPassManager(
        [this](PassManager &manager) { manager.addInstrumentation(std::make_unique<Watch>(listener)); });
    if (!compilation.load(report.model))
      return false;
    if (compilation.getPhase() > Phase::Pare)
      return compilation.fail("IR behind phase 'pare' has nothing to explain");
    if (!compilation.advance(Phase::Simplify))
      return false;
    before = compilation.getModule().clone();
    listener.simplifying = false;
    if (!compilation.advance(Phase::Raise))
      return false;
    raised = compilation.getModule().clone();
    return compilation.advance(Phase::Pare);
  }

  std::unique_ptr<ConcreteFunction> concrete(ModuleOp module) {
    func::FuncOp function = findEntry(module, report.entry);
    std::string error = "entry '" + report.entry + "' is gone";
    auto result = function ? ConcreteFunction::make(function, inputs, error) : nullptr;
    if (!result)
      compilation.fail(error);
    return result;
  }

  bool count() {
    func::FuncOp entry = findEntry(*raised);
    if (!entry)
      return compilation.fail("the model has no entry point");
    report.entry = entry.getName().str();
    if (std::string error = chooseInputs(entry, options, inputs, report); !error.empty())
      return compilation.fail(error);
    auto old = concrete(*before), middle = concrete(*raised), now = concrete(compilation.getModule());
    if (!old || !middle || !now)
      return false;
    findFused(*middle);
    tally(*old, true);
    tally(*now, false);
    std::set<std::string> unknown;
    for (const ConcreteFunction *function : {old.get(), now.get()})
      unknown.insert(function->getAssumptions().begin(), function->getAssumptions().end());
    report.unknown.insert(report.unknown.end(), unknown.begin(), unknown.end());
    finishRows();
    return countPasses();
  }

  /// What of each node is left when attention is recognised: the rest was work of attention before that, too.
  void findFused(ConcreteFunction &function) {
    function.forEachOp([&](Operation *op, double) {
      left.insert({nodeOf(op->getLoc()).first, kindOf(op).str()});
      if (isa<AttentionOp, SegmentAttentionOp>(op))
        attentionNodes.insert(nodeOf(op->getLoc()).first);
    });
  }

  bool isFused(Operation *op) { return !left.count({nodeOf(op->getLoc()).first, kindOf(op).str()}); }

  /// For the ops before, the nodes at which the attention stands that they became part of.
  llvm::DenseMap<Operation *, std::string> findAttention(ConcreteFunction &function) {
    llvm::DenseMap<Operation *, std::string> targets;
    if (attentionNodes.empty())
      return targets;
    std::vector<Operation *> ops;
    function.forEachOp([&](Operation *op, double) { ops.push_back(op); });
    for (Operation *op : llvm::reverse(ops)) {
      std::string node = nodeOf(op->getLoc()).first;
      bool fused = isFused(op);
      if (fused && isa<MatmulOp>(op) && attentionNodes.count(node))
        targets[op] = node;
      else if (fused || kindOf(op) == "data movement") // shapes change between the products
        if (Operation *first = firstOf(op->getUsers(), targets)) {
          std::string target = targets.lookup(first);
          targets[op] = target;
        }
    }
    return targets;
  }

  void tally(ConcreteFunction &function, bool isBefore) {
    auto pick = [&](Change &change) -> Work & { return isBefore ? change.before : change.after; };
    auto targets = isBefore ? findAttention(function) : llvm::DenseMap<Operation *, std::string>();
    function.forEachOp([&](Operation *op, double weight) {
      Work work = workOf(op, function);
      if (!work.ops)
        return;
      work.flops *= weight;
      work.bytes *= weight;
      std::string node, type;
      std::tie(node, type) = nodeOf(op->getLoc());
      StringRef kind = kindOf(op);
      if (std::string layer = layerOf(node); !layer.empty())
        layers.insert({layer, {}}); // in the order of the model, whatever attention its ops become part of
      if (auto target = targets.find(op); target != targets.end() && work.flops > 0 && isFused(op)) {
        kind = "attention";
        node = target->second;
      }
      if (kind == "attention")
        type = kind;
      pick(report.total) += work;
      pick(kinds[kind.str()].work) += work;
      Row &row = nodes[node];
      if (row.op != "attention")
        row.op = type;
      pick(row.work) += work;
      if (std::string layer = layerOf(node); !layer.empty())
        pick(layers[layer].work) += work;
    });
  }

  void finishRows() {
    auto take = [](llvm::MapVector<std::string, Row, std::map<std::string, unsigned>> &from, std::vector<Row> &to) {
      for (auto &[name, row] : from) {
        row.name = name;
        if (row.work.before.ops || row.work.after.ops)
          to.push_back(row);
      }
    };
    take(kinds, report.kinds);
    take(nodes, report.nodes);
    if (layers.size() > 1)
      take(layers, report.layers);
    auto more = [](const Row &a, const Row &b) {
      return std::tie(b.work.before.flops, b.work.before.bytes, b.work.after.bytes, a.name) <
             std::tie(a.work.before.flops, a.work.before.bytes, a.work.after.bytes, b.name);
    };
    llvm::sort(report.kinds, more);
    llvm::sort(report.nodes, more);
  }

  bool countPasses() {
    std::vector<PassRun *> spoke;
    std::set<std::string> names;
    for (PassRun &run : listener.runs)
      if (!run.findings.empty()) {
        names.insert(run.name);
        spoke.push_back(&run);
      }
    for (PassRun &run : listener.runs) // one that runs twice is idle when it says nothing at all
      if (names.insert(run.name).second)
        report.idle.emplace_back(run.name, run.summary);
    std::vector<Work> works;
    for (PassRun *run : spoke) {
      auto function = concrete(*run->before);
      if (!function)
        return false;
      Work total;
      function->forEachOp([&](Operation *op, double weight) {
        Work work = workOf(op, *function);
        work.flops *= weight;
        work.bytes *= weight;
        total += work;
      });
      works.push_back(total);
    }
    works.push_back(report.total.after);
    for (auto [index, run] : llvm::enumerate(spoke)) {
      PassReport pass;
      pass.name = run->name;
      pass.summary = run->summary;
      pass.work = {works[index], works[index + 1]};
      pass.findings = std::move(run->findings);
      report.passes.push_back(std::move(pass));
    }
    report.notLookedAt = {"the values of weights (zeros, repeated or small ones) and their precision",
                          "work that repeats from one call to the next",
                          "time: FLOPs and bytes are counted, not measured; pare run --repeat measures"};
    return true;
  }

  const Options &options;
  Report &report;
  Listener listener; // outlives the context, whose remark engine holds on to it
  Compilation compilation;
  OwningOpRef<ModuleOp> before, raised;
  std::vector<ConcreteInput> inputs;
  std::set<std::pair<std::string, std::string>> left;
  std::set<std::string> attentionNodes;
  llvm::MapVector<std::string, Row, std::map<std::string, unsigned>> kinds, nodes, layers;
};
} // namespace

double Report::shareOfPadding() const {
  double valid = 0;
  for (int64_t length : lengths)
    valid += static_cast<double>(length);
  double all = static_cast<double>(lengths.size()) * static_cast<double>(maxLength);
  return all > 0 ? 1 - valid / all : 0;
}

size_t PassReport::countApplied() const {
  return llvm::count_if(findings, [](const Finding &finding) { return finding.applied; });
}

CompileResult explain(const std::string &model, const Options &options, Report &report) {
  return Explainer(model, options, report).run();
}
} // namespace pare::explain
