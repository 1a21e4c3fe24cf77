"""status.py STATUS COMMAND...: runs the command, passes on what it says, and fails unless it ends with that status."""

import subprocess
import sys

got = subprocess.run(sys.argv[2:], stderr=subprocess.STDOUT, check=False).returncode
if got != int(sys.argv[1]):
    sys.exit(f"exit status {got}, want {sys.argv[1]}")
