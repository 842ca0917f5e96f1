"""The watch over figures of runs as they might come; ``tests/ml/test_watched_runs.py`` provokes each fault for real."""

from __future__ import annotations

import math
from collections.abc import Iterable

import pytest

from embtrainer_gui.core.config import TrainConfig
from embtrainer_gui.core.messages import EVENTS, Metric, Noticed, to_line
from embtrainer_gui.core.watch import Watch

STEPS, PASSES = 100, 4


def watched(
    losses: Iterable[float], scores: dict[int, float], unlike: dict[int, float] | None = None, **config: object
) -> list[Noticed]:
    watch = Watch(TrainConfig.model_validate({"epochs": PASSES, "soup": 1, **config}))
    found: list[Noticed] = []
    for step, loss in enumerate([math.nan, *losses]):
        if step:
            values = {"loss": loss, "grad_norm": loss, "learning_rate": 1e-4}
            found += watch.take(Metric(step=step, epoch=step * PASSES / STEPS, values=values))
        if step in scores:
            checked = {"eval_ndcg@10": scores[step], "eval_unlike_cosine": (unlike or {}).get(step, 0.1)}
            found += watch.take(Metric(step=step, epoch=step * PASSES / STEPS, values=checked))
    return found


def falling(start: float = 2.0, end: float = 0.5) -> list[float]:
    return [start + (end - start) * step / STEPS for step in range(STEPS)]


GOOD = {0: 0.5, 25: 0.55, 50: 0.6, 75: 0.62, 100: 0.61}


def test_that_nothing_is_said_of_a_good_run() -> None:
    assert watched(falling(), GOOD) == []


@pytest.mark.parametrize(
    ("fault", "losses", "scores", "unlike", "words"),
    [
        ("learning-rate", [1.0] * 60 + [5.0] * 40, GOOD, None, ("from 1 at step", "rate of 0.0001")),
        ("by-heart", falling(2, 0.1), {0: 0.5, 25: 0.6, 50: 0.55, 75: 0.52}, None, ("from step 25 to 75", "to 0.520")),
        ("collapse", falling(), GOOD, {0: 0.1, 25: 0.3, 50: 0.8}, ("0.10 to 0.80 at step 50",)),
        ("leak", falling(), {0: 1.0, 50: 1.0}, None, ("1.000 at step 0",)),
        ("nothing-learned", [2.0] * STEPS, dict.fromkeys(GOOD, 0.5), None, ("50 steps", "2 (it began at 2)")),
        ("not-a-number", [1.0] * 30 + [math.nan] + [1.0] * 69, GOOD, None, ("At step 31 the loss and the gradient",)),
    ],
)
def test_that_a_fault_is_said_once_with_its_figures_and_a_cure(
    fault: str, losses: list[float], scores: dict[int, float], unlike: dict[int, float] | None, words: tuple[str, ...]
) -> None:
    (notice,) = watched(losses, scores, unlike)
    assert notice.fault == fault
    for word in words:
        assert word in notice.text
    assert notice.cure
    assert bool(notice.changes) != bool(notice.page)
    TrainConfig.model_validate(notice.changes)


def test_that_the_cure_is_a_setting_that_differs() -> None:
    (heart,) = watched(falling(2, 0.1), {0: 0.5, 25: 0.6, 50: 0.55, 75: 0.52})
    assert heart.changes == {"epochs": 1}
    (from_the_start,) = watched(falling(2, 0.1), {0: 0.6, 50: 0.55, 75: 0.52})
    assert from_the_start.changes == {"learning_rate": 5e-5}
    (alike,) = watched(falling(), GOOD, {0: 0.1, 50: 0.8}, loss="ContrastiveLoss")
    assert alike.changes == {"loss": "MultipleNegativesRankingLoss"}
    (idle,) = watched([2.0] * STEPS, dict.fromkeys(GOOD, 0.5), learning_rate=1e-8)
    assert idle.changes == {"learning_rate": 1e-4}


def test_that_a_resumed_run_is_watched_from_where_it_was() -> None:
    watch = Watch(TrainConfig(epochs=PASSES))
    rising = [1.0] * 60 + [5.0] * 40
    told = [Metric(step=step, epoch=0, values={"loss": loss}) for step, loss in enumerate(rising, 1)]
    assert [notice.fault for metric in told for notice in watch.take(metric)] == ["learning-rate"]
    assert [notice for metric in told[50:] for notice in watch.take(metric)] == []


def test_that_a_figure_that_is_no_number_passes_through_json() -> None:
    line = to_line(Metric(step=1, epoch=0.1, values={"loss": math.nan, "grad_norm": 1.0}))
    metric = EVENTS.validate_json(line)
    assert isinstance(metric, Metric)
    assert metric.values == {"loss": None, "grad_norm": 1.0}
    assert [notice.fault for notice in Watch(TrainConfig()).take(metric)] == ["not-a-number"]
