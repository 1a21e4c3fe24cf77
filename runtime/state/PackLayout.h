// How requests lie in the tensors of a call: which dimensions count sequences and tokens, and the copies in and out.
#ifndef PARE_RUNTIME_STATE_PACKLAYOUT_H
#define PARE_RUNTIME_STATE_PACKLAYOUT_H

#include "base/Status.h"

#include <optional>
#include <string>
#include <vector>

namespace pare::rt {

/// Null asks for what the signature says.
struct PackNames {
  const char *mask = nullptr;
  const char *batch = nullptr;
  const char *sequence = nullptr;
};

/// An input or output of [batch, ...] as one request sees it.
class PackedValue {
public:
  /// An error when it does not begin with the batch or has another open dimension than the sequence.
  static Status make(const pare_rt_value_info &info, const char *kind, const std::string &batch,
                     const std::string &sequence, PackedValue &result);

  const pare_rt_value_info &info() const { return *value; }
  /// Whether it has the sequence dimension.
  bool perToken() const { return lastToken >= 0; }
  /// Fills in dtype, rank and dims of one request's part; data and size are left.
  void shape(int64_t length, pare_rt_tensor &tensor) const;
  /// Bytes of one request's part when its sequence has `length` tokens; nothing when they leave 63 bits.
  std::optional<uint64_t> bytes(int64_t length) const;
  /// "i64[seq]".
  std::string text() const;

  /// From a request of `length` tokens to its place in a call of `padded`; padding becomes zero.
  void copyIn(const void *request, int64_t length, void *call, int64_t padded) const;
  /// The valid part of its place in a call.
  void copyOut(const void *call, int64_t padded, void *request, int64_t length) const;

private:
  template <bool In> void copy(uint32_t axis, char *&request, int64_t length, char *&call, int64_t padded) const;

  const pare_rt_value_info *value = nullptr;
  std::string name;
  /// Without the batch; -1 for tokens.
  std::vector<int64_t> dims;
  /// The last axis of `dims` that counts tokens, -1 if there is none, and bytes of what follows it.
  int32_t lastToken = -1;
  uint64_t inner = 0;
};

/// The signature of an entry, read for packing.
struct PackLayout {
  static Status make(const pare_rt_entry_info &entry, const PackNames &names, PackLayout &result);

  /// Checks a request (one tensor per input, see packer.h) and finds its length.
  Status check(const pare_rt_tensor *inputs, int64_t &length) const;
  /// One sequence's row of the mask: `length` ones, then zeros up to `padded`.
  void fillMask(void *row, int64_t length, int64_t padded) const;

  std::string batch, sequence;
  uint32_t mask = 0;
  std::vector<PackedValue> inputs, outputs;

private:
  Status checkInput(uint32_t index, const pare_rt_tensor &tensor, int64_t &length) const;
};

} // namespace pare::rt

#endif
