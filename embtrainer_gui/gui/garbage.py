"""Cyclic garbage is collected on the GUI thread only: on a worker thread it would take widgets with it."""

from __future__ import annotations

import gc
import time

from PySide6.QtCore import QObject, QTimer, Slot

EVERY_MS = 1000
YOUNG, MIDDLE = 700, 10  # as the interpreter's own thresholds
WHOLE_EVERY_SECONDS = 120.0


class Garbage(QObject):
    """Switches the interpreter's collection off until ``stop``, and does it by a timer."""

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        gc.collect()
        gc.freeze()  # the modules stay for good: a collection need not walk over them
        gc.disable()
        self._whole_at = time.monotonic()
        self._timer = QTimer(self, interval=EVERY_MS)
        self._timer.timeout.connect(self._on_timeout)
        self._timer.start()

    def stop(self) -> None:
        self._timer.stop()
        gc.enable()

    @Slot()
    def _on_timeout(self) -> None:
        young, middle, _ = gc.get_count()
        if time.monotonic() - self._whole_at > WHOLE_EVERY_SECONDS:
            self._whole_at = time.monotonic()
            gc.collect()
        elif middle > MIDDLE:
            gc.collect(1)
        elif young > YOUNG:
            gc.collect(0)
