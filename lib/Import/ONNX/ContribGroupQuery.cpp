// GroupQueryAttention and RotaryEmbedding of domain com.microsoft.
#include "Contrib.h"

#include <cmath>
#include <limits>

using namespace mlir;

namespace pare::onnx_import {
namespace {
using contrib::number;

/// Half of the elements that caches [positions, half] rotate.
std::optional<int64_t> readHalf(Node &node, Value cos, Value sin) {
  if (Node::rank(cos) != 2 || Node::rank(sin) != 2) {
    (void)node.error("cos_cache or sin_cache is not of rank 2");
    return std::nullopt;
  }
  std::optional<int64_t> half = contrib::needLast(node, cos, "a width of cos_cache");
  if (half && *half < 1) {
    (void)node.error("cos_cache is empty");
    return std::nullopt;
  }
  return half;
}

/// Rows of a cache at positions [S] or [B, S], as [S, half] or [B, 1, S, half].
Value pickRows(Node &node, Value cache, Value positions) {
  Value rows = node.make<GatherOp>({cache, positions}, {node.i64("axis", 0)});
  if (node.failed() || *Node::rank(rows) == 2)
    return rows;
  return contrib::unsqueeze(node, rows, {1});
}

LogicalResult importRotaryEmbedding(Node &node) {
  if (node.getInt("is_packed_batching", 0) != 0)
    return node.unsupported("is_packed_batching");
  if (double scale = node.getFloat("scale", 1); scale != 1)
    return node.unsupported("a scale of " + Twine(std::to_string(scale)) +
                            " (ONNX Runtime's kernels do not agree on it)");
  Value x = node.in(0), positions = node.in(1);
  std::optional<int64_t> half = readHalf(node, node.in(2), node.in(3)), rank = node.needRank(x),
                         positionRank = node.needRank(positions);
  if (!half || !rank || !positionRank)
    return failure();
  if (*rank != 3 && *rank != 4)
    return node.error("the input is of rank " + Twine(*rank) + ", expected 3 or 4");
  if (*positionRank != 1 && *positionRank != 2)
    return node.error("position_ids are of rank " + Twine(*positionRank) + ", expected 1 or 2");
  int64_t heads = node.getInt("num_heads", 0), dim = node.getInt("rotary_embedding_dim", 0);
  if (dim != 0 && heads < 1)
    return node.error("rotary_embedding_dim is given without num_heads");
  if (dim != 0 && dim != 2 * *half)
    return node.error("rotary_embedding_dim is " + Twine(dim) + " for caches of width " + Twine(*half));
  bool flat = *rank == 3;
  Value heads4 = x;
  if (flat) {
    std::optional<int64_t> width = contrib::needLast(node, x, "a hidden size");
    if (!width)
      return failure();
    if (dim == 0 && *width % (2 * *half) != 0)
      return node.error("the caches of width " + Twine(*half) + " do not fit a hidden size of " + Twine(*width));
    heads4 = contrib::splitHeads(node, x, dim == 0 ? *width / (2 * *half) : heads);
  } else if (dim == 0 && Node::size(x, 3) != 2 * *half) {
    return node.error("the caches of width " + Twine(*half) + " do not fit the head size");
  }
  // One position is that of the first row.
  if (*positionRank == 1)
    positions = node.make<AddOp>({contrib::range(node, node.dim(heads4, 2)), contrib::toInt(node, positions)});
  Value result = contrib::rotate(node, heads4, pickRows(node, node.in(2), positions),
                                 pickRows(node, node.in(3), positions), *half, node.getInt("interleaved", 0) != 0);
  return node.set(flat ? contrib::joinHeads(node, result) : result);
}

/// What GroupQueryAttention asks for that is refused: the reason, or nothing.
std::string whyNotGroupQuery(Node &node) {
  if (node.getInt("smooth_softmax", -1) > 0 || node.in(11))
    return "a sink in the softmax (smooth_softmax, head_sink)";
  if (node.getInt("qk_output", 0) != 0 || node.wants(3))
    return "the output of scores or weights (qk_output)";
  if (node.in(12) || node.in(13) || node.getString("k_quant_type", "NONE") != "NONE" ||
      node.getString("v_quant_type", "NONE") != "NONE" || node.getInt("kv_cache_bit_width", 0) != 0)
    return "a quantised cache (export with one of floats)";
  if (node.getInt("sliding_window_cache", 0) != 0)
    return "a cache of the size of the window (export with sliding_window_cache = 0)";
  if (node.in(16))
    return "query_seqlens";
  if (node.in(9))
    return "position_ids (leave them out: positions are those of the cache)";
  return "";
}

struct GroupQuery {
  explicit GroupQuery(Node &node) : node(node) {}

  LogicalResult run();

private:
  bool readOperands();
  Value normalise(Value x, Value weight, StringRef epsilon);
  void readSizes();
  Value present(Value past, Value x);
  Value allowed();
  Value repeat(Value x);

  Node &node;
  int64_t heads = 0, groups = 0;
  Value q, k, v;         // [B, heads or groups, S, D]
  Value queries, keys;   // sizes S and C
  Value lengths, before; // [B, 1]: keys that a sequence has, and those in front of its queries (null for none)
  Value pastSize;        // of the cache that is given
};

bool GroupQuery::readOperands() {
  heads = node.getInt("num_heads", 0);
  groups = node.getInt("kv_num_heads", 0);
  if (heads < 1 || groups < 1 || heads > 1 << 20 || heads % groups != 0) {
    (void)node.error("kv_num_heads " + Twine(groups) + " does not divide num_heads " + Twine(heads));
    return false;
  }
  Value query = node.in(0), key = node.in(1), value = node.in(2);
  if (Node::rank(query) != 3 || (key && Node::rank(key) != 3) || (value && Node::rank(value) != 3)) {
    (void)node.unsupported("a query, key or value that is not of rank 3");
    return false;
  }
  if (!key != !value) {
    (void)node.error("key and value do not go together");
    return false;
  }
  if (!key) {
    std::optional<int64_t> width = contrib::needLast(node, query, "a hidden size");
    if (!width)
      return false;
    if (*width % (heads + 2 * groups) != 0) {
      (void)node.error("a width of " + Twine(*width) + " does not hold " + Twine(heads) + " heads of q and " +
                       Twine(groups) + " of k and v");
      return false;
    }
    int64_t depth = *width / (heads + 2 * groups);
    SmallVector<Value> parts = contrib::split(node, query, {heads * depth, groups * depth, groups * depth});
    query = parts[0];
    key = parts[1];
    value = parts[2];
  }
  q = contrib::splitHeads(node, query, heads);
  k = contrib::splitHeads(node, key, groups);
  v = contrib::splitHeads(node, value, groups);
  if (node.failed())
    return false;
  int64_t rows = Node::size(q, 2), own = Node::size(k, 2);
  if (!ShapedType::isDynamic(rows) && !ShapedType::isDynamic(own) && rows != own) {
    (void)node.unsupported("attention of " + Twine(rows) + " queries to " + Twine(own) + " new keys");
    return false;
  }
  return true;
}

Value GroupQuery::normalise(Value x, Value weight, StringRef epsilon) {
  double value = node.getFloat(epsilon, node.getFloat("qk_norm_epsilon", 1e-6f));
  return node.make<RmsNormOp>({x, weight}, {node.i64("axis", 3), node.f32("epsilon", value)});
}

void GroupQuery::readSizes() {
  queries = keys = node.dim(q, 2);
  Value counts = node.make<AddOp>({contrib::toInt(node, node.in(5)), number(node, 1)}); // seqlens_k is one less
  lengths = contrib::unsqueeze(node, counts, {1});
  if (!node.in(3))
    return;
  pastSize = node.dim(node.in(3), 2);
  keys = node.make<MaxOp>({pastSize, node.reshape(contrib::toInt(node, node.in(6)), {1})});
  before = node.make<MaxOp>({node.make<SubOp>({lengths, queries}), number(node, 0)});
}

/// What `past` [B, N, P, D] keeps of each sequence, then the new rows `x`, then anything: [B, N, C, D].
Value GroupQuery::present(Value past, Value x) {
  if (!past)
    return x;
  Value one = number(node, 1), column = contrib::range(node, keys);
  Value kept = node.make<MinOp>({column, node.make<SubOp>({pastSize, one})});
  Value added = node.make<MinOp>({node.make<SubOp>({column, before}), node.make<SubOp>({queries, one})});
  Value index = node.make<WhereOp>(
      {contrib::compare(node, column, before, CompareKind::lt), kept, node.make<AddOp>({added, pastSize})});
  Value all = node.transpose(node.make<ConcatOp>({past, x}, {node.i64("axis", 2)}), {0, 2, 1, 3});
  Value rows = node.make<GatherNdOp>({all, contrib::unsqueeze(node, index, {2})}, {node.i64("batch_dims", 1)});
  return node.transpose(rows, {0, 2, 1, 3});
}

/// Which keys each query sees: i1 [B, 1, S, C].
Value GroupQuery::allowed() {
  auto perBatch = [&](Value x) { return contrib::unsqueeze(node, x, {1, 2}); }; // [B, 1] to [B, 1, 1, 1]
  Value column = contrib::range(node, keys);
  Value valid = contrib::compare(node, column, perBatch(lengths), CompareKind::lt);
  if (node.getInt("causal", 1) == 0)
    return valid;
  Value row = contrib::unsqueeze(node, contrib::range(node, queries), {1});
  if (before)
    row = node.make<AddOp>({row, perBatch(before)});
  valid = node.make<AndOp>({valid, contrib::compare(node, column, row, CompareKind::le)});
  if (int64_t window = node.getInt("local_window_size", -1); window >= 0)
    valid = node.make<AndOp>(
        {valid, contrib::compare(node, column, node.make<SubOp>({row, number(node, window)}), CompareKind::gt)});
  return valid;
}

/// Each head of k or v once for every head of q that reads it.
Value GroupQuery::repeat(Value x) {
  if (heads == groups || node.failed())
    return x;
  Value copies = node.make<ExpandOp>({contrib::unsqueeze(node, x, {2}), node.shape({1, 1, heads / groups, 1, 1})});
  if (node.failed())
    return {};
  Value shape = node.make<ConcatOp>(
      {node.dim(x, 0), number(node, heads), node.dim(x, 2), number(node, Node::size(x, 3))}, {node.i64("axis", 0)});
  return node.make<ReshapeOp>({copies, shape}, {node.unit("allow_zero")});
}

LogicalResult GroupQuery::run() {
  if (std::string why = whyNotGroupQuery(node); !why.empty())
    return node.unsupported(why);
  if (!node.in(3) != !node.in(4))
    return node.error("past_key and past_value do not go together");
  if (!node.in(14) != !node.in(15))
    return node.error("q_norm_weight and k_norm_weight do not go together");
  double cap = node.getFloat("softcap", 0);
  if (!readOperands())
    return failure();
  if (node.in(14)) {
    q = normalise(q, node.in(14), "q_norm_epsilon");
    k = normalise(k, node.in(15), "k_norm_epsilon");
  }
  if (node.needRank(node.in(5)) != 1)
    return node.failed() ? failure() : node.error("seqlens_k is missing or not of rank 1");
  readSizes();
  if (node.getInt("do_rotary", 0) != 0) {
    if (!node.in(7) || !node.in(8))
      return node.error("do_rotary needs cos_cache and sin_cache");
    std::optional<int64_t> half = readHalf(node, node.in(7), node.in(8));
    if (!half)
      return failure();
    Value positions = contrib::range(node, queries);
    if (before)
      positions = node.make<AddOp>({positions, before});
    Value cos = pickRows(node, node.in(7), positions), sin = pickRows(node, node.in(8), positions);
    bool interleaved = node.getInt("rotary_interleaved", 0) != 0;
    q = contrib::rotate(node, q, cos, sin, *half, interleaved);
    k = contrib::rotate(node, k, cos, sin, *half, interleaved);
  }
  k = present(node.in(3), k);
  v = present(node.in(4), v);
  if (node.failed())
    return failure();
  Type element = Node::element(q);
  double scale = node.getFloat("scale", 0);
  if (scale == 0)
    scale = 1 / std::sqrt(double(Node::size(q, 3)));
  Value scores = node.make<MulOp>(
      {node.make<MatmulOp>({q, node.transpose(repeat(k), {0, 1, 3, 2})}), node.scalar(element, scale)});
  if (cap > 0) {
    Value limit = node.scalar(element, cap);
    scores = node.make<MulOp>({node.make<TanhOp>(node.make<DivOp>({scores, limit})), limit});
  }
  if (node.in(10))
    scores = node.make<AddOp>({scores, node.in(10)});
  scores = node.make<WhereOp>({allowed(), scores, node.scalar(element, -std::numeric_limits<double>::infinity())});
  Value weights = node.make<SoftmaxOp>(scores, {node.i64("axis", 3)});
  // A window may lie behind the end of its sequence: the row of such a query is 0.
  if (node.getInt("local_window_size", -1) >= 0)
    weights = node.make<WhereOp>({node.make<IsNanOp>(weights), node.scalar(element, 0), weights});
  Value output = contrib::joinHeads(node, node.make<MatmulOp>({weights, repeat(v)}));
  return node.set({output, k, v});
}

LogicalResult importGroupQueryAttention(Node &node) { return GroupQuery(node).run(); }
} // namespace

void addContribGroupQueryHandlers(Registry &r) {
  r.add("com.microsoft::GroupQueryAttention", 1, 17, importGroupQueryAttention);
  r.add("com.microsoft::RotaryEmbedding", 4, 4, importRotaryEmbedding);
}
} // namespace pare::onnx_import
