// Small models for tests of the importer, and what an import of them says.
#ifndef PARE_TEST_IMPORT_MODELS_H
#define PARE_TEST_IMPORT_MODELS_H

#include "Proto.h"
#include "mlir/IR/BuiltinOps.h"
#include "mlir/IR/MLIRContext.h"
#include "onnx/defs/parser.h"
#include "pare/Import/Import.h"
#include "pare/Import/Location.h"
#include "llvm/Support/raw_ostream.h"
#include <gtest/gtest.h>

namespace pare::test {
inline onnx::ModelProto makeModel(int64_t opset = 17) {
  onnx::ModelProto model;
  model.set_ir_version(8);
  model.add_opset_import()->set_version(opset);
  model.mutable_graph()->set_name("g");
  return model;
}

/// A model in the textual syntax of ONNX: a header with these opsets, then `graph` and perhaps functions.
inline onnx::ModelProto parse(const std::string &opsets, const std::string &graph) {
  onnx::ModelProto model;
  std::string text = "<ir_version: 8, opset_import: [" + opsets + "]>\n" + graph;
  auto status = onnx::OnnxParser::Parse(model, text.c_str());
  EXPECT_TRUE(status.IsOK()) << status.ErrorMessage();
  return model;
}
inline onnx::ModelProto parse(int opset, const std::string &graph) {
  return parse("\"\" : " + std::to_string(opset), graph);
}

inline void setType(onnx::ValueInfoProto *info, const std::string &name, const std::vector<int64_t> &shape,
                    int type = onnx::TensorProto::FLOAT) {
  info->set_name(name);
  auto *tensor = info->mutable_type()->mutable_tensor_type();
  tensor->set_elem_type(type);
  tensor->mutable_shape();
  for (int64_t extent : shape)
    tensor->mutable_shape()->add_dim()->set_dim_value(extent);
}

inline onnx::NodeProto *addNode(onnx::ModelProto &model, const std::string &type,
                                const std::vector<std::string> &inputs, const std::vector<std::string> &outputs,
                                const std::string &name = "") {
  onnx::NodeProto *node = model.mutable_graph()->add_node();
  node->set_op_type(type);
  node->set_name(name);
  for (const std::string &input : inputs)
    node->add_input(input);
  for (const std::string &output : outputs)
    node->add_output(output);
  return node;
}

/// y = x + w, w being [256, 4] of raw floats.
inline onnx::ModelProto makeAdd() {
  onnx::ModelProto model = makeModel();
  setType(model.mutable_graph()->add_input(), "x", {256, 4});
  setType(model.mutable_graph()->add_output(), "y", {256, 4});
  onnx::TensorProto *w = model.mutable_graph()->add_initializer();
  w->set_name("w");
  w->set_data_type(onnx::TensorProto::FLOAT);
  w->add_dims(256);
  w->add_dims(4);
  w->set_raw_data(std::string(4096, '\1'));
  addNode(model, "Add", {"x", "w"}, {"y"}, "sum");
  return model;
}

class ImportTest : public ::testing::Test {
protected:
  ImportTest() : context(mlir::MLIRContext::Threading::DISABLED) {
    context.printOpOnDiagnostic(false);
    context.getDiagEngine().registerHandler([this](mlir::Diagnostic &diagnostic) {
      std::string where = getNodeOrigin(diagnostic.getLocation()) ? describe(diagnostic.getLocation()) + ": " : "";
      errors.push_back(where + diagnostic.str());
      return mlir::success();
    });
  }
  bool imports(const std::string &bytes, const ImportOptions &options = {}) {
    errors.clear();
    module = importONNXFromMemory(context, bytes, "m.onnx", options);
    EXPECT_EQ(bool(module), errors.empty());
    return bool(module);
  }
  bool imports(const onnx::ModelProto &model, const ImportOptions &options = {}) {
    return imports(model.SerializeAsString(), options);
  }
  /// `model` is refused with an error that holds `part`.
  void expectRefused(const onnx::ModelProto &model, const std::string &part) {
    EXPECT_FALSE(imports(model)) << "expected: " << part;
    EXPECT_NE(text().find(part), std::string::npos) << "expected: " << part << "\nfound: " << text();
  }
  /// The imported IR holds `parts` in this order.
  void expectIR(const std::vector<std::string> &parts) {
    std::string all = ir();
    size_t at = 0;
    for (const std::string &part : parts) {
      size_t found = all.find(part, at);
      ASSERT_NE(found, std::string::npos) << "expected: " << part << "\nin: " << all;
      at = found + part.size();
    }
  }
  std::string ir() {
    std::string result;
    llvm::raw_string_ostream stream(result);
    if (module)
      module->print(stream);
    return result;
  }
  std::string text() {
    std::string result;
    for (const std::string &error : errors)
      result += error + "\n";
    return result;
  }

  mlir::MLIRContext context;
  mlir::OwningOpRef<mlir::ModuleOp> module;
  std::vector<std::string> errors;
  int count = 0;
};
} // namespace pare::test

#endif
