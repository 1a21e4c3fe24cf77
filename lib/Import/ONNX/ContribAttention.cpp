// Attention and MultiHeadAttention of domain com.microsoft, as the products and the softmax that they stand for.
#include "Contrib.h"

#include <cmath>

using namespace mlir;

namespace pare::onnx_import {
namespace {
using contrib::number;

/// What both ops ask of scores.
struct Heads {
  explicit Heads(Node &node)
      : count(node.getInt("num_heads", 0)), scale(node.getFloat("scale", 0)),
        fill(node.getFloat("mask_filter_value", -10000)), isCausal(node.getInt("unidirectional", 0) != 0) {
    if (count < 1 || count > 1 << 20)
      (void)node.error("num_heads " + Twine(count) + " is out of range");
  }
  double scaleFor(Value q) const { return scale != 0 ? scale : 1 / std::sqrt(double(Node::size(q, 3))); }

  int64_t count;
  double scale, fill;
  bool isCausal;
};

/// The rows of `x` and, behind them, what `past` keeps of earlier ones, both as [B, N, S, D].
Value append(Node &node, Value past, Value x) {
  return past ? node.make<ConcatOp>({past, x}, {node.i64("axis", 2)}) : x;
}

/// The output for heads [B, N, S, D] of q and [B, N, T, D] of k and v. ONNX Runtime adds the bias to the scores first,
/// then the mask; pairs that are not causal get the lowest number, so that they stay behind masked ones.
Value attendMasked(Node &node, const Heads &heads, Value q, Value k, Value v, Value past, Value bias, Value mask,
                   bool mayBeStarts) {
  if (node.failed())
    return {};
  Type element = Node::element(q);
  if (!isa<FloatType>(element)) {
    (void)node.error("its operands are not of floats");
    return {};
  }
  Value queries = node.dim(q, 2), keys = node.dim(k, 2), batch = node.dim(q, 0);
  if (int64_t size = Node::size(q, 0); !ShapedType::isDynamic(size))
    batch = number(node, size);
  SmallVector<Value> terms;
  if (bias) {
    if (Node::rank(bias) != 4) {
      (void)node.unsupported("an attention_bias that is not of rank 4");
      return {};
    }
    terms.push_back(bias);
  }
  if (heads.isCausal) {
    Value offset = past ? node.dim(past, 2) : Value();
    terms.push_back(
        contrib::maskTerm(node, contrib::causal(node, queries, keys, offset), element, contrib::lowest(element)));
  }
  Value valid = contrib::readMask(node, mask, batch, keys, mayBeStarts);
  if (valid)
    terms.push_back(contrib::maskTerm(node, valid, element, heads.fill));
  return contrib::attend(node, q, k, v, heads.scaleFor(q), terms);
}

LogicalResult importMsAttention(Node &node) {
  Heads heads(node);
  if (node.getInt("do_rotary", 0) != 0)
    return node.unsupported("do_rotary (export the model with rotary embeddings as ops of their own)");
  if (node.getInt("past_present_share_buffer", 0) != 0 || node.in(6))
    return node.unsupported(
        "a past that shares its buffer with the present (export with past_present_share_buffer = 0)");
  Value x = node.in(0), weights = node.in(1), bias = node.in(2), past = node.in(4);
  if (auto rank = node.needRank(x); rank != 3)
    return node.failed() ? failure() : node.error("the input is not of rank 3");
  if (auto rank = node.needRank(weights); rank != 2)
    return node.failed() ? failure() : node.error("the weights are not of rank 2");
  std::optional<int64_t> width = contrib::needLast(node, weights, "a width of the weights");
  if (!width)
    return failure();
  SmallVector<int64_t> sizes(3, *width / 3);
  if (auto given = node.getInts("qkv_hidden_sizes"))
    sizes = *given;
  if (sizes.size() != 3 || llvm::any_of(sizes, [&](int64_t size) { return size < 1 || size > *width; }) ||
      sizes[0] + sizes[1] + sizes[2] != *width || sizes[0] != sizes[1])
    return node.error("weights of width " + Twine(*width) + " do not hold those of q, k and v");
  Value all = node.make<MatmulOp>({x, weights});
  if (bias)
    all = node.make<AddOp>({all, bias});
  SmallVector<Value> parts = contrib::split(node, all, sizes);
  Value q = contrib::splitHeads(node, parts[0], heads.count), k = contrib::splitHeads(node, parts[1], heads.count),
        v = contrib::splitHeads(node, parts[2], heads.count), pastKeys;
  if (past) {
    auto entry = [&](int64_t index) {
      Type si64 = IntegerType::get(&node.importer.context, 64, IntegerType::Signed);
      return node.make<GatherOp>({past, node.scalar(si64, double(index))}, {node.i64("axis", 0)});
    };
    pastKeys = entry(0);
    k = append(node, pastKeys, k);
    v = append(node, entry(1), v);
  }
  SmallVector<Value> results = {
      attendMasked(node, heads, q, k, v, pastKeys, node.in(5), node.in(3), /*mayBeStarts=*/true)};
  if (node.wants(1))
    results.push_back(node.make<ConcatOp>({contrib::unsqueeze(node, k, {0}), contrib::unsqueeze(node, v, {0})},
                                          {node.i64("axis", 0)}));
  return node.set(results);
}

/// q, k and v of MultiHeadAttention as [B, N, S, D], with their biases.
struct Operands {
  Value q, k, v;
};

/// Entry `index` of axis 3 of packed operands [B, S, N, entries, D], as [B, S, N * D].
Value unpack(Node &node, Value packed, int64_t index, int64_t heads) {
  if (node.failed())
    return {};
  int64_t depth = Node::size(packed, 4);
  if (ShapedType::isDynamic(depth) || depth > 1 << 20) {
    (void)node.unsupported("packed operands of a head size that is not known (declare the shape of the input)");
    return {};
  }
  Type si64 = IntegerType::get(&node.importer.context, 64, IntegerType::Signed);
  Value entry = node.make<GatherOp>({packed, node.scalar(si64, double(index))}, {node.i64("axis", 3)});
  return node.reshape(entry, {0, 0, heads * depth});
}

std::optional<Operands> readOperands(Node &node, int64_t heads) {
  Value query = node.in(0), key = node.in(1), value = node.in(2), bias = node.in(3);
  std::optional<int64_t> queryRank = node.needRank(query), keyRank = key ? node.needRank(key) : std::nullopt;
  if (node.failed())
    return std::nullopt;
  // A key of rank 4 is one of another attention's present: it has its bias already.
  bool isReady = keyRank == 4;
  if (queryRank == 5 && !key && !value) {
    Value packed = query;
    query = unpack(node, packed, 0, heads);
    key = unpack(node, packed, 1, heads);
    value = unpack(node, packed, 2, heads);
  } else if (queryRank == 3 && keyRank == 5 && !value) {
    value = unpack(node, key, 1, heads);
    key = unpack(node, key, 0, heads);
  } else if (queryRank != 3 || !value || (keyRank != 3 && !isReady) || Node::rank(value) != keyRank) {
    (void)node.unsupported(
        "operands of these ranks (q, k and v of rank 3, packed ones of rank 5, and k and v of rank 4 "
        "are)");
    return std::nullopt;
  }
  if (bias) {
    std::optional<int64_t> q = contrib::needLast(node, query, "a hidden size"),
                           all = contrib::needLast(node, bias, "a size of the bias");
    if (!q || !all)
      return std::nullopt;
    if (*all - *q <= *q) {
      (void)node.error("a bias of " + Twine(*all) + " elements does not hold those of q, k and v, of " + Twine(*q) +
                       " elements the first");
      return std::nullopt;
    }
    SmallVector<Value> parts = contrib::split(node, bias, {*q, *q, *all - 2 * *q});
    query = node.make<AddOp>({query, parts[0]});
    if (!isReady) {
      key = node.make<AddOp>({key, parts[1]});
      value = node.make<AddOp>({value, parts[2]});
    }
  }
  Operands operands;
  operands.q = contrib::splitHeads(node, query, heads);
  operands.k = isReady ? key : contrib::splitHeads(node, key, heads);
  operands.v = isReady ? value : contrib::splitHeads(node, value, heads);
  return node.failed() ? std::nullopt : std::optional(operands);
}

LogicalResult importMultiHeadAttention(Node &node) {
  Heads heads(node);
  Value pastKeys = node.in(6), pastValues = node.in(7);
  if (node.in(8) || node.in(9))
    return node.unsupported("a past that shares its buffer with the present, or beams (export without "
                            "past_sequence_length and cache_indirection)");
  if (node.wants(3))
    return node.unsupported("the output of weights (qk)");
  if (!pastKeys != !pastValues)
    return node.error("past_key and past_value do not go together");
  std::optional<Operands> operands = readOperands(node, heads.count);
  if (!operands)
    return failure();
  auto [q, k, v] = *operands;
  int64_t rows = Node::size(q, 2), own = Node::size(k, 2);
  // For queries of another sequence the op's documents and its kernels differ.
  if (heads.isCausal && !ShapedType::isDynamic(rows) && !ShapedType::isDynamic(own) && rows != own)
    return node.unsupported("unidirectional attention of " + Twine(rows) + " queries to " + Twine(own) + " new keys");
  k = append(node, pastKeys, k);
  v = append(node, pastValues, v);
  SmallVector<Value> results = {
      attendMasked(node, heads, q, k, v, pastKeys, node.in(5), node.in(4), /*mayBeStarts=*/false), k, v};
  return node.set(results);
}
} // namespace

void addContribAttentionHandlers(Registry &r) {
  r.add("com.microsoft::Attention", 2, 7, importMsAttention);
  r.add("com.microsoft::MultiHeadAttention", 1, 10, importMultiHeadAttention);
}
} // namespace pare::onnx_import
