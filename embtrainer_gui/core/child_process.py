"""Start and end child processes of this program."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
from typing import IO


def worker_command(kind: str) -> list[str]:
    """The command of a child: in a frozen program the program itself is the only executable."""
    if getattr(sys, "frozen", False):
        return [sys.executable, "worker", kind]
    return [sys.executable, "-m", "embtrainer_gui", "worker", kind]


def start_child(command: list[str], errors: IO[bytes]) -> subprocess.Popen[bytes]:
    """A child in a process group of its own, with pipes for commands and events; its errors go into a file.

    It ends itself when its standard input does, so that it cannot outlive this process.
    """
    return subprocess.Popen(
        command,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=errors,
        start_new_session=os.name == "posix",
    )


def kill_child(child: subprocess.Popen[bytes]) -> None:
    """End the child and all that it started, at once, and wait for it."""
    if child.poll() is None:  # its id may be another's once it has been waited for
        with contextlib.suppress(ProcessLookupError, PermissionError):
            if os.name == "posix":
                os.killpg(child.pid, signal.SIGKILL)
            else:
                child.kill()
    child.wait()
    for pipe in (child.stdin, child.stdout):
        if pipe is not None:
            with contextlib.suppress(OSError):
                pipe.close()
