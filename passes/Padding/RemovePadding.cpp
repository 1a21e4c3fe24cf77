// Computes only the rows of a batch that its mask keeps.
#include "Pack.h"
#include "Passes.h"
#include "mlir/Analysis/SliceAnalysis.h"
#include "mlir/IR/Remarks.h"

namespace pare {
#define GEN_PASS_DEF_REMOVEPADDING
#include "passes/Padding/Passes.h.inc"
} // namespace pare

using namespace mlir;
using namespace pare;
using namespace pare::padding;
using Use = OperandPlan::Use;

namespace {
/// What users need of a value: nothing, rows that are kept, or rows of padding too.
enum class Need { none, rows, all };

remark::RemarkOpts named() { return remark::RemarkOpts::name("remove-padding").category("padding"); }

class Remover {
public:
  Remover(func::FuncOp function, bool packedOutputs)
      : function(function), packedOutputs(packedOutputs), dims(function), exprs(dims) {}

  /// Whether a result holds valid rows alone.
  bool packsOutputs() const { return packsResults; }

  void run() {
    AttentionOp first = findMask();
    if (!first)
      return;
    RowViews views(dims, dims.sizeOf(first.getK(), 0), dims.sizeOf(first.getKeyMask(), 1));
    if (polynomial::asConstant(views.batchSize()) == 1) {
      remark::missed(first.getLoc(), named()) << remark::reason("the batch is always of one sequence");
      return;
    }
    mask.keyMask = first.getKeyMask();
    mask.rows = first.getK();
    mask.batch = exprs.variable(views.batchSize());
    mask.row = exprs.variable(views.rowSize());
    bool perSequence = polynomial::asConstant(dims.sizeOf(mask.keyMask, 0)) != 1;
    mask.valid = exprs.element(mask.keyMask, {perSequence ? mask.batch : exprs.integer({}), mask.row});
    if (mask.valid->isNumber(1))
      return;
    Planner planner(dims, exprs, views, mask);
    // What decides the rows cannot be computed on them.
    SetVector<Operation *> slice;
    if (Operation *op = mask.keyMask.getDefiningOp())
      (void)getBackwardSlice(op, &slice, inclusive());
    decide(planner, slice);
    int64_t products = 0, attentions = 0;
    for (auto &[op, plan] : plans) {
      products += isa<MatmulOp>(op);
      attentions += isa<AttentionOp>(op);
    }
    report(planner);
    if (products + attentions == 0) {
      if (!planner.plan(first) && refusals.empty())
        remark::missed(first.getLoc(), named()) << remark::reason("{0}", planner.reason);
      return;
    }
    describe(planner, slice);
    rewrite(planner, slice, first);
    remark::passed(first.getLoc(), named())
        << "rows of padding are not computed"
        << remark::metric("Proof",
                          "keys in padding have a weight of 0, and all else that is packed computes a row from "
                          "the same row of its operands alone")
        << remark::metric("attentions", attentions) << remark::metric("products", products)
        << remark::metric("ops", static_cast<int64_t>(plans.size()));
  }

private:
  static BackwardSliceOptions inclusive() {
    BackwardSliceOptions options;
    options.omitBlockArguments = true;
    options.inclusive = true;
    return options;
  }

  /// The attention whose mask says what padding is: the first one with a mask on its keys.
  AttentionOp findMask() {
    AttentionOp first, unmasked;
    function.walk([&](AttentionOp op) {
      if (op->getBlock() != &function.getBody().front())
        return;
      if (op.getKeyMask() && !first)
        first = op;
      if (!op.getKeyMask() && !unmasked)
        unmasked = op;
    });
    if (!first && unmasked)
      remark::missed(unmasked.getLoc(), named())
          << remark::reason("no attention masks its keys: every row of the input counts");
    return first;
  }

  void need(Value value, Need what) {
    Need &own = needs[value];
    own = std::max(own, what);
  }

  /// From the results back: what is needed of each value, and which ops compute on packed rows.
  void decide(Planner &planner, SetVector<Operation *> &slice) {
    Block &block = function.getBody().front();
    for (Value result : block.getTerminator()->getOperands())
      need(result, planner.views.of(result) && planner.views.sameRows(result, mask.rows) ? Need::rows : Need::all);
    for (Operation &op : llvm::reverse(block.without_terminator())) {
      Need most = Need::none;
      bool known = true;
      for (Value result : op.getResults()) {
        Need own = needs.lookup(result);
        most = std::max(most, own);
        if (own == Need::all && planPossible(planner, &op, slice)) {
          auto fill = planner.padValue(result);
          known &= fill.has_value();
          if (fill)
            fills[result] = *fill;
        } else if (own == Need::all) {
          known = false;
        }
      }
      if (most == Need::none && isMemoryEffectFree(&op))
        continue;
      if (isa<ShapeOfOp>(op))
        continue;
      if (known && !slice.contains(&op)) {
        if (std::optional<OpPlan> plan = planner.plan(&op)) {
          for (Value bias : planner.keyBiases)
            if (Operation *source = bias.getDefiningOp())
              (void)getBackwardSlice(source, &slice, inclusive());
          // A mask over pairs is looked up by places: packing its rows would only scatter them again.
          auto attention = dyn_cast<AttentionOp>(op);
          if (Value pairs = attention ? attention.getMask() : Value(); pairs && !Planner::isComputedFromRows(pairs))
            (void)getBackwardSlice(pairs.getDefiningOp(), &slice, inclusive());
          for (auto [value, one] : llvm::zip_equal(op.getOperands(), *plan)) {
            bool own = one.use == Use::packed && one.lead == 0 && planner.views.of(value) == one.view;
            bool read = one.use == Use::whole && planner.views.of(value);
            need(value, own || read ? Need::rows : Need::all);
          }
          plans[&op] = *plan;
          continue;
        }
        if (!planner.reason.empty())
          refusals.push_back({&op, planner.reason});
      }
      if (std::optional<Selection> selection = slice.contains(&op) ? std::nullopt : planner.selection(&op)) {
        need(selection->x, Need::rows);
        for (Value value : op.getOperands())
          if (value != selection->x)
            need(value, Need::all);
        // The index decides rows too.
        if (Operation *index = selection->index ? selection->index.getDefiningOp() : nullptr)
          (void)getBackwardSlice(index, &slice, inclusive());
        selections[&op] = *selection;
        continue;
      }
      auto needAll = [&](Value value) {
        // The op that first asks for rows of padding is the one to name.
        if (planner.views.of(value) && needs.lookup(value) != Need::all &&
            llvm::none_of(op.getResults(),
                          [&](Value result) { return planner.views.of(result) && needs.lookup(result) == Need::all; }))
          mixing.push_back({&op, value});
        need(value, Need::all);
      };
      for (Value value : op.getOperands())
        needAll(value);
      for (Region &region : op.getRegions())
        region.walk([&](Operation *inner) {
          for (Value value : inner->getOperands())
            if (value.getParentRegion() == &function.getBody())
              needAll(value);
        });
    }
    // A selection of what is not packed stays as it is.
    for (auto it = selections.begin(); it != selections.end();) {
      Operation *source = it->second.x.getDefiningOp();
      it = source && plans.count(source) ? std::next(it) : selections.erase(it);
    }
  }

  bool planPossible(Planner &planner, Operation *op, const SetVector<Operation *> &slice) {
    return !slice.contains(op) && planner.plan(op).has_value();
  }

  void report(Planner &planner) {
    for (auto &[op, why] : refusals)
      remark::missed(op->getLoc(), named()) << remark::reason("{0}", why);
    for (auto &[op, value] : mixing)
      if (!plans.count(value.getDefiningOp()) && Planner::isComputedFromRows(value))
        remark::missed(op->getLoc(), named())
            << remark::reason("{0} reads rows of padding, so that they are computed", op->getName().getStringRef());
  }

  /// A tensor at the front whose first size is that of the batch.
  Value batchLike(Planner &planner) {
    if (polynomial::asConstant(dims.sizeOf(mask.keyMask, 0)) == 1)
      for (BlockArgument argument : function.getArguments())
        if (rankOf(argument) > 0 && dims.sizeOf(argument, 0) == planner.views.batchSize())
          return argument;
    return mask.keyMask;
  }

  SmallVector<Selection> chosen() {
    SmallVector<Selection> all;
    for (auto &[op, selection] : selections)
      all.push_back(selection);
    return all;
  }

  SmallVector<Band> bands(const Planner &planner) {
    SmallVector<Band> all;
    if (planner.ownKeysOnly)
      all.push_back({0, 0}); // of a row of padding nothing says that it sees another key
    auto bound = [](std::optional<uint64_t> value) {
      return value ? std::optional(static_cast<int64_t>(*value)) : std::nullopt;
    };
    for (auto &[op, plan] : plans)
      if (auto attention = dyn_cast<AttentionOp>(op)) {
        Band band{bound(attention.getBandLower()), bound(attention.getBandUpper())};
        if ((band.lower || band.upper) && !llvm::is_contained(all, band))
          all.push_back(band);
      }
    return all;
  }

  /// Says which rows of arguments and results are padding, for those who check it.
  void describe(Planner &planner, const SetVector<Operation *> &slice) {
    OpBuilder builder(function);
    std::string name = (function.getName() + ".padding").str();
    auto described = func::FuncOp::create(builder, function.getLoc(), name,
                                          builder.getFunctionType(function.getArgumentTypes(), {}));
    described.setPrivate();
    Block *body = described.addEntryBlock();
    IRMapping mapping;
    mapping.map(function.getArguments(), body->getArguments());
    ImplicitLocOpBuilder inside = ImplicitLocOpBuilder::atBlockEnd(function.getLoc(), body);
    SmallVector<Operation *> ordered(slice.begin(), slice.end());
    llvm::sort(ordered, [](Operation *a, Operation *b) { return a->isBeforeInBlock(b); });
    for (Operation *op : ordered)
      inside.clone(*op, mapping);
    SmallVector<Selection> picked = chosen();
    for (Selection &selection : picked)
      selection.index = selection.index ? mapping.lookupOrDefault(selection.index) : Value();
    SmallVector<Value> biases;
    for (Value bias : planner.keyBiases)
      biases.push_back(mapping.lookupOrDefault(bias));
    KeptRows kept = emitKeptRows(inside, mapping.lookupOrDefault(mask.keyMask),
                                 mapping.lookupOrDefault(batchLike(planner)), picked, bands(planner), biases);
    func::ReturnOp::create(inside, ValueRange{kept.valid, kept.keep});
    described.setFunctionType(
        builder.getFunctionType(function.getArgumentTypes(), {kept.valid.getType(), kept.keep.getType()}));
    function->setAttr(kPaddingAttr, builder.getStringAttr(name));
    auto axes = [&](const RowView &view) { return builder.getDenseI64ArrayAttr({view.batch, view.row}); };
    Operation *terminator = function.getBody().front().getTerminator();
    for (auto [number, result] : llvm::enumerate(terminator->getOperands())) {
      auto view = planner.views.of(result);
      bool cleared = view && view->dropsBatch() && result.getDefiningOp() && plans.count(result.getDefiningOp()) &&
                     needs.lookup(result) == Need::rows;
      if (!cleared)
        continue;
      function.setResultAttr(number, kPaddingAttr, axes(*view));
      if (packedOutputs) {
        packResult(number, *view);
        packsResults = true;
      }
    }
    // What the mask, an index or an op on the whole batch reads is read everywhere.
    for (BlockArgument argument : function.getArguments()) {
      auto view = planner.views.of(argument);
      if (!view || !view->dropsBatch())
        continue;
      bool packedOnly = llvm::all_of(argument.getUsers(), [&](Operation *user) {
        return (plans.count(user) && llvm::all_of(user->getResults(), [&](Value r) { return !fills.count(r); })) ||
               isa<ShapeOfOp>(user);
      });
      bool own = needs.lookup(argument) != Need::all && packedOnly;
      if (own && llvm::none_of(slice, [&](Operation *op) { return llvm::is_contained(op->getOperands(), argument); }))
        function.setArgAttr(argument.getArgNumber(), kPaddingAttr, axes(*view));
    }
  }

  /// Says in attributes of result `number` that it holds packed rows.
  void packResult(unsigned number, const RowView &view) {
    Builder builder(function.getContext());
    function.setResultAttr(number, kPackedAttr, builder.getUnitAttr());
    auto names = function.getResultAttrOfType<ArrayAttr>(number, kDimsAttr);
    int64_t rank = rankOf(function.getBody().front().getTerminator()->getOperand(number));
    SmallVector<Attribute> packed;
    for (int64_t axis = 0; axis < rank; ++axis)
      if (axis == view.row)
        packed.push_back(builder.getStringAttr(kRowsResult));
      else if (axis != view.batch)
        packed.push_back(names ? names[axis] : Attribute(builder.getStringAttr("")));
    function.setResultAttr(number, kDimsAttr, builder.getArrayAttr(packed));
  }

  /// Results that say which rows are valid.
  void addRowResults(Value rows, Value offsets) {
    Operation *terminator = function.getBody().front().getTerminator();
    Builder builder(function.getContext());
    SmallVector<Type> types(terminator->getOperandTypes());
    for (auto [value, name, dim] : {std::tuple(rows, kRowsResult, kRowsResult), {offsets, kOffsetsResult, {""}}}) {
      terminator->insertOperands(terminator->getNumOperands(), value);
      auto attrs = builder.getDictionaryAttr(
          {builder.getNamedAttr(kNameAttr, builder.getStringAttr(name)),
           builder.getNamedAttr(kDimsAttr, builder.getStrArrayAttr(ArrayRef<StringRef>{dim}))});
      (void)function.insertResult(function.getNumResults(), value.getType(), attrs);
    }
  }

  void rewrite(Planner &planner, const SetVector<Operation *> &slice, AttentionOp first) {
    Block &block = function.getBody().front();
    // The mask and the indices of selections move to the front.
    SmallVector<Operation *> ordered(slice.begin(), slice.end());
    llvm::sort(ordered, [](Operation *a, Operation *b) { return a->isBeforeInBlock(b); });
    Operation *last = nullptr;
    for (Operation *op : ordered) {
      if (last)
        op->moveAfter(last);
      else
        op->moveBefore(&block, block.begin());
      last = op;
    }
    ImplicitLocOpBuilder builder(first.getLoc(), function.getContext());
    if (last)
      builder.setInsertionPointAfter(last);
    else
      builder.setInsertionPointToStart(&block);
    KeptRows kept =
        emitKeptRows(builder, mask.keyMask, batchLike(planner), chosen(), bands(planner), planner.keyBiases);
    Rows rows = emitRows(builder, kept, !selections.empty());
    Value validPlaces;
    if (packsResults) {
      auto valid = RowsFromMaskOp::create(builder, kept.valid);
      addRowResults(valid.getIndices(), valid.getOffsets());
      Value flags = UnsqueezeOp::create(builder, rows.valid, ArrayRef<int64_t>{0});
      validPlaces = RowsFromMaskOp::create(builder, flags).getIndices();
    }
    Packer packer(planner, rows);
    SmallVector<Operation *> body;
    for (Operation &op : block)
      body.push_back(&op);
    for (Operation *op : body) {
      if (auto plan = plans.find(op); plan != plans.end())
        packer.emit(op, plan->second);
      else if (auto selection = selections.find(op); selection != selections.end())
        packer.emit(op, selection->second);
      else if (auto shape = dyn_cast<ShapeOfOp>(op); shape && packer.isPacked(shape.getX())) {
        ImplicitLocOpBuilder at(op->getLoc(), op);
        shape.getResult().replaceAllUsesWith(packer.shape(at, shape.getX()));
      }
    }
    // What still reads the batch form gets it back.
    for (auto &[op, plan] : plans)
      for (Value result : op->getResults())
        for (OpOperand &use : llvm::make_early_inc_range(result.getUses())) {
          Operation *user = use.getOwner();
          if (plans.count(user) || selections.count(user) || isa<ShapeOfOp>(user))
            continue;
          if (user == block.getTerminator() && needs.lookup(result) != Need::all)
            use.set(function.getResultAttr(use.getOperandNumber(), kPackedAttr) ? packer.validRows(result, validPlaces)
                                                                                : packer.output(result));
          else
            use.set(packer.whole(result, fills.count(result) ? fills[result] : 0));
        }
    SmallVector<Operation *> all;
    function.walk([&](Operation *op) { all.push_back(op); });
    for (Operation *op : llvm::reverse(all))
      if (isa<PareDialect>(op->getDialect()) && isOpTriviallyDead(op))
        op->erase();
    function.setFunctionType(FunctionType::get(function.getContext(), function.getArgumentTypes(),
                                               block.getTerminator()->getOperandTypes()));
  }

  func::FuncOp function;
  bool packedOutputs, packsResults = false;
  SymbolicDims dims;
  ElementExprs exprs;
  RowMask mask;
  DenseMap<Value, Need> needs;
  llvm::MapVector<Operation *, OpPlan> plans;
  llvm::MapVector<Operation *, Selection> selections;
  DenseMap<Value, double> fills;
  SmallVector<std::pair<Operation *, std::string>> refusals;
  SmallVector<std::pair<Operation *, Value>> mixing;
};

struct RemovePadding : public pare::impl::RemovePaddingBase<RemovePadding> {
  using RemovePaddingBase::RemovePaddingBase;

  void runOnOperation() override {
    bool packed = false;
    for (auto function : llvm::to_vector(getOperation().getOps<func::FuncOp>())) {
      if (!function.isPublic() || function.isExternal() || !function.getBody().hasOneBlock())
        continue;
      Remover remover(function, packedOutputs);
      remover.run();
      packed |= remover.packsOutputs();
    }
    if (packedOutputs && !packed) {
      emitError(getOperation().getLoc())
          << "packed outputs were asked for, but there is no output whose rows of padding can be left out; `pare "
             "explain` says why";
      signalPassFailure();
    }
  }
};
} // namespace
