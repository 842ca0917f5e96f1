"""The curves of a training run: what it reported of itself, step by step. No Qt, no numpy."""

from __future__ import annotations

import contextlib
import json
import math
import time
from array import array
from bisect import bisect_left
from collections.abc import Mapping
from pathlib import Path
from typing import Literal

from pydantic import ValidationError

from embtrainer_gui.core.messages import Metric, Noticed
from embtrainer_gui.gui.models.extremes import Extremes

EVENTS_FILE = "events.jsonl"
LOSS, RATE, GRADIENT, SCORE = "loss", "learning_rate", "grad_norm", "eval_ndcg@10"
PARTS = ("answer_loss", "title_loss", "excerpt_loss", "divergence", "lexical_divergence")  # of the loss
SHOWN = (LOSS, RATE, GRADIENT, SCORE, *PARTS)
SHORTEST_WINDOW = 8  # steps that the smoothed line averages over, at least
WINDOW_SHARE = 0.02  # and of all steps so far
LINES_A_BREATH = 500
Axis = Literal["steps", "epochs", "seconds"]
_METRIC, _NOTICED = '{"type":"metric"', '{"type":"noticed"'


class Series:
    """One quantity over the steps; ``smooth`` is its running mean over some percent of the steps so far, ``extremes``
    are those of the values. ``seconds`` are NaN where the run did not tell them."""

    def __init__(self) -> None:
        self.steps, self.epochs, self.seconds, self.values, self.smooth = (array("d") for _ in range(5))
        self.extremes = Extremes(self.values)

    def __len__(self) -> int:
        return len(self.steps)

    def along(self, axis: Axis) -> array[float]:
        return {"steps": self.steps, "epochs": self.epochs, "seconds": self.seconds}[axis]

    def add(self, step: float, epoch: float, value: float, seconds: float = math.nan) -> None:
        """A step that was there before means that the run was resumed from a checkpoint: what followed it goes."""
        if self.steps and self.steps[-1] >= step:
            self._cut(bisect_left(self.steps, step))
        self.steps.append(step)
        self.epochs.append(epoch)
        self.seconds.append(seconds)
        self.values.append(value)
        self.extremes.grown()
        count = len(self.steps)
        weight = max(1 / count, 2 / (1 + max(SHORTEST_WINDOW, WINDOW_SHARE * count)))
        before = self.smooth[-1] if self.smooth else value
        self.smooth.append(before + weight * (value - before))

    def _cut(self, count: int) -> None:
        for column in (self.steps, self.epochs, self.seconds, self.values, self.smooth):
            del column[count:]
        self.extremes.cut()


class RunHistory:
    """Series by the names that the trainer gives them (``SHOWN``); ``changes`` counts what was added. ``timed`` until
    a metric does not say when it was: those of older runs do not. ``notices`` say what was wrong with the run."""

    def __init__(self) -> None:
        self.series: dict[str, Series] = {name: Series() for name in SHOWN}
        self.changes = 0
        self.timed = True
        self.notices: list[Noticed] = []

    def add(self, step: int, epoch: float, values: Mapping[str, float | None], seconds: float | None = None) -> None:
        self.changes += 1
        since = math.nan if seconds is None else seconds
        for name, value in values.items():
            if name in self.series and value is not None and math.isfinite(value):
                self.series[name].add(step, epoch, value, since)
        self.timed = self.timed and seconds is not None

    def take(self, metric: Metric) -> None:
        self.add(metric.step, metric.epoch, metric.values, metric.seconds)

    @property
    def last_step(self) -> int:
        return int(max((series.steps[-1] for series in self.series.values() if series.steps), default=0))

    @property
    def untrained(self) -> float | None:
        """nDCG@10 on the dev questions before the first step."""
        scores = self.series[SCORE]
        return scores.values[0] if scores.steps and scores.steps[0] == 0 else None

    @property
    def latest(self) -> float | None:
        """The newest score after the first step."""
        scores = self.series[SCORE]
        return scores.values[-1] if scores.steps and scores.steps[-1] > 0 else None

    @property
    def best(self) -> tuple[int, float] | None:
        """Step and score of the best evaluation, the earliest of equals; that of the untrained model counts."""
        scores = self.series[SCORE]
        if not scores.steps:
            return None
        place = max(range(len(scores)), key=lambda number: (scores.values[number], -number))
        return int(scores.steps[place]), scores.values[place]


def read_history(folder: Path) -> RunHistory:
    """What ``events.jsonl`` of a run says; nothing where it is missing. Takes a second for 200,000 steps: not on the
    GUI thread, which gets its turn between any ``LINES_A_BREATH`` lines."""
    history = RunHistory()
    try:
        with (folder / EVENTS_FILE).open(encoding="utf-8", errors="replace") as file:
            for number, line in enumerate(file):
                if number % LINES_A_BREATH == 0:
                    time.sleep(0.001)
                if line.startswith(_METRIC):
                    _read_line(history, line)
                elif line.startswith(_NOTICED):
                    with contextlib.suppress(ValidationError):
                        history.notices.append(Noticed.model_validate_json(line))
    except OSError:
        pass
    return history


def _read_line(history: RunHistory, line: str) -> None:
    try:
        row = json.loads(line)
        seconds = row.get("seconds")
        history.add(int(row["step"]), float(row["epoch"]), row["values"], None if seconds is None else float(seconds))
    except (ValueError, KeyError, TypeError, AttributeError):
        return  # a line that was being written when the power went
