# The lit suite: every .mlir and .test file below test/ except what has a runner of its own.
import os

import lit.formats
from lit.llvm.subst import ToolSubst

config.name = "Pare"
config.test_format = lit.formats.ShTest(execute_external=False)
config.suffixes = [".mlir", ".test", ".onnxtxt"]
config.excludes = ["unit", "fuzz", "benchmarks", "Inputs", "CMakeLists.txt"]
config.test_source_root = os.path.join(config.pare_source_root, "test")
config.test_exec_root = os.path.join(config.pare_build_root, "test", "lit")
lit_config.maxIndividualTestTime = 600  # seconds; needs psutil
config.available_features.update(config.pare_features)
if "compiler" not in config.pare_features:
    config.suffixes = [".test"]

# First Pare's tools, then the matching FileCheck and friends, so that no older LLVM on the PATH gets in.
config.environment["PATH"] = os.pathsep.join(
    [config.pare_tools_dir, config.llvm_tools_dir, os.environ.get("PATH", "")]
)
# A test that leaves something in the user's compile cache, or reads it, would depend on the run before.
config.environment["XDG_CACHE_HOME"] = os.path.join(config.test_exec_root, "cache")
for name in ("PARE_THREADS", "ASAN_OPTIONS", "UBSAN_OPTIONS"):
    if name in os.environ:
        config.environment[name] = os.environ[name]

config.substitutions.append(("%python", config.pare_python))
config.substitutions.append(("%checks", os.path.join(config.pare_source_root, "tools", "scripts", "checks")))
config.substitutions.append(("%scripts", os.path.join(config.pare_source_root, "tools", "scripts")))
config.substitutions.append(("%source_root", config.pare_source_root))

# Full paths in place of bare tool names: a tool that was not built is an error with its name, not "command not found".
for tool in ("FileCheck", "not", "count", "split-file"):
    config.substitutions.append((ToolSubst(tool).regex, os.path.join(config.llvm_tools_dir, tool)))
for tool in ("pare-opt", "pare-run", "pare-lsp-server", "pare"):
    config.substitutions.append((ToolSubst(tool).regex, os.path.join(config.pare_tools_dir, tool)))
