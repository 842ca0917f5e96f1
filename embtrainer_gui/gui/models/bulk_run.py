"""Many decisions at once, a transaction between two events, so that the window stays alive."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from PySide6.QtCore import QObject, QTimer, Signal

from embtrainer_gui.core.records import PairState
from embtrainer_gui.core.store.decisions import Batch


@dataclass(frozen=True, slots=True)
class Bulk:
    """Many decisions that are being made, undone or made again."""

    batch: Batch | None  # None: new ones
    state: PairState
    act: str
    total: int


class BulkRun(QObject):
    """Signals: ``moved(done, total)``, ``ended(Bulk, changed)`` also when it was stopped half way."""

    moved = Signal(int, int)
    ended = Signal(object, int)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._bulk: Bulk | None = None
        self._steps: Iterator[tuple[int, int]] = iter(())
        self._changed = 0
        self._timer = QTimer(self, interval=0)
        self._timer.timeout.connect(self._on_timer_timeout)

    @property
    def is_running(self) -> bool:
        return self._bulk is not None

    def start(self, bulk: Bulk, steps: Iterator[tuple[int, int]]) -> None:
        """``steps`` yields ``(pairs looked at, pairs changed)`` after each transaction."""
        self._bulk, self._steps, self._changed = bulk, steps, 0
        self._timer.start()
        self.moved.emit(0, bulk.total)

    def stop(self) -> None:
        """End between two transactions; what is done so far stays, and can be undone."""
        bulk = self._forget()
        if bulk:
            self.ended.emit(bulk, self._changed)

    def abandon(self) -> None:
        """End without telling: the project is being closed."""
        self._forget()

    def _forget(self) -> Bulk | None:
        bulk, self._bulk = self._bulk, None
        self._timer.stop()
        self._steps = iter(())
        return bulk

    def _on_timer_timeout(self) -> None:
        try:
            step = next(self._steps, None)
        except BaseException:
            self.stop()
            raise
        if step is None or self._bulk is None:
            self.stop()
        else:
            done, self._changed = step
            self.moved.emit(done, self._bulk.total)
