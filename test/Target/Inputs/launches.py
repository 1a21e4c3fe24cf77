"""launches.py FILE: the launches in the manifest of a model.pare, one a line."""

import json
import pathlib
import struct
import sys

data = pathlib.Path(sys.argv[1]).read_bytes()
offset, size = struct.unpack_from("<QQ", data, len(data) - 128 + 48)
for launch in json.loads(data[offset : offset + size]).get("launches", []):
    print(launch["kernel"], launch["name"], ", ".join(launch["nodes"]))
