// If and Loop.
#include "Models.h"

namespace pare::test {
namespace {
TEST_F(ImportTest, IfHasTheTypesThatBothBranchesFit) {
  ASSERT_TRUE(imports(parse(17, R"(g (bool c, float[2, N] x) => (float[M, N] y) {
    y = If (c) <then_branch = a () => (float[2, N] p) { p = Relu(x) },
                else_branch = b () => (float[4, N] q) { q = Concat<axis = 0>(x, x) }>
  })")))
      << text();
  expectIR({"pare.if %arg0 : tensor<i1> -> tensor<?x?xf32>", "pare.relu %arg1", "else", "pare.concat %arg1, %arg1",
            "tensor<4x?xf32>"});
}

TEST_F(ImportTest, IfKeepsWhatBothBranchesAgreeOn) {
  ASSERT_TRUE(imports(parse(17, R"(g (bool c, float[2, 3] x) => (float[2, 3] y) {
    y = If (c) <then_branch = a () => (float[2, 3] p) { p = Relu(x) },
                else_branch = b () => (float[2, 3] q) { q = Exp(x) }>
  })")))
      << text();
  expectIR({"pare.if %arg0 : tensor<i1> -> tensor<2x3xf32>"});
}

TEST_F(ImportTest, SubgraphsHaveInitializersOfTheirOwn) {
  ASSERT_TRUE(imports(parse(17, R"(g (bool c, float[2] x) => (float[2] y) {
    y = If (c) <then_branch = a () => (float[2] p) <float[2] w = {1, 2}> { p = Add(x, w) },
                else_branch = b () => (float[2] q) <float[2] w = {3, 4}> { q = Add(x, w) }>
  })")))
      << text();
  expectIR({"dense<[1.000000e+00, 2.000000e+00]>", "else", "dense<[3.000000e+00, 4.000000e+00]>"});
}

TEST_F(ImportTest, RefusesBranchesThatDisagree) {
  expectRefused(parse(17, R"(g (bool c, float[2] x) => (float[2] y) {
    y = If (c) <then_branch = a () => (float[2] p) { p = Relu(x) },
                else_branch = b () => (int64[1] q) { q = Shape(x) }>
  })"),
                "node 'y' (If): values that must agree have different element types");
  expectRefused(parse(17, R"(g (bool c, float[2] x) => (float[2] y) {
    y = If (c) <then_branch = a () => (float[2] p) { p = Relu(x) }, else_branch = b () => () { }>
  })"),
                "node 'y' (If): its branches have different numbers of outputs");
  expectRefused(parse(17, R"(g (bool[2] c, float[2] x) => (float[2] y) {
    y = If (c) <then_branch = a () => (float[2] p) { p = Relu(x) }, else_branch = b () => (float[2] q) { q = Exp(x) }>
  })"),
                "node 'y' (If): condition must hold one element");
  expectRefused(parse(17, R"(g (bool c, float[2] x) => (float[2] y) {
    y = If (c) <then_branch = a () => (float[2] p) { p = Relu(x) }>
  })"),
                "node 'y' (If): attribute 'else_branch' (a graph) is missing");
}

TEST_F(ImportTest, ABranchDoesNotDefineOutsideNames) {
  expectRefused(parse(17, R"(g (bool c, float[2] x) => (float[2] z) {
    y = If (c) <then_branch = a () => (float[2] p) { p = Relu(x) }, else_branch = b () => (float[2] q) { q = Exp(x) }>
    z = Neg (p)
  })"),
                "node 'z' (Neg): input 'p' is not defined before it is used");
}

TEST_F(ImportTest, LoopWidensWhatChangesAndStacksWhatIsScanned) {
  ASSERT_TRUE(imports(parse(17, R"(g (int64 n, bool c, float[2] x) => (float[K] y, float[N, 2] s) {
    y, s = Loop (n, c, x) <body = b (int64 i, bool k, float[L] v) => (bool k2, float[M] v2, float[2] o) {
      k2 = Identity (k)
      v2 = Concat <axis = 0> (v, x)
      o = Exp (x)
    }>
  })")))
      << text();
  expectIR({"pare.loop trip_count(%arg0 : tensor<si64>) while(%arg1 : tensor<i1>) init(%arg2 : tensor<2xf32>) -> "
            "(tensor<?xf32>, tensor<?x2xf32>)",
            "%arg5: tensor<?xf32>):", "pare.concat %arg5, %arg2", "pare.yield %arg4"});
}

TEST_F(ImportTest, LoopKeepsStaticShapes) {
  ASSERT_TRUE(imports(parse(17, R"(g (int64 n, float[2] x) => (float[2] y) {
    y = Loop (n, , x) <body = b (int64 i, bool k, float[2] v) => (bool k2, float[2] v2) {
      k2 = Identity (k)
      v2 = Add (v, x)
    }>
  })")))
      << text();
  expectIR({"pare.loop trip_count(%arg0 : tensor<si64>) init(%arg1 : tensor<2xf32>) -> (tensor<2xf32>)"});
}

TEST_F(ImportTest, LoopMayChangeTheRank) {
  ASSERT_TRUE(imports(parse(17, R"(g (int64 n, float[1] x) => (float y) {
    a = Constant <value_ints = [0]> ()
    y = Loop (n, , x) <body = b (int64 i, bool k, float v) => (bool k2, float v2) {
      k2 = Identity (k)
      v2 = Unsqueeze (v, a)
    }>
  })")) || text().find("an input of unknown rank") != std::string::npos)
      << text();
}

TEST_F(ImportTest, RefusesMalformedLoops) {
  expectRefused(parse(17, R"(g (int64 n, float[2] x) => (float[2] y) {
    y = Loop (n, , x) <body = b (int64 i, bool k, float[2] v) => (bool k2) { k2 = Identity (k) }>
  })"),
                "node 'y' (Loop): its body has 1 outputs for 1 carried values");
  expectRefused(parse(17, R"(g (int64 n, float[2] x) => (float[2] y) {
    y = Loop (n, , x) <body = b (int64 i, bool k) => (bool k2, float[2] v) { k2 = Identity (k) v = Neg (x) }>
  })"),
                "subgraph 'b' has 2 inputs, expected 3");
  expectRefused(parse(17, R"(g (int64[2] n, float[2] x) => (float[2] y) {
    y = Loop (n, , x) <body = b (int64 i, bool k, float[2] v) => (bool k2, float[2] v2) {
      k2 = Identity (k)
      v2 = Neg (v)
    }>
  })"),
                "node 'y' (Loop): ");
  expectRefused(parse(17, R"(g (int64 n, float[2] x) => (float[2] y) {
    y = Loop (n, , x) <body = b (int64 i, bool k, float[2] v) => (bool k2, float[2] v2) { v2 = Neg (v) }>
  })"),
                "output 'k2' of subgraph 'b' is not computed by any node");
}

TEST_F(ImportTest, ListsUnsupportedNodesOfSubgraphsOnce) {
  // The body is imported twice, as the shape of v changes; its nodes are listed once, with those outside.
  expectRefused(parse(17, R"(g (int64 n, float[2] x) => (float[K] y) {
    u = Nonsense (x)
    y = Loop (n, , x) <body = b (int64 i, bool k, float[L] v) => (bool k2, float[M] v2) {
      k2 = Identity (k)
      w = Gibberish (v)
      v2 = Concat <axis = 0> (v, x)
    }>
    z = If (k) <then_branch = t () => (float p) { p = Humbug (u) }, else_branch = e () => (float q) { q = Relu (u) }>
  })"),
                "input 'k' is not defined before it is used");
  expectRefused(parse(17, R"(g (int64 n, bool c, float[2] x) => (float[K] y, float z) {
    u = Nonsense (x)
    y = Loop (n, , x) <body = b (int64 i, bool k, float[L] v) => (bool k2, float[M] v2) {
      k2 = Identity (k)
      w = Gibberish (v)
      v2 = Concat <axis = 0> (v, x)
    }>
    z = If (c) <then_branch = t () => (float p) { p = Humbug (u) }, else_branch = e () => (float q) { q = Relu (u) }>
  })"),
                "3 nodes are not supported:\n  node 'u' (Nonsense): opset 17 of the domain has no such op\n  node 'w' "
                "(Gibberish): opset 17 of the domain has no such op\n  node 'p' (Humbug): ");
}
} // namespace
} // namespace pare::test
