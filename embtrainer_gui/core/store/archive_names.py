"""Which names a project's archive may hold: judged before anything is written, on every system alike."""

from __future__ import annotations

import stat
import unicodedata
from zipfile import ZIP_DEFLATED, ZIP_STORED, ZipInfo

from embtrainer_gui.core.translate import mark

MANIFEST = "manifest.json"
FOLDERS = ("papers", "models", "exports")
"""What goes into an archive besides the database: not logs, locks, backups or the index, which is made anew."""

MOST_FILES = 50_000
LARGEST_RATIO = 200.0  # of a file's size to its packed size: texts reach 10, bombs 1,000
RATIO_FROM = 2**20  # bytes: smaller files may be as alike as they like
LARGEST_TOTAL = 200 * 2**30
DEEPEST = 8
_LONGEST = 240  # bytes of one part of a name
_RUNS_CODE = (".bin", ".pt", ".pth", ".pkl", ".pickle", ".ckpt", ".py", ".so", ".dll", ".exe", ".dylib")
"""In models: weights are safetensors, anything else could be a program."""

_FORBIDDEN = set('<>:"|?*\\')
_DEVICES = {"con", "prn", "aux", "nul", *(f"{name}{n}" for name in ("com", "lpt") for n in range(1, 10))}


def fault_of_name(name: str, database: str) -> str:
    """Why the name must not be in an archive, in a few words; "" where it may."""
    if name in (database, MANIFEST):
        return ""
    parts = name.split("/")
    if not all(map(_is_plain, parts)):  # an absolute name has an empty first part
        return mark("its name leads out of the project or cannot be written on every system")
    if len(parts) < 2 or parts[0] not in FOLDERS or len(parts) > DEEPEST:
        return mark("a project has no such file")
    if parts[0] == "models" and name.lower().endswith(_RUNS_CODE):
        return mark("models may hold no pickled weights and no programs")
    return ""


def fault_of_entry(entry: ZipInfo, database: str) -> str:
    """As ``fault_of_name``, with the kind, the encryption and the size of the entry."""
    mode = entry.external_attr >> 16
    if stat.S_IFMT(mode) not in (0, stat.S_IFREG):
        return mark("it is a link or no plain file")
    if entry.compress_type not in (ZIP_STORED, ZIP_DEFLATED):
        return mark("it is packed in an unusual way")
    if entry.flag_bits & 0x1:
        return mark("it is encrypted")
    if entry.file_size > RATIO_FROM and entry.file_size > LARGEST_RATIO * max(1, entry.compress_size):
        times = round(entry.file_size / max(1, entry.compress_size))
        return mark("it unpacks to {times} times its size").format(times=times)
    return fault_of_name(entry.filename, database)


def folded(name: str) -> str:
    """Equal for names that are one file on some system."""
    return unicodedata.normalize("NFC", name).casefold()


def _is_plain(part: str) -> bool:
    return (
        part not in ("", ".", "..")
        and part.isprintable()
        and not set(part) & _FORBIDDEN
        and part[-1] not in " ."
        and part.split(".")[0].lower() not in _DEVICES
        and len(part.encode("utf-8", "surrogatepass")) <= _LONGEST
    )
