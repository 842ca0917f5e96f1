"""Short work off the GUI thread: reading a file, counting rows. What it gives comes back on the GUI thread."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable
from typing import Any

from PySide6.QtCore import QObject, Signal, Slot

from embtrainer_gui.core.errors import AppError


class Background(QObject):
    """``run`` starts ``work`` on a thread of its own; ``on_done`` gets its result unless a newer work of the same
    ``slot`` was started since, or this object is gone. A thread that still works when the program ends is waited for.

    Signals: ``failed`` with an error of ours.
    """

    failed = Signal(object)  # AppError
    _came = Signal(str, int, object)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._newest: dict[str, int] = {}
        self._waiting: dict[str, Callable[[Any], None]] = {}
        self._came.connect(self._on_came)

    def run(self, slot: str, work: Callable[[], Any], on_done: Callable[[Any], None]) -> None:
        ticket = self._newest.get(slot, 0) + 1
        self._newest[slot], self._waiting[slot] = ticket, on_done
        threading.Thread(target=self._work, args=(slot, ticket, work), name=f"read {slot}").start()

    @property
    def is_busy(self) -> bool:
        return bool(self._waiting)

    def _work(self, slot: str, ticket: int, work: Callable[[], Any]) -> None:
        try:
            result = work()
        except AppError as problem:
            result = problem
        with contextlib.suppress(RuntimeError):  # the window was closed meanwhile
            self._came.emit(slot, ticket, result)

    @Slot(str, int, object)
    def _on_came(self, slot: str, ticket: int, result: Any) -> None:
        if self._newest.get(slot) != ticket:
            return
        on_done = self._waiting.pop(slot)
        if isinstance(result, AppError):
            self.failed.emit(result)
        else:
            on_done(result)
