// Ops that make and move elements.
#include "Importer.h"

#include <numeric>

using namespace mlir;

namespace pare::onnx_import {
namespace {
LogicalResult importConstant(Node &node) {
  if (node.proto.attribute_size() != 1)
    return node.error("it needs exactly one value");
  std::string name = node.proto.attribute(0).name();
  const onnx::AttributeProto *given = node.attribute(name);
  if (!given)
    return node.error("its value refers to an attribute that the call does not give");
  MLIRContext *context = &node.importer.context;
  auto si64 = IntegerType::get(context, 64, IntegerType::Signed);
  auto bytes = [](const auto &data, size_t size) {
    return ArrayRef<char>(reinterpret_cast<const char *>(&data), size);
  };
  if (name == "value") {
    std::string reason;
    bool malformed = false;
    FailureOr<Value> value = node.importer.importTensor(given->t(), node.location, reason, malformed);
    if (failed(value))
      return malformed ? node.error(reason) : node.unsupported(reason);
    return node.set(*value);
  }
  if (name == "value_int") {
    int64_t value = given->i();
    return node.set(node.constant(makeConstant(RankedTensorType::get({}, si64), bytes(value, 8))));
  }
  if (name == "value_ints") {
    SmallVector<int64_t> values(given->ints().begin(), given->ints().end());
    return node.set(node.shape(values));
  }
  if (name == "value_float") {
    float value = given->f();
    return node.set(node.constant(makeConstant(RankedTensorType::get({}, Float32Type::get(context)), bytes(value, 4))));
  }
  if (name == "value_floats") {
    SmallVector<float> values(given->floats().begin(), given->floats().end());
    auto type = RankedTensorType::get({int64_t(values.size())}, Float32Type::get(context));
    return node.set(
        node.constant(makeConstant(type, {reinterpret_cast<const char *>(values.data()), values.size() * 4})));
  }
  if (name == "value_string" || name == "value_strings" || name == "sparse_value")
    return node.unsupported("a constant given by " + name);
  return node.error("unknown attribute '" + name + "'");
}

LogicalResult importConcat(Node &node) {
  if (!node.has("axis"))
    return node.error("attribute 'axis' is missing");
  Value ranked = node.in(0);
  for (Value value : node.inputs)
    if (value && Node::rank(value))
      ranked = value;
  auto axis = node.getAxis(node.getInt("axis", 0), ranked);
  return axis ? node.set(node.make<ConcatOp>(node.inputs, {node.i64("axis", *axis)})) : failure();
}

LogicalResult importSplit(Node &node) {
  auto axis = node.getAxis(node.getInt("axis", 0), node.in(0));
  if (!axis)
    return failure();
  int64_t pieces = node.proto.output_size();
  SmallVector<Value> operands = {node.in(0)};
  if (auto sizes = node.getInts("split"))
    operands.push_back(node.shape(*sizes));
  else if (node.in(1))
    operands.push_back(node.in(1));
  if (node.has("num_outputs") && node.getInt("num_outputs", 0) != pieces)
    return node.error("num_outputs differs from the number of outputs");
  Operation *op = node.makeOp<SplitOp>(operands, {node.i64("axis", *axis), node.i64("pieces", pieces)});
  return op ? node.set(op->getResults()) : failure();
}

LogicalResult importSlice(Node &node) {
  MLIRContext *context = &node.importer.context;
  Value x = node.in(0), starts = node.in(1), ends = node.in(2), steps = node.in(4);
  std::optional<SmallVector<int64_t>> axes = node.getInts("axes");
  if (node.opset < 10) {
    auto begin = node.getInts("starts"), end = node.getInts("ends");
    if (!begin || !end)
      return node.failed() ? failure() : node.error("starts or ends are missing");
    starts = node.shape(*begin);
    ends = node.shape(*end);
  } else if (!starts || !ends) {
    return node.error("starts or ends are missing");
  } else if (node.in(3)) {
    axes = node.getConstant(node.in(3), "axes");
    if (!axes)
      return failure();
  }
  if (!axes) {
    auto type = starts ? dyn_cast<RankedTensorType>(starts.getType()) : nullptr;
    if (!type || type.getRank() != 1 || type.isDynamicDim(0))
      return node.unsupported("a number of sliced axes that is not known");
    axes.emplace(size_t(type.getDimSize(0)), 0);
    std::iota(axes->begin(), axes->end(), 0);
  }
  // The op wants axes without duplicates, in the order of starts; si64 operands.
  for (int64_t &axis : *axes) {
    auto normal = node.getAxis(axis, x);
    if (!normal)
      return failure();
    axis = *normal;
  }
  if (auto check = node.getAxes(*axes, *Node::rank(x)); !check)
    return failure();
  auto si64 = IntegerType::get(context, 64, IntegerType::Signed);
  if (!steps)
    steps = node.shape(SmallVector<int64_t>(axes->size(), 1));
  if (auto known = getConstantInts(steps); known && llvm::is_contained(*known, 0))
    return node.error("a step is 0");
  return node.set(node.make<SliceOp>({x, node.cast(starts, si64), node.cast(ends, si64), node.cast(steps, si64)},
                                     {node.ints("axes", *axes)}));
}

LogicalResult importPad(Node &node) {
  static const llvm::StringMap<PadMode> modes = {
      {"constant", PadMode::constant}, {"reflect", PadMode::reflect}, {"edge", PadMode::edge}, {"wrap", PadMode::wrap}};
  Value x = node.in(0), pads = node.in(1), value = node.in(2);
  std::string name = node.getString("mode", "constant");
  auto mode = modes.find(name);
  if (mode == modes.end())
    return node.error("unknown mode '" + name + "'");
  if (node.opset < 11) {
    auto given = node.getInts("pads");
    if (!given)
      return node.failed() ? failure() : node.error("pads are missing");
    pads = node.shape(*given);
    value = node.scalar(Node::element(x), node.getFloat("value", 0));
  } else if (!pads) {
    return node.error("pads are missing");
  }
  if (node.in(3)) { // pads of some axes only
    auto rank = node.needRank(x);
    auto axes = node.getConstant(node.in(3), "axes");
    auto some = rank && axes ? node.getConstant(pads, "pads of some axes") : std::nullopt;
    if (!some)
      return failure();
    if (some->size() != axes->size() * 2)
      return node.error("pads has " + Twine(some->size()) + " entries for " + Twine(axes->size()) + " axes");
    SmallVector<int64_t> all(size_t(*rank) * 2, 0);
    for (auto [i, axis] : llvm::enumerate(*axes)) {
      auto normal = node.getAxis(axis, x);
      if (!normal)
        return failure();
      all[size_t(*normal)] = (*some)[i];
      all[size_t(*normal + *rank)] = (*some)[i + axes->size()];
    }
    pads = node.shape(all);
  }
  SmallVector<Value> operands = {x, pads};
  if (mode->second == PadMode::constant)
    operands.push_back(value ? node.toScalar(value) : node.scalar(Node::element(x), 0));
  return node.set(
      node.make<PadOp>(operands, {node.attr("mode", PadModeAttr::get(&node.importer.context, mode->second))}));
}

LogicalResult importTile(Node &node) { return node.set(node.make<TileOp>({node.in(0), node.in(1)})); }

LogicalResult importRange(Node &node) {
  return node.set(
      node.make<RangeOp>({node.toScalar(node.in(0)), node.toScalar(node.in(1)), node.toScalar(node.in(2))}));
}

LogicalResult importTrilu(Node &node) {
  SmallVector<Value> operands = {node.in(0)};
  if (node.in(1))
    operands.push_back(node.in(1));
  return node.set(node.make<TriluOp>(operands, {node.boolean("upper", node.getInt("upper", 1) != 0)}));
}

LogicalResult importCumSum(Node &node) {
  auto given = node.getConstant(node.in(1), "an axis");
  if (!given)
    return failure();
  if (given->size() != 1)
    return node.error("axis does not hold one element");
  auto axis = node.getAxis(given->front(), node.in(0));
  if (!axis)
    return failure();
  SmallVector<NamedAttribute> attributes = {node.i64("axis", *axis)};
  for (StringRef flag : {"exclusive", "reverse"})
    if (node.getInt(flag, 0) != 0)
      attributes.push_back(node.unit(flag));
  return node.set(node.make<CumSumOp>(node.in(0), attributes));
}

LogicalResult importEyeLike(Node &node) {
  Value x = node.in(0);
  auto type = dyn_cast<RankedTensorType>(x.getType());
  if (!type || type.getRank() != 2)
    return node.error("the input is not of rank 2");
  Type element =
      node.has("dtype") ? node.importer.getElementType(int32_t(node.getInt("dtype", 0))) : type.getElementType();
  if (!element)
    return node.unsupported("its element type");
  Value ones =
      node.make<FullOp>(node.make<ShapeOfOp>(x), {node.attr("value", node.splat({1}, node.builder.getF32Type(), 1))});
  auto si64 = IntegerType::get(&node.importer.context, 64, IntegerType::Signed);
  Value k = node.scalar(si64, double(node.getInt("k", 0)));
  Value upper = node.make<TriluOp>({ones, k}, {node.boolean("upper", true)});
  return node.set(node.cast(node.make<TriluOp>({upper, k}, {node.boolean("upper", false)}), element));
}
} // namespace

void addTensorHandlers(Registry &r) {
  r.add("Constant", 0, 0, importConstant);
  r.add("Concat", 1, kVariadic, importConcat);
  r.add("Split", 1, 2, importSplit);
  r.add("Slice", 1, 5, importSlice);
  r.add("Pad", 1, 4, importPad);
  r.add("Tile", 2, 2, importTile);
  r.add("Range", 3, 3, importRange);
  r.add("Trilu", 1, 2, importTrilu);
  r.add("CumSum", 2, 2, importCumSum);
  r.add("EyeLike", 1, 1, importEyeLike);
}
} // namespace pare::onnx_import
