"""The charts of training and what they are drawn from."""

from __future__ import annotations

import random
import subprocess
import sys
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QColor, QImage, QWheelEvent
from PySide6.QtWidgets import QApplication, QScrollArea, QWidget
from pytestqt.qtbot import QtBot

from embtrainer_gui.core.messages import Metric, Progress, to_line
from embtrainer_gui.gui import theme
from embtrainer_gui.gui.models.curve import Curve
from embtrainer_gui.gui.models.plotted_run import PlottedRun
from embtrainer_gui.gui.models.run_history import GRADIENT, LOSS, RATE, SCORE, RunHistory, read_history
from embtrainer_gui.gui.models.run_watch import remarks
from embtrainer_gui.gui.widgets.chart_area import ChartArea
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


@pytest.fixture
def plots(qtbot: QtBot) -> LossPlot:
    made = LossPlot()
    made.resize(800, 560)
    qtbot.addWidget(made)
    made.show()
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


def turn_wheel(plot: LinePlot, notches: int, at: QPointF) -> None:
    steps = QPoint(0, 120 * notches)
    event = QWheelEvent(
        at, plot.area.mapToGlobal(at), QPoint(), steps, Qt.MouseButton.NoButton, Qt.KeyboardModifier.NoModifier,
        Qt.ScrollPhase.NoScrollPhase, False,
    )  # fmt: skip
    QApplication.sendEvent(plot.area.viewport(), event)


def middle_of(plot: LinePlot) -> QPointF:
    return plot.area.view.sceneBoundingRect().center()


def shown(plot: LinePlot) -> tuple[float, float]:
    """From where to where along x."""
    low, high = plot.area.view.viewRange()[0]
    return low, high


def test_that_the_score_is_drawn_with_the_untrained_models_line(plots: LossPlot) -> None:
    plots.show_runs([PlottedRun("run-1", history())])
    score, level = drawn(plots.score)
    assert score == ([0, 10, 20], [0.5, 0.7, 0.6])
    assert level == ([0, 20], [0.5, 0.5])
    assert plots.score.area.curves[1].dashed
    assert plots.score.note.text() == "0.700 best, step 10 · untrained 0.500 (dashed)"


def test_that_the_loss_is_drawn_raw_and_smoothed(plots: LossPlot) -> None:
    plots.show_runs([PlottedRun("run-1", history())])
    raw, smooth = drawn(plots.loss)
    assert raw[1] == pytest.approx([2 - step / 20 for step in range(1, 21)])
    assert max(smooth[1]) - min(smooth[1]) < max(raw[1]) - min(raw[1])
    assert [(curve.faint, curve.wide) for curve in plots.loss.area.curves] == [(True, False), (False, True)]


def test_that_further_runs_lie_over_the_first_in_their_own_colour(plots: LossPlot) -> None:
    plots.show_runs([PlottedRun("one", history()), PlottedRun("two", history(30), "warn")])
    assert [curve.token for curve in plots.score.area.curves] == ["accent", "warn", "text-2"]
    assert [len(x) for x, _ in drawn(plots.rate)] == [20, 30]
    assert drawn(plots.score)[-1][0] == [0, 30]
    plots.show_runs([PlottedRun("one", history())])
    assert len(drawn(plots.rate)) == 1


def test_that_epochs_can_lie_along_the_charts(plots: LossPlot) -> None:
    plots.show_runs([PlottedRun("run-1", history())])
    plots.axis.setCurrentIndex(1)
    assert drawn(plots.score)[0][0] == [0.0, 1.0, 2.0]


def test_that_time_can_lie_along_the_charts(plots: LossPlot) -> None:
    plots.show_runs([PlottedRun("run-1", history())])
    plots.axis.setCurrentIndex(plots.axis.findData("seconds"))
    assert drawn(plots.score)[0][0] == [0.0, 600.0, 1200.0]
    assert plots.score.area.bottom.tickStrings([0, 300, 600], 1.0, 300) == ["0", "5 min", "10 min"]
    low, high = shown(plots.score)
    assert low < 0 < 1200 < high < 1300


def test_that_a_run_without_times_says_so_and_leaves_the_others_alone(plots: LossPlot) -> None:
    old = RunHistory()
    old.add(0, 0.0, {SCORE: 0.5})
    old.add(10, 1.0, {SCORE: 0.6, LOSS: 1.0})
    plots.show_runs([PlottedRun("old", old), PlottedRun("new", history(), "warn")])
    assert len(drawn(plots.score)) == 3
    plots.axis.setCurrentIndex(plots.axis.findData("seconds"))
    assert plots.score.note.text() == "this run did not record times"
    assert {curve.token for curve in plots.loss.area.curves} == {"warn"}
    plots.redraw()
    plots.grab()


def test_that_the_log_scale_takes_a_loss_of_zero(plots: LossPlot) -> None:
    flat = RunHistory()
    flat.add(1, 0.1, {LOSS: 1.0})
    flat.add(2, 0.2, {LOSS: 0.0})
    plots.show_runs([PlottedRun("run-1", flat)])
    plots.log.click()
    assert painted(plots.loss, "accent")


def test_that_the_log_scale_bends_the_loss(plots: LossPlot) -> None:
    falling = RunHistory()
    for step in range(1, 101):
        falling.add(step, step, {LOSS: 10 ** (-step / 25)})
    plots.show_runs([PlottedRun("run-1", falling)])

    def at_half_height() -> float:
        """How far along the chart the line has fallen to its middle."""
        area = plots.loss.area.view.sceneBoundingRect()
        places = [p.x() for p in painted(plots.loss, "accent") if abs(p.y() - area.center().y()) <= 2]
        return (sum(places) / len(places) - area.left()) / area.width()

    assert at_half_height() < 0.2
    plots.log.click()
    assert at_half_height() == pytest.approx(0.5, abs=0.1)


def test_that_growth_is_drawn_when_it_can_be_seen(plots: LossPlot, qtbot: QtBot) -> None:
    growing = history()
    plots.show_runs([PlottedRun("run-1", growing)])
    growing.add(21, 2.1, {LOSS: 0.9})
    with qtbot.waitSignal(plots.drawn):
        plots.refresh()
    assert plots.loss.note.text() == f"{growing.series[LOSS].smooth[-1]:.3f}"
    plots.hide()
    growing.add(22, 2.2, {LOSS: 0.2})
    with qtbot.assertNotEmitted(plots.drawn):
        plots.refresh()
        qtbot.waitUntil(lambda: plots._late)
    with qtbot.waitSignal(plots.drawn):
        plots.show()
    assert plots.loss.note.text() == f"{growing.series[LOSS].smooth[-1]:.3f}"


def test_that_two_hundred_thousand_points_are_painted_as_few(plots: LossPlot) -> None:
    long, chance = RunHistory(), random.Random(1)
    for step in range(1, 200_001):
        long.add(step, step / 1000, {LOSS: 5.0 if step == 123_456 else chance.random()}, step / 10)
    plots.show_runs([PlottedRun("run-1", long)])
    raw, smooth = plots.loss.area.curves
    (xs, ys), (smooth_xs, _) = raw.points(0, 200_000, 800), smooth.points(0, 200_000, 800)
    assert len(xs) <= 2 * 800 + 4
    assert len(smooth_xs) <= 800 + 2
    assert max(ys) == 5.0
    assert smooth_xs[-1] == 200_000
    near, _ = raw.points(123_400, 123_500, 800)
    assert 123_456 in near


def test_that_a_chart_paints_at_most_a_few_points_a_pixel(plots: LossPlot, monkeypatch: pytest.MonkeyPatch) -> None:
    """1.5 ms (tests/bench/plot_speed.py); with all its points it would take 40 ms."""
    long = RunHistory()
    for step in range(1, 200_001):
        long.add(step, step / 1000, {GRADIENT: step % 7, RATE: 1.0, LOSS: 1.0})
    asked: list[int] = []
    kept = Curve.points

    def points(curve: Curve, low: float, high: float, most: int) -> tuple[list[float], list[float]]:
        found = kept(curve, low, high, most)
        asked.append(len(found[0]))
        return found

    monkeypatch.setattr(Curve, "points", points)
    plots.show_runs([PlottedRun("run-1", long)])
    plots.grab()
    assert len(asked) >= 4
    assert max(asked) <= 4 * plots.width()


def test_that_the_charts_follow_the_theme(plots: LossPlot, qtbot: QtBot) -> None:
    plots.show_runs([PlottedRun("run-1", history())])
    before = theme.is_dark()
    old = theme.color("accent").name()
    assert painted(plots.score, "accent")
    theme.choose("light" if before else "dark")
    assert theme.is_dark() != before
    assert theme.color("accent").name() != old
    assert painted(plots.score, "accent")
    theme.choose("dark" if before else "light")


def test_that_a_resumed_run_replaces_what_followed_its_checkpoint() -> None:
    resumed = history()
    resumed.add(12, 1.2, {LOSS: 9.0})
    assert list(resumed.series[LOSS].steps) == list(range(1, 13))
    assert resumed.series[LOSS].values[-1] == 9.0
    resumed.add(10, 1.0, {SCORE: 0.8})
    assert list(resumed.series[SCORE].steps) == [0, 10]


def test_that_the_smoothed_line_stands_for_the_last_steps() -> None:
    flat = RunHistory()
    for step in range(1, 101):
        flat.add(step, step, {LOSS: 1.0 if step <= 50 else 0.0})
    assert flat.series[LOSS].smooth[49] == pytest.approx(1.0)
    assert 0 < flat.series[LOSS].smooth[55] < 1
    assert flat.series[LOSS].smooth[99] < 0.01


def test_that_a_value_that_is_no_number_is_left_out() -> None:
    gaps = history(scores={0: 0.5, 10: float("nan")})
    assert list(gaps.series[SCORE].steps) == [0]


def test_that_a_runs_file_tells_its_times_and_an_older_one_is_read_without(tmp_path: Path) -> None:
    told = [Metric(step=step, epoch=step / 10, values={LOSS: 1.0}, seconds=2.5 * step) for step in range(1, 4)]
    file = tmp_path / "events.jsonl"
    live = RunHistory()
    for metric in told:
        live.take(metric)
    assert list(live.series[LOSS].seconds) == [2.5, 5.0, 7.5]
    file.write_text("".join(to_line(metric) + "\n" for metric in told), encoding="utf-8")
    new = read_history(tmp_path)
    assert new.timed
    assert list(new.series[LOSS].seconds) == [2.5, 5.0, 7.5]
    file.write_text('{"type":"metric","step":1,"epoch":0.1,"values":{"loss":1.0}}\n', encoding="utf-8")
    old = read_history(tmp_path)
    assert not old.timed
    assert list(old.series[LOSS].values) == [1.0]


def test_that_a_runs_file_is_read_past_damaged_lines(tmp_path: Path) -> None:
    lines = [to_line(Metric(step=step, epoch=step / 10, values={LOSS: 1.0})) for step in range(1, 4)]
    damaged = ['{"type":"metric","step":', '{"type":"metric","step":4,"epoch":1,"values":[1]}', "rubbish", "\x00"]
    other = to_line(Progress(done=1, total=2))
    file = tmp_path / "events.jsonl"
    file.write_text("\n".join([*lines[:1], *damaged, other, *lines[1:], lines[0][:30]]), encoding="utf-8")
    assert list(read_history(tmp_path).series[LOSS].steps) == [1, 2, 3]


def test_that_a_run_without_a_file_has_no_curves(tmp_path: Path) -> None:
    assert read_history(tmp_path).last_step == 0


@pytest.mark.parametrize(
    ("scores", "tone", "said"),
    [
        ({0: 0.999}, "warn", "already finds nearly every passage"),
        ({0: 0.5}, "info", "comes soon"),
        ({0: 0.5, 10: 0.45}, "warn", "Not better"),
        ({0: 0.5, 10: 0.7, 20: 0.6}, "info", "step 10"),
        ({0: 0.5, 10: 0.6, 20: 0.7}, "good", "by +0.200 at step 20"),
    ],
)
def test_that_the_watch_says_how_it_goes(scores: dict[int, float], tone: str, said: str) -> None:
    (remark,) = remarks(history(scores=scores))
    assert remark.tone == tone
    assert said in remark.text


def test_that_the_watch_sees_a_loss_that_rises() -> None:
    rising = RunHistory()
    for step in range(1, 201):
        rising.add(step, step, {LOSS: 1.0 if step < 120 else 4.0})
    assert any("rises" in remark.text for remark in remarks(rising))


def test_that_the_wheel_zooms_dragging_moves_and_a_double_click_shows_all(plots: LossPlot, qtbot: QtBot) -> None:
    plots.show_runs([PlottedRun("run-1", history())])
    area, middle = plots.loss.area, middle_of(plots.loss)
    whole = shown(plots.loss)
    turn_wheel(plots.loss, 3, middle)
    low, high = shown(plots.loss)
    assert area.zoom == (low, high)
    assert whole[0] < low < sum(whole) / 2 < high < whole[1]
    assert (low + high) / 2 == pytest.approx(sum(whole) / 2, abs=0.1)
    drag(area.viewport(), middle.toPoint(), -40, qtbot)
    assert shown(plots.loss)[0] > low
    assert shown(plots.loss)[1] - shown(plots.loss)[0] == pytest.approx(high - low)
    qtbot.mouseDClick(area.viewport(), Qt.MouseButton.LeftButton)
    assert area.zoom is None
    assert shown(plots.loss) == whole


def drag(widget: QWidget, start: QPoint, right: int, qtbot: QtBot) -> None:
    qtbot.mousePress(widget, Qt.MouseButton.LeftButton, pos=start)
    for part in (1, 2):
        qtbot.wait(20)  # pyqtgraph takes no more than 100 moves a second
        qtbot.mouseMove(widget, start + QPoint(right * part // 2, 0))
    qtbot.mouseRelease(widget, Qt.MouseButton.LeftButton, pos=start + QPoint(right, 0))


def test_that_zooming_out_ends_at_the_whole(plots: LossPlot) -> None:
    plots.show_runs([PlottedRun("run-1", history())])
    whole = shown(plots.loss)
    turn_wheel(plots.loss, 2, middle_of(plots.loss))
    turn_wheel(plots.loss, -5, middle_of(plots.loss))
    assert plots.loss.area.zoom is None
    assert shown(plots.loss) == pytest.approx(whole)


@pytest.mark.parametrize("at", [QPointF(20, 60), QPointF(200, 60)])
def test_that_the_wheel_scrolls_the_page_where_there_is_nothing_to_zoom(
    plots: LossPlot, at: QPointF, qtbot: QtBot
) -> None:
    plots.show_runs([PlottedRun("run-1", history())])
    assert plots.loss.area.isVisible()
    scroll = QScrollArea()
    qtbot.addWidget(scroll)
    scroll.setWidget(plots)
    scroll.resize(800, 300)
    scroll.show()
    turn_wheel(plots.loss, -1, at)
    assert scroll.verticalScrollBar().value() > 0
    assert plots.loss.area.zoom is None


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
    assert plots.gradient.area.isVisible()
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


def test_that_charts_are_made_one_after_another_when_they_are_first_seen(qtbot: QtBot) -> None:
    made = LossPlot()
    qtbot.addWidget(made)
    made.show_runs([PlottedRun("run-1", history())])
    assert made.findChildren(ChartArea) == []
    made.show()
    counts: list[int] = []
    made._making.timeout.connect(lambda: counts.append(len(made.findChildren(ChartArea))))
    qtbot.waitUntil(lambda: len(made.findChildren(ChartArea)) == 4)
    assert counts == [1, 2, 3, 4]
    assert drawn(made.gradient)[0][0] == list(range(1, 21))
    qtbot.waitUntil(lambda: bool(painted(made.gradient, "accent")))


def test_that_pyqtgraph_comes_when_it_is_asked_for() -> None:
    code = (
        "import sys, embtrainer_gui.gui.app as app, embtrainer_gui.gui.pages.train_page\n"
        "print([name for name in ('pyqtgraph', 'numpy', 'torch') if name in sys.modules])\n"
        "app.load_charts()\n"
        "print('pyqtgraph' in sys.modules, 'torch' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=120, check=False)
    assert done.stdout.split("\n")[:2] == ["[]", "True False"], done.stderr


def test_that_charts_without_a_point_are_painted_empty(plots: LossPlot) -> None:
    plots.show_runs([PlottedRun("run-1", RunHistory())])
    plots.log.click()
    assert not painted(plots.loss, "accent")
    plots.show_runs([])
    plots.grab()
