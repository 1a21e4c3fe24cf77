"""limited.py BYTES COMMAND...: runs the command so that no file it writes can grow beyond BYTES."""

import resource
import signal
import subprocess
import sys

signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
limit = int(sys.argv[1])
resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))
sys.exit(subprocess.run(sys.argv[2:], restore_signals=False, check=False).returncode)
