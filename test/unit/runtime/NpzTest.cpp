// NumPy files: round trips, what numpy itself writes, and malformed bytes.
#include "TestModule.h"

#include "npz/Npz.h"

#include <cstring>
#include <random>
#include <sys/stat.h>

namespace pare::test {
namespace {

using npz::Array;

rt::Status parse(const std::string &bytes, Array &array) {
  std::vector<uint8_t> exact(bytes.begin(), bytes.end());
  return npz::parseNpy(exact.data(), exact.size(), array);
}

std::string errorOf(const std::string &bytes) {
  Array array;
  return parse(bytes, array).message();
}

/// An .npy file as numpy writes it, version 1.
std::string npy(const std::string &dictionary, const std::string &data, char version = 1) {
  std::string text = dictionary + "\n";
  std::string bytes = std::string("\x93NUMPY", 6) + version + '\0' + char(text.size() & 0xff) + char(text.size() >> 8);
  if (version > 1)
    bytes += std::string(2, '\0');
  return bytes + text + data;
}

std::string dictionary(const std::string &descr, const std::string &shape, const char *order = "False") {
  return "{'descr': '" + descr + "', 'fortran_order': " + order + ", 'shape': " + shape + ", }";
}

TEST(Npz, RoundTripsOfEveryType) {
  TemporaryFolder folder;
  std::minstd_rand random(5);
  for (bool compress : {false, true}) {
    std::vector<std::vector<uint8_t>> data;
    std::vector<npz::ArrayView> views;
    const std::vector<std::vector<int64_t>> shapes = {{}, {1}, {7}, {3, 5}, {0, 4}, {2, 3, 4, 5}, {1000}};
    for (int dtype = PARE_RT_F32; dtype <= PARE_RT_BOOL; ++dtype) {
      if (dtype == PARE_RT_BF16)
        continue;
      for (const auto &shape : shapes) {
        size_t count = pare_rt_dtype_size(pare_rt_dtype(dtype));
        for (int64_t dim : shape)
          count *= size_t(dim);
        std::vector<uint8_t> bytes(count);
        for (uint8_t &byte : bytes)
          byte = uint8_t(dtype == PARE_RT_BOOL ? random() & 1 : random());
        data.push_back(bytes);
        views.push_back(
            {std::string("a/") + std::to_string(views.size()), tensor(data.back(), shape, pare_rt_dtype(dtype))});
      }
    }
    rt::Status status = npz::writeNpz(folder.file("a.npz"), views, compress);
    ASSERT_FALSE(status.failed()) << status.message();
    std::vector<npz::NamedArray> read;
    status = npz::readNpz(folder.file("a.npz"), read);
    ASSERT_FALSE(status.failed()) << status.message();
    ASSERT_EQ(read.size(), views.size());
    for (size_t i = 0; i < views.size(); ++i) {
      EXPECT_EQ(read[i].name, views[i].name);
      pare_rt_tensor got = read[i].array.tensor();
      EXPECT_EQ(got.dtype, views[i].tensor.dtype);
      ASSERT_EQ(got.rank, views[i].tensor.rank);
      EXPECT_EQ(memcmp(got.dims, views[i].tensor.dims, sizeof got.dims), 0);
      ASSERT_EQ(got.size, data[i].size());
      if (got.size)
        EXPECT_EQ(memcmp(got.data, data[i].data(), got.size), 0);
    }
    // The same arrays, the same bytes.
    EXPECT_FALSE(npz::writeNpz(folder.file("b.npz"), views, compress).failed());
    EXPECT_EQ(readFile(folder.file("a.npz")), readFile(folder.file("b.npz")));
  }
}

TEST(Npz, OneArrayFiles) {
  TemporaryFolder folder;
  std::vector<int32_t> data = {1, -2, 3, 4, 5, 6};
  EXPECT_FALSE(npz::writeNpy(folder.file("a.npy"), tensor(data, {2, 3}, PARE_RT_I32)).failed());
  Array array;
  rt::Status status = npz::readNpy(folder.file("a.npy"), array);
  ASSERT_FALSE(status.failed()) << status.message();
  EXPECT_EQ(array.dims, (std::vector<int64_t>{2, 3}));
  EXPECT_EQ(memcmp(array.data.get(), data.data(), 24), 0);
  EXPECT_EQ(readFile(folder.file("a.npy")).size() % 64, 24u);
  EXPECT_NE(npz::readNpy(folder.file("b.npy"), array).message().find("b.npy': cannot open"), std::string::npos);
  EXPECT_NE(
      npz::readNpz(folder.file("a.npy"), *std::make_unique<std::vector<npz::NamedArray>>()).message().find(".npz"),
      std::string::npos);
}

TEST(Npz, HeadersThatNumpyWrites) {
  Array array;
  const std::string data(24, '\1');
  // Versions 2 and 3, keys in another order, no trailing comma, Python 2's long, double quotes.
  EXPECT_EQ(parse(npy(dictionary("<f4", "(2, 3)"), data, 2), array).message(), "");
  EXPECT_EQ(parse(npy(dictionary("<f4", "(2, 3)"), data, 3), array).message(), "");
  EXPECT_EQ(parse(npy("{'shape': (2L, 3L), 'fortran_order': False, 'descr': '<f4'}", data), array).message(), "");
  EXPECT_EQ(parse(npy("{\"shape\": (6,), \"fortran_order\": False, \"descr\": \"=i4\"}", data), array).message(), "");
  EXPECT_EQ(array.dims, std::vector<int64_t>{6});
  EXPECT_EQ(array.dtype, PARE_RT_I32);
  EXPECT_EQ(parse(npy(dictionary("<f2", "()"), "ab"), array).message(), "");
  EXPECT_EQ(array.dtype, PARE_RT_F16);
}

TEST(Npz, FortranOrder) {
  // 2 x 3 with element [i][j] = 3 i + j, column by column.
  const int32_t columns[] = {0, 3, 1, 4, 2, 5};
  Array array;
  EXPECT_EQ(parse(npy(dictionary("<i4", "(2, 3)", "True"), std::string((const char *)columns, 24)), array).message(),
            "");
  for (int32_t i = 0; i < 6; ++i)
    EXPECT_EQ(reinterpret_cast<int32_t *>(array.data.get())[i], i);
  // 2 x 2 x 2.
  const char cube[] = {0, 4, 2, 6, 1, 5, 3, 7};
  EXPECT_EQ(parse(npy(dictionary("|i1", "(2, 2, 2)", "True"), std::string(cube, 8)), array).message(), "");
  for (int i = 0; i < 8; ++i)
    EXPECT_EQ(array.data.get()[i], i);
}

TEST(Npz, Refusals) {
  const std::string data(24, '\0');
  const struct {
    std::string bytes, message;
  } cases[] = {
      {"", "not an .npy file"},
      {"PK\3\4aaaaaaaaaaaaaaaa", "not an .npy file"},
      {npy(dictionary("<f4", "(2, 3)"), data, 4), "version 4"},
      {npy(dictionary(">f4", "(2, 3)"), data), "big endian"},
      {npy(dictionary("|O", "(2, 3)"), data), "dtype '|O'"},
      {npy(dictionary("<U7", "(2, 3)"), data), "dtype '<U7'"},
      {npy(dictionary("<c8", "(3,)"), data), "dtype '<c8'"},
      {npy(dictionary("<V2", "(12,)"), data), "bfloat16"},
      {npy("{'descr': [('a', '<f4')], 'fortran_order': False, 'shape': (6,), }", data), "structured"},
      {npy(dictionary("<f4", "(2, 4)"), data), "truncated: shape f32[2, 4] takes 32 bytes, there are 24"},
      {npy(dictionary("<f4", "(2, 2)"), data), "8 bytes more than shape f32[2, 2] takes"},
      {npy(dictionary("<f4", "(-2, 2)"), data), "malformed"},
      {npy(dictionary("<f4", "(9223372036854775807,)"), data), "63 bits"},
      {npy(dictionary("<f4", "(9223372036854775808,)"), data), "malformed"},
      {npy(dictionary("<f4", "(4294967296, 4294967296)"), data), "63 bits"},
      {npy(dictionary("<f4", "(1000000000000,)"), data), "truncated"},
      {npy(dictionary("<f4", "(1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,6)"), data), "rank 17"},
      {npy(dictionary("<f4", "2"), data), "malformed"},
      {npy(dictionary("<f4", "(2 3)"), data), "malformed"},
      {npy("{'descr': '<f4', 'fortran_order': False}", data), "malformed"},
      {npy("{'descr': '<f4', 'descr': '<f4', 'fortran_order': False, 'shape': (6,)}", data), "malformed"},
      {npy("{'descr': '<f4', 'fortran_order': Maybe, 'shape': (6,)}", data), "malformed"},
      {npy(dictionary("<f4", "(6,)") + "x", data), "malformed"},
      {npy(dictionary("|b1", "(24,)"), std::string(24, '\2')), "a bool is neither 0 nor 1"},
      {npy(dictionary("<f4", "(6,)"), data).substr(0, 30), "truncated"},
      {npy(dictionary("<f4", "(6,)"), data, 2).substr(0, 9), "truncated"},
  };
  for (const auto &c : cases)
    EXPECT_NE(errorOf(c.bytes).find(c.message), std::string::npos) << c.message << "\n gave: " << errorOf(c.bytes);
}

TEST(Npz, PathsThatCannotBeWritten) {
  TemporaryFolder folder;
  std::vector<float> data(4);
  const std::vector<npz::ArrayView> views = {{"x", tensor(data, {4}, PARE_RT_F32)}};
  ASSERT_EQ(mkfifo(folder.file("pipe").c_str(), 0666), 0);
  EXPECT_NE(npz::writeNpz(folder.file("pipe"), views).message().find("not a regular file"), std::string::npos);
  EXPECT_TRUE(npz::writeNpz(folder.file("missing/a.npz"), views).failed());
  EXPECT_TRUE(npz::writeNpz(folder.file("empty.npz"), {}).failed());
  EXPECT_EQ(folder.list(), std::vector<std::string>{"pipe"});
}

TEST(Npz, NoBFloat16) {
  TemporaryFolder folder;
  std::vector<uint16_t> data(4);
  rt::Status status = npz::writeNpz(folder.file("a.npz"), {{"x", tensor(data, {4}, PARE_RT_BF16)}});
  EXPECT_NE(status.message().find("array 'x': numpy has no dtype bf16"), std::string::npos) << status.message();
  EXPECT_TRUE(folder.list().empty());
}

TEST(Npz, TruncatedAndChangedBytesNeverCrash) {
  TemporaryFolder folder;
  std::vector<float> data(300);
  for (size_t i = 0; i < data.size(); ++i)
    data[i] = float(i);
  for (bool compress : {false, true}) {
    ASSERT_FALSE(npz::writeNpz(folder.file("a.npz"),
                               {{"x", tensor(data, {10, 30}, PARE_RT_F32)}, {"y", tensor(data, {300}, PARE_RT_F32)}},
                               compress)
                     .failed());
    const std::string good = readFile(folder.file("a.npz"));
    std::vector<npz::NamedArray> arrays;
    for (size_t length = 0; length < good.size(); ++length) {
      std::vector<uint8_t> bytes(good.begin(), good.begin() + long(length));
      EXPECT_TRUE(npz::parseNpz(bytes.data(), bytes.size(), arrays).failed()) << length;
    }
    std::minstd_rand random(9);
    for (int i = 0; i < 4000; ++i) {
      std::vector<uint8_t> bytes(good.begin(), good.end());
      for (unsigned changes = 1 + random() % 3; changes; --changes)
        bytes[random() % bytes.size()] ^= uint8_t(1 << random() % 8);
      if (!npz::parseNpz(bytes.data(), bytes.size(), arrays).failed())
        for (const npz::NamedArray &array : arrays)
          EXPECT_EQ(array.array.bytes, 1200u); // Only names, times and flags are not under a checksum.
    }
  }
}

} // namespace
} // namespace pare::test
