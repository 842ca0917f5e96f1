"""Files that are either the old one or the new one, never a part: temporary file, fsync, replace, fsync of folder."""

from __future__ import annotations

import contextlib
import errno
import json
import os
import secrets
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any, BinaryIO

from embtrainer_gui.core.errors import EnvironmentProblem
from embtrainer_gui.core.translate import mark

_FULL = {errno.ENOSPC, errno.EDQUOT}
_FORBIDDEN = {errno.EACCES, errno.EPERM, errno.EROFS}


def atomic_write(path: Path, write: Callable[[BinaryIO], None]) -> None:
    """Replace ``path`` by what ``write`` puts into the binary file it is given.

    Until the very last step the old file stands untouched; whatever goes wrong, it stays and no temporary file is
    left. The mode of the old file is kept, and a symbolic link is followed, not replaced. The folder must exist.

    Raises:
        EnvironmentProblem: the disk is full, or the folder or file cannot be written. An exception that ``write``
            raises for reasons of its own passes through.
    """
    target = Path(os.path.realpath(path))
    # Not the target's name: with a prefix, a name of 255 bytes would be too long.
    temporary = target.parent / f".{secrets.token_hex(8)}.tmp"
    try:
        _fill(temporary, target, write)
        os.replace(temporary, target)
        sync_folder(target.parent)
    except OSError as problem:
        if problem.filename not in (None, str(temporary), str(target), str(target.parent)):
            raise  # another file that ``write`` reads
        raise write_problem(path, problem) from problem
    finally:
        with contextlib.suppress(OSError):
            temporary.unlink(missing_ok=True)


def atomic_write_text(path: Path, text: str) -> None:
    """As ``atomic_write``, UTF-8, with the line ends of ``text`` as they are."""
    content = text.encode("utf-8")
    atomic_write(path, lambda file: _put(file, content))


def atomic_write_json(path: Path, value: Any) -> None:
    """As ``atomic_write``: ``value`` as indented JSON, not ASCII-escaped; NaN is a ValueError."""
    atomic_write_text(path, json.dumps(value, ensure_ascii=False, indent=2, allow_nan=False) + "\n")


def write_problem(path: Path, problem: OSError) -> EnvironmentProblem:
    """The error that names ``path`` and the cure for a write that failed with ``problem``."""
    if problem.errno in _FULL:
        return EnvironmentProblem(
            mark("The disk is full, so {path} was not written; what stood there before is untouched."),
            mark("Free some space on that disk, or choose another folder, and try again."),
            path=path,
        )
    if problem.errno in _FORBIDDEN:
        return EnvironmentProblem(
            mark("{path} may not be written: {reason}."),
            mark("Choose a folder in which you may write, or change its permissions, and try again."),
            path=path,
            reason=problem.strerror,
        )
    return EnvironmentProblem(
        mark("{path} could not be written: {reason}."),
        mark("Check that its folder exists and can be reached, and try again."),
        path=path,
        reason=problem.strerror or problem,
    )


def _put(file: BinaryIO, content: bytes) -> None:
    file.write(content)


def _fill(temporary: Path, target: Path, write: Callable[[BinaryIO], None]) -> None:
    # os.open rather than tempfile: the file gets the rights that the user's umask gives, not 0600.
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0), 0o666)
    with open(descriptor, "wb") as file:
        write(file)
        file.flush()
        if os.fstat(descriptor).st_size != file.tell():  # a file system that took less than it said
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        os.fsync(descriptor)
    if target.exists():
        shutil.copymode(target, temporary)


def sync_folder(folder: Path) -> None:
    """Make the names in ``folder`` safe from a power cut; raises OSError."""
    if os.name == "nt":  # folders cannot be opened there
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    except OSError as problem:
        if problem.errno not in (errno.EINVAL, errno.ENOTSUP):  # some network file systems have no such thing
            raise
    finally:
        os.close(descriptor)
