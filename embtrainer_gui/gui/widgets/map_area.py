"""One drawing of the map: points of pyqtgraph that can be zoomed, pointed at and clicked. It imports pyqtgraph, which
takes a third of a second."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
from pyqtgraph import GraphicsView, ScatterPlotItem, ViewBox, mkBrush, mkPen
from PySide6.QtCore import QEvent, QPointF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QMouseEvent
from PySide6.QtWidgets import QWidget

from embtrainer_gui.gui import theme
from embtrainer_gui.gui.models.map_points import OTHERS

Places = npt.NDArray[np.float64]
Numbers = npt.NDArray[np.int64]

FEW, MANY = 1000, 10_000  # points: the more there are, the smaller they are drawn
SIZES = (7, 5, 3)  # px
FOUND_SIZE, POINTED_SIZE = 9, 13
NEAR = 12  # px around the mouse
CLICK = 4  # px that a click may move
HUES = 12
SATURATION, LIGHT_GROUND, DARK_GROUND = 0.62, 0.44, 0.62  # of the colours of groups
FAINT = 0.28
MARGIN = 0.04


def group_color(number: int) -> QColor:
    """A hue of its own for each of the first groups; grey for the others."""
    if number == OTHERS:
        return theme.color("text-3")
    hue = (number * 5 % HUES) / HUES  # neighbours in the list are far apart on the wheel
    return QColor.fromHslF(hue, SATURATION, DARK_GROUND if theme.is_dark() else LIGHT_GROUND)


class MapArea(GraphicsView):  # type: ignore[misc]
    """Signals: ``pointed`` with the number of a point, -1 for none; ``clicked`` with that of one."""

    pointed = Signal(int)
    clicked = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.view = ViewBox(enableMenu=False, lockAspect=True)
        self.setCentralItem(self.view)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setMouseTracking(True)
        self._places: Places = np.empty((0, 2))
        self._groups: Numbers = np.empty(0, np.int64)
        self._found: Numbers | None = None
        self._near = -1
        self._pressed = QPointF()
        self._layers: list[ScatterPlotItem] = []
        self._mark = ScatterPlotItem(size=POINTED_SIZE, pxMode=True)
        self.view.addItem(self._mark, ignoreBounds=True)
        self._mark.setZValue(10)
        theme.changes().changed.connect(self._draw)

    def show_points(self, places: Places, groups: Numbers) -> None:
        """``groups[n]`` is the number of the group of point n (n, 2)."""
        fit = len(places) != len(self._places)
        self._places, self._groups = places, groups
        self._draw()
        if fit and len(places):
            self.show_all()

    def show_found(self, found: Numbers | None) -> None:
        """Draw these points strongly and the others faintly; None: all alike."""
        self._found = found
        self._draw()

    def point_at(self, number: int) -> None:
        """Mark one point, as when the mouse is on it; -1 for none."""
        place = self._places[number : number + 1] if 0 <= number < len(self._places) else np.empty((0, 2))
        self._mark.setData(place[:, 0], place[:, 1], brush=None, pen=mkPen(theme.color("text"), width=2))

    def show_all(self) -> None:
        low, high = self._places.min(axis=0), self._places.max(axis=0)
        self.view.setRange(xRange=(low[0], high[0]), yRange=(low[1], high[1]), padding=MARGIN)

    def nearest(self, position: QPointF) -> int:
        """The point under the mouse; -1 where there is none."""
        if not len(self._places):
            return -1
        spot = self.view.mapSceneToView(self.mapToScene(position.toPoint()))
        scale_x, scale_y = self.view.viewPixelSize()
        away = np.hypot((self._places[:, 0] - spot.x()) / scale_x, (self._places[:, 1] - spot.y()) / scale_y)
        if self._found is not None and len(self._found):
            away = away + np.where(np.isin(np.arange(len(away)), self._found), 0, NEAR / 2)
        number = int(away.argmin())
        return number if away[number] <= NEAR else -1

    def position_of(self, number: int) -> QPointF:
        """Where a point is in this widget, in px."""
        x, y = self._places[number]
        return QPointF(self.mapFromScene(self.view.mapViewToScene(QPointF(x, y))))

    def sizeHint(self) -> QSize:  # noqa: N802
        return QSize(320, 300)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        super().mouseMoveEvent(event)
        number = self.nearest(event.position()) if not event.buttons() else -1
        if number != self._near:
            self._near = number
            self.setCursor(Qt.CursorShape.PointingHandCursor if number >= 0 else Qt.CursorShape.ArrowCursor)
            self.pointed.emit(number)

    def mousePressEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        self._pressed = event.position()
        super().mousePressEvent(event)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        super().mouseReleaseEvent(event)
        moved = (event.position() - self._pressed).manhattanLength()
        if event.button() == Qt.MouseButton.LeftButton and moved <= CLICK:
            number = self.nearest(event.position())
            if number >= 0:
                self.clicked.emit(number)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        if len(self._places):
            self.show_all()

    def leaveEvent(self, event: QEvent) -> None:  # noqa: N802
        super().leaveEvent(event)
        self._near = -1
        self.pointed.emit(-1)

    def _draw(self) -> None:
        self.setBackground(theme.color("surface"))
        for layer in self._layers:
            self.view.removeItem(layer)
        self._layers = []
        size = SIZES[(len(self._places) > FEW) + (len(self._places) > MANY)]
        everything = np.arange(len(self._places))
        if self._found is None:
            self._add(everything, size, 1.0)
            return
        self._add(np.setdiff1d(everything, self._found), size, FAINT)
        self._add(self._found, max(size, FOUND_SIZE if len(self._found) <= FEW else size), 1.0)

    def _add(self, numbers: Numbers, size: int, opacity: float) -> None:
        """One layer for each colour: to draw them so is much quicker than a colour for each point."""
        for group in sorted(set(self._groups[numbers].tolist())):
            chosen = numbers[self._groups[numbers] == group]
            color = QColor(group_color(group))
            color.setAlphaF(opacity)
            layer = ScatterPlotItem(size=size, pen=None, brush=mkBrush(color), pxMode=True)
            layer.setData(self._places[chosen, 0], self._places[chosen, 1])
            self.view.addItem(layer, ignoreBounds=True)
            self._layers.append(layer)


def link(areas: Sequence[MapArea]) -> None:
    """Zoom and move them together."""
    for area in areas[1:]:
        area.view.setXLink(areas[0].view)
        area.view.setYLink(areas[0].view)
