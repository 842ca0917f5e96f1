"""The machine does not go to sleep while a job runs; silently without effect where the system offers no such thing."""

from __future__ import annotations

import contextlib
import shutil
import subprocess
import sys

ES_CONTINUOUS, ES_SYSTEM_REQUIRED = 0x80000000, 0x00000001


class Wakefulness:
    """``keep`` until ``release``. Linux and macOS: a small process of the system holds it and ends with our pipe or
    process, so that a crash of the window lets the machine sleep again. Windows: a flag of this thread."""

    def __init__(self) -> None:
        self._holder: subprocess.Popen[bytes] | None = None

    @property
    def is_kept(self) -> bool:
        return self._holder is not None and self._holder.poll() is None

    def keep(self, reason: str) -> None:
        if sys.platform == "win32":
            _windows_flag(ES_CONTINUOUS | ES_SYSTEM_REQUIRED)
            return
        command = holder_command(reason)
        if command is None or self.is_kept:
            return
        with contextlib.suppress(OSError):
            self._holder = subprocess.Popen(
                command, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
            )

    def release(self) -> None:
        if sys.platform == "win32":
            _windows_flag(ES_CONTINUOUS)
            return
        holder, self._holder = self._holder, None
        if holder is None:
            return
        if holder.stdin:
            with contextlib.suppress(OSError):
                holder.stdin.close()  # cat ends, and with it what held the machine awake
        holder.terminate()
        with contextlib.suppress(subprocess.TimeoutExpired):
            holder.wait(1)
        if holder.poll() is None:
            holder.kill()
            holder.wait()


def holder_command(reason: str) -> list[str] | None:
    """The process that keeps this system awake while its standard input is open; None where there is none."""
    if sys.platform == "darwin":
        return ["caffeinate", "-i", "cat"]
    inhibit = shutil.which("systemd-inhibit")
    if sys.platform != "linux" or inhibit is None:
        return None
    return [inhibit, "--what=idle:sleep", "--who=Embedding Trainer", f"--why={reason}", "--mode=block", "cat"]


def _windows_flag(flags: int) -> None:
    import ctypes

    kernel = getattr(ctypes, "windll").kernel32  # noqa: B009 - not there for type checkers of other systems
    kernel.SetThreadExecutionState(flags)
