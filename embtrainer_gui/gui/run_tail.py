"""Follows a training run of another process by the file that it writes: the window was closed, the run went on."""

from __future__ import annotations

import contextlib
import json
import os
import platform
import signal
import time
from pathlib import Path
from typing import Any

from pydantic import ValidationError
from PySide6.QtCore import QObject, QTimer, Signal, Slot

from embtrainer_gui.core.job_child import CANCEL_SECONDS, TERMINATE_SECONDS
from embtrainer_gui.core.messages import EVENTS, Event, Failed, Finished, Stopped
from embtrainer_gui.core.store.lock import is_held
from embtrainer_gui.core.workflow import RUN_LOCK

EVENTS_FILE, CANCEL_FILE = "events.jsonl", "cancel"
POLL_MS = 250
LINES_A_TURN = 1000  # about 5 ms: a long history is read in many turns, and the window stays awake


class RunTail(QObject):
    """Reads ``events.jsonl`` from its start, four times a second; ends when nobody holds the run's lock any more.

    Signals: ``history_read`` with all events so far, once; ``event_received`` for each later one, the last of which
    is Finished, Failed or Stopped; ``ended``.
    """

    history_read = Signal(list)
    event_received = Signal(object)
    ended = Signal()

    def __init__(
        self, folder: Path, parent: QObject | None = None, patience: tuple[float, float] | None = None
    ) -> None:
        super().__init__(parent)
        self._folder = folder
        self._patience = patience or (CANCEL_SECONDS, TERMINATE_SECONDS)
        self._place = 0
        self._history: list[Event] | None = []
        self._last: Event | None = None
        self._asked_at = self._terminated_at = 0.0
        self._killed = False
        self._timer = QTimer(self)
        self._timer.timeout.connect(self._on_timer_timeout)

    def start(self) -> None:
        self._timer.start(0)

    def end(self) -> None:
        """Look away; the run goes on."""
        self._timer.stop()

    def stop(self) -> None:
        """Ask the run to stop, and make it when it does not."""
        with contextlib.suppress(OSError):
            (self._folder / CANCEL_FILE).touch()
        self._asked_at = time.monotonic()

    def kill(self) -> None:
        """End the run's process at once, if it is one of this machine."""
        self._signal(getattr(signal, "SIGKILL", signal.SIGTERM))
        self._killed = True

    @Slot()
    def _on_timer_timeout(self) -> None:
        held = is_held(self._folder, RUN_LOCK)  # before the rest is read: what it said last is not missed
        events, more = self._read()
        for event in events:
            self._last = event
            if isinstance(event, Finished | Failed | Stopped):
                continue  # of an earlier part of a resumed run; the last one is told when its process has ended
            if self._history is None:
                self.event_received.emit(event)
            else:
                self._history.append(event)
        if more:
            self._timer.start(0)
            return
        self._timer.start(POLL_MS)
        if self._history is not None:
            history, self._history = self._history, None
            self.history_read.emit(history)
        if held:
            self._escalate()
            return
        self._timer.stop()
        self.event_received.emit(self._last_word())
        self.ended.emit()

    def _read(self) -> tuple[list[Event], bool]:
        """The next whole lines, and whether there are more."""
        events: list[Event] = []
        with contextlib.suppress(OSError), (self._folder / EVENTS_FILE).open("rb") as file:
            file.seek(self._place)
            for number, line in enumerate(file):
                if number == LINES_A_TURN:
                    return events, True
                if not line.endswith(b"\n"):
                    break  # it is being written
                self._place += len(line)
                with contextlib.suppress(ValidationError):
                    events.append(EVENTS.validate_json(line))
        return events, False

    def _last_word(self) -> Event:
        if isinstance(self._last, Finished | Failed | Stopped):
            return self._last
        if self._killed or self._terminated_at:
            return Stopped()
        return Failed(
            kind="environment",
            message=self.tr("The training process ended without a word; it was killed or ran out of memory."),
            hint=self.tr("Resume the run: it goes on from its last checkpoint."),
        )

    def _escalate(self) -> None:
        now = time.monotonic()
        if self._terminated_at:
            if now - self._terminated_at > self._patience[1]:
                self.kill()
        elif self._asked_at and now - self._asked_at > self._patience[0]:
            self._terminated_at = now
            self._signal(signal.SIGTERM)

    def _signal(self, number: int) -> None:
        """Only while the lock is held, so the process number in its note is that of a living process."""
        note: dict[str, Any] = {}
        with contextlib.suppress(OSError, ValueError):
            note = json.loads((self._folder / f"{RUN_LOCK}.lock.json").read_text(encoding="utf-8"))
        if note.get("host") == platform.node() and isinstance(note.get("pid"), int) and note["pid"] != os.getpid():
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.kill(note["pid"], number)
