// The manifest: what is read from it and what is refused.
#include "TestModule.h"

#include "module/Manifest.h"

namespace pare::test {
namespace {

using rt::Manifest;

std::string wrap(const std::string &entries) {
  return R"({"format":1,"abi":1,"producer":"t","variants":["x86-64-v2"],"entries":)" + entries + "}";
}

std::string wrapInput(const std::string &input) {
  return wrap(R"([{"name":"main","inputs":[)" + input + R"(],"outputs":[]}])");
}

std::string errorOf(const std::string &json) {
  Manifest manifest;
  return rt::parseManifest(json, manifest).message();
}

TEST(Manifest, ReadsEverything) {
  Manifest manifest;
  rt::Status status = rt::parseManifest(moduleManifest, manifest);
  ASSERT_FALSE(status.failed()) << status.message();
  EXPECT_EQ(manifest.producer, "test");
  ASSERT_EQ(manifest.variants.size(), 2u);
  EXPECT_EQ(manifest.variants[1], rt::Variant::V3);
  ASSERT_EQ(manifest.entries.size(), 6u);
  const rt::Value &x = manifest.entries[0].inputs[0];
  EXPECT_EQ(x.name, "x");
  EXPECT_EQ(x.dtype, PARE_RT_F32);
  EXPECT_EQ(x.dims[0].symbol, "batch");
  EXPECT_EQ(x.dims[1].size, 4);
  EXPECT_EQ(manifest.entries[1].inputs[0].dims[0].kind, PARE_RT_DIM_UNKNOWN);
}

std::string wrapLaunches(const std::string &launches) {
  return R"({"format":1,"abi":1,"producer":"t","variants":["x86-64-v2"],"entries":[{"name":"a","inputs":[],"outputs":[]}],"launches":)" +
         launches + "}";
}

TEST(Manifest, ReadsLaunches) {
  Manifest manifest;
  rt::Status status = rt::parseManifest(
      wrapLaunches(R"([{"kernel":3,"name":"matmul+add","nodes":["a/b","c"]},{"kernel":0,"name":"exp","nodes":[]}])"),
      manifest);
  ASSERT_FALSE(status.failed()) << status.message();
  ASSERT_EQ(manifest.launches.size(), 2u);
  EXPECT_EQ(manifest.launches[0].kernel, 3u);
  EXPECT_EQ(manifest.launches[0].name, "matmul+add");
  EXPECT_EQ(manifest.launches[0].nodes, (std::vector<std::string>{"a/b", "c"}));
  EXPECT_TRUE(manifest.launches[1].nodes.empty());
  // Files of earlier compilers have none.
  status = rt::parseManifest(moduleManifest, manifest);
  ASSERT_FALSE(status.failed()) << status.message();
  EXPECT_TRUE(manifest.launches.empty());
}

TEST(Manifest, UnknownMembersAreIgnored) {
  EXPECT_EQ(errorOf(wrapInput(R"({"name":"x","dtype":"bf16","dims":[],"later":{"a":[1]}})")), "");
}

TEST(Manifest, Refusals) {
  const struct {
    std::string json, message;
  } cases[] = {
      {"", "parse error"},
      {"[]", "not an object"},
      {"{", "parse error"},
      {std::string(100000, '['), "parse error"},
      {std::string("{\"format\":1\0}", 13), "parse error"},
      {"{\"format\":\"\xff\"}", "parse error"},
      {"{}", "'format' is missing"},
      {R"({"format":2,"abi":1})", "'format' is 2; this runtime reads 1"},
      {R"({"format":1.5,"abi":1})", "'format'"},
      {R"({"format":1,"abi":9})", "'abi' is 9"},
      {R"({"format":1,"abi":1})", "'producer'"},
      {R"({"format":1,"abi":1,"producer":"t","variants":[],"entries":[]})", "'variants'"},
      {R"({"format":1,"abi":1,"producer":"t","variants":["armv8"],"entries":[]})", "unknown CPU variant"},
      {R"({"format":1,"abi":1,"producer":"t","variants":["v3"],"entries":[]})", "unknown CPU variant"},
      {R"({"format":1,"abi":1,"producer":"t","variants":[7],"entries":[]})", "unknown CPU variant 7"},
      {R"({"format":1,"abi":1,"producer":"t","variants":["x86-64-v2","x86-64-v2"],"entries":[]})", "occurs twice"},
      {wrap("[]"), "'entries'"},
      {wrap("[3]"), "not an object"},
      {wrap(R"([{"inputs":[],"outputs":[]}])"), "'name'"},
      {wrap(R"([{"name":"a-b","inputs":[],"outputs":[]}])"), "C identifier"},
      {wrap(R"([{"name":"a","outputs":[]}])"), "'inputs' is missing"},
      {wrap(R"([{"name":"a","inputs":[]}])"), "'outputs' is missing"},
      {wrap(R"([{"name":"a","inputs":[],"outputs":[]},{"name":"a","inputs":[],"outputs":[]}])"), "occurs twice"},
      {wrapInput("null"), "not an object"},
      {wrapInput(R"({"dtype":"f32","dims":[]})"), "'name'"},
      {wrapInput(R"({"name":"","dtype":"f32","dims":[]})"), "'name'"},
      {wrapInput(R"({"name":"a\u0000b","dtype":"f32","dims":[]})"), "'name'"},
      {wrapInput(R"({"name":"x","dims":[]})"), "input 'x': 'dtype' is missing"},
      {wrapInput(R"({"name":"x","dtype":"f31","dims":[]})"), "unknown dtype 'f31'"},
      {wrapInput(R"({"name":"x","dtype":"f32"})"), "'dims' is missing"},
      {wrapInput(R"({"name":"x","dtype":"f32","dims":null})"), "'dims' is missing"},
      {wrapInput(R"({"name":"x","dtype":"f32","dims":[-1]})"), "negative"},
      {wrapInput(R"({"name":"x","dtype":"f32","dims":[1.5]})"), "neither a number"},
      {wrapInput(R"({"name":"x","dtype":"f32","dims":[""]})"), "symbol"},
      {wrapInput(R"({"name":"x","dtype":"f32","dims":[18446744073709551615]})"), "too large"},
      {wrapInput(R"({"name":"x","dtype":"f32","dims":[4611686018427387904,2]})"), "63 bits"},
      {wrapInput(R"({"name":"x","dtype":"f32","dims":[1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1]})"), "rank 17"},
      {wrapInput(R"({"name":"x","dtype":"f32","dims":[]},{"name":"x","dtype":"f32","dims":[]})"), "occurs twice"},
      {R"({"format":1,"abi":1,"producer":"t","variants":["x86-64-v2"],"entries":[{"name":"a","inputs":[],"outputs":[]}],"report":1})",
       "report"},
      {wrapLaunches("{}"), "'launches' is not an array"},
      {wrapLaunches("[1]"), "launch 0: not an object"},
      {wrapLaunches(R"([{"name":"a","nodes":[]}])"), "launch 0: 'kernel' is missing"},
      {wrapLaunches(R"([{"kernel":-1,"name":"a","nodes":[]}])"), "not the number of a kernel"},
      {wrapLaunches(R"([{"kernel":4294967296,"name":"a","nodes":[]}])"), "not the number of a kernel"},
      {wrapLaunches(R"([{"kernel":0,"name":"a","nodes":[]},{"kernel":0,"nodes":[]}])"), "launch 1: 'name' is missing"},
      {wrapLaunches(R"([{"kernel":0,"name":"a"}])"), "'nodes' is missing"},
      {wrapLaunches(R"([{"kernel":0,"name":"a","nodes":[1]}])"), "a node is not a string"},
      {wrapLaunches(R"([{"kernel":0,"name":"a","nodes":["x\u0000"]}])"), "zero byte"},
  };
  for (const auto &c : cases) {
    std::string error = errorOf(c.json);
    EXPECT_NE(error.find(c.message), std::string::npos) << c.json.substr(0, 200) << "\n gave: " << error;
  }
}

} // namespace
} // namespace pare::test
