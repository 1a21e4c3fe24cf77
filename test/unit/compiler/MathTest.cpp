// Functions of f32 as compiled, beside double precision, over all floats: every PARE_MATH_STRIDE-th of the 2^32
// (default 997; 1 is all of them, which takes an hour).
#include "Helpers.h"

#include "base/Cpu.h"
#include "pare-rt/api.h"

#include <cfloat>
#include <cmath>
#include <cstdlib>
#include <cstring>
#include <memory>

namespace pare::test {
namespace {

struct Function {
  const char *name; // of the op, or of the ops below
  double (*exact)(double);
  double ulps;               // of the result that compiled code may be off
  double absolute = 0;       // and what is added to that, where the function cancels
  bool mayFlush = false;     // a subnormal result may be 0
  const char *ops = nullptr; // of %x, in place of one op, up to %<name>
};

constexpr double kUnit = 0x1p-24;

double sigmoid(double x) { return 1 / (1 + std::exp(-x)); }
double softplus(double x) { return x > 40 ? x : std::log1p(std::exp(x)); }
double gelu(double x) { return x == -INFINITY ? NAN : 0.5 * x * std::erfc(-x * std::sqrt(0.5)); }
// std::sin and its like are overloaded.
double exponential(double x) { return std::exp(x); }
double errorFunction(double x) { return std::erf(x); }
double hyperbolicTangent(double x) { return std::tanh(x); }
double logarithm(double x) { return std::log(x); }
double sine(double x) { return std::sin(x); }
double cosine(double x) { return std::cos(x); }

double onePlusExp(double x) { return 1 + std::exp(-x); }
double onePlusErf(double x) { return std::erfc(x); }

/// The primitives are held to 2 ULP, compositions to what docs/Numerics.md says of them.
const Function kFunctions[] = {
    {"exp", exponential, 2},
    {"erf", errorFunction, 2},
    {"tanh", hyperbolicTangent, 2},
    {"log", logarithm, 2},
    {"sin", sine, 2},
    {"cos", cosine, 2},
    {"sigmoid", sigmoid, 4, 0, /*mayFlush=*/true},
    {"softplus", softplus, 4, 4 * kUnit},
    {"gelu", gelu, 4, 4 * kUnit},
    // Compiled together: 1 + e^-x, and 1 + erf(-x), which is good to 2^-23.
    {"one_plus_exp", onePlusExp, 2, 0, false, R"(
  %ne = pare.neg %x : (tensor<?xf32>) -> tensor<?xf32>
  %e = pare.exp %ne : (tensor<?xf32>) -> tensor<?xf32>
  %one_plus_exp = pare.add %e, %one : (tensor<?xf32>, tensor<f32>) -> tensor<?xf32>
)"},
    {"one_plus_erf", onePlusErf, 1, 2 * kUnit, false, R"(
  %nr = pare.neg %x : (tensor<?xf32>) -> tensor<?xf32>
  %r = pare.erf %nr : (tensor<?xf32>) -> tensor<?xf32>
  %one_plus_erf = pare.add %one, %r : (tensor<f32>, tensor<?xf32>) -> tensor<?xf32>
)"},
};
constexpr size_t kCount = std::size(kFunctions);

/// All of them as outputs of one model.
std::string model() {
  std::string results, body, values, types;
  for (size_t i = 0; i < kCount; ++i) {
    std::string name = kFunctions[i].name, comma = i ? ", " : "";
    results += comma + "tensor<?xf32> {pare.name = \"" + name + "\", pare.dims = [\"n\"]}";
    body += kFunctions[i].ops ? kFunctions[i].ops
                              : "  %" + name + " = pare." + name + " %x : (tensor<?xf32>) -> tensor<?xf32>\n";
    values += comma + "%" + name;
    types += comma + "tensor<?xf32>";
  }
  return "func.func @main(%x: tensor<?xf32> {pare.name = \"x\", pare.dims = [\"n\"]}) -> (" + results +
         ") {\n  %one = pare.constant dense<1.0> : tensor<f32>\n" + body + "  return " + values + " : " + types +
         "\n}\n";
}

/// e^min(x, 0) as attention computes it, after phase lower.
const char *const kExpOfNonPositive = R"(
#map = affine_map<(d0) -> (d0)>
func.func @main(%x: tensor<?xf32> {pare.name = "x", pare.dims = ["n"], pare.type = tensor<?xf32>})
    -> (tensor<?xf32> {pare.name = "y", pare.dims = ["n"], pare.type = tensor<?xf32>}) {
  %c0 = arith.constant 0 : index
  %zero = arith.constant 0.0 : f32
  %n = tensor.dim %x, %c0 : tensor<?xf32>
  %empty = tensor.empty(%n) : tensor<?xf32>
  %y = scf.forall (%i) = (0) to (%n) step (1024) shared_outs(%all = %empty) -> (tensor<?xf32>) {
    %size = affine.min affine_map<(d0)[s0] -> (-d0 + s0, 1024)>(%i)[%n]
    %from = tensor.extract_slice %x[%i] [%size] [1] : tensor<?xf32> to tensor<?xf32>
    %to = tensor.extract_slice %all[%i] [%size] [1] : tensor<?xf32> to tensor<?xf32>
    %part = linalg.generic {indexing_maps = [#map, #map], iterator_types = ["parallel"]}
        ins(%from : tensor<?xf32>) outs(%to : tensor<?xf32>) {
    ^bb0(%in: f32, %out: f32):
      %above = arith.cmpf ogt, %in, %zero : f32
      %low = arith.select %above, %zero, %in : f32
      %exp = math.exp %low fastmath<afn> : f32
      linalg.yield %exp : f32
    } -> tensor<?xf32>
    scf.forall.in_parallel {
      tensor.parallel_insert_slice %part into %all[%i] [%size] [1] : tensor<?xf32> into tensor<?xf32>
    }
  }
  return %y : tensor<?xf32>
}
)";

struct Release {
  void operator()(pare_rt_module *module) const { pare_rt_module_release(module); }
  void operator()(pare_rt_session *session) const { pare_rt_session_release(session); }
};

/// The artefact with the code of one CPU variant.
class Runner {
public:
  Runner(const std::string &artefact, const char *variant, size_t count = kCount) : count(count) {
    pare_rt_load_options options = {};
    options.struct_size = sizeof options;
    options.variant = variant;
    pare_rt_module *loaded = nullptr;
    check(pare_rt_module_load(artefact.c_str(), &options, &loaded));
    module.reset(loaded);
    pare_rt_session *created = nullptr;
    if (module)
      check(pare_rt_session_create(loaded, nullptr, &created));
    session.reset(created);
  }

  /// One vector for each output; empty when that failed.
  std::vector<std::vector<float>> run(std::vector<float> &x) {
    std::vector<std::vector<float>> results;
    pare_rt_tensor input = {}, outputs[kCount] = {};
    input.data = x.data();
    input.size = x.size() * sizeof(float);
    input.dtype = PARE_RT_F32;
    input.rank = 1;
    input.dims[0] = static_cast<int64_t>(x.size());
    if (!session || !check(pare_rt_session_run(session.get(), &input, 1, outputs, count)))
      return results;
    for (size_t i = 0; i < count; ++i) {
      const auto *data = static_cast<const float *>(outputs[i].data);
      results.emplace_back(data, data + outputs[i].dims[0]);
    }
    return results;
  }

private:
  static bool check(pare_rt_status *status) {
    if (!status)
      return true;
    ADD_FAILURE() << pare_rt_status_message(status);
    pare_rt_status_free(status);
    return false;
  }

  size_t count; // of outputs
  std::unique_ptr<pare_rt_module, Release> module;
  std::unique_ptr<pare_rt_session, Release> session; // goes first
};

/// The distance of floats around `exact`.
double ulpOf(double exact) {
  int exponent;
  std::frexp(exact, &exponent);
  return std::ldexp(1.0, std::max(exponent, FLT_MIN_EXP) - FLT_MANT_DIG);
}

/// An infinity counts as the number that would come after the largest.
double asNumber(double value) {
  return std::isinf(value) || std::fabs(value) > 0x1p128 ? std::copysign(0x1p128, value) : value;
}

/// How far `got` is from f(x), in ULP, what may be added left out; NaN and the rest of what is wrong is infinite.
double errorOf(const Function &function, float x, float got) {
  double exact = function.exact(x);
  if (std::isnan(exact) || std::isnan(got))
    return std::isnan(exact) && std::isnan(got) ? 0 : INFINITY;
  if (function.mayFlush && got == 0 && std::fabs(exact) < FLT_MIN)
    return 0;
  double off = std::fabs(asNumber(got) - asNumber(exact)) - function.absolute;
  return std::max(off, 0.0) / ulpOf(asNumber(exact));
}

struct Worst {
  double ulps = 0;
  float x = 0, got = 0;
};

float fromBits(uint32_t bits) {
  float value;
  memcpy(&value, &bits, sizeof value);
  return value;
}

class Math : public ::testing::Test {
protected:
  static void SetUpTestSuite() {
    folder = std::make_unique<TemporaryFolder>();
    writeFile(folder->file("m.mlir"), model());
    CompileOptions options;
    options.variants = {"x86-64-v2", "x86-64-v3", "x86-64-v4"};
    CompileResult result = compile(folder->file("m.mlir"), folder->file("m.pare"), options);
    ASSERT_TRUE(result.ok) << result.text();
  }
  static void TearDownTestSuite() { folder.reset(); }

  /// Runs `check` with each variant that this CPU has.
  template <typename Check> void forEachVariant(Check check) {
    for (rt::Variant variant : {rt::Variant::V2, rt::Variant::V3, rt::Variant::V4})
      if (rt::cpuSupports(variant))
        check(rt::variantName(variant), Runner(folder->file("m.pare"), rt::variantName(variant)));
  }

  static std::unique_ptr<TemporaryFolder> folder;
};
std::unique_ptr<TemporaryFolder> Math::folder;

TEST_F(Math, StaysWithinBoundsOverAllFloats) {
  const char *given = getenv("PARE_MATH_STRIDE");
  uint64_t stride = given ? strtoull(given, nullptr, 10) : 997;
  ASSERT_GT(stride, 0u) << "PARE_MATH_STRIDE is no positive number";
  constexpr uint64_t kAll = uint64_t(1) << 32;
  constexpr size_t kBlock = 1 << 16;
  forEachVariant([&](const char *variant, Runner runner) {
    Worst worst[kCount];
    std::vector<float> x;
    for (uint64_t bits = 0; bits < kAll;) {
      x.clear();
      for (; bits < kAll && x.size() < kBlock; bits += stride)
        x.push_back(fromBits(static_cast<uint32_t>(bits)));
      std::vector<std::vector<float>> results = runner.run(x);
      ASSERT_EQ(results.size(), kCount);
      for (size_t i = 0; i < kCount; ++i)
        for (size_t at = 0; at < x.size(); ++at)
          if (double ulps = errorOf(kFunctions[i], x[at], results[i][at]); ulps > worst[i].ulps)
            worst[i] = {ulps, x[at], results[i][at]};
    }
    for (size_t i = 0; i < kCount; ++i) {
      printf("%-10s %-9s %.3f ULP at %.9g\n", variant, kFunctions[i].name, worst[i].ulps, worst[i].x);
      EXPECT_LE(worst[i].ulps, kFunctions[i].ulps)
          << variant << " " << kFunctions[i].name << "(" << worst[i].x << ") = " << worst[i].got << ", not "
          << kFunctions[i].exact(worst[i].x);
    }
  });
}

TEST_F(Math, ExponentialOfWhatIsNotPositiveMayFlush) {
  std::string source = folder->file("e.mlir"), artefact = folder->file("e.pare");
  writeFile(source, kExpOfNonPositive);
  CompileOptions options;
  options.variants = {"x86-64-v2", "x86-64-v3", "x86-64-v4"};
  options.startFrom = Phase::Lower;
  CompileResult result = compile(source, artefact, options);
  ASSERT_TRUE(result.ok) << result.text();
  const Function function{"exp", exponential, 2, 0, /*mayFlush=*/true};
  for (rt::Variant variant : {rt::Variant::V2, rt::Variant::V3, rt::Variant::V4}) {
    if (!rt::cpuSupports(variant))
      continue;
    Runner runner(artefact, rt::variantName(variant), /*count=*/1);
    std::vector<float> x{-INFINITY, NAN, 0.0f, -0.0f, 1.0f, INFINITY, -87.33654f, -87.3366f};
    for (uint64_t bits = 0x80000000; bits < 0xff800000; bits += 997)
      x.push_back(fromBits(static_cast<uint32_t>(bits)));
    std::vector<std::vector<float>> results = runner.run(x);
    ASSERT_EQ(results.size(), 1u);
    double worst = 0;
    for (size_t i = 0; i < x.size(); ++i)
      worst = std::max(worst, errorOf(function, x[i] > 0 ? 0 : x[i], results[0][i]));
    printf("%-10s exp of x <= 0 %.3f ULP\n", rt::variantName(variant), worst);
    EXPECT_LE(worst, function.ulps) << rt::variantName(variant);
    EXPECT_EQ(results[0][4], 1.0f);
    EXPECT_GT(results[0][6], 0.0f);
    EXPECT_EQ(results[0][7], 0.0f);
  }
}

TEST_F(Math, KeepsSpecialValues) {
  const float inf = INFINITY, tiny = FLT_TRUE_MIN;
  forEachVariant([&](const char *variant, Runner runner) {
    auto at = [&](std::vector<float> x) {
      std::vector<std::vector<float>> results = runner.run(x);
      EXPECT_EQ(results.size(), kCount);
      results.resize(kCount, std::vector<float>(x.size()));
      return results;
    };
    std::vector<std::vector<float>> y =
        at({inf, -inf, NAN, 0.0f, -0.0f, tiny, -tiny, 88.72283f, 88.72284f, -103.97f, -103.98f});
    SCOPED_TRACE(variant);
    // exp: the largest argument that does not overflow, and the least that is not 0.
    EXPECT_EQ(y[0][0], inf);
    EXPECT_EQ(y[0][1], 0.0f);
    EXPECT_EQ(y[0][3], 1.0f);
    EXPECT_EQ(y[0][5], 1.0f);
    EXPECT_TRUE(std::isfinite(y[0][7]));
    EXPECT_EQ(y[0][8], inf);
    EXPECT_EQ(y[0][9], tiny);
    EXPECT_EQ(y[0][10], 0.0f);
    for (size_t odd : {1, 2}) { // erf, tanh
      EXPECT_EQ(y[odd][0], 1.0f);
      EXPECT_EQ(y[odd][1], -1.0f);
      EXPECT_EQ(y[odd][3], 0.0f);
      EXPECT_EQ(y[odd][4], 0.0f); // of which sign nothing is said
    }
    EXPECT_EQ(y[2][5], tiny);
    EXPECT_EQ(y[3][0], inf);
    EXPECT_TRUE(std::isnan(y[3][1]));
    EXPECT_EQ(y[3][3], -inf);
    EXPECT_EQ(y[6][0], 1.0f);
    EXPECT_EQ(y[6][1], 0.0f);
    EXPECT_EQ(y[6][3], 0.5f);
    EXPECT_EQ(y[7][0], inf);
    EXPECT_EQ(y[7][1], 0.0f);
    EXPECT_EQ(y[8][0], inf);
    for (size_t i = 0; i < kCount; ++i)
      EXPECT_TRUE(std::isnan(y[i][2])) << kFunctions[i].name;
  });
}

} // namespace
} // namespace pare::test
