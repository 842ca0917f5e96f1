"""That a server does not answer: since when, why, and when it is asked again."""

from __future__ import annotations

import math
import time

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QWidget

from embtrainer_gui.core.messages import Waiting
from embtrainer_gui.gui.widgets.basics import ElidedLabel, Icon, column, label, row

TICK_MS = 500


class OutageLine(QWidget):
    """It is shown while an outage lasts, and counts the seconds itself."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("questions.outage")
        self._told: Waiting | None = None
        self._since = self._next = 0.0
        self._text = label("", "warn")
        self._text.setObjectName("questions.outage-text")
        self._reason = ElidedLabel("", "hint")
        self._tick = QTimer(self)
        self._tick.setInterval(TICK_MS)
        self._tick.timeout.connect(self._show)
        line = row(Icon("warning", "warn"), column(self._text, self._reason, spacing=0))
        line.setStretch(1, 1)
        self.setLayout(line)
        self.end()

    @property
    def is_on(self) -> bool:
        return self._told is not None

    def take(self, told: Waiting) -> None:
        if not told.reason:
            self.end()
            return
        now = time.monotonic()
        self._since = self._since if self.is_on else now
        self._told, self._next = told, now + told.seconds
        self._reason.setText(told.reason)
        self._tick.start()
        self._show()
        self.setVisible(True)

    def end(self) -> None:
        self._told = None
        self._tick.stop()
        self.setVisible(False)

    def _show(self) -> None:
        if self._told is None:
            return
        now = time.monotonic()
        left = math.ceil(self._next - now)
        words = self.tr("Waiting for {host} since {since}, trying again in {left} s. Nothing is lost.")
        if left <= 0:
            words = self.tr("Waiting for {host} since {since}, trying again now. Nothing is lost.")
        self._text.setText(words.format(host=self._told.host, since=clock(now - self._since), left=left))


def clock(seconds: float) -> str:
    """``0:42``, ``12:05``, ``1:02:03``."""
    minutes, second = divmod(int(seconds), 60)
    hours, minute = divmod(minutes, 60)
    return f"{hours}:{minute:02}:{second:02}" if hours else f"{minutes}:{second:02}"
