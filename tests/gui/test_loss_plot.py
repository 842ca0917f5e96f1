"""The charts of training and what they are drawn from."""

from __future__ import annotations

import json
import math
import random
import subprocess
import sys
import time
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from embtrainer_gui.core.messages import Metric, Progress, to_line
from embtrainer_gui.gui import theme
from embtrainer_gui.gui.models.run_history import GRADIENT, LOSS, RATE, SCORE, RunHistory, read_history
from embtrainer_gui.gui.models.run_watch import remarks
from embtrainer_gui.gui.widgets.line_plot import MOST_POINTS_OF_A_WIDE_LINE, LinePlot
from embtrainer_gui.gui.widgets.loss_plot import LossPlot, PlottedRun
from embtrainer_gui.gui.widgets.plot_library import preload


def history(steps: int = 20, scores: dict[int, float] | None = None) -> RunHistory:
    made = RunHistory()
    scores = {0: 0.5, 10: 0.7, 20: 0.6} if scores is None else scores
    for step in range(steps + 1):
        if step:
            made.add(step, step / 10, {LOSS: 2 - step / 20, RATE: 5e-5, GRADIENT: 3.0})
        if step in scores:
            made.add(step, step / 10, {SCORE: scores[step], "eval_mrr@10": 0.4})
    return made


@pytest.fixture
def plots(qtbot: QtBot) -> LossPlot:
    made = LossPlot()
    made.resize(800, 560)
    qtbot.addWidget(made)
    made.show()
    return made


def drawn(plot: LinePlot) -> list[tuple[list[float], list[float]]]:
    """The points of each curve as they were given to the library."""
    found = [item.getOriginalDataset() for item in plot._items]
    return [([] if x is None else x.tolist(), [] if y is None else y.tolist()) for x, y in found]


def test_that_the_score_is_drawn_with_the_untrained_models_line(plots: LossPlot) -> None:
    plots.show_runs([PlottedRun("run-1", history())])
    score, level = drawn(plots.score)
    assert score == ([0, 10, 20], [0.5, 0.7, 0.6])
    assert level == ([0, 20], [0.5, 0.5])
    assert plots.score._curves[1].dashed
    assert plots.score.note.text() == "0.700 best, step 10 · untrained 0.500 (dashed)"


def test_that_the_loss_is_drawn_raw_and_smoothed(plots: LossPlot) -> None:
    plots.show_runs([PlottedRun("run-1", history())])
    raw, smooth = drawn(plots.loss)
    assert raw[1] == pytest.approx([2 - step / 20 for step in range(1, 21)])
    assert max(smooth[1]) - min(smooth[1]) < max(raw[1]) - min(raw[1])
    assert [(curve.faint, curve.wide) for curve in plots.loss._curves] == [(True, False), (False, True)]


def test_that_further_runs_lie_over_the_first_in_their_own_colour(plots: LossPlot) -> None:
    plots.show_runs([PlottedRun("one", history()), PlottedRun("two", history(30), "warn")])
    assert [curve.token for curve in plots.score._curves] == ["accent", "warn", "text-2"]
    assert [len(x) for x, _ in drawn(plots.rate)] == [20, 30]
    assert drawn(plots.score)[-1][0] == [0, 30]
    plots.show_runs([PlottedRun("one", history())])
    assert len(drawn(plots.rate)) == 1


def test_that_epochs_can_lie_along_the_charts(plots: LossPlot) -> None:
    plots.show_runs([PlottedRun("run-1", history())])
    plots.axis.setCurrentIndex(1)
    assert drawn(plots.score)[0][0] == [0.0, 1.0, 2.0]


def test_that_the_log_scale_takes_a_loss_of_zero(plots: LossPlot) -> None:
    flat = RunHistory()
    flat.add(1, 0.1, {LOSS: 1.0})
    flat.add(2, 0.2, {LOSS: 0.0})
    plots.show_runs([PlottedRun("run-1", flat)])
    plots.log.click()
    assert all(math.isfinite(value) for _, values in drawn(plots.loss) for value in values)


def test_that_growth_is_drawn_when_it_can_be_seen(plots: LossPlot, qtbot: QtBot) -> None:
    growing = history()
    plots.show_runs([PlottedRun("run-1", growing)])
    growing.add(21, 2.1, {LOSS: 0.9})
    with qtbot.waitSignal(plots.drawn):
        plots.refresh()
    assert len(drawn(plots.loss)[0][0]) == 21
    plots.hide()
    growing.add(22, 2.2, {LOSS: 0.9})
    plots.refresh()
    qtbot.waitUntil(lambda: plots._late)
    assert len(drawn(plots.loss)[0][0]) == 21
    with qtbot.waitSignal(plots.drawn):
        plots.show()
    assert len(drawn(plots.loss)[0][0]) == 22


def test_that_a_series_can_grow_while_it_is_drawn(plots: LossPlot) -> None:
    growing = history()
    plots.show_runs([PlottedRun("run-1", growing)])
    for step in range(21, 2000):
        growing.add(step, step / 10, {LOSS: 0.5})
    plots.redraw()
    assert len(drawn(plots.loss)[0][0]) == 1999


def test_that_two_hundred_thousand_points_are_kept_and_drawn(plots: LossPlot, qtbot: QtBot) -> None:
    long, chance = RunHistory(), random.Random(1)
    for step in range(1, 200_001):
        long.add(step, step / 1000, {LOSS: chance.random()})
    with qtbot.waitSignal(plots.drawn):
        plots.show_runs([PlottedRun("run-1", long)])
    (x, _), (smooth, _) = drawn(plots.loss)
    assert len(x) == 200_000
    assert len(smooth) <= MOST_POINTS_OF_A_WIDE_LINE + 1
    assert smooth[-1] == 200_000
    started = time.perf_counter()
    plots._draw_loss()
    plots.loss.repaint_now()
    assert time.perf_counter() - started < 0.1  # 8 ms where nobody else computes; 42 ms without thinning


def test_that_the_charts_follow_the_theme(plots: LossPlot, qtbot: QtBot) -> None:
    plots.show_runs([PlottedRun("run-1", history())])
    assert plots.score._plot.backgroundBrush().color() == theme.color("surface")
    before = theme.is_dark()
    theme.choose("light" if before else "dark")
    assert theme.is_dark() != before
    assert plots.score._plot.backgroundBrush().color() == theme.color("surface")
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


def test_that_the_library_comes_when_it_is_asked_for(tmp_path: Path) -> None:
    code = (
        "import sys, json, embtrainer_gui.gui.pages.train_page as page\n"
        "from embtrainer_gui.gui.widgets.plot_library import preload\n"
        "before = [name for name in ('pyqtgraph', 'numpy', 'torch') if name in sys.modules]\n"
        "preload().join()\n"
        "print(json.dumps([before, 'pyqtgraph' in sys.modules]))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=120, check=False)
    assert json.loads(done.stdout) == [[], True], done.stderr


def test_that_preloading_twice_does_no_harm() -> None:
    for thread in (preload(), preload()):
        thread.join()
        assert not thread.is_alive()


def test_that_dragging_a_chart_moves_along_and_a_double_click_shows_all(plots: LossPlot, qtbot: QtBot) -> None:
    plots.show_runs([PlottedRun("run-1", history())])
    view = plots.loss._plot.getViewBox()
    view.setXRange(5, 8, padding=0)
    assert not view.autoRangeEnabled()[0]
    qtbot.mouseDClick(plots.loss, Qt.MouseButton.LeftButton)
    assert all(view.autoRangeEnabled())
