"""The watch on real trainings of a tiny model: each fault provoked by absurd settings, and silence on healthy runs."""

from __future__ import annotations

import pytest

from embtrainer_gui.core.config import TrainConfig
from embtrainer_gui.core.messages import Metric, Noticed
from embtrainer_gui.core.report import Silent
from embtrainer_gui.core.watch import Watch
from embtrainer_gui.ml.request import TrainingRequest
from embtrainer_gui.ml.trainer import train


class Watching(Silent):
    def __init__(self, config: TrainConfig) -> None:
        self.watch = Watch(config)
        self.found: list[Noticed] = []
        self.metrics: list[Metric] = []

    def metric(self, step: int, epoch: float, values: dict[str, float]) -> None:
        told = Metric(step=step, epoch=epoch, values=dict(values))
        self.metrics.append(told)
        self.found += self.watch.take(told)


def watched(request: TrainingRequest) -> Watching:
    watching = Watching(request.config)
    train(request, watching)
    return watching


def faults(request: TrainingRequest) -> dict[str, Noticed]:
    found = watched(request).found
    assert len({notice.fault for notice in found}) == len(found)
    return {notice.fault: notice for notice in found}


ALONE = {"remember": 0, "lexical": 0, "average_from": 1.0}


@pytest.mark.parametrize("seed", range(5))
def test_that_a_healthy_run_is_left_in_peace(tiny_request, seed: int) -> None:
    request = tiny_request(seed=seed, epochs=8, evaluations=5)
    assert watched(request).found == []
