"""Short work off the GUI thread: reading a file, counting rows. What it gives comes back on the GUI thread."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from queue import SimpleQueue
from typing import Any

from PySide6.QtCore import QObject, QTimer, Signal, Slot

from embtrainer_gui.core.errors import AppError

LOOK_MS = 10
MOST_THREADS = 8


class Threads:
    """They are kept for the next work: to start one waits until it runs, which takes 40 ms where the processors have
    much to do. ``end`` waits for those that work; a later ``run`` makes new ones."""

    def __init__(self) -> None:
        self._pool: ThreadPoolExecutor | None = None

    def run(self, work: Callable[[], None]) -> None:
        if self._pool is None:
            self._pool = ThreadPoolExecutor(MOST_THREADS, thread_name_prefix="read")
        self._pool.submit(work)

    def end(self) -> None:
        if self._pool is not None:
            self._pool.shutdown()
            self._pool = None


threads = Threads()
"""Of all ``Background``."""


class Background(QObject):
    """``run`` starts ``work`` on another thread; ``on_done`` gets its result unless a newer work of the same
    ``slot`` was started since, or this object is gone. A thread that still works when the program ends is waited for.

    The thread puts its result into a queue that the GUI thread looks into, so that it touches nothing of Qt.

    Signals: ``failed`` with an error of ours. Any other one is raised on the GUI thread: it is a bug.
    """

    failed = Signal(object)  # AppError

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._newest: dict[str, int] = {}
        self._waiting: dict[str, Callable[[Any], None]] = {}
        self._results: SimpleQueue[tuple[str, int, Any]] = SimpleQueue()
        self._timer = QTimer(self)
        self._timer.setInterval(LOOK_MS)
        self._timer.timeout.connect(self._on_timer_timeout)

    def run(self, slot: str, work: Callable[[], Any], on_done: Callable[[Any], None]) -> None:
        ticket = self._newest.get(slot, 0) + 1
        self._newest[slot], self._waiting[slot] = ticket, on_done
        threads.run(partial(_work, self._results, slot, ticket, work))
        self._timer.start()

    @property
    def is_busy(self) -> bool:
        return bool(self._waiting)

    @Slot()
    def _on_timer_timeout(self) -> None:
        while not self._results.empty():
            slot, ticket, result = self._results.get()
            if self._newest.get(slot) == ticket:
                self._hand_over(self._waiting.pop(slot), result)
        if not self._waiting:
            self._timer.stop()

    def _hand_over(self, on_done: Callable[[Any], None], result: Any) -> None:
        if isinstance(result, AppError):
            self.failed.emit(result)
        elif isinstance(result, Exception):
            raise result
        else:
            on_done(result)


def _work(results: SimpleQueue[tuple[str, int, Any]], slot: str, ticket: int, work: Callable[[], Any]) -> None:
    try:
        result = work()
    except Exception as problem:  # noqa: BLE001 - raised again on the GUI thread
        result = problem
    results.put((slot, ticket, result))
