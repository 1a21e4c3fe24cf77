#include "Importer.h"

#include "Schemas.h"
#include "Wire.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/IR/Verifier.h"
#include "pare/Import/Location.h"

using namespace mlir;

namespace pare::onnx_import {
constexpr unsigned kMaxDepth = 64; // of functions that call each other

static StringRef normalize(StringRef domain) { return domain == "ai.onnx" ? "" : domain; }

static std::string functionKey(StringRef domain, StringRef name, StringRef overload) {
  return (normalize(domain) + "::" + name + ":" + overload).str();
}

Importer::Importer(MLIRContext &context, StringRef path, StringRef bytes, bool isFile, const ImportOptions &options)
    : context(context), builder(&context), path(path), bytes(bytes), isFile(isFile), options(options),
      fileLocation(FileLineColLoc::get(&context, path, 0, 0)) {}

void Importer::error(Location location, const Twine &message) { mlir::emitError(location) << message; }

void Importer::unsupported(const onnx::NodeProto &proto, Location location, const Twine &reason) {
  std::optional<NodeOrigin> origin = getNodeOrigin(location);
  std::string text = origin ? describe(location) : "node '" + proto.name() + "'";
  StringRef domain = normalize(proto.domain());
  // Inside a body that the standard gives, name the op that the body needed as well.
  if (origin && origin->opType != StringRef(proto.op_type()))
    text += ", its " + proto.op_type();
  if (!domain.empty())
    text += " of domain '" + domain.str() + "'";
  text += ": " + reason.str();
  if (listed.insert(text).second)
    unsupportedNodes.push_back(text);
}

Location Importer::getLocation(const onnx::NodeProto &proto, const Frame &frame) {
  if (frame.location)
    return *frame.location;
  std::string name = proto.name();
  for (int i = 0; name.empty() && i < proto.output_size(); ++i)
    name = proto.output(i);
  return makeNodeLocation(context, {frame.prefix + name, proto.op_type(), path});
}

static LogicalResult readOpsets(Importer &importer, Location location,
                                const google::protobuf::RepeatedPtrField<onnx::OperatorSetIdProto> &imports,
                                llvm::StringMap<int64_t> &opsets) {
  for (const onnx::OperatorSetIdProto &import : imports) {
    // Versions of schemas are ints.
    if (import.version() < 1 || import.version() > INT32_MAX) {
      importer.error(location, "opset version " + Twine(import.version()) + " of domain '" + import.domain() +
                                   "' is out of range");
      return failure();
    }
    opsets[normalize(import.domain())] = import.version();
  }
  return success();
}

LogicalResult Importer::checkModel() {
  llvm::Expected<std::string> stripped = stripModel(bytes);
  if (!stripped) {
    error(fileLocation, "not an ONNX model: " + llvm::toString(stripped.takeError()));
    return failure();
  }
  // Protobuf would print what it dislikes; the error below says it.
  google::protobuf::LogHandler *handler = google::protobuf::SetLogHandler(nullptr);
  bool parsed = model.ParseFromString(*stripped);
  google::protobuf::SetLogHandler(handler);
  if (!parsed) {
    error(fileLocation, "not an ONNX model: its fields do not parse");
    return failure();
  }
  if (!model.has_graph()) {
    error(fileLocation, "not an ONNX model: it has no graph");
    return failure();
  }
  if (failed(readOpsets(*this, fileLocation, model.opset_import(), mainFrame.opsets)))
    return failure();
  auto opset = mainFrame.opsets.find("");
  if (opset != mainFrame.opsets.end() && opset->second < 7) {
    error(fileLocation, "the model is of opset " + Twine(opset->second) +
                            "; opsets before 7 are not supported (onnx.version_converter can convert it)");
    return failure();
  }
  for (const onnx::FunctionProto &function : model.functions())
    if (!functions.try_emplace(functionKey(function.domain(), function.name(), function.overload()), &function)
             .second) {
      error(fileLocation, "function '" + function.name() + "' is defined twice");
      return failure();
    }
  return success();
}

OwningOpRef<ModuleOp> Importer::run() {
  if (failed(checkModel()))
    return {};
  OwningOpRef<ModuleOp> module = ModuleOp::create(fileLocation);
  bool good = succeeded(importMain(*module));
  if (!unsupportedNodes.empty()) {
    std::string text;
    for (const std::string &node : unsupportedNodes)
      text += "\n  " + node;
    error(fileLocation, Twine(unsupportedNodes.size()) + (unsupportedNodes.size() == 1 ? " node is" : " nodes are") +
                            " not supported:" + text);
    good = false;
  }
  if (!good || failed(mlir::verify(*module)))
    return {};
  return module;
}

static std::optional<Value> lookup(const Scope &scope, StringRef name) { return scope.find(name); }

LogicalResult Importer::define(Scope &scope, StringRef name, Value value, Location location) {
  if (!scope.values.try_emplace(name, value).second) {
    error(location, "'" + name + "' is defined twice");
    return failure();
  }
  return success();
}

LogicalResult Importer::importInitializers(const onnx::GraphProto &graph, Scope &scope) {
  auto import = [&](const onnx::TensorProto &tensor) -> LogicalResult {
    Location location = makeNodeLocation(context, {tensor.name(), "Initializer", path});
    std::string reason;
    bool malformed = false;
    if (tensor.name().empty()) {
      error(fileLocation, "an initializer has no name");
      return failure();
    }
    FailureOr<Value> value = importTensor(tensor, location, reason, malformed);
    if (succeeded(value))
      return define(scope, tensor.name(), *value, location);
    if (malformed) {
      error(location, reason);
      return failure();
    }
    unsupported(onnx::NodeProto(), location, reason);
    return define(scope, tensor.name(), Value(), location);
  };
  for (const onnx::TensorProto &tensor : graph.initializer())
    if (failed(import(tensor)))
      return failure();
  for (const onnx::SparseTensorProto &tensor : graph.sparse_initializer()) {
    Location location = makeNodeLocation(context, {tensor.values().name(), "Initializer", path});
    unsupported(onnx::NodeProto(), location, "a sparse initializer");
    if (failed(define(scope, tensor.values().name(), Value(), location)))
      return failure();
  }
  return success();
}

static NamedAttrList signature(MLIRContext &context, const onnx::ValueInfoProto &info, Type type) {
  NamedAttrList attributes;
  attributes.append(kNameAttr, StringAttr::get(&context, info.name()));
  auto ranked = dyn_cast<RankedTensorType>(type);
  const auto &shape = info.type().tensor_type().shape();
  bool named = false;
  SmallVector<Attribute> dims;
  for (int64_t i = 0; ranked && i < ranked.getRank(); ++i) {
    StringRef name;
    if (ranked.isDynamicDim(unsigned(i)) && i < shape.dim_size() && shape.dim(int(i)).has_dim_param())
      name = shape.dim(int(i)).dim_param();
    // Some exporters write "?" for every size they do not know: that names nothing.
    if (llvm::none_of(name, llvm::isAlnum))
      name = "";
    dims.push_back(StringAttr::get(&context, name));
    named |= !name.empty();
  }
  if (named)
    attributes.append(kDimsAttr, ArrayAttr::get(&context, dims));
  return attributes;
}

LogicalResult Importer::importMain(ModuleOp module) {
  const onnx::GraphProto &graph = model.graph();
  llvm::StringSet<> initialized;
  for (const onnx::TensorProto &tensor : graph.initializer())
    initialized.insert(tensor.name());
  for (const onnx::SparseTensorProto &tensor : graph.sparse_initializer())
    initialized.insert(tensor.values().name());

  SmallVector<Type> types;
  SmallVector<Attribute> argumentAttributes;
  SmallVector<const onnx::ValueInfoProto *> inputs;
  llvm::StringSet<> overridden;
  for (const onnx::ValueInfoProto &info : graph.input()) {
    if (initialized.contains(info.name()))
      continue; // an input with a default
    FailureOr<TensorType> type = getType(info.type(), "input '" + info.name() + "'");
    if (failed(type))
      return failure();
    if (auto it = options.inputShapes.find(info.name()); it != options.inputShapes.end()) {
      SmallVector<int64_t> shape;
      for (int64_t extent : it->second)
        shape.push_back(extent < 0 ? ShapedType::kDynamic : extent);
      TensorType given = RankedTensorType::get(shape, type->getElementType());
      if (!areCompatible(TypeRange(ArrayRef<Type>{*type}), TypeRange(ArrayRef<Type>{given}))) {
        std::string declared;
        llvm::raw_string_ostream(declared) << *type;
        error(fileLocation,
              "the shape given for input '" + info.name() + "' does not fit its declared type " + declared);
        return failure();
      }
      type = meet(*type, given);
      overridden.insert(info.name());
    }
    types.push_back(*type);
    inputs.push_back(&info);
    argumentAttributes.push_back(signature(context, info, *type).getDictionary(&context));
  }
  for (const auto &[name, shape] : options.inputShapes)
    if (!overridden.contains(name)) {
      error(fileLocation, "a shape is given for input '" + name + "', which the model does not have");
      return failure();
    }

  builder.setInsertionPointToEnd(module.getBody());
  auto function = func::FuncOp::create(builder, fileLocation, "main", builder.getFunctionType(types, {}));
  Block *body = function.addEntryBlock();
  builder.setInsertionPointToEnd(body);
  Scope scope;
  for (auto [info, argument] : llvm::zip(inputs, body->getArguments()))
    if (info->name().empty() || failed(define(scope, info->name(), argument, fileLocation))) {
      if (info->name().empty())
        error(fileLocation, "an input has no name");
      return failure();
    }
  if (failed(importInitializers(graph, scope)))
    return failure();
  // Declared shapes of intermediate values no longer hold for other input shapes.
  if (options.inputShapes.empty())
    for (const auto *list : {&graph.value_info(), &graph.output()})
      for (const onnx::ValueInfoProto &info : *list)
        valueInfos[info.name()] = &info;
  if (failed(importNodes(graph.node(), scope, mainFrame)))
    return failure();

  SmallVector<Value> results;
  SmallVector<Type> resultTypes;
  SmallVector<Attribute> resultAttributes;
  bool poisoned = false;
  for (const onnx::ValueInfoProto &info : graph.output()) {
    std::optional<Value> value = lookup(scope, info.name());
    if (!value) {
      error(fileLocation, "output '" + info.name() + "' is not computed by any node");
      return failure();
    }
    if (!*value) {
      poisoned = true;
      continue;
    }
    results.push_back(*value);
    resultTypes.push_back(value->getType());
    resultAttributes.push_back(signature(context, info, value->getType()).getDictionary(&context));
  }
  if (poisoned)
    return success(); // the list of unsupported nodes says why
  func::ReturnOp::create(builder, fileLocation, results);
  function.setFunctionType(builder.getFunctionType(types, resultTypes));
  function.setArgAttrsAttr(ArrayAttr::get(&context, argumentAttributes));
  function.setResAttrsAttr(ArrayAttr::get(&context, resultAttributes));
  return success();
}

LogicalResult Importer::importNodes(const google::protobuf::RepeatedPtrField<onnx::NodeProto> &nodes, Scope &scope,
                                    const Frame &frame) {
  for (const onnx::NodeProto &proto : nodes)
    if (failed(importNode(proto, scope, frame)))
      return failure();
  return success();
}

// Of an op without function, handler or body.
static std::string whyUnsupported(StringRef domain, const std::string &opType, int64_t opset) {
  if (opset == 0)
    return "the model imports no opset of this domain and has no function of this name";
  bool isStandard = domain.empty() || domain.starts_with("ai.onnx");
  if (isStandard && !isStandardOp(domain.str(), opType, opset))
    return "opset " + std::to_string(opset) + " of the domain has no such op";
  return "the op is not supported yet";
}

LogicalResult Importer::importNode(const onnx::NodeProto &proto, Scope &scope, const Frame &frame) {
  Location location = getLocation(proto, frame);
  if (++nodes > options.maxNodes) {
    error(location, "the model expands to more than " + Twine(options.maxNodes) + " nodes");
    return failure();
  }
  StringRef domain = normalize(proto.domain());
  auto version = frame.opsets.find(domain);
  int64_t opset = version == frame.opsets.end() ? 0 : version->second;
  Node node(*this, proto, scope, frame, location, opset);
  if (proto.op_type().empty())
    return node.error("the node has no op type");

  bool poisoned = false;
  for (const std::string &name : proto.input()) {
    bool isAbsent = name.empty() || frame.absent.contains(name);
    std::optional<Value> value = isAbsent ? Value() : lookup(scope, name);
    if (!value)
      return node.error("input '" + name + "' is not defined before it is used");
    poisoned |= !isAbsent && !*value;
    node.inputs.push_back(*value);
  }
  auto poison = [&]() -> LogicalResult {
    for (const std::string &name : proto.output())
      if (!name.empty() && failed(define(scope, name, Value(), location)))
        return failure();
    return success();
  };
  if (poisoned) {
    listUnsupported(proto, frame);
    return poison();
  }

  LogicalResult outcome = failure();
  bool checkResults = true;
  if (const onnx::FunctionProto *function = findFunction(proto)) {
    outcome = callFunction(*function, node, scope, frame, /*isStandard=*/false);
  } else if (opset == 0) {
    if (domain.empty())
      return node.error("the model does not say which opset it is of");
    outcome = node.unsupported(whyUnsupported(domain, proto.op_type(), opset));
  } else if (const Registry::Entry *entry = Registry::get().find(domain, proto.op_type())) {
    size_t given = node.inputs.size();
    while (given > 0 && !node.inputs[given - 1])
      --given;
    if (given > entry->maxInputs)
      return node.error("it has " + Twine(given) + " inputs, at most " + Twine(entry->maxInputs) + " are defined");
    for (unsigned i = 0; i < entry->minInputs; ++i)
      if (!node.in(i))
        return node.error("input " + Twine(i) + " is missing");
    outcome = entry->handler(node);
  } else {
    bool found = false;
    outcome = expandStandard(node, scope, frame, found);
    if (!found)
      outcome = node.unsupported(whyUnsupported(domain, proto.op_type(), opset));
    else
      checkResults = false;
  }
  if (failed(outcome))
    return node.isUnsupported() ? poison() : failure();
  if (checkResults && proto.output_size() > int(node.results.size()))
    for (int i = int(node.results.size()); i < proto.output_size(); ++i)
      if (!proto.output(i).empty())
        return node.error("output " + Twine(i) + " ('" + proto.output(i) + "') is not defined for this op");
  if (!frame.isFunction)
    refine(node, valueInfos);
  for (int i = 0; i < proto.output_size() && i < int(node.results.size()); ++i)
    if (!proto.output(i).empty() && failed(define(scope, proto.output(i), node.results[size_t(i)], location)))
      return failure();
  return success();
}

// Sizes that the model declares and that inference could not know.
void Importer::refine(Node &node, const llvm::StringMap<const onnx::ValueInfoProto *> &infos) {
  for (int i = 0; i < node.proto.output_size() && i < int(node.results.size()); ++i) {
    auto it = infos.find(node.proto.output(i));
    Value value = node.results[size_t(i)];
    Operation *op = value ? value.getDefiningOp() : nullptr;
    if (it == infos.end() || !op || !op->getName().hasInterface<InferTypeOpInterface>() ||
        llvm::is_contained(node.inputs, value) || isa<ConstantOp>(op))
      continue;
    const auto &proto = it->second->type();
    if (!proto.has_tensor_type() || !proto.tensor_type().has_shape())
      continue;
    SmallVector<int64_t> shape;
    for (const auto &dim : proto.tensor_type().shape().dim())
      shape.push_back(dim.has_dim_value() && dim.dim_value() >= 0 ? dim.dim_value() : ShapedType::kDynamic);
    auto current = cast<TensorType>(value.getType());
    TensorType declared = RankedTensorType::get(shape, current.getElementType());
    // A declaration that conflicts with what is inferred is stale.
    if (current != declared && areCompatible(TypeRange(ArrayRef<Type>{current}), TypeRange(ArrayRef<Type>{declared})))
      value.setType(meet(current, declared));
  }
}

const onnx::FunctionProto *Importer::findFunction(const onnx::NodeProto &proto) const {
  auto it = functions.find(functionKey(proto.domain(), proto.op_type(), proto.overload()));
  return it == functions.end() ? nullptr : it->second;
}

// The frame of the body of `function`, called at `location`; its attributes are the caller's to add.
FailureOr<Frame> Importer::enter(const onnx::FunctionProto &function, Location location, const Frame &frame) {
  Frame inner;
  inner.isFunction = true;
  inner.depth = frame.depth + 1;
  if (inner.depth > kMaxDepth) {
    error(location, "functions call each other more than " + Twine(kMaxDepth) + " deep");
    return failure();
  }
  inner.location = frame.location;
  if (std::optional<NodeOrigin> origin = getNodeOrigin(location))
    inner.prefix = (origin->name + "/").str();
  if (failed(readOpsets(*this, location, function.opset_import(), inner.opsets)))
    return failure();
  for (const auto &import : frame.opsets)
    inner.opsets.try_emplace(import.getKey(), import.second);
  return inner;
}

LogicalResult Importer::callFunction(const onnx::FunctionProto &function, Node &node, const Scope &scope,
                                     const Frame &frame, bool isStandard) {
  FailureOr<Frame> entered = enter(function, node.location, frame);
  if (failed(entered))
    return failure();
  Frame &inner = *entered;
  if (isStandard)
    inner.location = node.location;

  // Attributes that the body may refer to: those of the call, then defaults.
  for (const onnx::AttributeProto &attribute : function.attribute_proto())
    inner.attributes[attribute.name()] = &attribute;
  for (const onnx::AttributeProto &attribute : node.proto.attribute())
    if (const onnx::AttributeProto *resolved = node.attribute(attribute.name()))
      inner.attributes[attribute.name()] = resolved;

  Scope local;
  if (node.inputs.size() > size_t(function.input_size()))
    return node.error("it has more inputs than its function");
  for (int i = 0; i < function.input_size(); ++i) {
    Value value = node.in(unsigned(i));
    if (!value)
      inner.absent.insert(function.input(i));
    else if (failed(define(local, function.input(i), value, node.location)))
      return node.error("its function is malformed");
  }
  if (failed(importNodes(function.node(), local, inner)))
    return failure();
  for (const std::string &name : function.output()) {
    std::optional<Value> value = lookup(local, name);
    // An optional output that this call does not use may be left out by the body.
    if (!value && node.wants(int(node.results.size())))
      return node.error("its function does not compute output '" + name + "'");
    node.results.push_back(value.value_or(Value())); // null poisons what uses it
  }
  return success();
}

static onnx::TypeProto toProto(Type type) {
  onnx::TypeProto proto;
  auto tensor = dyn_cast<TensorType>(type);
  if (!tensor)
    return proto;
  auto *out = proto.mutable_tensor_type();
  Type element = tensor.getElementType();
  using P = onnx::TensorProto;
  int kind = P::UNDEFINED;
  if (element.isF32())
    kind = P::FLOAT;
  else if (element.isF64())
    kind = P::DOUBLE;
  else if (element.isF16())
    kind = P::FLOAT16;
  else if (element.isBF16())
    kind = P::BFLOAT16;
  else if (element.isInteger(1))
    kind = P::BOOL;
  else if (element.isUnsignedInteger())
    kind = element.getIntOrFloatBitWidth() == 8    ? P::UINT8
           : element.getIntOrFloatBitWidth() == 16 ? P::UINT16
           : element.getIntOrFloatBitWidth() == 32 ? P::UINT32
                                                   : P::UINT64;
  else
    kind = element.getIntOrFloatBitWidth() == 8    ? P::INT8
           : element.getIntOrFloatBitWidth() == 16 ? P::INT16
           : element.getIntOrFloatBitWidth() == 32 ? P::INT32
                                                   : P::INT64;
  out->set_elem_type(kind);
  if (auto ranked = dyn_cast<RankedTensorType>(type)) {
    out->mutable_shape();
    for (int64_t extent : ranked.getShape()) {
      auto *dim = out->mutable_shape()->add_dim();
      if (!ShapedType::isDynamic(extent))
        dim->set_dim_value(extent);
    }
  }
  return proto;
}

LogicalResult Importer::expandStandard(Node &node, const Scope &scope, const Frame &frame, bool &found) {
  onnx::NodeProto literal = node.proto;
  literal.set_domain(normalize(literal.domain()).str());
  literal.clear_attribute();
  for (const onnx::AttributeProto &attribute : node.proto.attribute())
    if (const onnx::AttributeProto *resolved = node.attribute(attribute.name())) {
      *literal.add_attribute() = *resolved;
      literal.mutable_attribute(literal.attribute_size() - 1)->set_name(attribute.name());
    }
  std::vector<onnx::TypeProto> types;
  for (auto [i, value] : llvm::enumerate(node.inputs)) {
    types.push_back(value ? toProto(value.getType()) : onnx::TypeProto());
    if (!value)
      literal.set_input(int(i), "");
  }
  std::string reason;
  std::optional<onnx::FunctionProto> body = getStandardBody(literal, node.opset, types, reason);
  found = body || !reason.empty();
  if (!reason.empty())
    return node.error(reason);
  if (!found)
    return failure();
  Node call(*this, literal, scope, frame, node.location, node.opset);
  call.inputs = node.inputs;
  LogicalResult outcome = callFunction(*body, call, scope, frame, /*isStandard=*/true);
  node.results = call.results;
  return outcome;
}

// For a node that cannot be imported because an earlier one was not: whether it would be, as far as that is known.
void Importer::listUnsupported(const onnx::NodeProto &proto, const Frame &frame) {
  StringRef domain = normalize(proto.domain());
  auto version = frame.opsets.find(domain);
  int64_t opset = version == frame.opsets.end() ? 0 : version->second;
  if (frame.depth == kMaxDepth || ++nodes > options.maxNodes)
    return;
  if (const onnx::FunctionProto *function = findFunction(proto)) {
    FailureOr<Frame> inner = enter(*function, getLocation(proto, frame), frame);
    if (succeeded(inner))
      for (const onnx::NodeProto &part : function->node())
        listUnsupported(part, *inner);
  } else if (!Registry::get().find(domain, proto.op_type()) && !hasStandardBody(domain.str(), proto.op_type(), opset)) {
    unsupported(proto, getLocation(proto, frame), whyUnsupported(domain, proto.op_type(), opset));
  }
  for (const onnx::AttributeProto &attribute : proto.attribute())
    for (const onnx::NodeProto &inner : attribute.g().node())
      listUnsupported(inner, frame);
}

FailureOr<SmallVector<Value>> Importer::importSubgraph(const onnx::GraphProto &graph, ValueRange arguments,
                                                       const Scope &outer, const Frame &frame) {
  Scope scope;
  scope.parent = &outer;
  if (size_t(graph.input_size()) != arguments.size()) {
    error(fileLocation, "subgraph '" + graph.name() + "' has " + Twine(graph.input_size()) + " inputs, expected " +
                            Twine(arguments.size()));
    return failure();
  }
  for (int i = 0; i < graph.input_size(); ++i)
    if (failed(define(scope, graph.input(i).name(), arguments[unsigned(i)], fileLocation)))
      return failure();
  if (failed(importInitializers(graph, scope)) || failed(importNodes(graph.node(), scope, frame)))
    return failure();
  SmallVector<Value> results;
  for (const onnx::ValueInfoProto &info : graph.output()) {
    std::optional<Value> value = lookup(scope, info.name());
    if (!value) {
      error(fileLocation,
            "output '" + info.name() + "' of subgraph '" + graph.name() + "' is not computed by any node");
      return failure();
    }
    results.push_back(*value);
  }
  return results;
}
} // namespace pare::onnx_import

namespace pare {
static void loadDialects(MLIRContext &context) { context.loadDialect<PareDialect, func::FuncDialect>(); }

OwningOpRef<ModuleOp> importONNX(MLIRContext &context, StringRef path, const ImportOptions &options) {
  loadDialects(context);
  llvm::Expected<StringRef> bytes = context.getLoadedDialect<PareDialect>()->mapFile(path);
  if (!bytes) {
    mlir::emitError(FileLineColLoc::get(&context, path, 0, 0)) << llvm::toString(bytes.takeError());
    return {};
  }
  return onnx_import::Importer(context, path, *bytes, /*isFile=*/true, options).run();
}

OwningOpRef<ModuleOp> importONNXFromMemory(MLIRContext &context, StringRef bytes, StringRef name,
                                           const ImportOptions &options) {
  loadDialects(context);
  return onnx_import::Importer(context, name, bytes, /*isFile=*/false, options).run();
}
} // namespace pare
