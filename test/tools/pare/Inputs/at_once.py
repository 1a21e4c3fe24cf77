"""at_once.py N COMMAND...: runs the command N times at once; all must succeed and print the same."""

import subprocess
import sys

running = [subprocess.Popen(sys.argv[2:], stdout=subprocess.PIPE) for _ in range(int(sys.argv[1]))]
said = {process.communicate()[0] for process in running}
if any(process.returncode for process in running) or len(said) != 1:
    sys.exit(f"{[process.returncode for process in running]} {said}")
