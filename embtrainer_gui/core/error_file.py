"""What a child writes to standard error: its last lines can be read while it runs, and it cannot fill the disk."""

from __future__ import annotations

import contextlib
import os
import tempfile

MOST_BYTES = 16 * 2**20
TAIL_BYTES = 64 * 2**10
KEPT_LINES = 200


class ErrorFile:
    """A temporary file that is appended to, so that cutting it to nothing never makes a hole in it."""

    def __init__(self) -> None:
        descriptor, self._path = tempfile.mkstemp(prefix="embtrainer-", suffix=".log")
        os.close(descriptor)
        self._before = ""  # the end of what was cut off
        self.stream = open(self._path, "ab", buffering=0)  # noqa: SIM115 - closed by close()
        self._reading = open(self._path, "rb", buffering=0)  # noqa: SIM115
        if os.name == "posix":  # gone when the last process that has it open ends, whatever ends that
            os.unlink(self._path)

    def tail(self, lines: int) -> str:
        with contextlib.suppress(OSError, ValueError):
            size = self._reading.seek(0, os.SEEK_END)
            self._reading.seek(max(0, size - TAIL_BYTES))
            text = self._before + self._reading.read(TAIL_BYTES).decode("utf-8", "replace")
            return "\n".join(text.splitlines()[-lines:])
        return self._before

    def shorten(self) -> None:
        """Start again where a child writes without end; its last lines are kept."""
        with contextlib.suppress(OSError, ValueError):
            if os.fstat(self.stream.fileno()).st_size > MOST_BYTES:
                self._before = ""
                self._before = self.tail(KEPT_LINES) + "\n"
                self.stream.truncate(0)

    def close(self) -> None:
        self.stream.close()
        self._reading.close()
        if os.name != "posix":
            with contextlib.suppress(OSError):
                os.unlink(self._path)
