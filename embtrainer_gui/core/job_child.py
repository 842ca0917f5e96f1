"""A job child as its parent sees it: events from it, commands to it, an end that always comes, and a report."""

from __future__ import annotations

import contextlib
import logging
import os
import queue
import subprocess
import threading
import time
from collections import deque
from collections.abc import Iterator, Sequence
from pathlib import Path

from pydantic import ValidationError

from embtrainer_gui.core.child_process import NO_WINDOW, child_environment, kill_group, terminate_group
from embtrainer_gui.core.crash_report import cleaned, cleaned_failure, crash_failure, write_report
from embtrainer_gui.core.error_file import ErrorFile
from embtrainer_gui.core.event_pace import EventPace
from embtrainer_gui.core.messages import (
    EVENTS,
    Cancel,
    Detach,
    Event,
    Failed,
    Finished,
    JobSpec,
    Message,
    Secrets,
    Stopped,
    to_line,
)
from embtrainer_gui.core.translate import mark

CANCEL_SECONDS = 10.0  # for a stage to end by itself, with its checkpoint
TERMINATE_SECONDS = 3.0
LAST_WORDS_SECONDS = 5.0  # between the last event, or the end of the pipe, and the end of the process
TICK_SECONDS = 0.1
LONGEST_LINE = 4 * 2**20
LINES_WAITING = 64  # more than that waits in the pipe
RUBBISH_KEPT = 20
KEPT_ERRORS = 200  # lines

log = logging.getLogger(__name__)
_END, _WAKE = b"end", b"wake"  # no line of a child: those end with a line feed
_left_alone: list[subprocess.Popen[bytes]] = []  # detached: they outlive us, or are waited for when they have ended


def reap() -> int:
    """Let the system forget detached children that have ended meanwhile; gives how many go on."""
    _left_alone[:] = [process for process in _left_alone if process.poll() is None]
    return len(_left_alone)


class JobChild:
    """One child. ``events`` is drained by one thread; everything else may be called from any other.

    Args:
        command: how it is started (tests give scripts of their own).
        logs: the folder for a crash report.
        patience: seconds from Cancel to terminating its process group, and from there to killing it.
    """

    def __init__(
        self,
        command: Sequence[str],
        spec: JobSpec,
        secrets: Secrets | None = None,
        *,
        logs: Path | None = None,
        patience: tuple[float, float] = (CANCEL_SECONDS, TERMINATE_SECONDS),
    ) -> None:
        self._command, self.spec, self._secrets = list(command), spec, secrets or Secrets()
        self._logs, self._patience = logs, patience
        self._inbox: queue.Queue[bytes] = queue.Queue(LINES_WAITING)
        self._outbox: deque[Message] = deque([self._secrets, spec])
        self._cancel, self._kill, self._detach, self._closed = (threading.Event() for _ in range(4))
        self._asked_at = self._terminated_at = 0.0
        self._errors: ErrorFile | None = None
        self._last_errors = ""
        self._last: Event | None = None
        self._rubbish: deque[str] = deque(maxlen=RUBBISH_KEPT)
        self._process: subprocess.Popen[bytes] | None = None
        self.rubbish_lines = 0
        self.report: Path | None = None

    @property
    def pid(self) -> int:
        return self._process.pid if self._process else 0

    def cancel(self) -> None:
        """Ask it to stop, and make it when it does not."""
        self._cancel.set()
        self._poke()

    def kill(self) -> None:
        """End it, with all that it started, at once."""
        self._kill.set()
        self._poke()

    def detach(self) -> None:
        """Let it go on without this process; ``events`` ends without a last event."""
        self._detach.set()
        self._poke()

    def tell(self, message: Message) -> None:
        self._outbox.append(message)
        self._poke()

    def log_tail(self, lines: int = KEPT_ERRORS) -> str:
        """The last lines that it wrote to standard error, cleaned of secrets."""
        text = self._errors.tail(lines) if self._errors else self._last_errors
        return cleaned("\n".join([text, *self._rubbish]).strip(), self._secrets.values())

    def events(self) -> Iterator[Event]:
        """Start it and give its events; the last one is Finished, Failed or Stopped, whatever happens to it."""
        try:
            self._start()
        except OSError as problem:
            detail = problem.strerror or problem
            yield Failed(
                kind="environment",
                message=mark("The job could not be started: {detail}.").format(detail=detail),
                hint=mark("Close other programs and try again."),
            )
            return
        try:
            yield from self._drain()
        finally:
            self._close()

    def _start(self) -> None:
        reap()
        self._errors = ErrorFile()
        try:
            self._process = subprocess.Popen(
                self._command,
                creationflags=NO_WINDOW,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=self._errors.stream,
                env=child_environment(),
                start_new_session=os.name == "posix",
            )
        except OSError:
            self._errors.close()
            self._errors = None
            raise
        threading.Thread(target=self._listen, args=(self._process,), name="events", daemon=True).start()

    def _listen(self, process: subprocess.Popen[bytes]) -> None:
        assert process.stdout is not None
        with contextlib.suppress(OSError, ValueError), process.stdout as stdout:
            while line := stdout.readline(LONGEST_LINE):
                if not self._put(line if line.endswith(b"\n") else line[:200] + b"\n"):
                    return
        self._put(_END)

    def _put(self, line: bytes) -> bool:
        while not self._closed.is_set():
            with contextlib.suppress(queue.Full):
                self._inbox.put(line, timeout=TICK_SECONDS)
                return True
        return False

    def _poke(self) -> None:
        with contextlib.suppress(queue.Full):  # then it is awake
            self._inbox.put_nowait(_WAKE)

    def _next(self) -> bytes:
        try:
            return self._inbox.get(timeout=TICK_SECONDS)
        except queue.Empty:
            return _WAKE

    def _drain(self) -> Iterator[Event]:
        pace = EventPace()
        quiet_since = 0.0
        while True:
            line = self._next()
            self._send()
            if self._detach.is_set():
                return
            self._escalate()
            if line is _WAKE:
                yield from pace.due()
                self._tidy()
                quiet_since = (quiet_since or time.monotonic()) if self._has_ended() else 0.0
                if not quiet_since or time.monotonic() - quiet_since < LAST_WORDS_SECONDS:
                    continue  # else something that it started holds its pipe open
            elif line is not _END:
                event = self._parsed(line)
                if event is not None and _is_last(event):
                    yield from pace.flush()
                    self._wait(LAST_WORDS_SECONDS)
                    yield event
                    return
                if event is not None:
                    self._last = event
                    yield from pace.pass_on(event)
                continue
            yield from pace.flush()
            self._wait(LAST_WORDS_SECONDS)
            yield self._end_without_last_event()
            return

    def _parsed(self, line: bytes) -> Event | None:
        try:
            event = EVENTS.validate_json(line)
            return cleaned_failure(event, self._secrets.values()) if isinstance(event, Failed) else event
        except ValidationError:
            self.rubbish_lines += 1
            text = line[:200].decode("utf-8", "replace").strip()
            self._rubbish.append(text)
            if self.rubbish_lines <= RUBBISH_KEPT:
                log.warning("%s: not an event: %s", self.spec.stage, cleaned(text, self._secrets.values()))
            return None

    def _send(self) -> None:
        if self._cancel.is_set() and not self._asked_at:
            self._asked_at = time.monotonic()
            self._outbox.append(Cancel())
        if self._detach.is_set():
            self._outbox.append(Detach())
        stdin = self._process.stdin if self._process else None
        with contextlib.suppress(OSError, ValueError):  # it died: the end of its pipe says so
            while self._outbox and stdin:
                stdin.write(to_line(self._outbox.popleft()).encode() + b"\n")
                stdin.flush()

    def _escalate(self) -> None:
        now = time.monotonic()
        if self._kill.is_set() or (self._terminated_at and now - self._terminated_at > self._patience[1]):
            if self._process:
                kill_group(self._process)
        elif self._asked_at and not self._terminated_at and now - self._asked_at > self._patience[0]:
            self._terminated_at = now
            if self._process:
                terminate_group(self._process)

    def _tidy(self) -> None:
        if self._errors:
            self._errors.shorten()

    def _has_ended(self) -> bool:
        return self._process is None or self._process.poll() is not None

    def _wait(self, seconds: float) -> None:
        """For the process to end; it is killed when it does not, at once where Kill is asked for meanwhile."""
        ends = time.monotonic() + seconds
        while self._process and not self._has_ended() and time.monotonic() < ends and not self._kill.is_set():
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._process.wait(TICK_SECONDS)
        if self._process:
            kill_group(self._process)

    def _end_without_last_event(self) -> Event:
        code = self._process.returncode if self._process else None
        if self._cancel.is_set() or self._kill.is_set():
            return Stopped()
        errors = self.log_tail()
        failure = crash_failure(self.spec.stage, code, errors)
        if self._logs:
            secrets = self._secrets.values()
            self.report = write_report(self._logs, self.spec, self.pid, code, self._last, errors, secrets)
        return failure

    def _close(self) -> None:
        """The listening thread closes the pipe of events, at the latest when the last one that has it open ends."""
        self._closed.set()
        process, errors = self._process, self._errors
        if process and self._detach.is_set():
            _left_alone.append(process)
        elif process:
            kill_group(process)
        if process and process.stdin:
            with contextlib.suppress(OSError):
                process.stdin.close()
        if errors:
            self._last_errors, self._errors = errors.tail(KEPT_ERRORS), None
            errors.close()


def _is_last(event: Event) -> bool:
    return isinstance(event, Finished | Stopped) or (isinstance(event, Failed) and not event.ticket)
