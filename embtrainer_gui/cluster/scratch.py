"""Folders for what travels to a node: private, named after their process, removed by the next one if it was killed."""

from __future__ import annotations

import contextlib
import os
import shutil
import tempfile
from pathlib import Path

PREFIX = "embtrainer-node-"


def scratch_folder() -> Path:
    """A new folder of this process; what processes that are gone left behind is removed."""
    import psutil

    for path in Path(tempfile.gettempdir()).glob(f"{PREFIX}*"):
        with contextlib.suppress(ValueError, OSError):
            is_ours = path.lstat().st_uid == os.getuid() if hasattr(os, "getuid") else True
            if is_ours and not path.is_symlink() and not psutil.pid_exists(int(path.name.split("-")[2])):
                shutil.rmtree(path, ignore_errors=True)
    return Path(tempfile.mkdtemp(prefix=f"{PREFIX}{os.getpid()}-"))
