// Mutations of a model as a message, so that most of what the fuzzer tries gets beyond the parser.
// ONNX's generated classes are of protobuf's lite runtime, which cannot be asked for its fields: a description that
// protoc writes stands in.
#include <google/protobuf/descriptor.pb.h>
#include <google/protobuf/dynamic_message.h>

#include <cmath>
#include <cstdint>
#include <fstream>
#include <limits>
#include <random>

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::Reflection;

extern "C" size_t LLVMFuzzerMutate(uint8_t *data, size_t size, size_t maxSize);

namespace {
const Message &makePrototype() {
  static google::protobuf::DescriptorPool pool;
  static google::protobuf::DynamicMessageFactory factory;
  google::protobuf::FileDescriptorSet files;
  std::ifstream stream(ONNX_DESCRIPTION, std::ios::binary);
  if (!files.ParseFromIstream(&stream) || files.file_size() != 1)
    __builtin_trap();
  google::protobuf::SetLogHandler(nullptr);
  return *factory.GetPrototype(pool.BuildFile(files.file(0))->FindMessageTypeByName("ModelProto"));
}

class Mutator {
public:
  explicit Mutator(unsigned seed) : random(seed) {}

  void mutate(Message &model) {
    collect(model);
    if (messages.empty())
      return;
    Message &message = *messages[below(messages.size())];
    const auto *descriptor = message.GetDescriptor();
    const FieldDescriptor *field = descriptor->field(int(below(size_t(descriptor->field_count()))));
    if (field->is_repeated())
      mutateRepeated(message, field);
    else
      mutateSingle(message, field);
  }

private:
  size_t below(size_t limit) { return random() % limit; }

  // All messages, and the strings that stand in them: names are most interesting where another one is expected.
  void collect(Message &message) {
    messages.push_back(&message);
    const Reflection *reflection = message.GetReflection();
    std::vector<const FieldDescriptor *> fields;
    reflection->ListFields(message, &fields);
    for (const FieldDescriptor *field : fields) {
      int count = field->is_repeated() ? reflection->FieldSize(message, field) : 1;
      for (int i = 0; i < count; ++i) {
        if (field->cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE)
          collect(field->is_repeated() ? *reflection->MutableRepeatedMessage(&message, field, i)
                                       : *reflection->MutableMessage(&message, field));
        else if (field->cpp_type() == FieldDescriptor::CPPTYPE_STRING)
          strings.push_back(field->is_repeated() ? reflection->GetRepeatedString(message, field, i)
                                                 : reflection->GetString(message, field));
      }
    }
  }

  int64_t number() {
    using Limits = std::numeric_limits<int64_t>;
    static constexpr int64_t values[] = {0,
                                         1,
                                         -1,
                                         2,
                                         -2,
                                         3,
                                         4,
                                         7,
                                         8,
                                         13,
                                         16,
                                         INT32_MAX,
                                         INT32_MIN,
                                         1ll << 32,
                                         1ll << 62,
                                         64,
                                         127,
                                         1024,
                                         Limits::max(),
                                         Limits::min()};
    return values[below(std::size(values))];
  }

  double real() {
    static const double values[] = {0, 1, -1, 0.5, 1e30, -1e300, INFINITY, NAN};
    return values[below(std::size(values))];
  }

  std::string text() {
    std::string value = strings.empty() ? std::string() : strings[below(strings.size())];
    if (below(4) != 0)
      return value;
    value.resize(value.size() + 8);
    value.resize(LLVMFuzzerMutate(reinterpret_cast<uint8_t *>(value.data()), value.size() - 8, value.size()));
    return value;
  }

  void mutateSingle(Message &message, const FieldDescriptor *field) {
    const Reflection *reflection = message.GetReflection();
    if (below(8) == 0)
      return reflection->ClearField(&message, field);
    switch (field->cpp_type()) {
    case FieldDescriptor::CPPTYPE_INT32:
      return reflection->SetInt32(&message, field, int32_t(number()));
    case FieldDescriptor::CPPTYPE_INT64:
      return reflection->SetInt64(&message, field, number());
    case FieldDescriptor::CPPTYPE_UINT64:
      return reflection->SetUInt64(&message, field, uint64_t(number()));
    case FieldDescriptor::CPPTYPE_FLOAT:
      return reflection->SetFloat(&message, field, float(real()));
    case FieldDescriptor::CPPTYPE_DOUBLE:
      return reflection->SetDouble(&message, field, real());
    case FieldDescriptor::CPPTYPE_ENUM: {
      const auto *type = field->enum_type();
      return reflection->SetEnum(&message, field, type->value(int(below(size_t(type->value_count())))));
    }
    case FieldDescriptor::CPPTYPE_STRING:
      return reflection->SetString(&message, field, text());
    case FieldDescriptor::CPPTYPE_MESSAGE: {
      // First the copy: setting one member of a oneof destroys the other.
      std::unique_ptr<Message> value = pick(field->message_type());
      Message *target = reflection->MutableMessage(&message, field);
      if (value)
        target->CopyFrom(*value);
      return;
    }
    default:
      return;
    }
  }

  // A copy of some message of this type; empty when there is none of a bearable size.
  std::unique_ptr<Message> pick(const google::protobuf::Descriptor *type) {
    std::vector<Message *> alike;
    for (Message *message : messages)
      if (message->GetDescriptor() == type)
        alike.push_back(message);
    const Message *chosen = alike.empty() ? nullptr : alike[below(alike.size())];
    if (!chosen || chosen->ByteSizeLong() > 4096)
      return nullptr;
    std::unique_ptr<Message> copy(chosen->New());
    copy->CopyFrom(*chosen);
    return copy;
  }

  void mutateRepeated(Message &message, const FieldDescriptor *field) {
    const Reflection *reflection = message.GetReflection();
    int count = reflection->FieldSize(message, field);
    switch (below(4)) {
    case 0:
      if (count > 0)
        reflection->SwapElements(&message, field, int(below(size_t(count))), count - 1);
      return;
    case 1:
      if (count > 0)
        reflection->RemoveLast(&message, field);
      return;
    default:
      break;
    }
    bool adds = count == 0 || below(2) == 0;
    int at = adds ? 0 : int(below(size_t(count)));
    switch (field->cpp_type()) {
    case FieldDescriptor::CPPTYPE_INT32:
      return adds ? reflection->AddInt32(&message, field, int32_t(number()))
                  : reflection->SetRepeatedInt32(&message, field, at, int32_t(number()));
    case FieldDescriptor::CPPTYPE_INT64:
      return adds ? reflection->AddInt64(&message, field, number())
                  : reflection->SetRepeatedInt64(&message, field, at, number());
    case FieldDescriptor::CPPTYPE_STRING:
      return adds ? reflection->AddString(&message, field, text())
                  : reflection->SetRepeatedString(&message, field, at, text());
    case FieldDescriptor::CPPTYPE_MESSAGE: {
      if (adds && message.ByteSizeLong() > 32768)
        return;
      std::unique_ptr<Message> value = pick(field->message_type());
      Message *target =
          adds ? reflection->AddMessage(&message, field) : reflection->MutableRepeatedMessage(&message, field, at);
      if (value)
        target->CopyFrom(*value);
      return;
    }
    default:
      return;
    }
  }

  std::minstd_rand random;
  std::vector<Message *> messages;
  std::vector<std::string> strings;
};
} // namespace

extern "C" size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t maxSize, unsigned seed) {
  static const Message &prototype = makePrototype();
  std::unique_ptr<Message> model(prototype.New());
  if (seed % 8 == 0 || !model->ParseFromArray(data, int(size)))
    return LLVMFuzzerMutate(data, size, maxSize);
  for (unsigned i = 0; i <= seed / 8 % 4; ++i)
    Mutator(seed + i).mutate(*model);
  std::string bytes = model->SerializeAsString();
  if (bytes.size() > maxSize)
    return size;
  std::copy(bytes.begin(), bytes.end(), data);
  return bytes.size();
}
