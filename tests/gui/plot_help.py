"""What the tests of the charts share."""

from __future__ import annotations

from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QColor, QImage, QWheelEvent
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from embtrainer_gui.gui import theme
from embtrainer_gui.gui.models.run_history import GRADIENT, LOSS, RATE, SCORE, RunHistory
from embtrainer_gui.gui.widgets.line_plot import LinePlot
from embtrainer_gui.gui.widgets.loss_plot import LossPlot


def history(steps: int = 20, scores: dict[int, float] | None = None) -> RunHistory:
    made = RunHistory()
    scores = {0: 0.5, 10: 0.7, 20: 0.6} if scores is None else scores
    for step in range(steps + 1):
        if step:
            made.add(step, step / 10, {LOSS: 2 - step / 20, RATE: 5e-5, GRADIENT: 3.0}, 60.0 * step)
        if step in scores:
            made.add(step, step / 10, {SCORE: scores[step], "eval_mrr@10": 0.4}, 60.0 * step)
    return made


def new_plots(qtbot: QtBot) -> LossPlot:
    made = LossPlot()
    made.resize(800, 560)
    qtbot.addWidget(made)
    made.show()
    parts = (made.score, made.loss, made.rate, made.gradient)
    qtbot.waitUntil(lambda: all(plot.area.isVisible() for plot in parts))
    return made


def drawn(plot: LinePlot) -> list[tuple[list[float], list[float]]]:
    """All points of each curve."""
    return [(list(curve.x), list(curve.y)) for curve in plot.area.curves]


def painted(plot: LinePlot, token: str) -> list[QPoint]:
    """The pixels of the chart that have a colour, but for smooth edges."""
    image = plot.area.grab().toImage().convertToFormat(QImage.Format.Format_RGB32)
    wanted = QColor(theme.color(token)).rgb()
    places = [QPoint(x, y) for x in range(image.width()) for y in range(image.height())]
    return [place for place in places if image.pixel(place) == wanted]


def turn_wheel(plot: LinePlot, notches: int, at: QPointF) -> bool:
    """Whether the chart took it; else it goes on to whoever holds the chart."""
    QApplication.processEvents()  # one turns it over what was painted
    steps = QPoint(0, 120 * notches)
    event = QWheelEvent(
        at, plot.area.mapToGlobal(at), QPoint(), steps, Qt.MouseButton.NoButton, Qt.KeyboardModifier.NoModifier,
        Qt.ScrollPhase.NoScrollPhase, False,
    )  # fmt: skip
    QApplication.sendEvent(plot.area.viewport(), event)
    return event.isAccepted()


def middle_of(plot: LinePlot) -> QPointF:
    return plot.area.view.sceneBoundingRect().center()


def shown(plot: LinePlot) -> tuple[float, float]:
    """From where to where along x."""
    low, high = plot.area.view.viewRange()[0]
    return low, high


def drag(plot: LinePlot, start: QPoint, right: int, qtbot: QtBot) -> None:
    widget = plot.area.viewport()
    qtbot.mousePress(widget, Qt.MouseButton.LeftButton, pos=start)
    for part in (1, 2):
        qtbot.mouseMove(widget, start + QPoint(right * part // 2, 0))
    qtbot.mouseRelease(widget, Qt.MouseButton.LeftButton, pos=start + QPoint(right, 0))
