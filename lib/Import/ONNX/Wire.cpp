#include "Wire.h"

#include "llvm/ADT/ArrayRef.h"
#include <cstdint>
#include <optional>

using llvm::StringRef;

namespace pare::onnx_import {
namespace {
enum class Message { Model, Graph, Node, Attribute, Function, Tensor, Sparse };
struct Field {
  uint32_t number;
  Message message;
};

// The fields that lead to tensors.
llvm::ArrayRef<Field> nested(Message message) {
  static constexpr Field model[] = {{7, Message::Graph}, {25, Message::Function}};
  static constexpr Field graph[] = {{1, Message::Node}, {5, Message::Tensor}, {15, Message::Sparse}};
  static constexpr Field node[] = {{5, Message::Attribute}};
  static constexpr Field attribute[] = {{5, Message::Tensor}, {6, Message::Graph},   {10, Message::Tensor},
                                        {11, Message::Graph}, {22, Message::Sparse}, {23, Message::Sparse}};
  static constexpr Field function[] = {{7, Message::Node}, {11, Message::Attribute}};
  static constexpr Field sparse[] = {{1, Message::Tensor}, {2, Message::Tensor}};
  switch (message) {
  case Message::Model:
    return model;
  case Message::Graph:
    return graph;
  case Message::Node:
    return node;
  case Message::Attribute:
    return attribute;
  case Message::Function:
    return function;
  case Message::Sparse:
    return sparse;
  case Message::Tensor:
    return {};
  }
  return {};
}

constexpr uint32_t kTrainingInfo = 20; // of ModelProto: not for inference
constexpr uint32_t kSegment = 3;       // of TensorProto
constexpr uint32_t kRawData = 9;       // of TensorProto
constexpr unsigned kMaxDepth = 90;     // protobuf itself stops at 100
constexpr size_t kMaxStripped = size_t(1) << 30;

void writeVarint(std::string &out, uint64_t value) {
  for (; value >= 0x80; value >>= 7)
    out.push_back(char(value | 0x80));
  out.push_back(char(value));
}

class Stripper {
public:
  explicit Stripper(StringRef file) : file(file) {}

  /// Appends the stripped `bytes` to `out`; false with `reason` set when they are malformed.
  bool strip(Message message, StringRef bytes, std::string &out, unsigned depth) {
    if (depth > kMaxDepth)
      return fail("messages are nested too deeply", bytes);
    while (!bytes.empty()) {
      StringRef start = bytes;
      uint64_t tag, length;
      if (!readVarint(bytes, tag))
        return fail("a field tag is cut off", start);
      uint64_t number = tag >> 3;
      if (number == 0 || number > (1u << 29) - 1)
        return fail("a field number is out of range", start);
      switch (tag & 7) {
      case 0:
        if (!readVarint(bytes, length))
          return fail("a number is cut off", start);
        break;
      case 1:
      case 5: {
        size_t size = (tag & 7) == 1 ? 8 : 4;
        if (bytes.size() < size)
          return fail("a number is cut off", start);
        bytes = bytes.drop_front(size);
        break;
      }
      case 2: {
        if (!readVarint(bytes, length) || length > bytes.size())
          return fail("a field reaches beyond the end of the file or of its message", start);
        StringRef payload = bytes.take_front(length);
        bytes = bytes.drop_front(length);
        if (!stripField(message, uint32_t(number), payload, start.drop_back(bytes.size()), out, depth))
          return false;
        continue;
      }
      default:
        return fail("a field has an unknown wire type", start);
      }
      append(out, start.drop_back(bytes.size()));
      if (out.size() > kMaxStripped)
        return fail("the model without its weights exceeds 1 GiB", start);
    }
    return true;
  }

  std::string reason;

private:
  bool stripField(Message message, uint32_t number, StringRef payload, StringRef whole, std::string &out,
                  unsigned depth) {
    if (message == Message::Model && number == kTrainingInfo)
      return true;
    if (message == Message::Tensor && number == kSegment)
      return true;
    if (message == Message::Tensor && number == kRawData && payload.size() > kInlineBytes) {
      std::string segment;
      writeVarint(segment, 1 << 3);
      writeVarint(segment, uint64_t(payload.data() - file.data()));
      writeVarint(segment, 2 << 3);
      writeVarint(segment, uint64_t(payload.end() - file.data()));
      writeMessage(out, kSegment, segment);
      return true;
    }
    for (const Field &field : nested(message)) {
      if (field.number != number)
        continue;
      std::string inner;
      if (!strip(field.message, payload, inner, depth + 1))
        return false;
      writeMessage(out, number, inner);
      return true;
    }
    append(out, whole);
    return out.size() <= kMaxStripped || fail("the model without its weights exceeds 1 GiB", payload);
  }

  static void append(std::string &out, StringRef bytes) { out.append(bytes.data(), bytes.size()); }

  static void writeMessage(std::string &out, uint32_t number, StringRef payload) {
    writeVarint(out, number << 3 | 2);
    writeVarint(out, payload.size());
    append(out, payload);
  }

  static bool readVarint(StringRef &bytes, uint64_t &value) {
    value = 0;
    for (unsigned shift = 0; shift < 70 && !bytes.empty(); shift += 7) {
      auto byte = uint8_t(bytes.front());
      bytes = bytes.drop_front();
      if (shift < 64)
        value |= uint64_t(byte & 0x7f) << shift;
      if (byte < 0x80)
        return true;
    }
    return false;
  }

  bool fail(const char *what, StringRef place) {
    reason = std::string(what) + " (at byte " + std::to_string(place.data() - file.data()) + ")";
    return false;
  }

  StringRef file;
};
} // namespace

llvm::Expected<std::string> stripModel(StringRef bytes) {
  std::string out;
  Stripper stripper(bytes);
  if (!stripper.strip(Message::Model, bytes, out, 0))
    return llvm::createStringError(stripper.reason);
  return out;
}
} // namespace pare::onnx_import
