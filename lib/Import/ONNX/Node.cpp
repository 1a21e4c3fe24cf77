#include "Importer.h"

#include "mlir/IR/Diagnostics.h"

using namespace mlir;

namespace pare::onnx_import {
const onnx::AttributeProto *Node::attribute(StringRef name) const {
  for (const onnx::AttributeProto &attribute : proto.attribute()) {
    if (StringRef(attribute.name()) != name)
      continue;
    if (attribute.ref_attr_name().empty())
      return &attribute;
    auto it = frame.attributes.find(attribute.ref_attr_name());
    return it == frame.attributes.end() ? nullptr : it->second;
  }
  return nullptr;
}

const onnx::AttributeProto *Node::typed(StringRef name, int type) {
  const onnx::AttributeProto *found = attribute(name);
  // Files of IR version 1 may leave the type out.
  if (found && found->type() != type && found->type() != onnx::AttributeProto::UNDEFINED) {
    (void)error("attribute '" + name + "' has type " + onnx::AttributeProto::AttributeType_Name(found->type()) +
                ", expected " + onnx::AttributeProto::AttributeType_Name(onnx::AttributeProto::AttributeType(type)));
    return nullptr;
  }
  return found;
}

int64_t Node::getInt(StringRef name, int64_t fallback) {
  const onnx::AttributeProto *found = typed(name, onnx::AttributeProto::INT);
  return found ? found->i() : fallback;
}

double Node::getFloat(StringRef name, double fallback) {
  const onnx::AttributeProto *found = typed(name, onnx::AttributeProto::FLOAT);
  return found ? found->f() : fallback;
}

std::string Node::getString(StringRef name, StringRef fallback) {
  const onnx::AttributeProto *found = typed(name, onnx::AttributeProto::STRING);
  return found ? found->s() : fallback.str();
}

std::optional<SmallVector<int64_t>> Node::getInts(StringRef name) {
  const onnx::AttributeProto *found = typed(name, onnx::AttributeProto::INTS);
  if (!found)
    return std::nullopt;
  return SmallVector<int64_t>(found->ints().begin(), found->ints().end());
}

const onnx::GraphProto *Node::getGraph(StringRef name) {
  const onnx::AttributeProto *found = typed(name, onnx::AttributeProto::GRAPH);
  if (!found || !found->has_g()) {
    (void)error("attribute '" + name + "' (a graph) is missing");
    return nullptr;
  }
  return &found->g();
}

std::optional<int64_t> Node::rank(Value value) {
  if (auto type = value ? dyn_cast<RankedTensorType>(value.getType()) : nullptr)
    return type.getRank();
  return std::nullopt;
}

std::optional<int64_t> Node::needRank(Value value) {
  std::optional<int64_t> known = rank(value);
  if (!known && value)
    (void)unsupported("an input of unknown rank");
  return known;
}

int64_t Node::size(Value value, int64_t axis) {
  return mlir::cast<RankedTensorType>(value.getType()).getDimSize(unsigned(axis));
}

std::optional<int64_t> Node::getAxis(int64_t axis, Value value, int64_t extra) {
  std::optional<int64_t> r = needRank(value);
  if (!r)
    return std::nullopt;
  if (axis < -(*r + extra) || axis >= *r + extra) {
    (void)error("axis " + Twine(axis) + " is out of range for rank " + Twine(*r));
    return std::nullopt;
  }
  return axis < 0 ? axis + *r + extra : axis;
}

std::optional<SmallVector<int64_t>> Node::getAxes(ArrayRef<int64_t> axes, int64_t rank) {
  SmallVector<int64_t> result;
  for (int64_t axis : axes) {
    if (axis < -rank || axis >= rank) {
      (void)error("axis " + Twine(axis) + " is out of range for rank " + Twine(rank));
      return std::nullopt;
    }
    result.push_back(axis < 0 ? axis + rank : axis);
  }
  llvm::sort(result);
  if (std::adjacent_find(result.begin(), result.end()) != result.end()) {
    (void)error("an axis is given twice");
    return std::nullopt;
  }
  return result;
}

std::optional<SmallVector<int64_t>> Node::getConstant(Value value, StringRef what) {
  if (hasFailed || !value)
    return std::nullopt;
  if (auto ints = getConstantInts(value))
    return ints;
  if (auto partial = getPartialInts(value); partial && llvm::all_of(*partial, [](auto x) { return x.has_value(); })) {
    SmallVector<int64_t> result;
    for (std::optional<int64_t> x : *partial)
      result.push_back(*x);
    return result;
  }
  (void)unsupported(what + " that is not a constant");
  return std::nullopt;
}

namespace {
/// What an op says about its operands while this lives: part of the error for the node.
class Reason {
public:
  explicit Reason(MLIRContext *context)
      : handler(context, [this](Diagnostic &diagnostic) {
          if (text.empty() && diagnostic.getSeverity() == DiagnosticSeverity::Error)
            text = diagnostic.str();
          return success();
        }) {}
  std::string text;

private:
  ScopedDiagnosticHandler handler;
};

bool isTooLarge(Type type) {
  auto ranked = dyn_cast<RankedTensorType>(type);
  int64_t bits = 64;
  for (int64_t extent : ranked ? ranked.getShape() : ArrayRef<int64_t>())
    if (!ShapedType::isDynamic(extent) && extent != 0 && llvm::MulOverflow(bits, extent, bits))
      return true;
  return false;
}
} // namespace

Operation *Node::create(StringRef name, ValueRange operands, ArrayRef<NamedAttribute> attributes) {
  if (hasFailed)
    return nullptr;
  if (llvm::any_of(operands, [](Value v) { return !v; })) {
    (void)error("an input is missing");
    return nullptr;
  }
  OperationState state(location, name, operands, TypeRange(), attributes);
  std::optional<RegisteredOperationName> info = state.name.getRegisteredInfo();
  auto *inference = info ? info->getInterface<InferTypeOpInterface>() : nullptr;
  if (!inference) {
    (void)error("'" + name + "' is not an op of the dialect");
    return nullptr;
  }
  bool good = true;
  std::string reason;
  {
    Reason said(&importer.context);
    DictionaryAttr dictionary = state.attributes.getDictionary(&importer.context);
    size_t bytes = info->getOpPropertyByteSize();
    auto storage = std::make_unique<std::max_align_t[]>(bytes / sizeof(std::max_align_t) + 1);
    OpaqueProperties properties(bytes ? storage.get() : nullptr);
    if (bytes) {
      info->initOpProperties(properties, nullptr);
      good = succeeded(info->setOpPropertiesFromAttribute(state.name, properties, dictionary,
                                                          [&] { return mlir::emitError(location); }));
    }
    good = good && succeeded(inference->inferReturnTypes(&importer.context, location, operands, dictionary, properties,
                                                         state.regions, state.types));
    if (bytes)
      info->destroyOpProperties(properties);
    reason = said.text;
  }
  if (good && llvm::any_of(state.types, isTooLarge)) {
    good = false;
    reason = "a result is larger than the address space";
  }
  if (!good) {
    refuse(name, reason);
    return nullptr;
  }
  return verified(builder.create(state));
}

Operation *Node::verified(Operation *op) {
  std::string reason;
  {
    Reason said(&importer.context);
    if (succeeded(op->getName().verifyInvariants(op)))
      return op;
    reason = said.text;
  }
  StringRef name = op->getName().getStringRef();
  op->erase();
  refuse(name, reason);
  return nullptr;
}

void Node::refuse(StringRef opName, StringRef reason) {
  reason.consume_front(("'" + opName + "' op ").str());
  (void)error(reason.empty() ? "its inputs do not fit together" : reason);
}

Value Node::constant(Attribute value) {
  if (hasFailed)
    return {};
  return ConstantOp::create(builder, location, mlir::cast<TypedAttr>(value));
}

Value Node::shape(ArrayRef<int64_t> values) { return constant(makeInts(&importer.context, values)); }

DenseElementsAttr Node::splat(ArrayRef<int64_t> shape, Type element, double value) {
  auto type = RankedTensorType::get(shape, element);
  if (auto floating = dyn_cast<FloatType>(element)) {
    APFloat number(value);
    bool inexact;
    number.convert(floating.getFloatSemantics(), APFloat::rmNearestTiesToEven, &inexact);
    return DenseElementsAttr::get(type, number);
  }
  APSInt integer(element.getIntOrFloatBitWidth(), element.isUnsignedInteger() || element.isInteger(1));
  bool exact;
  APFloat(value).convertToInteger(integer, APFloat::rmTowardZero, &exact); // saturates
  return DenseElementsAttr::get(type, APInt(integer));
}

Value Node::cast(Value value, Type element) {
  if (hasFailed)
    return {};
  if (!value || Node::element(value) == element)
    return value;
  return make<CastOp>(value, {type("to", element)});
}

Value Node::transpose(Value value, ArrayRef<int64_t> permutation) {
  return make<TransposeOp>(value, {ints("permutation", permutation)});
}

Value Node::reshape(Value value, ArrayRef<int64_t> newShape) { return make<ReshapeOp>({value, shape(newShape)}); }

Value Node::toScalar(Value value) {
  if (!value || rank(value) == 0)
    return value;
  return reshape(value, {});
}

Value Node::dim(Value value, int64_t axis) {
  Value extents = make<ShapeOfOp>(value);
  return make<GatherOp>({extents, shape({axis})}, {i64("axis", 0)});
}

LogicalResult Node::set(ValueRange values) {
  if (hasFailed)
    return failure();
  if (llvm::any_of(values, [](Value v) { return !v; }))
    return error("it could not be imported");
  results.assign(values.begin(), values.end());
  return success();
}

LogicalResult Node::error(const Twine &message) {
  if (!hasFailed)
    importer.error(location, message);
  hasFailed = true;
  return failure();
}

LogicalResult Node::unsupported(const Twine &reason) {
  if (!hasFailed) {
    importer.unsupported(proto, location, reason);
    wasUnsupported = true;
  }
  hasFailed = true;
  return failure();
}
} // namespace pare::onnx_import
