"""The drawing of a chart: curves over two axes, with as many points as it has pixels, however long the curves are."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFont, QMouseEvent, QPainter, QPaintEvent, QPen, QPolygonF, QWheelEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from embtrainer_gui.gui import theme
from embtrainer_gui.gui.models.curve import Curve
from embtrainer_gui.gui.models.extremes import SMALLEST
from embtrainer_gui.gui.widgets.chart_ticks import Tick, TickMaker, log_ticks, number_ticks, whole_ticks

FAINT = 0.35  # share of its colour in a faint line; not by opacity, which adds up where points lie close
LEFT, BOTTOM, TOP, RIGHT = 52, 20, 6, 10  # px around the curves
DOT = 3.0  # radius
MOST_DOTS = 200  # more would be a thick line
MARGIN_X, MARGIN_Y = 0.02, 0.06  # of the span, beside and over the curves
POINTS_A_PX = 2  # fewer leave stripes in a line that goes up and down
MOST_SMOOTH = 1000  # points of a thin line that is drawn with smooth edges: that takes four times as long
SMALLEST_LOGGED = 1e-9
PX_A_TICK_X, PX_A_TICK_Y = 72, 36
FEWEST_TICKS = 3  # asked for; of two, one may be all that is round
ZOOM_A_NOTCH = 1.25
SMALLEST_ZOOM = 1e-4  # of the whole
NOTCH = 120.0  # of the wheel, in Qt's eighths of a degree

Range = tuple[float, float]


@dataclass(frozen=True, slots=True)
class _Frame:
    """Where data stand on the widget."""

    area: QRectF
    x: Range
    y: Range

    def at_x(self, value: float) -> float:
        return self.area.left() + (value - self.x[0]) * self.area.width() / (self.x[1] - self.x[0])

    def at_y(self, value: float) -> float:
        return self.area.bottom() - (value - self.y[0]) * self.area.height() / (self.y[1] - self.y[0])

    def line(self, xs: Sequence[float], ys: Sequence[float]) -> list[QPointF]:
        left, per_x = self.area.left(), self.area.width() / (self.x[1] - self.x[0])
        bottom, per_y = self.area.bottom(), self.area.height() / (self.y[1] - self.y[0])
        (x0, _), (y0, _) = self.x, self.y
        return [QPointF(left + (x - x0) * per_x, bottom - (y - y0) * per_y) for x, y in zip(xs, ys, strict=True)]


class ChartArea(QWidget):
    """``show_curves`` replaces what it shows. The wheel zooms along x, dragging moves there; ``show_all`` ends it."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.curves: list[Curve] = []
        self.zoom: Range | None = None
        self._log = False
        self._x_ticks: TickMaker = whole_ticks
        self._dragged: tuple[float, Range] | None = None  # from where, with which zoom
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)

    def show_curves(self, curves: Sequence[Curve]) -> None:
        self.curves = list(curves)
        self.update()

    def set_log(self, log: bool) -> None:
        self._log = log
        self.update()

    def set_x_ticks(self, maker: TickMaker) -> None:
        self._x_ticks = maker
        self.update()

    def show_all(self) -> None:
        self.zoom = None
        self.update()

    def whole(self) -> Range | None:
        """All of x that there is to see, with a margin; None without a point."""
        ends = [(curve.x[0], curve.x[-1]) for curve in self.curves if len(curve.x)]
        if not ends:
            return None
        return _widened(min(low for low, _ in ends), max(high for _, high in ends), MARGIN_X)

    def sizeHint(self) -> QSize:  # noqa: N802
        return QSize(320, 160)

    def minimumSizeHint(self) -> QSize:  # noqa: N802
        return QSize(160, 72)

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802
        painter = QPainter(self)
        font = QFont(self.font())
        font.setPixelSize(theme.size("small"))
        painter.setFont(font)
        area = self._area()
        reach = self.zoom or self.whole()
        if reach is not None:
            lines = [self._points(curve, reach, area.width()) for curve in self.curves]
            heights = [height for _, ys in lines for height in ys]
            if heights:
                frame = _Frame(area, reach, _widened(min(heights), max(heights), MARGIN_Y))
                self._paint_grid(painter, frame)
                painter.setClipRect(area.adjusted(0, 0, RIGHT, 0))
                for curve, (xs, ys) in zip(self.curves, lines, strict=True):
                    _paint_curve(painter, curve, frame.line(xs, ys))
                painter.setClipping(False)
        painter.setPen(QPen(theme.color("line"), 1))
        painter.drawLine(area.bottomLeft(), area.bottomRight())
        painter.drawLine(area.topLeft(), area.bottomLeft())
        painter.end()

    def wheelEvent(self, event: QWheelEvent) -> None:  # noqa: N802
        whole, notches = self.whole(), event.angleDelta().y() / NOTCH
        if whole is None or not notches or (self.zoom is None and notches < 0):
            event.ignore()  # whoever holds the charts may scroll
            return
        low, high = self.zoom or whole
        factor = ZOOM_A_NOTCH**-notches
        area = self._area()
        share = min(max((event.position().x() - area.left()) / area.width(), 0.0), 1.0)
        held = low + (high - low) * share
        self._look_at(held - (held - low) * factor, held + (high - held) * factor)

    def mousePressEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        if event.button() == Qt.MouseButton.LeftButton and self.zoom is not None:
            self._dragged = event.position().x(), self.zoom
        else:
            event.ignore()

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        event.ignore()  # else it would be one press more

    def mouseMoveEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        if self._dragged is None:
            return
        start, (low, high) = self._dragged
        shift = (start - event.position().x()) * (high - low) / self._area().width()
        self._look_at(low + shift, high + shift)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        self._dragged = None

    def _look_at(self, low: float, high: float) -> None:
        """Between two values along x, as far as there is something to see."""
        whole = self.whole()
        if whole is None:
            return
        span = max(high - low, (whole[1] - whole[0]) * SMALLEST_ZOOM)
        if span >= whole[1] - whole[0]:
            self.zoom = None
        else:
            low = min(max(low, whole[0]), whole[1] - span)
            self.zoom = low, low + span
        self.update()

    def _area(self) -> QRectF:
        wide, high = max(1, self.width() - LEFT - RIGHT), max(1, self.height() - TOP - BOTTOM)
        return QRectF(LEFT + 0.5, TOP + 0.5, wide - 1, high - 1)

    def _points(self, curve: Curve, reach: Range, width: float) -> tuple[list[float], list[float]]:
        xs, ys = curve.points(*reach, POINTS_A_PX * int(max(width, 2 * SMALLEST)))
        return xs, [math.log10(max(y, SMALLEST_LOGGED)) for y in ys] if self._log else ys

    def _paint_grid(self, painter: QPainter, frame: _Frame) -> None:
        area = frame.area
        up: Sequence[Tick] = (log_ticks if self._log else number_ticks)(
            *frame.y, max(FEWEST_TICKS, int(area.height() / PX_A_TICK_Y))
        )
        along = self._x_ticks(*frame.x, max(FEWEST_TICKS, int(area.width() / PX_A_TICK_X)))
        painter.setPen(QPen(_mixed(theme.color("line"), theme.color("surface"), 0.6), 1))
        for value, _ in up:
            painter.drawLine(QPointF(area.left(), frame.at_y(value)), QPointF(area.right(), frame.at_y(value)))
        painter.setPen(theme.color("text-2"))
        for value, text in up:
            box = QRectF(0, frame.at_y(value) - 8, LEFT - 6, 16)
            painter.drawText(box, int(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter), text)
        for value, text in along:
            middle = min(frame.at_x(value), self.width() - painter.fontMetrics().horizontalAdvance(text) / 2)
            box = QRectF(middle - 60, area.bottom() + 3, 120, BOTTOM - 3)
            painter.drawText(box, int(Qt.AlignmentFlag.AlignHCenter | Qt.AlignmentFlag.AlignTop), text)


def _paint_curve(painter: QPainter, curve: Curve, line: list[QPointF]) -> None:
    color = theme.color(curve.token)
    if curve.faint:
        color = _mixed(color, theme.color("surface"), FAINT)
    style = Qt.PenStyle.DashLine if curve.dashed else Qt.PenStyle.SolidLine
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, curve.wide or len(line) <= MOST_SMOOTH)
    painter.setPen(QPen(color, 2 if curve.wide else 1, style))
    painter.drawPolyline(QPolygonF(line))
    if curve.dots and len(line) <= MOST_DOTS:
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(color)
        for point in line:
            painter.drawEllipse(point, DOT, DOT)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)


def _widened(low: float, high: float, share: float) -> Range:
    margin = (high - low) * share or abs(high) * share or 1.0
    return low - margin, high + margin


def _mixed(color: QColor, ground: QColor, share: float) -> QColor:
    parts = zip(color.getRgb()[:3], ground.getRgb()[:3], strict=True)  # type: ignore[index]
    return QColor(*(round(share * over + (1 - share) * under) for over, under in parts))
