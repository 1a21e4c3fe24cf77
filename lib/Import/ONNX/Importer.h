// The walk over an ONNX graph, and what a handler of an op sees of its node.
#ifndef PARE_IMPORT_ONNX_IMPORTER_H
#define PARE_IMPORT_ONNX_IMPORTER_H

#include "Proto.h"
#include "mlir/IR/Builders.h"
#include "mlir/IR/BuiltinOps.h"
#include "pare/Dialect/Pare.h"
#include "pare/Import/Import.h"
#include "llvm/ADT/StringMap.h"
#include "llvm/ADT/StringSet.h"

namespace pare::onnx_import {
class Node;

/// Imports one node: reads its inputs and attributes and sets its results. Failure is reported through the Node.
using Handler = llvm::LogicalResult (*)(Node &node);

/// Handlers by op type. The standard domain has no prefix, others read "domain::Op".
class Registry {
public:
  struct Entry {
    Handler handler;
    unsigned minInputs, maxInputs;
  };
  /// The first `minInputs` inputs must be present; a node with more than `maxInputs` is malformed.
  void add(llvm::StringRef opType, unsigned minInputs, unsigned maxInputs, Handler handler) {
    entries[opType] = {handler, minInputs, maxInputs};
  }
  const Entry *find(llvm::StringRef domain, llvm::StringRef opType) const;
  static const Registry &get();

private:
  llvm::StringMap<Entry> entries;
};
inline constexpr unsigned kVariadic = ~0u;

// One per theme; Registry.cpp calls them all.
void addElementwiseHandlers(Registry &registry);
void addTensorHandlers(Registry &registry);
void addShapeHandlers(Registry &registry);
void addIndexHandlers(Registry &registry);
void addContractionHandlers(Registry &registry);
void addRecurrentHandlers(Registry &registry);
void addReduceHandlers(Registry &registry);
void addWindowHandlers(Registry &registry);
void addResizeHandlers(Registry &registry);
void addNormHandlers(Registry &registry);
void addQuantHandlers(Registry &registry);
/// A convolution with the attributes of `node`; null after an error was reported. `bias` may be null.
mlir::Value makeConv(Node &node, mlir::Value x, mlir::Value weight, mlir::Value bias);
void addControlHandlers(Registry &registry);
void addContribAttentionHandlers(Registry &registry);
void addContribGroupQueryHandlers(Registry &registry);
void addContribNormHandlers(Registry &registry);
void addContribFusedHandlers(Registry &registry);

/// Values by name. A null value stands for the result of a node that could not be imported.
struct Scope {
  const Scope *parent = nullptr;
  llvm::StringMap<mlir::Value> values;

  std::optional<mlir::Value> find(llvm::StringRef name) const {
    for (const Scope *scope = this; scope; scope = scope->parent)
      if (auto it = scope->values.find(name); it != scope->values.end())
        return it->second;
    return std::nullopt;
  }
};

/// What is fixed while the nodes of one model or function body are imported.
struct Frame {
  llvm::StringMap<int64_t> opsets;
  llvm::StringMap<const onnx::AttributeProto *> attributes; ///< what ref_attr_name may name
  llvm::StringSet<> absent; ///< optional inputs of the function that this call leaves out
  bool isFunction = false;
  std::string prefix;                     ///< of node names, e.g. "layer0/" inside a call of that name
  std::optional<mlir::Location> location; ///< of every node, in a body that the standard gives
  unsigned depth = 0;
};

class Importer {
public:
  Importer(mlir::MLIRContext &context, llvm::StringRef path, llvm::StringRef bytes, bool isFile,
           const ImportOptions &options);
  mlir::OwningOpRef<mlir::ModuleOp> run();

  /// Imports the nodes of a subgraph at the builder's insertion point. `arguments` are bound to its inputs; the values
  /// of its outputs are returned. A graph with a poisoned output gives failure.
  mlir::FailureOr<llvm::SmallVector<mlir::Value>>
  importSubgraph(const onnx::GraphProto &graph, mlir::ValueRange arguments, const Scope &outer, const Frame &frame);

  /// A constant for `tensor`, or failure with `reason` set.
  mlir::FailureOr<mlir::Value> importTensor(const onnx::TensorProto &tensor, mlir::Location location,
                                            std::string &reason, bool &malformed);

  mlir::Type getElementType(int32_t dataType); ///< null when the dialect has no such type
  void error(mlir::Location location, const llvm::Twine &message);
  void unsupported(const onnx::NodeProto &node, mlir::Location location, const llvm::Twine &reason);

  mlir::MLIRContext &context;
  mlir::OpBuilder builder;

private:
  llvm::LogicalResult checkModel();
  llvm::LogicalResult importMain(mlir::ModuleOp module);
  llvm::LogicalResult importInitializers(const onnx::GraphProto &graph, Scope &scope);
  llvm::LogicalResult importNodes(const google::protobuf::RepeatedPtrField<onnx::NodeProto> &nodes, Scope &scope,
                                  const Frame &frame);
  llvm::LogicalResult importNode(const onnx::NodeProto &proto, Scope &scope, const Frame &frame);
  llvm::LogicalResult callFunction(const onnx::FunctionProto &function, Node &node, const Scope &scope,
                                   const Frame &frame, bool isStandard);
  llvm::LogicalResult expandStandard(Node &node, const Scope &scope, const Frame &frame, bool &found);
  void listUnsupported(const onnx::NodeProto &proto, const Frame &frame);
  llvm::FailureOr<Frame> enter(const onnx::FunctionProto &function, mlir::Location location, const Frame &frame);
  llvm::LogicalResult define(Scope &scope, llvm::StringRef name, mlir::Value value, mlir::Location location);
  mlir::Location getLocation(const onnx::NodeProto &proto, const Frame &frame);
  mlir::FailureOr<mlir::TensorType> getType(const onnx::TypeProto &proto, const llvm::Twine &what);
  const onnx::FunctionProto *findFunction(const onnx::NodeProto &proto) const;
  void refine(Node &node, const llvm::StringMap<const onnx::ValueInfoProto *> &infos);
  llvm::Expected<std::string> resolveExternalPath(llvm::StringRef location) const;

  std::string path;
  llvm::StringRef bytes;
  bool isFile;
  const ImportOptions &options;
  mlir::Location fileLocation;
  onnx::ModelProto model;
  Frame mainFrame;
  llvm::StringMap<const onnx::FunctionProto *> functions;
  llvm::StringMap<const onnx::ValueInfoProto *> valueInfos;
  std::vector<std::string> unsupportedNodes;
  llvm::StringSet<> listed;
  uint64_t nodes = 0; ///< imported so far
};

/// One node, as its handler sees it. After a failed step every further step fails too, so that handlers need not check
/// each one: `return node.set(a)` at the end reports it.
class Node {
public:
  Node(Importer &importer, const onnx::NodeProto &proto, const Scope &scope, const Frame &frame,
       mlir::Location location, int64_t opset)
      : importer(importer), builder(importer.builder), proto(proto), scope(scope), frame(frame), location(location),
        opset(opset) {}

  Importer &importer;
  mlir::OpBuilder &builder;
  const onnx::NodeProto &proto;
  const Scope &scope;
  const Frame &frame;
  mlir::Location location;
  int64_t opset; ///< of the node's domain
  llvm::SmallVector<mlir::Value> inputs;
  llvm::SmallVector<mlir::Value> results;

  /// Null for an absent optional input.
  mlir::Value in(unsigned i) const { return i < inputs.size() ? inputs[i] : mlir::Value(); }
  /// Whether the model uses output `i`.
  bool wants(int i) const { return i < proto.output_size() && !proto.output(i).empty(); }

  // Attributes, with references to those of an enclosing function resolved. A wrong type is an error.
  const onnx::AttributeProto *attribute(llvm::StringRef name) const;
  bool has(llvm::StringRef name) const { return attribute(name) != nullptr; }
  int64_t getInt(llvm::StringRef name, int64_t fallback);
  double getFloat(llvm::StringRef name, double fallback);
  std::string getString(llvm::StringRef name, llvm::StringRef fallback);
  std::optional<llvm::SmallVector<int64_t>> getInts(llvm::StringRef name);
  const onnx::GraphProto *getGraph(llvm::StringRef name);

  // Types.
  /// Null for the null value of a failed step.
  static mlir::Type element(mlir::Value value) {
    return value ? mlir::getElementTypeOrSelf(value.getType()) : mlir::Type();
  }
  static std::optional<int64_t> rank(mlir::Value value);
  /// The rank, which the handler cannot do without.
  std::optional<int64_t> needRank(mlir::Value value);
  /// A static size, or kDynamic.
  static int64_t size(mlir::Value value, int64_t axis);
  /// `axis` in [0, rank + extra), from a value that may count from the end.
  std::optional<int64_t> getAxis(int64_t axis, mlir::Value value, int64_t extra = 0);
  /// Sorted axes in [0, rank), without duplicates.
  std::optional<llvm::SmallVector<int64_t>> getAxes(llvm::ArrayRef<int64_t> axes, int64_t rank);
  /// The elements of a constant integer input; `what` is unsupported otherwise.
  std::optional<llvm::SmallVector<int64_t>> getConstant(mlir::Value value, llvm::StringRef what);

  // Ops. Null when an operand is null or the op refuses its operands; the reason has then been reported.
  template <typename Op>
  mlir::Value make(mlir::ValueRange operands, llvm::ArrayRef<mlir::NamedAttribute> attributes = {}) {
    mlir::Operation *op = create(Op::getOperationName(), operands, attributes);
    return op ? op->getResult(0) : mlir::Value();
  }
  template <typename Op>
  mlir::Operation *makeOp(mlir::ValueRange operands, llvm::ArrayRef<mlir::NamedAttribute> attributes = {}) {
    return create(Op::getOperationName(), operands, attributes);
  }
  mlir::NamedAttribute attr(llvm::StringRef name, mlir::Attribute value) { return builder.getNamedAttr(name, value); }
  mlir::NamedAttribute i64(llvm::StringRef name, int64_t value) { return attr(name, builder.getI64IntegerAttr(value)); }
  mlir::NamedAttribute f32(llvm::StringRef name, double value) {
    return attr(name, builder.getF32FloatAttr(float(value)));
  }
  mlir::NamedAttribute boolean(llvm::StringRef name, bool value) { return attr(name, builder.getBoolAttr(value)); }
  mlir::NamedAttribute ints(llvm::StringRef name, llvm::ArrayRef<int64_t> values) {
    return attr(name, builder.getDenseI64ArrayAttr(values));
  }
  mlir::NamedAttribute unit(llvm::StringRef name) { return attr(name, builder.getUnitAttr()); }
  mlir::NamedAttribute type(llvm::StringRef name, mlir::Type value) { return attr(name, mlir::TypeAttr::get(value)); }
  mlir::NamedAttribute segments(llvm::ArrayRef<int32_t> sizes) {
    return attr("operandSegmentSizes", builder.getDenseI32ArrayAttr(sizes));
  }
  mlir::Value constant(mlir::Attribute value);
  /// A rank-1 si64 constant.
  mlir::Value shape(llvm::ArrayRef<int64_t> values);
  /// A constant of `type` with `value` everywhere.
  mlir::DenseElementsAttr splat(mlir::ArrayRef<int64_t> shape, mlir::Type element, double value);
  mlir::Value scalar(mlir::Type element, double value) {
    return hasFailed ? mlir::Value() : constant(splat({}, element, value));
  }
  mlir::Value cast(mlir::Value value, mlir::Type element);
  mlir::Value transpose(mlir::Value value, llvm::ArrayRef<int64_t> permutation);
  /// Reshape to constants, 0 copying the dimension of that position.
  mlir::Value reshape(mlir::Value value, llvm::ArrayRef<int64_t> shape);
  /// A scalar (rank 0) from a value of one element.
  mlir::Value toScalar(mlir::Value value);
  mlir::Value dim(mlir::Value value, int64_t axis); ///< rank-1 si64 of one element

  llvm::LogicalResult set(mlir::Value value) { return set(mlir::ValueRange(value)); }
  llvm::LogicalResult set(mlir::ValueRange values);

  /// The model is at fault.
  llvm::LogicalResult error(const llvm::Twine &message);
  /// This importer is.
  llvm::LogicalResult unsupported(const llvm::Twine &reason);
  /// What it consists of has been listed as unsupported.
  llvm::LogicalResult poisoned() {
    hasFailed = wasUnsupported = true;
    return llvm::failure();
  }
  bool failed() const { return hasFailed; }
  bool isUnsupported() const { return wasUnsupported; }

  mlir::Operation *create(llvm::StringRef name, mlir::ValueRange operands,
                          llvm::ArrayRef<mlir::NamedAttribute> attributes);
  /// `op`, or null when its verifier refuses it: it is erased then and the reason reported.
  mlir::Operation *verified(mlir::Operation *op);

private:
  void refuse(llvm::StringRef opName, llvm::StringRef reason);
  const onnx::AttributeProto *typed(llvm::StringRef name, int type);

  bool hasFailed = false;
  bool wasUnsupported = false;
};
} // namespace pare::onnx_import

#endif
