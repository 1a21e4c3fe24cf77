#!/usr/bin/env python3
"""Every #include stays within the room rules of rooms.toml.

Sources are checked on their own #include lines; a precompiled header is no licence. Tests are free.
"""

import pathlib
import re
import sys
import tomllib

import common

INCLUDE = re.compile(r'^[ \t]*#[ \t]*include[ \t]*([<"])([^>"]+)[>"]', re.MULTILINE)
TABLEGEN = re.compile(r'^[ \t]*include[ \t]*(")([^"]+)"', re.MULTILINE)
# Where a project include may start from; the including file's folder comes first.
ROOTS = ("include", "runtime/include", "runtime", "lib", "passes", "tools", "")
# Files that the build generates live below the folder of their source.
GENERATED = (".inc", ".pb.h")


class Rooms:
    def __init__(self, path):
        with open(path, "rb") as stream:
            table = tomllib.load(stream)
        self.upstream = [(prefix, group) for group, prefixes in table["upstream"].items() for prefix in prefixes]
        self.upstream.sort(key=lambda entry: -len(entry[0]))
        self.rooms = {room["name"]: room for room in table["room"]}
        self.paths = [(path, room["name"]) for room in table["room"] for path in room["paths"]]
        self.paths.sort(key=lambda entry: -len(entry[0]))
        known = {*self.rooms, *table["upstream"], "*"}
        for room in table["room"]:
            for used in room["uses"]:
                if used not in known:
                    sys.exit(f"{path}: room {room['name']} uses '{used}', which is neither a room nor an upstream group")

    def owner(self, path):
        """The room of a repository path, or None."""
        text = str(path)
        return next((room for prefix, room in self.paths if text == prefix or text.startswith(prefix + "/")), None)

    def group(self, header):
        """The upstream group of a header, or None."""
        return next((group for prefix, group in self.upstream if header.startswith(prefix)), None)

    def allows(self, room, used):
        uses = self.rooms[room]["uses"]
        return room == used or used in uses or "*" in uses


def resolve(root, source, header):
    """The repository path that a project include means, or None."""
    here = source.parent
    for base in [here, *map(pathlib.PurePosixPath, ROOTS)]:
        path = base / header
        if (root / path).is_file():
            return path
    if header.endswith(GENERATED):
        # Not in the source tree: `pare/X/Y.h.inc` belongs to include/pare/X, a bare name to the including folder.
        for base in map(pathlib.PurePosixPath, ROOTS):
            if "/" in header and (root / base / header).parent.is_dir():
                return base / header
        return here / header if "/" not in header else None
    return None


def family(path):
    """passes/<family>, for the rule that families never include each other."""
    return path.parts[1] if path.parts[0] == "passes" and len(path.parts) > 2 else None


def check_file(root, rooms, source):
    text = common.without_comments(common.read(root, source))
    room = rooms.owner(source)
    for match in (TABLEGEN if source.suffix == ".td" else INCLUDE).finditer(text):
        quote, header = match.groups()
        place = f"{source}:{text.count(chr(10), 0, match.start(2)) + 1}"
        if ".." in header.split("/"):
            yield f"{place}: '{header}' climbs out of its folder; include it by its full path"
            continue
        target = resolve(root, source, header)
        if target is None:
            used = rooms.group(header)
            if used is None and quote == "<":
                continue  # the system's
            if used is None:
                yield f"{place}: cannot tell which room '{header}' belongs to"
                continue
        else:
            used = rooms.owner(target)
            if used is None:
                yield f"{place}: '{header}' belongs to no room"
                continue
            ours, theirs = family(source), family(target)
            if ours and theirs and ours != theirs:
                yield f"{place}: pass family {ours} includes '{header}' of family {theirs}"
                continue
        if not rooms.allows(room, used):
            allowed = ", ".join(rooms.rooms[room]["uses"]) or "nothing"
            yield f"{place}: {room} includes '{header}' of {used}; it may use: {allowed}"


def main():
    options = common.parser(__doc__).parse_args()
    rooms = Rooms(pathlib.Path(__file__).parent / "rooms.toml")
    paths = [p for p in common.files(options.root, common.CXX + (".td",)) if p.parts[0] in ("include", "lib", "passes", "runtime", "tools")]
    findings = []
    for path in paths:
        if rooms.owner(path) is None:
            findings.append(f"{path}:1: this folder is no room; add it to tools/scripts/checks/rooms.toml")
        else:
            findings += check_file(options.root, rooms, path)
    common.finish("check_rooms", findings, len(paths))


if __name__ == "__main__":
    main()
