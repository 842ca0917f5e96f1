"""Folders that are named after their process, so that the next one removes them if it was killed."""

from __future__ import annotations

import contextlib
import os
import shutil
import tempfile
from pathlib import Path

PREFIX = "embtrainer-node-"


def scratch_folder() -> Path:
    """A new folder of this process for what travelled to a node."""
    return private_folder(PREFIX, tempfile.gettempdir())


def private_folder(prefix: str, base: str) -> Path:
    """A new folder of this process below ``base``; those of processes of this user that are gone are removed."""
    import psutil

    for path in Path(base).glob(f"{prefix}*-*"):
        with contextlib.suppress(ValueError, OSError):
            is_ours = path.lstat().st_uid == os.getuid() if hasattr(os, "getuid") else True
            owner = int(path.name.removeprefix(prefix).split("-")[0])
            if is_ours and not path.is_symlink() and not psutil.pid_exists(owner):
                shutil.rmtree(path, ignore_errors=True)
    return Path(tempfile.mkdtemp(prefix=f"{prefix}{os.getpid()}-", dir=base))
