// Attention: each query against each key of its segment.
#include "Attention.h"
#include "llvm/Support/MathExtras.h"
#include <cmath>
#include <limits>

using namespace mlir;

namespace pare::reference {

namespace {
/// Rows of queries and keys that see each other.
struct Segment {
  int64_t number, queries, keys;
  /// Rows before the first one of head 0, and elements of the masks before the first.
  int64_t queryRow, keyRow, queryMask, keyMask;
};

/// What the ops have in common once their operands are checked.
class Attention {
public:
  explicit Attention(Call &call) : call(call) {}

  template <typename OpT> llvm::Error begin(OpT op, int64_t lead) {
    const Tensor &qs = call[op.getQ()], &ks = call[op.getK()], &vs = call[op.getV()];
    auto fail = [&] {
      return call.error("q, k and v of shapes " + toString(qs.getShape()) + ", " + toString(ks.getShape()) + " and " +
                        toString(vs.getShape()) + " do not fit");
    };
    if (qs.getRank() != lead + 3 || ks.getRank() != lead + 3 || vs.getRank() != lead + 3)
      return fail();
    IndexRef a = qs.getShape(), b = ks.getShape(), c = vs.getShape();
    heads = a[lead];
    keyHeads = b[lead];
    queries = a[lead + 1];
    keys = b[lead + 1];
    depth = a[lead + 2];
    width = c[lead + 2];
    if (b[lead + 2] != depth || c[lead + 1] != keys || c[lead] != keyHeads ||
        a.take_front(lead) != b.take_front(lead) || a.take_front(lead) != c.take_front(lead) ||
        (keyHeads == 0 ? heads != 0 : heads % keyHeads != 0))
      return fail();
    q = qs.toDoubles();
    k = ks.toDoubles();
    v = vs.toDoubles();
    for (Value bias : op.getBias())
      biases.push_back(call[bias]);
    mask = op.getMask() ? call.find(op.getMask()) : nullptr;
    keyMask = op.getKeyMask() ? call.find(op.getKeyMask()) : nullptr;
    queryMask = op.getQueryMask() ? call.find(op.getQueryMask()) : nullptr;
    scale = op.getScale().convertToDouble();
    fill = op.getFill().convertToDouble();
    adds = op.getMaskMode() == MaskMode::add;
    zeroes = op.getZeroMaskedRows();
    scoreLevels = op.getScoreLevelsAttr();
    weightLevels = op.getWeightLevelsAttr();
    if (FloatAttr cap = op.getSoftcapAttr())
      softcap = cap.getValueAsDouble();
    if (IntegerAttr lower = op.getBandLowerAttr())
      bandLower = lower.getInt();
    if (IntegerAttr upper = op.getBandUpperAttr())
      bandUpper = upper.getInt();
    shape.assign(a.begin(), a.end());
    shape.back() = width;
    return call.checkSize(call.elementType(), shape);
  }

  llvm::Error beginDense(AttentionOp op) {
    if (llvm::Error error = begin(op, 1))
      return error;
    int64_t batch = shape[0];
    for (auto [tensor, rows, name] :
         {std::tuple(keyMask, keys, "key mask"), std::tuple(queryMask, queries, "query mask")})
      if (tensor && tensor->getShape() != IndexRef{batch, rows} && tensor->getShape() != IndexRef{1, rows})
        return call.error("a " + Twine(name) + " of shape " + toString(tensor->getShape()) + " for " + Twine(batch) +
                          " times " + Twine(rows) + " rows");
    auto maskStart = [](const Tensor *tensor, int64_t b, int64_t rows) {
      return tensor && tensor->getShape()[0] != 1 ? b * rows : 0;
    };
    for (int64_t b = 0; b < batch; ++b)
      segments.push_back({b, queries, keys, b * heads * queries, b * keyHeads * keys, maskStart(queryMask, b, queries),
                          maskStart(keyMask, b, keys)});
    shift = op.getAlignEnd() ? keys - queries : 0;
    return checkBroadcast(batch, queries, keys);
  }

  llvm::Error beginPacked(SegmentAttentionOp op) {
    if (llvm::Error error = begin(op, 0))
      return error;
    std::vector<int64_t> qEnds = call[op.getQOffsets()].toInts(), kEnds = call[op.getKOffsets()].toInts();
    if (qEnds.size() != kEnds.size())
      return call.error(Twine(qEnds.size()) + " offsets of queries and " + Twine(kEnds.size()) + " of keys");
    for (auto [ends, rows] : {std::pair(&qEnds, queries), std::pair(&kEnds, keys)})
      if (ends->empty() || ends->front() != 0 || ends->back() != rows || !llvm::is_sorted(*ends))
        return call.error("offsets do not ascend from 0 to " + Twine(rows));
    for (auto [operand, rows] : {std::pair(Value(op.getQPositions()), queries),
                                 {Value(op.getKPositions()), keys},
                                 {Value(op.getQueryMask()), queries},
                                 {Value(op.getKeyMask()), keys}})
      if (operand && call[operand].getShape() != IndexRef{rows})
        return call.error("an operand of shape " + toString(call[operand].getShape()) + " for " + Twine(rows) +
                          " rows");
    if (op.getQPositions())
      queryPlaces = call[op.getQPositions()].toInts();
    if (op.getKPositions())
      keyPlaces = call[op.getKPositions()].toInts();
    for (size_t n = 0; n + 1 < qEnds.size(); ++n)
      segments.push_back({static_cast<int64_t>(n), qEnds[n + 1] - qEnds[n], kEnds[n + 1] - kEnds[n], qEnds[n], kEnds[n],
                          qEnds[n], kEnds[n]});
    return checkBroadcast(segments.size(), std::nullopt, std::nullopt);
  }

  using RowFn = llvm::function_ref<void(const Segment &, int64_t head, int64_t query, int64_t row)>;
  /// Every query of every head, with its row in q and in the result.
  void forEachRow(RowFn fn) const {
    for (const Segment &segment : segments)
      for (int64_t head = 0; head < heads; ++head)
        for (int64_t i = 0; i < segment.queries; ++i)
          fn(segment, head, i, segment.queryRow + head * queries + i);
  }

  int64_t keyRow(const Segment &segment, int64_t head, int64_t j) const {
    return segment.keyRow + head / (heads / keyHeads) * keys + j;
  }
  double product(int64_t queryRow, int64_t keyRow, bool absolute) const {
    double sum = 0;
    for (int64_t d = 0; d < depth; ++d) {
      double term = q[queryRow * depth + d] * k[keyRow * depth + d];
      sum += absolute ? std::fabs(term) : term;
    }
    return sum;
  }
  bool allows(const Segment &segment, int64_t head, int64_t i, int64_t j) const {
    if ((keyMask && !keyMask->getInt(segment.keyMask + j)) || (queryMask && !queryMask->getInt(segment.queryMask + i)))
      return false;
    int64_t from = queryPlace(segment, i), to = keyPlace(segment, j), distance;
    if (mask && !mask->getInt(at(*mask, {segment.number, head, from, to})))
      return false;
    if (llvm::SubOverflow(to, from + shift, distance))
      distance = to < from ? std::numeric_limits<int64_t>::min() : std::numeric_limits<int64_t>::max();
    return (!bandLower || distance >= *bandLower) && (!bandUpper || distance <= *bandUpper);
  }
  double biasAt(const Tensor &bias, const Segment &segment, int64_t head, int64_t i, int64_t j) const {
    return bias.getDouble(at(bias, {segment.number, head, queryPlace(segment, i), keyPlace(segment, j)}));
  }

  /// The scores of one query, masked.
  std::vector<double> scoresOf(const Segment &segment, int64_t head, int64_t i, int64_t row) const {
    std::vector<double> scores(static_cast<size_t>(segment.keys));
    for (int64_t j = 0; j < segment.keys; ++j) {
      double &score = scores[j];
      score = shaped(scale * product(row, keyRow(segment, head, j), /*absolute=*/false));
      for (const Tensor &bias : biases)
        score += biasAt(bias, segment, head, i, j);
      if (!allows(segment, head, i, j))
        score = adds ? score + fill : fill;
    }
    return scores;
  }

  /// Their softmax, before it is rounded to levels.
  std::vector<double> softmaxOf(std::vector<double> scores) const {
    double top = -std::numeric_limits<double>::infinity(), sum = 0;
    for (double score : scores)
      top = maxOf(top, score);
    for (double &score : scores)
      sum += score = std::exp(score - top);
    for (double &score : scores) {
      score /= sum;
      if (zeroes && std::isnan(score))
        score = 0;
    }
    return scores;
  }

  llvm::Error run() {
    std::vector<double> result(static_cast<size_t>(reference::product(shape)));
    forEachRow([&](const Segment &segment, int64_t head, int64_t i, int64_t row) {
      std::vector<double> weights = softmaxOf(scoresOf(segment, head, i, row));
      for (double &weight : weights)
        weight = round(weight, weightLevels);
      for (int64_t j = 0; j < segment.keys; ++j)
        for (int64_t d = 0; d < width; ++d)
          result[row * width + d] += weights[j] * v[keyRow(segment, head, j) * width + d];
    });
    return call.give(Tensor::fromDoubles(call.elementType(), shape, result));
  }

  /// Sum_j p_j |v_j| (e_j + sum_i p_i e_i + (2 n + 10 + max - s_j) u + productError), e_j being what score j may be
  /// off, and no more than the values allow; a weight may be 0 in place of a subnormal number. Where levels round a
  /// weight, it may land on each of those that the exact one can reach.
  std::vector<double> bound(double u, double productError) const {
    constexpr double kSmallest = 0x1p-126;
    std::vector<double> result(static_cast<size_t>(reference::product(shape)));
    forEachRow([&](const Segment &segment, int64_t head, int64_t i, int64_t row) {
      std::vector<double> scores = scoresOf(segment, head, i, row), weights = softmaxOf(scores);
      std::vector<double> factors(weights.size());
      double shared = 0;
      for (int64_t j = 0; j < segment.keys; ++j) {
        if (!(weights[j] > 0))
          continue;
        factors[j] = scoreError(segment, head, i, j, row, u, productError);
        shared += weights[j] * factors[j];
      }
      double rounding = 2 * static_cast<double>(segment.keys) + 10;
      std::vector<double> errors(weights.size());
      for (int64_t j = 0; j < segment.keys; ++j) {
        if (!(weights[j] > 0))
          continue;
        errors[j] = weights[j] * (factors[j] + shared + (rounding - std::log(weights[j])) * u) + kSmallest;
        double weight = weights[j];
        if (weightLevels) {
          weight = round(weight, weightLevels);
          errors[j] = spread(weights[j], errors[j], weightLevels) + rounding * u * weight;
        }
        errors[j] += weight * productError;
      }
      for (int64_t d = 0; d < width; ++d) {
        double sum = 0, most = 0;
        for (int64_t j = 0; j < segment.keys; ++j) {
          double value = std::fabs(v[keyRow(segment, head, j) * width + d]);
          sum += value * errors[j];
          most = std::max(most, value);
        }
        result[row * width + d] = weightLevels ? sum : std::min(sum, 2 * most);
      }
    });
    return result;
  }

private:
  /// `x` on the nearest of `levels`, in the arithmetic of `pare.quantize`.
  static double round(double x, LevelsAttr levels) {
    if (!levels || std::isnan(x))
      return x;
    double scale = levels.getScale().getValueAsDouble(), zero = static_cast<double>(levels.getZeroPoint());
    double level = std::nearbyint(static_cast<double>(static_cast<float>(x / scale))) + zero;
    return (std::clamp(level, static_cast<double>(levels.getLow()), static_cast<double>(levels.getHigh())) - zero) *
           scale;
  }
  /// How far apart the levels are that numbers within `error` of `x` land on.
  static double spread(double x, double error, LevelsAttr levels) {
    return round(x + error, levels) - round(x - error, levels);
  }
  /// A score before biases are added.
  double shaped(double x) const { return round(softcap > 0 ? softcap * std::tanh(x / softcap) : x, scoreLevels); }

  int64_t queryPlace(const Segment &segment, int64_t i) const {
    return queryPlaces.empty() ? i : queryPlaces[segment.queryRow + i];
  }
  int64_t keyPlace(const Segment &segment, int64_t j) const {
    return keyPlaces.empty() ? j : keyPlaces[segment.keyRow + j];
  }
  /// The element at `index` of what repeats along its axes of size 1.
  static int64_t at(const Tensor &tensor, IndexRef index) {
    int64_t position = 0;
    for (auto [size, i] : llvm::zip_equal(tensor.getShape(), index))
      position = position * size + (size == 1 ? 0 : i);
    return position;
  }

  /// Checks every bias and the mask against the sizes of the scores; without sizes of rows, against their places.
  llvm::Error checkBroadcast(int64_t batch, std::optional<int64_t> rows, std::optional<int64_t> columns) const {
    SmallVector<const Tensor *> tensors;
    for (const Tensor &bias : biases)
      tensors.push_back(&bias);
    if (mask)
      tensors.push_back(mask);
    for (const Tensor *tensor : tensors) {
      IndexRef own = tensor->getShape();
      auto fits = [&](int64_t axis, int64_t size) { return own[axis] == 1 || own[axis] == size; };
      if (own.size() != 4 || !fits(0, batch) || !fits(1, heads) || (rows && !fits(2, *rows)) ||
          (columns && !fits(3, *columns)))
        return call.error("a bias or mask of shape " + toString(own) + " does not broadcast to the scores");
      for (const Segment &segment : segments) {
        auto inside = [&](int64_t axis, int64_t place) { return own[axis] == 1 || (place >= 0 && place < own[axis]); };
        for (int64_t i = 0; i < segment.queries && !rows; ++i)
          if (!inside(2, queryPlace(segment, i)))
            return call.error("position " + Twine(queryPlace(segment, i)) + " of a query is not in a bias or mask of " +
                              Twine(own[2]) + " rows");
        for (int64_t j = 0; j < segment.keys && !columns; ++j)
          if (!inside(3, keyPlace(segment, j)))
            return call.error("position " + Twine(keyPlace(segment, j)) + " of a key is not in a bias or mask of " +
                              Twine(own[3]) + " columns");
      }
    }
    return llvm::Error::success();
  }

  double scoreError(const Segment &segment, int64_t head, int64_t i, int64_t j, int64_t row, double u,
                    double productError) const {
    bool masked = !allows(segment, head, i, j);
    if (masked && !adds)
      return 0;
    double size = std::fabs(scale) * product(row, keyRow(segment, head, j), /*absolute=*/true);
    double error = (static_cast<double>(depth + 4) * u + productError) * size;
    if (softcap > 0 || scoreLevels) {
      double x = scale * product(row, keyRow(segment, head, j), /*absolute=*/false);
      if (softcap > 0) {
        x = softcap * std::tanh(x / softcap);
        error += 8 * u * std::fabs(x);
      }
      if (scoreLevels)
        error = spread(x, error, scoreLevels);
      size = std::fabs(round(x, scoreLevels));
    }
    for (const Tensor &bias : biases)
      size += std::fabs(biasAt(bias, segment, head, i, j));
    if (masked) {
      if (size + std::fabs(fill) == std::fabs(fill)) // nothing is left of the score in any type
        return 0;
      size += std::fabs(fill);
    }
    return error + static_cast<double>(4 + biases.size()) * u * size;
  }

  Call &call;
  Index shape;
  int64_t heads = 0, keyHeads = 0, queries = 0, keys = 0, depth = 0, width = 0, shift = 0;
  std::vector<double> q, k, v;
  Tensors biases;
  const Tensor *mask = nullptr, *keyMask = nullptr, *queryMask = nullptr;
  double scale = 1, fill = 0;
  bool adds = false, zeroes = false;
  double softcap = 0; // 0 for none
  LevelsAttr scoreLevels, weightLevels;
  std::optional<int64_t> bandLower, bandUpper;
  std::vector<int64_t> queryPlaces, keyPlaces;
  std::vector<Segment> segments;
};

llvm::Error begin(Attention &attention, Operation *op) {
  if (auto dense = dyn_cast<AttentionOp>(op))
    return attention.beginDense(dense);
  return attention.beginPacked(cast<SegmentAttentionOp>(op));
}

llvm::Error attend(Operation *op, Call &call) {
  Attention attention(call);
  if (llvm::Error error = begin(attention, op))
    return error;
  return attention.run();
}
} // namespace

std::vector<double> attentionBound(Operation *op, ArrayRef<Tensor> operands, double u, double productError) {
  EvaluateOptions options;
  Call call(op, operands, options, nullptr);
  Attention attention(call);
  if (llvm::Error error = begin(attention, op)) {
    llvm::consumeError(std::move(error));
    return {};
  }
  return attention.bound(u, productError);
}

void registerAttention(Registry &registry) {
  registry.add<AttentionOp>(attend);
  registry.add<SegmentAttentionOp>(attend);
}

} // namespace pare::reference
