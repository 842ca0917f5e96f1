"""One score for each model as a dot with its 95 % interval: differences are seen without reading a number."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from embtrainer_gui.gui import theme
from embtrainer_gui.gui.format import metric

ROW = 36
AXIS = 28
NAME_WIDTH = 112
VALUE_WIDTH = 52
DOT = 5.0
TICKS = (0.05, 0.1, 0.2, 0.25, 0.5)
MOST_TICKS = 6


@dataclass(frozen=True, slots=True)
class Dot:
    """A model's score; ``low`` and ``high`` bound it, both equal to ``value`` where that is not known."""

    name: str
    value: float
    low: float
    high: float
    token: str = "text-2"  # colour
    explanation: str = ""


class DotPlot(QWidget):
    """A dashed line stands at the first row's score, which the others are held against."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._dots: list[Dot] = []
        self.setObjectName("compare.plot")
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        theme.changes().changed.connect(self.update)

    def show_dots(self, dots: Sequence[Dot]) -> None:
        self._dots = list(dots)
        self.setAccessibleName(self.tr("Score of each model with its 95 % interval"))
        said = self.tr("{name}: {value}, interval {low} to {high}.")
        self.setAccessibleDescription(
            " ".join(
                said.format(name=d.name, value=metric(d.value), low=metric(d.low), high=metric(d.high)) for d in dots
            )
        )
        self.setToolTip("\n".join(f"{d.name}: {d.explanation}" for d in dots if d.explanation))
        self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:  # noqa: N802
        return QSize(420, ROW * max(1, len(self._dots)) + AXIS)

    def minimumSizeHint(self) -> QSize:  # noqa: N802
        return QSize(320, self.sizeHint().height())

    def span(self) -> tuple[float, float, float]:
        """``(lowest, highest, step)`` of the axis: whole steps around all intervals, inside 0 to 1, or -1 to 1 for a
        correlation."""
        low = min(dot.low for dot in self._dots)
        high = max(dot.high for dot in self._dots)
        wide = max(high - low, 0.05)
        step = next((tick for tick in TICKS if wide / tick <= MOST_TICKS - 1), TICKS[-1])
        start = max(0.0 if low >= 0 else -1.0, math.floor((low - wide * 0.05) / step) * step)
        end = min(1.0, math.ceil((high + wide * 0.05) / step) * step)
        return start, max(end, start + step), step

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802
        if not self._dots:
            return
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        area = QRectF(NAME_WIDTH, 0, self.width() - NAME_WIDTH - VALUE_WIDTH - 8, self.height() - AXIS)
        self._paint_axis(painter, area)
        for number, dot in enumerate(self._dots):
            self._paint_dot(painter, area, dot, number)
        painter.end()

    def _x(self, area: QRectF, value: float) -> float:
        start, end, _ = self.span()
        return area.left() + (value - start) / (end - start) * area.width()

    def _paint_axis(self, painter: QPainter, area: QRectF) -> None:
        start, end, step = self.span()
        digits = 2 if step < 0.1 or step == 0.25 else 1
        for number in range(round((end - start) / step) + 1):
            value = start + number * step
            x = round(self._x(area, value)) + 0.5
            painter.setPen(QPen(theme.color("line"), 1))
            painter.drawLine(QPointF(x, area.top()), QPointF(x, area.bottom()))
            painter.setPen(theme.color("text-2"))
            box = QRectF(x - 24, area.bottom() + 6, 48, AXIS - 8)
            painter.drawText(box, Qt.AlignmentFlag.AlignHCenter | Qt.AlignmentFlag.AlignTop, f"{value:.{digits}f}")
        x = round(self._x(area, self._dots[0].value)) + 0.5
        pen = QPen(theme.color("text-2"), 1, Qt.PenStyle.DashLine)
        painter.setPen(pen)
        painter.drawLine(QPointF(x, area.top()), QPointF(x, area.bottom()))

    def _paint_dot(self, painter: QPainter, area: QRectF, dot: Dot, number: int) -> None:
        y = area.top() + ROW * (number + 0.5)
        color = theme.color(dot.token)
        painter.setPen(theme.color("text"))
        name_box = QRectF(0, y - ROW / 2, NAME_WIDTH - 16, ROW)
        elided = painter.fontMetrics().elidedText(dot.name, Qt.TextElideMode.ElideRight, int(name_box.width()))
        painter.drawText(name_box, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, elided)
        painter.drawText(
            QRectF(area.right() + 8, y - ROW / 2, VALUE_WIDTH, ROW),
            Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter,
            metric(dot.value),
        )
        if dot.high > dot.low:
            left, right = self._x(area, dot.low), self._x(area, dot.high)
            painter.setPen(QPen(color, 2))
            painter.drawLine(QPointF(left, y), QPointF(right, y))
            for x in (left, right):
                painter.drawLine(QPointF(x, y - 4), QPointF(x, y + 4))
        painter.setPen(QPen(theme.color("surface"), 2))
        painter.setBrush(color)
        painter.drawEllipse(QPointF(self._x(area, dot.value), y), DOT + 1, DOT + 1)
