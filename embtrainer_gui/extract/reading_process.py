"""Where reading processes run: what the pool asks of one, and the ones of this computer."""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Protocol

from embtrainer_gui.core.child_process import kill_child, send_kill, start_child, worker_command
from embtrainer_gui.core.config import ImportConfig

LAST_ERRORS = 4000


class ReadingProcess(Protocol):
    """An ``extract.child``: its lines go in and come out."""

    is_far: bool
    """Files travel to it: it says ``["arrived"]`` before a file's first line, and its clock starts then."""
    lost: bool
    """Its machine is gone, or whoever started it there: that is no fault of the file that it read."""

    @property
    def waits(self) -> bool:
        """For a processor that others have: its clock does not run."""
        ...

    def tell(self, message: dict[str, Any]) -> None: ...

    def give(self, message: dict[str, Any], files: Sequence[Path]) -> None:
        """``tell`` of a message that names ``files``."""
        ...

    def lines(self) -> Iterator[bytes]:
        """What it says until it ends; any error of the transport ends it too."""
        ...

    def end(self) -> None:
        """Without waiting, so that several end side by side; ``kill`` follows."""
        ...

    def kill(self, patience: float = 0.0) -> tuple[int, str]:
        """End it if it still lives after ``patience`` seconds; gives its exit code and its last words."""
        ...


class ReadingProcesses(Protocol):
    def most(self) -> int:
        """How many may run side by side now.

        Raises:
            EnvironmentProblem: there is no place left to run one.
        """
        ...

    def start(self, start: dict[str, Any]) -> ReadingProcess:
        """``start`` is the first line for it."""
        ...


class LocalProcesses:
    """On this computer.

    Args:
        config: the number of them (0: one a processor).
        command: how one is started (tests give their own).
    """

    def __init__(self, config: ImportConfig, command: Sequence[str] | None = None) -> None:
        self._most = config.workers or os.cpu_count() or 1
        self._command = list(command or worker_command("read"))

    def most(self) -> int:
        return self._most

    def start(self, start: dict[str, Any]) -> ReadingProcess:
        return LocalProcess(self._command, start)


class LocalProcess:
    is_far = False
    lost = False
    waits = False

    def __init__(self, command: list[str], start: dict[str, Any]) -> None:
        child = start_child(command)
        self._process, self._errors = child.process, child.errors
        self._killed: tuple[int, str] | None = None
        self.tell(start)

    def tell(self, message: dict[str, Any]) -> None:
        stdin = self._process.stdin
        assert stdin is not None
        with contextlib.suppress(OSError):  # it died: the end of its lines says so
            stdin.write(json.dumps(message).encode() + b"\n")
            stdin.flush()

    def give(self, message: dict[str, Any], files: Sequence[Path]) -> None:
        self.tell(message)

    def lines(self) -> Iterator[bytes]:
        with contextlib.suppress(ValueError, OSError):  # closed while it is being killed
            yield from self._process.stdout or ()

    def end(self) -> None:
        if self._killed is None:
            send_kill(self._process)

    def kill(self, patience: float = 0.0) -> tuple[int, str]:
        if self._killed is None:
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._process.wait(patience)
            kill_child(self._process)
            self._errors.seek(0, os.SEEK_END)
            self._errors.seek(max(0, self._errors.tell() - LAST_ERRORS))
            self._killed = (self._process.returncode, self._errors.read().decode("utf-8", "replace"))
            self._errors.close()
        return self._killed
