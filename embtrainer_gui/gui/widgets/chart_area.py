"""The drawing of a chart: curves of pyqtgraph over two axes, with as many points as it has pixels, however long the
curves are. It imports pyqtgraph, which takes a third of a second: see ``app.load_charts``."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
from pyqtgraph import GraphicsView, PlotCurveItem, ScatterPlotItem, ViewBox, mkBrush, mkPen
from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QColor, QFont, QMouseEvent, QPaintEvent, QShowEvent
from PySide6.QtWidgets import QWidget

from embtrainer_gui.gui import theme
from embtrainer_gui.gui.models.curve import Curve
from embtrainer_gui.gui.models.extremes import SMALLEST
from embtrainer_gui.gui.models.run_history import Axis
from embtrainer_gui.gui.widgets.chart_axis import ROOM_X, ROOM_Y, HeightAxis, LengthAxis

FAINT, GRID = 0.35, 0.6  # share of its colour in a faint line; not by opacity, which adds up and takes time
LEFT, BOTTOM, TOP, RIGHT = 52, 20, ROOM_Y, ROOM_X  # px around the curves
DOT = 6  # px
MOST_DOTS = 200  # more would be a thick line
MARGIN_X, MARGIN_Y = 0.02, 0.06  # of the span, beside and over the curves
AHEAD = 0.1  # of the span, where a curve grew out of what was shown
LEAST_FILLED = 0.7  # of what is shown; else it is fitted anew
POINTS_A_PX = 2  # fewer leave stripes in a line that goes up and down
MOST_SMOOTH = 1000  # points of a thin line that is drawn with smooth edges: that takes four times as long
SMALLEST_LOGGED = 1e-9
SMALLEST_ZOOM = 1e-4  # of the whole

Range = tuple[float, float]
Column = npt.NDArray[np.float64]


class ChartArea(GraphicsView):  # type: ignore[misc]
    """``show_curves`` replaces what it shows. The wheel zooms along x, dragging moves there; ``show_all`` ends it.

    What is shown changes only where the curves have left it: to draw the axes takes longer than to draw the curves.
    """

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.curves: list[Curve] = []
        self.zoom: Range | None = None
        self._reach: Range | None = None  # along x, when there is no zoom
        self._height: Range | None = None
        self._log = False
        self._late = False  # changed while nobody could see it
        self._lines: list[_Line] = []
        self.view, self.left, self.bottom = _View(), HeightAxis(), LengthAxis()
        self._build()
        self._dress()
        self.view.sigRangeChangedManually.connect(self._on_view_moved)
        self.view.sigResized.connect(self._draw)
        theme.changes().changed.connect(self._on_theme_changed)

    def show_curves(self, curves: Sequence[Curve]) -> None:
        self.curves = list(curves)
        self._draw()

    def set_log(self, log: bool) -> None:
        self._log = log
        self.left.setLogMode(False, log)
        self._height = None
        self._draw()

    def set_axis(self, kind: Axis) -> None:
        """What stands along x; the curves for it follow."""
        self.bottom.set_kind(kind)

    def show_all(self) -> None:
        """Fits what is shown to the curves, or to those that follow now; while they grow, room is left for more."""
        self._look_at(None)
        self._reach = None
        self._late = True
        self.viewport().update()

    def sizeHint(self) -> QSize:  # noqa: N802
        return QSize(320, 160)

    def minimumSizeHint(self) -> QSize:  # noqa: N802
        return QSize(160, 72)

    def showEvent(self, event: QShowEvent) -> None:  # noqa: N802
        super().showEvent(event)
        if self._late:
            self._lay()

    def paintEvent(self, ev: QPaintEvent) -> None:  # noqa: N802
        if self._late:  # as when it is scrolled into sight
            self._lay()
        super().paintEvent(ev)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        event.ignore()  # its owner shows all

    def _build(self) -> None:
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        layout = self.centralLayout
        layout.setContentsMargins(0, TOP, RIGHT, 0)
        layout.setSpacing(0)
        layout.addItem(self.left, 0, 0)
        layout.addItem(self.view, 0, 1)
        layout.addItem(self.bottom, 1, 1)
        self.left.setWidth(LEFT)
        self.bottom.setHeight(BOTTOM)
        for axis in (self.left, self.bottom):
            axis.linkToView(self.view)

    def _dress(self) -> None:
        self.setBackground(theme.color("surface"))
        font = QFont(self.font())
        font.setPixelSize(theme.size("small"))
        for axis in (self.left, self.bottom):
            axis.setPen(mkPen(theme.color("line")))
            axis.setTickPen(mkPen(_mixed(theme.color("line"), GRID)))
            axis.setTextPen(theme.color("text-2"))
            axis.setTickFont(font)

    def _draw(self) -> None:
        self._late = not self.isVisible() or self.viewport().visibleRegion().isEmpty()
        if not self._late:
            self._lay()

    def _lay(self) -> None:
        """Hand over what can be seen of the curves, and fit the axes to it."""
        self._late = False
        curves = [curve for curve in self.curves if len(curve.x)]
        for axis in (self.left, self.bottom):
            axis.set_blank(not curves)
        points: list[tuple[Column, Column]] = []
        if curves:
            first, last = min(curve.x[0] for curve in curves), max(curve.x[-1] for curve in curves)
            self._reach = _fitted(self._reach, first, last, MARGIN_X)
            low, high = self.zoom or self._reach
            points = [self._points(curve, low, high) for curve in curves]
            self._fit(self._reach, (low, high), [ys for _, ys in points if len(ys)])
        while len(self._lines) < len(points):
            self._lines.append(_Line(self.view))
        while len(self._lines) > len(points):
            self._lines.pop().remove()
        for line, curve, (xs, ys) in zip(self._lines, curves, points, strict=True):
            line.show(curve, xs, ys)

    def _fit(self, whole: Range, reach: Range, heights: list[Column]) -> None:
        if not heights:
            return
        low, high = min(float(ys.min()) for ys in heights), max(float(ys.max()) for ys in heights)
        self._height = _fitted(self._height, low, high, MARGIN_Y)
        smallest = (whole[1] - whole[0]) * SMALLEST_ZOOM
        self.view.setLimits(xMin=whole[0], xMax=whole[1], minXRange=smallest)
        self.view.setRange(xRange=reach, yRange=self._height, padding=0)

    def _points(self, curve: Curve, low: float, high: float) -> tuple[Column, Column]:
        most = POINTS_A_PX * int(max(self.view.width(), 2 * SMALLEST))
        xs, ys = (np.array(values, dtype=np.float64) for values in curve.points(low, high, most))
        return xs, np.log10(np.maximum(ys, SMALLEST_LOGGED)) if self._log else ys

    def _on_view_moved(self) -> None:
        low, high = self.view.viewRange()[0]
        whole = self._reach
        is_all = whole is None or high - low >= (whole[1] - whole[0]) * (1 - SMALLEST_ZOOM)
        self._look_at(None if is_all else (low, high))
        self._draw()

    def _look_at(self, zoom: Range | None) -> None:
        self.zoom = zoom
        self.view.is_zoomed = zoom is not None
        self._height = None

    def _on_theme_changed(self) -> None:
        self._dress()
        self._draw()


class _View(ViewBox):  # type: ignore[misc]
    """Where there is nothing more to see, the wheel is left to whoever holds the charts: it may scroll."""

    def __init__(self) -> None:
        super().__init__(enableMenu=False)
        self.is_zoomed = False
        self.setMouseEnabled(x=True, y=False)
        self.disableAutoRange()

    def wheelEvent(self, ev: Any, axis: int | None = None) -> None:  # noqa: N802
        if ev.delta() > 0 or self.is_zoomed:
            super().wheelEvent(ev, axis)
        else:
            ev.ignore()


class _Line:
    """A curve on the chart, with its dots if it has any."""

    def __init__(self, view: ViewBox) -> None:
        self._view = view
        self._line = PlotCurveItem(skipFiniteCheck=True)
        self._dots: ScatterPlotItem | None = None
        view.addItem(self._line, ignoreBounds=True)

    def show(self, curve: Curve, xs: Column, ys: Column) -> None:
        color = theme.color(curve.token)
        if curve.faint:
            color = _mixed(color, FAINT)
        style = Qt.PenStyle.DashLine if curve.dashed else Qt.PenStyle.SolidLine
        pen = mkPen(color, width=2 if curve.wide else 1, style=style)
        self._line.setData(xs, ys, pen=pen, antialias=curve.wide or len(xs) <= MOST_SMOOTH)
        if curve.dots and len(xs) <= MOST_DOTS:
            if self._dots is None:
                self._dots = ScatterPlotItem(size=DOT, pen=None, antialias=True)
                self._view.addItem(self._dots, ignoreBounds=True)
            self._dots.setData(xs, ys, brush=mkBrush(color))
        elif self._dots is not None:
            self._view.removeItem(self._dots)
            self._dots = None

    def remove(self) -> None:
        self._view.removeItem(self._line)
        if self._dots is not None:
            self._view.removeItem(self._dots)


def _fitted(shown: Range | None, low: float, high: float, margin: float) -> Range:
    """What is shown, as long as all is in it and fills most of it."""
    if shown is None:
        return _widened(low, high, margin)
    if shown[0] <= low and high <= shown[1] and high - low >= LEAST_FILLED * (shown[1] - shown[0]):
        return shown
    return _widened(low, high, margin)[0], _widened(low, high, AHEAD)[1]


def _widened(low: float, high: float, share: float) -> Range:
    margin = (high - low) * share or abs(high) * share or 1.0
    return low - margin, high + margin


def _mixed(color: QColor, share: float) -> QColor:
    """With the ground of the chart."""
    parts = zip(color.getRgb()[:3], theme.color("surface").getRgb()[:3], strict=True)  # type: ignore[index]
    return QColor(*(round(share * over + (1 - share) * under) for over, under in parts))
