"""What PyInstaller gathers and nobody needs: test programs, headers, plug-ins of Qt, libraries of the system, symbols.

An entry is PyInstaller's: name inside the bundle, file on this disk, kind.
"""

from __future__ import annotations

import posixpath
import shutil
import subprocess
import sys
from collections.abc import Iterable
from fnmatch import fnmatch
from pathlib import Path

Entry = tuple[str, str, str]

UNWANTED = (
    "*.h", "*.hpp", "*.pxd", "*.pyi", "*.pyx", "*/tests/*", "pyarrow/include/*", "pymupdf/mupdf-devel/*",
    "torch/bin/*", "torch/test/*",
    # Stores of others and a network protocol: Parquet in a file needs none of them.
    "pyarrow/*_azurefs*", "pyarrow/*_flight*", "pyarrow/*_gcsfs*", "pyarrow/*_hdfs*", "pyarrow/*_s3*",
    # GTK's theme would bring GTK and GIO from the machine that freezes, which then meet the modules of the user's.
    "PySide6/Qt/plugins/platformthemes/libqgtk3*", "PySide6/Qt/plugins/networkinformation/*",
    # Screens without a window system.
    "PySide6/Qt/plugins/egldeviceintegrations/*", "PySide6/Qt/plugins/generic/*",
    "PySide6/Qt/plugins/platforms/*eglfs*", "PySide6/Qt/plugins/platforms/*linuxfb*",
    "PySide6/Qt/plugins/platforms/*minimal*", "PySide6/Qt/plugins/platforms/*vkkhrdisplay*",
    "PySide6/Qt/plugins/platforms/*vnc*",
)  # fmt: skip
NEEDED = ("torch/bin/torch_shm_manager*",)  # torch looks for it when it is imported
SYMBOLS = ("*.cpython-*.so", "*.abi3.so", "libpython*.so.*")


def is_wanted(name: str) -> bool:
    """Whether a file of this name in the bundle stays."""
    name = name.replace("\\", "/")
    return any(fnmatch(name, pattern) for pattern in NEEDED) or not any(fnmatch(name, each) for each in UNWANTED)


def wanted(entries: Iterable[Entry]) -> list[Entry]:
    """Without what nobody needs, and without links to that. A link's second part leads on from its folder."""
    return [entry for entry in entries if is_wanted(entry[0]) and is_wanted(_target(entry))]


def _target(entry: Entry) -> str:
    name, source, kind = entry
    return posixpath.normpath(posixpath.join(posixpath.dirname(name), source)) if kind == "SYMLINK" else name


def linked(entries: list[Entry]) -> list[Entry]:
    """Without libraries of the system that nothing in the bundle is linked with: they came for what was left out, or
    because a module names them that can do without."""
    if sys.platform != "linux":
        return entries
    from PyInstaller.depend.bindepend import get_imports

    of_the_system = {name: source for name, source, kind in entries if kind == "BINARY" and "/" not in name}
    reached = {source for name, source, _ in entries if name not in of_the_system and Path(source).is_file()}
    reached |= {source for name, source in of_the_system.items() if name.startswith("libpython")}
    waiting, needed = list(reached), set()
    while waiting:
        for name, _ in get_imports(waiting.pop()):
            source = of_the_system.get(name)
            if source is not None and name not in needed:
                needed.add(name)
                waiting.append(source)
    gone = sorted(name for name, source in of_the_system.items() if name not in needed and source not in reached)
    print("libraries of this system that nothing is linked with:", *gone)
    return [entry for entry in entries if entry[0] not in gone]


def without_early_qt(scripts: list[Entry]) -> list[Entry]:
    """Without PyInstaller's hook that loads Qt in every child, and tells programs that are opened from here, such as a
    file manager, to use this Qt's plug-ins. PySide6 finds them by itself."""
    if sys.platform != "linux":
        return scripts
    return [entry for entry in scripts if entry[0] != "pyi_rth_pyside6"]


def strip_symbols(bundle: Path) -> None:
    """Linux: the debugging symbols that modules compiled by Cython carry take more than their code.

    Libraries in ``*.libs`` stay as they are: their wheels have moved parts of them about, which strip undoes.
    """
    if sys.platform != "linux" or shutil.which("strip") is None:
        return
    files = [
        path
        for path in bundle.rglob("*.so*")
        if not path.is_symlink()
        and any(fnmatch(path.name, pattern) for pattern in SYMBOLS)
        and not any(part.endswith(".libs") for part in path.parts)
    ]
    subprocess.run(["strip", "--strip-unneeded", *files], check=True)
