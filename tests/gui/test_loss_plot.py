"""The charts of training and what they are drawn from."""

from __future__ import annotations

import random
import subprocess
import sys
from pathlib import Path

import pytest
from gui.plot_help import drawn, history, new_plots, painted, shown
from pytestqt.qtbot import QtBot

from embtrainer_gui.core.messages import Metric, Noticed, Progress, to_line
from embtrainer_gui.gui import theme
from embtrainer_gui.gui.models.curve import Curve
from embtrainer_gui.gui.models.plotted_run import PlottedRun
from embtrainer_gui.gui.models.run_history import GRADIENT, LOSS, RATE, SCORE, RunHistory, read_history
from embtrainer_gui.gui.models.run_watch import faults, standing
from embtrainer_gui.gui.widgets.chart_area import ChartArea
from embtrainer_gui.gui.widgets.loss_plot import LossPlot


@pytest.fixture
def plots(qtbot: QtBot) -> LossPlot:
    return new_plots(qtbot)


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


def test_that_the_parts_of_the_loss_are_drawn_of_a_run_that_is_alone(plots: LossPlot) -> None:
    both = history()
    for step in range(1, 21):
        both.add(step, step / 10, {"answer_loss": 3.0, "divergence": 0.1})
    plots.show_runs([PlottedRun("run-1", both)])
    parts = [curve for curve in plots.loss.area.curves if curve.dashed]
    assert [set(curve.y) for curve in parts] == [{3.0}, {0.1}]
    assert len({curve.token for curve in plots.loss.area.curves}) == 3
    plots.show_runs([PlottedRun("run-1", both), PlottedRun("two", history(30), "warn")])
    assert not any(curve.dashed for curve in plots.loss.area.curves)
    assert plots.loss.key.isHidden()


def test_that_a_key_says_which_part_has_which_colour(plots: LossPlot) -> None:
    both = history()
    for step in range(1, 21):
        both.add(step, step / 10, {"answer_loss": 3.0, "divergence": 0.1})
    plots.show_runs([PlottedRun("run-1", both)])
    key = plots.loss.key
    colours = [curve.token for curve in plots.loss.area.curves if curve.dashed]
    assert [(entry.token, entry.text) for entry in key.entries] == [
        (colours[0], "answers 3.000"),
        (colours[1], "keeping 0.100"),
    ]
    assert plots.loss.accessibleName().endswith(" · answers 3.000 · keeping 0.100")
    assert key.shown() == ["answers 3.000", "keeping 0.100"]
    picture = key.grab().toImage()
    painted = {picture.pixelColor(x, y).name() for x in range(picture.width()) for y in range(picture.height())}
    assert {theme.color(colour).name() for colour in colours} <= painted
    key.resize(150, key.height())
    assert key.shown() == ["answers", "keeping"]


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
        ({0: 0.5}, "info", "comes soon"),
        ({0: 0.5, 10: 0.45}, "warn", "Not better"),
        ({0: 0.5, 10: 0.7, 20: 0.6}, "info", "step 10"),
        ({0: 0.5, 10: 0.6, 20: 0.7}, "good", "by +0.200 at step 20"),
    ],
)
def test_that_the_watch_says_how_it_goes(scores: dict[int, float], tone: str, said: str) -> None:
    remark = standing(history(scores=scores))
    assert remark is not None
    assert remark.tone == tone
    assert said in remark.text


def test_that_what_the_watch_found_is_there_when_a_run_is_read_again(tmp_path: Path) -> None:
    rising = Noticed(fault="learning-rate", step=40, text="The loss rises.", cure="Lower it", changes={"epochs": 1})
    leak = Noticed(fault="leak", step=0, text="It leaks.")
    metric = Metric(step=0, epoch=0, values={SCORE: 0.999})
    lines = [to_line(event) for event in (metric, leak, rising, rising)]
    (tmp_path / "events.jsonl").write_text("\n".join(lines) + "\n", encoding="utf-8")
    found = read_history(tmp_path)
    assert [(remark.text, remark.notice) for remark in faults(found)] == [("It leaks.", None), (rising.text, rising)]
    assert standing(found) is None  # the watch has said it


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
    assert not painted(plots.loss, "text-2")
    plots.show_runs([])
    plots.grab()
    plots.show_runs([PlottedRun("run-1", history())])
    assert painted(plots.loss, "text-2")
