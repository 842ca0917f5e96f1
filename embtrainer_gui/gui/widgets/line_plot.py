"""One chart of lines over the steps of training: any number of points, drawn as few as the screen can show."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QColor, QFont, QMouseEvent
from PySide6.QtWidgets import QFrame, QWidget

from embtrainer_gui.gui import theme
from embtrainer_gui.gui.widgets.basics import column, label, row
from embtrainer_gui.gui.widgets.plot_library import arrays, library

MOST_POINTS_OF_A_WIDE_LINE = 1000  # Qt draws lines wider than 1 px ten times slower
FAINT = 0.35  # share of its colour in a faint line; not by opacity, which adds up where points lie close
AXIS_WIDTH = 52
DOT = 6


@dataclass(frozen=True, slots=True)
class Curve:
    """``x`` and ``y`` (n,), float64. ``wide`` curves are thinned to what an eye can tell, so only smooth ones are."""

    x: Sequence[float]
    y: Sequence[float]
    token: str = "accent"
    faint: bool = False
    wide: bool = False
    dashed: bool = False
    dots: bool = False


class LinePlot(QWidget):
    """A titled chart; ``show_curves`` replaces what it shows. Dragging and the wheel move along x, a double click
    shows all again (signal ``reset``)."""

    reset = Signal()

    def __init__(self, title: str, explanation: str = "", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._title = label(title, "section")
        self._title.setToolTip(explanation)
        self.note = label("", "hint")
        self.note.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self._log = False
        self._items: list[Any] = []
        self._curves: list[Curve] = []
        self._plot = self._new_plot()
        frame = QFrame()
        frame.setProperty("role", "card")
        inner = column(row(self._title, None, self.note), self._plot)
        inner.setContentsMargins(12, 8, 12, 8)
        frame.setLayout(inner)
        self.setLayout(column(frame))
        self.setAccessibleName(title)
        self.setAccessibleDescription(explanation)
        self._dress()
        theme.changes().changed.connect(self._on_theme_changed)

    def set_note(self, text: str) -> None:
        """The figures of the chart in words; they are what a screen reader says."""
        self.note.setText(text)
        self.setAccessibleName(f"{self._title.text()}: {text}")

    def set_log(self, log: bool) -> None:
        self._log = log
        self._plot.setLogMode(x=False, y=log)

    def show_curves(self, curves: Sequence[Curve]) -> None:
        numpy = arrays()
        self._curves = list(curves)
        while len(self._items) > len(curves):
            self._plot.removeItem(self._items.pop())
        while len(self._items) < len(curves):
            item = self._plot.plot()
            item.setClipToView(True)
            item.setDownsampling(auto=True, method="peak")
            self._items.append(item)
        for item, curve in zip(self._items, curves, strict=True):
            x, y = (numpy.asarray(values, dtype=numpy.float64) for values in (curve.x, curve.y))
            if curve.wide and len(x) > MOST_POINTS_OF_A_WIDE_LINE:
                every = -(-len(x) // MOST_POINTS_OF_A_WIDE_LINE)
                x, y = (numpy.append(values[::every], values[-1]) for values in (x, y))
            if self._log:
                y = numpy.maximum(y, 1e-9)
            dots = {"symbol": "o", "symbolSize": DOT, "symbolPen": None} if curve.dots else {"symbol": None}
            item.setData(x, y, pen=self._pen(curve), antialias=curve.wide, **dots)
            if curve.dots:
                item.setSymbolBrush(theme.color(curve.token))

    def show_all(self) -> None:
        self._plot.enableAutoRange()

    def repaint_now(self) -> None:
        self._plot.viewport().repaint()

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        self.show_all()
        self.reset.emit()

    def _new_plot(self) -> Any:
        plot = library().PlotWidget(parent=self, enableMenu=False)
        menu = plot.getPlotItem().ctrlMenu
        menu.setParent(plot, menu.windowFlags())  # it had none, so that nobody would delete it
        plot.hideButtons()
        plot.setMouseEnabled(x=True, y=False)
        plot.setMinimumSize(160, 72)
        plot.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        plot.setFrameShape(plot.Shape.NoFrame)
        plot.setLogMode(x=False, y=False)
        return plot

    def _pen(self, curve: Curve) -> Any:
        color = _mixed(theme.color(curve.token), theme.color("surface")) if curve.faint else theme.color(curve.token)
        style = Qt.PenStyle.DashLine if curve.dashed else Qt.PenStyle.SolidLine
        return library().mkPen(color, width=2 if curve.wide else 1, style=style)

    def _dress(self) -> None:
        self._plot.setBackground(theme.color("surface"))
        font = QFont(self.font())
        font.setPixelSize(theme.size("small"))
        for side in ("left", "bottom"):
            axis = self._plot.getAxis(side)
            axis.setPen(library().mkPen(theme.color("line"), width=1))
            axis.setTextPen(theme.color("text-2"))
            axis.setStyle(tickFont=font, tickLength=0)
        self._plot.getAxis("left").setWidth(AXIS_WIDTH)
        self._plot.showGrid(x=False, y=True, alpha=0.35)

    def _on_theme_changed(self) -> None:
        self._dress()
        self.show_curves(self._curves)


def _mixed(color: QColor, ground: QColor) -> QColor:
    parts = zip(color.getRgb()[:3], ground.getRgb()[:3], strict=True)  # type: ignore[index]
    return QColor(*(round(FAINT * over + (1 - FAINT) * under) for over, under in parts))
