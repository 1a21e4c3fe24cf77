// .npz files: zip archives of .npy members, through libzip.
#include "base/DType.h"
#include "npz/NpyFormat.h"

#include <algorithm>
#include <memory>
#include <set>
#include <sys/stat.h>
#include <zip.h>

namespace pare::npz {

using rt::Status;

namespace {

constexpr zip_int64_t maxMembers = 65536;
/// Deflate cannot do better than 1032 to 1.
constexpr uint64_t maxRatio = 1040;

struct Discard {
  void operator()(zip_t *archive) const { zip_discard(archive); }
  void operator()(zip_file_t *file) const { zip_fclose(file); }
};
using Archive = std::unique_ptr<zip_t, Discard>;

Status bad(const std::string &what) { return Status(PARE_RT_INVALID_ARGUMENT, what); }

std::string describe(zip_error_t *error) {
  std::string text = zip_error_strerror(error);
  zip_error_fini(error);
  return text;
}

/// One member, of which libzip checks the CRC at its end.
class MemberSource final : public Source {
public:
  MemberSource(zip_file_t *file, uint64_t size) : file(file), left(size) {}
  bool read(void *to, uint64_t size) override {
    if (size > left)
      return false;
    char *next = static_cast<char *>(to);
    while (size) {
      zip_int64_t got = zip_fread(file, next, std::min(size, uint64_t(1) << 30));
      if (got <= 0)
        return false;
      next += got;
      size -= uint64_t(got);
      left -= uint64_t(got);
    }
    return true;
  }
  uint64_t remaining() const override { return left; }

private:
  zip_file_t *file;
  uint64_t left;
};

Status readMember(zip_t *archive, zip_uint64_t index, Array &array) {
  zip_stat_t info;
  zip_stat_init(&info);
  if (zip_stat_index(archive, index, 0, &info) != 0)
    return bad(zip_strerror(archive));
  const zip_uint64_t needed = ZIP_STAT_SIZE | ZIP_STAT_COMP_SIZE | ZIP_STAT_COMP_METHOD;
  if ((info.valid & needed) != needed || (info.comp_method != ZIP_CM_STORE && info.comp_method != ZIP_CM_DEFLATE))
    return bad("it is neither stored nor deflated");
  // Sizes are claims too: no memory for what the compressed bytes cannot hold.
  if (info.comp_size < info.size / maxRatio)
    return bad("it claims more data than its compressed bytes can hold");
  std::unique_ptr<zip_file_t, Discard> file(zip_fopen_index(archive, index, 0));
  if (!file)
    return bad(zip_strerror(archive));
  MemberSource source(file.get(), info.size);
  if (Status status = readArray(source, array); status.failed())
    return status;
  // At the end libzip compares the CRC.
  char end;
  if (zip_fread(file.get(), &end, 1) != 0)
    return bad("its checksum is wrong or it is longer than it claims");
  return {};
}

Status readMembers(zip_t *archive, std::vector<NamedArray> &arrays) {
  arrays.clear();
  const zip_int64_t count = zip_get_num_entries(archive, 0);
  if (count < 0 || count > maxMembers)
    return bad("too many members in the archive");
  // To libzip an empty file is an archive too.
  if (count == 0)
    return bad("no arrays in the archive");
  std::set<std::string> names;
  for (zip_int64_t i = 0; i < count; ++i) {
    const char *raw = zip_get_name(archive, zip_uint64_t(i), 0);
    if (!raw)
      return bad(zip_strerror(archive));
    std::string name = raw;
    const std::string prefix = "member '" + name + "': ";
    if (name.size() < 4 || name.compare(name.size() - 4, 4, ".npy") != 0)
      return bad(prefix + "not an .npy array");
    name.resize(name.size() - 4);
    if (!names.insert(name).second)
      return bad(prefix + "the name occurs twice");
    NamedArray member{name, {}};
    if (Status status = readMember(archive, zip_uint64_t(i), member.array); status.failed())
      return std::move(status).context(prefix);
    arrays.push_back(std::move(member));
  }
  return {};
}

} // namespace

Status readNpz(const std::string &path, std::vector<NamedArray> &arrays) {
  const std::string prefix = "'" + path + "': ";
  int code = 0;
  Archive archive(zip_open(path.c_str(), ZIP_RDONLY, &code));
  if (!archive) {
    zip_error_t error;
    zip_error_init_with_code(&error, code);
    bool io = code == ZIP_ER_NOENT || code == ZIP_ER_OPEN || code == ZIP_ER_READ;
    return Status(io ? PARE_RT_IO : PARE_RT_INVALID_ARGUMENT, prefix + "cannot open as .npz: " + describe(&error));
  }
  return readMembers(archive.get(), arrays).context(prefix);
}

Status parseNpz(const uint8_t *data, uint64_t size, std::vector<NamedArray> &arrays) {
  zip_error_t error;
  zip_error_init(&error);
  zip_source_t *source = zip_source_buffer_create(data, size, 0, &error);
  if (!source)
    return bad(describe(&error));
  Archive archive(zip_open_from_source(source, ZIP_RDONLY, &error));
  if (!archive) {
    zip_source_free(source);
    return bad(describe(&error));
  }
  return readMembers(archive.get(), arrays);
}

Status writeNpz(const std::string &path, const std::vector<ArrayView> &arrays, bool compress) {
  const std::string prefix = "'" + path + "': ";
  if (arrays.empty())
    return bad(prefix + "there are no arrays to write");
  // Header and elements of each member; they must live until the archive is closed.
  std::vector<std::string> headers(arrays.size());
  for (size_t i = 0; i < arrays.size(); ++i) {
    const pare_rt_tensor &tensor = arrays[i].tensor;
    const std::string where = prefix + "array '" + arrays[i].name + "': ";
    if (Status status = npyHeader(tensor, headers[i]); status.failed())
      return std::move(status).context(where);
    auto bytes = rt::tensorBytes(tensor.dims, tensor.rank, tensor.dtype);
    if (!bytes || (*bytes && !tensor.data))
      return bad(where + "it has no data or an impossible shape");
  }
  // libzip renames a new file over the path, which would remove a device or a pipe.
  struct stat old;
  if (stat(path.c_str(), &old) == 0 && !S_ISREG(old.st_mode))
    return Status(PARE_RT_IO, prefix + "cannot write: not a regular file");
  int code = 0;
  Archive archive(zip_open(path.c_str(), ZIP_CREATE | ZIP_TRUNCATE, &code));
  zip_error_t error;
  if (!archive) {
    zip_error_init_with_code(&error, code);
    return Status(PARE_RT_IO, prefix + "cannot write: " + describe(&error));
  }
  auto failure = [&] { return Status(PARE_RT_IO, prefix + "cannot write: " + zip_strerror(archive.get())); };
  for (size_t i = 0; i < arrays.size(); ++i) {
    const pare_rt_tensor &tensor = arrays[i].tensor;
    zip_buffer_fragment_t parts[2];
    parts[0] = {reinterpret_cast<zip_uint8_t *>(&headers[i][0]), headers[i].size()};
    parts[1] = {static_cast<zip_uint8_t *>(tensor.data), *rt::tensorBytes(tensor.dims, tensor.rank, tensor.dtype)};
    zip_source_t *source = zip_source_buffer_fragment(archive.get(), parts, parts[1].length ? 2 : 1, 0);
    if (!source)
      return failure();
    zip_int64_t index = zip_file_add(archive.get(), (arrays[i].name + ".npy").c_str(), source, ZIP_FL_ENC_UTF_8);
    if (index < 0) {
      zip_source_free(source);
      return failure();
    }
    // The time of the write would make equal content differ; the DOS epoch is what numpy's own writer stores.
    if (zip_set_file_compression(archive.get(), zip_uint64_t(index), compress ? ZIP_CM_DEFLATE : ZIP_CM_STORE, 0) !=
            0 ||
        zip_file_set_dostime(archive.get(), zip_uint64_t(index), 0, 1 << 5 | 1, 0) != 0)
      return failure();
  }
  if (zip_close(archive.get()) != 0)
    return failure();
  (void)archive.release();
  return {};
}

} // namespace pare::npz
