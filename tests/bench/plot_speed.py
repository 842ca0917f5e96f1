"""How long the window is busy to draw a training chart with 200,000 points: ``python tests/bench/plot_speed.py``.

Prints one JSON line: milliseconds of a redraw (new data set, painted, its figures in words laid out) of each chart,
the loss raw and smoothed, by the clock and in processor time of the thread. Floor: 10 ms at the 95th percentile.
``all_anew`` is all four with other axes, as when one chooses what stands along them; ``opening_ms`` is what it takes
to make the view of a run and to show it for the first time, without the imports.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import statistics
import time
from collections.abc import Callable

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from PySide6.QtCore import QEvent, QObject  # noqa: E402
from PySide6.QtWidgets import QApplication, QWidget  # noqa: E402

from embtrainer_gui.gui import theme  # noqa: E402
from embtrainer_gui.gui.models.plotted_run import PlottedRun  # noqa: E402
from embtrainer_gui.gui.models.run_history import RunHistory  # noqa: E402
from embtrainer_gui.gui.widgets.chart_area import ChartArea  # noqa: E402
from embtrainer_gui.gui.widgets.loss_plot import LossPlot  # noqa: E402
from embtrainer_gui.gui.widgets.run_view import RunView  # noqa: E402


def long_run(points: int) -> RunHistory:
    chance, history = random.Random(1), RunHistory()
    for step in range(points):
        if step % (points // 20) == 0:
            history.add(step, step / points, {"eval_ndcg@10": 0.5 + 0.2 * step / points}, step / 10)
        values = {
            "loss": 3 / (1 + step / 5000) + 0.3 * chance.random(),
            "learning_rate": 5e-5 * (1 - step / points),
            "grad_norm": 2 + chance.random(),
        }
        history.add(step + 1, (step + 1) / points, values, step / 10)
    return history


def opened(app: QApplication, history: RunHistory) -> dict[str, float]:
    """Milliseconds to make the view of a run, and of the longest turn of the event loop until all of it is there."""
    turns: list[float] = []

    def turn(work: Callable[[], object]) -> None:
        started = time.perf_counter()
        work()
        turns.append(round((time.perf_counter() - started) * 1000, 1))

    made: list[RunView] = []
    turn(lambda: made.append(RunView()))
    view = made[0]
    view.resize(1000, 640)
    view.show_plots([PlottedRun("run", history)])
    turn(view.show)
    while sum(area.isVisible() for area in view.findChildren(ChartArea)) < 4:
        turn(app.processEvents)
    turn(app.processEvents)
    view.close()
    return {"make": turns[0], "longest_turn": max(turns[1:])}


class Paints(QObject):
    def __init__(self, widget: QWidget) -> None:
        super().__init__(widget)
        self.count = 0
        widget.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802
        self.count += event.type() == QEvent.Type.Paint
        return False


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--points", type=int, default=200_000)
    parser.add_argument("--redraws", type=int, default=60)
    options = parser.parse_args()
    app = QApplication([])
    theme.set_up(app, "light")
    history = long_run(options.points)
    opening = opened(app, history)
    plots = LossPlot()
    plots.resize(1000, 640)
    plots.show_runs([PlottedRun("run", history)])
    plots.show()
    plots.redraw()
    paints = [Paints(plot.area.viewport()) for plot in (plots.score, plots.loss, plots.rate, plots.gradient)]
    app.processEvents()
    spent: dict[str, list[float]] = {"score": [], "loss": [], "rate": [], "gradient": []}
    busy: dict[str, list[float]] = {name: [] for name in spent}
    for number in range(options.redraws + 5):
        history.add(options.points + number + 1, 1.0, {"loss": 0.3, "learning_rate": 1e-6, "grad_norm": 2.0}, 1e5)
        for name, draw, painted in zip(spent, plots.drawings(), paints, strict=True):
            before = painted.count
            started, started_cpu = time.perf_counter(), time.thread_time()
            draw()
            app.processEvents()
            if number >= 5:
                spent[name].append((time.perf_counter() - started) * 1000)
                busy[name].append((time.thread_time() - started_cpu) * 1000)
            if painted.count == before:
                raise SystemExit(f"the {name} chart was not painted")
    for number in range(options.redraws):
        started, started_cpu = time.perf_counter(), time.thread_time()
        plots.axis.setCurrentIndex(1 - number % 2)
        app.processEvents()
        spent.setdefault("all_anew", []).append((time.perf_counter() - started) * 1000)
        busy.setdefault("all_anew", []).append((time.thread_time() - started_cpu) * 1000)
    result = {"bench": "plot_speed", "points": options.points, "opening_ms": opening}
    result |= {"redraw_ms": _parts(spent), "cpu_ms": _parts(busy)}
    print(json.dumps(result))


def _parts(spent: dict[str, list[float]]) -> dict[str, dict[str, float]]:
    return {name: {"p50": _part(took, 50), "p95": _part(took, 95)} for name, took in spent.items()}


def _part(values: list[float], percent: int) -> float:
    return round(statistics.quantiles(values, n=100)[percent - 1], 2)


if __name__ == "__main__":
    main()
