# The gtest binaries: every build/bin/*_tests, one lit test per case.
import os

import lit.formats

config.name = "Pare-Unit"
config.test_format = lit.formats.GoogleTest(".", "_tests")
config.suffixes = []
config.test_source_root = config.pare_tools_dir
config.test_exec_root = config.pare_tools_dir
for name in ("PARE_THREADS", "ASAN_OPTIONS", "UBSAN_OPTIONS"):
    if name in os.environ:
        config.environment[name] = os.environ[name]
