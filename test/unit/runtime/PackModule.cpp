#include "PackModule.h"

namespace pare::test {

std::string packManifest() {
  std::string entries = R"({"name": "encode",
     "inputs": [{"name": "input_ids", "dtype": "i64", "dims": ["batch", "seq"]},
                {"name": "attention_mask", "dtype": "i64", "dims": ["batch", "seq"]},
                {"name": "bias", "dtype": "f32", "dims": ["batch", 3]}],
     "outputs": [{"name": "rows", "dtype": "f32", "dims": ["batch", "seq", 2]},
                 {"name": "scores", "dtype": "i32", "dims": ["batch", 2, "seq", "seq"]},
                 {"name": "pooled", "dtype": "f32", "dims": ["batch", 3]}]},
    {"name": "wrong",
     "inputs": [{"name": "input_ids", "dtype": "i64", "dims": ["batch", "seq"]},
                {"name": "attention_mask", "dtype": "i64", "dims": ["batch", "seq"]}],
     "outputs": [{"name": "rows", "dtype": "i64", "dims": ["batch", "seq"]}]})";
  for (std::string dtype : {"i64", "i32", "bool", "f32", "f64"})
    entries += R"(, {"name": ")" + dtype + R"(",
     "inputs": [{"name": "vectors", "dtype": "f32", "dims": ["n", 2, "t", 2]},
                {"name": "input_mask", "dtype": ")" +
               dtype + R"(", "dims": ["n", "t"]}],
     "outputs": [{"name": "same", "dtype": "f32", "dims": ["n", 2, "t", 2]},
                 {"name": "counts", "dtype": "i64", "dims": ["n"]}]})";
  return R"({"format": 1, "abi": 1, "producer": "test", "variants": ["x86-64-v2"], "entries": [)" + entries + "]}";
}

pare_packer_options packOptions(uint64_t tokens, const char *entry) {
  pare_packer_options options = {};
  options.struct_size = sizeof options;
  options.max_tokens = tokens;
  options.entry = entry;
  return options;
}

PackerPtr openPacker(pare_packer_options options) {
  TemporaryFolder folder;
  writeModule(folder.file("m.pare"), "pack", packManifest());
  ModulePtr module;
  EXPECT_OK(load(folder.file("m.pare"), module).release());
  pare_packer *packer = nullptr;
  if (module)
    EXPECT_OK(pare_packer_create(module.get(), &options, &packer));
  return PackerPtr(packer);
}

pare_pack_stats stats(const pare_packer *packer) {
  pare_pack_stats result;
  pare_packer_stats(packer, &result);
  return result;
}

EncodeRequest::EncodeRequest(std::vector<int64_t> ids, float bias)
    : ids(std::move(ids)), bias({bias, bias + 1, bias + 2}) {}

std::vector<pare_rt_tensor> EncodeRequest::tensors() {
  return {tensor(ids, {int64_t(ids.size())}, PARE_RT_I64), {}, tensor(bias, {3}, PARE_RT_F32)};
}

void EncodeRequest::expect(const pare_rt_tensor *outputs) const {
  auto length = int64_t(ids.size());
  const pare_rt_tensor &rows = outputs[0], &scores = outputs[1], &pooled = outputs[2];
  ASSERT_EQ(rows.rank, 2u);
  ASSERT_EQ(rows.dims[0], length);
  ASSERT_EQ(rows.dims[1], 2);
  ASSERT_EQ(rows.dtype, PARE_RT_F32);
  ASSERT_EQ(scores.rank, 3u);
  ASSERT_EQ(scores.dims[0], 2);
  ASSERT_EQ(scores.dims[1], length);
  ASSERT_EQ(scores.dims[2], length);
  ASSERT_EQ(scores.dtype, PARE_RT_I32);
  ASSERT_EQ(pooled.rank, 1u);
  ASSERT_EQ(pooled.dims[0], 3);
  ASSERT_GE(rows.size, uint64_t(length) * 8);
  int64_t sum = 0;
  for (int64_t i = 0; i < length; ++i) {
    sum += ids[size_t(i)];
    ASSERT_EQ(static_cast<const float *>(rows.data)[i * 2], float(sum));
    ASSERT_EQ(static_cast<const float *>(rows.data)[i * 2 + 1], float(ids[size_t(i)]));
    for (int64_t j = 0; j < length; ++j)
      for (int64_t h = 0; h < 2; ++h)
        ASSERT_EQ(static_cast<const int32_t *>(scores.data)[(h * length + i) * length + j],
                  ids[size_t(i)] * 1000 + ids[size_t(j)] + h);
  }
  for (size_t d = 0; d < 3; ++d)
    ASSERT_EQ(static_cast<const float *>(pooled.data)[d], float(sum) + bias[d]);
}

void runAll(pare_packer *packer, std::vector<EncodeRequest> &requests) {
  std::vector<pare_rt_tensor> inputs, outputs(requests.size() * 3);
  for (EncodeRequest &request : requests)
    for (const pare_rt_tensor &tensor : request.tensors())
      inputs.push_back(tensor);
  Error error(pare_packer_run(packer, inputs.data(), uint32_t(requests.size()), outputs.data()));
  ASSERT_FALSE(error) << text(error);
  for (size_t i = 0; i < requests.size(); ++i)
    requests[i].expect(outputs.data() + i * 3);
}

} // namespace pare::test
