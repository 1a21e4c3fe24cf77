// Recurrent layers: a loop over time around parallel loops over tiles of hidden units and sequences.
//
// A tile computes all gates of its units: the products with the recurrent weights, whose panels stay in cache from step
// to step, and behind them one elementwise nest that writes the new states and the row of y. Other tiles still read the
// old hidden state then, so that each step reads a copy of it; y and the states themselves are written in place. Only a
// GRU that resets before its product needs two parallel loops.
#include "Emit.h"
#include "mlir/Dialect/Affine/IR/AffineOps.h"
#include "mlir/Dialect/Bufferization/IR/Bufferization.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/SCF/IR/SCF.h"

using namespace mlir;
using namespace pare;
using namespace pare::lowering;

/// Hidden units of a tile: those of a panel of packed weights.
static constexpr int64_t kUnits = 48;
/// Sequences of a tile: register tiles of any variant fit into it, and its sums stay in the first level of cache.
static constexpr int64_t kSequences = 36;

static Value times(Emit &e, Value a, Value b) { return arith::MulFOp::create(e, a, b); }
static Value plus(Emit &e, Value a, Value b) { return arith::AddFOp::create(e, a, b); }
static Value oneMinus(Emit &e, Value a) { return arith::SubFOp::create(e, e.number(a.getType(), 1), a); }

/// The activation of `x`, limited to [-clip, clip] first where there is one.
static Value activate(Emit &e, ActivationAttr activation, std::optional<APFloat> clip, Value x) {
  Type type = x.getType();
  auto number = [&](double value) { return e.number(type, value); };
  auto limited = [&](Value value, Value low, Value high) -> Value {
    return arith::MaximumFOp::create(e, arith::MinimumFOp::create(e, value, high), low);
  };
  if (clip)
    x = limited(x, number(-clip->convertToFloat()), number(clip->convertToFloat()));
  Value alpha = activation.getAlpha() ? number(activation.getAlpha().getValueAsDouble()) : Value();
  Value beta = activation.getBeta() ? number(activation.getBeta().getValueAsDouble()) : Value();
  auto unlessBelow = [&](Value limit, Value below) {
    return e.select(arith::CmpFOp::create(e, arith::CmpFPredicate::OLT, x, limit), below, x);
  };
  switch (activation.getKind()) {
  case ActivationKind::relu:
    return arith::MaximumFOp::create(e, x, number(0));
  case ActivationKind::tanh:
    return math::TanhOp::create(e, x);
  case ActivationKind::sigmoid:
    return emitSigmoid(e, x);
  case ActivationKind::affine:
    return plus(e, times(e, alpha, x), beta);
  case ActivationKind::leaky_relu:
    return unlessBelow(number(0), times(e, alpha, x));
  case ActivationKind::thresholded_relu:
    return unlessBelow(alpha, number(0));
  case ActivationKind::scaled_tanh:
    return times(e, alpha, math::TanhOp::create(e, times(e, beta, x)));
  case ActivationKind::hard_sigmoid:
    return limited(plus(e, times(e, alpha, x), beta), number(0), number(1));
  case ActivationKind::elu:
    return unlessBelow(number(0), times(e, alpha, math::ExpM1Op::create(e, x)));
  case ActivationKind::softsign:
    return arith::DivFOp::create(e, x, plus(e, number(1), math::AbsFOp::create(e, x)));
  case ActivationKind::softplus:
    return emitSoftplus(e, x);
  }
  llvm_unreachable("unknown activation");
}

namespace {
/// Some hidden units of some sequences at one step of one direction.
struct Tile {
  Emit &e;
  int64_t direction;
  Value step, unit, sequence; // the first ones
  OpFoldResult units, rows;   // how many
};

/// What an elementwise nest over a tile reads.
struct Inputs {
  Values values;
  SmallVector<AffineMap> maps;
};

template <typename Op> struct Lowering {
  Emit &e;
  Op op;
  typename Op::Adaptor adaptor;
  Type type = elementOf(op.getX()), wide = accumulatorOf(type);
  int64_t directions = op.getNumDirections(), hidden = cast<RankedTensorType>(op.getR().getType()).getDimSize(2);
  OpFoldResult steps = e.size(adaptor.getX(), 0), batch = e.size(adaptor.getX(), 1);
  Value x = {}, r = {}, lengths = {}; // x [T, B, D * G, H], r [D, G, H, H], lengths [B] or null
  Value parameter = {};               // peepholes [D, 3 * H] or hidden bias [D, H] in the type of sums; null without

  OpFoldResult attr(int64_t value) { return e.getIndexAttr(value); }

  void prepare() {
    if constexpr (std::is_same_v<Op, LstmOp>)
      parameter = adaptor.getPeepholes();
    if constexpr (std::is_same_v<Op, GruOp>)
      parameter = adaptor.getHiddenBias();
    if (parameter)
      parameter = e.convertFloat(parameter, wide);
    int64_t columns = directions * Op::kGates * hidden;
    auto fits = [&](Value original, int64_t axis, Value value) {
      if (value && !e.state.equal(original, axis, op.getX(), 1))
        e.check(e.eq(e.index(e.size(value, axis)), e.index(batch)),
                "a state or sequence_lens is not of the batch of x");
    };
    e.check(e.eq(e.index(e.size(adaptor.getX(), 2)), e.index(columns)), "x does not have the columns that r tells");
    fits(op.getInitialH(), 1, adaptor.getInitialH());
    if constexpr (std::is_same_v<Op, LstmOp>)
      fits(op.getInitialC(), 1, adaptor.getInitialC());
    fits(op.getSequenceLens(), 0, adaptor.getSequenceLens());
    x = e.castTo(adaptor.getX(), RankedTensorType::get({ShapedType::kDynamic, ShapedType::kDynamic, columns}, type));
    x = e.reshape(e.convertFloat(x, wide), {steps, batch, attr(directions * Op::kGates), attr(hidden)},
                  [](int64_t i, int64_t j) { return i == j && i < 2; });
    r = e.reshape(e.convertFloat(adaptor.getR(), wide),
                  {attr(directions), attr(Op::kGates), attr(hidden), attr(hidden)},
                  [](int64_t i, int64_t j) { return (i == 0 && j == 0) || (i == 2 && j == 3); });
    lengths = adaptor.getSequenceLens();
    if (!lengths)
      return;
    Value all = e.filled({}, e.boolean(true)), count = e.index(steps);
    all = e.reduce(all, 1, 0, lengths, e.getMultiDimIdentityMap(1), [&](Emit &inner, ValueRange args) {
      Value length = inner.toIndex(args[0]);
      return inner.both(args[1], inner.both(inner.le(inner.index(0), length), inner.le(length, count)));
    });
    e.check(e.extract(all, {}), "a sequence has more steps than x, or a negative number");
  }

  /// A part of a tensor, of which only the axes `kept` remain.
  Value cut(Emit &in, Value tensor, ArrayRef<OpFoldResult> offsets, ArrayRef<OpFoldResult> sizes,
            ArrayRef<int64_t> kept) {
    SmallVector<int64_t> shape;
    for (int64_t axis : kept)
      shape.push_back(constantOf(sizes[axis]).value_or(ShapedType::kDynamic));
    return tensor::ExtractSliceOp::create(in, RankedTensorType::get(shape, elementOf(tensor)), tensor, offsets, sizes,
                                          Sizes(sizes.size(), attr(1)));
  }

  /// Where the tile lies in a state [B, H] or in y [T, D, B, H].
  Sizes placeOf(Tile &tile, Value tensor) {
    Sizes place;
    if (rankOf(tensor) == 4)
      place = {tile.step, attr(tile.direction)};
    place.append({tile.sequence, tile.unit});
    return place;
  }
  Sizes extentsOf(Tile &tile, Value tensor) {
    Sizes extents(rankOf(tensor) - 2, attr(1));
    extents.append({tile.rows, tile.units});
    return extents;
  }
  Value cutState(Tile &tile, Value state) {
    int64_t rank = rankOf(state);
    return cut(tile.e, state, placeOf(tile, state), extentsOf(tile, state), {rank - 2, rank - 1});
  }

  /// [sequences, count, units] of the products of a state by R^T, for gates [first, first + count).
  Value product(Tile &tile, int64_t first, int64_t count, Value state) {
    Emit &in = tile.e;
    Value left = cut(in, state, {tile.sequence, attr(0)}, {tile.rows, attr(hidden)}, {0, 1});
    Value right = cut(in, r, {attr(tile.direction), attr(first), tile.unit, attr(0)},
                      {attr(1), attr(count), tile.units, attr(hidden)}, {1, 2, 3});
    Value zero = in.filled({tile.rows, attr(count), tile.units}, in.number(wide, 0));
    return in.reduce(
        zero, 4, 3, {left, right}, {project(in.getContext(), 4, {0, 3}), project(in.getContext(), 4, {1, 2, 3})},
        [](Emit &inner, ValueRange args) { return emitAdd(inner, args[2], emitMul(inner, args[0], args[1])); });
  }

  void read(Inputs &inputs, Value value, ArrayRef<int64_t> axes) {
    inputs.values.push_back(value);
    inputs.maps.push_back(project(e.getContext(), 2, axes));
  }
  /// For each of some gates its input and its product, beside each other.
  void readGates(Tile &tile, Inputs &inputs, int64_t first, int64_t count, Value state) {
    Value input = cut(tile.e, x, {tile.step, tile.sequence, attr(tile.direction * Op::kGates + first), tile.unit},
                      {attr(1), tile.rows, attr(count), tile.units}, {1, 2, 3});
    Value sums = product(tile, first, count, state);
    for (int64_t gate = 0; gate < count; ++gate)
      for (Value value : {input, sums}) {
        inputs.values.push_back(value);
        inputs.maps.push_back(AffineMap::get(
            2, 0, {e.getAffineDimExpr(0), e.getAffineConstantExpr(gate), e.getAffineDimExpr(1)}, e.getContext()));
      }
  }
  /// A part [H] of a parameter [D, n * H].
  void readVector(Tile &tile, Inputs &inputs, Value vector, int64_t number) {
    Value from = tile.e.add(tile.unit, tile.e.index(number * hidden));
    read(inputs, cut(tile.e, vector, {attr(tile.direction), from}, {attr(1), tile.units}, 1), 1);
  }
  void readLengths(Tile &tile, Inputs &inputs) {
    if (lengths)
      read(inputs, cut(tile.e, lengths, OpFoldResult(tile.sequence), tile.rows, 0), 0);
  }

  using Body = function_ref<Values(Emit &, ValueRange)>;

  /// An elementwise nest: `body` gets the inputs, then the old values of `outs`, and gives the new ones.
  Values map(Tile &tile, Inputs &inputs, ValueRange outs, Body body) {
    SmallVector<AffineMap> maps(inputs.maps);
    maps.append(outs.size(), e.getMultiDimIdentityMap(2));
    SmallVector<utils::IteratorType> iterators(2, utils::IteratorType::parallel);
    auto generic = linalg::GenericOp::create(tile.e, outs.getTypes(), inputs.values, outs, maps, iterators,
                                             [&](OpBuilder &builder, Location loc, ValueRange args) {
                                               Emit inner(loc, builder, e.state);
                                               linalg::YieldOp::create(inner, body(inner, args));
                                             });
    return Values(generic.getResults());
  }

  /// A parallel loop over the tiles of one step: `body` gets the parts of `shared` and gives what they become.
  Values forEachTile(Emit &in, int64_t direction, Value step, ValueRange shared,
                     function_ref<Values(Tile &, ValueRange)> body) {
    Sizes zeros(2, attr(0)), ends{attr(hidden), batch}, widths{attr(kUnits), attr(kSequences)};
    auto loop = scf::ForallOp::create(in, zeros, ends, widths, shared, std::nullopt);
    OpBuilder::InsertionGuard guard(in);
    in.setInsertionPointToStart(loop.getBody());
    Emit inner(in.getLoc(), in, e.state);
    auto extent = [&](OpFoldResult all, Value first, int64_t width) -> OpFoldResult {
      auto known = constantOf(all);
      if (known && (*known <= width || *known % width == 0))
        return attr(std::min(*known, width));
      AffineExpr from = inner.getAffineDimExpr(0), end = inner.getAffineDimExpr(1);
      AffineMap least = AffineMap::get(2, 0, {inner.getAffineConstantExpr(width), end - from}, in.getContext());
      return affine::makeComposedFoldedAffineMin(inner, inner.getLoc(), least, {OpFoldResult(first), all});
    };
    Value unit = loop.getInductionVars()[0], sequence = loop.getInductionVars()[1];
    Tile tile{
        inner, direction, step, unit, sequence, extent(ends[0], unit, kUnits), extent(ends[1], sequence, kSequences)};
    Values parts;
    for (Value out : loop.getRegionIterArgs())
      parts.push_back(cutState(tile, out));
    Values results = body(tile, parts);
    inner.setInsertionPointToStart(loop.getTerminator().getBody());
    for (auto [part, out] : llvm::zip_equal(results, loop.getRegionIterArgs()))
      tensor::ParallelInsertSliceOp::create(inner, part, out, placeOf(tile, out), extentsOf(tile, out),
                                            Sizes(rankOf(out), attr(1)));
    return Values(loop.getResults());
  }

  /// A copy that other tiles read while the state itself changes.
  Value copyOf(Emit &in, Value state) {
    return bufferization::AllocTensorOp::create(in, cast<RankedTensorType>(state.getType()), ValueRange(), state);
  }

  Value apply(Emit &inner, int64_t direction, int64_t function, Value value) {
    return activate(inner, op.getActivation(direction, function), function == 2 ? std::nullopt : op.getClip(), value);
  }

  /// The new values of y (where it is carried), the hidden state and the cell from those of a sequence that goes on;
  /// `args` end with the old ones. `length` is null where all go on.
  Values settle(Emit &inner, Value step, Value length, ValueRange args, ArrayRef<Value> states) {
    ValueRange old = args.take_back(states.size());
    Values results;
    Value goesOn = length ? inner.lt(step, inner.toIndex(length)) : Value();
    if (!op.getY().use_empty()) {
      Value row = inner.toFloat(states[0], type);
      results.push_back(goesOn ? inner.select(goesOn, row, inner.number(type, 0)) : row);
    }
    for (auto [fresh, before] : llvm::zip_equal(states, old))
      results.push_back(goesOn ? inner.select(goesOn, fresh, before) : fresh);
    return results;
  }

  /// One step: from the carried tensors (y where it is wanted, the states) to the new ones.
  Values step(Emit &in, int64_t direction, Value at, ValueRange carried) {
    Value h = carried[carried.size() - (std::is_same_v<Op, LstmOp> ? 2 : 1)];
    if constexpr (std::is_same_v<Op, GruOp>)
      return stepGru(in, direction, at, carried, h);
    Value previous = copyOf(in, h);
    return forEachTile(in, direction, at, carried, [&](Tile &tile, ValueRange parts) {
      Inputs inputs;
      readGates(tile, inputs, 0, Op::kGates, previous);
      size_t next = inputs.values.size();
      if constexpr (std::is_same_v<Op, LstmOp>)
        for (int64_t gate = 0; parameter && gate < 3; ++gate)
          readVector(tile, inputs, parameter, gate);
      readLengths(tile, inputs);
      return map(tile, inputs, parts, [&](Emit &inner, ValueRange args) {
        auto sum = [&](int64_t gate) { return plus(inner, args[2 * gate], args[2 * gate + 1]); };
        Value length = lengths ? args[inputs.values.size() - 1] : Value();
        if constexpr (std::is_same_v<Op, RnnOp>) {
          return settle(inner, at, length, args, apply(inner, direction, 0, sum(0)));
        } else if constexpr (std::is_same_v<Op, LstmOp>) {
          Value cell = args.back();
          auto seen = [&](int64_t gate, int64_t number, Value state) {
            Value value = sum(gate);
            if (parameter)
              value = plus(inner, value, times(inner, args[next + number], state));
            return apply(inner, direction, 0, value);
          };
          Value i = seen(0, 0, cell), f = op.getInputForget() ? oneMinus(inner, i) : seen(2, 2, cell);
          Value fresh = plus(inner, times(inner, f, cell), times(inner, i, apply(inner, direction, 1, sum(3))));
          Value o = seen(1, 1, fresh);
          return settle(inner, at, length, args, {times(inner, o, apply(inner, direction, 2, fresh)), fresh});
        }
        return Values();
      });
    });
  }

  /// (1 - z) * n + z * h.
  static Value blend(Emit &inner, Value z, Value n, Value h) {
    return plus(inner, times(inner, oneMinus(inner, z), n), times(inner, z, h));
  }

  Values stepGru(Emit &in, int64_t direction, Value at, ValueRange carried, Value h) {
    bool linear = false;
    if constexpr (std::is_same_v<Op, GruOp>)
      linear = op.getLinearBeforeReset();
    if (linear) {
      Value previous = copyOf(in, h);
      return forEachTile(in, direction, at, carried, [&](Tile &tile, ValueRange parts) {
        Inputs inputs;
        readGates(tile, inputs, 0, 3, previous);
        size_t next = inputs.values.size();
        if (parameter)
          readVector(tile, inputs, parameter, 0);
        readLengths(tile, inputs);
        return map(tile, inputs, parts, [&](Emit &inner, ValueRange args) {
          Value z = apply(inner, direction, 0, plus(inner, args[0], args[1]));
          Value reset = apply(inner, direction, 0, plus(inner, args[2], args[3]));
          Value product = parameter ? plus(inner, args[5], args[next]) : args[5];
          Value n = apply(inner, direction, 1, plus(inner, args[4], times(inner, reset, product)));
          return settle(inner, at, lengths ? args[inputs.values.size() - 1] : Value(), args,
                        blend(inner, z, n, args.back()));
        });
      });
    }
    // The product of the last gate needs r * h of all units: first z and r * h, then the state.
    Value none = in.empty({batch, attr(hidden)}, wide);
    Values first = forEachTile(in, direction, at, {none, none}, [&](Tile &tile, ValueRange parts) {
      Inputs inputs;
      readGates(tile, inputs, 0, 2, h);
      read(inputs, cutState(tile, h), {0, 1});
      return map(tile, inputs, parts, [&](Emit &inner, ValueRange args) {
        Value reset = apply(inner, direction, 0, plus(inner, args[2], args[3]));
        return Values{apply(inner, direction, 0, plus(inner, args[0], args[1])), times(inner, reset, args[4])};
      });
    });
    return forEachTile(in, direction, at, carried, [&](Tile &tile, ValueRange parts) {
      Inputs inputs;
      readGates(tile, inputs, 2, 1, first[1]);
      read(inputs, cutState(tile, first[0]), {0, 1});
      readLengths(tile, inputs);
      return map(tile, inputs, parts, [&](Emit &inner, ValueRange args) {
        Value n = apply(inner, direction, 1, plus(inner, args[0], args[1]));
        return settle(inner, at, lengths ? args[3] : Value(), args, blend(inner, args[2], n, args.back()));
      });
    });
  }

  /// [B, H] of an initial state [D, B, H].
  Value initial(Value state, int64_t direction) {
    if (!state)
      return e.filled({batch, attr(hidden)}, e.number(wide, 0));
    Value part = cut(e, state, {attr(direction), attr(0), attr(0)}, {attr(1), batch, attr(hidden)}, {1, 2});
    return e.convertFloat(part, wide);
  }

  /// [D, B, H] of the last states [B, H].
  Value stack(ArrayRef<Value> states) {
    Value all = e.empty({attr(directions), batch, attr(hidden)}, type);
    for (auto [direction, state] : llvm::enumerate(states))
      all = e.insert(e.convertFloat(state, type), all, {attr(direction), attr(0), attr(0)},
                     {attr(1), batch, attr(hidden)});
    return all;
  }

  Values run() {
    prepare();
    Value empty = e.empty({steps, attr(directions), batch, attr(hidden)}, type), y = empty;
    bool hasY = !op.getY().use_empty();
    SmallVector<Values> last(op->getNumResults() - 1);
    for (int64_t direction = 0; direction < directions; ++direction) {
      Values carried;
      if (hasY)
        carried.push_back(y);
      carried.push_back(initial(adaptor.getInitialH(), direction));
      if constexpr (std::is_same_v<Op, LstmOp>)
        carried.push_back(initial(adaptor.getInitialC(), direction));
      carried = e.loops({steps}, carried, [&](Emit &inner, ValueRange at, ValueRange values) {
        Value time = at[0];
        if (op.isReverse(direction))
          time = inner.sub(inner.sub(inner.index(steps), inner.index(1)), time);
        return step(inner, direction, time, values);
      });
      if (hasY)
        y = carried.front();
      for (auto [states, state] : llvm::zip_equal(last, ArrayRef(carried).take_back(last.size())))
        states.push_back(state);
    }
    Values results{y};
    for (ArrayRef<Value> states : last)
      results.push_back(stack(states));
    return results;
  }
};

template <typename Op> void add(Patterns &patterns) {
  patterns.add<Op>([](Emit &e, Op op, typename Op::Adaptor adaptor) {
    Lowering<Op> lowering{e, op, adaptor};
    return lowering.run();
  });
}
} // namespace

void lowering::addRecurrentPatterns(Patterns &patterns) {
  add<LstmOp>(patterns);
  add<GruOp>(patterns);
  add<RnnOp>(patterns);
}
