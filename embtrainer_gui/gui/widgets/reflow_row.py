"""Two widgets side by side, placed otherwise where that is too narrow."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QSize
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QBoxLayout, QWidget

from embtrainer_gui.gui import theme


class Pair(QWidget):
    """Looks again how ``parts`` are to stand whenever its own room or what stands in them changes."""

    def __init__(self, parts: tuple[QWidget, QWidget]) -> None:
        super().__init__()
        self._parts = parts

    def least(self) -> list[int]:
        """Widths below which the parts cannot be drawn, in px."""
        return [max(part.minimumWidth(), part.minimumSizeHint().width()) for part in self._parts]

    def minimumSizeHint(self) -> QSize:  # noqa: N802
        """As narrow as the wider of the two: side by side they would never be given less room."""
        return QSize(max(self.least()), super().minimumSizeHint().height())

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802
        super().resizeEvent(event)
        self._fit()

    def event(self, event: QEvent) -> bool:
        if event.type() is QEvent.Type.LayoutRequest:  # what stands in them changed
            self._fit()
        return super().event(event)

    def _fit(self) -> None:
        """Place the parts for the width that there is."""
        raise NotImplementedError


class ReflowRow(Pair):
    """One below the other where both have no room.

    ``stretch``: how the room is shared where they stand side by side; ``spacing`` in px, else that of cards.
    """

    def __init__(self, left: QWidget, right: QWidget, stretch: tuple[int, int] = (1, 1), spacing: int = 0) -> None:
        super().__init__((left, right))
        self._line = QBoxLayout(QBoxLayout.Direction.LeftToRight, self)
        self._line.setContentsMargins(0, 0, 0, 0)
        self._line.setSpacing(spacing or theme.size("gap"))
        for part, share in zip(self._parts, stretch, strict=True):
            self._line.addWidget(part, share)

    def _fit(self) -> None:
        needed = sum(self.least()) + self._line.spacing()
        fits = needed <= self.width()
        wanted = QBoxLayout.Direction.LeftToRight if fits else QBoxLayout.Direction.TopToBottom
        if self._line.direction() is not wanted:
            self._line.setDirection(wanted)
            self.updateGeometry()
