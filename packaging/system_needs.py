"""Which files of a bundle say what it needs of the system: dpkg-shlibdeps takes half a second for each it is shown.

Nearly all need the C library alone and else what lies in the bundle: of those, the one that wants the newest is enough.
"""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Sequence
from pathlib import Path

OF_C = re.compile(r"(ld-linux.*|lib(c|m|dl|rt|util|pthread))\.so(\.\d+)*$")
FILE = re.compile(r"^(\S.*):\s+file format ", re.MULTILINE)
NEEDED = re.compile(r"^\s+NEEDED\s+(\S+)$", re.MULTILINE)
VERSION = re.compile(r"\bGLIBC_(\d+)\.(\d+)")


def asking(libraries: Sequence[Path]) -> list[Path]:
    """Of these programs and libraries the ones whose needs are those of all together."""
    in_english = {**os.environ, "LC_ALL": "C"}
    command = ["objdump", "-p", *libraries]
    told = subprocess.run(command, capture_output=True, text=True, check=True, env=in_english).stdout
    _, *parts = FILE.split(told)
    about = dict(zip(map(Path, parts[::2]), parts[1::2], strict=True))
    inside = {path.name for path in libraries}
    newest = max(about, key=lambda path: _newest_c_library(about[path]))
    return [path for path, text in about.items() if path == newest or _is_outside(text, inside)]


def _newest_c_library(text: str) -> tuple[int, int]:
    return max(((int(first), int(second)) for first, second in VERSION.findall(text)), default=(0, 0))


def _is_outside(text: str, inside: set[str]) -> bool:
    return any(name not in inside and not OF_C.match(name) for name in NEEDED.findall(text))
