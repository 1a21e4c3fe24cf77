// The packer: every request gets what it would get alone, in its place; signatures and requests that do not fit are
// refused with a reason.
#include "PackModule.h"

#include <cstring>
#include <random>

namespace pare::test {
namespace {

std::string runError(pare_packer *packer, std::vector<pare_rt_tensor> inputs, uint32_t count = 1) {
  std::vector<pare_rt_tensor> outputs(count * 3);
  Error error(pare_packer_run(packer, inputs.data(), count, outputs.data()));
  EXPECT_EQ(pare_rt_status_code(error.get()), PARE_RT_INVALID_ARGUMENT);
  for (const pare_rt_tensor &output : outputs)
    EXPECT_EQ(output.data, nullptr);
  return text(error);
}

std::string createError(const std::string &entry, pare_packer_options options = packOptions(0)) {
  TemporaryFolder folder;
  writeModule(
      folder.file("m.pare"), "pack",
      R"({"format": 1, "abi": 1, "producer": "test", "variants": ["x86-64-v2"], "entries": [{"name": "encode", )" +
          entry + "}]}");
  ModulePtr module;
  EXPECT_OK(load(folder.file("m.pare"), module).release());
  pare_packer *packer = nullptr;
  Error error(pare_packer_create(module.get(), &options, &packer));
  EXPECT_EQ(packer == nullptr, bool(error));
  pare_packer_release(packer);
  return text(error);
}

TEST(Packer, RunsInOrderOfArrival) {
  PackerPtr packer = openPacker(packOptions(10));
  std::vector<EncodeRequest> requests;
  for (const std::vector<int64_t> &ids : std::vector<std::vector<int64_t>>{
           {5}, {1, 2, 3, 4, 5, 6, 7}, {8, 9}, {1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1}, {3, 2, 1}})
    requests.emplace_back(ids, float(ids.size()));
  runAll(packer.get(), requests);
  pare_pack_stats done = stats(packer.get());
  EXPECT_EQ(done.calls, 3u); // 13; 7 + 3; 2 + 1
  EXPECT_EQ(done.requests, 5u);
  EXPECT_EQ(done.tokens, 26u);
  EXPECT_EQ(done.cells, 13u + 2 * 7 + 2 * 2);
  EXPECT_EQ(done.failed_calls, 0u);
  EXPECT_STREQ(pare_packer_entry(packer.get())->name, "encode");
  EXPECT_EQ(pare_packer_mask_input(packer.get()), 1u);
  EXPECT_EQ(pare_packer_api_version(), PARE_PACKER_API_VERSION);
}

TEST(Packer, Nothing) {
  PackerPtr packer = openPacker(packOptions(10));
  EXPECT_OK(pare_packer_run(packer.get(), nullptr, 0, nullptr));
  EXPECT_OK(pare_packer_flush(packer.get()));
  EXPECT_EQ(stats(packer.get()).calls, 0u);
}

TEST(Packer, RandomRequestsEqualSingleRuns) {
  std::mt19937 random(3);
  PackerPtr packer = openPacker(packOptions(64));
  for (int round = 0; round < 20; ++round) {
    std::vector<EncodeRequest> requests;
    for (uint32_t i = 0, count = random() % 40; i < count; ++i) {
      std::vector<int64_t> ids(1 + random() % (i % 7 ? 20 : 90));
      for (int64_t &id : ids)
        id = int64_t(random() % 98);
      requests.emplace_back(std::move(ids), float(random() % 50));
    }
    runAll(packer.get(), requests);
    for (EncodeRequest &request : requests) {
      std::vector<EncodeRequest> alone = {request};
      runAll(packer.get(), alone);
    }
  }
}

TEST(Packer, SteadyStateAllocatesNothing) {
  PackerPtr packer = openPacker(packOptions(16));
  std::vector<EncodeRequest> requests;
  for (int64_t i = 1; i < 12; ++i)
    requests.emplace_back(std::vector<int64_t>(size_t(i), i));
  runAll(packer.get(), requests);
  uint64_t before = stats(packer.get()).allocations;
  EXPECT_GT(before, 0u);
  runAll(packer.get(), requests);
  EXPECT_EQ(stats(packer.get()).allocations, before);
}

template <typename T> void runMask(const char *entry) {
  PackerPtr packer = openPacker(packOptions(100, entry));
  std::vector<std::vector<float>> vectors;
  std::vector<pare_rt_tensor> inputs, outputs(6);
  std::vector<T> ones(3, T(1));
  for (int64_t length : {2, 5, 3}) {
    vectors.emplace_back(size_t(length) * 4);
    for (size_t i = 0; i < vectors.back().size(); ++i)
      vectors.back()[i] = float(length * 100 + int64_t(i));
  }
  for (std::vector<float> &data : vectors) {
    inputs.push_back(tensor(data, {2, int64_t(data.size()) / 4, 2}, PARE_RT_F32));
    inputs.push_back({});
  }
  // The last one brings its mask along.
  inputs.back() = tensor(ones, {3}, pare_packer_entry(packer.get())->inputs[1].dtype);
  Error error(pare_packer_run(packer.get(), inputs.data(), 3, outputs.data()));
  ASSERT_FALSE(error) << entry << text(error);
  for (size_t i = 0; i < 3; ++i) {
    const pare_rt_tensor &same = outputs[i * 2], &counts = outputs[i * 2 + 1];
    ASSERT_EQ(same.rank, 3u);
    ASSERT_EQ(same.dims[1], int64_t(vectors[i].size()) / 4);
    EXPECT_EQ(memcmp(same.data, vectors[i].data(), vectors[i].size() * 4), 0) << entry << i;
    ASSERT_EQ(counts.rank, 0u);
    EXPECT_EQ(*static_cast<int64_t *>(counts.data), same.dims[1]) << entry;
  }
  EXPECT_EQ(stats(packer.get()).calls, 1u);
}

TEST(Packer, MasksOfEveryDType) {
  runMask<int64_t>("i64");
  runMask<int32_t>("i32");
  runMask<uint8_t>("bool");
  runMask<float>("f32");
  runMask<double>("f64");
}

TEST(Packer, BatchesOfOneAndBuffersOfTheCaller) {
  PackerPtr packer = openPacker(packOptions(10));
  std::vector<int64_t> ids = {4, 5, 6}, mask = {1, 1, 1};
  std::vector<float> bias = {1, 2, 3}, rows(8, -1), pooled(3);
  std::vector<pare_rt_tensor> inputs = {tensor(ids, {1, 3}, PARE_RT_I64), tensor(mask, {1, 3}, PARE_RT_I64),
                                        tensor(bias, {1, 3}, PARE_RT_F32)};
  std::vector<pare_rt_tensor> outputs = {tensor(rows, {8}, PARE_RT_F32), {}, tensor(pooled, {3}, PARE_RT_F32)};
  EXPECT_OK(pare_packer_run(packer.get(), inputs.data(), 1, outputs.data()));
  EncodeRequest(ids, 1).expect(outputs.data());
  EXPECT_EQ(outputs[0].data, rows.data());
  EXPECT_EQ(rows[6], -1);
  outputs[0].size = 23;
  EXPECT_EQ(text(Error(pare_packer_run(packer.get(), inputs.data(), 1, outputs.data()))),
            "request 0: output 'rows': f32[seq, 2] of 3 tokens takes 24 bytes, the buffer has 23");
  outputs[0].dtype = PARE_RT_F64;
  EXPECT_EQ(text(Error(pare_packer_run(packer.get(), inputs.data(), 1, outputs.data()))),
            "request 0: output 'rows': it has dtype f32, the buffer given is for f64");
}

TEST(Packer, RequestsThatDoNotFit) {
  PackerPtr packer = openPacker(packOptions(10));
  EncodeRequest good({1, 2});
  std::vector<int64_t> none, ids = {1, 2, 3}, holes = {1, 0};
  auto with = [&](uint32_t index, pare_rt_tensor given) {
    std::vector<pare_rt_tensor> inputs = good.tensors();
    inputs[index] = given;
    return runError(packer.get(), inputs);
  };
  EXPECT_EQ(with(0, tensor(none, {0}, PARE_RT_I64)),
            "request 0: input 'input_ids': the request has no tokens, expected at least one");
  EXPECT_EQ(with(0, tensor(ids, {3}, PARE_RT_I32)),
            "request 0: input 'input_ids': expected i64[seq] for one request, got i32[3]");
  EXPECT_EQ(with(0, tensor(ids, {3, 1}, PARE_RT_I64)),
            "request 0: input 'input_ids': expected i64[seq] for one request, got i64[3, 1]");
  EXPECT_EQ(with(0, tensor(ids, {-1}, PARE_RT_I64)),
            "request 0: input 'input_ids': expected i64[seq] for one request, got i64[-1]");
  EXPECT_EQ(with(1, tensor(ids, {3}, PARE_RT_I64)),
            "request 0: input 'attention_mask': expected a request of 2 tokens, as its other inputs have, got i64[3]");
  EXPECT_EQ(with(1, tensor(holes, {2}, PARE_RT_I64)),
            "request 0: input 'attention_mask': element 1 is not 1: a request "
            "has no padding, leave it and the mask out");
  EXPECT_EQ(with(2, tensor(ids, {4}, PARE_RT_F32)),
            "request 0: input 'bias': expected f32[3] for one request, got f32[4]");
  EXPECT_EQ(with(0, {}), "request 0: input 'input_ids': expected i64[seq] for one request, got f32[]");
  pare_rt_tensor odd = tensor(ids, {2}, PARE_RT_I64);
  odd.size = 15;
  EXPECT_EQ(with(0, odd), "request 0: input 'input_ids': shape i64[2] takes 16 bytes, the buffer has 15");
  odd.size = 16;
  odd.data = nullptr;
  EXPECT_EQ(with(0, odd), "request 0: input 'input_ids': data is NULL");
  odd.rank = 1000;
  EXPECT_EQ(with(0, odd), "request 0: input 'input_ids': rank 1000 is above the limit of 16");
  odd = tensor(ids, {int64_t(1) << 62}, PARE_RT_I64);
  EXPECT_EQ(with(0, odd), "request 0: input 'input_ids': the size of shape i64[4611686018427387904] leaves 63 bits");
  // The one at fault is named, and nothing ran.
  std::vector<pare_rt_tensor> two = good.tensors(), second = good.tensors();
  two.insert(two.end(), second.begin(), second.end());
  two[3] = tensor(none, {0}, PARE_RT_I64);
  EXPECT_EQ(runError(packer.get(), two, 2).substr(0, 11), "request 1: ");
  EXPECT_EQ(stats(packer.get()).calls, 0u);
}

TEST(Packer, SignaturesThatDoNotFit) {
  const std::string ids = R"({"name": "input_ids", "dtype": "i64", "dims": ["batch", "seq"]})",
                    mask = R"({"name": "attention_mask", "dtype": "i64", "dims": ["batch", "seq"]})",
                    out = R"({"name": "out", "dtype": "f32", "dims": ["batch", 8]})";
  auto entry = [](const std::string &inputs, const std::string &outputs) {
    return R"("inputs": [)" + inputs + R"(], "outputs": [)" + outputs + "]";
  };
  EXPECT_EQ(createError(entry(ids + "," + mask, out)), "");
  EXPECT_EQ(
      createError(entry(ids, out)),
      "entry 'encode' has no input 'attention_mask' or 'input_mask': say which input is the mask (mask_input); it "
      "takes: input_ids i64[batch, seq]");
  pare_packer_options options = packOptions(0);
  options.mask_input = "valid";
  EXPECT_EQ(createError(entry(ids + "," + mask, out), options),
            "entry 'encode' has no input 'valid' to be the mask; it takes: input_ids i64[batch, seq], attention_mask "
            "i64[batch, seq]");
  options.mask_input = "input_ids"; // a name is believed
  EXPECT_EQ(createError(entry(ids + "," + mask, out), options), "");
  options = packOptions(0);
  options.batch_dim = "rows";
  EXPECT_EQ(
      createError(entry(ids + "," + mask, out), options),
      "the mask 'attention_mask' is i64[batch, seq]: requests cannot be packed, expected [rows, sequence], two open "
      "dimensions with names");
  options = packOptions(0);
  options.sequence_dim = "batch";
  EXPECT_NE(createError(entry(ids + "," + mask, out), options).find("expected [batch, batch]"), std::string::npos);
  EXPECT_EQ(
      createError(entry(ids + "," + mask, R"({"name": "out", "dtype": "f32", "dims": ["batch", "words", 8]})")),
      "output 'out' is f32[batch, words, 8]: requests cannot be packed, expected its dimension 1 to be 'seq' or of "
      "one size (sequence_dim says which one counts tokens)");
  EXPECT_EQ(
      createError(entry(ids + "," + mask, R"({"name": "out", "dtype": "f32", "dims": ["seq", "batch"]})")),
      "output 'out' is f32[seq, batch]: requests cannot be packed, expected 'batch' as its first dimension (batch_dim "
      "says which one counts sequences)");
  EXPECT_NE(
      createError(entry(ids + "," + mask, R"({"name": "out", "dtype": "f32", "dims": []})")).find("'out' is f32[]"),
      std::string::npos);
  EXPECT_NE(createError(entry(ids + "," + mask + R"(, {"name": "p", "dtype": "i64", "dims": [1, "seq"]})", out))
                .find("input 'p' is i64[1, seq]"),
            std::string::npos);
  EXPECT_NE(createError(entry(ids + R"(, {"name": "input_mask", "dtype": "i64", "dims": ["batch", 128]})", out))
                .find("the mask 'input_mask' is i64[batch, 128]"),
            std::string::npos);
  EXPECT_NE(createError(entry(ids + R"(, {"name": "input_mask", "dtype": "i64", "dims": ["n", "n"]})", out))
                .find("both dimensions have one name"),
            std::string::npos);
  EXPECT_EQ(createError(entry(mask + R"(, {"name": "x", "dtype": "i64", "dims": ["batch", 4]})", out)),
            "no input but the mask 'attention_mask' has the dimension 'seq'");
  options = packOptions(0);
  options.struct_size = 8;
  EXPECT_NE(createError(entry(ids + "," + mask, out), options).find("pare_packer_options has size 8"),
            std::string::npos);
}

TEST(Packer, OnlyTheRequestAtFaultFails) {
  PackerPtr packer = openPacker(packOptions(100));
  std::vector<EncodeRequest> requests;
  std::vector<TicketPtr> tickets;
  for (int64_t i = 0; i < 9; ++i) {
    requests.emplace_back(std::vector<int64_t>{i, i == 5 ? 99 : 1, i});
    pare_pack_ticket *ticket = nullptr;
    EXPECT_OK(pare_packer_submit(packer.get(), requests.back().tensors().data(), &ticket));
    tickets.emplace_back(ticket);
  }
  EXPECT_OK(pare_packer_flush(packer.get()));
  for (size_t i = 0; i < 9; ++i) {
    pare_rt_tensor outputs[3] = {};
    EXPECT_TRUE(pare_pack_ticket_done(tickets[i].get()));
    Error error(pare_pack_ticket_wait(tickets[i].get(), outputs));
    if (i != 5)
      requests[i].expect(outputs);
    else
      EXPECT_EQ(text(error), "entry 'encode': id 99 is out of range");
  }
  EXPECT_EQ(stats(packer.get()).requests, 8u);
  std::vector<pare_rt_tensor> inputs = requests[0].tensors(), bad = requests[5].tensors(), outputs(6);
  inputs.insert(inputs.end(), bad.begin(), bad.end());
  Error error(pare_packer_run(packer.get(), inputs.data(), 2, outputs.data()));
  EXPECT_EQ(text(error), "request 1: entry 'encode': id 99 is out of range");
  EXPECT_EQ(pare_rt_status_code(error.get()), PARE_RT_RUN_FAILED);
}

TEST(Packer, ModelThatContradictsItself) {
  PackerPtr packer = openPacker(packOptions(100, "wrong"));
  std::vector<int64_t> ids = {1, 2};
  std::vector<pare_rt_tensor> inputs = {tensor(ids, {2}, PARE_RT_I64), {}}, outputs(1);
  Error error(pare_packer_run(packer.get(), inputs.data(), 1, outputs.data()));
  EXPECT_EQ(text(error),
            "request 0: output 'rows' of 1 requests, the longest of 2 tokens: expected i64[batch, seq], got "
            "i64[1, 3]");
  EXPECT_EQ(pare_rt_status_code(error.get()), PARE_RT_BAD_MODULE);
}

TEST(Packer, NullArguments) {
  PackerPtr packer = openPacker(packOptions(10));
  pare_rt_tensor tensor = {};
  EXPECT_EQ(text(Error(pare_packer_create(nullptr, nullptr, nullptr))), "argument 'module' is NULL");
  EXPECT_EQ(text(Error(pare_packer_run(packer.get(), nullptr, 1, &tensor))), "argument 'inputs' is NULL");
  EXPECT_EQ(text(Error(pare_packer_run(packer.get(), &tensor, 1, nullptr))), "argument 'outputs' is NULL");
  EXPECT_EQ(text(Error(pare_packer_submit(packer.get(), &tensor, nullptr))), "argument 'ticket' is NULL");
  EXPECT_EQ(text(Error(pare_packer_flush(nullptr))), "argument 'packer' is NULL");
  EXPECT_EQ(text(Error(pare_pack_ticket_wait(nullptr, &tensor))), "argument 'ticket' is NULL");
  pare_packer_release(nullptr);
  pare_pack_ticket_release(nullptr);
}

} // namespace
} // namespace pare::test
