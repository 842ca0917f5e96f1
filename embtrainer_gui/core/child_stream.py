"""The child's side of a job: a private pipe for its events, and a thread that reads its commands."""

from __future__ import annotations

import contextlib
import os
import sys
import threading
from queue import SimpleQueue
from typing import BinaryIO

from pydantic import ValidationError

from embtrainer_gui.core.messages import COMMANDS, Cancel, Command, Detach, Event, to_line

CHUNK = 2**16
PARENT_GONE = 3  # exit code where the commands ended without Detach


class EventPipe:
    """Writes events, one line each, from any thread. A parent that is gone is no error here: the end of its
    commands says so, unless it took its leave with Detach."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream
        self._lock = threading.Lock()

    def emit(self, event: Event) -> None:
        line = to_line(event).encode("utf-8", "replace") + b"\n"
        with self._lock, contextlib.suppress(OSError, ValueError):
            self._stream.write(line)
            self._stream.flush()


class Commands:
    """Reads commands on a daemon thread: ``cancelled`` is set by Cancel, everything else waits in ``next``.

    The end of the stream ends the process at once, in the middle of whatever it does: nobody is there to take the
    result. Detach switches that off.
    """

    def __init__(self, descriptor: int = 0) -> None:
        self._descriptor = descriptor
        self._waiting: SimpleQueue[Command] = SimpleQueue()
        self._detached = False
        self.cancelled = threading.Event()
        threading.Thread(target=self._listen, name="commands", daemon=True).start()

    def next(self) -> Command:
        """The next command; waits for it."""
        return self._waiting.get()

    def _listen(self) -> None:
        rest = b""
        # Not sys.stdin: a thread that waits in a buffered reader aborts the interpreter when that ends.
        while chunk := os.read(self._descriptor, CHUNK):
            *lines, rest = (rest + chunk).split(b"\n")
            for line in lines:
                self._take(line)
        if not self._detached:
            os._exit(PARENT_GONE)

    def _take(self, line: bytes) -> None:
        try:
            command = COMMANDS.validate_json(line)
        except ValidationError as problem:
            print(f"not a command: {problem.error_count()} errors", file=sys.stderr)
            return
        if isinstance(command, Cancel):
            self.cancelled.set()
        elif isinstance(command, Detach):
            self._detached = True
        else:
            self._waiting.put(command)
