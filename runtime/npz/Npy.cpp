// .npy files: header, elements, conversion from Fortran order.
#include "base/DType.h"
#include "npz/NpyFormat.h"

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <memory>
#include <sys/stat.h>

namespace pare::npz {

using rt::makeError;
using rt::Status;

namespace {

constexpr uint32_t maxHeader = 64u << 10;
constexpr char magic[] = "\x93NUMPY";

Status bad(const std::string &what) { return Status(PARE_RT_INVALID_ARGUMENT, what); }

struct TypeCode {
  const char *code;
  pare_rt_dtype dtype;
};
constexpr TypeCode typeCodes[] = {{"f4", PARE_RT_F32}, {"f8", PARE_RT_F64}, {"f2", PARE_RT_F16}, {"i1", PARE_RT_I8},
                                  {"i2", PARE_RT_I16}, {"i4", PARE_RT_I32}, {"i8", PARE_RT_I64}, {"u1", PARE_RT_U8},
                                  {"u2", PARE_RT_U16}, {"u4", PARE_RT_U32}, {"u8", PARE_RT_U64}, {"b1", PARE_RT_BOOL}};

Status parseDescr(std::string_view descr, pare_rt_dtype &dtype) {
  const std::string shown(descr.substr(0, 32));
  if (descr.size() == 3) {
    for (const TypeCode &type : typeCodes) {
      if (descr.substr(1) != type.code)
        continue;
      if (descr[0] == '>' && pare_rt_dtype_size(type.dtype) > 1)
        return bad("the array is big endian ('" + shown + "'): save it little endian");
      if (!strchr("<>=|", descr[0]))
        break;
      dtype = type.dtype;
      return {};
    }
  }
  if (descr == "<V2" || descr == "|V2" || descr == "bfloat16")
    return bad("the array has dtype '" + shown + "' (bfloat16?), which .npy cannot represent: save it as float32");
  return bad("the array has dtype '" + shown + "': expected f2, f4, f8, i1 to i8, u1 to u8 or b1, little endian");
}

/// Parses the dictionary {'descr': '<f4', 'fortran_order': False, 'shape': (2, 3), }: its three keys in any order, once
/// each.
class HeaderParser {
public:
  explicit HeaderParser(std::string_view text) : text(text) {}

  Status parse(Array &array, bool &fortran) {
    bool seenDescr = false, seenOrder = false, seenShape = false;
    if (!take('{'))
      return malformed();
    while (!take('}')) {
      std::string_view key;
      if (!quoted(key) || !take(':'))
        return malformed();
      if (key == "descr" && !seenDescr) {
        seenDescr = true;
        std::string_view descr;
        if (!quoted(descr))
          return bad("the array is structured: expected plain numbers");
        if (Status status = parseDescr(descr, array.dtype); status.failed())
          return status;
      } else if (key == "fortran_order" && !seenOrder) {
        seenOrder = true;
        if (word("True"))
          fortran = true;
        else if (!word("False"))
          return malformed();
      } else if (key == "shape" && !seenShape) {
        seenShape = true;
        if (!tuple(array.dims))
          return malformed();
      } else {
        return malformed();
      }
      if (!take(',') && peek() != '}')
        return malformed();
    }
    if (peek() || !seenDescr || !seenOrder || !seenShape)
      return malformed();
    if (array.dims.size() > PARE_RT_MAX_RANK)
      return bad("the array has rank " + std::to_string(array.dims.size()) + ": at most " +
                 std::to_string(PARE_RT_MAX_RANK) + " is supported");
    return {};
  }

private:
  static Status malformed() { return bad("the .npy header is malformed"); }

  /// The next character that is not a blank, 0 at the end.
  char peek() {
    while (at < text.size() && (text[at] == ' ' || text[at] == '\n'))
      ++at;
    return at < text.size() ? text[at] : '\0';
  }
  bool take(char c) {
    if (peek() != c)
      return false;
    ++at;
    return true;
  }
  bool word(std::string_view expected) {
    peek();
    if (text.substr(at, expected.size()) != expected)
      return false;
    at += expected.size();
    return true;
  }
  bool quoted(std::string_view &result) {
    char quote = peek();
    if (quote != '\'' && quote != '"')
      return false;
    size_t end = text.find(quote, at + 1);
    if (end == std::string_view::npos)
      return false;
    result = text.substr(at + 1, end - at - 1);
    at = end + 1;
    return true;
  }
  bool number(int64_t &result) {
    result = 0;
    if (peek() < '0' || peek() > '9')
      return false;
    for (; at < text.size() && text[at] >= '0' && text[at] <= '9'; ++at)
      if (__builtin_mul_overflow(result, int64_t(10), &result) ||
          __builtin_add_overflow(result, int64_t(text[at] - '0'), &result))
        return false;
    return true;
  }
  bool tuple(std::vector<int64_t> &result) {
    if (!take('('))
      return false;
    while (!take(')')) {
      int64_t dim;
      if (!number(dim))
        return false;
      result.push_back(dim);
      take('L'); // Written by Python 2.
      if (!take(',') && peek() != ')')
        return false;
    }
    return true;
  }

  std::string_view text;
  size_t at = 0;
};

/// Column-major to row-major.
void transpose(const char *from, char *to, const std::vector<int64_t> &dims, uint32_t size, uint64_t count) {
  const size_t rank = dims.size();
  std::vector<uint64_t> strides(rank);
  uint64_t stride = 1;
  for (size_t i = 0; i < rank; ++i) {
    strides[i] = stride;
    stride *= uint64_t(dims[i]);
  }
  std::vector<int64_t> index(rank, 0);
  uint64_t source = 0;
  for (uint64_t i = 0; i < count; ++i) {
    memcpy(to + i * size, from + source * size, size);
    for (size_t axis = rank; axis-- > 0;) {
      source += strides[axis];
      if (++index[axis] < dims[axis])
        break;
      source -= strides[axis] * uint64_t(dims[axis]);
      index[axis] = 0;
    }
  }
}

class MemorySource final : public Source {
public:
  MemorySource(const uint8_t *data, uint64_t size) : data(data), left(size) {}
  bool read(void *to, uint64_t size) override {
    if (size > left)
      return false;
    if (size)
      memcpy(to, data, size);
    data += size;
    left -= size;
    return true;
  }
  uint64_t remaining() const override { return left; }

private:
  const uint8_t *data;
  uint64_t left;
};

struct CloseFile {
  void operator()(FILE *file) const { fclose(file); }
};
using File = std::unique_ptr<FILE, CloseFile>;

class FileSource final : public Source {
public:
  FileSource(FILE *file, uint64_t size) : file(file), left(size) {}
  bool read(void *to, uint64_t size) override {
    if (size > left || fread(to, 1, size, file) != size)
      return false;
    left -= size;
    return true;
  }
  uint64_t remaining() const override { return left; }

private:
  FILE *file;
  uint64_t left;
};

} // namespace

Status readArray(Source &source, Array &array) {
  array = {};
  uint8_t start[8];
  if (!source.read(start, 8) || memcmp(start, magic, 6) != 0)
    return bad("not an .npy file");
  const uint8_t version = start[6];
  uint8_t lengthBytes[4] = {};
  if (version < 1 || version > 3)
    return bad("version " + std::to_string(version) + " of .npy is not supported");
  if (!source.read(lengthBytes, version == 1 ? 2 : 4))
    return bad("the .npy header is truncated");
  const uint32_t length = lengthBytes[0] | lengthBytes[1] << 8 | lengthBytes[2] << 16 | uint32_t(lengthBytes[3]) << 24;
  if (length > maxHeader || length > source.remaining())
    return bad("the .npy header is truncated or longer than 64 KiB");
  std::string header(length, '\0');
  if (!source.read(&header[0], length))
    return bad("the .npy header is truncated");
  bool fortran = false;
  if (Status status = HeaderParser(header).parse(array, fortran); status.failed())
    return status;

  auto bytes = rt::tensorBytes(array.dims.data(), uint32_t(array.dims.size()), array.dtype);
  const std::string shape = rt::formatShape(array.dims.data(), uint32_t(array.dims.size()), array.dtype);
  if (!bytes)
    return bad("the size of shape " + shape + " leaves 63 bits");
  // Before memory is taken: a header may claim anything.
  if (*bytes > source.remaining())
    return bad("the data is truncated: shape " + shape + " takes " + std::to_string(*bytes) + " bytes, there are " +
               std::to_string(source.remaining()));
  array.bytes = *bytes;
  uint64_t allocations = 0;
  if (*bytes && !array.data.reserve(*bytes, allocations))
    return makeError(PARE_RT_OUT_OF_MEMORY, "out of memory for shape %s", shape.c_str());
  if (*bytes && !source.read(array.data.get(), *bytes))
    return bad("the data cannot be read in full");
  if (source.remaining())
    return bad("there are " + std::to_string(source.remaining()) + " bytes more than shape " + shape + " takes");
  if (array.dtype == PARE_RT_BOOL)
    for (uint64_t i = 0; i < *bytes; ++i)
      if (uint8_t(array.data.get()[i]) > 1)
        return bad("a bool is neither 0 nor 1");
  if (fortran && array.dims.size() > 1 && *bytes) {
    rt::Buffer converted;
    if (!converted.reserve(*bytes, allocations))
      return makeError(PARE_RT_OUT_OF_MEMORY, "out of memory for shape %s", shape.c_str());
    const uint32_t size = pare_rt_dtype_size(array.dtype);
    transpose(array.data.get(), converted.get(), array.dims, size, *bytes / size);
    array.data = std::move(converted);
  }
  return {};
}

pare_rt_tensor Array::tensor() const {
  pare_rt_tensor result = {};
  result.data = data.get();
  result.size = bytes;
  result.dtype = dtype;
  result.rank = uint32_t(dims.size());
  for (size_t i = 0; i < dims.size() && i < PARE_RT_MAX_RANK; ++i)
    result.dims[i] = dims[i];
  return result;
}

Status parseNpy(const uint8_t *data, uint64_t size, Array &array) {
  MemorySource source(data, size);
  return readArray(source, array);
}

Status readNpy(const std::string &path, Array &array) {
  const std::string prefix = "'" + path + "': ";
  File file(fopen(path.c_str(), "rbe"));
  struct stat info;
  if (!file || fstat(fileno(file.get()), &info) != 0)
    return Status(PARE_RT_IO, prefix + "cannot open: " + strerror(errno));
  if (!S_ISREG(info.st_mode))
    return Status(PARE_RT_IO, prefix + "not a regular file");
  FileSource source(file.get(), uint64_t(info.st_size));
  return readArray(source, array).context(prefix);
}

Status npyHeader(const pare_rt_tensor &tensor, std::string &header) {
  const char *code = nullptr;
  for (const TypeCode &type : typeCodes)
    if (type.dtype == tensor.dtype)
      code = type.code;
  if (!code)
    return makeError(PARE_RT_INVALID_ARGUMENT, "numpy has no dtype %s: convert it to f32",
                     pare_rt_dtype_name(tensor.dtype));
  std::string text = "{'descr': '";
  text += pare_rt_dtype_size(tensor.dtype) > 1 ? '<' : '|';
  text += code;
  text += "', 'fortran_order': False, 'shape': (";
  for (uint32_t i = 0; i < tensor.rank; ++i)
    text += std::to_string(tensor.dims[i]) + (tensor.rank == 1 ? "," : i + 1 < tensor.rank ? ", " : "");
  text += "), }";
  // The elements begin at a multiple of 64 bytes.
  while ((10 + text.size() + 1) % 64)
    text += ' ';
  text += '\n';
  header.assign(magic, 6);
  header += {'\1', '\0', char(text.size() & 0xff), char(text.size() >> 8)};
  header += text;
  return {};
}

Status writeNpy(const std::string &path, const pare_rt_tensor &tensor) {
  const std::string prefix = "'" + path + "': ";
  std::string header;
  if (Status status = npyHeader(tensor, header); status.failed())
    return std::move(status).context(prefix);
  auto bytes = rt::tensorBytes(tensor.dims, tensor.rank, tensor.dtype);
  if (!bytes || (*bytes && !tensor.data))
    return bad(prefix + "the tensor has no data or an impossible shape");
  File file(fopen(path.c_str(), "wbe"));
  bool good = file && fwrite(header.data(), 1, header.size(), file.get()) == header.size() &&
              (*bytes == 0 || fwrite(tensor.data, 1, *bytes, file.get()) == *bytes);
  // Closing flushes, so it too can fail.
  if (file && fclose(file.release()) != 0)
    good = false;
  return good ? Status() : Status(PARE_RT_IO, prefix + "cannot write: " + strerror(errno));
}

} // namespace pare::npz
