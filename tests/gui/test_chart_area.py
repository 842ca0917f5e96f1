"""What part of the curves a chart shows."""

from __future__ import annotations

import pytest
from gui.plot_help import drag, history, middle_of, new_plots, shown, turn_wheel
from pyqtgraph import CONFIG_OPTIONS
from PySide6.QtCore import QPointF, Qt
from PySide6.QtWidgets import QScrollArea
from pytestqt.qtbot import QtBot

from embtrainer_gui.gui.models.plotted_run import PlottedRun
from embtrainer_gui.gui.models.run_history import GRADIENT, LOSS
from embtrainer_gui.gui.widgets.loss_plot import LossPlot


@pytest.fixture
def plots(qtbot: QtBot) -> LossPlot:
    return new_plots(qtbot)


def test_that_the_wheel_zooms_dragging_moves_and_a_double_click_shows_all(
    plots: LossPlot, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(CONFIG_OPTIONS, "mouseRateLimit", 0)  # else it leaves out moves that come fast
    plots.show_runs([PlottedRun("run-1", history())])
    area, middle = plots.loss.area, middle_of(plots.loss)
    whole = shown(plots.loss)
    turn_wheel(plots.loss, 3, middle)
    low, high = shown(plots.loss)
    assert area.zoom == (low, high)
    assert whole[0] < low < sum(whole) / 2 < high < whole[1]
    assert (low + high) / 2 == pytest.approx(sum(whole) / 2, abs=0.1)
    drag(plots.loss, middle.toPoint(), -40, qtbot)
    assert shown(plots.loss)[0] > low
    assert shown(plots.loss)[1] - shown(plots.loss)[0] == pytest.approx(high - low)
    qtbot.mouseDClick(area.viewport(), Qt.MouseButton.LeftButton)
    assert area.zoom is None
    qtbot.waitUntil(lambda: shown(plots.loss) == whole)


def test_that_zooming_out_ends_at_the_whole(plots: LossPlot) -> None:
    plots.show_runs([PlottedRun("run-1", history())])
    whole = shown(plots.loss)
    turn_wheel(plots.loss, 2, middle_of(plots.loss))
    turn_wheel(plots.loss, -5, middle_of(plots.loss))
    assert plots.loss.area.zoom is None
    assert shown(plots.loss) == pytest.approx(whole)


@pytest.mark.parametrize("at", [QPointF(20, 60), QPointF(200, 60)])
def test_that_the_wheel_is_left_to_the_page_where_there_is_nothing_to_zoom(plots: LossPlot, at: QPointF) -> None:
    plots.show_runs([PlottedRun("run-1", history())])
    assert not turn_wheel(plots.loss, -1, at)
    assert plots.loss.area.zoom is None
    assert turn_wheel(plots.loss, 1, middle_of(plots.loss))
    assert turn_wheel(plots.loss, -1, middle_of(plots.loss))
    assert not turn_wheel(plots.loss, -1, middle_of(plots.loss))


def test_that_a_chart_that_is_zoomed_stays_where_it_is_while_the_run_goes_on(plots: LossPlot) -> None:
    growing = history()
    plots.show_runs([PlottedRun("run-1", growing)])
    turn_wheel(plots.loss, 2, middle_of(plots.loss))
    before = shown(plots.loss)
    growing.add(2000, 20, {LOSS: 0.5})
    plots.redraw()
    assert shown(plots.loss) == before


def test_that_the_axes_change_only_when_a_growing_run_leaves_them(plots: LossPlot) -> None:
    growing = history(100)
    plots.show_runs([PlottedRun("run-1", growing)])
    ranges = []
    for step in range(101, 161):
        growing.add(step, step / 10, {LOSS: 0.5})
        plots.redraw()
        ranges.append(shown(plots.loss))
        assert ranges[-1][1] >= step
        assert step > 0.85 * ranges[-1][1]
    assert len(set(ranges)) <= 6
    plots.show_runs([PlottedRun("run-1", growing)])
    assert shown(plots.loss)[1] < 164


def test_that_a_chart_that_is_scrolled_out_of_sight_is_drawn_when_it_comes_back(plots: LossPlot, qtbot: QtBot) -> None:
    growing = history()
    plots.show_runs([PlottedRun("run-1", growing)])
    scroll = QScrollArea()
    qtbot.addWidget(scroll)
    scroll.setWidget(plots)
    scroll.resize(800, 200)
    scroll.show()
    qtbot.waitExposed(scroll)
    growing.add(2000, 20, {GRADIENT: 3.0, LOSS: 1.0})
    plots.redraw()
    assert shown(plots.loss)[1] > 1000
    assert shown(plots.gradient)[1] < 100
    scroll.verticalScrollBar().setValue(scroll.verticalScrollBar().maximum())
    qtbot.waitUntil(lambda: shown(plots.gradient)[1] > 1000)
    scroll.takeWidget()  # the fixture closes it
